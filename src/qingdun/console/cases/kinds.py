"""Kinds of files that are taken in: their fields, and how many rows at once become rows of ours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.cases import queries
from qingdun.console.cases.codes import MeasureKind, PartRole
from qingdun.console.cases.entering import CASE_FIELDS, PERSON_FIELDS
from qingdun.console.cases.models import Case, CasePerson, Incident, Measure, Part
from qingdun.console.kernel.forms import Choices, Field, FieldFaults
from qingdun.console.kernel.models import PersonNumber, Region, User
from qingdun.console.kernel.queries import persons, regions
from qingdun.contract.codes import scam_types

Values = dict[str, Any]
Outcome = FieldFaults | bool
"""Why a row is refused, else whether it is new (True) or was known before (False)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file."""

    code: str
    word: str | Promise
    fields: tuple[Field, ...]
    take: Callable[[User, Sequence[Values]], list[Outcome]]
    """Makes rows of ours, in the transaction of its caller; one outcome a row."""


def _types() -> Choices:
    return [(code, scam_type_label(code)) for code in scam_types().names]


def _places(actor: User) -> dict[str, str]:
    """Path by code and by name of the actor's regions; a name that is two places' is neither's."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for region in regions(actor).exclude(level=Region.Level.VILLAGE):
        found[region.code] = region.path
        for name in {region.name, region.short_name}:
            if found.setdefault(name, region.path) != region.path:
                twice.add(name)
    return {name: path for name, path in found.items() if name not in twice}


def _place(places: Mapping[str, str], text: str) -> str:
    if text not in places:
        raise FieldFaults({"region": gettext("Expected a place of your region, by name or code.")})
    return places[text]


def _past(values: Values, *names: str) -> None:
    today = timezone.localdate()
    for name in names:
        if values[name] and values[name] > today:
            raise FieldFaults({name: gettext("This day lies in the future.")})


def _key(values: Values) -> str:
    told = json.dumps({name: str(value) for name, value in values.items()}, sort_keys=True)
    return f"import-{hashlib.sha256(told.encode()).hexdigest()[:40]}"


def _each(rows: Sequence[Values], check: Callable[[Values], bool]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for values in rows:
        try:
            outcomes.append(check(values))
        except FieldFaults as fault:
            outcomes.append(fault)
    return outcomes


def _take_incidents(actor: User, rows: Sequence[Values]) -> list[Outcome]:
    """Incidents by number: the person's place if the actor's register knows the number, else the row's."""
    numbers = {values["number"] for values in rows}
    held = PersonNumber.objects.filter(msisdn__in=numbers, person__in=persons(actor)).select_related("person")
    known = {one.msisdn: one.person for one in held}
    keys = {_key(values) for values in rows}
    told = set(Incident.objects.filter(by=actor, key__in=keys).values_list("key", flat=True))
    places, now = _places(actor), timezone.now()
    made: list[Incident] = []

    def check(values: Values) -> bool:
        if values["reported_at"] > now:
            raise FieldFaults({"reported_at": gettext("Nothing can have been reported in the future.")})
        person, key = known.get(values["number"]), _key(values)
        path = person.region_path if person else _place(places, values["region"])
        if key in told:
            return False
        told.add(key)
        made.append(
            Incident(
                person_id=person.pk if person else f"number:{values['number']}", msisdn=values["number"],
                region_path=path, reported_at=values["reported_at"], scam_type=values["scam_type"],
                loss_fen=values["loss_fen"], how=values["how"], key=key, by=actor, entered_at=now,
            )
        )  # fmt: skip
        return True

    outcomes = _each(rows, check)
    Incident.objects.bulk_create(made, batch_size=1000)
    return outcomes


def _take_cases(actor: User, rows: Sequence[Values]) -> list[Outcome]:
    """Cases by number; one that stands already is left as it is."""
    numbers = {values["number"] for values in rows}
    told = set(Case.objects.filter(number__in=numbers).values_list("number", flat=True))
    places, now = _places(actor), timezone.now()
    made: list[Case] = []

    def check(values: Values) -> bool:
        _past(values, "filed_on")
        path = _place(places, values["region"]) if values["region"] else actor.region_path
        if values["number"] in told:
            return False
        told.add(values["number"])
        own = {name: value for name, value in values.items() if name != "region"}
        made.append(Case(**own, region_path=path, by=actor, entered_at=now))
        return True

    outcomes = _each(rows, check)
    Case.objects.bulk_create(made, batch_size=1000)
    return outcomes


def _take_persons(actor: User, rows: Sequence[Values]) -> list[Outcome]:
    """Parts of persons in cases the actor sees, each with a measure if the row has one; of a refused row,
    nobody is kept.
    """
    wanted = {values["case"] for values in rows}
    cases = {case.number: case for case in queries.cases(actor).filter(number__in=wanted)}

    def check(values: Values) -> bool:
        _past(values, "on", "measure_on")
        if values["case"] not in cases:
            raise FieldFaults({"case": gettext("Expected the number of a case you see.")})
        if (values["role"] == PartRole.INSIDER) != bool(values["industry"]):
            raise FieldFaults({"industry": gettext("An insider has an industry, and nobody else has.")})
        values["identity"] = values["identity"].replace(" ", "").upper()
        return True

    outcomes = _each(rows, check)
    fit = [at for at, outcome in enumerate(outcomes) if outcome is True]
    people = _people([rows[at] for at in fit])
    pairs = set(Part.objects.filter(case__in=cases.values()).values_list("case", "person"))
    done = set(Measure.objects.filter(case__in=cases.values()).values_list("case", "person", "kind", "on"))
    parts: list[Part] = []
    measures: list[Measure] = []
    for at in fit:
        values = rows[at]
        case, person = cases[values["case"]], people[values["identity"]]
        measure = (case.pk, person.pk, values["measure"], values["measure_on"] or values["on"])
        outcomes[at] = False
        if (case.pk, person.pk) not in pairs:
            pairs.add((case.pk, person.pk))
            own = {name: values[name] for name in ("role", "industry", "on")}
            parts.append(Part(case=case, person=person, by=actor, **own))
            outcomes[at] = True
        if values["measure"] and measure not in done:
            done.add(measure)
            measures.append(Measure(case=case, person=person, kind=measure[2], on=measure[3], by=actor))
            outcomes[at] = True
    Part.objects.bulk_create(parts, batch_size=1000)
    Measure.objects.bulk_create(measures, batch_size=1000)
    return outcomes


def _people(rows: Sequence[Values]) -> dict[str, CasePerson]:
    """The persons of these rows by their documents; who was entered before keeps their name."""
    by_identity = {values["identity"]: values for values in rows}
    CasePerson.objects.bulk_create(
        (
            CasePerson(identity=identity, name=values["name"], numbers=values["numbers"])
            for identity, values in by_identity.items()
        ),
        ignore_conflicts=True,
        batch_size=1000,
    )
    return {one.identity: one for one in CasePerson.objects.filter(identity__in=by_identity)}


_CASE = {field.name: field for field in CASE_FIELDS}
_MEASURES = [choice for choice in MeasureKind.choices if choice[0] != MeasureKind.PUNISHED]
KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "incidents",
            _("Incidents"),
            (
                Field("number", _("Number of the person"), "number", most=40),
                Field("reported_at", _("Reported"), "moment", most=40),
                Field("scam_type", _("Scam type"), "choice", choices=_types),
                Field("loss_fen", _("Loss, yuan"), "money", most=20),
                Field("region", _("Place, for numbers nobody knows"), "region", False),
                Field("how", _("How it went"), "long", False, 2000),
            ),
            _take_incidents,
        ),
        Kind(
            "cases",
            _("Filed cases"),
            tuple(_CASE[name] for name in ("number", "name", "scam_type", "two_cards", "filed_on", "region")),
            _take_cases,
        ),
        Kind(
            "persons",
            _("Persons in cases"),
            (
                Field("case", _("Case number"), most=40),
                *(replace(field, hint="") for field in PERSON_FIELDS),
                Field("measure", _("Measure"), "choice", False, choices=_MEASURES),
                Field("measure_on", _("Day of the measure"), "date", False, 40),
            ),
            _take_persons,
        ),
    )
}
"""Every kind by its code. A punishment is no measure of a file: it needs its years and its rule."""
