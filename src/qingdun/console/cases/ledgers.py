"""What the tables of the crackdown read: rows the viewer sees, narrowed as asked, with what is counted of
each.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Aggregate, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from qingdun.console.cases import queries
from qingdun.console.cases.codes import COERCIVE, PartRole
from qingdun.console.cases.models import Case
from qingdun.console.funds import queries as funds
from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask, within_period

COERCIVE_CODE = "coercive"
"""Any coercive measure, as one choice of the filter of measures."""
BACK = "taken"
"""Incidents taken back, as one choice of their filter."""
ANY = "any"
"""Any campaign, as one choice of the filter of campaigns."""


def persons(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Persons, each once, with a part in a case or, if one is asked for, a measure in the period; with their
    cases counted and the latest of their measures.
    """
    picks = ask.picks
    measure, role = picks.get("measure", ""), picks.get("role", "")
    mine = Q(person=OuterRef("pk")) & _of_campaign(ask, "case__campaign")
    if picks.get("two_cards"):
        mine &= Q(case__two_cards=picks["two_cards"] == "1")
    parts = queries.parts(viewer, ask.region).filter(mine)
    if role:
        parts = parts.filter(role=role)
    found = queries.persons_of_cases(viewer)
    if measure:
        kinds = COERCIVE if measure == COERCIVE_CODE else (measure,)
        done = queries.measures(viewer, ask.region).filter(
            mine, within_period("on", False, ask), kind__in=kinds
        )
        found = found.filter(Exists(parts), Exists(done))
    else:
        found = found.filter(Exists(parts.filter(within_period("on", False, ask))))
    theirs = queries.measures(viewer).filter(person=OuterRef("pk")).order_by("-on", "-pk")
    seen = Prefetch("parts", queryset=queries.parts(viewer), to_attr="seen_parts")
    return found.prefetch_related(seen).annotate(
        in_cases=_counted(queries.parts(viewer).filter(person=OuterRef("pk")), "person"),
        last_kind=Subquery(theirs.values("kind")[:1]),
        last_on=Subquery(theirs.values("on")[:1]),
    )


def incidents(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Incidents, those in a case and those in none apart if asked for, or those of one case; those taken
    back, and those somebody is to agree to take back, only if asked for.
    """
    found, back = queries.incidents(viewer, ask.region), ask.picks.get("back", "")
    if back:
        waits = queries.retractions(viewer, ask.region).filter(incident=OuterRef("pk"))
        found = queries.taken_back(viewer, ask.region) if back == BACK else found.filter(Exists(waits))
    pick, of = ask.picks.get("case", ""), ask.picks.get("of", "")
    joined = queries.cases(viewer).filter(incidents=OuterRef("pk"))
    if of.isdecimal():
        found = found.filter(Exists(joined.filter(pk=int(of[:18]))))
    return found.filter(Exists(joined) if pick == "1" else ~Exists(joined)) if pick else found


def cases(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Filed cases, with their persons, incidents and loss."""
    found = queries.cases(viewer, ask.region).filter(_of_campaign(ask, "campaign"))
    joined = Case.incidents.through.objects.filter(case=OuterRef("pk"))
    seen = joined.filter(incident__in=queries.incidents(viewer).values("pk"))
    return found.annotate(
        in_parts=_counted(queries.parts(viewer).filter(case=OuterRef("pk")), "case"),
        in_incidents=_counted(seen, "case"),
        lost_fen=_counted(seen, "case", Sum("incident__loss_fen")),
    )


def gangs(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Gangs, with the members and cases the viewer sees."""
    joined = Case.gangs.through.objects.filter(gang=OuterRef("pk"))
    return queries.gangs(viewer, ask.region).annotate(
        of_members=_counted(queries.members(viewer).filter(gang=OuterRef("pk")), "gang"),
        of_cases=_counted(joined.filter(case__in=queries.cases(viewer).values("pk")), "gang"),
    )


def measures(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Measures taken, those of one campaign alone if asked for."""
    return queries.measures(viewer, ask.region).filter(_of_campaign(ask, "case__campaign"))


def insiders(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Parts of insiders of an industry, those of one campaign alone if asked for."""
    found = queries.parts(viewer, ask.region).filter(role=PartRole.INSIDER)
    return found.filter(_of_campaign(ask, "case__campaign"))


def seizures(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Seizures, those of one campaign alone if asked for."""
    return queries.seizures(viewer, ask.region).filter(_of_campaign(ask, "case__campaign"))


def campaigns(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Campaigns, with their cases and the provinces their teams went to."""
    trips = queries.trips(viewer).filter(team__campaign=OuterRef("pk"))
    return queries.campaigns(viewer, ask.region).annotate(
        of_cases=_counted(queries.cases(viewer).filter(campaign=OuterRef("pk")), "campaign"),
        provinces=_counted(trips, "team__campaign", Count("province", distinct=True)),
    )


def trips(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Journeys, those to other provinces and those within the viewer's own apart if asked for."""
    found = queries.trips(viewer, ask.region).filter(_of_campaign(ask, "team__campaign"))
    pick = ask.picks.get("where", "")
    if not pick:
        return found
    own = Q(province=(viewer.region.code if viewer.region else "")[:2])
    return found.filter(own if pick == "own" else ~own)


def frozen(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Freezes that banks have made, those of incidents in cases of a campaign alone if asked for."""
    found = funds.freezes(viewer, ask.region).exclude(frozen_at=None)
    if not ask.picks.get("campaign"):
        return found
    of_campaign = queries.cases(viewer).filter(_of_campaign(ask, "campaign")).values("incidents")
    parts = found.order_by().filter(parts__incident__in=of_campaign).values("pk")
    return found.filter(pk__in=parts)


def _of_campaign(ask: Ask, field: str) -> Q:
    """The condition that `field` is the campaign asked for, or any."""
    pick = ask.picks.get("campaign", "")
    if pick == ANY:
        return Q(**{f"{field}__isnull": False})
    return Q(**{field: int(pick[:18])}) if pick.isdecimal() else Q()


def _counted(rows: QuerySet[Any], by: str, what: Aggregate | None = None) -> Coalesce:
    """How many of these rows there are for the row outside that `by` names, or what else is reckoned."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=what or Count("pk")).values("n")), 0)
