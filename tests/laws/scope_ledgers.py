"""Data of a county for the law of scope in the ledgers: cases, money, industry, outreach, assessment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from qingdun.console.assessment import actions as ranking_actions
from qingdun.console.assessment import models as assessment
from qingdun.console.assessment import opening
from qingdun.console.assessment.periods import last_over
from qingdun.console.cases import actions as cases
from qingdun.console.cases import casework, crackdown, graphing, retracting_incidents, ties
from qingdun.console.cases.actions import IncidentForm
from qingdun.console.cases.models import CasePerson, Incident
from qingdun.console.command.models import Absence, Post, Proof, Provision, Tenure, Undertaking
from qingdun.console.funds import freezing, lapsing, refunding
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
    parties,
    punishing,
)
from qingdun.console.industry.actions import AssignmentForm, Line
from qingdun.console.industry.models import (
    BlacklistEntry,
    Breach,
    Letter,
    Punishment,
    Restriction,
)
from qingdun.console.kernel.imports import actions as imports
from qingdun.console.kernel.imports.models import Import, ImportFault
from qingdun.console.kernel.imports.taking import take_part
from qingdun.console.kernel.models import Organisation, PersonNumber, Region, User
from qingdun.console.kernel.roles import Role
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
from qingdun.console.whistles import actions as whistling
from tests.laws.scope_worlds import (
    CITY,
    account,
    alerts,
    index_of,
    kernel,
    latest_task,
    newest,
    number,
    warned,
    worked,
)

AUDIENCE = Wanted("floating")


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
    found = latest_task(county)
    raiser = User.objects.create(
        username=f"loser-{county}", role=Role.COUNTY_OFFICER, region=found.town, password="!"
    )
    form = IncidentForm(f"lost-{county}", timezone.now(), "police", 100, "", found.pk)
    cases.report_incident(raiser, form)


def withdrawn(county: str) -> None:
    """The same, taken back as entered by mistake."""
    lost(county)
    raiser = User.objects.get(username=f"loser-{county}")
    retracting_incidents.take_back(raiser, newest(Incident, county).pk, "重复录入")


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


def governed(county: str) -> None:
    """A bank of the county with a list of two accounts, one controlled and appealed, one waiting and late."""
    region = Region.objects.get(code=county)
    analyst = User.objects.create(
        username=f"governor-{county}", role=Role.CITY_ANALYST, region=region, password="!"
    )
    bank = parties.register_party(analyst, f"party-{county}", f"{county}银行", "bank", county)
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
    phones = parties.register_party(analyst, f"operator-{county}", f"{county}移动", "operator", county)
    checking.flag_card(analyst, number(county), "短期内频繁换机", phones.code)
    identity = f"44180019900101{county[-4:]}"
    blacklisting.list_identities(
        analyst, "person", [blacklisting.Listing(identity)], "act-31", f"开卡{county}"
    )
    blacklisting.list_identities(
        analyst, "person", [blacklisting.Listing(f"44180019900102{county[-4:]}")], "act-31", "待第二人确认"
    )
    BlacklistEntry.objects.filter(region_path=region.path, reason="待第二人确认").update(waits=True)
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


def ranked(county: str) -> None:
    """A published ranking of the city's towns and villages, which stays as it is when the other county's data
    come; and of the county: counted incidents, a village's line, a figure, a listing with objection and
    inspection, and a case looked at backwards.
    """
    kernel(county)
    city = Region.objects.get(level="city")
    analyst, _fresh = User.objects.get_or_create(
        username="assessment-law", defaults={"role": CITY, "region": city, "password": "!"}
    )
    now, today = timezone.now(), timezone.localdate()
    region = Region.objects.get(code=county)
    inside = Region.objects.filter(path__startswith=region.path, level="village").order_by("path")[0]
    at = now - dt.timedelta(days=1)
    lost_there = Incident.objects.create(
        person_id=f"person-{county}", msisdn="", region_path=inside.path, reported_at=at, entered_at=at,
        scam_type="police", loss_fen=90_000_000, key=f"assessment-{county}", by=analyst,
    )  # fmt: skip
    for level in ("town", "village"):
        if not assessment.Ranking.objects.filter(level=level).exists():
            made = ranking_actions.reckon(analyst, level, last_over(level, today).since)
            ranking_actions.publish_ranking(analyst, made.pk)
    towns = assessment.Ranking.objects.get(level="town")
    assessment.CountedRow.objects.create(
        ranking=towns, span="now", incident=lost_there.pk, region_path=inside.path, on=towns.since,
        scam_type="police", loss_fen=90_000_000,
    )  # fmt: skip
    assessment.Residents.objects.create(
        region_path=inside.path, residents=9, as_of=today, source=county, by=analyst, at=now
    )
    listing = assessment.Ruling.objects.create(
        kind="listing", region_path=inside.path, ranking=towns, state="confirmed", reasons=["top"],
        rules=towns.rules, proposed_at=now, decided_at=now, decided_by=analyst, object_until=today,
    )  # fmt: skip
    assessment.Objection.objects.create(
        ruling=listing, region_path=inside.path, text=f"异议{county}", by=analyst, at=now, due_on=today
    )
    assessment.Inspection.objects.create(
        ruling=listing, region_path=inside.path, on=today, passed=True, findings="合格", by=analyst, at=now
    )
    assessment.Scheme.objects.create(
        region_path=inside.path, valid_from=today, areas={}, award="a", penalty="p", by=analyst, at=now
    )
    while opening.open_new(now):
        pass


def commanded(county: str) -> None:
    """Posts of the county's first village with holder, deputy and absence, an undertaking with proof that is
    overdue, and a provision of the city, which stays when the other county's data come.
    """
    reached(county)
    city = Region.objects.get(level="city")
    officer, today = User.objects.get(username=f"outreach-{county}"), timezone.localdate()
    inside = Region.objects.filter(path__startswith=officer.region_path, level="village").order_by("path")[0]
    now = timezone.now()
    provision, _fresh = Provision.objects.get_or_create(
        number=1, region_path=city.path,
        defaults={"title": "措施", "demand": "…", "system": "command", "since": today, "by": officer},
    )  # fmt: skip
    owned = {"region_path": inside.path, "by": officer}
    post = Post.objects.create(title=f"书记{county}", kind="principal", opened_on=today, **owned)
    seated = {"post": post, "since": now - dt.timedelta(days=9), "by": officer, "at": now}
    holder = Tenure.objects.create(name=f"甲{county}", standing="holder", **seated)
    Tenure.objects.create(name=f"乙{county}", standing="deputy", rank=1, **seated)
    Absence.objects.create(
        tenure=holder, since=now, until=now + dt.timedelta(days=1), reason="外出", by=officer, at=now
    )
    undertaken = Undertaking.objects.create(
        provision=provision, region_path=inside.path, title=f"任务{county}", goal="…",
        due_on=today - dt.timedelta(days=3), set_by=officer, set_at=now,
    )  # fmt: skip
    Proof.objects.create(
        undertaking=undertaken, name=county, media="application/pdf", data=b"x", sha256=county, size_bytes=1,
        by=officer, at=now,
    )  # fmt: skip


def held_back(county: str) -> None:
    """The county's stop of payment, which its bank has carried out."""
    warned(county)
    now = timezone.now()
    held = {"state": "held", "held_at": now, "ends_at": now + dt.timedelta(days=2)}
    StopPayment.objects.filter(region_path__contains=f"/{county}/").update(**held)


def village_path(county: str) -> str:
    """Path of the county's first village."""
    path = Region.objects.get(code=county).path
    return Region.objects.filter(path__startswith=path, level="village").order_by("path")[0].path


def overdue_in(county: str) -> list[tuple[str, dt.datetime, int, str]]:
    """The key of the county's undertaking on the page of what is overdue."""
    found = newest(Undertaking, county)
    return [("undertakings", timezone.now(), found.pk, found.region_path)] if found else []


def proof_in(county: str) -> int:
    """Id of the proof of the county's undertaking."""
    found = Proof.objects.filter(undertaking__region_path__contains=f"/{county}/").first()
    return found.pk if found else 0


def ranking_of(level: str) -> Callable[[str], tuple[Any, ...]]:
    """The published ranking of the level."""
    return lambda _county: (assessment.Ranking.objects.filter(level=level).first(),)


def listing_in(county: str) -> assessment.Ruling | None:
    """The listing of a place of the county."""
    path = Region.objects.get(code=county).path
    return assessment.Ruling.objects.filter(region_path__startswith=path).first()


def backwards_in(county: str) -> assessment.Accountability | None:
    """The case of the county that is looked at backwards."""
    path = Region.objects.get(code=county).path
    return assessment.Accountability.objects.filter(region_path__startswith=path).first()


def mailed(county: str) -> None:
    """A floating resident with an alert, a mailing to them and one person held out, its reading."""
    alerts(county)
    person_id, region = f"p{index_of(county):02}", Region.objects.get(code=county)
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


def photo_in(county: str) -> EventPhoto | None:
    return EventPhoto.objects.filter(event__region_path__contains=f"/{county}/").first()


def mailing_in(county: str) -> tuple[Any, ...]:
    """The county's mailing."""
    return (newest(Mailing, county) or Mailing(pk=0),)


def punished_in(county: str) -> tuple[Any, ...]:
    """Id of the county's punishment."""
    found = Punishment.objects.filter(restriction__region_path__contains=f"/{county}/").first()
    return (found.pk if found else 0,)


def letter_of(county: str) -> tuple[Any, ...]:
    """Id of the letter about it."""
    found = Letter.objects.filter(punishment__in=punished_in(county)).first()
    return (found.pk if found else 0,)


def digest_of(county: str) -> str:
    return blacklisting.digest_of("person", f"44180019900101{county[-4:]}") or ""
