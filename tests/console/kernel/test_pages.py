"""Pages of the kernel: what each role gets, and that no page carries a script of its own."""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone, translation
from pytest_django.fixtures import Settings

from qingdun.console.keeping import FILE
from qingdun.console.kernel import actions, audit, health
from qingdun.console.kernel.models import Outbox
from qingdun.console.kernel.roles import Role
from qingdun.console.wiring import VERBS
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import CITY, COUNTY_A

pytestmark = pytest.mark.django_db

PAGES = {
    Role.SYSTEM_ADMIN: [
        "/users/",
        "/health/page/",
        "/search/",
        "/accounts/2fa/",
        "/accounts/password/change/",
    ],
    Role.SECURITY_ADMIN: ["/users/"],
    Role.AUDIT_ADMIN: ["/audit/", "/audit/?actor=s&verb=load_regions&page=9", "/health/page/"],
}


class Scripts(HTMLParser):
    """Finds what the policy would refuse to run, and ids used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" not in given and given.get("type") not in ("application/json",):
            self.refused.append("inline script")
        if tag == "style":
            self.refused.append("inline style sheet")
        self.refused += [name for name in given if name.startswith("on") or name.startswith("hx-on")]
        if "javascript:" in (given.get("href") or ""):
            self.refused.append("javascript address")
        if given.get("id"):
            self.ids.append(given["id"] or "")


@pytest.mark.parametrize("role", PAGES)
def test_pages_answer_without_scripts_of_their_own(role: Role, make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user(role))
    for address in PAGES[role]:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        page = Scripts()
        page.feed(answer.content.decode())
        assert page.refused == [], address
        assert len(page.ids) == len(set(page.ids)), address
        policy = answer["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe-eval" not in policy


def test_log_in_page_without_scripts_of_its_own(client: Client) -> None:
    page = Scripts()
    page.feed(client.get("/accounts/login/").content.decode())
    assert page.refused == []


def test_role_without_the_right_gets_403_and_an_id_to_quote(make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user(Role.SYSTEM_ADMIN))
    answer = client.get("/audit/")
    assert answer.status_code == 403
    assert answer["X-Request-Id"] in answer.content.decode()
    assert client.post("/audit/verify/").status_code == 403


def test_unknown_address_is_404_with_an_id_to_quote(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert answer["X-Request-Id"] in answer.content.decode()


@pytest.mark.parametrize(
    "address", ["/", "/audit/", "/users/", "/health/page/", "/search/", "/persons/x/", "/backoffice/"]
)
def test_strangers_are_sent_to_the_log_in(address: str, client: Client) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_health_for_machines_tells_nothing_but_that(client: Client) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_health_page_says_what_is_wrong(make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user(Role.AUDIT_ADMIN))
    Outbox.objects.create(
        kind="sms", key="1", payload={}, created_at=timezone.now() - timezone.timedelta(hours=1)
    )
    assert client.get("/health/page/").content.decode().count("✕") == 2
    actions.report_feed("replay", timezone.now(), 10)
    assert client.get("/health/page/").content.decode().count("✕") == 1


def test_audit_page_filters_and_verifies(make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user(Role.AUDIT_ADMIN))
    assert 'title="load_regions">导入辖区<' in client.get("/audit/?verb=load_regions").content.decode()
    assert 'title="load_regions">' not in client.get("/audit/?verb=unmask").content.decode()
    assert "审计链完整" in client.post("/audit/verify/").content.decode()


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "查看明文"), ("en", "unmask")])
def test_audit_verbs_are_chosen_by_their_words(
    make_user: MakeUser, log_in: LogIn, language: str, word: str
) -> None:
    auditor = make_user(Role.AUDIT_ADMIN)
    auditor.language = language
    auditor.save()
    client = log_in(auditor)
    for kind in ("unmask_task", "unmask_entry"):
        with transaction.atomic():
            audit.record(auditor, kind, ("thing", "1"), purpose="核实")
    page = client.get("/audit/")
    chosen = next(codes for codes, shown in page.context["verbs"] if shown == word)
    assert {"unmask", "unmask_task", "unmask_entity", "unmask_entry"} <= set(chosen.split(","))
    found = client.get("/audit/", {"verb": chosen})
    assert {row.verb for row in found.context["page"]} == {"unmask_task", "unmask_entry"}
    assert f'<option value="{chosen}" selected>{word}</option>' in found.content.decode()
    words = [shown for _codes, shown in page.context["verbs"]]
    assert len(words) == len(set(words))
    assert set(VERBS) == {code for codes, _shown in page.context["verbs"] for code in codes.split(",")}
    # An address kept from before, or of a verb that has no word, still says what it asks for.
    assert '<option value="gone" selected>gone</option>' in client.get("/audit/?verb=gone").content.decode()


def test_county_auditor_sees_the_acts_of_the_county_only(make_user: MakeUser, log_in: LogIn) -> None:
    county = make_user(Role.AUDIT_ADMIN, COUNTY_A)
    city = make_user(Role.CITY_ANALYST, CITY)
    actions.save_filter(city, "alerts", "全市", "x=1")
    actions.save_filter(county, "alerts", "本县", "x=1")
    page = log_in(county).get("/audit/").content.decode()
    assert "本县" in page
    assert "全市" not in page


def test_language_is_chinese_whatever_the_browser_wishes_until_chosen(
    make_user: MakeUser, log_in: LogIn
) -> None:
    client = log_in(make_user(Role.AUDIT_ADMIN))
    assert 'lang="zh-hans"' in client.get("/audit/", headers={"accept-language": "en"}).content.decode()
    client.post("/i18n/language/", {"language": "en", "next": "/audit/"})
    page = client.get("/audit/").content.decode()
    assert 'lang="en"' in page
    assert "Verify the chain" in page
    del client.cookies["django_language"]
    assert "Verify the chain" in client.get("/audit/").content.decode()


def test_language_form_leads_back_to_pages_of_ours_only(client: Client) -> None:
    answer = client.post("/i18n/language/", {"language": "en", "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_theme_and_density_of_the_browser_are_in_the_first_byte(client: Client) -> None:
    client.cookies["theme"], client.cookies["density"] = "dark", "no-such"
    page = client.get("/accounts/login/").content.decode()
    assert 'data-theme="dark" data-density="comfortable"' in page


def test_back_office_is_the_system_administrators_and_read_only(make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user(Role.SYSTEM_ADMIN))
    for table in ("user", "region", "organisation", "outbox", "feed"):
        assert client.get(f"/backoffice/kernel/{table}/").status_code == 200
        assert client.get(f"/backoffice/kernel/{table}/add/").status_code == 403
    page = client.get(f"/backoffice/kernel/region/{CITY}/change/").content.decode()
    assert not re.search(r'name="_save"', page)
    assert log_in(make_user(Role.CITY_ANALYST)).get("/backoffice/kernel/user/").status_code == 302


def test_events_are_looked_for_on_the_host_of_the_page(
    make_user: MakeUser, log_in: LogIn, settings: Settings
) -> None:
    client = log_in(make_user(Role.AUDIT_ADMIN))
    answer = client.get("/audit/", SERVER_NAME="localhost", SERVER_PORT="8000")
    assert 'data-events="http://localhost:8001/events"' in answer.content.decode()
    assert "connect-src 'self' http://localhost:8001;" in answer["Content-Security-Policy"]
    settings.EVENTS_URL = "/events"
    assert 'data-events="/events"' in client.get("/audit/").content.decode()


def test_health_page_names_each_process_and_which_fell(
    make_user: MakeUser, log_in: LogIn, settings: Settings, tmp_path: Path
) -> None:
    settings.VAR = tmp_path
    fell_at = timezone.now().isoformat(timespec="seconds")
    state = {"pid": os.getpid(), "since": fell_at, "fell_at": "", "falls": 0, "code": None, "done": False}
    fell = state | {"fell_at": fell_at, "falls": 1, "code": -9}
    gone = state | {"pid": 2**22 + 1}
    (tmp_path / FILE).write_text(json.dumps({"pages": state, "event stream": fell, "qingdun tick": gone}))
    with translation.override("en"):
        lines = {line.name: line for line in health.report()}
    assert lines["Process: pages"].good
    assert not lines["Process: event stream"].good
    assert "-9" in lines["Process: event stream"].found
    assert (lines["Process: qingdun tick"].good, lines["Process: qingdun tick"].found) == (
        False,
        "does not run",
    )
    page = log_in(make_user(Role.SYSTEM_ADMIN)).get("/health/page/").content.decode()
    assert "事件推送" in page
