"""A synthetic year of orders for a demonstration: the same one for the same incidents, and marked.

The accounts lie in numbers no bank gives out, and holders are 某某（模拟）.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from qingdun.console.cases import queries as cases
from qingdun.console.cases.queries import Incident
from qingdun.console.funds import rules
from qingdun.console.funds.demo_papers import create_papers
from qingdun.console.funds.freezing import months_later
from qingdun.console.funds.lapses import Lapse, Notice, NoticeKind, Told
from qingdun.console.funds.models import Freeze, Refund, RefundShare, StopPayment
from qingdun.console.funds.moves import FreezeState, RefundState, RefundWay, State
from qingdun.console.funds.taint import FreezePart, Taint
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User

SEED = 1706
BANKS = ("演练银行", "演练商业银行", "演练农信社", "演练支付")
HOLDER = "某某（模拟）"
STOPPED, LATE, FROZEN = 0.7, 0.07, 0.3
"""Shares: of losses that were stopped, of those entered late, of stopped ones with a freeze behind."""
LEAST_FEN = 300_000
CAMPAIGN_FEN = 158_500_000
"""What was frozen in the campaign's cases, as far as there are losses enough."""
TOLD = 3
"""Ends that are near of which the desk has not seen the notice yet."""


class _Year(NamedTuple):
    random: Random
    now: dt.datetime
    actor: User


@transaction.atomic
def create_year(actor: User) -> int:
    """Stops, late entries, freezes and refunds of a year stand for the demonstration; how many stops."""
    year = _Year(Random(SEED), timezone.now(), actor)
    before = year.now - dt.timedelta(days=3)
    losses = cases.incidents(actor).filter(
        key__startswith="demo-", how="演示数据", loss_fen__gte=LEAST_FEN, reported_at__lt=before
    )
    known = list(losses.order_by("pk"))
    if not known or StopPayment.objects.filter(by=actor, key__startswith="demo-year-").exists():
        return 0
    stopped = [one for one in known if year.random.random() < STOPPED]
    stops = [_stop(year, one) for one in stopped]
    StopPayment.objects.bulk_create(stops)
    Lapse.objects.bulk_create(_lapses(year, stopped, stops))
    began = _began(year, known)
    attacked = _attacked(year, known, began)
    behind = [one for one in stopped if year.random.random() < FROZEN and one.pk not in began]
    freezes = [_freeze(year, one) for one in behind]
    behind += [one for one in known if one.pk in attacked]
    freezes += [attacked[one.pk] for one in known if one.pk in attacked]
    Freeze.objects.bulk_create(freezes)
    parts_of(freezes)
    refunds = _refunds(year, freezes, behind)
    create_papers(actor, stops, freezes, refunds)
    _tell(year, freezes)
    after = {"rows": len(stops), "sum_fen": sum(one.amount_fen for one in freezes)}
    record(None, "request_stop", ("ledger", "demo"), None, after)
    return len(stops)


def _stop(year: _Year, incident: Incident) -> StopPayment:
    luck = year.random
    late = luck.random() < LATE
    requested = incident.reported_at + dt.timedelta(
        minutes=luck.uniform(31, 200) if late else luck.uniform(3, 27)
    )
    held = requested + dt.timedelta(minutes=luck.uniform(4, 45))
    ends = held + dt.timedelta(hours=rules.hold_h())
    state = luck.choices((State.EXPIRED, State.RELEASED, State.REFUSED), (70, 12, 18))[0]
    refused = state == State.REFUSED
    note = {State.REFUSED: "演示：户名与账号不符", State.RELEASED: "演示：查明与案件无关"}.get(state, "")
    return StopPayment(
        account=f"620070{incident.pk:010}", account_name=HOLDER, bank=luck.choice(BANKS),
        amount_fen=incident.loss_fen,
        paid_at=incident.reported_at - dt.timedelta(minutes=luck.uniform(8, 240)),
        requested_at=requested, held_at=None if refused else held, ends_at=None if refused else ends,
        ended_at=held if refused else ends if state == State.EXPIRED else held + dt.timedelta(hours=20),
        warned_at=ends - dt.timedelta(hours=rules.limit("warn_stop_h")) if state == State.EXPIRED else None,
        state=state, turn=None if refused else 1, region_path=incident.region_path, incident=incident,
        key=f"demo-year-{incident.pk}", by=year.actor, note=note,
    )  # fmt: skip


def _lapses(year: _Year, incidents: Sequence[Incident], stops: Sequence[StopPayment]) -> list[Lapse]:
    allowed = dt.timedelta(minutes=rules.limit("entry_min"))
    further = dt.timedelta(minutes=rules.limit("escalate_min"))
    found = []
    for incident, stop in zip(incidents, stops, strict=True):
        due = incident.reported_at + allowed
        if stop.requested_at > due:
            steps = int((stop.requested_at - due) / further)
            found.append(
                Lapse(
                    incident=incident, region_path=incident.region_path, due_at=due,
                    breached_at=due + dt.timedelta(seconds=1), entered_at=stop.requested_at,
                    told=min(Told.CITY, Told.HOLDER + steps),
                )
            )  # fmt: skip
    return found


def _freeze(year: _Year, incident: Incident) -> Freeze:
    luck = year.random
    requested = incident.reported_at + dt.timedelta(hours=luck.uniform(3, 40))
    frozen = requested + dt.timedelta(hours=luck.uniform(0.5, 20))
    ends = months_later(frozen, rules.limit("freeze_months"))
    traced = max(1, int(incident.loss_fen * luck.uniform(0.2, 0.95)))
    state, renewals, ended = FreezeState.FROZEN, 0, None
    if ends < year.now and luck.random() < 0.35:
        ends, renewals = months_later(ends, rules.limit("freeze_months")), 1
    elif ends < year.now:
        state = luck.choices((FreezeState.RETURNED, FreezeState.EXPIRED, FreezeState.RELEASED), (55, 15, 30))[
            0
        ]
        ended = ends if state == FreezeState.EXPIRED else frozen + dt.timedelta(days=luck.uniform(35, 150))
    near = ends - year.now < dt.timedelta(days=rules.limit("warn_freeze_days"))
    amount = max(1, int(traced * luck.choice((1.0, 1.0, 0.8))))
    return Freeze(
        account=f"620060{incident.pk:010}", account_name=HOLDER, bank=luck.choice(BANKS), amount_fen=amount,
        traced_fen=traced, certain=luck.random() < 0.6, requested_at=requested, frozen_at=frozen,
        ends_at=ends, ended_at=ended, renewals=renewals, state=state, region_path=incident.region_path,
        warned_at=year.now if near and ended is None else None,
        returned_fen=amount if state == FreezeState.RETURNED else 0, incident=incident,
        key=f"demo-year-{incident.pk}", by=year.actor,
        note="演示：查明与案件无关" if state == FreezeState.RELEASED else "",
    )  # fmt: skip


def _began(year: _Year, incidents: Sequence[Incident]) -> dict[int, dt.datetime]:
    """Since when the campaign could freeze money, by incident of its cases."""
    return {
        pk: max(reported, year.now - dt.timedelta(days=(year.now.date() - first).days))
        for pk, reported, first in cases.incidents(year.actor)
        .filter(pk__in=[one.pk for one in incidents], cases__campaign__isnull=False)
        .order_by()
        .values_list("pk", "reported_at", "cases__campaign__begins_on")
    }


def _attacked(
    year: _Year, incidents: Sequence[Incident], began: Mapping[int, dt.datetime]
) -> dict[int, Freeze]:
    """By incident the freezes that the campaign brought, of losses in its cases; until they are enough."""
    found: dict[int, Freeze] = {}
    left = CAMPAIGN_FEN
    for incident in incidents:
        if incident.pk not in began or not left:
            continue
        freeze = _freeze(year, incident)
        since = began[incident.pk]
        frozen = since + (year.now - since) * year.random.uniform(0.1, 0.95)
        freeze.amount_fen = min(freeze.amount_fen, left)
        freeze.state, freeze.renewals, freeze.returned_fen, freeze.note = FreezeState.FROZEN, 0, 0, ""
        freeze.requested_at = max(since, frozen - dt.timedelta(hours=9))
        freeze.frozen_at, freeze.ended_at, freeze.warned_at = frozen, None, None
        freeze.ends_at = months_later(frozen, rules.limit("freeze_months"))
        left -= freeze.amount_fen
        found[incident.pk] = freeze
    return found


def parts_of(freezes: Sequence[Freeze]) -> None:
    """Whose money each freeze is about stands, as a trace would have it."""
    FreezePart.objects.bulk_create(
        FreezePart(freeze=one, incident_id=one.incident_id, fen=one.amount_fen) for one in freezes
    )
    Taint.objects.bulk_create(
        Taint(
            account=one.account, incident_id=one.incident_id, traced_fen=one.traced_fen,
            frozen_fen=one.amount_fen if one.state == FreezeState.FROZEN else 0,
        )
        for one in freezes
    )  # fmt: skip


def _refunds(year: _Year, freezes: Sequence[Freeze], incidents: Sequence[Incident]) -> list[Refund]:
    """What was returned, and some that are being prepared, each to the one victim of its freeze."""
    made = []
    for freeze, incident in zip(freezes, incidents, strict=True):
        done = freeze.state == FreezeState.RETURNED
        under_way = year.random.choice((RefundState.PREPARED, RefundState.ORDERED))
        if not done and not (freeze.state == FreezeState.FROZEN and year.random.random() < 0.15):
            continue
        ended = freeze.ended_at or year.now
        refund = Refund(
            freeze=freeze, way=RefundWay.SINGLE, amount_fen=freeze.amount_fen,
            state=RefundState.RETURNED if done else under_way,
            prepared_at=ended - dt.timedelta(days=year.random.uniform(4, 20)),
            ended_at=ended if done else None, region_path=freeze.region_path, key=f"demo-year-{freeze.pk}",
            by=year.actor,
        )  # fmt: skip
        made.append((refund, incident))
    Refund.objects.bulk_create([refund for refund, _incident in made])
    RefundShare.objects.bulk_create(
        RefundShare(refund=refund, incident=incident, loss_fen=incident.loss_fen, share_fen=refund.amount_fen)
        for refund, incident in made
    )
    return [refund for refund, _incident in made]


def _tell(year: _Year, freezes: Sequence[Freeze]) -> None:
    """Of some ends that are near the desk is told now; of the others it has heard."""
    near = sorted((one for one in freezes if one.warned_at), key=lambda one: one.pk)
    Notice.objects.bulk_create(
        Notice(
            to=year.actor, kind=NoticeKind.FREEZE_ENDS, subject_id=one.pk, due_at=one.ends_at, at=year.now,
            seen_at=None if place < TOLD else year.now,
        )
        for place, one in enumerate(near)
        if one.ends_at is not None
    )  # fmt: skip
