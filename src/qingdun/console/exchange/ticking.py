"""What happens by itself: collections follow the lists, and what peers sent is read."""

from __future__ import annotations

import datetime as dt

from qingdun.console.exchange import publishing, rules, taking
from qingdun.console.exchange.models import Peer, Refusal, RefusalRest
from qingdun.console.exchange.taxii import keys


def tick(now: dt.datetime) -> int:
    """Every peer's collections stand by its rule, and nothing that was sent waits to be read; how much."""
    count = sum(publishing.follow(peer, now) for peer in _peers())
    count += sum(publishing.look(peer, now) for peer in _peers())
    count += sum(publishing.sight(peer, now) for peer in _peers())
    count += taking.take_waiting(now)
    count += keys.tell_rest(now)
    old = now - dt.timedelta(days=rules.number("refusals_days"))
    RefusalRest.objects.filter(hour_at__lt=old).delete()
    return count + Refusal.objects.filter(at__lt=old).delete()[0]


def _peers() -> list[int]:
    return list(Peer.objects.order_by("pk").values_list("pk", flat=True))
