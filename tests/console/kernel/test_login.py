"""Who gets in, who is locked out, who must set up a second factor, and when a session ends."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from qingdun.console.kernel import actions, demo
from qingdun.console.kernel.middleware import BACKGROUND_HEADER, SEEN_AT
from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.errors import InputError, NotPermitted
from tests.console.conftest import PASSWORD, LogIn, MakeUser

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def attempt(client: Client, user: str, password: str) -> int:
    return client.post(LOGIN, {"login": user, "password": password}).status_code


def logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_log_in_asks_for_the_second_factor_and_leaves_an_audit_row(
    make_user: MakeUser, client: Client
) -> None:
    user = make_user(Role.AUDIT_ADMIN)
    answer = client.post(LOGIN, {"login": user.username, "password": PASSWORD})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not logged_in(client)
    secret = user.authenticator_set.get().data["secret"]
    counter = next(iter(yield_hotp_counters_from_time()))
    client.post(answer["Location"], {"code": format_hotp_value(hotp_value(secret, counter))})
    assert logged_in(client)
    assert AuditRow.objects.filter(verb="log_in", actor=user.username).count() == 1


def test_wrong_code_does_not_get_in(make_user: MakeUser, client: Client) -> None:
    user = make_user(Role.AUDIT_ADMIN)
    client.post(LOGIN, {"login": user.username, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not logged_in(client)


def test_guessing_codes_is_cut_short(make_user: MakeUser, client: Client) -> None:
    user = make_user(Role.AUDIT_ADMIN)
    client.post(LOGIN, {"login": user.username, "password": PASSWORD})
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    secret = user.authenticator_set.get().data["secret"]
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert not logged_in(client)


def test_lockout_after_five_failures_says_so_and_is_released(make_user: MakeUser, client: Client) -> None:
    user, admin = make_user(Role.AUDIT_ADMIN), make_user(Role.SECURITY_ADMIN)
    statuses = [attempt(client, user.username, "wrong") for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    locked = client.post(LOGIN, {"login": user.username, "password": PASSWORD})
    assert locked.status_code == 429
    assert "账号已锁定" in locked.content.decode()
    assert attempt(client, "somebody-else", "wrong") == 200
    assert actions.release_lockout(admin, user) > 0
    assert attempt(client, user.username, PASSWORD) == 302
    assert AuditRow.objects.filter(verb="log_in_failed", subject_id=user.username).count() >= 5


def test_user_without_second_factor_reaches_its_setup_only(make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user(Role.AUDIT_ADMIN, second_factor=False))
    assert client.get("/audit/")["Location"] == reverse("mfa_index")
    assert client.get("/audit/", headers={"HX-Request": "true"})["HX-Redirect"] == reverse("mfa_index")
    assert client.get(reverse("mfa_index")).status_code == 200


def test_demo_mode_asks_for_no_second_factor(make_user: MakeUser, log_in: LogIn, settings: Settings) -> None:
    settings.DEMO = True
    page = log_in(make_user(Role.AUDIT_ADMIN, second_factor=False)).get("/audit/")
    assert page.status_code == 200
    assert "DEMO" in page.content.decode()


def test_demo_doors_are_closed_outside_demo_mode(regions: object, client: Client, settings: Settings) -> None:
    settings.DEMO = True
    demo.create_demo_accounts()
    assert "demo-city" in client.get(LOGIN).content.decode()
    assert client.post("/demo/login/", {"username": "demo-city"}).status_code == 302
    assert logged_in(client)
    settings.DEMO = False
    stranger = Client()
    assert "demo-city" not in stranger.get(LOGIN).content.decode()
    assert stranger.post("/demo/login/", {"username": "demo-city"}).status_code == 404


def test_demo_door_opens_for_demo_accounts_only(
    make_user: MakeUser, client: Client, settings: Settings
) -> None:
    settings.DEMO = True
    user = make_user(Role.CITY_ANALYST)
    assert client.post("/demo/login/", {"username": user.username}).status_code == 404


def test_demo_accounts_are_made_once_with_one_password(regions: object, settings: Settings) -> None:
    settings.DEMO = True
    password = demo.create_demo_accounts()
    count = User.objects.count()
    assert demo.create_demo_accounts() == password
    assert User.objects.count() == count
    assert User.objects.get(username="demo-county-441881").check_password(password)


def test_demo_doors_stand_in_the_order_an_alert_passes(regions: object, settings: Settings) -> None:
    settings.DEMO = True
    demo.create_demo_accounts()
    first, *counties = demo.doors()
    roles = list(dict.fromkeys(user.role for user in first.accounts))
    assert roles[:3] == [Role.CITY_ANALYST, Role.COUNTY_OFFICER, Role.VIEWER]
    assert {Role.HOTLINE_OPERATOR, Role.BANK_TELLER} < set(roles)
    assert len(first.accounts) == len(set(first.accounts))
    assert all(user.role == Role.STATION_OFFICER for group in counties for user in group.accounts)


def test_session_ends_when_idle(make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user(Role.AUDIT_ADMIN))
    client.get("/audit/")
    session = client.session
    session[SEEN_AT] = int(time.time()) - 31 * 60
    session.save()
    assert client.get("/audit/").status_code == 302
    assert not logged_in(client)


def test_what_a_page_fetches_by_itself_keeps_no_session_alive(make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user(Role.AUDIT_ADMIN))
    client.get("/audit/")
    session = client.session
    session[SEEN_AT] = seen = int(time.time()) - 10 * 60
    session.save()
    client.get("/audit/", headers={BACKGROUND_HEADER: "1"})
    assert client.session[SEEN_AT] == seen
    client.get("/audit/")
    assert client.session[SEEN_AT] > seen


@pytest.mark.parametrize("address", ["/accounts/signup/", "/accounts/password/reset/", "/accounts/email/"])
def test_nobody_makes_or_resets_an_account_by_themselves(db: None, client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_demo_account_is_nobody_outside_demo_mode(
    make_user: MakeUser, client: Client, settings: Settings
) -> None:
    settings.DEMO = True
    user = make_user(Role.CITY_ANALYST, second_factor=False)
    User.objects.filter(pk=user.pk).update(demo=True)
    client.force_login(user, backend="qingdun.console.kernel.accounts.ConsoleBackend")
    settings.DEMO = False
    assert isinstance(get_user(client), AnonymousUser)
    another = Client()
    attempt(another, user.username, PASSWORD)
    assert not logged_in(another)
    settings.DEMO = True
    attempt(another, user.username, PASSWORD)
    assert logged_in(another)


def test_the_first_administrator_of_a_role_is_made_once(regions: dict[str, Region]) -> None:
    words = "长而无人用过的口令 1949"
    user = actions.create_first_administrator("first", words, Role.SYSTEM_ADMIN)
    assert user.role == Role.SYSTEM_ADMIN
    assert user.region in regions.values()
    assert AuditRow.objects.filter(verb="create_first_administrator", subject_id=str(user.pk)).exists()
    with pytest.raises(NotPermitted, match="already"):
        actions.create_first_administrator("second", words, Role.SYSTEM_ADMIN)
    with pytest.raises(NotPermitted, match="expected one of"):
        actions.create_first_administrator("second", words, Role.CITY_ANALYST)
    with pytest.raises(InputError):
        actions.create_first_administrator("second", "short", Role.AUDIT_ADMIN)
