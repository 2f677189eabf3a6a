"""What a round holds: the towns of the published ranking, the largest enterprises, what has findings open,
whose each is, and why. It counts the whole city and counts the same whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from qingdun.console.assessment import unattended as assessment
from qingdun.console.kernel.places import county_path
from qingdun.console.outreach import unattended as outreach
from qingdun.console.supervision.assigning import Given, Officer, Subject, assign
from qingdun.console.supervision.codes import Change, Kind, SupervisionForm
from qingdun.console.supervision.models import (
    Charge,
    Commissioner,
    Departure,
    Round,
    Shortcoming,
    StaffFigure,
)
from qingdun.console.supervision.moves import UNSETTLED, RoundState
from qingdun.console.supervision.rules import Rule


@dataclass(frozen=True, slots=True)
class Place:
    """A town or an enterprise in its list."""

    kind: Kind
    region_path: str
    position: int
    measure: float
    partner_id: int | None = None
    position_before: int | None = None

    @property
    def key(self) -> str:
        """What it is known by from round to round."""
        return key_of(self.kind, self.region_path, self.partner_id)


@dataclass(frozen=True, slots=True)
class Formed:
    """A place with what has changed about it, its form, and why it is that one."""

    place: Place
    change: Change
    form: SupervisionForm
    why: list[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A round that is not kept yet."""

    charges: list[Charge]
    departures: list[Departure]


def key_of(kind: str, region_path: str, partner_id: int | None) -> str:
    """What a town or an enterprise is known by."""
    return f"{kind}:{partner_id or region_path}"


def latest_ranking() -> Any:
    """The published ranking of towns that holds now; None if there is none."""
    return assessment.latest_of_towns()


def in_office() -> list[Commissioner]:
    """Commissioners of today, in the order of their appointment."""
    today = timezone.localdate()
    found = Commissioner.objects.filter(appointed_on__lte=today, ended_on=None, user__is_active=True)
    return list(found.select_related("user"))


def plan(ranking: Any, rule: Rule) -> Plan:
    """The round that follows from the ranking and what is known of enterprises, against the one in force.

    Errors: ValueError if nobody is in office.
    """
    before = _before()
    lists = {Kind.TOWN: list(_towns(ranking)), Kind.ENTERPRISE: list(_enterprises())}
    ranked = {one.key: one for places in lists.values() for one in places}
    chosen = [*lists[Kind.TOWN][: rule.towns], *lists[Kind.ENTERPRISE][: rule.enterprises]]
    formed = _formed(chosen, ranked, before, rule)
    given = assign(
        [
            Subject(
                one.place.key, county_path(one.place.region_path), rule.weight(one.form),
                before[one.place.key].commissioner_id if one.place.key in before else None,
            )
            for one in formed
        ],
        [Officer(one.pk, one.region_path) for one in in_office()],
    )  # fmt: skip
    kept = {one.place.key for one in formed}
    return Plan(
        [_charge(one, before.get(one.place.key), given[one.place.key], rule) for one in formed],
        [_gone(old, ranked.get(key)) for key, old in before.items() if key not in kept],
    )


def _formed(
    chosen: list[Place], ranked: Mapping[str, Place], before: Mapping[str, Charge], rule: Rule
) -> list[Formed]:
    """What is chosen, and what has left the lists with findings open, each with its form."""
    unsettled, late = _unsettled()
    listed, keys = assessment.listed_towns(), {one.key for one in chosen}
    held = [
        ranked.get(key) or Place(Kind(old.kind), old.region_path, old.position, old.measure, old.partner_id)
        for key, old in before.items()
        if key not in keys and key in unsettled
    ]
    made = []
    for one in (*chosen, *held):
        in_list, known = one.key in keys, one.key in before
        change = Change.HELD if not in_list else Change.STAYS if known else Change.NEW
        reasons = {
            "listed": one.kind == Kind.TOWN and one.region_path in listed,
            "worst": in_list and one.position <= rule.worst,
            "overdue": one.key in late,
        }
        strict = [code for code, holds in reasons.items() if holds]
        form = SupervisionForm.REMINDER if change == Change.NEW else SupervisionForm.OVERSIGHT
        made.append(Formed(one, change, SupervisionForm.KEY if strict else form, strict or [change.value]))
    return made


def _charge(one: Formed, old: Charge | None, its: Given, rule: Rule) -> Charge:
    place = one.place
    return Charge(
        kind=place.kind, region_path=place.region_path, partner_id=place.partner_id, position=place.position,
        position_before=old.position if old else place.position_before, measure=place.measure,
        change=one.change, form=one.form, form_why=one.why, commissioner_id=its.officer, why=list(its.why),
        wanted=rule.visits(one.form),
    )  # fmt: skip


def _before() -> dict[str, Charge]:
    """What is supervised now, by key."""
    now = Round.objects.filter(state=RoundState.CONFIRMED).first()
    found = now.charges.all() if now else ()
    return {key_of(one.kind, one.region_path, one.partner_id): one for one in found}


def _towns(ranking: Any) -> Iterator[Place]:
    lines = ranking.lines.order_by("rank", "points", "region_path")
    for position, line in enumerate(lines, start=1):
        yield Place(Kind.TOWN, line.region_path, position, line.points, None, line.rank_before)


def _enterprises() -> Iterator[Place]:
    """By staff: the latest figure, else what outreach knows; those of whom nothing is known are left out."""
    latest = dict(StaffFigure.objects.order_by("as_of", "pk").values_list("partner_id", "staff"))
    known = [(latest.get(one.pk, one.people), one) for one in outreach.enterprises()]
    known = sorted((pair for pair in known if pair[0]), key=lambda pair: (-pair[0], pair[1].name, pair[1].pk))
    for position, (staff, one) in enumerate(known, start=1):
        yield Place(Kind.ENTERPRISE, one.region_path, position, staff, one.pk)


def _unsettled() -> tuple[set[str], set[str]]:
    """Keys of what has findings with a deadline, and of what let one pass."""
    today, found, late = timezone.localdate(), set(), set()
    rows = Shortcoming.objects.filter(state__in=UNSETTLED)
    for kind, path, partner, due in rows.values_list(
        "charge__kind", "region_path", "charge__partner", "due_on"
    ):
        found.add(key_of(kind, path, partner))
        if due < today:
            late.add(key_of(kind, path, partner))
    return found, late


def _gone(old: Charge, now: Place | None) -> Departure:
    return Departure(
        kind=old.kind, region_path=old.region_path, partner_id=old.partner_id, position_before=old.position,
        position=now.position if now else None, commissioner_id=old.commissioner_id,
    )  # fmt: skip
