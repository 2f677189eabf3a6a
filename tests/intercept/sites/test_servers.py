"""BIND and Unbound, as Debian has them, enforce what is listed and let go what is released."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qingdun.intercept.sites.keys import shared_key
from qingdun.intercept.sites.plane import Address
from tests.intercept import running
from tests.intercept.memory import MemoryLists, listed
from tests.intercept.running import (
    NAMED,
    REAL,
    TARGET,
    UNBOUND,
    Server,
    bind,
    needs,
    unbound,
    until,
)

BLOCKED = [TARGET]
PARTS = {"bind": 3, "unbound": 1}
"""Zones of either kind: with one and with several."""


@dataclass(frozen=True)
class Served:
    lists: MemoryLists
    server: Server
    page: Address
    settings: running.Settings


def served(folder: Path, kind: str) -> Iterator[Served]:
    port = running.free_port()
    lists = MemoryLists([listed(1, "first.example")])
    chosen = running.settings(
        folder / "plane",
        secondaries=(Address("127.0.0.1", port),),
        keyless=("127.0.0.1",) if kind == "unbound" else (),
        log=folder / kind / "rpz.log",
        parts=PARTS[kind],
    )
    key = chosen.folder / "sites.key"
    shared_key(key)
    with running.running(chosen, lists):
        started = (
            unbound(folder / kind, chosen.listen.port, port)
            if kind == "unbound"
            else bind(folder / kind, chosen.listen.port, key, port, chosen.parts)
        )
        with started as server:
            yield Served(lists, server, chosen.page, chosen)


@pytest.fixture(scope="module")
def with_bind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    needs(NAMED)
    yield from served(tmp_path_factory.mktemp("bind"), "bind")


@pytest.fixture(scope="module")
def with_unbound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    needs(UNBOUND)
    yield from served(tmp_path_factory.mktemp("unbound"), "unbound")


def page(at: Address, host: str) -> tuple[int, str]:
    """What a visitor is shown who was sent to the page."""
    line = http.client.HTTPConnection(at.host, at.port, timeout=5)
    line.request("GET", "/pay?x=1", headers={"Host": host})
    answer = line.getresponse()
    text = answer.read().decode()
    line.close()
    return answer.status, text


def test_bind_sends_visitors_to_the_page_and_lets_them_go_after_the_reversal(with_bind: Served) -> None:
    lists, server = with_bind.lists, with_bind.server
    server.comes_to("first.example", BLOCKED)
    assert server.addresses("free.example") == REAL
    lists.put(listed(20, "bad.example"))
    server.comes_to("bad.example", BLOCKED)
    assert server.addresses("www.pay.bad.example") == BLOCKED, "what lies below it too"
    assert server.addresses("xbad.example") == REAL, "and no other name that ends like it"
    assert server.addresses("bad.example", "AAAA") == [], "nor is it reached over IPv6"
    status, text = page(with_bind.page, "www.pay.bad.example")
    assert status == 451
    assert "QD-20" in text
    lists.reverse(20)
    server.comes_to("bad.example", REAL)
    assert server.addresses("www.pay.bad.example") == REAL
    assert page(with_bind.page, "bad.example")[0] == 404


def test_bind_blocks_a_registered_domain_and_never_the_suffix_above_it(with_bind: Served) -> None:
    lists, server = with_bind.lists, with_bind.server
    lists.put(listed(30, "com.cn"))
    lists.put(listed(31, "shop.com.cn"))
    server.comes_to("www.shop.com.cn", BLOCKED)
    assert server.addresses("other.com.cn") == REAL
    lists.put(listed(32, "hospital.shop.com.cn", list_name="never_block"))
    server.comes_to("www.shop.com.cn", REAL)


def test_bind_lets_what_is_observed_pass_and_both_are_counted(with_bind: Served) -> None:
    lists, server = with_bind.lists, with_bind.server
    lists.put(listed(40, "seen.example", enforced=False))
    lists.put(listed(41, "hit.example"))
    server.comes_to("www.hit.example", BLOCKED)

    def logged() -> bool:
        assert server.addresses("a.seen.example") == REAL
        return "a.seen.example/A/IN via" in server.log.read_text()

    until(logged)
    assert server.addresses("b.seen.example", "AAAA") == []
    text = server.log.read_text()
    passed, blocked = text.count("seen.example/A/IN via"), text.count("hit.example/A/IN via")

    def counted() -> dict[int, tuple[int, int]]:
        found = {one.entry_id: (one.observed, one.blocked) for one in lists.told.values()}
        return found if {40, 41} <= set(found) else {}

    found = until(counted)
    assert (found[40], found[41]) == ((passed, 0), (0, blocked))


def test_bind_goes_on_with_what_it_has_while_the_lists_are_away_and_catches_up(with_bind: Served) -> None:
    lists, server = with_bind.lists, with_bind.server
    lists.put(listed(50, "kept.example"))
    server.comes_to("kept.example", BLOCKED)
    lists.away = True
    lists.put(listed(51, "late.example"))
    assert server.addresses("kept.example") == BLOCKED
    assert server.addresses("late.example") == REAL
    lists.away = False
    server.comes_to("late.example", BLOCKED)


def test_unbound_does_the_same_without_a_key(with_unbound: Served) -> None:
    lists, server = with_unbound.lists, with_unbound.server
    server.comes_to("first.example", BLOCKED)
    lists.put(listed(60, "bad.example"))
    server.comes_to("bad.example", BLOCKED)
    assert server.addresses("www.bad.example") == BLOCKED
    assert server.addresses("xbad.example") == REAL
    until(lambda: any(one.entry_id == 60 and one.blocked for one in lists.told.values()))
    lists.reverse(60)
    server.comes_to("bad.example", REAL)
