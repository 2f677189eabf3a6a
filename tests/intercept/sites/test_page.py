"""The warning page says why in two languages, and withstands whoever visits it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.intercept.feed import Follower, Limits
from qingdun.intercept.sites import zone
from qingdun.intercept.sites.page import WarningPage, _ways
from qingdun.intercept.sites.plane import copy_of
from qingdun.intercept.sites.web import Web
from qingdun.intercept.sites.zone import Sites
from tests.intercept.memory import MemoryLists, listed

SINCE = int(dt.datetime(2026, 6, 1, 2, tzinfo=dt.UTC).timestamp()) * 1_000_000


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    copy = copy_of(Path(tmp_path_factory.mktemp("page")))
    with copy.writing() as db:
        zone.prepare(db, 1_000, b"form")
    entries = [
        listed(7, "bad.example", since=SINCE), listed(8, "seen.example", enforced=False), listed(9, "com.cn"),
        listed(10, "xn--fsqu00a.example"),
    ]  # fmt: skip
    clock = lambda: time.time_ns() // 1000  # noqa: E731
    Follower(copy, MemoryLists(entries), [Sites(40)], Limits(), clock).step()
    yield Web(WarningPage(copy, "96110", "Asia/Shanghai", clock))
    copy.close()


def asked(web: Web, host: str, line: str = "GET / HTTP/1.1") -> tuple[int, str]:
    answer = web.answer(f"{line}\r\nHost: {host}\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


def test_it_says_why_since_when_and_how_to_appeal_in_two_languages(web: Web) -> None:
    status, text = asked(web, "www.bad.example:80")
    assert status == 451
    for words in (
        "www.bad.example", "钓鱼仿冒网站", "2026-06-01 10:00", "QD-7", "申诉", "96110", "Blocked since",
        "call 96110", "lift a wrong block",
    ):  # fmt: skip
        assert words in text, words
    assert "仿冒银行" not in text, "the reason is not for the public"
    assert "analyst" not in text


def test_it_leads_to_the_page_for_appeals_where_there_is_one() -> None:
    zh, en = _ways("https://fanzha.example/appeal/", 'www.bad.example"><b>')
    link = "https://fanzha.example/appeal/?host=www.bad.example%22%3E%3Cb%3E"
    assert f'<a href="{link}">' in zh
    assert f'<a href="{link}">' in en


def test_what_is_not_blocked_is_said_not_to_be(web: Web) -> None:
    for host in ("free.example", "seen.example", "shop.com.cn", "", "203.0.113.7"):
        status, text = asked(web, host)
        assert status == 404, host
        assert "QD-" not in text


def test_a_name_in_chinese_is_found_by_its_punycode(web: Web) -> None:
    assert asked(web, "xn--fsqu00a.example")[0] == 451


def test_a_host_that_is_markup_stays_text(web: Web) -> None:
    _, text = asked(web, "<script>alert(1)</script>.example")
    assert "<script" not in text


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("POST / HTTP/1.1", 405),
        ("nonsense", 400),
        ("GET http://bad.example/x HTTP/1.1", 451),
        ("HEAD / HTTP/1.0", 451),
    ],
)
def test_other_requests_are_answered_by_the_protocol(web: Web, line: str, status: int) -> None:
    found, text = asked(web, "bad.example", line)
    assert found == status
    assert bool(text) == line.startswith("GET")


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=200).map(lambda b: b"GET / HTTP/1.1\r\nHost: " + b + b"\r\n\r\n"),
    )
)
def test_whatever_is_sent_has_an_answer(web: Web, head: bytes) -> None:
    assert web.answer(head).startswith(b"HTTP/1.1 ")
