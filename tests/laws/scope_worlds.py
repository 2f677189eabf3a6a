"""Data of a county for the law of scope, and what names a row of it: each makes what one group of reads is
asked about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from qingdun.console.alerts import actions, entities, snapshots
from qingdun.console.alerts.intake import ingest_alerts, ingest_context
from qingdun.console.alerts.models import Evidence, Task
from qingdun.console.care import ticking as care_ticking
from qingdun.console.care.actions import record_result
from qingdun.console.care.models import FollowUp, KeyPerson
from qingdun.console.cases import actions as cases
from qingdun.console.cases.actions import IncidentForm
from qingdun.console.funds import actions as funds
from qingdun.console.funds.actions import StopForm
from qingdun.console.kernel import audit
from qingdun.console.kernel.models import Organisation, Person, PersonNumber, PersonRelation, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.lists import actions as list_actions
from qingdun.console.lists.candidates import Candidate as ListCandidate
from qingdun.console.lists.codes import Source as ListSource
from qingdun.console.lists.interception import ConsoleLists
from qingdun.console.lists.models import Entry as ListEntry
from qingdun.console.lists.models import EntryEvidence, HeldText
from qingdun.console.offers.models import Offer
from qingdun.console.sms import actions as sms
from qingdun.console.sms.models import DemoSms, OptOut
from qingdun.console.visits.models import Consent, Photo, Place, Receipt
from qingdun.console.whereabouts.models import Cell, Look
from qingdun.console.whistles import actions as whistling
from qingdun.console.whistles.actions import Typed
from qingdun.console.whistles.ledgers import Span
from qingdun.contract.columns import timestamp
from qingdun.contract.lists import HeldText as HeldTold
from qingdun.contract.lists import Sightings
from tests.console.alerts import world
from tests.console.duty.samples import duty_post, write_duty


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
    ingest_alerts(None, [world.alert(index_of(county), "urgent", "police", "transfer", pieces, 25)])


def index_of(county: str) -> int:
    """What numbers the place's resident: no two places of the small city share it."""
    return int(county[-4:])


def _resident(county: str) -> None:
    kernel(county)
    other = Person.objects.get(person_id=f"person-{county}")
    Person.objects.create(
        person_id=f"p{index_of(county):02}", name="丙丁", birth_year=1970, sex="m", floating=True,
        region=other.region, region_path=other.region_path, home_address=f"演练路{index_of(county)}号",
    )  # fmt: skip


def worked(county: str) -> None:
    """The same after a visit: called in vain, met, dissuaded; and an earlier task of the person."""
    _resident(county)
    index, pieces = index_of(county), world.POLICE_EVIDENCE
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
    found = latest_task(county)
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
    found, station = latest_task(county), duty_post(county)
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
    found = latest_task(county)
    assert found is not None
    raiser = User.objects.create(
        username=f"raiser-{county}", role=Role.COUNTY_OFFICER, region=found.town, password="!"
    )
    whistling.raise_whistle(raiser, Typed(key=f"sample-{county}", who=number(county), region=""))
    key, at = f"sample-{county}", found.received_at
    incident = cases.report_incident(raiser, IncidentForm(key, at, "police", 100, "", found.pk))
    funds.request_stop(raiser, StopForm(key, "甲", f"62000{county}", 100, at, "", found.pk, incident.pk))


def visited(county: str) -> None:
    """The same, with what an officer records at the door: a consent, a photo, the place, a signed receipt."""
    worked(county)
    found = Task.objects.get(episode_id=f"episode-{index_of(county):02}")
    officer, now = User.objects.get(username=f"worker-{county}"), timezone.now()
    owned = {"task": found, "region_path": found.region_path, "by": officer, "at": now}
    key = f"sample-{county}"
    Consent.objects.create(key=key, kind="photo", answer="yes", said_at=now, **owned)
    Photo.objects.create(
        key=key, name=f"{county}.jpg", sha256="0" * 64, size_bytes=1, width=1, height=1, **owned
    )
    Place.objects.create(key=key, lat=23.68, lng=113.05, accuracy_m=12, **owned)
    Receipt.objects.create(
        key=key, year=2026, serial=index_of(county), language="zh", scam_type="police", told=[], steps=[],
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
    found = latest_task(county)
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


def observed(county: str) -> None:
    """The sample entry, observed for two days and met by a network."""
    listed(county)
    entry = listed_entry()
    ListEntry.objects.filter(pk=entry.pk).update(since=timezone.now() - dt.timedelta(days=2))
    ConsoleLists().report("sites", [Sightings(entry.pk, 0, 3, 0)])
    later = timestamp(timezone.now() + dt.timedelta(days=2))
    held = HeldTold(
        "store", 1, 0, later, "1069", "+8613800138000", 1, "您的账户已被冻结", True, entry.pk, 0.9,
        "phishing", (), "held", 0, (), (),
    )  # fmt: skip
    ConsoleLists().held("messages", [held])


def held_text() -> Any:
    """The sample text that a plane holds."""
    return HeldText.objects.get()


def listed_entry() -> Any:
    """The sample entry."""
    return ListEntry.objects.get()


def alerts_of(county: str) -> tuple[Any, ...]:
    """Ids of the alerts of the county's task."""
    found = Evidence.objects.filter(alert__task=latest_task(county)).values_list("alert_id", flat=True)
    return (list(found.distinct()),)


def number(county: str) -> str:
    """A number nobody has, another one for each county."""
    return f"+861725802{county[-4:]}"


def task(county: str) -> tuple[Any, ...]:
    """The county's latest task."""
    return (latest_task(county),)


def task_id(county: str) -> tuple[Any, ...]:
    """Id of the county's task."""
    found = latest_task(county)
    return (found.pk if found else 0,)


def account(county: str) -> str:
    """The account that the county's evidence names, and no other county's."""
    return f"62000000{index_of(county):08}"


def evidence_of(county: str) -> tuple[Any, ...]:
    """The reference of a piece of evidence of the county's task."""
    found = Evidence.objects.filter(alert__task=latest_task(county)).first()
    return (entities.reference(found) if found else "e0",)


def latest_task(county: str) -> Task | None:
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
    found = Task.objects.get(episode_id=f"episode-{index_of(county):02}")
    now = timezone.now() + dt.timedelta(seconds=10)
    PersonRelation.objects.create(person_id=found.person_id, relative_id=f"person-{county}", relation="child")
    care_ticking.tick(now)
    rows = {row.day: row for row in FollowUp.objects.filter(task=found)}
    record_result(User.objects.get(username=f"worker-{county}"), rows[1].pk, "refused")
    FollowUp.objects.filter(pk=rows[3].pk).update(due_at=now - dt.timedelta(hours=1))
    care_ticking.tick(now)


def follow_ups_of(county: str) -> list[FollowUp]:
    """The follow-ups of the county's latest task."""
    return list(FollowUp.objects.filter(task=latest_task(county)).order_by("day"))


def file_of(county: str) -> tuple[Any, ...]:
    """The county's key-person file."""
    return (KeyPerson.objects.filter(region_path__contains=f"/{county}/").first() or KeyPerson(pk=0),)


def id_of(model: type[Model]) -> Callable[[str], tuple[Any, ...]]:
    """Asks with the id of the county's latest row; 0 if it has none."""
    return lambda county: (getattr(newest(model, county), "pk", 0),)


def row_of(model: type[Model]) -> Callable[[str], tuple[Any, ...]]:
    """Asks with the county's latest row; an unsaved one if it has none."""
    return lambda county: (newest(model, county) or model(pk=0),)


CITY, SYSTEM, AUDITOR = Role.CITY_ANALYST, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN
