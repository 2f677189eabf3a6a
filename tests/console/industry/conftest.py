"""A city with two analysts, a county officer, two banks, an operator, and their compliance officers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from qingdun.console.alerts.models import Suspect
from qingdun.console.industry import actions, answering, parties, queries
from qingdun.console.industry.actions import AssignmentForm, Line
from qingdun.console.industry.answering import Answer
from qingdun.console.industry.models import Assignment, Restriction
from qingdun.console.kernel.models import Organisation, Person, PersonAccount, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.whistles import actions as whistles
from tests.console.conftest import MakeUser
from tests.console.places import COUNTY_A

REASON = "核实为涉案账户"


@dataclass
class Trade:
    """The people of these tests, and what they do again and again."""

    city: User
    second: User
    county: User
    bank: Organisation
    officer: User
    other_bank: Organisation
    stranger: User
    operator: Organisation
    caller: User

    def form(self, count: int = 12, key: str = "list-1", first: int = 1) -> AssignmentForm:
        """A list of accounts for the first bank."""
        lines = [
            Line(f"6200000000{number:06}", "甲", corporate=True) for number in range(first, first + count)
        ]
        return AssignmentForm(
            key, self.bank.code, "涉案账户管控", "account", "control", "act-18", REASON, lines
        )

    def sent(self, count: int = 12, key: str = "list-1", first: int = 1) -> Assignment:
        """Such a list, confirmed by the first analyst and sent."""
        made = actions.propose(self.city, self.form(count, key, first))
        return actions.move_assignment(self.city, made.pk, "send")

    def rows(self, about: Assignment) -> list[Restriction]:
        """The rows of a list, in their order."""
        return list(queries.restrictions(self.city).filter(assignment=about).order_by("row"))

    def controlled(self) -> Restriction:
        """The only row of a list, carried out by the bank."""
        (row,) = self.rows(self.sent(1))
        answering.answer(self.officer, [Answer(row.pk, "control")])
        row.refresh_from_db()
        return row


@pytest.fixture
def trade(make_user: MakeUser) -> Trade:
    city = make_user(Role.CITY_ANALYST, name="city")
    bank = parties.register_party(city, "bank-01", "演练银行", "bank")
    other = parties.register_party(city, "bank-02", "演练商业银行", "bank")
    operator = parties.register_party(city, "operator-01", "演练移动", "operator")

    def officer(name: str, party: Organisation) -> User:
        user = make_user(Role.PARTY_OFFICER, name=name)
        user.organisation = party
        user.save()
        return user

    return Trade(
        city,
        make_user(Role.CITY_ANALYST, name="second"),
        make_user(Role.COUNTY_OFFICER, COUNTY_A, name="county"),
        bank,
        officer("bank-officer", bank),
        other,
        officer("other-officer", other),
        operator,
        officer("operator-officer", operator),
    )


def suspect(number: int, bank: str, score: float = 0.95) -> None:
    """The engine is sure of an account whose bank the register knows."""
    town = Region.objects.filter(parent_id=COUNTY_A)[0]
    person, _ = Person.objects.get_or_create(
        person_id="held", defaults={
            "name": "丁戊", "birth_year": 1990, "sex": "m", "floating": False, "region": town,
            "region_path": town.path,
        },
    )  # fmt: skip
    account = f"6299000000{number:06}"
    PersonAccount.objects.create(account=account, person=person, kind="personal", bank=bank)
    now = timezone.now()
    Suspect.objects.create(
        entity_kind="account", entity=account, score=score, first_flagged_at=now, updated_at=now,
        reasons=["快进快出"],
    )  # fmt: skip


@dataclass
class Bank:
    """A program of the first bank."""

    client: Client

    def call(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Status and JSON of one call."""
        address = f"/api/industry/{path}"
        answer = (
            self.client.get(address) if body is None else self.client.post(address, body, "application/json")
        )
        return answer.status_code, answer.json()


@pytest.fixture
def bank(trade: Trade, make_user: MakeUser) -> Bank:
    """Calls the interface with a token of the first bank; what fails on the server is an answer."""
    security = make_user(Role.SECURITY_ADMIN)
    _token, secret = whistles.make_token(security, trade.bank, "核心系统", for_lists=True)
    client = Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)
    return Bank(client)
