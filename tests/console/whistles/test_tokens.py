"""Programs of organisations raise alerts with a token: hashed, limited, revocable, safe to send again."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from qingdun.console.alerts.models import Task, TaskEvent
from qingdun.console.kernel.models import AuditRow, Organisation, User
from qingdun.console.whistles import actions, rules
from qingdun.console.whistles.models import Token, Whistle
from qingdun.errors import InputError, NotPermitted, RefusedError
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.whistles.conftest import KNOWN, NAMED

BODY = {"key": "order-000001", "number": KNOWN, "scam_type": "police", "paying": True, "line": "柜台"}


@pytest.fixture
def made(security: User, bank: Organisation) -> tuple[Token, str]:
    return actions.make_token(security, bank, "柜面系统")


def send(secret: str, body: dict[str, Any]) -> HttpResponse:
    return Client().post(
        "/api/whistles/", body, content_type="application/json", headers={"Authorization": f"Bearer {secret}"}
    )


def test_token_is_kept_as_a_hash_and_its_account_cannot_log_in(made: tuple[Token, str]) -> None:
    token, secret = made
    assert secret not in str(Token.objects.values())
    assert token.digest == actions.digest_of(secret)
    assert not token.user.has_usable_password()
    row = AuditRow.objects.get(verb="make_token")
    assert row.actor == "security"
    assert secret not in row.after


def test_alert_over_the_interface_is_taken_once(made: tuple[Token, str], world: World) -> None:
    _token, secret = made
    first, again = send(secret, BODY), send(secret, BODY)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    task = Task.objects.get()
    assert first.json() | {"sent_at": ""} == {
        "key": "order-000001", "task": task.pk, "joined": False, "level": "urgent", "state": task.state,
        "sent_at": "",
    }  # fmt: skip
    assert NAMED not in first.content.decode()
    assert AuditRow.objects.get(verb="raise_whistle").actor == made[0].user.username
    assert TaskEvent.objects.filter(task=task, verb="open").get().actor == made[0].user
    other = send(secret, {**BODY, "line": "别的"})
    assert other.status_code == 409


def test_state_is_told_to_the_sender_alone(
    made: tuple[Token, str], security: User, bank: Organisation
) -> None:
    _token, secret = made
    send(secret, BODY)
    other = actions.make_token(security, bank, "另一系统")[1]

    def ask(with_secret: str) -> HttpResponse:
        return Client().get("/api/whistles/order-000001", headers={"Authorization": f"Bearer {with_secret}"})

    assert ask(secret).json()["state"] == Task.objects.get().state
    assert ask(other).status_code == 403


@pytest.mark.parametrize("secret", ["", "qdw_nobody", "x" * 5000])
def test_wrong_token_opens_nothing(world: World, secret: str) -> None:
    assert send(secret, BODY).status_code == 401
    assert not Task.objects.exists()


def test_revoked_token_opens_nothing(made: tuple[Token, str], security: User) -> None:
    token, secret = made
    actions.revoke_token(security, token.pk)
    assert send(secret, BODY).status_code == 401
    with pytest.raises(RefusedError):
        actions.revoke_token(security, token.pk)
    assert AuditRow.objects.filter(verb="revoke_token").count() == 1


def test_wrong_bodies_are_refused_in_words(made: tuple[Token, str]) -> None:
    _token, secret = made
    for wrong in (
        {"number": "abc"},
        {"scam_type": "theft"},
        {"key": "x"},
        {"region": "999999"},
        {"line": "y" * 300},
    ):
        answer = send(secret, {**BODY, "number": "17258019998", **wrong})
        assert answer.status_code == 422, wrong
    assert not Whistle.objects.exists()


@pytest.mark.usefixtures("still")
def test_too_many_requests_wait(made: tuple[Token, str]) -> None:
    _token, secret = made
    answers = [
        Client().get("/api/whistles/none-such", headers={"Authorization": f"Bearer {secret}"})
        for _ in range(rules.limit("token_per_min") + 1)
    ]
    *heard, last = answers
    assert {answer.status_code for answer in heard} == {403}
    assert last.status_code == 429
    assert 0 < int(last["Retry-After"]) <= 60


def test_only_the_security_administrator_makes_and_revokes(
    world: World, bank: Organisation, made: tuple[Token, str], client_of: LogIn, security: User
) -> None:
    for user in (world.analyst, world.county, world.officer, world.auditor):
        with pytest.raises(NotPermitted):
            actions.make_token(user, bank, "柜面系统")
        with pytest.raises(NotPermitted):
            actions.revoke_token(user, made[0].pk)
        assert client_of(user).get("/tokens/").status_code == 403
    with pytest.raises(InputError):
        actions.make_token(security, bank, " ")


def test_page_shows_a_token_once(world: World, bank: Organisation, security: User, client_of: LogIn) -> None:
    client = client_of(security)
    page = client.post("/tokens/make/", {"organisation": bank.code, "name": "柜面系统"})
    token = Token.objects.get()
    assert page["Cache-Control"] == "no-store"
    shown = page.content.decode()
    secret = shown[shown.index("qdw_") :].split("<")[0]
    assert actions.digest_of(secret) == token.digest
    assert secret not in client.get("/tokens/").content.decode()
    client.post(f"/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None
