"""What the desk says of the feed while it runs."""

from __future__ import annotations

import pytest

from qingdun.console.alerts import feed
from qingdun.console.alerts.models import FeedProgress
from tests.console.alerts.world import World

SECOND = 1_000_000


def rates() -> dict[str, float]:
    told: dict[str, float] = FeedProgress.objects.get().per_second
    return told


def test_an_event_every_few_seconds_does_not_read_as_none(world: World) -> None:
    counts = {"visits": 0, "transfers": 0}
    for second in range(121):
        counts = {"visits": second * 25, "transfers": second // 8}
        feed.report_progress(second * SECOND, counts)
    assert rates()["visits"] == pytest.approx(25)
    assert 0.08 < rates()["transfers"] < 0.17
    for second in range(121, 420):
        feed.report_progress(second * SECOND, counts)
    assert max(rates().values()) < 0.05


def test_catching_up_is_no_flood(world: World) -> None:
    for hour in range(4):
        feed.report_progress(hour * 3600 * SECOND, {"visits": hour * 90_000})
    assert rates() == {"visits": pytest.approx(25)}
    feed.report_progress(3 * 3600 * SECOND + SECOND, {"visits": 3 * 90_000 + 25})
    assert rates() == {"visits": pytest.approx(25)}


def test_an_engine_that_begins_anew_has_no_rate_at_first(world: World) -> None:
    feed.report_progress(100 * SECOND, {"visits": 1000})
    feed.report_progress(110 * SECOND, {"visits": 1100})
    assert rates() == {"visits": 10}
    feed.report_progress(0, {"visits": 0})
    assert rates() == {}
