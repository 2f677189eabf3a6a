"""Signing a receipt at the door, and opening it: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.access import locked
from qingdun.console.alerts.rules import checklist
from qingdun.console.alerts.states import State
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import canonical, record
from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.visits import queries
from qingdun.console.visits.door import on_the_phone, sent_before, task_at_the_door
from qingdun.console.visits.models import Receipt
from qingdun.console.visits.printing import Sheet, printed
from qingdun.console.visits.told import told
from qingdun.errors import IllegalMove, InputError

FIELD = (1000, 400)
"""Width and height of the field that is signed in."""
MOST_POINTS = 6_000
BEFORE_THE_DOOR = frozenset(
    {State.SIGNED, State.CALLING, State.REACHED, State.UNREACHABLE, State.REFUSED, State.SEARCHING}
)
"""States in which nobody has stood before the person yet."""

Strokes = list[list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Signed:
    """What the phone sends once the person has signed, or would not."""

    language: str
    told: tuple[str, ...]
    steps: tuple[str, ...]
    strokes: Strokes
    refused: bool = False
    signed_at: dt.datetime | None = None


@transaction.atomic
def sign_receipt(actor: User, task_id: int, key: str, signed: Signed) -> Receipt:
    """The receipt is kept under the next number of its year, as it was signed; sent again, it is the same.

    Errors: NotPermitted; InputError (language, codes, signature); IllegalMove (nobody was met, or the task
    has ended).
    """
    _check(signed)
    locked(actor, task_id)
    known = sent_before(Receipt, actor, task_id, key)
    if known is not None:
        return known
    task, now = task_at_the_door(actor, task_id), timezone.now()
    if task.state in BEFORE_THE_DOOR:
        raise IllegalMove(_("A receipt is signed at the door: enter first that the person was met."))
    year = timezone.localtime(now).year
    locked_head()  # Numbers follow one another without a gap, whoever signs at once.
    last = Receipt.objects.filter(year=year).order_by("-serial").first()
    made = Receipt.objects.create(
        task=task, region_path=task.region_path, key=key, year=year,
        serial=last.serial + 1 if last else 1, language=signed.language, scam_type=task.scam_type,
        told=[code for code in told() if code in signed.told],
        steps=[code for code in steps() if code in signed.steps],
        strokes=signed.strokes, refused=signed.refused, station=task.station,
        signed_at=on_the_phone(signed.signed_at, now), at=now, by=actor,
    )  # fmt: skip
    after = {
        "receipt": made.number, "told": made.told, "steps": made.steps, "refused": made.refused,
        "signature_sha256": hashlib.sha256(canonical(made.strokes).encode()).hexdigest(),
    }  # fmt: skip
    record(actor, "sign_receipt", task, None, after)
    return made


def open_receipt(actor: User, receipt_id: int, purpose: str = "") -> tuple[Receipt, bytes]:
    """The receipt and its PDF, which names the person in full; the audit says who opened it, of a task that
    has ended also why.

    Errors: NotPermitted; InputError (the task has ended and no purpose is stated).
    """
    require(actor, Permission.UNMASK)
    with transaction.atomic():
        found = queries.receipt(actor, receipt_id)
        person = alerts.person(actor, found.task)
        ended = found.task.closed_at is not None
        why = stated(purpose) if ended else _("receipt %(number)s") % {"number": found.number}
        record(actor, "see_receipt", found.task, None, {"receipt": found.number}, why)
    name = person.name if person else ""
    return found, printed(Sheet.of(found, name, steps()))


def steps() -> dict[str, tuple[str, str]]:
    """The words of the checklist's steps, Chinese and English, by code, in the order of a visit."""
    return {step.code: (step.zh, step.en) for group in checklist() for step in group.steps}


def _check(signed: Signed) -> None:
    if signed.language not in Receipt.Language.values:
        expected = ", ".join(Receipt.Language.values)
        raise InputError(
            _("Language: found “%(found)s”, expected one of %(known)s.")
            % {"found": signed.language[:20], "known": expected}
        )
    unknown = sorted(set(signed.told) - set(told()))
    if unknown:
        raise InputError(
            _("What was told: found “%(found)s”, expected some of %(known)s.")
            % {"found": ", ".join(unknown)[:80], "known": ", ".join(told())}
        )
    points = [point for stroke in signed.strokes for point in stroke]
    if signed.refused == bool(points):
        raise InputError(_("Have the person sign, or say that they would not."))
    if len(points) > MOST_POINTS or any(not 0 <= x <= FIELD[0] or not 0 <= y <= FIELD[1] for x, y in points):
        raise InputError(
            _("Signature: found %(count)d points, expected up to %(most)d within %(width)d × %(height)d.")
            % {"count": len(points), "most": MOST_POINTS, "width": FIELD[0], "height": FIELD[1]}
        )
