"""How long each step may take: the rules the city has set by level and region, else the defaults.

The nearest region's rule holds (town, county, city, everywhere, `rules.json`); in one region the rule for
urban or rural towns alone holds before the rule for both. A running clock keeps the length it began with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts.codes import Level
from qingdun.console.alerts.models import ClockRule, Task
from qingdun.console.alerts.rules import clock_length_s
from qingdun.console.alerts.states import Timed
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import within
from qingdun.errors import InputError, NotPermitted

LONGEST_S = 366 * 86_400
MANAGE = Permission.DISPATCH_CITY
"""Who sends alerts out for the whole city decides how long everybody has."""
Area = ClockRule.Area


@dataclass(frozen=True, slots=True)
class Length:
    """What holds for one step at one level: seconds (None: no clock), and the rule it comes from, if any."""

    level: str
    clock: str
    area: str
    length_s: int | None
    rule: ClockRule | None

    @property
    def clock_word(self) -> str:
        """The step's name."""
        return str(Timed(self.clock).label)

    @property
    def area_word(self) -> str:
        """The kind of town's name."""
        return str(Area(self.area).label)


def lengths_s(task: Task, clocks: Iterable[str]) -> dict[str, int | None]:
    """Seconds the task has for each of the steps now, None where a step has no clock."""
    return lengths_at(task.level, task.region_path, task.town is not None and bool(task.town.urban), clocks)


def lengths_at(level: str, region_path: str, urban: bool, clocks: Iterable[str]) -> dict[str, int | None]:
    """The same for a level, a place and a kind of town."""
    wanted = list(clocks)
    rules = _rules(level, region_path).filter(clock__in=wanted) if wanted else ()
    return _lengths(rules, level, region_path, urban, wanted)


def _lengths(
    rules: Iterable[ClockRule], level: str, region_path: str, urban: bool, clocks: Iterable[str]
) -> dict[str, int | None]:
    found = _nearest(rules, region_path, urban)
    return {
        clock: found[clock].length_s if clock in found else clock_length_s(level, clock, urban)
        for clock in clocks
    }


class Rules:
    """Every rule of the city, read once, for whoever starts the clocks of many tasks."""

    def __init__(self) -> None:
        self._rules = list(ClockRule.objects.select_related("region"))
        self._lengths = cache(self._asked)

    def lengths_s(self, task: Task, clocks: Iterable[str]) -> dict[str, int | None]:
        """The same as `lengths_s`; whoever is given it changes nothing in it."""
        urban = task.town is not None and bool(task.town.urban)
        return self._lengths(task.level, task.region_path, urban, tuple(clocks))

    def _asked(self, level: str, path: str, urban: bool, clocks: tuple[str, ...]) -> dict[str, int | None]:
        near = {None, *path.split("/")}
        rules = [rule for rule in self._rules if rule.level == level and rule.region_id in near]
        return _lengths(rules, level, path, urban, clocks)

    def span(self, task: Task, timed: Timed) -> dt.timedelta | None:
        """The same as `span`."""
        seconds = self.lengths_s(task, [timed])[timed]
        return None if seconds is None else dt.timedelta(seconds=seconds)


def span(task: Task, timed: Timed) -> dt.timedelta | None:
    """The length of one of the other spans for the task, None if it has none."""
    seconds = lengths_s(task, [timed])[timed]
    return None if seconds is None else dt.timedelta(seconds=seconds)


def table(viewer: User, region_code: str = "") -> list[Length]:
    """What holds in the region (in its towns of both kinds), for every level and step; the city's if none
    is named or it is not the viewer's to see.
    """
    require(viewer, Permission.SEE_ALERTS)
    picked = within(viewer, Region.objects.filter(code=region_code), "path").first() if region_code else None
    path = picked.path if picked else viewer.region_path
    lines = []
    for level in Level.values:
        rules = list(_rules(level, path))
        urban, rural = (_nearest(rules, path, kind) for kind in (True, False))
        for clock in Timed.values:
            in_town, outside = (
                (
                    found.get(clock),
                    found[clock].length_s if clock in found else clock_length_s(level, clock, kind),
                )
                for kind, found in ((True, urban), (False, rural))
            )
            if in_town == outside:
                lines.append(Length(level, clock, Area.BOTH, in_town[1], in_town[0]))
            else:
                lines += [
                    Length(level, clock, area, length, rule)
                    for area, (rule, length) in ((Area.URBAN, in_town), (Area.RURAL, outside))
                ]
    return lines


def own_rules(viewer: User) -> list[ClockRule]:
    """The rules set for everywhere and for the viewer's region and what lies in it or around it."""
    require(viewer, Permission.SEE_ALERTS)
    codes = viewer.region_path.strip("/").split("/")
    near = Q(region=None) | Q(region__in=codes) | Q(region__path__startswith=viewer.region_path)
    found = ClockRule.objects.filter(near) if viewer.region_path else ClockRule.objects.none()
    return list(found.select_related("region", "by").order_by("clock", "level", "region__path", "area"))


@transaction.atomic
def set_rule(
    actor: User, level: str, clock: str, region_code: str, area: str, length_s: int | None, reason: str
) -> ClockRule:
    """The step has that length at the level in the region (empty: everywhere), for clocks that start from
    now on.

    Errors: NotPermitted; InputError for an unknown level, step, area or region, a length of 0 or of more than
    a year, or no reason.
    """
    require(actor, MANAGE)
    for name, value, known in (
        (_("Level"), level, Level.values), (_("Step"), clock, Timed.values),
        (_("Kind of town"), area, Area.values),
    ):  # fmt: skip
        if value not in known:
            raise InputError(
                _("%(name)s: found %(found)s, expected one of %(known)s")
                % {"name": name, "found": repr(value[:20]), "known": ", ".join(known)}
            )
    if length_s is not None and not 0 < length_s <= LONGEST_S:
        raise InputError(
            _("length: found %(found)d s, expected 1 to %(most)d, or nothing for no clock")
            % {"found": length_s, "most": LONGEST_S}
        )
    region = None
    if region_code:
        region = within(actor, Region.objects.filter(code=region_code), "path").first()
        if region is None or region.level == Region.Level.VILLAGE:
            raise InputError(
                _("region: found %(found)s, expected a city, county or town of yours")
                % {"found": repr(region_code[:20])}
            )
    why = stated(reason)
    old = ClockRule.objects.select_for_update().filter(level=level, clock=clock, region=region, area=area)
    before = [_face(rule) for rule in old]
    rule, _fresh = ClockRule.objects.update_or_create(
        level=level, clock=clock, region=region, area=area,
        defaults={"length_s": length_s, "reason": why, "by": actor, "changed_at": timezone.now()},
    )  # fmt: skip
    record(actor, "set_clock_rule", rule, before[0] if before else None, _face(rule), why)
    return rule


@transaction.atomic
def drop_rule(actor: User, rule_id: int, reason: str) -> None:
    """The rule is gone; the next nearest holds for clocks that start from now on.

    Errors: NotPermitted; InputError if it is not there or no reason is given.
    """
    require(actor, MANAGE)
    rule = ClockRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise InputError(_("This clock rule is not there; somebody may have taken it back."))
    if rule.region is not None and not rule.region.path.startswith(actor.region_path or "-"):
        raise NotPermitted(_("This clock rule is not of your region."))
    record(actor, "drop_clock_rule", rule, _face(rule), None, stated(reason))
    rule.delete()


def _face(rule: ClockRule) -> dict[str, object]:
    return {
        "level": rule.level, "clock": rule.clock, "region": rule.region_id or "", "area": rule.area,
        "length_s": rule.length_s,
    }  # fmt: skip


def _rules(level: str, region_path: str) -> models.QuerySet[ClockRule]:
    codes = [code for code in region_path.split("/") if code]
    return ClockRule.objects.filter(Q(region=None) | Q(region__in=codes), level=level).select_related(
        "region"
    )


def _nearest(rules: Iterable[ClockRule], region_path: str, urban: bool) -> dict[str, ClockRule]:
    """By step, the rule that holds for such a town there."""
    depth = {code: place for place, code in enumerate(region_path.strip("/").split("/"), start=1)}
    fitting = (Area.BOTH, Area.URBAN if urban else Area.RURAL)
    nearest: dict[str, ClockRule] = {}
    for rule in sorted(
        (rule for rule in rules if rule.area in fitting),
        key=lambda rule: (depth.get(rule.region_id or "", 0), rule.area != Area.BOTH),
    ):
        nearest[rule.clock] = rule
    return nearest
