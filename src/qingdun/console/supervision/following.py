"""What becomes of findings between visits: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.moving import check
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import require_covers
from qingdun.console.supervision import queries
from qingdun.console.supervision.codes import Kind, Late
from qingdun.console.supervision.models import Escalation, Shortcoming
from qingdun.console.supervision.moves import MOVES, UNSETTLED, ShortcomingState
from qingdun.console.supervision.rules import rule_named
from qingdun.errors import IllegalMove, InputError, NotPermitted

AT_ONCE = 500


def may_answer(actor: User, about: Shortcoming) -> bool:
    """Whether the actor says what was done: the town itself; for an enterprise, which has no account, whoever
    supervises it, or the city's office.
    """
    if about.charge.kind == Kind.TOWN:
        return may(actor, Permission.ANSWER_ASSESSMENT) and actor.region_path == about.region_path
    own = may(actor, Permission.SUPERVISE) and about.charge.commissioner.user_id == actor.pk
    return own or may(actor, Permission.WORK_SUPERVISION)


@transaction.atomic
def answer_shortcoming(actor: User, shortcoming_id: int, text: str) -> Shortcoming:
    """What was done stands with the finding, which waits for its re-inspection within the days of the rules.

    Errors: NotPermitted, IllegalMove, InputError (nothing said).
    """
    seen = queries.shortcoming(actor, shortcoming_id)
    if not may_answer(actor, seen):
        raise NotPermitted(_("The town itself answers; for an enterprise whoever supervises it."))
    found, before = _locked(seen)
    move, now = check(MOVES, "answer_shortcoming", found.state), timezone.now()
    words = text.strip()[:4000]
    if len(words) < 4:
        raise InputError(_("Say it in words."))
    found.state, found.answer, found.answered_by, found.answered_at = str(move.target), words, actor, now
    days = rule_named(seen.charge.round.rules).recheck_days
    found.due_on = timezone.localdate() + dt.timedelta(days=days)
    found.save(update_fields=["state", "answer", "answered_by", "answered_at", "due_on"])
    record(actor, "answer_shortcoming", found, before, _face(found))
    return found


@transaction.atomic
def extend_shortcoming(actor: User, shortcoming_id: int, due_on: dt.date, reason: str) -> Shortcoming:
    """The finding has a later deadline, for a reason.

    Errors: NotPermitted, IllegalMove (settled), InputError (no later day, too late a day, no reason).
    """
    require(actor, Permission.WORK_SUPERVISION)
    seen = queries.shortcoming(actor, shortcoming_id)
    require_covers(actor, seen.region_path)
    found, before = _locked(seen)
    if found.state not in UNSETTLED:
        raise IllegalMove(_("The finding is settled."))
    most = timezone.localdate() + dt.timedelta(days=rule_named(seen.charge.round.rules).most_days)
    if not max(found.due_on, timezone.localdate()) < due_on <= most:
        raise InputError(
            _("Expected a day after the deadline and today, at the latest %(most)s.") % {"most": most}
        )
    found.due_on = due_on
    found.save(update_fields=["due_on"])
    record(actor, "extend_shortcoming", found, before, _face(found), stated(reason))
    return found


@transaction.atomic
def drop_shortcoming(actor: User, shortcoming_id: int, reason: str) -> Shortcoming:
    """The finding has no deadline any more, for a reason: it was none, or is another's. Errors: NotPermitted,
    IllegalMove, InputError (no reason).
    """
    require(actor, Permission.WORK_SUPERVISION)
    seen = queries.shortcoming(actor, shortcoming_id)
    require_covers(actor, seen.region_path)
    found, before = _locked(seen)
    move = check(MOVES, "drop_shortcoming", found.state)
    found.state, found.closed_at, found.reason = str(move.target), timezone.now(), stated(reason)
    found.save(update_fields=["state", "closed_at", "reason"])
    record(actor, "drop_shortcoming", found, before, _face(found), found.reason)
    return found


def escalate(now: dt.datetime) -> int:
    """Every deadline that has passed is escalated, once; how many were now. Whoever does it at the same time
    waits and finds nothing left.
    """
    today = timezone.localtime(now).date()
    passed = Shortcoming.objects.filter(state__in=UNSETTLED, due_on__lt=today).exclude(told_due=F("due_on"))
    if not passed.exists():
        return 0
    with transaction.atomic():
        late = list(passed.select_for_update(of=("self",)).order_by("pk")[:AT_ONCE])
        for one in late:
            whose = Late.COMMISSIONER if one.state == ShortcomingState.ANSWERED else Late.PLACE
            Escalation.objects.create(
                shortcoming=one, region_path=one.region_path, due_on=one.due_on, late=whose, at=now
            )
            one.told_due = one.due_on
            one.save(update_fields=["told_due"])
        for one in late:
            record(None, "escalate_shortcoming", one, None, {"due_at": f"{one.due_on}"})
    return len(late)


def _locked(seen: Shortcoming) -> tuple[Shortcoming, dict[str, Any]]:
    found = Shortcoming.objects.select_for_update(of=("self",)).get(pk=seen.pk)
    return found, _face(found)


def _face(found: Shortcoming) -> dict[str, Any]:
    return {"state": found.state, "due_at": f"{found.due_on}"}
