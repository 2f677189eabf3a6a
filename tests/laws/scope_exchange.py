"""What reads of the exchange are asked in the law of scope: lists are the whole city's, peers as well."""

from __future__ import annotations

import uuid

from django.utils import timezone

from qingdun.console.exchange import actions, publishing, taking
from qingdun.console.exchange.actions import RuleForm
from qingdun.console.exchange.codes import Form, Way
from qingdun.console.exchange.models import Peer, Received, Refusal, Source
from qingdun.console.exchange.reading import items_of_objects
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from qingdun.contract.codes import scam_types
from tests.laws.scope_sampling import Sample
from tests.laws.scope_worlds import CITY, listed, listed_entry

_RULE = RuleForm(("number",), tuple(scam_types().names), "green", True, "approved", 365, True, "样例")


def exchanged(county: str) -> None:
    """A peer with whom the sample entry is shared, who sent it too and takes it back; made once."""
    listed(county)
    if Peer.objects.exists():
        return
    analyst = User.objects.get(username="sample-analyst")
    second, _made = User.objects.get_or_create(
        username="sample-second",
        defaults={"role": Role.CITY_ANALYST, "region": Region.objects.get(level="city"), "password": "!"},
    )
    made = actions.register_peer(analyst, "sample-peer", "样例对象", "Sample", "city")
    actions.decide_rule(second, actions.propose_rule(analyst, made.pk, _RULE).pk, True)
    now = timezone.now()
    publishing.follow(made.pk, now)
    at = "2026-11-01T00:00:00Z"
    told = {
        "type": "indicator", "id": "indicator--1", "modified": at,
        "pattern": f"[phone-number:value = '{listed_entry().entity}']",
    }  # fmt: skip
    for objects in ([told], [{**told, "modified": f"{at[:-1]}.5Z", "revoked": True}]):
        sent = list(items_of_objects(objects))
        taking.take(actions.keep(made, str(uuid.uuid4()), Form.STIX, Way.TAXII, sent).pk, now)
    Source.objects.create(
        peer=made, url="https://taxii.example.invalid/", collection="hosts", login="us", key_file="/nowhere",
        every_minutes=15, connected_at=now, due_at=now,
    )  # fmt: skip
    Refusal.objects.create(peer=made, name=made.code, ip="192.0.2.1", at=now)


def _peer(_county: str) -> tuple[Peer]:
    return (Peer.objects.get(),)


SAMPLES: dict[str, Sample] = {
    "exchange.queries.peers": Sample(exchanged, CITY, grows=False),
    "exchange.queries.peer": Sample(exchanged, CITY, lambda county: (Peer.objects.get().pk,), grows=False),
    "exchange.queries.rules_of": Sample(exchanged, CITY, _peer, grows=False),
    "exchange.queries.shares": Sample(exchanged, CITY, _peer, grows=False),
    "exchange.queries.deliveries": Sample(exchanged, CITY, _peer, grows=False),
    "exchange.queries.delivery": Sample(
        exchanged, CITY, lambda county: (Received.objects.earliest("pk").pk,), grows=False
    ),
    "exchange.queries.objects": Sample(
        exchanged, CITY, lambda county: (Received.objects.earliest("pk"),), grows=False
    ),
    "exchange.queries.reversals": Sample(exchanged, CITY, grows=False),
    "exchange.queries.refusals": Sample(exchanged, CITY, grows=False),
    "exchange.queries.rule_asked": Sample(exchanged, CITY, _peer, grows=False),
    "exchange.queries.weighed": Sample(
        exchanged, CITY, lambda county: (Peer.objects.get().rule,), grows=False
    ),
    "exchange.queries.sources": Sample(exchanged, CITY, _peer, grows=False),
    "exchange.queries.told": Sample(exchanged, CITY, lambda county: ([listed_entry().pk],), grows=False),
    "exchange.queries.explained": Sample(
        exchanged, CITY, lambda county: (Peer.objects.get(), listed_entry().pk), grows=False
    ),
    "exchange.queries.stands": Sample(
        exchanged, CITY, lambda county: (Peer.objects.get(), listed_entry().pk), grows=False
    ),
    "exchange.queries.of_entry": Sample(exchanged, CITY, lambda county: (listed_entry().pk,), grows=False),
}
