"""What is done in a case: the actor first, one transaction, one audit row that names nobody."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.cases import moves, queries
from qingdun.console.cases.codes import Industry, MeasureKind, PartRole, SeizedKind
from qingdun.console.cases.models import Case, CasePerson, Incident, Measure, Part, Seizure
from qingdun.console.cases.places import placed
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.imports.kinds import digest
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.storing import stand
from qingdun.errors import IllegalMove

NUMBER = re.compile(r"[\w()（）\[\]〔〕/.—-]{2,40}")
"""What the number of a case looks like: letters, digits and the signs between them."""
PUNISHED_YEARS = (2, 3, 5)
"""Two or three years, at most five (measures of joint punishment; the record keeps which rule it was)."""


@dataclass(frozen=True, slots=True)
class CaseForm:
    """What an officer types about a case."""

    number: str
    name: str
    filed_on: dt.date
    scam_type: str = ""
    two_cards: bool = False
    region: str = ""
    """Code of the place; empty: the actor's own."""
    campaign: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PersonForm:
    """What is typed about a person of a case."""

    identity: str
    name: str
    role: str
    on: dt.date
    industry: str = ""
    numbers: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MeasureForm:
    """What was done to a person, when, by which document."""

    kind: str
    on: dt.date
    document: str = ""
    years: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class SeizureForm:
    """What was seized, and where."""

    kind: str
    on: dt.date
    count: int = 0
    amount_fen: int = 0
    serials: list[str] = field(default_factory=list)
    place: str = ""


@dataclass(frozen=True, slots=True)
class Seized:
    """What a seizure says of its things."""

    kind: str
    on: dt.date
    count: int
    amount_fen: int
    place: str
    serials: list[str]

    def key(self, case: str) -> str:
        """What things seized for the case of that number are known by; equal things have the same."""
        said = (str(self.kind), self.on, self.count, self.amount_fen, self.place, self.serials)
        return digest(case, *said)


@transaction.atomic
def file_case(actor: User, form: CaseForm) -> Case:
    """The case stands. Errors: NotPermitted, FieldFaults (the number is taken, a day in the future)."""
    require(actor, Permission.WORK_CASES)
    region_path = placed(actor, form.region)
    _past(form.filed_on, "filed_on")
    campaign = queries.campaign(actor, int(form.campaign)) if form.campaign else None
    if queries.cases(actor).filter(number=form.number).exists():
        raise FieldFaults({"number": _("There is a case of this number.")})
    if not is_usable_number(form.number):
        raise FieldFaults({"number": unusable_number()})
    case = Case(
        number=form.number, name=form.name, scam_type=form.scam_type, two_cards=form.two_cards,
        filed_on=form.filed_on, region_path=region_path, campaign=campaign, note=form.note, by=actor,
        entered_at=timezone.now(),
    )  # fmt: skip
    stand(case, {"number": unusable_number()})
    record(actor, "file_case", case, None, _face(case) | {"number": case.number})
    return case


@transaction.atomic
def move_case(actor: User, case_id: int, verb: str, note: str = "") -> Case:
    """The case has made one move of the table. Errors: NotPermitted, IllegalMove, InputError (no reason)."""
    case = _taken(actor, case_id)
    step = moves.check(moves.CASE_MOVES, verb, case.state)
    why, before = stated(note) if step.needs_note else "", _face(case)
    case.state = step.target
    if step.target == moves.CaseState.SOLVED:
        case.solved_on = timezone.localdate()
    elif step.target == moves.CaseState.FILED:
        case.solved_on = None
    case.save(update_fields=["state", "solved_on"])
    record(actor, verb, case, before, _face(case), why)
    return case


@transaction.atomic
def join_incidents(actor: User, case_id: int, incident_ids: Iterable[int]) -> int:
    """The incidents belong to the case, those that did already too; how many are new.

    Errors: NotPermitted if one of them, or the case, is not the actor's to see.
    """
    case, ids = _taken(actor, case_id), list(incident_ids)
    # Locked first: nobody takes one back meanwhile.
    list(Incident.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    wanted = [queries.incident(actor, one) for one in ids]
    known = set(case.incidents.values_list("pk", flat=True))
    new = [one.pk for one in wanted if one.pk not in known]
    case.incidents.add(*new)
    if new:
        record(actor, "join_incidents", case, None, {"incidents": new})
    return len(new)


@transaction.atomic
def part_incident(actor: User, case_id: int, incident_id: int, reason: str) -> None:
    """The incident no longer belongs to the case. Errors: NotPermitted, InputError (no reason), IllegalMove
    (it did not).
    """
    case = _taken(actor, case_id)
    incident = queries.incident(actor, incident_id)
    if not case.incidents.filter(pk=incident.pk).exists():
        raise IllegalMove(_("This incident does not belong to the case."))
    case.incidents.remove(incident)
    record(actor, "part_incident", case, {"incidents": [incident.pk]}, None, stated(reason))


@transaction.atomic
def add_person(actor: User, case_id: int, form: PersonForm) -> Part:
    """The person has that part in the case. Who is in another case already is the same person: the name
    that was entered first stays. Errors: NotPermitted, FieldFaults (an insider of no industry, known here).
    """
    case = _taken(actor, case_id)
    _past(form.on, "on")
    if form.role not in PartRole.values:
        raise FieldFaults({"role": _("This is needed.")})
    if (form.role == PartRole.INSIDER) != (form.industry in Industry.values):
        raise FieldFaults({"industry": _("An insider has an industry, and nobody else has.")})
    identity = form.identity.replace(" ", "").upper()
    person, _fresh = CasePerson.objects.get_or_create(identity=identity, defaults={"name": form.name})
    if case.parts.filter(person=person).exists():
        raise FieldFaults({"identity": _("This person has a part in the case already.")})
    part = Part.objects.create(
        case=case, person=person, role=form.role, industry=form.industry, on=form.on, numbers=form.numbers,
        by=actor,
    )  # fmt: skip
    record(actor, "add_person", case, None, {"person": person.pk, "role": part.role, "on": part.on})
    return part


@transaction.atomic
def take_measure(actor: User, case_id: int, person_id: int, form: MeasureForm) -> Measure:
    """The measure stands, on its day. A punishment has its years and the rule it rests on.

    Errors: NotPermitted, FieldFaults, IllegalMove (no part in the case).
    """
    case = _taken(actor, case_id)
    _past(form.on, "on")
    if form.kind not in MeasureKind.values:
        raise FieldFaults({"kind": _("This is needed.")})
    if not case.parts.filter(person=person_id).exists():
        raise IllegalMove(_("This person has no part in the case."))
    punished = form.kind == MeasureKind.PUNISHED
    if punished and (form.years not in map(str, PUNISHED_YEARS) or not form.rule):
        raise FieldFaults({"years": _("Say for how many years, and by which rule.")})
    if case.measures.filter(person=person_id, kind=form.kind, on=form.on).exists():
        raise FieldFaults({"on": _("This measure stands on that day already.")})
    until = years_on(form.on, int(form.years)) if punished else None
    made = Measure.objects.create(
        case=case, person_id=person_id, kind=form.kind, on=form.on, document=form.document, until=until,
        rule=form.rule if punished else "", by=actor,
    )  # fmt: skip
    record(actor, "take_measure", case, None, {"person": person_id, "kind": made.kind, "on": made.on})
    return made


@transaction.atomic
def seize(actor: User, case_id: int, form: SeizureForm) -> Seizure:
    """The seizure stands. Errors: NotPermitted, FieldFaults (nothing counted, more numbers than things)."""
    case = _taken(actor, case_id)
    _past(form.on, "on")
    if form.kind not in SeizedKind.values:
        raise FieldFaults({"kind": _("This is needed.")})
    count, amount_fen = counted(form)
    said = Seized(form.kind, form.on, count, amount_fen, form.place, form.serials)
    made = Seizure.objects.create(case=case, key=said.key(case.number), by=actor, **asdict(said))
    after = {"kind": made.kind, "count": made.count, "amount_fen": made.amount_fen, "on": made.on}
    record(actor, "seize", case, None, after)
    return made


def counted(form: SeizureForm) -> tuple[int, int]:
    """How many things were seized and how much cash, one of them 0.

    Errors: FieldFaults (nothing counted, more numbers than things).
    """
    cash = form.kind == SeizedKind.CASH
    if cash and form.amount_fen <= 0:
        raise FieldFaults({"amount_fen": _("Say how much cash it was.")})
    if not cash and (form.count < 1 or form.amount_fen):
        raise FieldFaults({"count": _("Say how many there were; only cash has an amount.")})
    if len(form.serials) > form.count and not cash:
        raise FieldFaults({"serials": _("There are more numbers than things.")})
    return (0, form.amount_fen) if cash else (form.count, 0)


@transaction.atomic
def record_look(actor: User, person_id: int) -> CasePerson:
    """It is on record that the actor opened the page of that person, masked. Errors: NotPermitted."""
    person = queries.person_of_cases(actor, person_id)
    record(actor, "see_person", person)
    return person


@transaction.atomic
def unmask_person(actor: User, person_id: int, purpose: str) -> CasePerson:
    """The actor may read name, document and numbers of the person, and the audit says why.

    Errors: NotPermitted, InputError (no purpose).
    """
    require(actor, Permission.UNMASK)
    person = queries.person_of_cases(actor, person_id)
    record(actor, "unmask_case_person", person, None, {"fields": ["name", "identity"]}, stated(purpose))
    return person


def is_usable_number(number: str) -> bool:
    """Whether a new case can have that number: it looks like one, and no case has it, wherever it is."""
    return bool(NUMBER.fullmatch(number)) and not Case.objects.filter(number=number).exists()


def unusable_number() -> str:
    """What is said of every number that cannot be used, so that nobody learns whether it is another county's
    or no number at all.
    """
    return _("This case number cannot be used: see that it is complete and yours.")


def _taken(actor: User, case_id: int) -> Case:
    require(actor, Permission.WORK_CASES)
    queries.case(actor, case_id)
    return Case.objects.select_for_update().get(pk=case_id)


def _past(day: dt.date, name: str) -> None:
    if day > timezone.localdate():
        raise FieldFaults({name: _("This day lies in the future.")})


def years_on(day: dt.date, years: int) -> dt.date:
    """The day so many years later; of 29 February the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _face(case: Case) -> dict[str, object]:
    return {"state": case.state, "filed_on": case.filed_on, "solved_on": case.solved_on}
