"""No page, answer or event holds a person's data until it is unmasked, whoever asks.

Distinctive strings are seeded wherever the engine or a colleague could write them; then every address of the
console is walked as every role.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from qingdun.console.alerts import actions, entities, intake
from qingdun.console.alerts.models import Evidence, Suspect, Task
from qingdun.console.kernel.models import AuditRow, LiveEvent, Person, PersonAccount, PersonNumber, User
from qingdun.console.kernel.roles import Role
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

NUMBER, RELATIVE, NAME = made.number(0), "+8617258017777", "郑晓岚"
OWN_ACCOUNT, MULE, PHONE_ID = "6200000000000017", "6200000099887766", "867530901234567"
IDENTITY, STREET = "44180019520304123X", "演练路1号"
SECRETS = (NUMBER, NUMBER[3:], RELATIVE[3:], NAME, OWN_ACCOUNT, MULE, PHONE_ID, IDENTITY, STREET)
BARE_ZH = f"{NUMBER}用设备{PHONE_ID}（身份证{IDENTITY}）向{MULE}转账67,000元，亲属{RELATIVE}"
"""What the engine could say of an entity: it names nobody, and a page about no person could not tell."""
LEAKY_ZH = f"机主{NAME}（凤城街道{STREET}）：{BARE_ZH}"
LEAKY_EN = f"{NAME}, {NUMBER}, paid 67,000 yuan to {MULE} by device {PHONE_ID}"


@pytest.fixture
def leaky(world: World, settings: Settings) -> Task:
    """The golden story, its sentences full of personal data; dispatched, signed, called, noted."""
    settings.DEMO = True
    person = Person.objects.get(pk="p00")
    Person.objects.filter(pk=person.pk).update(home_address=f"凤城街道{STREET}")
    for number, holder in ((NUMBER, person), (RELATIVE, Person.objects.get(pk="p01"))):
        PersonNumber.objects.create(
            msisdn=number, person=holder, carrier="移动", virtual_operator=False, activated_on="2020-01-01"
        )
    PersonAccount.objects.create(account=OWN_ACCOUNT, person=person, kind="personal", bank="演练银行")
    pieces = (
        *made.POLICE_EVIDENCE,
        made.evidence(21, "transfer.suspect_payee", "account", MULE, 5.0, LEAKY_ZH, LEAKY_EN),
        made.evidence(22, "call.live_long", "number", RELATIVE, 4.9, LEAKY_ZH, LEAKY_EN),
        made.evidence(22, "call.shared_device", "device", PHONE_ID, 4.8, LEAKY_ZH, LEAKY_EN),
    )
    alert = made.alert(0, "urgent", "police", "transfer", pieces, 23)
    intake.ingest_alerts(None, [alert])
    around = made.police_context()
    intake.ingest_context(
        None,
        alert.alert_id,
        [
            *around,
            around[1]._replace(entity=RELATIVE, text_zh=f"去电：{RELATIVE}", text_en=f"to {RELATIVE}"),
            around[-1]._replace(entity=MULE, text_zh=LEAKY_ZH, text_en=LEAKY_EN),
        ],
    )
    for kind, value in (("account", MULE), ("device", PHONE_ID), ("number", made.CALLER)):
        Suspect.objects.create(
            entity_kind=kind, entity=value, score=0.9, scam_type="police", reasons=[BARE_ZH],
            first_flagged_at=made.MORNING, updated_at=made.MORNING,
        )  # fmt: skip
    task = Task.objects.get()
    actions.dispatch(world.analyst, task.pk, None, None, f"联系{NUMBER}")
    actions.move(world.officer, task.pk, None, "sign")
    actions.record_contact(world.officer, task.pk, None, "busy", f"亲属电话{RELATIVE}")
    return task


@pytest.fixture
def everybody(world: World) -> list[User]:
    """One user a role."""
    found = {user.role: user for user in User.objects.order_by("-pk")}
    for role in set(Role) - set(found):
        found[role] = User.objects.create(
            username=role, role=role, region=world.analyst.region, display_name=role, password="!"
        )
    found[Role.STATION_OFFICER] = world.officer
    return list(found.values())


def addresses(task: Task) -> Iterator[str]:
    """Every address of the console that is fetched, with every id there is."""
    person = task.person_id
    refs = [f"s{row.pk}" for row in Suspect.objects.all()] + [f"e{row.pk}" for row in Evidence.objects.all()]
    fill = {"task_id": [str(task.pk)], "ref": refs, "person_id": [person], "name": ["counties"], "pk": ["1"]}
    for pattern in patterns(get_resolver().url_patterns):
        names = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
        if len(names) > 1:
            continue
        if not names:
            yield f"/{pattern}"
        for value in fill.get(names[0], []) if names else ():
            yield "/" + re.sub(r"<[^>]+>", value, pattern)
    yield "/alerts/?state=all&type=police"
    yield f"/alerts/?task={task.pk}"
    yield "/audit/?verb=dispatch_straight"


def patterns(found: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for one in found:
        whole = before + str(one.pattern)
        if any(part in whole for part in ("accounts/", "backoffice/", "logout", "^")):
            continue
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, whole)
        else:
            yield whole


class Links(HTMLParser):
    """Addresses a page leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name in ("href", "data-url", "action") and value}


def legible(client: Client, address: str) -> list[str]:
    """The secrets that the answer to the address holds, in its body or its headers."""
    return legible_in(client.get(address), address)


def legible_in(answer: HttpResponse, address: str) -> list[str]:
    text = answer.getvalue().decode("utf-8", "replace") + str(dict(answer.headers))
    return [f"{address}: {secret}" for secret in SECRETS if secret in text]


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.slow)])
def test_no_address_tells_anybody_personal_data(
    leaky: Task, everybody: list[User], log_in: LogIn, language: str
) -> None:
    found, answered = [], set()
    for user in everybody:
        client = log_in(user)
        client.cookies["django_language"] = language
        for address in addresses(leaky):
            answer = client.get(address)
            found += [f"{user.role} {leak}" for leak in legible_in(answer, address)]
            if answer.status_code == 200:
                answered.add((user.role, address))
    assert not found, "\n".join(found)
    # The walk has seen what it is about.
    for address in (
        f"/alerts/{leaky.pk}/",
        f"/m/visit/{leaky.pk}/",
        f"/api/alerts/tasks/{leaky.pk}/timeline",
    ):
        assert {role for role, seen in answered if seen == address} == {
            Role.CITY_ANALYST, Role.COUNTY_OFFICER, Role.STATION_OFFICER
        }  # fmt: skip
    assert (Role.AUDIT_ADMIN, "/audit/") in answered


def test_no_link_and_no_event_holds_personal_data(leaky: Task, world: World, log_in: LogIn) -> None:
    client, links = log_in(world.analyst), Links()
    for address in addresses(leaky):
        answer = client.get(address)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            links.feed(answer.content.decode())
    assert any(link.startswith("/entities/e") for link in links.found)
    told = [str(event.payload) for event in LiveEvent.objects.all()]
    assert not [text for text in (*links.found, *told) for secret in SECRETS if secret in text]


def test_what_is_typed_into_a_search_is_in_no_address(leaky: Task, world: World, log_in: LogIn) -> None:
    client = log_in(world.analyst)
    for typed in (NUMBER[3:], NUMBER, NAME):
        answer = client.post("/alerts/find/", {"q": typed})
        assert answer["Location"] == f"/alerts/?state=all&among={leaky.pk}"
        assert not legible(client, answer["Location"])
    for part in (NUMBER[-4:], NUMBER[:8], NAME[:2]):
        assert client.post("/alerts/find/", {"q": part})["Location"].endswith("among=0")
    answer = client.post("/entities/search/", {"q": MULE})
    assert re.fullmatch(r"/entities/s\d+/", answer["Location"])
    for typed in (MULE, OWN_ACCOUNT, NUMBER, PHONE_ID):
        page = client.post("/search/", {"q": typed}).content.decode()
        assert typed not in page
        assert "****" in page
    nobody = client.post("/entities/search/", {"q": "6299999999999999"})
    assert "6299999999999999" not in nobody.content.decode()


def test_suspects_numbers_and_hosts_are_legible(leaky: Task, world: World, log_in: LogIn) -> None:
    page = log_in(world.officer).get(f"/alerts/{leaky.pk}/").content.decode()
    assert made.CALLER in page
    assert made.SCREEN_HOST in page
    # A resident whom the engine holds for a suspect is legible too: officers warn of the number.
    Suspect.objects.create(
        entity_kind="number",
        entity=RELATIVE,
        score=0.9,
        first_flagged_at=made.MORNING,
        updated_at=made.MORNING,
    )
    assert RELATIVE in log_in(world.officer).get(f"/alerts/{leaky.pk}/").content.decode()


def test_an_account_is_legible_once_its_purpose_is_on_record(
    leaky: Task, world: World, log_in: LogIn
) -> None:
    client = log_in(world.officer)
    ref = entities.find(world.officer, "account", MULE)
    refused = client.post(f"/entities/{ref}/unmask/", {"purpose": " "}).content.decode()
    assert MULE not in refused
    assert not AuditRow.objects.filter(verb="unmask_entity").exists()
    opened = client.post(f"/entities/{ref}/unmask/", {"purpose": "申请止付"}).content.decode()
    assert MULE in opened
    assert not [secret for secret in SECRETS if secret != MULE and secret in opened]
    assert MULE not in client.get(f"/entities/{ref}/").content.decode()
    row = AuditRow.objects.get(verb="unmask_entity")
    assert (row.actor, row.purpose, row.subject_kind) == ("officer", "申请止付", "account")
    assert MULE not in row.subject_id + row.after
    client.post(f"/entities/e{Evidence.objects.get(entity=MULE).pk}/unmask/", {"purpose": "申请冻结"})
    again = AuditRow.objects.filter(verb="unmask_entity").latest("seq")
    assert again.subject_id == row.subject_id


def test_a_victim_is_unmasked_with_a_purpose_and_by_nobody_else(
    leaky: Task, world: World, log_in: LogIn
) -> None:
    address = f"/api/alerts/tasks/{leaky.pk}/unmask"
    told = (
        log_in(world.officer).post(address, {"purpose": "上门劝阻"}, content_type="application/json").json()
    )
    assert (told["name"], told["number"]) == (NAME, NUMBER)
    assert AuditRow.objects.get(verb="unmask_task").purpose == "上门劝阻"
    for stranger in (world.other_county, world.viewer, world.auditor):
        answer = log_in(stranger).post(address, {"purpose": "上门劝阻"}, content_type="application/json")
        assert answer.status_code == 403
    assert AuditRow.objects.filter(verb="unmask_task").count() == 1


def test_the_entity_page_shows_suspects_to_all_and_victims_to_whom_they_concern(
    leaky: Task, world: World, log_in: LogIn
) -> None:
    ref = entities.find(world.other_county, "number", made.CALLER)
    far = log_in(world.other_county).get(f"/entities/{ref}/").content.decode()
    near = log_in(world.county).get(f"/entities/{ref}/").content.decode()
    assert made.CALLER in far
    assert "郑**" in near
    assert "郑**" not in far
    assert f'href="/alerts/{leaky.pk}/"' in near
    assert f'href="/alerts/{leaky.pk}/"' not in far
