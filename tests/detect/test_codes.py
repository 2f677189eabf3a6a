"""One-time codes stop the pass only where a detector may have a say."""

from __future__ import annotations

import pytest

from qingdun.detect.evidence import MESSAGES
from qingdun.run.embedded import Engine
from tests.run.world import START, H, M, World, run


def test_codes_of_those_who_are_in_no_call_and_on_no_site_are_only_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(6)
    at = START + 2 * H
    world.call(at - M, world.number(4), world.number(1), 600)
    world.visit(at - 5 * M, world.number(2), "seldom-asked-for.cn")
    world.visit(at - 20 * M, world.number(3), "seldom-asked-for.cn")
    for person in range(4):
        world.message(at + person, "95588", world.number(person), "您的验证码是 123456")
    judged: list[str] = []
    original = Engine._judge

    def judge(engine: Engine, event: object, decisions: object) -> None:
        if event.flow == MESSAGES:  # type: ignore[attr-defined]
            judged.append(event.row.recipient)  # type: ignore[attr-defined]
        original(engine, event, decisions)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "_judge", judge)
    run(world.engine(), [world.batch()])
    assert judged == [world.number(1), world.number(2)]
