"""The forms of the crackdown: their fields, and the action each of them is for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.cases import casework, correcting, crackdown
from qingdun.console.cases.codes import GangKind, Industry, MeasureKind, PartRole, Province, SeizedKind
from qingdun.console.kernel.forms import Choices, Field, Form, beside
from qingdun.contract.codes import scam_types


def _types() -> Choices:
    return [(code, scam_type_label(code)) for code in scam_types().names]


_REGION = Field("region", _("Place"), "region", required=False)
_YEARS: Choices = [(str(years), str(years)) for years in casework.PUNISHED_YEARS]

PERSON_FIELDS = (
    Field("identity", _("Identity document"), most=32),
    Field("name", _("Name"), most=64),
    Field("role", _("Part"), "choice", choices=PartRole.choices),
    Field("industry", _("Industry of an insider"), "choice", False, choices=Industry.choices),
    Field("on", _("Known since"), "date"),
    Field("numbers", _("Phone numbers they used"), "numbers", False, 400, hint=_("one a line or by comma")),
)
SEIZURE_FIELDS = (
    Field("kind", _("Kind"), "choice", choices=SeizedKind.choices),
    Field("count", _("How many"), "count", False, 12),
    Field("amount_fen", _("Cash, yuan"), "money", False, 20),
    Field("on", _("Day"), "date"),
    Field("place", _("Where seized"), required=False),
    Field("serials", _("Their numbers"), "numbers", False, 20_000, hint=_("one a line or by comma")),
)
TRIP_FIELDS = (
    Field("team", _("Team"), most=40),
    Field("province", _("Province"), "choice", choices=Province.choices),
    Field("city", pgettext_lazy("of an address", "City"), required=False, most=40),
    Field("left_on", _("Left on"), "date"),
    Field("back_on", _("Back on"), "date", False),
    Field("result", pgettext_lazy("of a crackdown", "Result"), required=False, most=200),
)
CASE_FIELDS = (
    Field("number", _("Case number"), most=40),
    Field("name", _("Case")),
    Field("scam_type", _("Scam type"), "choice", False, choices=_types),
    Field("two_cards", _("About phone and bank cards"), "check", False),
    Field("filed_on", _("Filed on"), "date"),
    _REGION,
    Field("campaign", _("Campaign"), "campaign", False),
    Field("note", _("Remark"), "long", False, 4000),
)

REASON = Field("reason", _("Why it is corrected"), most=200)
CORRECTIONS: dict[str, Form] = {
    form.code: form
    for form in (
        Form(
            "case",
            _("Correct the case"),
            (
                *(one for one in CASE_FIELDS if one.name not in ("number", "region", "note")),
                Field("solved_on", _("Solved on"), "past_day", False, 40),
                REASON,
            ),
            lambda actor, case, typed: beside(
                "campaign", correcting.correct_case, actor, case, correcting.CaseCorrection(**typed)
            ),
            "cases:case",
        ),
        Form(
            "person",
            _("Correct the name"),
            (Field("name", _("Name"), most=64), REASON),
            lambda actor, person, typed: correcting.correct_person(actor, person, **typed),
            "cases:person",
        ),
        Form(
            "incident",
            _("Correct the incident"),
            (
                Field("reported_at", _("Reported"), "moment", most=40),
                Field("scam_type", _("Scam type"), "choice", choices=_types),
                Field("loss_fen", _("Loss, yuan"), "money", most=20),
                REASON,
            ),
            lambda actor, incident, typed: correcting.correct_incident(
                actor, incident, correcting.IncidentCorrection(**typed)
            ),
            "cases:incident",
        ),
    )
}
"""Forms that say how a row shall be, by what it is."""
FORMS: dict[str, Form] = {
    form.code: form
    for form in (
        Form(
            "case",
            _("File a case"),
            CASE_FIELDS,
            lambda actor, _parent, typed: beside(
                "campaign", casework.file_case, actor, casework.CaseForm(**typed)
            ),
            own="cases:case",
        ),
        Form(
            "person",
            _("Add a person"),
            PERSON_FIELDS,
            lambda actor, case, typed: casework.add_person(actor, case, casework.PersonForm(**typed)),
            "cases:case",
        ),
        Form(
            "measure",
            _("Enter a measure"),
            (
                Field("person", _("Person"), "part"),
                Field("kind", _("Measure"), "choice", choices=MeasureKind.choices),
                Field("on", _("Day"), "date"),
                Field("document", _("Document"), required=False, most=60),
                Field("years", _("Years of a punishment"), "choice", False, choices=_YEARS),
                Field("rule", _("Rule a punishment rests on, with its version"), required=False, most=60),
            ),
            lambda actor, case, typed: casework.take_measure(
                actor, case, int(typed.pop("person")), casework.MeasureForm(**typed)
            ),
            "cases:case",
        ),
        Form(
            "seizure",
            _("Enter a seizure"),
            SEIZURE_FIELDS,
            lambda actor, case, typed: casework.seize(actor, case, casework.SeizureForm(**typed)),
            "cases:case",
        ),
        Form(
            "incident",
            _("Join an incident"),
            (Field("incident", _("Incident, by its number"), "count", most=12),),
            lambda actor, case, typed: beside(
                "incident", casework.join_incidents, actor, case, [typed["incident"]]
            ),
            "cases:case",
        ),
        Form(
            "gang",
            _("Enter a gang"),
            (
                Field("name", _("Gang"), most=60),
                Field("kind", _("Kind"), "choice", choices=GangKind.choices),
                Field("found_on", _("Found on"), "date"),
                _REGION,
                Field("cluster_id", _("Cluster of the engine"), required=False, most=64),
            ),
            lambda actor, _parent, typed: crackdown.record_gang(actor, crackdown.GangForm(**typed)),
            own="cases:gang",
        ),
        Form(
            "member",
            _("Add a member"),
            (
                Field("person", _("Person in cases, by number"), "count", most=12),
                Field("role", _("Part"), "choice", choices=PartRole.choices),
            ),
            lambda actor, gang, typed: beside(
                "person", crackdown.add_member, actor, gang, typed["person"], typed["role"]
            ),
            "cases:gang",
        ),
        Form(
            "campaign",
            _("Plan a campaign"),
            (
                Field("name", _("Campaign"), most=60),
                Field("begins_on", _("Begins"), "date"),
                Field("ends_on", _("Ends"), "date", False),
                Field("goal", _("Goal"), required=False, most=200),
                _REGION,
            ),
            lambda actor, _parent, typed: crackdown.open_campaign(actor, crackdown.CampaignForm(**typed)),
            own="cases:campaign",
        ),
        Form(
            "team",
            _("Add a team"),
            (Field("name", _("Team"), most=40), Field("officers", _("Officers"), "count", most=6)),
            lambda actor, campaign, typed: crackdown.add_team(actor, campaign, crackdown.TeamForm(**typed)),
            "cases:campaign",
        ),
        Form(
            "trip",
            _("Enter a journey"),
            TRIP_FIELDS,
            lambda actor, campaign, typed: crackdown.add_trip(actor, campaign, crackdown.TripForm(**typed)),
            "cases:campaign",
        ),
    )
}
"""Every form by its code."""
