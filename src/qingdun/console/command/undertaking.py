"""Provisions and undertakings: the actor first, one transaction, one audit row.

Who sets an undertaking stands above whoever does it, and accepts it; who has reported it does not accept it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.command import queries
from qingdun.console.command.actions import above, require_above
from qingdun.console.command.codes import StepKind
from qingdun.console.command.models import Provision, Step, Undertaking
from qingdun.console.command.moves import MOVES
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.moving import check
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import covers, out_of_reach, require_covers
from qingdun.console.outreach import queries as outreach
from qingdun.errors import IllegalMove, InputError, NotPermitted

ACCEPT_WITHIN = dt.timedelta(days=7)
"""How long whoever stands above has for a word [D]."""


def require_city(actor: User) -> None:
    """Nothing happens if the actor works on command for the whole city. Errors: NotPermitted."""
    require(actor, Permission.WORK_COMMAND)
    if actor.region is None or actor.region.level != Region.Level.CITY:
        raise NotPermitted(_("Provisions are the city’s to write."))


@dataclass(frozen=True, slots=True)
class ProvisionForm:
    """A provision as it is entered."""

    number: int
    title: str
    demand: str
    system: str
    lead: str = ""


@transaction.atomic
def write_provision(actor: User, form: ProvisionForm) -> Provision:
    """The provision stands from today on; one of the same number is ended by it, and what was undertaken for
    that one stays with it.

    Errors: NotPermitted, InputError (no number).
    """
    require_city(actor)
    if not 1 <= form.number <= 99:
        raise InputError(_("Expected a number from 1 to 99."))
    today = timezone.localdate()
    old = Provision.objects.select_for_update().filter(
        region_path=actor.region_path, number=form.number, ended_on=None
    )
    before = old.values_list("title", flat=True).first()
    old.update(ended_on=today)
    made = Provision.objects.create(
        number=form.number, title=form.title, demand=form.demand, system=form.system, lead=form.lead,
        region_path=actor.region_path, since=today, by=actor,
    )  # fmt: skip
    record(actor, "write_provision", made, {"title": before} if before else None, {"title": made.title})
    return made


def drafted() -> list[ProvisionForm]:
    """The sixteen provisions that ship as a draft, drawn from what the city has published."""
    raw = json.loads(resources.files(__package__).joinpath("provisions.json").read_text("utf-8"))
    return [ProvisionForm(**one) for one in raw["provisions"]]


@transaction.atomic
def take_drafted(actor: User) -> int:
    """The sixteen drafted provisions stand; how many. Errors: NotPermitted, IllegalMove (some stand)."""
    require_city(actor)
    if queries.provisions(actor).exists():
        raise IllegalMove(_("Provisions stand already."))
    return len([write_provision(actor, one) for one in drafted()])


@dataclass(frozen=True, slots=True)
class UndertakingForm:
    """What is to be done for a provision, by whom, until when."""

    provision: int
    title: str
    goal: str
    due_on: dt.date
    units: Sequence[int] = ()
    paths: Sequence[str] = ()


@transaction.atomic
def set_undertakings(actor: User, form: UndertakingForm) -> list[Undertaking]:
    """Every unit and place named has the undertaking; those that have it already keep it as it is.

    Errors: NotPermitted (a unit or place that is not below the actor's), InputError (nobody named, a day that
    is over).
    """
    require(actor, Permission.WORK_COMMAND)
    provision = queries.provisions(actor).filter(pk=form.provision).first()
    if provision is None:
        raise out_of_reach()
    if form.due_on < timezone.localdate():
        raise InputError(_("The deadline lies in the past."))
    if not form.units and not form.paths:
        raise InputError(_("Name at least one unit or place."))
    units = {one.pk: one for one in outreach.units(actor).filter(pk__in=form.units)}
    if len(units) < len(set(form.units)):
        raise out_of_reach()
    for path in form.paths:
        require_above(actor, path)
    to: list[dict[str, Any]] = [{"unit": one, "region_path": one.region_path} for one in units.values()]
    to += [{"unit": None, "region_path": path} for path in dict.fromkeys(form.paths)]
    made, now = [], timezone.now()
    for whose in to:
        one, fresh = Undertaking.objects.get_or_create(
            provision=provision, title=form.title, **whose,
            defaults={"goal": form.goal, "due_on": form.due_on, "set_by": actor, "set_at": now},
        )  # fmt: skip
        if fresh:
            made.append(one)
            _step(one, actor, StepKind.SET, form.goal)
            record(actor, "set_undertaking", one, None, {"title": one.title, "due_at": f"{one.due_on}"})
    return made


@transaction.atomic
def report(actor: User, undertaking_id: int, share: int, text: str, done: bool = False) -> Undertaking:
    """What was reached is on record; reported as done, it waits to be accepted.

    Errors: NotPermitted, IllegalMove, InputError (nothing said, more than 100).
    """
    require(actor, Permission.REPORT_COMMAND)
    one = _locked(actor, undertaking_id)
    move = check(MOVES, "report_done" if done else "report_progress", one.state)
    if not 0 <= share <= 100:
        raise InputError(_("Expected a share from 0 to 100."))
    before = _face(one)
    one.share = 100 if done else share
    one.state = move.target
    if done:
        one.reported_by, one.reported_at = actor, timezone.now()
        one.accept_due_on = timezone.localdate() + ACCEPT_WITHIN
    one.save()
    _step(one, actor, StepKind.DONE if done else StepKind.PROGRESS, _said(text), one.share)
    record(actor, move.verb, one, before, _face(one))
    return one


@transaction.atomic
def accept(actor: User, undertaking_id: int, text: str = "") -> Undertaking:
    """The undertaking is done with. Errors: NotPermitted, IllegalMove (not reported, or by the actor)."""
    one = _from_above(actor, undertaking_id)
    move = check(MOVES, "accept_undertaking", one.state)
    if one.reported_by_id == actor.pk:
        raise IllegalMove(_("You have reported it; somebody else accepts it."))
    before = _face(one)
    one.state, one.accepted_by, one.accepted_at = move.target, actor, timezone.now()
    return _moved(actor, one, move.verb, before, StepKind.ACCEPTED, text.strip()[:1000])


@transaction.atomic
def send_back(actor: User, undertaking_id: int, text: str) -> Undertaking:
    """The undertaking is under way again, for a reason. Errors: NotPermitted, IllegalMove, InputError."""
    one = _from_above(actor, undertaking_id)
    move = check(MOVES, "return_undertaking", one.state)
    before = _face(one)
    one.state, one.accept_due_on, one.returns = move.target, None, one.returns + 1
    return _moved(actor, one, move.verb, before, StepKind.RETURNED, _said(text))


@transaction.atomic
def postpone(actor: User, undertaking_id: int, due_on: dt.date, text: str) -> Undertaking:
    """The undertaking is due on another day, for a reason. Errors: NotPermitted, IllegalMove, InputError."""
    one = _from_above(actor, undertaking_id)
    move = check(MOVES, "postpone_undertaking", one.state)
    if due_on < timezone.localdate():
        raise InputError(_("The deadline lies in the past."))
    before = _face(one)
    one.due_on = due_on
    return _moved(
        actor, one, move.verb, before, StepKind.POSTPONED, f"{before['due_at']} → {due_on}：{_said(text)}"
    )


@transaction.atomic
def withdraw(actor: User, undertaking_id: int, text: str) -> Undertaking:
    """Nobody has to do it any more, for a reason. Errors: NotPermitted, IllegalMove, InputError."""
    one = _from_above(actor, undertaking_id)
    move = check(MOVES, "withdraw_undertaking", one.state)
    before = _face(one)
    one.state = move.target
    return _moved(actor, one, move.verb, before, StepKind.WITHDRAWN, _said(text))


def may_judge(actor: User, one: Undertaking) -> bool:
    """Whether the actor stands above whoever does it: above the place, or over the unit's own region."""
    return covers(actor, one.region_path) if one.unit_id else above(actor, one.region_path)


def _moved(
    actor: User, one: Undertaking, verb: str, before: dict[str, Any], kind: StepKind, text: str
) -> Undertaking:
    one.save()
    _step(one, actor, kind, text)
    record(actor, verb, one, before, _face(one))
    return one


def _locked(actor: User, undertaking_id: int) -> Undertaking:
    seen = queries.undertaking(actor, undertaking_id)
    require_covers(actor, seen.region_path)
    return Undertaking.objects.select_for_update(no_key=True).get(pk=undertaking_id)


def _from_above(actor: User, undertaking_id: int) -> Undertaking:
    require(actor, Permission.WORK_COMMAND)
    if not may_judge(actor, queries.undertaking(actor, undertaking_id)):
        raise NotPermitted(_("This is kept by whoever stands above the place."))
    return Undertaking.objects.select_for_update(no_key=True).get(pk=undertaking_id)


def _face(one: Undertaking) -> dict[str, Any]:
    return {"state": one.state, "share": one.share, "due_at": f"{one.due_on}"}


def _step(one: Undertaking, actor: User, kind: StepKind, text: str, share: int | None = None) -> None:
    Step.objects.create(undertaking=one, kind=kind, text=text, share=share, by=actor, at=timezone.now())


def _said(text: str) -> str:
    found = text.strip()
    if not found:
        raise InputError(_("Say it in a few words."))
    if len(found) > 2000:
        raise InputError(_("At most %(most)d characters.") % {"most": 2000})
    return found
