"""A peer with a rule, entries in force, and the clock of the exchange."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from qingdun.console.exchange import actions
from qingdun.console.exchange.actions import RuleForm
from qingdun.console.exchange.models import Peer
from qingdun.console.exchange.ticking import tick
from qingdun.contract.codes import scam_types
from tests.console.lists.conftest import People, listed, people

__all__ = ["listed", "people"]

RULE = RuleForm(
    kinds=("number", "sender", "host"), scam_types=tuple(scam_types().names), ceiling="green", observed=True,
    proof="approved", longest_days=365, may_send=True, reason="两市协作",
)  # fmt: skip
TAXII = "application/taxii+json;version=2.1"


@dataclass
class Outside:
    """A peer's program."""

    peer: Peer
    key: str
    client: Client

    def ask(self, path: str = "", method: str = "get", accept: str = TAXII, **more: Any) -> HttpResponse:
        keyed = base64.b64encode(f"{self.peer.code}:{self.key}".encode()).decode()
        headers = {"Accept": accept, "Authorization": f"Basic {keyed}", **more.pop("headers", {})}
        return getattr(self.client, method)(f"/taxii2/{path}", headers=headers, **more)

    def read(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.ask(path, data=query)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    def send(self, kind: str, *objects: Any, content_type: str = TAXII) -> HttpResponse:
        body = json.dumps({"objects": objects})
        return self.ask(f"lists/collections/{kind}/objects/", "post", data=body, content_type=content_type)


Meet = Callable[..., Outside]


@pytest.fixture
def meet(people: People) -> Meet:
    """A peer with a key and a rule in force."""

    def make(code: str = "other-city", rule: RuleForm | None = RULE, **changed: Any) -> Outside:
        peer = actions.register_peer(people.analyst, code, f"演练{code}（合成）", f"Drill {code}", "city")
        _peer, key = actions.make_key(people.analyst, peer.pk)
        if rule is not None:
            agree(people, peer, replace(rule, **changed))
        peer.refresh_from_db()
        return Outside(peer, key, Client())

    return make


def agree(people: People, peer: Peer, rule: RuleForm = RULE) -> None:
    """The rule is in force."""
    made = actions.propose_rule(people.analyst, peer.pk, rule)
    actions.decide_rule(people.colleague, made.pk, True)


def by_itself() -> int:
    """What the clock does is done."""
    return tick(timezone.now())
