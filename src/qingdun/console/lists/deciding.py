"""What people decide of held texts: the actor first, one transaction, one audit row. The plane that holds
them asks for it and says what came of it.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.lists.actions import Done, Row
from qingdun.console.lists.candidates import LONGEST_REASON
from qingdun.console.lists.codes import HeldState, HeldVerb
from qingdun.console.lists.held import possible
from qingdun.console.lists.models import HeldDecision, HeldText
from qingdun.errors import IllegalMove, InputError, NotPermitted, QingdunError

_MOST_IDS = 50


@transaction.atomic
def decide(actor: User, rows: Iterable[Row], verb: str, note: str) -> list[Done]:
    """Each row that may be is released or dropped by its plane, with the reason, as soon as that asks.

    Errors: NotPermitted; InputError for another verb; IllegalMove without a reason.
    """
    require(actor, Permission.APPROVE_LISTS)
    if verb not in HeldVerb.values:
        raise InputError(_("There is no act “%(found)s”.") % {"found": verb[:40]})
    why = " ".join(note.split())[:LONGEST_REASON]
    if not why:
        raise IllegalMove(_("Give a reason."))
    wanted, now = dict(rows), timezone.now()
    some = HeldText.objects.select_for_update().filter(pk__in=sorted(wanted)).order_by("pk")
    found = {one.pk: one for one in some}
    under_way = set(
        HeldDecision.objects.filter(text__in=list(found), heard_at=None).values_list("text", flat=True)
    )
    done, decided = [], []
    before: Counter[str] = Counter()
    for held_id, version in wanted.items():
        one = found.get(held_id)
        try:
            _check(held_id, one, version, verb, held_id in under_way)
        except QingdunError as refused:
            done.append(Done(held_id, False, str(refused)))
            continue
        assert one is not None
        before[one.state] += 1
        one.version += 1
        decided.append(one)
        done.append(Done(held_id, True))
    if decided:
        HeldDecision.objects.bulk_create(
            HeldDecision(key=secrets.token_hex(16), text=one, verb=verb, by=actor, at=now, note=why)
            for one in decided
        )
        HeldText.objects.bulk_update(decided, ["version"])
        after = {
            "count": len(decided), "ids": [one.pk for one in decided[:_MOST_IDS]],
            "refused": len(done) - len(decided),
        }  # fmt: skip
        subject = decided[0] if len(wanted) == 1 else ("lists", verb)
        record(actor, f"{verb}_texts", subject, {"states": before}, after, why[:200])
    return done


@transaction.atomic
def unmask(actor: User, held_id: int, purpose: str) -> AuditRow:
    """The actor may read the text and its numbers for the purpose given, and the audit says so."""
    require(actor, Permission.SEE_PERSONS)
    require(actor, Permission.UNMASK)
    found = HeldText.objects.filter(pk=held_id).first()
    if found is None:
        raise _absent(held_id)
    shown = {"shown": ["words", "number"]}
    return record(actor, "unmask_text", found, None, shown, stated(purpose))


def _check(held_id: int, one: HeldText | None, version: int | None, verb: str, under_way: bool) -> None:
    if one is None:
        raise _absent(held_id)
    if under_way:
        raise IllegalMove(_("It has been decided already; its plane has not said yet what came of it."))
    if version not in (None, one.version) or HeldVerb(verb) not in possible(one.state):
        state = HeldState(one.state).label
        raise IllegalMove(_("Somebody was faster: it is “%(state)s” now.") % {"state": state})


def _absent(held_id: int) -> NotPermitted:
    return NotPermitted(_("Held text %(id)s is not there.") % {"id": held_id})
