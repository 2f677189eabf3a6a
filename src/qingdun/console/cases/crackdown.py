"""Gangs and campaigns: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.cases import moves, queries
from qingdun.console.cases.codes import GangKind, PartRole, Province
from qingdun.console.cases.models import Campaign, Gang, Member, Team, Trip
from qingdun.console.cases.places import placed
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.storing import stand

MOST_OFFICERS = 1000
"""Of one team."""


@dataclass(frozen=True, slots=True)
class GangForm:
    """What is typed about a gang."""

    name: str
    kind: str
    found_on: dt.date
    region: str = ""
    cluster_id: str = ""


@dataclass(frozen=True, slots=True)
class CampaignForm:
    """What is typed about a campaign."""

    name: str
    begins_on: dt.date
    ends_on: dt.date | None = None
    goal: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class TeamForm:
    """What is typed about a team."""

    name: str
    officers: int


@dataclass(frozen=True, slots=True)
class TripForm:
    """What is typed about a journey."""

    team: str
    province: str
    left_on: dt.date
    city: str = ""
    back_on: dt.date | None = None
    result: str = ""


@transaction.atomic
def record_gang(actor: User, form: GangForm) -> Gang:
    """The gang stands, without members yet. Errors: NotPermitted, FieldFaults."""
    require(actor, Permission.WORK_CASES)
    region_path = placed(actor, form.region)
    if form.kind not in GangKind.values:
        raise FieldFaults({"kind": _("This is needed.")})
    taken = {"name": _("There is a gang of this name.")}
    if Gang.objects.filter(region_path=region_path, name=form.name).exists():
        raise FieldFaults(taken)
    gang = Gang(
        name=form.name, kind=form.kind, region_path=region_path, found_on=form.found_on,
        cluster_id=form.cluster_id, by=actor,
    )  # fmt: skip
    stand(gang, taken)
    record(actor, "record_gang", gang, None, {"name": gang.name, "kind": gang.kind})
    return gang


@transaction.atomic
def add_member(actor: User, gang_id: int, person_id: int, role: str) -> Member:
    """The person of a case is of the gang, and the gang of the cases the actor sees them in.

    Errors: NotPermitted, FieldFaults (no role, a member already).
    """
    gang = _gang(actor, gang_id)
    person = queries.person_of_cases(actor, person_id)
    if role not in PartRole.values:
        raise FieldFaults({"role": _("This is needed.")})
    if gang.members.filter(person=person).exists():
        raise FieldFaults({"person": _("This person is a member already.")})
    member = Member.objects.create(gang=gang, person=person, role=role)
    gang.cases.add(*queries.cases(actor).filter(parts__person=person))
    record(actor, "add_member", gang, None, {"person": person.pk, "role": role})
    return member


@transaction.atomic
def move_gang(actor: User, gang_id: int, verb: str, on: dt.date | None = None, note: str = "") -> Gang:
    """The gang has made one move of the table; without a day, today. Errors: NotPermitted, IllegalMove,
    FieldFaults (a day in the future), InputError (no reason).
    """
    gang = _gang(actor, gang_id)
    step = moves.check(moves.GANG_MOVES, verb, gang.state)
    why, before = stated(note) if step.needs_note else "", {"state": gang.state, "on": gang.broken_up_on}
    day = on or timezone.localdate()
    if day > timezone.localdate():
        raise FieldFaults({"on": _("This day lies in the future.")})
    gang.state = step.target
    gang.broken_up_on = day if step.target == moves.GangState.BROKEN_UP else None
    gang.save(update_fields=["state", "broken_up_on"])
    record(actor, verb, gang, before, {"state": gang.state, "on": gang.broken_up_on}, why)
    return gang


@transaction.atomic
def open_campaign(actor: User, form: CampaignForm) -> Campaign:
    """The campaign is planned. Errors: NotPermitted, FieldFaults (it ends before it begins, the name)."""
    require(actor, Permission.WORK_CASES)
    region_path = placed(actor, form.region)
    if form.ends_on is not None and form.ends_on < form.begins_on:
        raise FieldFaults({"ends_on": _("It cannot end before it begins.")})
    taken = {"name": _("There is a campaign of this name.")}
    if Campaign.objects.filter(region_path=region_path, name=form.name).exists():
        raise FieldFaults(taken)
    made = Campaign(
        name=form.name, region_path=region_path, begins_on=form.begins_on, ends_on=form.ends_on,
        goal=form.goal, by=actor,
    )  # fmt: skip
    stand(made, taken)
    record(actor, "open_campaign", made, None, {"name": made.name, "begins_on": made.begins_on})
    return made


@transaction.atomic
def move_campaign(actor: User, campaign_id: int, verb: str) -> Campaign:
    """The campaign has made one move of the table. Errors: NotPermitted, IllegalMove."""
    found = _campaign(actor, campaign_id)
    step, before = moves.check(moves.CAMPAIGN_MOVES, verb, found.state), {"state": found.state}
    found.state = step.target
    if step.target == moves.CampaignState.ENDED:
        found.ends_on = max(found.begins_on, timezone.localdate())
    found.save(update_fields=["state", "ends_on"])
    record(actor, verb, found, before, {"state": found.state})
    return found


@transaction.atomic
def add_team(actor: User, campaign_id: int, form: TeamForm) -> Team:
    """The team works in the campaign. Errors: NotPermitted, FieldFaults."""
    found = _campaign(actor, campaign_id)
    if not 1 <= form.officers <= MOST_OFFICERS:
        raise FieldFaults({"officers": _("A team has at least one officer.")})
    if found.teams.filter(name=form.name).exists():
        raise FieldFaults({"name": _("There is a team of this name.")})
    team = Team.objects.create(campaign=found, name=form.name, officers=form.officers)
    record(actor, "add_team", found, None, {"team": team.name, "officers": team.officers})
    return team


@transaction.atomic
def add_trip(actor: User, campaign_id: int, form: TripForm) -> Trip:
    """The journey of a team of the campaign stands. Errors: NotPermitted, FieldFaults."""
    found = _campaign(actor, campaign_id)
    team = found.teams.filter(name=form.team).first()
    if team is None:
        raise FieldFaults({"team": _("Expected a team of this campaign, by name.")})
    if form.province not in Province.values:
        raise FieldFaults({"province": _("This is needed.")})
    if form.back_on is not None and form.back_on < form.left_on:
        raise FieldFaults({"back_on": _("They cannot be back before they left.")})
    trip = Trip.objects.create(
        team=team, province=form.province, city=form.city, left_on=form.left_on, back_on=form.back_on,
        result=form.result,
    )  # fmt: skip
    record(actor, "add_trip", found, None, {"team": team.name, "province": trip.province})
    return trip


def _gang(actor: User, gang_id: int) -> Gang:
    require(actor, Permission.WORK_CASES)
    queries.gang(actor, gang_id)
    return Gang.objects.select_for_update().get(pk=gang_id)


def _campaign(actor: User, campaign_id: int) -> Campaign:
    require(actor, Permission.WORK_CASES)
    queries.campaign(actor, campaign_id)
    return Campaign.objects.select_for_update().get(pk=campaign_id)
