"""What no page lets in, what no browser keeps, and what an error page still says when nothing can be read."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from qingdun.console.kernel import errors
from qingdun.console.kernel.plain_text import is_plain
from qingdun.console.kernel.roles import Role
from tests.console.conftest import LogIn, MakeUser

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/?region=%00",
    "/persons/%00/",
    "/users/?q=%00",
    "/audit/?actor=%00",
    "/audit/?region=%00",
    "/alerts/?region=%00",
    "/backoffice/kernel/user/?q=%00",
    "/backoffice/kernel/outbox/?kind=%00",
    "/nowhere/%00",
]


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.CITY_ANALYST])
def test_a_nul_in_an_address_is_a_clear_400(role: Role, make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user(role))
    for address in ADDRESSES:
        answer = client.get(address)
        assert answer.status_code == 400, address
        assert answer["X-Request-Id"] in answer.content.decode()
        assert "无法读取" in answer.content.decode()


@pytest.mark.parametrize("address", ["/search/", "/demo/login/", "/accounts/login/", "/i18n/language/"])
def test_a_nul_in_a_form_is_a_clear_400(address: str, client: Client) -> None:
    assert client.post(address, {"login": "a\x00b"}).status_code == 400
    assert client.post(address, {"a\x00b": "login"}).status_code == 400
    for body in ("login=a%00b", "a%00=login"):
        assert client.post(address, body, "application/x-www-form-urlencoded").status_code == 400


def test_a_nul_in_a_cookie_is_a_clear_400(client: Client) -> None:
    answer = client.get("/", headers={"cookie": 'sessionid="' + "\\000" * 32 + '"'})
    assert answer.status_code == 400


@given(st.text(), st.sampled_from(["\x00", "\ud800", "\udfff"]), st.text())
def test_json_with_what_is_no_text_is_found_wherever_it_stands(head: str, bad: str, tail: str) -> None:
    for body in ({"a": [{"b": head + bad + tail}]}, [{head + bad + tail: 1}]):
        request = RequestFactory().post("/api/", json.dumps(body), content_type="application/json")
        assert not is_plain(request)


def test_what_is_larger_than_any_file_taken_is_refused_unread(client: Client, settings: Settings) -> None:
    for length in (str(settings.MOST_BODY + 1), "9" * 400, "-1", "x"):
        answer = client.generic("POST", "/accounts/login/", b"", CONTENT_LENGTH=length)
        assert (answer.status_code, "70 MB" in answer.content.decode()) == (413, True), length
    settings.MOST_BODY = 10
    assert client.post("/accounts/login/", {"login": "a" * 20}).status_code == 413
    assert client.get("/accounts/login/").status_code == 200


LETTERS = st.characters(codec="utf-8", exclude_characters="\x00")


@given(st.recursive(st.none() | st.integers() | st.text(LETTERS), st.lists))
def test_json_of_text_passes(body: object) -> None:
    request = RequestFactory().post("/api/", json.dumps(body), content_type="application/json")
    assert is_plain(request)


def test_an_error_page_asks_the_database_nothing(make_user: MakeUser, settings: Settings) -> None:
    request = RequestFactory().get("/?region=1")
    request.user = make_user(Role.CITY_ANALYST)
    settings.DEMO = True

    def refuse(*_: object) -> object:
        raise AssertionError("an error page has asked the database")

    with connection.execute_wrapper(refuse):
        for page in (errors.failed(request), errors.not_found(request), errors.malformed(request)):
            assert "DEMO" in page.content.decode()


def test_health_page_needs_a_second_factor_and_health_for_machines_none(
    make_user: MakeUser, log_in: LogIn
) -> None:
    client = log_in(make_user(Role.AUDIT_ADMIN, second_factor=False))
    assert client.get("/health/page/")["Location"] == reverse("mfa_index")
    assert "Location" not in client.get("/health")


def test_no_browser_keeps_what_a_user_was_shown_but_static_files(make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user(Role.AUDIT_ADMIN))
    for address in ("/audit/", "/health/page/", "/accounts/password/change/", "/nowhere/"):
        assert client.get(address)["Cache-Control"] == "no-store", address
    static = client.get("/static/shield.svg")
    static.close()
    assert static.get("Cache-Control") != "no-store"


LOOKUPS = ["", "__regex", "__icontains", "__startswith", "__gt", "__isnull"]


def test_back_office_answers_no_lookup_but_its_filters(make_user: MakeUser, log_in: LogIn) -> None:
    from qingdun.console.kernel.admin import site

    client = log_in(make_user(Role.SYSTEM_ADMIN))
    for model, table in site._registry.items():
        for field in model._meta.get_fields():
            for lookup in LOOKUPS:
                asked = {f"{field.name}{lookup}": "0"}
                answer = client.get(f"/backoffice/kernel/{model._meta.model_name}/", asked)
                filtered = lookup == "" and field.name in table.list_filter
                # A filter whose value is none of its field's leads back to the list.
                assert answer.status_code in ((200, 302) if filtered else (400,)), (model, asked)
    assert client.get("/backoffice/kernel/user/?role__exact=viewer").status_code == 200
    assert client.get("/backoffice/kernel/user/?region__users__password__regex=a").status_code == 400


def test_back_office_says_demo(make_user: MakeUser, log_in: LogIn, settings: Settings) -> None:
    client = log_in(make_user(Role.SYSTEM_ADMIN))
    pages = ("/backoffice/", "/backoffice/kernel/user/", "/backoffice/kernel/region/441800/change/")
    for demo in (True, False):
        settings.DEMO = demo
        for page in pages:
            assert ("DEMO" in client.get(page).content.decode()) is demo


@pytest.mark.parametrize("asked", ["among", "page", "task", "proposal"])
def test_numbers_of_any_length_in_an_address_are_no_server_error(
    asked: str, make_user: MakeUser, log_in: LogIn
) -> None:
    client = log_in(make_user(Role.CITY_ANALYST))
    for digits in (19, 5000):
        for address in ("/alerts/", "/lists/entries/"):
            assert client.get(address, {asked: "9" * digits}).status_code < 500, (address, digits)
