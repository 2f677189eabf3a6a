"""Events told by PostgreSQL itself: they come without polling, and survive the end of who listens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection

from qingdun.console import notices, push
from qingdun.console.kernel import tailing
from qingdun.console.kernel.models import Region
from tests.console.kernel.test_push import Stream, asay, city
from tests.console.places import CITY

__all__ = ["city"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite gives no notices"),
]
TOPIC = "feed"


@pytest.fixture(autouse=True)
def _only_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waited for a poll or a trial of the connection would lose patience first."""
    monkeypatch.setattr(tailing, "POLL_S", 3600.0)
    monkeypatch.setattr(notices, "CHECK_S", 3600.0)
    monkeypatch.setattr(notices, "RETRY_S", 0.0)


def together(act: Callable[[], Awaitable[None]]) -> None:
    async_to_sync(act)()


def ask(statement: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


aask = sync_to_async(ask)
LISTENERS = "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"


async def listeners(other_than: int = 0) -> int:
    """The backend that listens; waits until there is one."""
    async with asyncio.timeout(20):
        while not (found := [pid for pid in await aask(LISTENERS, notices.NAME) if pid != other_than]):
            await asyncio.sleep(0.01)
    (pid,) = found
    return int(pid)


def test_event_arrives_by_notice_alone(city: str, regions: dict[str, Region]) -> None:
    async def act() -> None:
        async with Stream(city) as browser:
            await browser.hello()
            await listeners()
            for number in range(3):
                await asay(regions[CITY].path, number, TOPIC)
                assert (await browser.event())["payload"] == {"n": number}
        async with asyncio.timeout(20):
            while await aask(LISTENERS, notices.NAME):
                await asyncio.sleep(0.01)
        assert not push.tailer.running

    together(act)


def test_events_arrive_when_the_listening_backend_is_ended(city: str, regions: dict[str, Region]) -> None:
    async def act() -> None:
        async with Stream(city) as browser:
            await browser.hello()
            first = await listeners()
            await asay(regions[CITY].path, 1, TOPIC)
            assert (await browser.event())["payload"] == {"n": 1}
            assert await aask("SELECT pg_terminate_backend(%s)", first) == [True]
            # Told before or after it listens again, the event must come.
            await asay(regions[CITY].path, 2, TOPIC)
            assert (await browser.event())["payload"] == {"n": 2}
            assert await listeners(other_than=first) != first
            await asay(regions[CITY].path, 3, TOPIC)
            assert (await browser.event())["payload"] == {"n": 3}

    together(act)


def test_events_are_polled_while_nobody_can_listen(
    city: str, regions: dict[str, Region], monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, refusals = psycopg.AsyncConnection.connect, []

    async def refused(*args: Any, **keywords: Any) -> Any:
        refusals.append(keywords)
        raise psycopg.OperationalError("refused for the test")

    monkeypatch.setattr(tailing, "POLL_S", 0.02)
    monkeypatch.setattr(psycopg.AsyncConnection, "connect", refused)

    async def act() -> None:
        async with Stream(city) as browser:
            await browser.hello()
            await asay(regions[CITY].path, 1, TOPIC)
            assert (await browser.event())["payload"] == {"n": 1}
            assert refusals
            monkeypatch.setattr(psycopg.AsyncConnection, "connect", connect)
            await listeners()
            await asay(regions[CITY].path, 2, TOPIC)
            assert (await browser.event())["payload"] == {"n": 2}

    together(act)


def test_a_connection_that_no_longer_answers_is_given_up(
    regions: dict[str, Region], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence is followed by a trial; a failed trial lets go, and the next wait listens anew."""
    monkeypatch.setattr(notices, "CHECK_S", 0.01)

    async def act() -> None:
        waiter = notices.Notices()
        try:
            await waiter.wait()
            first = await listeners()
            await waiter.wait()
            assert await listeners() == first
            await aask("SELECT pg_terminate_backend(%s)", first)
            await waiter.wait()
            await waiter.wait()
            assert await listeners(other_than=first) != first
        finally:
            await waiter.close()

    together(act)
