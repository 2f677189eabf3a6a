"""Who supervises what: appointments, rounds and changes by hand. The actor first, one transaction, one audit
row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.loading import locked_city
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.moving import check
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.roles import Permission, Role, require
from qingdun.console.kernel.scope import covers, out_of_reach
from qingdun.console.supervision import queries
from qingdun.console.supervision.codes import SupervisionForm
from qingdun.console.supervision.models import Charge, Commissioner, Departure, Round, StaffFigure
from qingdun.console.supervision.moves import MOVES, RoundState
from qingdun.console.supervision.planning import in_office, latest_ranking, plan
from qingdun.console.supervision.rules import rule_named, rule_on
from qingdun.errors import IllegalMove, InputError, NotPermitted


@transaction.atomic
def appoint(actor: User, username: str, county: str, appointed_on: dt.date) -> Commissioner:
    """The account is a commissioner's from that day on, at home in the county (by code or name).

    Errors: NotPermitted, FieldFaults (no such account or county, in office already).
    """
    require_whole_city(actor)
    faults: dict[str, str] = {}
    user = User.objects.filter(username=username, role=Role.COMMISSIONER, is_active=True).first()
    if user is None or not covers(actor, user.region_path):
        faults["username"] = _("Expected the user name of an open account with the role of a commissioner.")
    homes = [
        one for one in regions(actor, Region.Level.COUNTY) if county in (one.code, one.name, one.short_name)
    ]
    if len(homes) != 1:
        faults["county"] = _("Expected a county of your city, by code or name.")
    if faults or user is None:
        raise FieldFaults(faults)
    try:
        with transaction.atomic():
            made = Commissioner.objects.create(
                user=user, region_path=homes[0].path, appointed_on=appointed_on, by=actor, at=timezone.now()
            )
    except IntegrityError as error:
        raise FieldFaults({"username": _("This commissioner is in office already.")}) from error
    record(actor, "appoint_commissioner", made, None, {"username": username, "since": f"{appointed_on}"})
    return made


@transaction.atomic
def end_appointment(actor: User, commissioner_id: int, ended_on: dt.date) -> Commissioner:
    """The commissioner has left; what was theirs goes to others with the next round.

    Errors: NotPermitted, IllegalMove (left already), FieldFaults (a day before the first, or to come).
    """
    require_whole_city(actor)
    if not queries.commissioners(actor).filter(pk=commissioner_id).exists():
        raise out_of_reach()
    found = Commissioner.objects.select_for_update(of=("self",)).get(pk=commissioner_id)
    if found.ended_on is not None:
        raise IllegalMove(_("This commissioner has left already."))
    if not found.appointed_on <= ended_on <= timezone.localdate():
        raise FieldFaults({"ended_on": _("Expected a day since the appointment, not in the future.")})
    found.ended_on = ended_on
    found.save(update_fields=["ended_on"])
    record(actor, "end_commissioner", found, {"until": None}, {"until": f"{ended_on}"})
    return found


@transaction.atomic
def draw_round(actor: User | None) -> Round:
    """A round stands as a draft over the latest published ranking of towns and the staff known today; a draft
    that stood goes. `actor` None is the tick.

    Errors: NotPermitted (role, or not of the whole city), InputError (no ranking, nobody in office).
    """
    if actor is not None:
        require_whole_city(actor)
    city = locked_city(settings.CITY_CODE)
    if city is None:
        raise InputError(_("No region is known yet."))
    ranking = latest_ranking()
    if ranking is None:
        raise InputError(_("No ranking of towns is published yet."))
    if not in_office():
        raise InputError(_("Nobody is in office: appoint commissioners first."))
    now, rule = timezone.now(), rule_on(timezone.localdate())
    Round.objects.filter(region_path=city.path, state=RoundState.DRAFT).delete()
    made = Round.objects.create(
        region_path=city.path, ranking=ranking, rules=rule.version, drawn_at=now, drawn_by=actor
    )
    planned = plan(ranking, rule)
    for charge in planned.charges:
        charge.round = made
    for departure in planned.departures:
        departure.round = made
    Charge.objects.bulk_create(planned.charges)
    Departure.objects.bulk_create(planned.departures)
    after = {"charges": len(planned.charges), "gone": len(planned.departures), "rules": rule.version}
    record(actor, "draw_round", made, None, after)
    return made


@transaction.atomic
def confirm_round(actor: User, round_id: int) -> Round:
    """The draft is in force, and the round before is over.

    Errors: NotPermitted, IllegalMove (no draft, or somebody in it has left since).
    """
    require_whole_city(actor)
    city = locked_city(settings.CITY_CODE)
    found = Round.objects.select_for_update(of=("self",)).filter(pk=round_id).first()
    if found is None or city is None or found.region_path != city.path:
        raise out_of_reach()
    move, now = check(MOVES, "confirm_round", found.state), timezone.now()
    there = {one.pk for one in in_office()}
    if any(pk not in there for pk in found.charges.values_list("commissioner", flat=True)):
        raise IllegalMove(_("A commissioner of this draft has left since: draw it anew."))
    old = Round.objects.filter(region_path=city.path, state=RoundState.CONFIRMED)
    old.update(state=check(MOVES, "end_round", RoundState.CONFIRMED).target, ended_at=now)
    found.state, found.confirmed_by, found.confirmed_at = move.target, actor, now
    found.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    record(actor, "confirm_round", found, {"state": "draft"}, {"state": found.state})
    return found


@transaction.atomic
def reassign(actor: User, charge_id: int, commissioner: str, form: str, reason: str) -> Charge:
    """What is supervised in a draft or in force is another commissioner's, by user name, or has another form,
    for a reason.

    Errors: NotPermitted, IllegalMove (the round is over), FieldFaults (nobody in office of that name),
    InputError (no reason).
    """
    require_whole_city(actor)
    seen = queries.charge(actor, charge_id)
    found = Charge.objects.select_for_update(of=("self",)).get(pk=seen.pk)
    if seen.round.state == RoundState.OVER:
        raise IllegalMove(_("The round is over."))
    chosen = next((one for one in in_office() if one.user.username == commissioner), None)
    if chosen is None:
        raise FieldFaults({"commissioner": _("Expected the user name of a commissioner in office.")})
    if form not in SupervisionForm.values:
        raise FieldFaults({"form": _("Expected one of the three forms.")})
    before = _face(found)
    if found.commissioner_id != chosen.pk:
        found.commissioner, found.why = chosen, ["hand"]
    if found.form != form:
        found.form, found.form_why = form, ["hand"]
        found.wanted = rule_named(seen.round.rules).visits(form)
    found.save(update_fields=["commissioner", "why", "form", "form_why", "wanted"])
    record(actor, "reassign_charge", found, before, _face(found), stated(reason))
    return found


@transaction.atomic
def enter_staff(actor: User, enterprise: str, staff: int, as_of: dt.date, source: str) -> StaffFigure:
    """So many work at the enterprise, named as it is known, by the figures of that day.

    Errors: NotPermitted, FieldFaults (no such enterprise, several, a day to come).
    """
    require(actor, Permission.WORK_SUPERVISION)
    alike = list(queries.enterprises(actor).filter(name=enterprise)[:2])
    if len(alike) != 1:
        words = _("Several are called so: bring a file that names the place.") if alike else _(
            "No enterprise of your region has this name. A file with its place makes it known."
        )  # fmt: skip
        raise FieldFaults({"enterprise": words})
    if as_of > timezone.localdate():
        raise FieldFaults({"as_of": _("This day lies in the future.")})
    if staff < 1:
        raise FieldFaults({"staff": _("Expected a number above 0.")})
    made = StaffFigure.objects.create(
        partner=alike[0], region_path=alike[0].region_path, staff=staff, as_of=as_of, source=source, by=actor,
        at=timezone.now(),
    )  # fmt: skip
    record(actor, "enter_staff", made, None, {"name": enterprise, "staff": staff, "day": f"{as_of}"})
    return made


def require_whole_city(actor: User) -> None:
    """Nothing happens if the actor may do this work and sees the whole city. Errors: NotPermitted."""
    require(actor, Permission.WORK_SUPERVISION)
    if actor.region is None or actor.region.level != Region.Level.CITY:
        raise NotPermitted(_("Only who sees the whole city says who supervises what."))


def _face(charge: Charge) -> Mapping[str, Any]:
    return {"officer": str(charge.commissioner), "form": charge.form, "why": charge.why}
