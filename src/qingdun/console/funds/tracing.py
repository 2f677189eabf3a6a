"""Victims' money traced over the movements the viewer may see: the viewer first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from qingdun.console.alerts.codes import is_chinese
from qingdun.console.cases import queries as cases
from qingdun.console.cases.queries import Incident
from qingdun.console.funds import queries, rules
from qingdun.console.funds.columns import CASH
from qingdun.console.funds.lapsing import history, orders_about
from qingdun.console.funds.models import Movement, StopPayment
from qingdun.console.funds.moves import FreezeState, State
from qingdun.console.funds.pairing import transfers
from qingdun.console.kernel.models import User
from qingdun.console.kernel.queries import persons
from qingdun.console.kernel.roles import Permission, require
from qingdun.contract.codes import AccountKind, TransferPhase
from qingdun.errors import InputError
from qingdun.trace.following import Hop, Standing, Trace, Whereabouts, follow
from qingdun.trace.ledger import Ledger, build_ledger
from qingdun.trace.stopping import Order, stop_order

STOPPED = (State.REQUESTED, State.HELD)
DEEPEST = 8
"""Layers in which an order's account is looked for, to tell it from one that a victim paid."""


@dataclass(frozen=True, slots=True)
class Party:
    """Whose an account is, as far as statements tell."""

    account: str
    name: str = ""
    bank: str = ""

    @property
    def is_cash(self) -> bool:
        """Whether it stands for cash."""
        return self.account.startswith(CASH)


@dataclass(frozen=True, slots=True)
class Step:
    """A hop with the movement it rests on."""

    hop: Hop
    movement: Movement
    payer: Party
    payee: Party


@dataclass(frozen=True, slots=True)
class Place:
    """An account money reached, and whether an order has stopped it."""

    standing: Standing
    party: Party
    stopped: bool
    frozen_fen: int
    """What of it banks have frozen."""
    entry: int
    """Id of the movement that brought most victims' money: what an order is made out about."""

    @property
    def is_frozen(self) -> bool:
        """Whether all of it that is there is frozen."""
        return 0 < self.standing.there_fen <= self.frozen_fen


@dataclass(frozen=True, slots=True)
class Proposal:
    """An account to stop, and why now."""

    order: Order
    place: Place

    @property
    def reason(self) -> str:
        """In the reader's language."""
        return self.order.text_zh() if is_chinese() else self.order.text_en()


@dataclass(frozen=True, slots=True)
class Traced:
    """Where payments went, step by step, where their money stands, and what to stop first."""

    payments: list[Movement]
    steps: list[Step]
    places: list[Place]
    proposals: list[Proposal]
    depth: int
    known_until: dt.datetime | None
    """The last movement known of any account in it."""
    stands: Mapping[int, int]
    """By id of a payment asked for, the movement that stands for it: two banks may tell of one transfer."""

    @property
    def paid_fen(self) -> int:
        """What the victims paid."""
        return sum(one.amount_fen for one in self.payments)

    @property
    def there_fen(self) -> int:
        """What of it is still in accounts that were followed."""
        followed = (one.standing for one in self.places if one.standing.kind == Whereabouts.FOLLOWED)
        return sum(standing.there_fen for standing in followed)

    @property
    def layers(self) -> int:
        """The deepest layer of accounts that money reached; cash and shops are none."""
        accounts = (Whereabouts.FOLLOWED, Whereabouts.BEYOND)
        found = (place.standing for place in self.places if place.standing.kind in accounts)
        return max((standing.level for standing in found), default=0)

    def place(self, account: str) -> Place | None:
        """What the account is to the money; None if none came there."""
        return next((one for one in self.places if one.party.account == account), None)


@dataclass(frozen=True, slots=True)
class ToEnter:
    """A reported loss whose first-level account nobody has entered, and until when it is to be."""

    incident_id: int
    scam_type: str
    loss_fen: int
    reported_at: dt.datetime
    due_at: dt.datetime
    late: bool


def to_enter(viewer: User, now: dt.datetime) -> list[ToEnter]:
    """Incidents of the last day with a loss and without any order of theirs or of their task, the one due
    first first; without those that a file brought too late.
    """
    since = now - dt.timedelta(hours=rules.limit("most_late_h"))
    recent = cases.incidents(viewer).filter(loss_fen__gt=0, reported_at__gte=since)
    recent = recent.exclude(history()).exclude(Exists(orders_about(OuterRef("pk"), OuterRef("task"))))
    found = []
    for one in recent.order_by("reported_at", "pk"):
        due = one.reported_at + dt.timedelta(minutes=rules.limit("entry_min"))
        found.append(ToEnter(one.pk, one.scam_type, one.loss_fen, one.reported_at, due, due < now))
    return found


def payments(viewer: User, incident_id: int) -> list[Movement]:
    """Movements that are the incident's payments: those its orders are about, by account, amount and time,
    and what else the same payers sent to the same accounts in the month before the report. An incident
    without an order, because the account has had as many as it may, takes what its person's own accounts
    sent then to accounts that others' orders name.

    Errors: NotPermitted.
    """
    incident = cases.incident(viewer, incident_id)
    matched: list[Movement] = []
    for stop in queries.orders_of(viewer, incident):
        matched += _about(viewer, stop)
    matched = _not_onward(viewer, matched)
    if not matched:
        matched = _by_own_accounts(viewer, incident)
    since = incident.reported_at - dt.timedelta(days=rules.limit("candidates_days"))
    pairs = Q(pk__in=[one.pk for one in matched])
    for payer, payee in {(one.payer, one.payee) for one in matched}:
        pairs |= Q(payer=payer, payee=payee, at__gte=since, at__lte=incident.reported_at)
    return list(queries.movements(viewer).filter(pairs).order_by("at", "pk"))


def candidates(viewer: User, incident_id: int) -> list[Movement]:
    """What left the accounts of the person in the month before the report, or came to an account that an
    order of the incident names: for somebody to choose from. Errors: NotPermitted.
    """
    incident = cases.incident(viewer, incident_id)
    held = _own_accounts(viewer, incident.person_id)
    first = queries.orders_of(viewer, incident).values_list("account", flat=True)
    since = incident.reported_at - dt.timedelta(days=rules.limit("candidates_days"))
    within = queries.movements(viewer).filter(at__gte=since, at__lte=incident.reported_at)
    asked = Q(payer__in=held) | Q(payee__in=list(first))
    stands = transfers(within.filter(asked), rules.limit("same_transfer_s"))
    return sorted({one.pk: one for one in stands.values()}.values(), key=lambda one: (one.at, one.pk))


def trace(viewer: User, paid: Sequence[int], depth: int = 5) -> Traced:
    """The trace of those movements over all the viewer may see.

    Errors: NotPermitted, InputError (a payment that is not there, or more movements than can be shown).
    """
    require(viewer, Permission.TRACE_FUNDS)
    chosen = list(queries.movements(viewer).filter(pk__in=list(paid)).order_by("at", "pk"))
    if not chosen or len(chosen) != len(set(paid)):
        raise InputError(_("Choose the payments to trace among the movements."))
    rows, _reached = _gathered(viewer, chosen, depth)
    stands = transfers(rows.values(), rules.limit("same_transfer_s"))
    told = {one.pk: stands[one.pk].pk for one in chosen}
    chosen = list({stands[one.pk].pk: stands[one.pk] for one in chosen}.values())
    kept = {one.pk: one for one in stands.values()}
    ledger = build_ledger(_table(list(kept.values())), _accounts(rows.values()))
    found = follow(ledger, [str(one.pk) for one in chosen], depth, int(ledger.at_us[-1]))
    return _told(viewer, chosen, found, ledger, rows, depth, told)


def together(viewer: User, incident_ids: Sequence[int], depth: int = 5) -> tuple[Traced, dict[int, int]]:
    """One trace of all payments of those incidents, and by payment (as the trace names it) its incident.

    Errors: NotPermitted, InputError (an incident without any payment to trace).
    """
    owner: dict[int, int] = {}
    for incident in incident_ids:
        owner |= {payment.pk: incident for payment in payments(viewer, incident)}
    found = trace(viewer, list(owner), depth)
    return found, owner | {stand: owner[asked] for asked, stand in found.stands.items()}


def _not_onward(viewer: User, matched: Sequence[Movement]) -> list[Movement]:
    """Those of the movements that are payments of a victim. An order about a deeper account names what moved
    on: its payer is reached from an earlier payment, and is nobody's who paid one.
    """
    kept: list[Movement] = []
    reached: set[str] = set()
    for one in sorted({m.pk: m for m in matched}.values(), key=lambda m: (m.at, m.pk)):
        if one.payer not in reached or one.payer in {paid.payer for paid in kept}:
            kept.append(one)
            reached = _gathered(viewer, kept, DEEPEST)[1] if len(matched) > 1 else set()
    return kept


def _gathered(viewer: User, chosen: Sequence[Movement], depth: int) -> tuple[dict[int, Movement], set[str]]:
    """Every movement of every account the money can have reached, layer by layer; and those accounts."""
    base = queries.movements(viewer).order_by()
    rows: dict[int, Movement] = {one.pk: one for one in chosen}
    since = min(one.at for one in chosen)
    seen: set[str] = set()
    layer = {one.payee for one in chosen}
    for _level in range(depth):
        seen |= layer
        fresh = base.filter(Q(payer__in=layer) | Q(payee__in=layer))
        for one in fresh[: rules.limit("most_traced") + 1]:
            rows[one.pk] = one
        if len(rows) > rules.limit("most_traced"):
            raise InputError(_("More movements than a page can trace: choose fewer payments or layers."))
        onward = (r for r in rows.values() if r.payer in layer and r.at >= since and not r.to_merchant)
        layer = {one.payee for one in onward if not one.payee.startswith(CASH)} - seen
        if not layer:
            break
    return rows, seen | layer


def _table(rows: Sequence[Movement]) -> pa.Table:
    ordered = sorted(rows, key=lambda one: (one.at, one.statement_id, one.line))
    return pa.table(
        {
            "transfer_id": pa.array([str(one.pk) for one in ordered], pa.string()),
            "at": pa.array([one.at for one in ordered], pa.timestamp("us", "UTC")),
            "phase": pa.array([TransferPhase.SETTLED.value] * len(ordered), pa.string()),
            "payer_account": pa.array([one.payer for one in ordered], pa.string()),
            "payee_account": pa.array([one.payee for one in ordered], pa.string()),
            "amount_fen": pa.array([one.amount_fen for one in ordered], pa.int64()),
        }
    )


def _accounts(rows: Collection[Movement]) -> pa.Table:
    """What statements say of accounts: shops, cash, and the last balance."""
    kinds: dict[str, str] = {}
    balances: dict[str, tuple[dt.datetime, int, int, int]] = {}
    for one in rows:
        kinds.setdefault(one.payer, AccountKind.PERSONAL.value)
        kinds.setdefault(one.payee, AccountKind.PERSONAL.value)
        if one.to_merchant or one.payee.startswith(CASH):
            kinds[one.payee] = AccountKind.MERCHANT.value
        own = one.payer if one.of_payer else one.payee
        if one.balance_fen is not None:
            told = (one.at, one.statement_id, one.line, one.balance_fen)
            balances[own] = max(balances.get(own, told), told)
    names = list(kinds)
    return pa.table(
        {
            "account": pa.array(names, pa.string()),
            "kind": pa.array([kinds[name] for name in names], pa.string()),
            "balance_fen": pa.array([balances[n][3] if n in balances else None for n in names], pa.int64()),
            "balance_at": pa.array(
                [balances[n][0] if n in balances else None for n in names], pa.timestamp("us", "UTC")
            ),
        }
    )


def _parties(rows: Collection[Movement]) -> dict[str, Party]:
    """Holders and banks; an account's own statement goes before what the other side says."""
    found: dict[str, Party] = {}
    for own in (False, True):
        for one in rows:
            if one.of_payer == own and (one.payer_name or one.payer_bank):
                found[one.payer] = Party(one.payer, one.payer_name, one.payer_bank)
            if one.of_payer != own and (one.payee_name or one.payee_bank):
                found[one.payee] = Party(one.payee, one.payee_name, one.payee_bank)
    return found


def _told(
    viewer: User,
    chosen: list[Movement],
    found: Trace,
    ledger: Ledger,
    rows: dict[int, Movement],
    depth: int,
    stands: Mapping[int, int],
) -> Traced:
    parties = _parties(rows.values())

    def party(code: int) -> Party:
        account = ledger.name(code)
        return parties.get(account, Party(account))

    entries: dict[int, Hop] = {}
    for hop in found.hops:
        entries[hop.payee] = max(entries.get(hop.payee, hop), hop, key=lambda one: one.tainted_fen)
    accounts = [ledger.name(code) for code in found.standings]
    active = queries.stops(viewer).filter(account__in=accounts, state__in=STOPPED)
    stopped = set(active.values_list("account", flat=True))
    standing_freezes = (
        queries.freezes(viewer, state=FreezeState.FROZEN).filter(account__in=accounts).order_by()
    )
    frozen = dict(
        standing_freezes.values_list("account").annotate(left=Sum(F("amount_fen") - F("returned_fen")))
    )
    ids = ledger.ids
    places = {}
    for code, standing in found.standings.items():
        name, entry = ledger.name(code), int(ids[entries[code].row].as_py())
        places[code] = Place(standing, party(code), name in stopped, frozen.get(name, 0), entry)
    # What is stopped or frozen does not leave, and nobody is to be sent after it.
    held = {
        code: place.standing.there_fen if place.stopped else place.frozen_fen
        for code, place in places.items()
    }
    steps = [
        Step(hop, rows[int(ids[hop.row].as_py())], party(hop.payer), party(hop.payee)) for hop in found.hops
    ]
    proposals = [Proposal(one, places[one.account]) for one in stop_order(found, held=held)]
    return Traced(
        chosen, steps, list(places.values()), proposals, depth,
        max((one.at for one in rows.values()), default=None), stands,
    )  # fmt: skip


def of_stop(viewer: User, stop: StopPayment) -> list[Movement]:
    """The movements an order is about: the payments of its incident, else what matches the order itself."""
    if stop.incident_id is not None:
        return payments(viewer, stop.incident_id)
    return _about(viewer, stop)


def _own_accounts(viewer: User, person_id: str) -> list[str]:
    found = persons(viewer).filter(person_id=person_id).values_list("accounts__account", flat=True)
    return [one for one in found if one]


def _by_own_accounts(viewer: User, incident: Incident) -> list[Movement]:
    """What the person's accounts sent, in the month before the report, to accounts that orders name."""
    since = incident.reported_at - dt.timedelta(days=rules.limit("candidates_days"))
    named = queries.stops(viewer).exclude(state=State.REFUSED).values("account")
    sent = queries.movements(viewer).filter(payer__in=_own_accounts(viewer, incident.person_id))
    return list(sent.filter(payee__in=named, at__gte=since, at__lte=incident.reported_at))


def _about(viewer: User, stop: StopPayment) -> list[Movement]:
    """Movements to the order's account of its amount at about its time."""
    found = queries.movements(viewer).filter(payee=stop.account, amount_fen=stop.amount_fen)
    limit = dt.timedelta(minutes=rules.limit("match_min"))
    return [one for one in found if abs(one.at - stop.paid_at) <= limit]
