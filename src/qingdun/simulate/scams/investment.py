"""Fake investment platforms (虚假投资理财).

A "teacher" draws the person by text or call into a new chat app and a fake platform. A small payment goes
out and comes back with a gain, a second one too; then large sums follow over days. Source: domain
description, section 4; a third of all losses.
"""

from __future__ import annotations

from qingdun.contract.codes import Channel, ScamType
from qingdun.simulate.gangs import GangPlan
from qingdun.simulate.ordinary import rhythm
from qingdun.simulate.scams.script import Script, loss
from qingdun.simulate.scene import Depth, Scene
from qingdun.simulate.world import Story


def play(scene: Scene) -> Story:
    """Lure into a group, platform, small payment and redemption, then large outflows."""
    rng, host = scene.rng, scene.rng.choice(scene.kit.hosts)
    if rng.random() < 0.55:
        scene.text("investment", rng.choice(scene.kit.senders), 0.45, host=host)
    else:
        line = scene.caller()
        scene.dial_others(line, rng.choice((0, 1, 2, 3)))
        scene.talk(line, rng.uniform(5, 30) if scene.depth == Depth.IGNORES else rng.uniform(60, 400))
    if scene.depth == Depth.IGNORES:
        return
    yield scene.minutes(10, 400)
    scene.visit_kind("chat", 4, 600)
    if scene.depth == Depth.LISTENS:
        return
    for _ in range(rng.randint(1, 3)):
        yield scene.next_day()
        scene.visit_kind("chat", 3, 900)
        scene.visit_kind("invest", rng.randint(0, 2), 600)
        scene.visit(host, rng.randint(1, 4), 900, scam=True)
    if scene.depth == Depth.LURED:
        return
    stake = loss(scene, 800, 0.4)
    for _ in range(rng.randint(1, 2)):
        yield scene.minutes(30, 300)
        scene.pay(stake)
        yield scene.minutes(60, 500)
        scene.visit(host, 3, 600, scam=True)
        scene.receive(round(stake * rng.uniform(1.05, 1.3)))
    for _ in range(rng.randint(2, 4)):
        yield scene.next_day() if rng.random() < 0.6 else scene.minutes(30, 240)
        scene.visit(host, rng.randint(2, 6), 900, scam=True)
        scene.visit_banks(2)
        yield scene.minutes(3, 15)
        scene.pay(
            loss(scene, 25_000, 1.0), rng.choice((Channel.APP, Channel.APP, Channel.WEB, Channel.COUNTER))
        )


SCRIPT = Script(
    type=ScamType.INVESTMENT,
    plan=GangPlan(
        {"voip": 3, "box": 3, "overseas": 1}, theme="invest", senders=4, hosts=2, level1=5, level2=6
    ),
    play=play,
    reach=0.12,
    falls=0.08,
    ages=((28, 45, 0.9), (45, 70, 1.0), (70, 90, 0.4)),
    lead_days=6,
    hours=rhythm.MESSAGES,
)
