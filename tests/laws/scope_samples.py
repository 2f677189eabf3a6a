"""What each read of the console is asked in the law of scope, and data of a county for it. A new read adds
its line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from qingdun.console.alerts import actions, entities, snapshots
from qingdun.console.alerts.codes import EntityKind
from qingdun.console.alerts.intake import ingest_alerts, ingest_context
from qingdun.console.alerts.models import Evidence, Suspect, Task
from qingdun.console.alerts.queries import Filters
from qingdun.console.care import ticking as care_ticking
from qingdun.console.care.actions import record_result
from qingdun.console.care.models import FollowUp, KeyPerson
from qingdun.console.cases import actions as cases
from qingdun.console.cases import casework, crackdown, figures, graphing, ties
from qingdun.console.cases.actions import IncidentForm
from qingdun.console.cases.models import Campaign, Case, CasePerson, Gang, GraphRecord, Incident
from qingdun.console.funds import actions as funds
from qingdun.console.funds import freezing, lapsing, refunding
from qingdun.console.funds.actions import StopForm
from qingdun.console.funds.freezing import FreezeForm
from qingdun.console.funds.models import Document, Freeze, Movement, Refund, StopPayment
from qingdun.console.industry import actions as industry
from qingdun.console.industry import (
    answering,
    blacklisting,
    checking,
    deciding,
    finding,
    interviewing,
    punishing,
)
from qingdun.console.industry import figures as industry_figures
from qingdun.console.industry.actions import AssignmentForm, Line
from qingdun.console.industry.models import (
    Appeal,
    Assignment,
    BlacklistEntry,
    Breach,
    CardCheck,
    Finding,
    Letter,
    Punishment,
    Restriction,
)
from qingdun.console.kernel import audit
from qingdun.console.kernel.imports import actions as imports
from qingdun.console.kernel.imports.models import Import, ImportFault
from qingdun.console.kernel.imports.taking import take_part
from qingdun.console.kernel.models import Organisation, Person, PersonNumber, PersonRelation, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask as TableAsk
from qingdun.console.lists import actions as list_actions
from qingdun.console.lists.candidates import Candidate as ListCandidate
from qingdun.console.lists.codes import Source as ListSource
from qingdun.console.lists.models import Entry as ListEntry
from qingdun.console.lists.models import EntryEvidence
from qingdun.console.lists.queries import Filters as ListFilters
from qingdun.console.measures.periods import period_of
from qingdun.console.measures.queries import Ask
from qingdun.console.offers.models import Offer
from qingdun.console.outreach import figures as outreach_figures
from qingdun.console.outreach import mailing, registering
from qingdun.console.outreach.audience import Wanted
from qingdun.console.outreach.mailing import MailingForm
from qingdun.console.outreach.models import (
    Ambassador,
    Commendation,
    Door,
    Event,
    EventPhoto,
    Grid,
    HitGroup,
    Mailing,
    Material,
    Partner,
    Pledge,
    ProvinceRank,
    QuizSheet,
    Reading,
    Recipient,
    Unit,
    Venue,
)
from qingdun.console.sms import actions as sms
from qingdun.console.sms.models import DemoSms, OptOut
from qingdun.console.sms.queries import Filters as MessageFilters
from qingdun.console.visits.models import Consent, Photo, Place, Receipt
from qingdun.console.whereabouts.models import Cell, Look
from qingdun.console.whistles import actions as whistling
from qingdun.console.whistles.actions import Typed
from qingdun.console.whistles.ledgers import Span
from tests.console.alerts import world
from tests.console.duty.samples import duty_monday, duty_post, duty_station, write_duty
from tests.console.places import COUNTY_A as OURS

TOOLS = {
    "alerts.access.may_open",
    "alerts.access.may_unmask",
    "alerts.access.require_open",
    "alerts.access.visible",
    "alerts.access.sees",
    "alerts.access.require_sight",
    "kernel.scope.covers",
    "kernel.scope.in_station",
    "kernel.scope.narrowed",
    "kernel.scope.require_covers",
    "kernel.scope.residents",
    "kernel.scope.within",
}
"""Functions that are given rows and narrow them: what the law is about, and not subject to it."""


class Sample(NamedTuple):
    """How a read is tried."""

    populate: Callable[[str], None]
    """Puts data of that county into the database."""
    role: Role
    """A role that may ask, for the counter-check by somebody who sees the whole city."""
    arguments: Callable[[str], tuple[Any, ...]] = lambda county: ()
    """What is asked besides the viewer, about that county."""
    names_something: bool = False
    """Whether the arguments name something of the county: asked from elsewhere, the answer must then be
    nothing.
    """
    grows: bool = True
    """Whether the answer for the city changes with the other county's data."""
    of_all_stations: bool = False
    """Whether what it tells of a county (which places and stations there are) is no secret among stations."""


def kernel(county: str) -> None:
    """A station, a resident, a user and an act in the county."""
    region = Region.objects.get(code=county)
    town = region if region.level == "town" else Region.objects.filter(parent=region).order_by("code")[0]
    Organisation.objects.create(code=f"other-{county}", kind="station", name=f"{county}所", region=town)
    person = Person.objects.create(
        person_id=f"person-{county}", name="甲乙", birth_year=1980, sex="f", floating=False,
        region=town, region_path=town.path,
    )  # fmt: skip
    PersonNumber.objects.create(
        msisdn=number(county), person=person, carrier="x", virtual_operator=False, activated_on="2020-01-01"
    )
    user = User.objects.create(username=f"user-{county}", role=Role.VIEWER, region=region, password="!")
    with transaction.atomic():
        audit.record(user, "touch", ("thing", county), None, {"county": county})


def alerts(county: str) -> None:
    """A resident of the county with the alert of the golden story."""
    _resident(county)
    own = world.evidence(
        24, "transfer.first_payee", "account", account(county), 2.0, "首次转账", "First payment"
    )
    pieces = (*world.POLICE_EVIDENCE, own)
    ingest_alerts(None, [world.alert(_index(county), "urgent", "police", "transfer", pieces, 25)])


def _index(county: str) -> int:
    """What numbers the place's resident: no two places of the small city share it."""
    return int(county[-4:])


def _resident(county: str) -> None:
    kernel(county)
    other = Person.objects.get(person_id=f"person-{county}")
    Person.objects.create(
        person_id=f"p{_index(county):02}", name="丙丁", birth_year=1970, sex="m", floating=True,
        region=other.region, region_path=other.region_path,
    )  # fmt: skip


def worked(county: str) -> None:
    """The same after a visit: called in vain, met, dissuaded; and an earlier task of the person."""
    _resident(county)
    index, pieces = _index(county), world.POLICE_EVIDENCE
    _earlier, found = world.two_open_tasks(
        world.alert(index, "high", "loan", "lure", pieces[:2], -6000, f"before-{county}"),
        world.alert(index, "urgent", "police", "transfer", pieces),
    )
    ingest_context(None, f"episode-{index:02}:urgent", world.police_context())
    analyst = User.objects.get(username="sample-analyst")
    officer = User.objects.create(
        username=f"worker-{county}", role=Role.COUNTY_OFFICER, region=found.town, password="!"
    )
    actions.dispatch(analyst, found.pk, None)
    actions.move(officer, found.pk, None, "sign")
    actions.record_contact(officer, found.pk, None, "busy")
    actions.move(officer, found.pk, None, "meet")
    form = actions.VisitForm(("persuade",), "", "", 100, 0, 0)
    actions.save_visit(officer, found.pk, None, f"sample-key-{county}", form, "awakened")


def sought(county: str) -> None:
    """The county's alert with its station, a call in a cell, and everybody has said why they look."""
    alerts(county)
    found = _latest(county)
    assert found is not None
    call = world.police_context()[3]._replace(cell=f"cell-{county}")
    ingest_context(None, found.alerts.get().alert_id, [call])
    Cell.objects.create(cell=f"cell-{county}", lng=113.0, lat=24.0)
    if Organisation.objects.filter(kind="station", towns=found.town_id).exists():
        actions.dispatch(User.objects.get(username="sample-analyst"), found.pk, None)
    now = timezone.now()
    for user in User.objects.all():
        Look.objects.create(
            task=found, region_path=found.region_path, by=user, at=now, until=now + dt.timedelta(hours=1)
        )


def offered(county: str) -> None:
    """The county's alert, which was offered to an officer of a station there."""
    alerts(county)
    found, station = _latest(county), duty_post(county)
    assert found is not None
    assert station is not None
    officer = User.objects.create(
        username=f"offered-{county}", role=Role.STATION_OFFICER, region=station.region, organisation=station,
        password="!",
    )  # fmt: skip
    now = timezone.now()
    Offer.objects.create(
        task=found, region_path=found.region_path, search_at=now, step=0, officer=officer, station=station,
        km=1.0, way_min=3.0, offered_at=now, expires_at=now + dt.timedelta(minutes=1),
    )  # fmt: skip


def warned(county: str) -> None:
    """The same task, after a whistle of its county, with the incident and the stop of payment it led to."""
    worked(county)
    found = _latest(county)
    assert found is not None
    raiser = User.objects.create(
        username=f"raiser-{county}", role=Role.COUNTY_OFFICER, region=found.town, password="!"
    )
    whistling.raise_whistle(raiser, Typed(key=f"sample-{county}", who=number(county), region=""))
    key, at = f"sample-{county}", found.received_at
    incident = cases.report_incident(raiser, IncidentForm(key, at, "police", 100, "", found.pk))
    funds.request_stop(raiser, StopForm(key, "甲", f"62000{county}", 100, at, "", found.pk, incident.pk))


def replied(county: str) -> None:
    """The incident of `warned`, and its bank's reply: the victim's payment, what went on, and a bad row."""
    warned(county)
    raiser = User.objects.get(username=f"raiser-{county}")
    incident = newest(Incident, county)
    paid = f"{timezone.localtime(incident.reported_at):%Y-%m-%d %H:%M:%S}"
    head = "账号,时间,金额,收付标志,对方账号,流水号"
    first, second = f"62000{county}", f"62001{county}"
    rows = (f"{first},{paid},1.00,进,{account(county)},a", f"{first},{paid},0.60,出,{second},b")
    text = "\n".join([head, *rows, "x"])
    reply = imports.receive(raiser, "movements", "reply.csv", text.encode(), "演练银行", incident.pk)
    imports.begin(raiser, reply.pk)
    take_part(timezone.now())


def investigated(county: str) -> None:
    """The same, with a case about it, a person detained, cards seized, a gang and a campaign."""
    warned(county)
    officer = User.objects.get(username=f"raiser-{county}")
    today = timezone.localdate()
    campaign = crackdown.open_campaign(officer, crackdown.CampaignForm(f"行动{county}", today))
    crackdown.add_team(officer, campaign.pk, crackdown.TeamForm("一组", 3))
    crackdown.add_trip(officer, campaign.pk, crackdown.TripForm("一组", "36", today))
    form = casework.CaseForm(f"case-{county}", "贩卡案", today, "", True, "", f"{campaign.pk}")
    case = casework.file_case(officer, form)
    casework.join_incidents(officer, case.pk, [newest(Incident, county).pk])
    person = casework.PersonForm(f"id-{county}", "甲", "insider", today, "bank", [number(county)])
    part = casework.add_person(officer, case.pk, person)
    casework.take_measure(officer, case.pk, part.person_id, casework.MeasureForm("detained", today))
    casework.seize(officer, case.pk, casework.SeizureForm("phone_card", today, 2))
    graphing.save_graph(officer, f"图{county}", {"shown": list(ties.graph(officer).nodes)}, None)
    gang = crackdown.record_gang(officer, crackdown.GangForm(f"团伙{county}", "cards", today))
    crackdown.add_member(officer, gang.pk, part.person_id, "leader")


def suspect_of(county: str) -> tuple[Any, ...]:
    """Id of the person of the county's case."""
    return (getattr(CasePerson.objects.filter(identity=f"ID-{county}").first(), "pk", 0),)


def frozen(county: str) -> None:
    """The same, with a freeze of what is still in the first account."""
    replied(county)
    raiser = User.objects.get(username=f"raiser-{county}")
    entry = Movement.objects.get(region_path__contains=f"/{county}/", payee=f"62000{county}")
    Movement.objects.filter(pk=entry.pk).update(payee_name="甲")
    incident = newest(Incident, county)
    freezing.request_freeze(raiser, FreezeForm(f"sample-{county}", incident.pk, entry.pk, 10))


def returning(county: str) -> None:
    """The same, carried out by the bank, with a refund prepared."""
    frozen(county)
    raiser = User.objects.get(username=f"raiser-{county}")
    freezing.move_freeze(raiser, frozen_in(county).pk, "freeze")
    refunding.prepare_refund(raiser, f"sample-{county}", frozen_in(county).pk, [])


def returning_in(county: str) -> Refund:
    """The county's latest refund."""
    return newest(Refund, county) or Refund(pk=0)


def frozen_in(county: str) -> Freeze:
    """The county's latest freeze."""
    return newest(Freeze, county) or Freeze(pk=0)


def document_of(county: str) -> int:
    """Id of the document about the county's latest stop-payment order."""
    found = Document.objects.filter(stop__region_path__contains=f"/{county}/").order_by("-pk").first()
    return found.pk if found else 0


def lost(county: str) -> None:
    """A loss reported just now without an order."""
    worked(county)
    found = _latest(county)
    raiser = User.objects.create(
        username=f"loser-{county}", role=Role.COUNTY_OFFICER, region=found.town, password="!"
    )
    form = IncidentForm(f"lost-{county}", timezone.now(), "police", 100, "", found.pk)
    cases.report_incident(raiser, form)


def lapsed(county: str) -> None:
    """The same, half an hour and longer ago, and the county's desk has been told."""
    lost(county)
    now = timezone.now()
    for _step in range(3):
        lapsing.tick(now + dt.timedelta(hours=1 + _step))


def paid_in(county: str) -> tuple[Any, ...]:
    """Ids of the movements in which the county's victim paid."""
    found = Movement.objects.filter(region_path__contains=f"/{county}/", payee=f"62000{county}")
    return ([*found.values_list("pk", flat=True)] or [0],)


def received(county: str) -> None:
    """A list of alerts of the county with one row, and a token of an organisation there."""
    kernel(county)
    region = Region.objects.get(code=county)
    analyst = User.objects.create(
        username=f"lister-{county}", role=Role.CITY_ANALYST, region=region, password="!"
    )
    text = f"号码\n123\n{number(county)}\n"
    file = imports.receive(analyst, "alerts", "list.csv", text.encode(), f"source-{county}")
    ImportFault.objects.create(file=file, line=2, column="号码", found="123", expected="…")
    security = User.objects.create(
        username=f"security-{county}", role=Role.SECURITY_ADMIN, region=region, password="!"
    )
    bank = Organisation.objects.create(code=f"bank-{county}", kind="bank", name=county, region=region)
    whistling.make_token(security, bank, "program")


def file_of_county(county: str) -> Import:
    """The county's latest imported file."""
    return newest(Import, county) or Import(pk=0)


def visited(county: str) -> None:
    """The same, with what an officer records at the door: a consent, a photo, the place, a signed receipt."""
    worked(county)
    found = Task.objects.get(episode_id=f"episode-{_index(county):02}")
    officer, now = User.objects.get(username=f"worker-{county}"), timezone.now()
    owned = {"task": found, "region_path": found.region_path, "by": officer, "at": now}
    key = f"sample-{county}"
    Consent.objects.create(key=key, kind="photo", answer="yes", said_at=now, **owned)
    Photo.objects.create(
        key=key, name=f"{county}.jpg", sha256="0" * 64, size_bytes=1, width=1, height=1, **owned
    )
    Place.objects.create(key=key, lat=23.68, lng=113.05, accuracy_m=12, **owned)
    Receipt.objects.create(
        key=key, year=2026, serial=_index(county), language="zh", scam_type="police", told=[], steps=[],
        strokes=[], signed_at=now, **owned,
    )  # fmt: skip


def kept_of(model: type[Model]) -> Callable[[str], tuple[Any, ...]]:
    """Asks with the id of what was recorded at the county's door."""

    def ask(county: str) -> tuple[Any, ...]:
        found = newest(model, county)
        return (found.pk if found else 0,)

    return ask


def messages(county: str) -> None:
    """The county's alert with a warning, shown on the demo phone, and a number that opted out."""
    alerts(county)
    found = _latest(county)
    assert found is not None
    warning = sms.warn(User.objects.get(username="sample-analyst"), found.pk)
    DemoSms.objects.create(part=warning.parts.earliest("number"), at=warning.created_at)
    OptOut.objects.create(msisdn=number(county), at=warning.created_at, region_path=found.region_path)


def duty_roster(county: str) -> None:
    """The county's alert, a station with somebody on duty, and a hand-over."""
    alerts(county)
    write_duty(Region.objects.get(code=county))


def listed(county: str) -> None:
    """The county's alert, and an entry of the city's lists that rests on it and on other counties'."""
    alerts(county)
    snapshots.replace_suspects(None, world.suspects())
    analyst = User.objects.get(username="sample-analyst")
    wanted = ListCandidate("number", world.CALLER, "black", "群拨号码")
    made = list_actions.propose(analyst, [wanted], ListSource.HAND, "sample-key")
    if made.fresh:
        list_actions.approve(analyst, [(made.entries[0].pk, None)])
    for alert_id in alerts_of(county)[0]:
        EntryEvidence.objects.create(
            entry=made.entries[0], detector="call.overseas", text_zh="境外来电", text_en="A call from abroad",
            at=world.MORNING, alert_id=alert_id,
        )  # fmt: skip


def listed_entry() -> Any:
    """The sample entry."""
    return ListEntry.objects.get()


def alerts_of(county: str) -> tuple[Any, ...]:
    """Ids of the alerts of the county's task."""
    found = Evidence.objects.filter(alert__task=_latest(county)).values_list("alert_id", flat=True)
    return (list(found.distinct()),)


def number(county: str) -> str:
    """A number nobody has, another one for each county."""
    return f"+861725802{county[-4:]}"


def task(county: str) -> tuple[Any, ...]:
    """The county's latest task."""
    return (_latest(county),)


def task_id(county: str) -> tuple[Any, ...]:
    """Id of the county's task."""
    found = _latest(county)
    return (found.pk if found else 0,)


def account(county: str) -> str:
    """The account that the county's evidence names, and no other county's."""
    return f"62000000{_index(county):08}"


def evidence_of(county: str) -> tuple[Any, ...]:
    """The reference of a piece of evidence of the county's task."""
    found = Evidence.objects.filter(alert__task=_latest(county)).first()
    return (entities.reference(found) if found else "e0",)


def _latest(county: str) -> Task | None:
    return Task.objects.filter(region_path__contains=f"/{county}/").order_by("-raised_at").first()


def whistle_key(county: str) -> tuple[Any, ...]:
    """Key of the county's whistle."""
    return (f"sample-{county}",)


def newest(model: type[Model], county: str) -> Any:
    """The county's latest row of that model."""
    return model._default_manager.filter(region_path__contains=f"/{county}/").order_by("-pk").first()


def month() -> Span:
    """A period about the time at which the samples are made."""
    day = timezone.localdate()
    return Span("", day - dt.timedelta(days=1), day + dt.timedelta(days=1))


def cared(county: str) -> None:
    """The same, asked again on the first day, when they refused to talk; the third day is over."""
    worked(county)
    found = Task.objects.get(episode_id=f"episode-{_index(county):02}")
    now = timezone.now() + dt.timedelta(seconds=10)
    PersonRelation.objects.create(person_id=found.person_id, relative_id=f"person-{county}", relation="child")
    care_ticking.tick(now)
    rows = {row.day: row for row in FollowUp.objects.filter(task=found)}
    record_result(User.objects.get(username=f"worker-{county}"), rows[1].pk, "refused")
    FollowUp.objects.filter(pk=rows[3].pk).update(due_at=now - dt.timedelta(hours=1))
    care_ticking.tick(now)


def follow_ups_of(county: str) -> list[FollowUp]:
    """The follow-ups of the county's latest task."""
    return list(FollowUp.objects.filter(task=_latest(county)).order_by("day"))


def file_of(county: str) -> tuple[Any, ...]:
    """The county's key-person file."""
    return (KeyPerson.objects.filter(region_path__contains=f"/{county}/").first() or KeyPerson(pk=0),)


def governed(county: str) -> None:
    """A bank of the county with a list of two accounts, one controlled and appealed, one waiting and late."""
    region = Region.objects.get(code=county)
    analyst = User.objects.create(
        username=f"governor-{county}", role=Role.CITY_ANALYST, region=region, password="!"
    )
    bank = industry.register_party(analyst, f"party-{county}", f"{county}银行", "bank", county)
    officer = User.objects.create(
        username=f"compliance-{county}",
        role=Role.PARTY_OFFICER,
        region=region,
        organisation=bank,
        password="!",
    )
    lines = [Line(f"62000{county}{number}", "甲") for number in (1, 2)]
    form = AssignmentForm(
        f"sample-{county}", bank.code, "涉案账户", "account", "control", "act-18", "涉案", lines
    )
    sent = industry.move_assignment(analyst, industry.propose(analyst, form).pk, "send")
    first = Restriction.objects.get(assignment=sent, row=1)
    answering.answer(officer, [answering.Answer(first.pk, "control")])
    deciding.file_appeal(officer, first.pk, "甲", "账户用于发工资")
    now = timezone.now()
    finding.push(officer, [finding.Found("number", number(county), now, "监测发现")])
    phones = industry.register_party(analyst, f"operator-{county}", f"{county}移动", "operator", county)
    checking.flag_card(analyst, number(county), "短期内频繁换机", phones.code)
    identity = f"44180019900101{county[-4:]}"
    blacklisting.list_identities(
        analyst, "person", [blacklisting.Listing(identity)], "act-31", f"开卡{county}"
    )
    interviewing.record_interview(analyst, "bank", bank.name, timezone.localdate(), "开户", "整改")
    proposer = User.objects.create(
        username=f"proposer-{county}", role=Role.COUNTY_OFFICER, region=region, password="!"
    )
    form = punishing.PunishmentForm(identity, "甲", 2, timezone.localdate(), "出租银行卡")
    punished = punishing.propose_punishment(proposer, form)
    punishing.confirm_punishment(analyst, punished.punishment.pk, "order")
    Breach.objects.create(
        clock="answer", about=sent.pk, party=bank, due_at=now, found_at=now, told_at=now,
        region_path=sent.region_path,
    )  # fmt: skip


def id_of(model: type[Model]) -> Callable[[str], tuple[Any, ...]]:
    """Asks with the id of the county's latest row; 0 if it has none."""
    return lambda county: (getattr(newest(model, county), "pk", 0),)


def row_of(model: type[Model]) -> Callable[[str], tuple[Any, ...]]:
    """Asks with the county's latest row; an unsaved one if it has none."""
    return lambda county: (newest(model, county) or model(pk=0),)


def reached(county: str) -> None:
    """Registrations of a day in the county and in a grid of it, a target, and the city's rank."""
    kernel(county)
    region, today = Region.objects.get(code=county), timezone.localdate()
    officer = User.objects.create(username=f"outreach-{county}", role=CITY, region=region, password="!")
    inside = region.path if region.level == "town" else Region.objects.filter(parent=region)[0].path
    grid = Grid.objects.create(code=f"g-{county}", name=f"网格{county}", region_path=inside, residents=9)
    for form in (
        registering.CountForm(today, "", "stall", 7, 5, 3),
        registering.CountForm(today, "", "door", 2, 1, 1, grid.code),
    ):
        registering.enter_count(officer, form)
    due = today + dt.timedelta(days=9)
    registering.set_target(officer, registering.TargetForm("", "installed", due, 50))
    ProvinceRank.objects.create(
        region_path=region.path, day=today, count="installed", rank=4, of=21, source=county, by=officer,
        at=timezone.now(),
    )  # fmt: skip


def mailed(county: str) -> None:
    """A floating resident with an alert, a mailing to them and one person held out, its reading."""
    alerts(county)
    person_id, region = f"p{_index(county):02}", Region.objects.get(code=county)
    PersonNumber.objects.create(
        msisdn=f"{number(county)}9", person_id=person_id, carrier="x", virtual_operator=False,
        activated_on="2020-01-01",
    )  # fmt: skip
    officer = User.objects.create(username=f"mailer-{county}", role=CITY, region=region, password="!")
    form = MailingForm(f"sample-{county}", f"提醒{county}", AUDIENCE, "education.police", 0, 3)
    made = mailing.prepare(officer, form)
    Recipient.objects.create(mailing=made, person_id=f"held-{county}", county=county, arm="held")
    Reading.objects.create(
        mailing=made, days=1, sent=1, held=1, sent_alerts=1, held_alerts=0, sent_cases=0, held_cases=0,
        at=timezone.now(),
    )  # fmt: skip
    groups = (("", "30-44", 0, 50), ("", "45-59", 0, 60), ("police", "45-59", 3, 60))
    for scam_type, band, hit, residents in groups:
        HitGroup.objects.create(
            region_path=region.path, scam_type=scam_type, band=band, sex="f", floating=False, hit=hit,
            residents=residents, day=timezone.localdate(),
        )  # fmt: skip


def matrix_of(county: str) -> None:
    """A unit, an ambassador, a venue, an enterprise with its pledge, an event with photo and sheet, a
    commendation, a material, a grid and a door in the county.
    """
    reached(county)
    officer, today = User.objects.get(username=f"outreach-{county}"), timezone.localdate()
    owned = {"region_path": officer.region_path, "by": officer}
    unit = Unit.objects.create(name=f"单位{county}", kind="party", joined_on=today, **owned)
    Ambassador.objects.create(name=f"甲{county}", field="教师", unit=unit, appointed_on=today, **owned)
    Venue.objects.create(name=f"阵地{county}", kind="park", opened_on=today, **owned)
    partner = Partner.objects.create(name=f"企业{county}", kind="enterprise", **owned)
    Pledge.objects.create(partner=partner, signed_on=today, **owned)
    Commendation.objects.create(name=f"乙{county}", on=today, deed="劝阻", **owned)
    Material.objects.create(title=f"折页{county}", kind="leaflet", **owned)
    event = Event.objects.create(title=f"活动{county}", kind="talk", on=today, heads=1, **owned)
    EventPhoto.objects.create(
        event=event, picture=b"x", sha256=county, width=1, height=1, by=officer, at=timezone.now()
    )
    QuizSheet.objects.create(
        key=county, region_path=officer.region_path, event=event, version=1, answers={}, right=1, of=5,
        on=today,
    )  # fmt: skip
    now, grid = timezone.now(), Grid.objects.get(code=f"g-{county}")
    Door.objects.create(
        key=county, grid=grid, region_path=grid.region_path, result="met", visited_at=now, at=now, by=officer
    )


def _photo_in(county: str) -> EventPhoto | None:
    return EventPhoto.objects.filter(event__region_path__contains=f"/{county}/").first()


def mailing_in(county: str) -> tuple[Any, ...]:
    """The county's mailing."""
    return (newest(Mailing, county) or Mailing(pk=0),)


AUDIENCE = Wanted("floating")


def punished_in(county: str) -> tuple[Any, ...]:
    """Id of the county's punishment."""
    found = Punishment.objects.filter(restriction__region_path__contains=f"/{county}/").first()
    return (found.pk if found else 0,)


def letter_of(county: str) -> tuple[Any, ...]:
    """Id of the letter about it."""
    found = Letter.objects.filter(punishment__in=punished_in(county)).first()
    return (found.pk if found else 0,)


def _digest(county: str) -> str:
    return blacklisting.digest_of("person", f"44180019900101{county[-4:]}") or ""


CITY, SYSTEM, AUDITOR = Role.CITY_ANALYST, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN

SAMPLES: dict[str, Sample] = {
    "kernel.queries.regions": Sample(kernel, CITY, grows=False, of_all_stations=True),
    "kernel.queries.stations": Sample(kernel, CITY, of_all_stations=True),
    "kernel.queries.persons": Sample(kernel, CITY),
    "kernel.queries.person": Sample(kernel, CITY, lambda county: (f"person-{county}",), True),
    "kernel.queries.users": Sample(kernel, SYSTEM),
    "kernel.queries.audit_rows": Sample(kernel, AUDITOR),
    "kernel.queries.verb_choices": Sample(kernel, AUDITOR, grows=False),
    "kernel.queries.saved_filters": Sample(kernel, CITY, lambda county: ("alerts",), grows=False),
    "kernel.queries.search_pages": Sample(kernel, CITY, lambda county: ("",), grows=False),
    "kernel.queries.search_regions": Sample(
        kernel, CITY, lambda county: (county,), True, of_all_stations=True
    ),
    "kernel.queries.search_persons": Sample(kernel, CITY, lambda county: (number(county),), True),
    "kernel.queries.workplaces": Sample(received, SYSTEM, of_all_stations=True),
    # Stations may not ask these at all.
    "industry.queries.parties": Sample(governed, CITY),
    "industry.queries.assignments": Sample(governed, CITY),
    "industry.queries.assignment": Sample(governed, CITY, id_of(Assignment), True, of_all_stations=True),
    "industry.queries.answer_counts": Sample(governed, CITY, row_of(Assignment), True, of_all_stations=True),
    "industry.queries.restrictions": Sample(governed, CITY),
    "industry.queries.restriction": Sample(governed, CITY, id_of(Restriction), True, of_all_stations=True),
    "industry.queries.appeals": Sample(governed, CITY),
    "industry.queries.appeal": Sample(governed, CITY, id_of(Appeal), True, of_all_stations=True),
    "industry.queries.breaches": Sample(governed, CITY),
    "industry.queries.assignment_moves": Sample(governed, CITY, row_of(Assignment), grows=False),
    "industry.queries.restriction_moves": Sample(
        governed, CITY, row_of(Restriction), True, of_all_stations=True
    ),
    "industry.queries.appeal_moves": Sample(governed, CITY, row_of(Appeal), True, of_all_stations=True),
    "industry.queries.budget": Sample(governed, CITY, grows=False),
    "industry.queries.runs": Sample(governed, CITY, grows=False),
    "industry.queries.submissions": Sample(governed, CITY, grows=False),
    "industry.access.addressed": Sample(governed, CITY, lambda county: (Restriction.objects.all(),)),
    "industry.registers.findings": Sample(governed, CITY),
    "industry.registers.finding": Sample(governed, CITY, id_of(Finding), True, of_all_stations=True),
    "industry.registers.finding_moves": Sample(governed, CITY, row_of(Finding), True, of_all_stations=True),
    "industry.registers.card_checks": Sample(governed, CITY),
    "industry.registers.card_check": Sample(governed, CITY, id_of(CardCheck), True, of_all_stations=True),
    "industry.registers.check_moves": Sample(governed, CITY, row_of(CardCheck), grows=False),
    "industry.registers.blacklist": Sample(governed, CITY),
    "industry.registers.blacklist_entry": Sample(
        governed, CITY, id_of(BlacklistEntry), True, of_all_stations=True
    ),
    # The list is the whole city's: who opens cards must know.
    "industry.registers.listed": Sample(
        governed, CITY, lambda county: ("person", [_digest(OURS)]), grows=False, of_all_stations=True
    ),
    "industry.registers.interviews": Sample(governed, CITY),
    "industry.registers.punishments": Sample(governed, CITY),
    "industry.registers.punishment": Sample(governed, CITY, punished_in, True, of_all_stations=True),
    "industry.registers.letters": Sample(governed, CITY),
    "industry.registers.letter": Sample(governed, CITY, letter_of, True, of_all_stations=True),
    "industry.tables.rows": Sample(governed, CITY, lambda county: ("restrictions", TableAsk())),
    "industry.tables.party_choices": Sample(governed, CITY),
    "industry.figures.counted": Sample(governed, CITY, lambda county: (TableAsk(),)),
    "industry.figures.value": Sample(
        governed, CITY, lambda county: (industry_figures.BY_CODE["appeals"], TableAsk())
    ),
    "industry.views.tabs": Sample(governed, CITY, lambda county: ("restrictions",), grows=False),
    "measures.queries.report": Sample(worked, CITY, lambda county: (Ask("", period_of("", "")),)),
    "measures.queries.week": Sample(worked, CITY),
    "measures.queries.rows": Sample(worked, CITY, lambda county: ("met", Ask("", period_of("", "")))),
    "alerts.queries.tasks": Sample(alerts, CITY, lambda county: (Filters(),)),
    "alerts.queries.level_counts": Sample(alerts, CITY, lambda county: (Filters(),)),
    "alerts.queries.held_by": Sample(duty_roster, CITY, lambda county: (duty_post(county),), grows=False),
    "alerts.queries.rows": Sample(alerts, CITY, lambda county: (list(task(county)),), True),
    "alerts.queries.grid_members": Sample(alerts, CITY, task, grows=False),
    "alerts.queries.queue": Sample(alerts, CITY, lambda county: ([one.pk for one in task(county)],), True),
    "alerts.queries.task": Sample(alerts, CITY, task_id, True),
    "alerts.queries.history": Sample(alerts, CITY, task, True),
    "alerts.queries.contacts": Sample(worked, CITY, task, True),
    "alerts.queries.clocks": Sample(alerts, CITY, task, True),
    "alerts.queries.alerts": Sample(alerts, CITY, task, True),
    "alerts.queries.context": Sample(worked, CITY, task, True),
    "alerts.queries.last_seen": Sample(sought, CITY, task, True),
    "alerts.queries.visit": Sample(worked, CITY, task, True),
    "offers.queries.mine": Sample(offered, CITY, grows=False),
    "offers.queries.of_task": Sample(offered, CITY, task, True),
    "whereabouts.queries.may_look": Sample(sought, CITY, task, True),
    "whereabouts.queries.panel": Sample(sought, CITY, task, True),
    "alerts.queries.earlier": Sample(worked, CITY, task, True),
    "alerts.queries.person": Sample(alerts, CITY, task, True),
    "alerts.queries.open_moves": Sample(alerts, CITY, task, True),
    "alerts.queries.stations": Sample(alerts, CITY, of_all_stations=True),
    "alerts.queries.feed": Sample(alerts, CITY, grows=False),
    "visits.queries.consents": Sample(visited, CITY, task_id, True),
    "visits.queries.photos": Sample(visited, CITY, task_id, True),
    "visits.queries.photo": Sample(visited, CITY, kept_of(Photo), True),
    "visits.queries.place": Sample(visited, CITY, task_id, True),
    "visits.queries.receipts": Sample(visited, CITY, task_id, True),
    "visits.queries.receipt": Sample(visited, CITY, kept_of(Receipt), True),
    "visits.queries.record": Sample(visited, CITY, task, True),
    "alerts.entities.entity": Sample(alerts, CITY, lambda county: (EntityKind.NUMBER, world.CALLER)),
    "alerts.entities.find": Sample(alerts, CITY, lambda county: (EntityKind.ACCOUNT, account(county)), True),
    "alerts.entities.named": Sample(alerts, CITY, evidence_of, True),
    "alerts.queries.find": Sample(alerts, CITY, lambda county: (world.number(_index(county)),), True),
    "alerts.timeline.may_be_shown": Sample(alerts, CITY, lambda county: (None, []), grows=False),
    "alerts.entities.search_entities": Sample(alerts, CITY, lambda county: (world.CALLER,), grows=False),
    "alerts.entities.suspects": Sample(alerts, CITY, grows=False),
    "alerts.entities.ties": Sample(alerts, CITY, lambda county: ("", 100)),
    "alerts.entities.labels": Sample(
        alerts, CITY, lambda county: ([("account", account(county))],), grows=False
    ),
    "alerts.entities.clusters": Sample(alerts, CITY, lambda county: (100,), grows=False),
    "alerts.export.export_outcomes": Sample(worked, CITY),
    "alerts.clocks.table": Sample(alerts, CITY, lambda county: (county,), grows=False),
    "alerts.clocks.own_rules": Sample(alerts, CITY, grows=False),
    "alerts.guarding.attempts": Sample(worked, CITY, task, True),
    "alerts.guarding.warning": Sample(worked, CITY, task, grows=False),
    "alerts.priorities.of_task": Sample(alerts, CITY, task, True),
    "alerts.priorities.ranked": Sample(alerts, CITY, lambda county: (Filters(),)),
    "alerts.priorities.next_task": Sample(alerts, CITY, grows=False),
    "alerts.unmasking.unmasked": Sample(worked, CITY, task, grows=False),
    "alerts.undoing.undoable_until": Sample(worked, CITY, task, grows=False),
    "alerts.figures.by_county": Sample(alerts, CITY),
    "alerts.figures.measures": Sample(worked, CITY),
    "alerts.figures.outcomes": Sample(worked, CITY),
    "alerts.figures.trend": Sample(alerts, CITY),
    "alerts.figures.waiting": Sample(alerts, CITY),
    "alerts.timeline.lanes": Sample(alerts, CITY, task, grows=False),
    "alerts.timeline.places": Sample(alerts, CITY, task, True),
    "alerts.timeline.serving": Sample(alerts, CITY, task, grows=False),
    "cases.queries.incidents": Sample(warned, CITY),
    "cases.queries.incident": Sample(warned, CITY, lambda c: (getattr(newest(Incident, c), "pk", 0),), True),
    "cases.queries.rows": Sample(
        warned, CITY, lambda c: ([one for one in [newest(Incident, c)] if one],), True
    ),
    # Stations do not work on cases: they may not ask these at all.
    "cases.queries.cases": Sample(investigated, CITY),
    "cases.queries.case": Sample(
        investigated, CITY, lambda c: (getattr(newest(Case, c), "pk", 0),), True, of_all_stations=True
    ),
    "cases.queries.parts": Sample(investigated, CITY),
    "cases.queries.measures": Sample(investigated, CITY),
    "cases.queries.seizures": Sample(investigated, CITY),
    "cases.queries.persons_of_cases": Sample(investigated, CITY),
    "cases.queries.person_of_cases": Sample(investigated, CITY, suspect_of, True, of_all_stations=True),
    "cases.queries.gangs": Sample(investigated, CITY),
    "cases.queries.gang": Sample(
        investigated, CITY, lambda c: (getattr(newest(Gang, c), "pk", 0),), True, of_all_stations=True
    ),
    "cases.queries.members": Sample(investigated, CITY),
    "cases.queries.campaigns": Sample(investigated, CITY),
    "cases.queries.campaign": Sample(
        investigated, CITY, lambda c: (getattr(newest(Campaign, c), "pk", 0),), True, of_all_stations=True
    ),
    "cases.queries.teams": Sample(investigated, CITY),
    "cases.queries.trips": Sample(investigated, CITY),
    "cases.queries.case_moves": Sample(
        investigated, CITY, lambda c: (newest(Case, c) or Case(),), True, of_all_stations=True
    ),
    "cases.queries.gang_moves": Sample(
        investigated, CITY, lambda c: (newest(Gang, c) or Gang(),), True, of_all_stations=True
    ),
    "cases.queries.campaign_moves": Sample(
        investigated, CITY, lambda c: (newest(Campaign, c) or Campaign(),), True, of_all_stations=True
    ),
    "cases.queries.graph_records": Sample(investigated, CITY),
    "cases.queries.graph_record": Sample(
        investigated, CITY, lambda c: (getattr(newest(GraphRecord, c), "pk", 0),), True, of_all_stations=True
    ),
    "cases.ties.graph": Sample(investigated, CITY),
    "cases.case_views.tabs": Sample(investigated, CITY, lambda c: ("cases",), grows=False),
    "cases.tables.rows": Sample(investigated, CITY, lambda c: ("persons", TableAsk())),
    "cases.figures.counted": Sample(investigated, CITY, lambda c: (TableAsk(),)),
    "cases.figures.value": Sample(investigated, CITY, lambda c: (figures.BY_CODE["detained"], TableAsk())),
    "funds.queries.stops": Sample(warned, CITY),
    "funds.queries.stop": Sample(warned, CITY, lambda c: (getattr(newest(StopPayment, c), "pk", 0),), True),
    "funds.queries.open_moves": Sample(
        warned, CITY, lambda c: (newest(StopPayment, c) or StopPayment(),), True
    ),
    # Stations may not ask these at all.
    "funds.queries.movements": Sample(replied, CITY),
    "funds.queries.lapses": Sample(lapsed, CITY),
    "funds.queries.notices": Sample(lapsed, CITY, grows=False),
    "funds.tracing.together": Sample(
        replied, CITY, lambda c: ([getattr(newest(Incident, c), "pk", 0)],), True, of_all_stations=True
    ),
    "funds.queries.freezes": Sample(frozen, CITY),
    "funds.queries.freeze": Sample(frozen, CITY, lambda c: (frozen_in(c).pk,), True, of_all_stations=True),
    "funds.queries.freeze_moves": Sample(frozen, CITY, lambda c: (frozen_in(c),), True, of_all_stations=True),
    "funds.queries.documents": Sample(frozen, CITY),
    "funds.queries.document": Sample(frozen, CITY, lambda c: (document_of(c),), True),
    "funds.queries.refunds": Sample(returning, CITY),
    "funds.queries.refund": Sample(
        returning, CITY, lambda c: (returning_in(c).pk,), True, of_all_stations=True
    ),
    "funds.queries.refund_moves": Sample(
        returning, CITY, lambda c: (returning_in(c),), True, of_all_stations=True
    ),
    "funds.queries.shares_text": Sample(
        returning, CITY, lambda c: (returning_in(c),), True, of_all_stations=True
    ),
    "funds.tracing.to_enter": Sample(lost, CITY, lambda c: (timezone.now(),)),
    "funds.queries.movement": Sample(
        replied, CITY, lambda c: (paid_in(c)[0][0],), True, of_all_stations=True
    ),
    "funds.tracing.payments": Sample(
        replied, CITY, lambda c: (getattr(newest(Incident, c), "pk", 0),), True, of_all_stations=True
    ),
    "funds.tracing.candidates": Sample(
        replied, CITY, lambda c: (getattr(newest(Incident, c), "pk", 0),), True, of_all_stations=True
    ),
    "funds.tracing.of_stop": Sample(
        replied, CITY, lambda c: (newest(StopPayment, c) or StopPayment(),), True, of_all_stations=True
    ),
    "funds.tracing.trace": Sample(replied, CITY, paid_in, True, of_all_stations=True),
    "whistles.queries.people": Sample(
        kernel, CITY, lambda county: (number(county),), True, of_all_stations=True
    ),
    "whistles.queries.matches": Sample(
        kernel, CITY, lambda county: (number(county),), True, of_all_stations=True
    ),
    "whistles.queries.whistles": Sample(warned, CITY),
    "whistles.queries.whistle": Sample(warned, CITY, whistle_key, grows=False),
    "whistles.queries.tokens": Sample(received, Role.SECURITY_ADMIN),
    "whistles.queries.organisations": Sample(received, Role.SECURITY_ADMIN),
    "kernel.imports.queries.imports": Sample(received, CITY),
    "kernel.imports.queries.imported": Sample(
        received, CITY, lambda c: (file_of_county(c).pk,), True, of_all_stations=True
    ),
    "kernel.imports.queries.parts": Sample(
        received, CITY, lambda c: (file_of_county(c),), True, of_all_stations=True
    ),
    "kernel.imports.queries.faults": Sample(
        received, CITY, lambda c: (file_of_county(c),), True, of_all_stations=True
    ),
    "kernel.imports.queries.origins": Sample(received, CITY, lambda c: (["alerts"],)),
    "kernel.imports.queries.usable_kinds": Sample(received, CITY, grows=False),
    "whistles.ledgers.rows": Sample(worked, CITY, lambda county: ("visits", month())),
    "sms.queries.messages": Sample(messages, CITY),
    "sms.queries.state_counts": Sample(messages, CITY, lambda county: (MessageFilters(),)),
    "sms.queries.texts": Sample(messages, CITY, grows=False),
    "sms.queries.versions": Sample(messages, CITY, lambda county: ("emergency.police",), grows=False),
    "sms.queries.opt_outs": Sample(messages, CITY),
    "sms.queries.demo_phones": Sample(messages, CITY),
    "duty.queries.on_duty_now": Sample(duty_roster, CITY),
    "duty.queries.week": Sample(
        duty_roster, CITY, lambda county: (duty_station(county), duty_monday()), True
    ),
    "duty.queries.officers": Sample(duty_roster, CITY, lambda county: (duty_station(county),), True),
    "duty.queries.organisations": Sample(duty_roster, CITY),
    "duty.queries.handovers": Sample(duty_roster, CITY),
    "duty.queries.open_tasks": Sample(duty_roster, CITY, lambda county: (duty_station(county),), grows=False),
    "duty.queries.calls": Sample(duty_roster, CITY),
    "duty.queries.organisation": Sample(duty_roster, CITY, lambda county: (duty_station(county),), True),
    "duty.queries.may_write": Sample(duty_roster, CITY, lambda county: (duty_post(county),), True),
    "outreach.queries.counts": Sample(reached, CITY),
    "outreach.queries.targets": Sample(reached, CITY),
    "outreach.queries.ranks": Sample(reached, CITY),
    "outreach.queries.grids": Sample(reached, CITY),
    "outreach.queries.grid": Sample(reached, CITY, lambda county: (f"g-{county}",), True),
    "outreach.standing.board": Sample(reached, CITY, lambda county: ("", "installed", "town")),
    **{
        f"outreach.queries.{name}": Sample(matrix_of, CITY)
        for name in (
            "units",
            "ambassadors",
            "venues",
            "partners",
            "events",
            "pledges",
            "commendations",
            "materials",
            "sheets",
            "doors",
        )
    },
    "outreach.queries.doors_today": Sample(matrix_of, CITY, grows=False),
    "outreach.queries.event": Sample(matrix_of, CITY, kept_of(Event), True, of_all_stations=True),
    "outreach.queries.material": Sample(matrix_of, CITY, kept_of(Material), True, of_all_stations=True),
    "outreach.queries.photo": Sample(
        matrix_of, CITY, lambda c: (getattr(_photo_in(c), "pk", 0),), True, of_all_stations=True
    ),
    "outreach.queries.mailings": Sample(mailed, CITY),
    "outreach.queries.mailing": Sample(mailed, CITY, kept_of(Mailing), True, of_all_stations=True),
    "outreach.queries.sizes": Sample(mailed, CITY, mailing_in, True, of_all_stations=True),
    "outreach.queries.outcomes": Sample(mailed, CITY, mailing_in, True, of_all_stations=True),
    "outreach.queries.readings": Sample(mailed, CITY, mailing_in, True, of_all_stations=True),
    "outreach.queries.hit_groups": Sample(mailed, CITY),
    "outreach.audience.size": Sample(mailed, CITY, lambda c: (AUDIENCE,)),
    "outreach.audience.people": Sample(mailed, CITY, lambda c: (AUDIENCE,)),
    "outreach.audience.groups": Sample(mailed, CITY, lambda c: (Wanted("hit_groups", (), "police"),)),
    "outreach.audience.place_choices": Sample(mailed, CITY, grows=False, of_all_stations=True),
    "sms.queries.reach": Sample(mailed, CITY, lambda c: (Person.objects.filter(floating=True),)),
    "sms.queries.education_texts": Sample(mailed, CITY, grows=False),
    "outreach.figures.counted": Sample(reached, CITY, lambda county: (TableAsk(),)),
    "outreach.figures.value": Sample(
        reached, CITY, lambda county: (outreach_figures.BY_CODE["installed"], TableAsk())
    ),
    "care.queries.follow_ups": Sample(cared, CITY, lambda county: ("coming",)),
    "care.queries.follow_up": Sample(
        cared, CITY, lambda county: (next((one.pk for one in follow_ups_of(county)), 0),), True
    ),
    "care.queries.of_task": Sample(cared, CITY, task_id, True),
    "care.queries.lines": Sample(cared, CITY, lambda county: (follow_ups_of(county),), True),
    "care.queries.overdue_by_station": Sample(cared, CITY),
    "care.queries.key_files": Sample(cared, CITY),
    "care.queries.key_file": Sample(cared, CITY, lambda county: (file_of(county)[0].pk,), True),
    "care.queries.file_lines": Sample(cared, CITY, lambda county: (list(file_of(county)),), True),
    "care.queries.file_of_person": Sample(cared, CITY, lambda county: (file_of(county)[0].person_id,), True),
    "care.queries.tasks_of": Sample(cared, CITY, file_of, True),
    "care.queries.family": Sample(cared, CITY, file_of, True),
    "care.queries.officers": Sample(cared, CITY, file_of, grows=False),
    "alerts.suspects.standing": Sample(alerts, CITY, grows=False),
    "alerts.suspects.reach": Sample(listed, CITY, lambda county: (list(Suspect.objects.all()),)),
    "lists.queries.changes_since": Sample(listed, CITY, lambda county: (0,), grows=False),
    "lists.queries.counts": Sample(listed, CITY, lambda county: (ListFilters(),), grows=False),
    "lists.queries.entries": Sample(listed, CITY, lambda county: (ListFilters(),), grows=False),
    "lists.queries.entry": Sample(listed, CITY, lambda county: (listed_entry().pk,), grows=False),
    "lists.queries.evidence": Sample(listed, CITY, lambda county: (listed_entry(),)),
    "lists.queries.find": Sample(listed, CITY, lambda county: (world.CALLER,), grows=False),
    "lists.queries.history": Sample(listed, CITY, lambda county: (listed_entry(),), grows=False),
    "lists.queries.of_entity": Sample(listed, CITY, lambda county: ("number", world.CALLER), grows=False),
    "lists.queries.open_moves": Sample(listed, CITY, lambda county: (listed_entry(),), grows=False),
    "lists.queries.proposal": Sample(listed, CITY, lambda county: (listed_entry().proposal_id,), grows=False),
    "lists.queries.refused_rows": Sample(
        listed, CITY, lambda county: (listed_entry().proposal,), grows=False
    ),
    "lists.queries.search_entries": Sample(listed, CITY, lambda county: (world.CALLER,), grows=False),
    "lists.queries.snapshot": Sample(listed, CITY, grows=False),
    "lists.queries.suspect_rows": Sample(listed, CITY, lambda county: (list(Suspect.objects.all()),)),
    "lists.queries.task_of": Sample(listed, CITY, alerts_of, True),
    "lists.queries.to_review": Sample(listed, CITY, grows=False),
    "lists.queries.waiting": Sample(listed, CITY, lambda county: (listed_entry().proposal_id,), grows=False),
}
