"""The ledgers of the crackdown as tables: what a line of each is, how it is filtered, sorted and written."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.cases import ledgers
from qingdun.console.cases.codes import (
    GangKind,
    Industry,
    MeasureKind,
    PartRole,
    Province,
    SeizedKind,
)
from qingdun.console.cases.ledgers import ANY, BACK, COERCIVE_CODE
from qingdun.console.cases.models import numbers_of
from qingdun.console.cases.moves import CampaignState, CaseState, GangState
from qingdun.console.kernel.forms import Choices
from qingdun.console.kernel.localtime import written
from qingdun.console.kernel.masking import mask_account, mask_name, mask_number
from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask, Column, Filter, Table
from qingdun.contract.codes import scam_types
from qingdun.errors import InputError


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


def _types() -> Choices:
    return [(code, scam_type_label(code)) for code in scam_types().names]


def _type(row: Any) -> str:
    return scam_type_label(row.scam_type) if row.scam_type else ""


def _serials(row: Any) -> str:
    shown = ", ".join(mask_account(one) for one in row.serials[:3])
    more = len(row.serials) - 3
    return f"{shown} +{more}" if more > 0 else shown


def _day(heading: str | Promise, name: str) -> Column:
    """A day that may not be known yet."""
    return Column(heading, lambda row: f"{getattr(row, name) or ''}", name)


def _text(heading: str | Promise, name: str, sort: bool = False) -> Column:
    return Column(heading, lambda row: getattr(row, name), name if sort else "")


def _code(heading: str | Promise, name: str) -> Column:
    """A code of a closed list in its words."""
    return Column(heading, lambda row: getattr(row, f"get_{name}_display")(), name)


def _numbers(row: Any) -> str:
    return ", ".join(map(mask_number, numbers_of(row.seen_parts)))


def _last_measure(row: Any) -> str:
    return str(MeasureKind(row.last_kind).label) if row.last_kind else ""


MEMBERS = Column(_("Members"), lambda row: row.of_members, "of_members", "num")
OF_CASES = Column(_("Case count"), lambda row: row.of_cases, "of_cases", "num")
CASE_NUMBER = Column(_("Case number"), lambda row: row.case.number, "case__number")
NAME = Column(_("Name"), lambda row: mask_name(row.person.name))
YES_NO: Choices = (("1", _("yes")), ("0", _("no")))
WHERE: Choices = (("other", _("Other provinces")), ("own", _("Own province")))
RETRACTED: Choices = (("waits", _("Waits for a second person")), (BACK, _("Taken back")))
MEASURE_CHOICES: Choices = (*MeasureKind.choices, (COERCIVE_CODE, _("Any coercive measure")))
TYPE = Filter("scam_type", _("Scam type"), _types, "scam_type")
CAMPAIGN = Filter("campaign", _("Campaign"), ((ANY, _("Of a campaign")),), ids=True)

TABLES: dict[str, Table] = {
    table.code: table
    for table in (
        Table(
            "incidents",
            _("Incidents"),
            ledgers.incidents,
            (
                Column("#", lambda row: row.pk),
                Column(_("Reported"), lambda row: written(row.reported_at), "reported_at"),
                Column(_("Scam type"), _type, "scam_type"),
                Column(_("Number"), lambda row: mask_number(row.msisdn)),
                Column(_("Loss, yuan"), lambda row: row.loss_fen / 100, "loss_fen", "money"),
                Column(_("Task"), lambda row: row.task_id or ""),
            ),
            (
                TYPE,
                Filter("case", _("In a case"), YES_NO),
                Filter("of", _("Case"), (), ids=True),
                Filter("back", _("Taken back"), RETRACTED),
            ),
            day="reported_at",
            moment=True,
            address="cases:incident",
        ),
        Table(
            "cases",
            _("Filed cases"),
            ledgers.cases,
            (
                _text(_("Case number"), "number", sort=True),
                _text(_("Case"), "name", sort=True),
                Column(_("Scam type"), _type, "scam_type"),
                Column(_("Cards"), lambda row: gettext("yes") if row.two_cards else "", "two_cards"),
                _day(_("Filed on"), "filed_on"),
                _code(_("State"), "state"),
                _day(_("Solved on"), "solved_on"),
                Column(_("Persons"), lambda row: row.in_parts, "in_parts", "num"),
                Column(_("Incidents"), lambda row: row.in_incidents, "in_incidents", "num"),
                Column(_("Loss, yuan"), lambda row: row.lost_fen / 100, "lost_fen", "money"),
                Column(_("Campaign"), lambda row: str(row.campaign or ""), "campaign__name"),
            ),
            (
                Filter("state", _("State"), CaseState.choices, "state"),
                TYPE,
                Filter("two_cards", _("Cards"), YES_NO, "two_cards"),
                CAMPAIGN,
            ),
            day="filed_on",
            address="cases:case",
        ),
        Table(
            "solved",
            _("Cases solved"),
            lambda viewer, ask: ledgers.cases(viewer, ask).exclude(solved_on=None),
            (
                _text(_("Case number"), "number", sort=True),
                _text(_("Case"), "name", sort=True),
                _day(_("Filed on"), "filed_on"),
                _day(_("Solved on"), "solved_on"),
                _code(_("State"), "state"),
            ),
            (TYPE, Filter("two_cards", _("Cards"), YES_NO, "two_cards"), CAMPAIGN),
            day="solved_on",
            address="cases:case",
        ),
        Table(
            "persons",
            _("Persons in cases"),
            ledgers.persons,
            (
                Column("#", lambda row: row.pk, "pk"),
                Column(_("Name"), lambda row: mask_name(row.name)),
                Column(_("Identity document"), lambda row: mask_account(row.identity)),
                Column(_("Known phone numbers"), _numbers),
                Column(_("Case count"), lambda row: row.in_cases, "in_cases", "num"),
                Column(_("Latest measure"), _last_measure, "last_kind"),
                _day(_("Day"), "last_on"),
            ),
            (
                Filter("measure", _("Measure"), MEASURE_CHOICES),
                Filter("role", _("Part"), PartRole.choices),
                Filter("two_cards", _("Cards"), YES_NO),
                CAMPAIGN,
            ),
            address="cases:person",
        ),
        Table(
            "measures",
            _("Measures taken"),
            ledgers.measures,
            (
                _day(_("Day"), "on"),
                _code(_("Measure"), "kind"),
                NAME,
                CASE_NUMBER,
                _text(_("Document"), "document"),
                _day(_("Lasts until"), "until"),
            ),
            (Filter("kind", _("Measure"), MeasureKind.choices, "kind"), CAMPAIGN),
            day="on",
        ),
        Table(
            "gangs",
            _("Gangs"),
            ledgers.gangs,
            (
                _text(_("Gang"), "name", sort=True),
                _code(_("Kind"), "kind"),
                MEMBERS,
                OF_CASES,
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
            lambda viewer, ask: ledgers.gangs(viewer, ask).exclude(broken_up_on=None),
            (
                _text(_("Gang"), "name", sort=True),
                _code(_("Kind"), "kind"),
                MEMBERS,
                OF_CASES,
                _day(_("Broken up on"), "broken_up_on"),
            ),
            (Filter("kind", _("Kind"), GangKind.choices, "kind"),),
            day="broken_up_on",
            address="cases:gang",
        ),
        Table(
            "insiders",
            _("Insiders"),
            ledgers.insiders,
            (
                _day(_("Known since"), "on"),
                NAME,
                _code(_("Industry"), "industry"),
                CASE_NUMBER,
            ),
            (Filter("industry", _("Industry"), Industry.choices, "industry"), CAMPAIGN),
            day="on",
        ),
        Table(
            "seizures",
            _("Seizures"),
            ledgers.seizures,
            (
                _day(_("Day"), "on"),
                _code(_("Kind"), "kind"),
                Column(_("How many"), lambda row: row.count, "count", "num"),
                Column(_("Cash, yuan"), lambda row: row.amount_fen / 100, "amount_fen", "money"),
                Column(_("Their numbers"), _serials),
                _text(_("Where seized"), "place"),
                CASE_NUMBER,
            ),
            (Filter("kind", _("Kind"), SeizedKind.choices, "kind"), CAMPAIGN),
            day="on",
        ),
        Table(
            "campaigns",
            _("Campaigns"),
            ledgers.campaigns,
            (
                _text(_("Campaign"), "name", sort=True),
                _day(_("Begins"), "begins_on"),
                _day(_("Ends"), "ends_on"),
                _code(_("State"), "state"),
                OF_CASES,
                Column(_("Provinces visited"), lambda row: row.provinces, "provinces", "num"),
                _text(_("Goal"), "goal"),
            ),
            (Filter("state", _("State"), CampaignState.choices, "state"),),
            day="begins_on",
            address="cases:campaign",
        ),
        Table(
            "trips",
            _("Journeys"),
            ledgers.trips,
            (
                _day(_("Left on"), "left_on"),
                _day(_("Back on"), "back_on"),
                Column(_("Campaign"), lambda row: str(row.team.campaign), "team__campaign__name"),
                Column(_("Team"), lambda row: str(row.team), "team__name"),
                _code(_("Province"), "province"),
                _text(pgettext_lazy("of an address", "City"), "city", sort=True),
                _text(pgettext_lazy("of a crackdown", "Result"), "result"),
            ),
            (
                Filter("province", _("Province"), Province.choices, "province"),
                Filter("where", _("Where to"), WHERE),
                CAMPAIGN,
            ),
            day="left_on",
        ),
        Table(
            "frozen",
            _("Frozen money"),
            ledgers.frozen,
            (
                Column("#", lambda row: row.pk, "pk"),
                Column(_("Frozen at"), lambda row: written(row.frozen_at), "frozen_at"),
                Column(_("Account"), lambda row: mask_account(row.account)),
                Column(_("Bank"), lambda row: row.bank, "bank"),
                Column(_("Amount"), lambda row: row.amount_fen / 100, "amount_fen", "money"),
                Column(_("Returned"), lambda row: row.returned_fen / 100, "returned_fen", "money"),
                _code(_("State"), "state"),
                Column(_("Incident"), lambda row: f"#{row.incident_id}", "incident_id"),
            ),
            (CAMPAIGN,),
            day="frozen_at",
            moment=True,
            address="funds:freeze",
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
