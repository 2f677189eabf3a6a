"""What is done with freezes: the actor first, one transaction, one audit row, a numbered document each."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.cases import queries as cases
from qingdun.console.funds import moves, queries, rules, tracing
from qingdun.console.funds.documenting import issue
from qingdun.console.funds.models import Freeze
from qingdun.console.funds.moves import FREEZE_MOVES, DocumentKind, FreezeState
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import IllegalMove, InputError
from qingdun.trace.following import Whereabouts

STANDING = (FreezeState.REQUESTED, FreezeState.FROZEN)


@dataclass(frozen=True, slots=True)
class FreezeForm:
    """What is to be frozen: of which incident, in the account a movement came to, how much in fen."""

    key: str
    incident: int
    movement: int
    amount_fen: int


def left_to_freeze(actor: User, incident_id: int, movement_id: int) -> tuple[int, int, bool]:
    """Fen that may still be frozen in the account the movement came to, what the incident's trace finds
    there, and whether it is certain.

    Errors: NotPermitted, InputError (nothing to trace, or no money of the incident there).
    """
    account = queries.movement(actor, movement_id).payee
    paid = [one.pk for one in tracing.payments(actor, incident_id)]
    place = tracing.trace(actor, paid).place(account)
    if place is None or place.standing.kind != Whereabouts.FOLLOWED or not place.standing.there_fen:
        raise InputError(_("The trace of this incident finds no money of it in this account."))
    standing = Freeze.objects.filter(account=account, incident=incident_id, state__in=STANDING)
    frozen = standing.aggregate(fen=Sum("amount_fen"))["fen"] or 0
    return place.standing.there_fen - frozen, place.standing.there_fen, place.standing.certain


@transaction.atomic
def request_freeze(actor: User, form: FreezeForm) -> Freeze:
    """The bank is to be asked to freeze it, by a numbered document; the same form is taken once.

    Errors: NotPermitted, InputError (more than what the trace finds there and is not frozen yet).
    """
    require(actor, Permission.TRACE_FUNDS)
    locked_head()  # Two at once must not freeze the same money twice.
    known = Freeze.objects.filter(by=actor, key=form.key).first()
    if known is not None:
        return known
    incident = cases.incident(actor, form.incident)
    entry = queries.movement(actor, form.movement)
    left, traced, certain = left_to_freeze(actor, form.incident, form.movement)
    if not 0 < form.amount_fen <= left:
        raise InputError(
            _("Of this account at most %(most)s yuan may be frozen: found %(asked)s.")
            % {"most": f"{left / 100:,.2f}", "asked": f"{form.amount_fen / 100:,.2f}"}
        )
    if not entry.payee_name:
        raise InputError(_("The holder of the account is not known: take in its bank’s reply first."))
    freeze = Freeze.objects.create(
        account=entry.payee, account_name=entry.payee_name, bank=entry.payee_bank, amount_fen=form.amount_fen,
        traced_fen=traced, certain=certain, requested_at=timezone.now(), region_path=incident.region_path,
        incident=incident, key=form.key, by=actor,
    )  # fmt: skip
    issue(actor, DocumentKind.FREEZE, freeze)
    record(actor, "request_freeze", freeze, None, {**_face(freeze), "incident": incident.pk})
    return freeze


@transaction.atomic
def move_freeze(actor: User, freeze_id: int, verb: str, note: str = "") -> Freeze:
    """The freeze has made one move of the table; it runs six months from now, or from its end if renewed.

    Errors: NotPermitted, IllegalMove (state, or renewed too early), InputError (no reason where one is due).
    """
    queries.freeze(actor, freeze_id)
    freeze = Freeze.objects.select_for_update().get(pk=freeze_id)
    step = moves.check(verb, freeze.state, FREEZE_MOVES, FreezeState)
    if step.permission is None:
        raise IllegalMove(_("An order ends by its clock alone."))
    require(actor, step.permission)
    before, now = _face(freeze), timezone.now()
    if step.needs_note:
        freeze.note = stated(note)
    if verb == "renew":
        _renew(freeze, now)
    elif step.target == FreezeState.FROZEN:
        freeze.frozen_at, freeze.ends_at = now, months_later(now, rules.limit("freeze_months"))
    else:
        freeze.ended_at = now
    freeze.state = step.target
    freeze.save()
    if verb == "renew":
        issue(actor, DocumentKind.RENEWAL, freeze)
    elif verb == "release":
        issue(actor, DocumentKind.RELEASE, freeze, freeze.note)
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
    freeze.ends_at = months_later(freeze.ends_at, rules.limit("freeze_months"))
    freeze.renewals += 1
    freeze.warned_at = None


def _face(freeze: Freeze) -> dict[str, object]:
    """What an audit row keeps of a freeze: no personal data."""
    return {
        "state": freeze.state,
        "amount_fen": freeze.amount_fen,
        "traced_fen": freeze.traced_fen,
        "ends_at": freeze.ends_at,
        "renewals": freeze.renewals,
    }
