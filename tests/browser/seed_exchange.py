"""What happens to the exchange in the browser tests' console: `python -m tests.browser.seed_exchange`."""

from __future__ import annotations

import uuid

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.exchange import actions, publishing, reading, taking  # noqa: E402
from qingdun.console.exchange.codes import Form, Way  # noqa: E402
from qingdun.console.exchange.demo import indicator, rule_of  # noqa: E402
from qingdun.console.exchange.models import Peer, Refusal, Source  # noqa: E402
from qingdun.console.kernel.models import User  # noqa: E402
from qingdun.console.kernel.roles import Role  # noqa: E402


def main() -> None:
    """A peer that was given something and sent more, and takes some of it back; one whose rule waits."""
    city, now = User.objects.get(username="city"), timezone.now()
    second = User.objects.create(username="second", role=Role.CITY_ANALYST, region=city.region, password="!")
    peer = actions.register_peer(
        city, "drill-city", "演练邻市反诈中心（合成）", "Drill City (synthetic)", "city"
    )
    made = actions.propose_rule(city, peer.pk, rule_of(("number", "sender", "host"), "approved", True))
    actions.decide_rule(second, made.pk, True)
    actions.make_key(city, peer.pk)
    publishing.follow(peer.pk, now)
    sent = [
        indicator(1, "[domain-name:value = 'kd-cx.example.invalid']", "仿冒快递查询", "phishing", 80),
        indicator(2, "[domain-name:value = 'www.icbc.com.cn']", "误报", "phishing", 30),
        indicator(3, "[file:name = 'x.apk']", "涉诈应用", "", 50),
    ]
    for objects in (sent, [{**sent[0], "modified": "2026-11-30T00:00:00.000Z", "revoked": True}]):
        items = list(reading.items_of_objects(objects))
        taking.take(actions.keep(peer, str(uuid.uuid4()), Form.STIX, Way.TAXII, items).pk, now)
    for number, (fault, detail) in enumerate((("", ""), ("refused", "HTTP 401 no such key here"))):
        Source.objects.create(
            peer=peer, url="https://taxii.drill-city.example.invalid/api/", collection=f"hosts-{number}",
            login="qingdun", key_file="/nowhere", every_minutes=15, connected_at=now,
            due_at=now, asked_at=now,
            read_at=None if fault else now, objects_read=0 if fault else 1204, failures=2 if fault else 0,
            last="" if fault else "2026-11-29T00:00:00.000001Z", fault=fault, detail=detail,
        )  # fmt: skip
    Refusal.objects.create(peer=peer, name=peer.code, ip="192.0.2.7", at=now)
    Peer.objects.filter(pk=peer.pk).update(contact_at=now)
    line = actions.register_peer(
        city, "drill-line", "演练通信公司（合成）", "Drill Telecom (synthetic)", "operator"
    )
    actions.propose_rule(second, line.pk, rule_of(("number", "sender"), "enforced", False))


if __name__ == "__main__":
    main()
