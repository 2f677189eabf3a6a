"""Two synthetic peers for a demonstration, with what was shared with them and what came: nobody's numbers,
and names that say so.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qingdun.console.exchange import actions, publishing, reading, taking
from qingdun.console.exchange.actions import RuleForm
from qingdun.console.exchange.codes import Form, PeerKind, Proof, Tlp, Way
from qingdun.console.exchange.models import Peer
from qingdun.console.exchange.taxii import collections
from qingdun.console.exchange.told import stamp
from qingdun.console.kernel.demo import DutyOfficers
from qingdun.console.kernel.models import User
from qingdun.contract.codes import scam_types
from qingdun.errors import NotPermitted

_SENT: tuple[tuple[str, str, str, int], ...] = (
    ("[domain-name:value = 'kd-cx.example.invalid']", "仿冒快递查询", "phishing", 80),
    ("[domain-name:value = 'dk-88.example.invalid']", "虚假贷款", "loan", 65),
    ("[x-qingdun-number:value = '+8617000000021']", "冒充客服", "customer_service", 70),
    ("[domain-name:value = 'www.icbc.com.cn']", "误报的银行网站", "phishing", 30),
    ("[file:name = 'x.apk']", "涉诈应用", "", 50),
)
"""Pattern, name, scam type and confidence of what the neighbour has sent."""


@transaction.atomic
def create_demo_exchange() -> int:
    """The peers stand; how many are new, none the second time. Call it after the demo's industry, whose sites
    are on the list. Errors: NotPermitted outside demo mode.
    """
    if not settings.DEMO:
        raise NotPermitted("demo peers exist in demo mode only; set QINGDUN_DEMO=1 for a demonstration")
    if Peer.objects.exists():
        return 0
    city, second, now = User.objects.get(username="demo-city"), DutyOfficers().city, timezone.now()
    near = actions.register_peer(
        city, "demo-neighbour", "演练邻市反诈中心（合成）", "Drill Neighbour City (synthetic)", PeerKind.CITY
    )
    rule = actions.propose_rule(city, near.pk, rule_of(("number", "sender", "host"), Proof.APPROVED, True))
    actions.decide_rule(second, rule.pk, True)
    publishing.follow(near.pk, now)
    near.refresh_from_db()
    collections.fetched(collections.page(near, "host", collections.Asked.of({"limit": "20"})).shares)
    first = _send(near, [indicator(number, *one) for number, one in enumerate(_SENT)])
    taking.take(first, now)
    Peer.objects.filter(pk=near.pk).update(contact_at=now)
    line = actions.register_peer(
        city, "demo-operator", "演练通信公司（合成）", "Drill Telecom (synthetic)", PeerKind.OPERATOR
    )
    actions.propose_rule(second, line.pk, rule_of(("number", "sender"), Proof.ENFORCED, False))
    return 2


def rule_of(kinds: tuple[str, ...], proof: str, may_send: bool) -> RuleForm:
    """A rule of a synthetic agreement, over every scam type."""
    return RuleForm(
        kinds, tuple(scam_types().names), Tlp.GREEN, may_send, proof, 365, may_send, "（合成演示）协作备忘录"
    )  # fmt: skip


def indicator(number: int, pattern: str, name: str, scam_type: str, sure: int) -> dict[str, Any]:
    """A synthetic indicator of a peer, written yesterday."""
    at = stamp(timezone.now() - dt.timedelta(days=1))
    return {
        "type": "indicator", "spec_version": "2.1",
        "id": f"indicator--{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:demo:{number}')}", "created": at,
        "modified": at, "name": f"{name}（合成）", "pattern": pattern, "pattern_type": "stix",
        "valid_from": at, "confidence": sure, "labels": [f"scam:{scam_type}"],
    }  # fmt: skip


def _send(peer: Peer, objects: list[dict[str, Any]]) -> int:
    """The delivery, as its program would have posted it."""
    items = list(reading.items_of_objects(objects))
    return actions.keep(peer, str(uuid.uuid4()), Form.STIX, Way.TAXII, items).pk
