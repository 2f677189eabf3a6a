"""What a person decides about a place, and what the place does about it: the actor first, one transaction,
one audit row.
"""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.assessment import queries
from qingdun.console.assessment.actions import keep_inspection, require_whole_city
from qingdun.console.assessment.codes import OF_AREAS, RulingKind
from qingdun.console.assessment.models import Inspection, Ruling
from qingdun.console.assessment.moves import MOVES, RulingState
from qingdun.console.assessment.rules import Rule, rule_named, rule_on
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.moving import check
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.errors import IllegalMove, InputError

ANSWERED = (
    RulingKind.YELLOW, RulingKind.RED, RulingKind.LISTING, RulingKind.NAMING, RulingKind.INTERVIEW,
)  # fmt: skip
"""Rulings after which the place, or whoever held the interview, reports."""


@transaction.atomic
def decide_ruling(actor: User, ruling_id: int, verb: str, note: str = "") -> Ruling:
    """The proposal is in force from today with its deadlines, or it is not confirmed, for a reason. What it
    means for a listing stands. A town decides about its own areas.

    Errors: NotPermitted, IllegalMove, InputError (no reason).
    """
    if verb not in ("confirm_ruling", "refuse_ruling"):
        raise IllegalMove(_("Nobody may do that by hand."))
    ruling = locked_ruling(actor, ruling_id)
    if ruling.kind in OF_AREAS:
        require(actor, Permission.ANSWER_ASSESSMENT)
    else:
        require_whole_city(actor)
    move, before = check(MOVES, verb, ruling.state), face(ruling)
    ruling.note = stated(note) if verb == "refuse_ruling" else note.strip()[:300]
    ruling.state, ruling.decided_by, ruling.decided_at = move.target, actor, timezone.now()
    if verb == "confirm_ruling":
        _put_in_force(ruling, rule_named(ruling.rules), timezone.localdate())
    ruling.save()
    record(actor, verb, ruling, before, face(ruling), ruling.note)
    return ruling


def _put_in_force(ruling: Ruling, rule: Rule, today: dt.date) -> None:
    if ruling.kind in OF_AREAS:
        return
    ruling.object_until = today + rule.days("objection")
    if ruling.kind in ANSWERED:
        ruling.answer_due_on = today + rule.days(ruling.kind)
    if ruling.kind == RulingKind.LISTING:
        if Ruling.objects.filter(
            region_path=ruling.region_path, kind=RulingKind.LISTING, state=RulingState.CONFIRMED
        ).exists():
            raise IllegalMove(_("The place is listed already."))
        ruling.ends_on = months_on(today, rule.cards.listed_months)
    if ruling.listing_id is None:
        return
    listing = Ruling.objects.select_for_update(of=("self",)).get(pk=ruling.listing_id)
    if listing.state != RulingState.CONFIRMED or listing.ends_on is None:
        raise IllegalMove(_("The listing it is about is over."))
    if ruling.kind == RulingKind.EXTENSION:
        listing.ends_on = months_on(listing.ends_on, rule.cards.listed_months)
    else:
        listing.state, listing.ended_at = RulingState.ENDED, timezone.now()
    listing.save(update_fields=["ends_on", "state", "ended_at"])


@transaction.atomic
def call_to_interview(actor: User, place: str, reason: str) -> Ruling:
    """The place, a town by code or name, is called to an interview by hand. Errors: NotPermitted,
    FieldFaults.
    """
    require_whole_city(actor)
    found = [
        one for one in regions(actor, Region.Level.TOWN) if place in (one.code, one.name, one.short_name)
    ]
    if len(found) != 1:
        raise FieldFaults({"place": _("Expected a town of your region, by code or name.")})
    now, rule = timezone.now(), rule_on(timezone.localdate())
    ruling = Ruling(
        kind=RulingKind.INTERVIEW, region_path=found[0].path, reasons=["by_hand"], rules=rule.version,
        proposed_at=now, proposed_by=actor, decided_at=now, decided_by=actor, note=stated(reason),
        state=RulingState.CONFIRMED,
    )  # fmt: skip
    _put_in_force(ruling, rule, timezone.localdate())
    ruling.save()
    record(actor, "call_to_interview", ruling, None, face(ruling), ruling.note)
    return ruling


@transaction.atomic
def report_on_ruling(actor: User, ruling_id: int, text: str) -> Ruling:
    """The town's report on what it did, or what an interview said, stands with the ruling; one that was sent
    before is replaced while the ruling is in force.

    Errors: NotPermitted, IllegalMove, InputError (nothing said).
    """
    ruling = locked_ruling(actor, ruling_id)
    by_city = ruling.kind == RulingKind.INTERVIEW
    require(actor, Permission.WORK_ASSESSMENT if by_city else Permission.ANSWER_ASSESSMENT)
    if ruling.kind not in ANSWERED or ruling.state != RulingState.CONFIRMED:
        raise IllegalMove(_("No report is waited for here."))
    before = face(ruling)
    ruling.report, ruling.reported_by, ruling.reported_at = said(text), actor, timezone.now()
    if by_city:
        ruling.state, ruling.ended_at = RulingState.ENDED, ruling.reported_at
    ruling.save(update_fields=["report", "reported_by", "reported_at", "state", "ended_at"])
    record(actor, "report_on_ruling", ruling, before, face(ruling))
    return ruling


@transaction.atomic
def end_ruling(actor: User, ruling_id: int, note: str = "") -> Ruling:
    """The report is accepted and the card or naming closed. A listing ends by its delisting alone.

    Errors: NotPermitted, IllegalMove.
    """
    require_whole_city(actor)
    ruling = locked_ruling(actor, ruling_id)
    move, before = check(MOVES, "end_ruling", ruling.state), face(ruling)
    if ruling.kind == RulingKind.LISTING:
        raise IllegalMove(_("A listing ends when the town is delisted."))
    if ruling.kind in ANSWERED and not ruling.report:
        raise IllegalMove(_("No report has come in yet."))
    ruling.state, ruling.ended_at = move.target, timezone.now()
    ruling.save(update_fields=["state", "ended_at"])
    record(actor, "end_ruling", ruling, before, face(ruling), note.strip()[:200])
    return ruling


@transaction.atomic
def record_inspection(actor: User, ruling_id: int, on: dt.date, passed: bool, findings: str) -> Inspection:
    """What was found in the listed town on that day stands; a passed one lets a delisting be proposed.

    Errors: NotPermitted, IllegalMove (not listed), InputError.
    """
    require(actor, Permission.WORK_ASSESSMENT)
    return keep_inspection(actor, locked_ruling(actor, ruling_id), on, passed, said(findings))


def locked_ruling(actor: User, ruling_id: int) -> Ruling:
    """That one, if the actor sees it, locked until the transaction ends. Errors: NotPermitted."""
    if not queries.rulings(actor).filter(pk=ruling_id).exists():
        raise out_of_reach()
    return Ruling.objects.select_for_update(of=("self",)).get(pk=ruling_id)


def said(text: str) -> str:
    """The text without blanks around it. Errors: InputError if it says nothing."""
    words = text.strip()[:4000]
    if len(words) < 4:
        raise InputError(_("Say it in words."))
    return words


def months_on(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last day of that month.

    >>> f"{months_on(dt.date(2026, 11, 30), 3)}"
    '2027-02-28'
    """
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def face(ruling: Ruling) -> dict[str, Any]:
    """What of a ruling an act may change, as the audit keeps it."""
    return {
        "kind": ruling.kind, "state": ruling.state,
        "ends_at": f"{ruling.ends_on}" if ruling.ends_on else None,
        "due_at": f"{ruling.answer_due_on}" if ruling.answer_due_on else None,
        "reported": bool(ruling.report),
    }  # fmt: skip
