"""How networks enforce the lists, as the planes of interception tell it: where each stands, what they met by
hour, entry and reason, and what the week has cost. Lists are the whole city's, and so is this.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.industry import queries as industry
from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.lists import changes
from qingdun.console.lists.codes import NETWORKED, ListName
from qingdun.console.lists.models import Change, Entry, EntryEvidence, Plane, Sighting
from qingdun.console.lists.moves import State
from qingdun.contract.codes import scam_types

NAMES: dict[str, str | Promise] = {
    "sites": _("Sites"),
    "messages": pgettext_lazy("plane", "Messages"),
    "calls": pgettext_lazy("plane", "Calls"),
    "look-ups": _("Look-ups"),
}
"""Every plane there is; `qingdun intercept NAME` starts it."""
SILENT_AFTER = dt.timedelta(minutes=1)
"""A plane tells how it stands every five seconds; one that has not for so long [D] has stopped or hangs."""
WINDOWS = (24, 168)
"""Hours that the page looks back, the usual first."""
HOUR = dt.timedelta(hours=1)
MOST_REASONS = 8


@dataclass(frozen=True, slots=True)
class Ask:
    """What of the sightings is asked for; every field is a parameter of the address."""

    hours: int = WINDOWS[0]
    plane: str = ""
    at: str = ""
    """One hour, as `2026-11-29T03`, UTC; empty: all of the window."""
    what: str = ""
    """`observed` or `blocked`; empty: both."""
    type: str = ""
    """A scam type, `-` for none."""
    detector: str = ""
    """One the entry's evidence comes from, `-` for none."""
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> Ask:
        """The parameters of an address; what is not known falls back to the default."""
        got = {name: query.get(name, "") for name in ("plane", "at", "what", "type", "detector")}
        hours, page = whole(query.get("hours", "")), whole(query.get("page", ""))
        return cls(
            hours=hours if hours in WINDOWS else WINDOWS[0],
            plane=got["plane"] if got["plane"] in NAMES else "",
            at=got["at"] if _hour(got["at"]) else "",
            what=got["what"] if got["what"] in ("observed", "blocked") else "",
            type=got["type"] if got["type"] in ("-", *scam_types().names) else "",
            detector=got["detector"][:40],
            page=page if page and 0 < page < 10_000 else 1,
        )

    def query(self, **changed: Any) -> str:
        """The query string of this with other values."""
        other, usual = replace(self, page=1, **changed), Ask()
        values = {name: getattr(other, name) for name in self.__slots__}
        return urlencode({name: value for name, value in values.items() if value != getattr(usual, name)})

    def begin(self, now: dt.datetime) -> dt.datetime:
        """The first hour of the window, which ends with the hour of now."""
        return now.replace(minute=0, second=0, microsecond=0) - (self.hours - 1) * HOUR


class Standing(NamedTuple):
    """A plane, and how it compares with the lists."""

    name: str
    word: str | Promise
    told: Plane | None
    """None: it has never run for this console."""
    behind: int
    """Changes of the lists that it does not hold yet."""
    behind_for: dt.timedelta
    """Since when the oldest of them stands on the lists."""
    silent_for: dt.timedelta
    observed: int
    """Within the window, as the next."""
    blocked: int

    @property
    def state(self) -> str:
        """The worst that is true of it: `never`, `silent`, `stopped`, `open`, `behind`, or `follows`."""
        if self.told is None:
            return "never"
        if self.silent_for > SILENT_AFTER:
            return "silent"
        if self.told.stopped_at is not None:
            return "stopped"
        if self.told.figures.get("breaker", "closed") != "closed":
            return "open"
        return "behind" if self.behind_for > SILENT_AFTER else "follows"


class Hour(NamedTuple):
    """What was met in an hour."""

    at: dt.datetime
    observed: int
    blocked: int

    @property
    def key(self) -> str:
        """The hour as an address names it."""
        return f"{self.at.astimezone(dt.UTC):%Y-%m-%dT%H}"


class Reason(NamedTuple):
    """A scam type or a detector, and what was met for it; `-` for none."""

    code: str
    observed: int
    blocked: int


class Week(NamedTuple):
    """What has been let go since Monday, against what a week may cost."""

    monday: dt.date
    spent: int
    """False blocks: `restrictions` of the industry that proved wrong, and `wrong` entries."""
    most: int
    restrictions: int
    wrong: int
    """Entries reversed after they were enforced."""
    released: int
    """Entries reversed, of those that networks look for."""


class Modes(NamedTuple):
    """Entries in force that networks look for."""

    observed: int
    enforced: int


def standing(viewer: User, ask: Ask) -> list[Standing]:
    """Every plane, whether or not it has ever run."""
    require(viewer, Permission.SEE_PERSONS)
    now, head = timezone.now(), changes.head()
    told = {one.plane: one for one in Plane.objects.all()}
    sums = _sums(_sightings(replace(ask, plane="")), "plane")
    return [_standing(name, told.get(name), head, now, *sums.get(name, (0, 0))) for name in NAMES]


def _standing(
    name: str, told: Plane | None, head: int, now: dt.datetime, observed: int, blocked: int
) -> Standing:
    nothing = dt.timedelta()
    if told is None:
        return Standing(name, NAMES[name], None, head, nothing, nothing, observed, blocked)
    behind = max(0, head - (told.serial or 0))
    missed = Change.objects.filter(serial__gt=told.serial or 0).order_by("serial").first() if behind else None
    return Standing(
        name, NAMES[name], told, behind, now - missed.at if missed else nothing,
        max(now - told.at, nothing), observed, blocked,
    )  # fmt: skip


def missing(viewer: User, plane: str) -> QuerySet[Change]:
    """The changes of the lists that the plane does not hold yet, in their order; without a plane every
    change, the latest first.
    """
    require(viewer, Permission.SEE_PERSONS)
    found = Change.objects.select_related("entry")
    if not plane:
        return found.order_by("-serial")
    told = Plane.objects.filter(plane=plane).first()
    return found.filter(serial__gt=(told.serial if told else None) or 0).order_by("serial")


def hours(viewer: User, ask: Ask) -> list[Hour]:
    """Every hour of the window, the oldest first, with what was met in it."""
    require(viewer, Permission.SEE_PERSONS)
    found = _sums(_sightings(ask), "hour_at")
    begin = ask.begin(timezone.now())
    return [Hour(at, *found.get(at, (0, 0))) for at in (begin + n * HOUR for n in range(ask.hours))]


def met(viewer: User, ask: Ask) -> QuerySet[Entry]:
    """Entries that were met, the most often first, each with what is asked for as `observed`, `blocked`."""
    require(viewer, Permission.SEE_PERSONS)
    at = _asked_for(ask, "sightings__")
    found = Entry.objects.filter(_about(ask)).annotate(
        observed=Coalesce(Sum("sightings__observed", filter=at), 0),
        blocked=Coalesce(Sum("sightings__blocked", filter=at), 0),
    )
    if ask.what:
        found = found.filter(**{f"{ask.what}__gt": 0}).order_by(f"-{ask.what}", "-pk")
    else:
        both = F("observed") + F("blocked")
        found = found.annotate(both=both).filter(both__gt=0).order_by("-both", "-pk")
    return found.select_related("owner")


def by_type(viewer: User, ask: Ask) -> list[Reason]:
    """What was met by the scam types of the entries, the most first."""
    require(viewer, Permission.SEE_PERSONS)
    found = _sums(_sightings(ask), "entry__scam_type")
    return _most(Reason(code or "-", *counts) for code, counts in found.items())


def by_detector(viewer: User, ask: Ask) -> list[Reason]:
    """What was met by the detectors that the entries rest on, the most first; an entry counts for each of
    its detectors, and for `-` if it rests on a reason alone.
    """
    require(viewer, Permission.SEE_PERSONS)
    counts = _sums(_sightings(ask), "entry")
    said = detectors(viewer, counts)
    sums: dict[str, list[int]] = {}
    for entry, (observed, blocked) in counts.items():
        for detector in said.get(entry, ["-"]):
            total = sums.setdefault(detector, [0, 0])
            total[0] += observed
            total[1] += blocked
    return _most(Reason(code, *total) for code, total in sums.items())


def detectors(viewer: User, entries: Iterable[int]) -> dict[int, list[str]]:
    """The detectors that each of the entries (ids) rests on; those that rest on none are left out."""
    require(viewer, Permission.SEE_PERSONS)
    rows = EntryEvidence.objects.filter(entry__in=list(entries)).exclude(detector="")
    found: dict[int, list[str]] = {}
    for entry, detector in rows.order_by("detector").values_list("entry", "detector").distinct():
        found.setdefault(entry, []).append(detector)
    return found


def modes(viewer: User) -> Modes:
    """How many entries in force are observed, and how many enforced."""
    require(viewer, Permission.SEE_PERSONS)
    stands = Entry.objects.filter(_NETWORKED, state=State.ACTIVE)
    found = stands.aggregate(all=Count("pk"), enforced=Count("enforced_at"))
    return Modes(found["all"] - found["enforced"], found["enforced"])


def week(viewer: User) -> Week:
    """What the week has cost so far."""
    require(viewer, Permission.SEE_PERSONS)
    budget = industry.budget(viewer)
    wrong = released(viewer, wrong=True).count()
    return Week(
        budget.monday, budget.spent + wrong, budget.most, budget.spent, wrong, released(viewer, False).count()
    )


def released(viewer: User, wrong: bool) -> QuerySet[Entry]:
    """Entries that networks looked for and that were reversed since Monday, the latest first; `wrong`: those
    that were enforced by then.
    """
    require(viewer, Permission.SEE_PERSONS)
    begin = midnight(industry.budget(viewer).monday)
    found = Entry.objects.filter(_NETWORKED, state=State.REVERSED, reversed_at__gte=begin)
    if wrong:
        found = found.filter(enforced_at__isnull=False)
    return found.select_related("owner", "reversed_by").order_by("-reversed_at", "-pk")


_NETWORKED = Q(list_name=ListName.BLACK, entity_kind__in=NETWORKED)


def _hour(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%dT%H").replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def _asked_for(ask: Ask, prefix: str = "") -> Q:
    """The sightings of the window, or of the hour, and of the plane."""
    hour = _hour(ask.at)
    at = (
        Q(**{f"{prefix}hour_at": hour}) if hour else Q(**{f"{prefix}hour_at__gte": ask.begin(timezone.now())})
    )
    return at & Q(**{f"{prefix}plane": ask.plane}) if ask.plane else at


def _about(ask: Ask, prefix: str = "") -> Q:
    """The entries of the type and of the detector."""
    found = Q()
    if ask.type:
        found &= Q(**{f"{prefix}scam_type": "" if ask.type == "-" else ask.type})
    if ask.detector:
        said = EntryEvidence.objects.exclude(detector="")
        entry = f"{prefix}pk__in"
        if ask.detector == "-":
            found &= ~Q(**{entry: said.values("entry")})
        else:
            found &= Q(**{entry: said.filter(detector=ask.detector).values("entry")})
    return found


def _sightings(ask: Ask) -> QuerySet[Sighting]:
    found = Sighting.objects.filter(_asked_for(ask) & _about(ask, "entry__"))
    return found.filter(**{f"{ask.what}__gt": 0}) if ask.what else found


def _sums(found: QuerySet[Sighting], by: str) -> dict[Any, tuple[int, int]]:
    """How often was observed and blocked, by that field."""
    rows = found.order_by().values_list(by).annotate(Sum("observed"), Sum("blocked"))
    return {key: (observed, blocked) for key, observed, blocked in rows}


def _most(found: Iterable[Reason]) -> list[Reason]:
    some = [one for one in found if one.observed or one.blocked]
    return sorted(some, key=lambda one: (-one.blocked - one.observed, one.code))[:MOST_REASONS]
