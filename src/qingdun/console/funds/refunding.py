"""What is done with refunds: the actor first, one transaction, one audit row; shares exact to the fen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.cases import queries as cases
from qingdun.console.funds import holding, moves, queries, rules, tracing
from qingdun.console.funds.documenting import issue
from qingdun.console.funds.models import Freeze, Objection, Refund, RefundShare
from qingdun.console.funds.moves import (
    FREEZE_MOVES,
    OPEN_REFUNDS,
    REFUND_MOVES,
    DocumentKind,
    FreezeState,
    RefundState,
    RefundWay,
)
from qingdun.console.funds.payees import order_text
from qingdun.console.funds.tracing import Traced
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.localtime import written
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import IllegalMove, InputError
from qingdun.trace.shares import refunds


@dataclass(frozen=True, slots=True)
class Plan:
    """Who gets what back of a freeze, and why by that way; fen by incident."""

    way: RefundWay
    amount_fen: int
    losses: dict[int, int]
    shares: dict[int, int]


def plan(actor: User, freeze_id: int, incident_ids: Sequence[int]) -> Plan:
    """The shares of those incidents in what is frozen.

    One victim's money alone in the account: direct. Times resolve whose is there, and the trace is certain:
    direct, each their own. Otherwise pro rata of the losses: min(loss, frozen · loss / Σ losses), to the fen.
    A loss counts as far as no other refund has returned it, or is ordered to.
    Errors: NotPermitted, InputError (an incident none of whose money is in the account).
    """
    require(actor, Permission.REVIEW_ALERTS)
    freeze = queries.freeze(actor, freeze_id)
    asked = sorted({*freeze.parts.values_list("incident", flat=True), *incident_ids})
    losses = {one: cases.incident(actor, one).loss_fen for one in asked}
    found, owner = tracing.together(actor, asked)
    place = found.place(freeze.account)
    traced: dict[int, int] = {}
    for payment, fen in (place.standing.shares if place is not None else {}).items():
        incident = owner[int(payment)]
        traced[incident] = traced.get(incident, 0) + fen
    strangers = [str(one) for one in asked if not traced.get(one)]
    if place is None or strangers:
        raise InputError(
            _("No money of incident %(incidents)s is in this account.")
            % {"incidents": ", ".join(strangers or map(str, asked))}
        )
    if len(traced) == 1:
        way = RefundWay.SINGLE
    else:
        apart = place.standing.certain and _told_apart(found, owner)
        way = RefundWay.TIMED if apart else RefundWay.PRO_RATA
    # Nobody gets more than was lost and is not on its way back, whatever the trace says of other payments.
    open_fen = {one: max(0, fen - _promised(one)) for one, fen in losses.items()}
    claims = (
        open_fen
        if way == RefundWay.PRO_RATA
        else {one: min(fen, open_fen[one]) for one, fen in traced.items()}
    )
    parts = refunds(freeze.left_fen, {str(one): claims[one] for one in asked})
    shares = {one: parts[str(one)] for one in asked}
    if not any(shares.values()):
        raise InputError(_("What these victims lost has been returned, or its return is ordered."))
    return Plan(way, sum(shares.values()), losses, shares)


def _promised(incident: int) -> int:
    """Fen of an incident that were returned, or whose return is ordered, out of any account."""
    done = (RefundState.ORDERED, RefundState.RETURNED)
    given = RefundShare.objects.filter(incident=incident, refund__state__in=done)
    return int(given.aggregate(fen=Sum("share_fen"))["fen"] or 0)


@transaction.atomic
def prepare_refund(actor: User, key: str, freeze_id: int, incident_ids: Sequence[int]) -> Refund:
    """The refund of a freeze is prepared with its shares; the same form is taken once.

    Errors: NotPermitted, IllegalMove (not frozen, or a refund stands already), InputError (as `plan`).
    """
    require(actor, Permission.REVIEW_ALERTS)
    queries.freeze(actor, freeze_id)
    # Two at once must not give the same money back twice.
    freeze = Freeze.objects.select_for_update().get(pk=freeze_id)
    known = Refund.objects.filter(by=actor, key=key).first()
    if known is not None:
        return known
    if freeze.state != FreezeState.FROZEN:
        raise IllegalMove(_("Only what is frozen can be returned."))
    if freeze.refunds.filter(state__in=OPEN_REFUNDS).exists():
        raise IllegalMove(_("A refund of this freeze stands already."))
    found = plan(actor, freeze_id, incident_ids)
    refund = Refund.objects.create(
        freeze=freeze, way=found.way, amount_fen=found.amount_fen, prepared_at=timezone.now(),
        region_path=freeze.region_path, key=key, by=actor,
    )  # fmt: skip
    RefundShare.objects.bulk_create(
        RefundShare(refund=refund, incident_id=one, loss_fen=found.losses[one], share_fen=fen)
        for one, fen in found.shares.items()
    )
    record(
        actor, "prepare_refund", refund, None, {**_face(refund), "shares_fen": list(found.shares.values())}
    )
    return refund


@transaction.atomic
def move_refund(actor: User, refund_id: int, verb: str, note: str = "") -> Refund:
    """The refund has made one move of the table; what is returned is frozen no more.

    Errors: NotPermitted, IllegalMove (state, way, notice still running, an objection unanswered), InputError.
    """
    # The freeze is locked before its refund, as everywhere.
    freeze = Freeze.objects.select_for_update().get(pk=queries.refund(actor, refund_id).freeze_id)
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    step = moves.check(verb, refund.state, REFUND_MOVES, RefundState)
    if step.permission is not None:
        require(actor, step.permission)
    before, now = _face(refund), timezone.now()
    if verb == "publish":
        if refund.way != RefundWay.PRO_RATA:
            raise IllegalMove(_("What is returned directly needs no notice."))
        refund.notice_until = now + dt.timedelta(days=rules.limit("notice_days"))
    if verb == "order":
        _check_order(refund, freeze, now)
        _check_claims(refund)
    if verb == "pay":
        _give_back(actor, freeze, refund, now)
    if step.needs_note:
        refund.note = stated(note)
    if step.target in (RefundState.RETURNED, RefundState.WITHDRAWN):
        refund.ended_at = now
    refund.state = step.target
    refund.save()
    if verb in ("publish", "order"):
        kind = DocumentKind.NOTICE if verb == "publish" else DocumentKind.REFUND
        until = refund.notice_until if verb == "publish" else None
        # A notice is for everybody to read; whom the bank pays, and where, is for the bank.
        text = queries.shares_text if verb == "publish" else order_text
        issue(actor, kind, freeze, text(actor, refund), refund.amount_fen, until)
    record(actor, f"refund_{verb}", refund, before, _face(refund), refund.note if step.needs_note else "")
    return refund


@transaction.atomic
def object_to(actor: User, refund_id: int, text: str) -> Objection:
    """An objection is on the refund whose notice runs. Errors: NotPermitted, IllegalMove, InputError."""
    require(actor, Permission.TRACE_FUNDS)
    refund = queries.refund(actor, refund_id)
    now = timezone.now()
    if refund.state != RefundState.NOTICED or refund.notice_until is None or refund.notice_until <= now:
        raise IllegalMove(_("Objections are taken while the notice runs."))
    made = Objection.objects.create(refund=refund, text=stated(text), at=now, by=actor)
    record(actor, "object_to_refund", refund, None, {"objection": made.pk})
    return made


@transaction.atomic
def answer(actor: User, refund_id: int, objection_id: int, text: str) -> Objection:
    """The objection is answered. Errors: NotPermitted, IllegalMove (answered before), InputError."""
    require(actor, Permission.REVIEW_ALERTS)
    refund = queries.refund(actor, refund_id)
    found = (
        Objection.objects.select_for_update().filter(refund=refund, pk=objection_id, answered_at=None).first()
    )
    if found is None:
        raise IllegalMove(_("There is no such objection, or it is answered."))
    found.answer, found.answered_at = stated(text), timezone.now()
    found.save()
    record(actor, "answer_objection", refund, None, {"objection": found.pk})
    return found


def _told_apart(found: Traced, owner: Mapping[int, int]) -> bool:
    """Whether times alone say whose money is where: no transfer carried money of two incidents, and none of
    different incidents came to an account at one moment.
    """
    came: dict[tuple[int, int], int] = {}
    for step in found.steps:
        whose = {owner[int(payment)] for payment in step.hop.shares}
        first = came.setdefault((step.hop.payee, step.hop.at_us), min(whose))
        if whose != {first}:
            return False
    return True


def _give_back(actor: User, freeze: Freeze, refund: Refund, now: dt.datetime) -> None:
    """So much less is frozen; the freeze ends with its last fen. What the bank says it has returned counts
    though the freeze ran out meanwhile.
    """
    before = {"state": freeze.state, "returned_fen": freeze.returned_fen}
    if refund.amount_fen > freeze.left_fen:
        raise IllegalMove(_("More than what is frozen cannot be returned."))
    shares = list(refund.shares.all())
    off = holding.came_off(freeze, {one.incident_id: one.share_fen for one in shares})
    for one in shares:
        one.out_fen = off.get(one.incident_id, 0)
    RefundShare.objects.bulk_update(shares, ["out_fen"])
    freeze.returned_fen += refund.amount_fen
    if freeze.state == FreezeState.FROZEN and not freeze.left_fen:
        moves.check("give_back", freeze.state, FREEZE_MOVES, FreezeState)
        holding.let_go(freeze)
        freeze.state, freeze.ended_at = FreezeState.RETURNED, now
    elif freeze.state == FreezeState.FROZEN:
        holding.shrink(freeze, off)
    freeze.save(update_fields=["returned_fen", "state", "ended_at"])
    after = {"state": freeze.state, "returned_fen": freeze.returned_fen}
    record(actor, "freeze_give_back", freeze, before, after)


def _check_order(refund: Refund, freeze: Freeze, now: dt.datetime) -> None:
    if refund.state == RefundState.PREPARED and refund.way == RefundWay.PRO_RATA:
        raise IllegalMove(_("Pro rata shares are put on notice first."))
    if refund.notice_until is not None and refund.notice_until > now:
        until = written(refund.notice_until)
        raise IllegalMove(_("The notice runs until %(until)s.") % {"until": until})
    if refund.objections.filter(answered_at=None).exists():
        raise IllegalMove(_("An objection is not answered yet."))
    if freeze.state != FreezeState.FROZEN or freeze.ends_at is None or freeze.ends_at <= now:
        raise IllegalMove(_("Only what is frozen can be returned."))


def _check_claims(refund: Refund) -> None:
    """Nobody gets back more than was lost, though refunds out of several accounts were prepared side by side.

    The ledger is locked first: of two orders at once the second counts what the first ordered.
    """
    locked_head()
    for share in refund.shares.select_related("incident").order_by("incident_id"):
        # What was lost may have been corrected since the refund was prepared.
        stands_fen = 0 if share.incident.taken_back_at else share.incident.loss_fen
        open_fen = min(share.loss_fen, stands_fen) - _promised(share.incident_id)
        if share.share_fen > open_fen:
            raise IllegalMove(
                _(
                    "Incident %(incident)s would get back more than it lost. "
                    "Withdraw this refund and prepare it anew."
                )
                % {"incident": share.incident_id}
            )


def _face(refund: Refund) -> dict[str, object]:
    return {
        "state": refund.state,
        "way": refund.way,
        "amount_fen": refund.amount_fen,
        "until": refund.notice_until,
    }
