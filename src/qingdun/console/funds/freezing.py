"""What is done with freezes: the actor first, one transaction, one audit row, a numbered document each."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.cases import queries as cases
from qingdun.console.funds import holding, lapsing, moves, queries, rules, tracing
from qingdun.console.funds.documenting import issue
from qingdun.console.funds.models import Freeze, Movement, RefundShare, Taint
from qingdun.console.funds.moves import FREEZE_MOVES, DocumentKind, FreezeState, RefundState
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import IllegalMove, InputError
from qingdun.trace.following import Whereabouts
from qingdun.trace.shares import refunds

STANDING = (FreezeState.REQUESTED, FreezeState.FROZEN)


@dataclass(frozen=True, slots=True)
class FreezeForm:
    """What is to be frozen: of which incident, in the account a movement came to, how much in fen; and of
    which others whose money is in it as well.
    """

    key: str
    incident: int
    movement: int
    amount_fen: int
    others: tuple[int, ...] = ()

    @property
    def incidents(self) -> list[int]:
        """All of them, each once."""
        return sorted({self.incident, *self.others})


@dataclass(frozen=True, slots=True)
class Room:
    """What may be frozen in an account, fen by incident: what the trace finds there, what is left of it."""

    traced: dict[int, int]
    left: dict[int, int]
    certain: bool

    @property
    def traced_fen(self) -> int:
        """What the trace finds there of all of them."""
        return sum(self.traced.values())

    @property
    def left_fen(self) -> int:
        """What of it is not frozen yet."""
        return sum(self.left.values())


def room(actor: User, incident_ids: Sequence[int], movement_id: int) -> Room:
    """What may be frozen of those incidents in the account the movement came to.

    Errors: NotPermitted, InputError (nothing to trace, or no money of one of the incidents there).
    """
    require(actor, Permission.TRACE_FUNDS)
    account = queries.movement(actor, movement_id).payee
    asked = sorted(set(incident_ids))
    found, owner = tracing.together(actor, asked)
    place = found.place(account)
    traced = dict.fromkeys(asked, 0)
    if place is not None and place.standing.kind == Whereabouts.FOLLOWED:
        for payment, fen in place.standing.shares.items():
            traced[owner[int(payment)]] += fen
    strangers = [str(one) for one in asked if not traced[one]]
    if place is None or strangers:
        raise InputError(
            _("The trace finds no money of incident %(incidents)s in this account.")
            % {"incidents": ", ".join(strangers or map(str, asked))}
        )
    gone = _returned_since_told(actor, account)
    traced = {one: max(0, fen - gone.get(one, 0)) for one, fen in traced.items()}
    frozen = dict(
        Taint.objects.filter(account=account, incident__in=asked).values_list("incident", "frozen_fen")
    )
    left = {one: max(0, fen - frozen.get(one, 0)) for one, fen in traced.items()}
    return Room(traced, left, place.standing.certain)


def _returned_since_told(actor: User, account: str) -> dict[int, int]:
    """Fen of each incident's own money that were returned out of the account since its statements end. What
    other banks say of it tells nothing of what its own would.
    """
    own = Q(payer=account, of_payer=True) | Q(payee=account, of_payer=False)
    last = queries.movements(actor).filter(own).order_by("-at").first()
    paid = RefundShare.objects.filter(refund__freeze__account=account, refund__state=RefundState.RETURNED)
    if last is not None:
        paid = paid.filter(refund__ended_at__gt=last.at)
    return dict(paid.order_by().values_list("incident").annotate(Sum("out_fen")))


@transaction.atomic
def request_freeze(actor: User, form: FreezeForm) -> Freeze:
    """The bank is to be asked to freeze it, by a numbered document; the same form is taken once.

    What is asked for is parted among the incidents in proportion of what each has left there. Errors:
    NotPermitted, InputError (more than what the trace finds there and is not frozen yet).
    """
    require(actor, Permission.TRACE_FUNDS)
    entry = queries.movement(actor, form.movement)
    for one in form.incidents:
        lapsing.hold(None, one)  # Nobody takes it back meanwhile.
    incidents = {one: cases.incident(actor, one) for one in form.incidents}
    holding.locked_taints(entry.payee, form.incidents)
    known = Freeze.objects.filter(by=actor, key=form.key).first()
    if known is not None:
        return known
    free = room(actor, form.incidents, form.movement)
    if not 0 < form.amount_fen <= free.left_fen:
        raise InputError(
            _("Of this account at most %(most)s yuan may be frozen: found %(asked)s.")
            % {"most": f"{free.left_fen / 100:,.2f}", "asked": f"{form.amount_fen / 100:,.2f}"}
        )
    holder = _holder(entry)
    parts = refunds(form.amount_fen, {str(one): fen for one, fen in free.left.items()})
    incident = incidents[form.incident]
    freeze = Freeze.objects.create(
        account=entry.payee, account_name=holder, bank=entry.payee_bank, amount_fen=form.amount_fen,
        traced_fen=free.traced_fen, certain=free.certain, requested_at=timezone.now(),
        region_path=incident.region_path, incident=incident, key=form.key, by=actor,
    )  # fmt: skip
    holding.take(freeze, free.traced, {one: parts[str(one)] for one in free.left})
    issue(actor, DocumentKind.FREEZE, freeze)
    record(actor, "request_freeze", freeze, None, {**_face(freeze), "incidents": form.incidents})
    return freeze


def _holder(entry: Movement) -> str:
    if not entry.payee_name:
        raise InputError(_("The holder of the account is not known: take in its bank’s reply first."))
    return entry.payee_name


@transaction.atomic
def move_freeze(
    actor: User, freeze_id: int, verb: str, note: str = "", at: dt.datetime | None = None
) -> Freeze:
    """The freeze has made one move of the table; it runs six months from when the bank froze it, `at` or now,
    or from its end if renewed.
    What is released or refused may be frozen anew, and a refund under way is withdrawn with it.

    Errors: NotPermitted, IllegalMove (state, or renewed too early or too late), InputError (no reason where
    one is due, a time that cannot be).
    """
    queries.freeze(actor, freeze_id)
    freeze = Freeze.objects.select_for_update().get(pk=freeze_id)
    step = moves.check(verb, freeze.state, FREEZE_MOVES, FreezeState)
    if step.permission is None:
        raise IllegalMove(_("The system alone makes this move."))
    require(actor, step.permission)
    before, now = _face(freeze), timezone.now()
    if step.needs_note:
        freeze.note = stated(note)
    if verb == "renew":
        _renew(freeze, now)
    elif step.target == FreezeState.FROZEN:
        freeze.frozen_at = moves.done_at(at, freeze.requested_at, now)
        freeze.ends_at = months_later(freeze.frozen_at, rules.limit("freeze_months"))
    else:
        freeze.ended_at = now
        holding.let_go(freeze)
        holding.withdraw_refunds(actor, freeze, freeze.note, now)
    freeze.state = step.target
    freeze.save()
    if verb == "renew":
        issue(actor, DocumentKind.RENEWAL, freeze, fen=freeze.left_fen)
    elif verb == "release":
        issue(actor, DocumentKind.RELEASE, freeze, freeze.note, freeze.left_fen)
    record(actor, f"freeze_{verb}", freeze, before, _face(freeze), freeze.note if step.needs_note else "")
    return freeze


@transaction.atomic
def unmask_freeze(actor: User, freeze_id: int, purpose: str) -> Freeze:
    """It is on record that the actor looked at holder and number, and why.

    Errors: NotPermitted, InputError (no purpose).
    """
    require(actor, Permission.UNMASK)
    freeze = queries.freeze(actor, freeze_id)
    record(actor, "unmask_freeze", freeze, purpose=stated(purpose))
    return freeze


def months_later(at: dt.datetime, months: int) -> dt.datetime:
    """The same day of the month so many months later, or its last day; by the city's calendar.

    >>> months_later(dt.datetime(2026, 8, 31, 4, tzinfo=dt.UTC), 6).date()
    datetime.date(2027, 2, 28)
    """
    local = timezone.localtime(at)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)


def _renew(freeze: Freeze, now: dt.datetime) -> None:
    """Six months from the end it had; only while that end is near."""
    days = rules.limit("warn_freeze_days")
    if freeze.ends_at is None or freeze.ends_at - now > dt.timedelta(days=days):
        raise IllegalMove(_("A freeze is renewed in its last %(days)d days.") % {"days": days})
    if freeze.ends_at <= now:
        raise IllegalMove(_("This freeze has run out: what has ended is not continued."))
    freeze.ends_at = months_later(freeze.ends_at, rules.limit("freeze_months"))
    freeze.renewals += 1
    freeze.warned_at = None


def _face(freeze: Freeze) -> dict[str, object]:
    """What an audit row keeps of a freeze: no personal data."""
    return {
        "state": freeze.state,
        "amount_fen": freeze.amount_fen,
        "traced_fen": freeze.traced_fen,
        "returned_fen": freeze.returned_fen,
        "ends_at": freeze.ends_at,
        "renewals": freeze.renewals,
    }
