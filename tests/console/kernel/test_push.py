"""The event process, spoken to as a server does: who is let in, what they hear, and that nothing is lost on
the way.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qingdun.console import push
from qingdun.console.kernel import tailing
from qingdun.console.kernel.events import forget_before, publish
from qingdun.console.kernel.models import LiveEvent, Region
from qingdun.console.kernel.roles import Permission, Role
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import CITY, COUNTY_A, COUNTY_B, TOWN_A

# Notices of PostgreSQL come with a real commit only.
pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = "http://127.0.0.1:8000"
PATIENCE_S = 10.0


class Stream:
    """One browser's connection to the event process."""

    def __init__(self, cookie: str, query: str = "", path: str = "/events", **headers: str) -> None:
        pairs = {"cookie": cookie, "origin": ORIGIN} | {k.replace("_", "-"): v for k, v in headers.items()}
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in pairs.items()],
        }
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self._heard: asyncio.Queue[str] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._answered = asyncio.Event()

    async def __aenter__(self) -> Stream:
        self._task = asyncio.ensure_future(push.application(self.scope, self._receive, self._send))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._gone.set()
        await asyncio.wait_for(self._task, PATIENCE_S)

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
            self._answered.set()
        else:
            for said in message["body"].decode().split("\n\n")[:-1]:
                await self._heard.put(f"{said}\n\n")

    async def answer(self) -> int:
        """Waits for the status."""
        await asyncio.wait_for(self._answered.wait(), PATIENCE_S)
        return self.status

    async def next(self) -> str:
        """What is said next, whatever it is."""
        return await asyncio.wait_for(self._heard.get(), PATIENCE_S)

    async def hello(self) -> int:
        """Waits for the beginning; the id it begins at."""
        while "event: hello" not in (text := await self.next()):
            pass
        return int(text.split("id: ")[1].split("\n")[0])

    async def event(self) -> dict[str, Any]:
        """The next event."""
        while "\ndata: " not in (text := await self.next()) or "event:" in text:
            pass
        return dict(json.loads(text.split("data: ", 1)[1]))

    async def finished(self) -> None:
        """Waits until the other side has ended the connection."""
        await asyncio.wait_for(asyncio.shield(self._task), PATIENCE_S)


def say(path: str, number: int, topic: str = "alerts") -> LiveEvent:
    with transaction.atomic():
        return publish(topic, path, {"n": number})


asay = sync_to_async(say)


def cookie_of(client: Client) -> str:
    client.get("/audit/")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
def city(make_user: MakeUser, log_in: LogIn) -> str:
    return cookie_of(log_in(make_user(Role.CITY_ANALYST, CITY)))


@pytest.fixture
def county(make_user: MakeUser, log_in: LogIn) -> str:
    return cookie_of(log_in(make_user(Role.COUNTY_OFFICER, COUNTY_A)))


def together(act: Callable[[], Awaitable[None]]) -> None:
    """Runs the test's coroutine so that the process's reads use the connection of the test."""
    async_to_sync(act)()


def test_event_arrives_by_itself(city: str, regions: dict[str, Region]) -> None:
    async def act() -> None:
        async with Stream(city) as stream:
            await stream.hello()
            assert stream.status == 200
            assert stream.headers[b"content-type"].startswith(b"text/event-stream")
            assert stream.headers[b"access-control-allow-origin"] == ORIGIN.encode()
            await asay(regions[COUNTY_A].path, 1)
            heard = await stream.event()
            assert (heard["topic"], heard["payload"], heard["region"]) == (
                "alerts",
                {"n": 1},
                regions[COUNTY_A].path,
            )

    together(act)


def test_everybody_hears_their_own_subtree_only(city: str, county: str, regions: dict[str, Region]) -> None:
    async def act() -> None:
        async with Stream(city) as all_of_it, Stream(county) as part:
            await all_of_it.hello()
            await part.hello()
            await asay(regions[COUNTY_B].path, 1)
            await asay(regions[CITY].path, 2)
            await asay(regions[COUNTY_A].path, 3)
            assert [(await all_of_it.event())["payload"]["n"] for _ in range(3)] == [1, 2, 3]
            assert (await part.event())["payload"]["n"] == 3

    together(act)


def test_a_topic_is_heard_by_those_who_have_its_permission(
    make_user: MakeUser, log_in: LogIn, regions: dict[str, Region]
) -> None:
    """Who does not hear is told in the beginning where they stand: behind the event, without it."""
    since = say(regions[CITY].path, 1).id
    last = say(regions[CITY].path, 2).id
    heard = {}

    async def act() -> None:
        for role, cookie in cookies.items():
            async with Stream(cookie, f"since={since}") as stream:
                said = ""
                while "event: hello" not in (text := await stream.next()):
                    said += text
                assert f"id: {last}\n" in text
                heard[role] = "data: " in said

    cookies = {role: cookie_of(log_in(make_user(role))) for role in Role if role != Role.STATION_OFFICER}
    together(act)
    may = {Role.CITY_ANALYST, Role.COUNTY_OFFICER, Role.LEADER, Role.VIEWER}
    assert {role for role, whether in heard.items() if whether} == may


@pytest.mark.parametrize("role", [Role.HOTLINE_OPERATOR, Role.GRID_MEMBER])
def test_who_works_on_tasks_alone_hears_what_names_them_and_no_more(
    role: Role, make_user: MakeUser, log_in: LogIn, regions: dict[str, Region]
) -> None:
    user = make_user(role)
    cookie, path = cookie_of(log_in(user)), regions[CITY].path

    def happen() -> None:
        with transaction.atomic():
            publish("alerts", path, {"n": 1})
            publish("alerts", path, {"n": 2}, users=[user.pk + 1])
            publish("alerts", path, {"n": 3, "open_to": [Permission.SEE_ALERTS]})
            publish("care", path, {"n": 4}, users=[user.pk])
            publish("alerts", path, {"n": 5, "open_to": [Permission.CALL_HOTLINE]})
            publish("alerts", path, {"n": 6}, users=[user.pk])

    async def act() -> None:
        async with Stream(cookie) as stream:
            await stream.hello()
            await sync_to_async(happen)()
            expected = [5, 6] if role == Role.HOTLINE_OPERATOR else [6]
            assert [(await stream.event())["payload"]["n"] for _ in expected] == expected

    together(act)


def test_a_station_hears_of_its_own_tasks_only(
    make_user: MakeUser, log_in: LogIn, regions: dict[str, Region]
) -> None:
    officer = make_user(Role.STATION_OFFICER, TOWN_A)
    cookie = cookie_of(log_in(officer))
    path = regions[TOWN_A].path

    def happen() -> None:
        with transaction.atomic():
            publish("alerts", path, {"n": 1})
            publish("alerts", path, {"n": 2}, stations=[officer.organisation_id + 1], users=[officer.pk + 1])
            publish("alerts", path, {"n": 3}, stations=[officer.organisation_id])
            publish("alerts", path, {"n": 4}, users=[officer.pk])
            # What belongs to nobody is for all, wherever they are.
            publish("feed", regions[CITY].path, {"n": 5})

    async def act() -> None:
        async with Stream(cookie) as stream:
            await stream.hello()
            await sync_to_async(happen)()
            assert [(await stream.event())["payload"]["n"] for _ in range(3)] == [3, 4, 5]

    together(act)


def test_a_topic_without_permission_is_not_published(regions: dict[str, Region]) -> None:
    with pytest.raises(KeyError, match="gossip"):
        say(regions[CITY].path, 1, "gossip")
    assert not LiveEvent.objects.exists()


def test_topics_narrow_a_stream(city: str, regions: dict[str, Region]) -> None:
    async def act() -> None:
        async with Stream(city, "topics=feed") as stream:
            await stream.hello()
            await asay(regions[CITY].path, 1, "alerts")
            await asay(regions[CITY].path, 2, "feed")
            assert (await stream.event())["topic"] == "feed"

    together(act)


@pytest.mark.parametrize("by", ["header", "query"])
def test_stream_resumes_where_it_broke(by: str, city: str, regions: dict[str, Region]) -> None:
    async def act() -> None:
        events = [await asay(regions[CITY].path, number) for number in range(5)]
        seen = str(events[1].id)
        again = Stream(city, last_event_id=seen) if by == "header" else Stream(city, f"since={seen}")
        async with again as stream:
            assert [(await stream.event())["payload"]["n"] for _ in range(3)] == [2, 3, 4]
            await asay(regions[CITY].path, 5)
            assert (await stream.event())["payload"]["n"] == 5

    together(act)


def test_new_stream_begins_now(city: str, regions: dict[str, Region]) -> None:
    async def act() -> None:
        old = await asay(regions[CITY].path, 1)
        async with Stream(city) as stream:
            assert await stream.hello() == old.id
            await asay(regions[CITY].path, 2)
            assert (await stream.event())["payload"]["n"] == 2

    together(act)


def test_the_first_stream_stays_however_much_happened_before_it(
    city: str, regions: dict[str, Region], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tailing, "QUEUE_LENGTH", 3)
    for number in range(8):
        last = say(regions[CITY].path, number)

    async def act() -> None:
        async with Stream(city) as stream:
            assert await stream.hello() == last.id
            await asay(regions[CITY].path, 8)
            assert (await stream.event())["payload"]["n"] == 8

    together(act)


def test_stream_that_missed_what_is_gone_is_told_to_load_again(city: str, regions: dict[str, Region]) -> None:
    first = say(regions[CITY].path, 1)
    say(regions[CITY].path, 2)
    forget_before(timezone.now())
    say(regions[CITY].path, 3)

    async def act() -> None:
        for seen in (first.id, first.id + 1000):
            async with Stream(city, f"since={seen}") as stream:
                await stream.next()
                assert "event: reset" in await stream.next()

    together(act)


def test_beats_say_how_far_a_stream_is_that_hears_nothing(
    county: str, regions: dict[str, Region], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or whoever hears little would come back as if they had missed everything."""
    monkeypatch.setattr(push, "HEARTBEAT_S", 0.02)

    async def act() -> None:
        async with Stream(county) as stream:
            await stream.hello()
            other = await asay(regions[COUNTY_B].path, 1)
            while f"id: {other.id}\n: beat" not in (text := await stream.next()):
                assert "data: " not in text

    together(act)


def test_who_comes_back_is_told_from_memory(city: str, county: str, regions: dict[str, Region]) -> None:
    """However many come back, no row is read again for them; each hears their own part of the past."""

    async def act() -> None:
        async with Stream(city) as stays:
            since = await stays.hello()
            for number, code in enumerate((COUNTY_A, COUNTY_B, COUNTY_A)):
                await asay(regions[code].path, number)
                await stays.event()
            read = CaptureQueriesContext(connection)
            await sync_to_async(read.__enter__)()
            for cookie, due in ((city, [0, 1, 2]), (county, [0, 2])) * 3:
                async with Stream(cookie, f"since={since}") as again:
                    assert [(await again.event())["payload"]["n"] for _ in due] == due
                    await again.hello()
            await sync_to_async(read.__exit__)(None, None, None)
            queries = await sync_to_async(lambda: [one["sql"] for one in read.captured_queries])()
        assert queries
        # The tailer itself goes on reading, from where it is.
        assert not [sql for sql in queries if f'"kernel_liveevent"."id" > {since} ' in sql]

    together(act)


def test_a_stream_that_missed_too_much_is_told_to_load_again(
    county: str, regions: dict[str, Region], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too much of its own: what others hear does not count."""
    monkeypatch.setattr(tailing, "MOST_MISSED", 1)
    first = say(regions[CITY].path, 0)
    for code in (COUNTY_A, COUNTY_B, COUNTY_B):
        last = say(regions[code].path, 1)

    async def act() -> None:
        async with Stream(county, f"since={first.id}") as stream:
            assert (await stream.event())["payload"] == {"n": 1}
            assert await stream.hello() == last.id
        await asay(regions[COUNTY_A].path, 2)
        async with Stream(county, f"since={first.id}") as stream:
            await stream.next()
            assert "event: reset" in await stream.next()

    together(act)


def test_stream_beats_and_ends_with_its_session(
    make_user: MakeUser, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "HEARTBEAT_S", 0.02)
    monkeypatch.setattr(push, "RECHECK_S", 0.0)
    client = log_in(make_user(Role.CITY_ANALYST))
    cookie = cookie_of(client)

    async def act() -> None:
        async with Stream(cookie) as stream:
            here = await stream.hello()
            assert await stream.next() == f"id: {here}\n: beat\n\n"
            await sync_to_async(client.post)("/accounts/logout/")
            await stream.finished()

    together(act)


def test_strangers_are_refused(make_user: MakeUser, log_in: LogIn) -> None:
    no_factor = cookie_of(log_in(make_user(Role.CITY_ANALYST, name="no-factor", second_factor=False)))
    known = cookie_of(log_in(make_user(Role.CITY_ANALYST)))

    async def act() -> None:
        for cookie in ("", "sessionid=forged", "sessionid=\x00;;;", no_factor):
            async with Stream(cookie) as stream:
                assert await stream.answer() == 403
        async with Stream(known, path="/elsewhere") as stream:
            assert await stream.answer() == 404
        async with Stream(known, origin="http://evil.example") as stream:
            await stream.answer()
            assert b"access-control-allow-origin" not in stream.headers

    together(act)


def test_one_tailer_serves_every_stream_and_goes_with_the_last(city: str) -> None:
    async def act() -> None:
        async with Stream(city) as one, Stream(city) as two:
            await one.hello()
            await two.hello()
            tasks = [task for task in asyncio.all_tasks() if "_tail" in repr(task.get_coro())]
            assert len(tasks) == 1
        assert not push.tailer.running

    together(act)


def test_event_of_a_rolled_back_act_is_never_heard(city: str, regions: dict[str, Region]) -> None:
    def undone() -> None:
        with transaction.atomic():
            publish("alerts", regions[CITY].path, {"n": 0})
            transaction.set_rollback(True)

    async def act() -> None:
        async with Stream(city) as stream:
            await stream.hello()
            await sync_to_async(undone)()
            await asay(regions[CITY].path, 1)
            assert (await stream.event())["payload"]["n"] == 1

    together(act)


@pytest.mark.parametrize("since", ["9" * 5000, "9" * 25])
def test_an_id_of_any_length_ends_no_stream(city: str, regions: dict[str, Region], since: str) -> None:
    async def act() -> None:
        async with Stream(city, f"since={since}") as stream:
            await stream.hello()
            await asay(regions[COUNTY_A].path, 1)
            assert (await stream.event())["payload"] == {"n": 1}

    together(act)


def test_a_session_key_that_is_no_text_is_refused(city: str) -> None:
    async def act() -> None:
        async with Stream(f'{settings.SESSION_COOKIE_NAME}="' + "\\000" * 32 + '"') as stream:
            assert await stream.answer() == 403

    together(act)
