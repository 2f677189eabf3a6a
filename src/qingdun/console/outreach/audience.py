"""Who needs a message: the people, how many they are, and whom of them one would reach.

Ethnicity, religion and where a household is from are nobody's reason to be here (docs/field.md §10).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Substr
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.models import Person, PersonNumber, Region, User
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import residents
from qingdun.console.outreach import queries
from qingdun.console.outreach.codes import Arm, AudienceKind
from qingdun.console.outreach.models import HitGroup, Recipient
from qingdun.console.outreach.places import county_of
from qingdun.console.sms.queries import Reach, reach
from qingdun.reach.effect import least_fall
from qingdun.reach.proportions import wilson

NEW_FOR = dt.timedelta(days=90)
"""How long a number counts as new."""
BANDS: dict[str, tuple[int, int]] = {
    "0-17": (0, 17), "18-29": (18, 29), "30-44": (30, 44), "45-59": (45, 59), "60-": (60, 130),
}  # fmt: skip
LEAST_HITS = 3
"""Fewer alerts say nothing of a group."""
MOST_GROUPS = 4
HIT_DAYS = 180
"""For so long back alerts are counted by groups."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people: why, at which places (codes; none: all that the viewer sees), hit by what."""

    kind: str
    places: tuple[str, ...] = ()
    scam_type: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Residents of an age, a sex, floating or not, and how many of them had an alert of the scam type."""

    band: str
    sex: str
    floating: bool
    hit: int
    residents: int

    @property
    def share(self) -> float:
        """Hit of a hundred residents."""
        return 100 * self.hit / self.residents if self.residents else 0.0


@dataclass(frozen=True, slots=True)
class Size:
    """How many people an audience has, whom a message reaches now, and why the others are left out."""

    reach: Reach
    elsewhere: int
    """Held out of another mailing that is still being read."""
    reachable: QuerySet[Person]
    left: int
    places: list[tuple[str, int]] = field(default_factory=list)
    """Those a message reaches, by code of the county."""
    groups: list[Group] = field(default_factory=list)
    hit_share: float | None = None
    """Alerts a resident of these within 180 days, as far as groups are counted; None if none is."""

    def told_from_chance(self, held_percent: int, weeks: int) -> Power:
        """What a mailing to them could show with that share held out and that many weeks."""
        held = round(self.left * held_percent / 100)
        base = (self.hit_share or 0.0) * 7 * weeks / HIT_DAYS
        return Power(held_percent, held, base, least_fall(min(base, 1.0), self.left - held, held))


class Power(NamedTuple):
    """With so many held out, the smallest fall of the share alerted that would be told from chance."""

    percent: int
    held: int
    base: float
    """The share to be expected of those held out."""
    fall: float | None
    """None: none would."""


def size(viewer: User, wanted: Wanted) -> Size:
    """The audience in numbers. Errors: NotPermitted."""
    require(viewer, Permission.WORK_OUTREACH)
    found = reach(viewer, people(viewer, wanted))
    held = held_now().filter(person_id=OuterRef("pk"))
    left = found.reachable.exclude(Exists(held))
    depth = max((len(one.path) for one in Region.objects.filter(level=Region.Level.COUNTY)), default=1)
    by = left.order_by().annotate(place=Substr("region_path", 1, depth)).values_list("place")
    counted: Counter[str] = Counter()
    for path, count in by.annotate(count=Count("pk")):
        counted[county_of(path)] += count
    total = sum(counted.values())
    held_out = found.people - found.no_number - found.opted_out - found.too_soon - total
    hit = groups(viewer, wanted) if wanted.kind == AudienceKind.HIT_GROUPS else []
    return Size(found, held_out, left, total, sorted(counted.items()), hit, _hit_share(viewer, wanted, hit))


def held_now() -> QuerySet[Recipient]:
    """Whoever is held out of a mailing whose weeks are not over."""
    return Recipient.objects.filter(arm=Arm.HELD, mailing__ends_at__gt=timezone.now())


def people(viewer: User, wanted: Wanted) -> QuerySet[Person]:
    """Everybody of the audience whom the viewer's region holds, reachable or not."""
    require(viewer, Permission.WORK_OUTREACH)
    found = residents(viewer, Person.objects.all())
    if wanted.places:
        here = Q(pk__in=())
        for place in regions(viewer).filter(code__in=wanted.places):
            here |= Q(region_path__startswith=place.path)
        found = found.filter(here)
    if wanted.kind == AudienceKind.FLOATING:
        return found.filter(floating=True)
    if wanted.kind == AudienceKind.NEW_NUMBER:
        held = PersonNumber.objects.filter(person=OuterRef("pk"), activated_on__gte=_new_since(found))
        return found.filter(Exists(held))
    among = Q(pk__in=())
    for group in groups(viewer, wanted):
        least, most = BANDS[group.band]
        year = timezone.localdate().year
        among |= Q(
            birth_year__gte=year - most, birth_year__lte=year - least, sex=group.sex, floating=group.floating
        )
    return found.filter(among)


def groups(viewer: User, wanted: Wanted) -> list[Group]:
    """The groups that the scam type hits harder than the rest, at most four, the surest first."""
    require(viewer, Permission.WORK_OUTREACH)
    hit: Counter[tuple[str, str, bool]] = Counter()
    whole: Counter[tuple[str, str, bool]] = Counter()
    for row in _counted_there(viewer, wanted):
        key = (row.band, row.sex, row.floating)
        if row.scam_type == wanted.scam_type:
            hit[key] += row.hit
        if not row.scam_type:
            whole[key] += row.residents
    everybody = sum(whole.values())
    mean = sum(hit.values()) / everybody if everybody else 0.0
    found = [Group(*key, count, whole[key]) for key, count in hit.items()]
    above = [one for one in found if one.hit >= LEAST_HITS and one.share > 100 * mean]
    return sorted(above, key=_surest)[:MOST_GROUPS]


def _counted_there(viewer: User, wanted: Wanted) -> Iterator[HitGroup]:
    """Counted groups of the counties in which the places lie, or which lie in them."""
    paths = [one.path for one in regions(viewer).filter(code__in=wanted.places)]
    for row in queries.hit_groups(viewer):
        its = row.region_path
        if not paths or any(one.startswith(its) or its.startswith(one) for one in paths):
            yield row


def _hit_share(viewer: User, wanted: Wanted, hit: Sequence[Group]) -> float | None:
    """Alerts of any type within 180 days over residents, of the groups the audience is made of."""
    chosen = {(one.band, one.sex, one.floating) for one in hit}
    alerts = people = 0
    for row in _counted_there(viewer, wanted):
        if wanted.kind == AudienceKind.FLOATING and not row.floating:
            continue
        if chosen and (row.band, row.sex, row.floating) not in chosen:
            continue
        alerts += row.hit
        people += 0 if row.scam_type else row.residents
    return alerts / people if people else None


def place_choices(viewer: User) -> Sequence[Region]:
    """The counties the viewer sees; in a county its towns."""
    counties = list(regions(viewer, Region.Level.COUNTY))
    return counties if len(counties) > 1 else list(regions(viewer, Region.Level.TOWN))


def band_of(birth_year: int, today: dt.date) -> str:
    """The band of who was born in that year."""
    age = today.year - birth_year
    return next((code for code, (least, most) in BANDS.items() if least <= age <= most), "60-")


def group_word(group: Group) -> str:
    """The group in words."""
    least, most = BANDS[group.band]
    ages = _("%(least)d and older") % {"least": least} if most > 120 else f"{least}–{most}"
    sex = _("women") if group.sex == "f" else _("men")
    where = _("floating") if group.floating else _("settled")
    return f"{sex} · {ages} · {where}"


def _surest(group: Group) -> tuple[float, str]:
    interval = wilson(group.hit, group.residents) if group.residents >= group.hit else None
    return (-interval.low if interval else 0.0, f"{group.band}{group.sex}{group.floating}")


def _new_since(found: QuerySet[Person]) -> dt.date:
    """From which day on a number is new: counted from the last one the register knows, which may lag."""
    today = timezone.localdate()
    last = PersonNumber.objects.filter(person__in=found).aggregate(last=Max("activated_on"))["last"]
    return min(today, last or today) - NEW_FOR
