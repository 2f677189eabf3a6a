"""What is entered about registrations: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.outreach import queries
from qingdun.console.outreach.codes import Count, WonAt
from qingdun.console.outreach.models import AppCount, Grid, ProvinceRank, Target


@dataclass(frozen=True, slots=True)
class CountForm:
    """What was new on a day at a place; a grid, if it is known, is finer than the place."""

    day: dt.date
    region: str
    won_at: str
    installed: int
    real_name: int
    warning_on: int
    grid: str = ""


@dataclass(frozen=True, slots=True)
class TargetForm:
    """How many are to be reached by a day: a count, or hundredths of the residents."""

    region: str
    count: str
    due_on: dt.date
    goal: int = 0
    percent: int = 0


@dataclass(frozen=True, slots=True)
class RankForm:
    """Where the city stands in the province."""

    day: dt.date
    count: str
    rank: int
    of: int
    source: str


@dataclass(frozen=True, slots=True)
class GridForm:
    """A grid of a village, the village by code or name."""

    code: str
    name: str
    village: str
    doors: int = 0
    residents: int = 0


@transaction.atomic
def enter_count(actor: User, form: CountForm) -> AppCount:
    """The day's registrations stand; the same day, place, grid and way entered again replaces them.

    Real names and warnings may come on later days than the registration, so none bounds the other.
    Errors: NotPermitted, FieldFaults (a place or grid not theirs, a day to come).
    """
    require(actor, Permission.WORK_OUTREACH)
    _past(form.day, "day")
    if form.won_at not in WonAt.values:
        raise FieldFaults({"won_at": _("This is needed.")})
    grid = queries.grids(actor).filter(code=form.grid).first() if form.grid else None
    if form.grid and grid is None:
        raise FieldFaults({"grid": _("Expected a grid of your region, by its code.")})
    path = grid.region_path if grid else place_named(actor, form.region).path
    key = count_key(form.day, path, grid, form.won_at)
    known = AppCount.objects.select_for_update().filter(key=key).first()
    values = {
        "installed": form.installed, "real_name": form.real_name, "warning_on": form.warning_on,
        "by": actor, "at": timezone.now(),
    }  # fmt: skip
    fixed = {"day": form.day, "region_path": path, "grid": grid, "won_at": form.won_at}
    made, _fresh = AppCount.objects.update_or_create(key=key, defaults=values, create_defaults=fixed | values)
    record(actor, "enter_app_count", made, _count_face(known), _count_face(made))
    return made


@transaction.atomic
def set_target(actor: User, form: TargetForm) -> Target:
    """The place has that target for the day, in place of one it had. Errors: NotPermitted, FieldFaults."""
    require(actor, Permission.WORK_OUTREACH)
    place = place_named(actor, form.region)
    goal = goal_of(form, place.population)
    key: dict[str, Any] = {"region_path": place.path, "count": form.count, "due_on": form.due_on}
    known = Target.objects.select_for_update().filter(**key).first()
    made, _fresh = Target.objects.update_or_create(
        **key, defaults={"goal": goal, "by": actor, "at": timezone.now()}
    )
    before = {"goal": known.goal} if known else None
    record(actor, "set_target", made, before, {"goal": goal, "kind": form.count, "due_at": form.due_on})
    return made


@transaction.atomic
def drop_target(actor: User, target_id: int, reason: str) -> None:
    """The target no longer holds. Errors: NotPermitted, InputError (no reason)."""
    require(actor, Permission.WORK_OUTREACH)
    target = queries.targets(actor).filter(pk=target_id).first()
    if target is None:
        raise out_of_reach()
    record(actor, "drop_target", target, {"goal": target.goal, "kind": target.count}, None, stated(reason))
    target.delete()


@transaction.atomic
def enter_rank(actor: User, form: RankForm) -> ProvinceRank:
    """The city's rank of that day stands, as the province said it. Errors: NotPermitted, FieldFaults."""
    require(actor, Permission.WORK_OUTREACH)
    if actor.region is None or actor.region.level != Region.Level.CITY:
        raise FieldFaults({"rank": _("The city alone is ranked in the province.")})
    check_rank(form)
    key: dict[str, Any] = {"region_path": actor.region.path, "count": form.count, "day": form.day}
    known = ProvinceRank.objects.select_for_update().filter(**key).first()
    values = {"rank": form.rank, "of": form.of, "source": form.source, "by": actor, "at": timezone.now()}
    made, _fresh = ProvinceRank.objects.update_or_create(**key, defaults=values)
    before = {"rank": known.rank} if known else None
    record(actor, "enter_province_rank", made, before, {"rank": made.rank, "kind": made.count})
    return made


@transaction.atomic
def add_grid(actor: User, form: GridForm) -> Grid:
    """The village has that grid. Errors: NotPermitted, FieldFaults (no such village, a code that is used)."""
    require(actor, Permission.WORK_OUTREACH)
    villages = regions(actor, Region.Level.VILLAGE)
    named = villages.filter(name=form.village)[:2]
    village = villages.filter(code=form.village).first() or (named[0] if len(named) == 1 else None)
    if village is None:
        raise FieldFaults(
            {"village": _("Expected a village of your region, by code or by a name of its own.")}
        )
    if Grid.objects.filter(code=form.code).exists():
        raise FieldFaults({"code": _("There is a grid of this code already.")})
    made = Grid.objects.create(
        code=form.code, name=form.name, region_path=village.path, doors=form.doors, residents=form.residents
    )
    record(actor, "add_grid", made, None, {"name": made.name, "count": made.doors})
    return made


def goal_of(form: TargetForm, population: int) -> int:
    """How many the target asks for where so many live. Errors: FieldFaults."""
    if form.count not in Count.values:
        raise FieldFaults({"count": _("This is needed.")})
    if form.due_on <= timezone.localdate():
        raise FieldFaults({"due_on": _("A target lies ahead.")})
    if bool(form.goal) == bool(form.percent):
        raise FieldFaults({"goal": _("Say how many, or how many of a hundred residents: one of the two.")})
    if form.percent > 100:
        raise FieldFaults({"percent": _("At most 100.")})
    goal = form.goal or -(-population * form.percent // 100)
    if goal <= 0:
        raise FieldFaults({"percent": _("Nobody is known to live there.")})
    return goal


def check_rank(form: RankForm) -> None:
    """Nothing happens if there can be such a rank. Errors: FieldFaults."""
    _past(form.day, "day")
    if not 1 <= form.rank <= form.of:
        raise FieldFaults({"rank": _("Expected a rank from 1 to the number of cities.")})
    if form.of > 400:
        raise FieldFaults({"of": _("At most 400.")})


def count_key(day: dt.date, path: str, grid: Grid | None, won_at: str) -> str:
    """What makes a day's registrations one row."""
    where = f"g{grid.pk}" if grid else path.rstrip("/").rsplit("/", 1)[-1]
    return f"{day}:{where}:{won_at}"


def place_named(actor: User, text: str) -> Region:
    """The place of the actor's region named by code, or by a name that only one of them has; empty: their
    own. Errors: FieldFaults.
    """
    if not text and actor.region is not None:
        return actor.region
    found = regions(actor)
    named = list(found.filter(name=text)[:2])
    place = found.filter(code=text).first() or (named[0] if len(named) == 1 else None)
    if place is None:
        raise FieldFaults({"region": _("Expected a place of your region, by name or code.")})
    return place


def _past(day: dt.date, name: str) -> None:
    if day > timezone.localdate():
        raise FieldFaults({name: _("This day lies in the future.")})


def _count_face(row: AppCount | None) -> dict[str, object] | None:
    if row is None:
        return None
    return {"day": row.day, "installed": row.installed, "real_name": row.real_name,
            "warning_on": row.warning_on, "way": row.won_at}  # fmt: skip
