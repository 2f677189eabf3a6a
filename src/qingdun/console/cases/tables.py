"""The ledgers of the crackdown as tables: what a line of each is, how it is filtered, sorted and written."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.cases import queries
from qingdun.console.cases.codes import (
    COERCIVE,
    GangKind,
    Industry,
    MeasureKind,
    PartRole,
    Province,
    SeizedKind,
)
from qingdun.console.cases.moves import CampaignState, CaseState, GangState
from qingdun.console.kernel.forms import Choices
from qingdun.console.kernel.masking import mask_account, mask_name, mask_number
from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask, Column, Filter, Table, within_period
from qingdun.contract.codes import scam_types
from qingdun.errors import InputError

COERCIVE_CODE = "coercive"
"""Any coercive measure, as one choice of the filter of measures."""


def rows(viewer: User, code: str, ask: Ask, sort: str = "") -> QuerySet[Any]:
    """The rows of a table by its code, as it sorts them. Errors: InputError (no such table, no such
    choice).
    """
    return table_of(code).rows(viewer, ask, sort)


def table_of(code: str) -> Table:
    """The table of that code. Errors: InputError (there is none)."""
    if code not in TABLES:
        raise InputError(
            gettext("There is no table “%(found)s”; expected one of %(known)s.")
            % {"found": code[:40], "known": ", ".join(TABLES)}
        )
    return TABLES[code]


def _persons(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Persons, each once, with a part in a case or, if one is asked for, a measure in the period."""
    picks = ask.picks
    measure, role = picks.get("measure", ""), picks.get("role", "")
    of_case = Q()
    if picks.get("campaign", "").isdecimal():
        of_case &= Q(case__campaign=int(picks["campaign"][:18]))
    if picks.get("campaign") == "any":
        of_case &= Q(case__campaign__isnull=False)
    if picks.get("two_cards"):
        of_case &= Q(case__two_cards=picks["two_cards"] == "1")
    found = queries.persons_of_cases(viewer)
    mine = Q(person=OuterRef("pk")) & of_case
    parts = queries.parts(viewer, ask.region).filter(mine)
    if role:
        parts = parts.filter(role=role)
    if measure:
        kinds = COERCIVE if measure == COERCIVE_CODE else (measure,)
        done = queries.measures(viewer, ask.region).filter(
            mine, within_period("on", False, ask), kind__in=kinds
        )
        return found.filter(Exists(parts), Exists(done))
    return found.filter(Exists(parts.filter(within_period("on", False, ask))))


def _incidents(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Incidents, those in a case and those in none apart if asked for."""
    found = queries.incidents(viewer, ask.region)
    pick = ask.picks.get("case", "")
    if not pick:
        return found
    in_case = Exists(queries.cases(viewer).filter(incidents=OuterRef("pk")))
    return found.filter(in_case if pick == "1" else ~in_case)


def _types() -> Choices:
    return [(code, scam_type_label(code)) for code in scam_types().names]


def _type(row: Any) -> str:
    return scam_type_label(row.scam_type) if row.scam_type else ""


def _time(at: dt.datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _serials(row: Any) -> str:
    shown = ", ".join(mask_account(one) for one in row.serials[:3])
    more = len(row.serials) - 3
    return f"{shown} +{more}" if more > 0 else shown


def _trips(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Journeys, those to other provinces and those within the viewer's own apart if asked for."""
    found = queries.trips(viewer, ask.region)
    pick = ask.picks.get("where", "")
    if not pick:
        return found
    own = Q(province=(viewer.region.code if viewer.region else "")[:2])
    return found.filter(own if pick == "own" else ~own)


def _day(heading: str | Promise, name: str) -> Column:
    """A day that may not be known yet."""
    return Column(heading, lambda row: f"{getattr(row, name) or ''}", name)


def _text(heading: str | Promise, name: str, sort: bool = False) -> Column:
    return Column(heading, lambda row: getattr(row, name), name if sort else "")


def _code(heading: str | Promise, name: str) -> Column:
    """A code of a closed list in its words."""
    return Column(heading, lambda row: getattr(row, f"get_{name}_display")(), name)


CASE_NUMBER = Column(_("Case number"), lambda row: row.case.number, "case__number")
NAME = Column(_("Name"), lambda row: mask_name(row.person.name))
YES_NO: Choices = (("1", _("yes")), ("0", _("no")))
WHERE: Choices = (("other", _("Other provinces")), ("own", _("Own province")))
MEASURE_CHOICES: Choices = (*MeasureKind.choices, (COERCIVE_CODE, _("Any coercive measure")))
TYPE = Filter("scam_type", _("Scam type"), _types, "scam_type")

TABLES: dict[str, Table] = {
    table.code: table
    for table in (
        Table(
            "incidents",
            _("Incidents"),
            _incidents,
            (
                Column("#", lambda row: row.pk),
                Column(_("Reported"), lambda row: _time(row.reported_at), "reported_at"),
                Column(_("Scam type"), _type, "scam_type"),
                Column(_("Number"), lambda row: mask_number(row.msisdn)),
                Column(_("Loss, yuan"), lambda row: row.loss_fen / 100, "loss_fen", "money"),
                Column(_("Task"), lambda row: row.task_id or ""),
            ),
            (TYPE, Filter("case", _("In a case"), YES_NO)),
            day="reported_at",
            moment=True,
            address="cases:incident",
        ),
        Table(
            "cases",
            _("Filed cases"),
            lambda viewer, ask: queries.cases(viewer, ask.region),
            (
                _text(_("Case number"), "number", sort=True),
                _text(_("Case"), "name"),
                Column(_("Scam type"), _type, "scam_type"),
                Column(_("Cards"), lambda row: gettext("yes") if row.two_cards else ""),
                _day(_("Filed on"), "filed_on"),
                _code(_("State"), "state"),
                _day(_("Solved on"), "solved_on"),
                Column(_("Campaign"), lambda row: str(row.campaign or "")),
            ),
            (
                Filter("state", _("State"), CaseState.choices, "state"),
                TYPE,
                Filter("two_cards", _("Cards"), YES_NO, "two_cards"),
            ),
            day="filed_on",
            address="cases:case",
        ),
        Table(
            "solved",
            _("Cases solved"),
            lambda viewer, ask: queries.cases(viewer, ask.region).exclude(solved_on=None),
            (
                _text(_("Case number"), "number", sort=True),
                _text(_("Case"), "name"),
                _day(_("Filed on"), "filed_on"),
                _day(_("Solved on"), "solved_on"),
                _code(_("State"), "state"),
            ),
            (TYPE,),
            day="solved_on",
            address="cases:case",
        ),
        Table(
            "persons",
            _("Persons in cases"),
            _persons,
            (
                Column(_("Name"), lambda row: mask_name(row.name)),
                Column(_("Identity document"), lambda row: mask_account(row.identity)),
                Column(_("Known phone numbers"), lambda row: ", ".join(map(mask_number, row.numbers))),
            ),
            (
                Filter("measure", _("Measure"), MEASURE_CHOICES),
                Filter("role", _("Part"), PartRole.choices),
                Filter("two_cards", _("Cards"), YES_NO),
                Filter("campaign", _("Campaign"), (("any", _("Of a campaign")),), ids=True),
            ),
            address="cases:person",
        ),
        Table(
            "measures",
            _("Measures taken"),
            lambda viewer, ask: queries.measures(viewer, ask.region),
            (
                _day(_("Day"), "on"),
                _code(_("Measure"), "kind"),
                NAME,
                CASE_NUMBER,
                _text(_("Document"), "document"),
                _day(_("Lasts until"), "until"),
            ),
            (Filter("kind", _("Measure"), MeasureKind.choices, "kind"),),
            day="on",
        ),
        Table(
            "gangs",
            _("Gangs"),
            lambda viewer, ask: queries.gangs(viewer, ask.region),
            (
                _text(_("Gang"), "name", sort=True),
                _code(_("Kind"), "kind"),
                _day(_("Found on"), "found_on"),
                _code(_("State"), "state"),
                _day(_("Broken up on"), "broken_up_on"),
            ),
            (
                Filter("kind", _("Kind"), GangKind.choices, "kind"),
                Filter("state", _("State"), GangState.choices, "state"),
            ),
            day="found_on",
            address="cases:gang",
        ),
        Table(
            "broken_up",
            _("Gangs broken up"),
            lambda viewer, ask: queries.gangs(viewer, ask.region).exclude(broken_up_on=None),
            (
                _text(_("Gang"), "name", sort=True),
                _code(_("Kind"), "kind"),
                _day(_("Broken up on"), "broken_up_on"),
            ),
            (Filter("kind", _("Kind"), GangKind.choices, "kind"),),
            day="broken_up_on",
            address="cases:gang",
        ),
        Table(
            "insiders",
            _("Insiders"),
            lambda viewer, ask: queries.parts(viewer, ask.region).filter(role=PartRole.INSIDER),
            (
                _day(_("Known since"), "on"),
                NAME,
                _code(_("Industry"), "industry"),
                CASE_NUMBER,
            ),
            (Filter("industry", _("Industry"), Industry.choices, "industry"),),
            day="on",
        ),
        Table(
            "seizures",
            _("Seizures"),
            lambda viewer, ask: queries.seizures(viewer, ask.region),
            (
                _day(_("Day"), "on"),
                _code(_("Kind"), "kind"),
                Column(_("How many"), lambda row: row.count, "count", "num"),
                Column(_("Cash, yuan"), lambda row: row.amount_fen / 100, "amount_fen", "money"),
                Column(_("Their numbers"), _serials),
                _text(_("Where seized"), "place"),
                CASE_NUMBER,
            ),
            (Filter("kind", _("Kind"), SeizedKind.choices, "kind"),),
            day="on",
        ),
        Table(
            "campaigns",
            _("Campaigns"),
            lambda viewer, ask: queries.campaigns(viewer, ask.region),
            (
                _text(_("Campaign"), "name", sort=True),
                _day(_("Begins"), "begins_on"),
                _day(_("Ends"), "ends_on"),
                _code(_("State"), "state"),
                _text(_("Goal"), "goal"),
            ),
            (Filter("state", _("State"), CampaignState.choices, "state"),),
            day="begins_on",
            address="cases:campaign",
        ),
        Table(
            "trips",
            _("Journeys"),
            _trips,
            (
                _day(_("Left on"), "left_on"),
                _day(_("Back on"), "back_on"),
                Column(_("Campaign"), lambda row: str(row.team.campaign)),
                Column(_("Team"), lambda row: str(row.team), "team__name"),
                _code(_("Province"), "province"),
                _text(pgettext_lazy("of an address", "City"), "city"),
                _text(pgettext_lazy("of a crackdown", "Result"), "result"),
            ),
            (
                Filter("province", _("Province"), Province.choices, "province"),
                Filter("where", _("Where to"), WHERE),
            ),
            day="left_on",
        ),
    )
}
"""Every table by its code."""


def address(code: str, row: Any) -> str:
    """Where the page of the row is; '' if it has none."""
    table = table_of(code)
    if table.address:
        return reverse(table.address, args=[row.pk])
    if code in ("measures", "insiders", "seizures"):
        return reverse("cases:case", args=[row.case_id])
    return reverse("cases:campaign", args=[row.team.campaign_id]) if code == "trips" else ""


def person_word(part: Any) -> str:
    """A person of a case as one choice among others: masked, with their part and number."""
    return f"{mask_name(part.person.name)} · {part.get_role_display()} · {part.person_id}"
