"""What is done with stop-payment orders: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts import queries as alerts
from qingdun.console.cases import queries as cases
from qingdun.console.funds import lapsing, moves, queries, rules, tracing
from qingdun.console.funds.columns import account_of
from qingdun.console.funds.documenting import issue
from qingdun.console.funds.lapses import Notice
from qingdun.console.funds.models import StopPayment
from qingdun.console.funds.moves import DocumentKind, State
from qingdun.console.funds.resting import forget_late, rests_on
from qingdun.console.funds.tracing import Traced
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.errors import IllegalMove, InputError

__all__ = ["forget_late", "rests_on"]

MOST_FEN = 10**13


@dataclass(frozen=True, slots=True)
class StopForm:
    """What an officer enters of the account that was paid; money in fen. Bank alone may stay empty."""

    key: str
    account_name: str
    account: str
    amount_fen: int
    paid_at: dt.datetime
    bank: str = ""
    task: int | None = None
    incident: int | None = None


def request_stop(actor: User, form: StopForm) -> StopPayment:
    """The bank is to be asked; the same key sent again by the same actor changes nothing.

    Errors: NotPermitted, InputError (name, number, amount or time missing or impossible), IllegalMove (the
    account has had as many orders as it may).
    """
    require(actor, Permission.WORK_ALERTS)
    # Whoever is beaten to a turn tries the next: each defeat means that somebody else took one, and there are
    # only so many.
    for left in range(rules.most_per_account() + 1, 0, -1):
        known = StopPayment.objects.filter(by=actor, key=form.key).first()
        if known is not None:
            return known
        try:
            return _request(actor, form)
        except IntegrityError:
            if left == 1:
                raise
    raise AssertionError


@transaction.atomic
def _request(actor: User, form: StopForm) -> StopPayment:
    account = _checked(form, timezone.now())
    if form.task is None and form.incident is None:
        raise InputError(_("A stop-payment order belongs to a task or an incident."))
    # It is asked for from here on: the clock that looks for what is late has looked, or waits and sees it.
    # Nor does anybody take the incident back meanwhile.
    lapsing.hold(form.task, form.incident)
    task = alerts.task(actor, form.task) if form.task is not None else None
    incident = cases.incident(actor, form.incident) if form.incident is not None else None
    now = timezone.now()
    turns = set(StopPayment.objects.filter(account=account).exclude(turn=None).values_list("turn", flat=True))
    free = [turn for turn in range(1, rules.most_per_account() + 1) if turn not in turns]
    if not free:
        raise IllegalMove(
            _("This account has had %(count)d orders, which is as many as the law allows.")
            % {"count": rules.most_per_account()}
        )
    region_path = task.region_path if task else incident.region_path if incident else ""
    stop = StopPayment.objects.create(
        account=account, account_name=form.account_name.strip(), bank=form.bank.strip(),
        amount_fen=form.amount_fen, paid_at=form.paid_at, requested_at=now, turn=free[0],
        region_path=region_path, task=task, incident=incident, key=form.key, by=actor,
    )  # fmt: skip
    lapsing.entered(form.incident, form.task, now)
    issue(actor, DocumentKind.STOP, stop)
    record(actor, "request_stop", stop, None, {**_face(stop), "task": form.task, "incident": form.incident})
    return stop


def _checked(form: StopForm, now: dt.datetime) -> str:
    """The account that is meant. Errors: InputError."""
    if not 1 <= len(form.account_name.strip()) <= 64:
        raise InputError(_("Name the holder of the account."))
    account = account_of(form.account)
    if account is None:
        raise InputError(_("An account has 5 to 40 digits or letters."))
    if not 0 < form.amount_fen <= MOST_FEN:
        raise InputError(_("Say how much was paid."))
    if form.paid_at > now:
        raise InputError(_("Nothing can have been paid in the future."))
    return account


@transaction.atomic
def move(actor: User, stop_id: int, verb: str, note: str = "", at: dt.datetime | None = None) -> StopPayment:
    """The order has made one move of the table; a hold runs from when the bank stopped it, `at` or now.

    Errors: NotPermitted (role, region), IllegalMove (state), InputError (no reason where one is due, a time
    that cannot be).
    """
    queries.stop(actor, stop_id)
    stop = StopPayment.objects.select_for_update().get(pk=stop_id)
    step = moves.check(verb, stop.state)
    if step.permission is None:
        raise IllegalMove(_("An order ends by its clock alone."))
    require(actor, step.permission)
    before, now = _face(stop), timezone.now()
    if step.needs_note:
        stop.note = stated(note)
    if step.target == State.HELD:
        stop.held_at = moves.done_at(at, stop.requested_at, now)
        stop.ends_at = stop.held_at + dt.timedelta(hours=rules.hold_h())
    else:
        stop.ended_at = now
    if step.target == State.REFUSED:
        stop.turn = None
    stop.state = step.target
    stop.save()
    if step.target == State.RELEASED:
        issue(actor, DocumentKind.RELEASE, stop, stop.note)
    record(actor, f"stop_{verb}", stop, before, _face(stop), stop.note if step.needs_note else "")
    return stop


@transaction.atomic
def unmask_stop(actor: User, stop_id: int, purpose: str) -> StopPayment:
    """It is on record that the actor looked at holder and number, and why. Only then may a page show them.

    Errors: NotPermitted, InputError (no purpose).
    """
    require(actor, Permission.UNMASK)
    stop = queries.stop(actor, stop_id)
    record(actor, "unmask_stop", stop, purpose=stated(purpose))
    return stop


@transaction.atomic
def see_notice(actor: User, notice_id: int) -> Notice:
    """The notice is shown no more. Errors: NotPermitted (not there, or somebody else's)."""
    notice = queries.notices(actor).filter(pk=notice_id).first()
    if notice is None:
        raise out_of_reach()
    notice.seen_at = timezone.now()
    notice.save(update_fields=["seen_at"])
    record(actor, "see_notice", notice, None, {"kind": notice.kind, "due_at": notice.due_at})
    return notice


def see_trace(actor: User, paid: Sequence[int], depth: int, incident_id: int | None) -> Traced:
    """The trace of those movements; that the actor looked at it is on record.

    Errors: NotPermitted, InputError (a payment that is not there, or too many movements).
    """
    found = tracing.trace(actor, paid, depth)
    subject = ("incident", str(incident_id)) if incident_id is not None else ("movement", str(paid[0]))
    with transaction.atomic():
        after = {"rows": len(found.steps), "depth": depth, "there_fen": found.there_fen}
        record(actor, "trace_funds", subject, None, after)
    return found


def _face(stop: StopPayment) -> dict[str, object]:
    """What an audit row keeps of an order: no personal data."""
    return {"state": stop.state, "turn": stop.turn, "amount_fen": stop.amount_fen, "ends_at": stop.ends_at}
