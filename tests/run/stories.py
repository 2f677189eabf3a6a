"""What happens in a hand-made city so that every detector has something to say, and who said something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qingdun.run.embedded import Engine
from tests.run.world import H, M, S, World

LISTED, FIRM, HANDSET, TOWER = "9900000001", "9900000090", "handset", "mast"

NEAR, FAR = "+8617900009001", "+8617900009002"


def gang(world: World, at: int, watched: int = 3 * 24 * H) -> None:
    """From then on a gang is at work, of which each part is seen by another detector: cards in one box call
    down their lists, rented accounts are tried on one handset, money of a listed account goes on through
    another, a firm takes in more than in the days `watched` before, and sites are new or sent by hand.
    """
    world.list("account", LISTED)
    box(world, at)
    for rented in range(4):
        world.transfer(at + rented * M, f"990000006{rented}", "9900000077", 5, device=HANDSET)
    world.transfer(at + 20 * M, LISTED, "9900000002", 9_000)
    world.transfer(at + 30 * M, "9900000002", "9900000003", 8_800)
    firm(world, at, watched)
    sites(world, at, watched)
    steps(world, at)


def box(world: World, at: int) -> None:
    """Four cards in one box call a dozen strangers each, who never call back."""
    for step in range(13):
        for card in range(4):
            when = at + (4 * step + card) * 20 * S
            callee = f"+8617500{card}{step:04d}"
            world.call(when, f"+861790000010{card}", callee, 8, imei="box9", cell=TOWER)


def firm(world: World, at: int, watched: int) -> None:
    """A firm that took little takes much of many within an hour, and sends it on."""
    world.firms.add(FIRM)
    for part in range(1, 4):
        world.transfer(at - watched * part // 4, world.account(5), FIRM, 40)
    for person in range(6):
        when = at + person * 8 * M
        world.transfer(when, world.account(person), FIRM, 3_000)
        world.transfer(when + 3 * M, FIRM, "9900000091", 2_990)


def sites(world: World, at: int, watched: int) -> None:
    """A site that was there before is sent by hand, and one opened that was not."""
    victim = world.number(3)
    world.visit(at - watched, world.number(2), "sent9.cn")
    world.message(at + 5 * M, "+8617900000088", victim, "在吗 sent9.cn")
    world.visit(at + 9 * M, victim, "sent9.cn")
    world.message(at + 10 * M, "+8617900000089", victim, "刷单日结 go.fake.cn")
    world.visit(at + 12 * M, victim, "fresh9.cn")


def steps(world: World, at: int) -> None:
    """Two victims each go a way that scams take: texts, chat, a site, small gains, a code; a long call, own
    money gathered, and the police asked."""
    lured, called = world.number(4), world.persons - 1
    for person in range(3):
        world.message(at + person * M, "+8617900000087", world.number(person), "刷单日结")
    world.list("host", "listed9.cn")
    for minutes, host in ((14, "web.telegram.org"), (16, "gains9.cn"), (17, "listed9.cn")):
        world.visit(at + minutes * M, lured, host)
    world.transfer(at + 18 * M, "9900000055", world.account(4), 20)
    world.message(at + 20 * M, "95588", lured, "验证码123456")
    world.call(at + 40 * M, "+00861119", world.number(called), 30 * 60, "overseas")
    world.transfer(at + 50 * M, world.account(called, 1), world.account(called), 50_000)
    world.call(at + 75 * M, world.number(called), "110", 60)


def relayed(world: World, at: int) -> None:
    """One phone calls strangers, while the one at its side is called from abroad."""
    for session in range(5):
        world.taken(at + session * 5 * M, "+44700009003", FAR, 280, "overseas", "tower")
    for i in range(32):
        world.call(at + (5 + i * 45) * S, NEAR, f"+8617000999{i:03d}", 20, cell="tower")


def listened(engine: Engine, spoke: set[str]) -> Engine:
    """The engine; detectors that say something in it are named in `spoke`."""
    for code, detector in engine._by_code.items():
        for name in ("observe", "wake"):
            original = getattr(detector, name)

            def listening(*about: Any, original: Any = original, code: str = code) -> Iterator[Any]:
                for found in original(*about):  # one by one, since what is said is heeded at once
                    spoke.add(code)
                    yield found

            setattr(detector, name, listening)
    return engine
