"""Fake trades in games (网络游戏虚假交易).

A child or a young player is offered free skins, an account for sale or "release from the anti-addiction
limit". On a parent's phone, often with the screen shared, the money leaves the parent's account; there is
always another "unfreezing deposit". Source: domain description, section 4.
"""

from __future__ import annotations

from qingdun.contract.codes import Channel, ScamType
from qingdun.simulate.gangs import GangPlan
from qingdun.simulate.ordinary import rhythm
from qingdun.simulate.scams.script import Script, loss
from qingdun.simulate.scene import Depth, Scene
from qingdun.simulate.world import Story


def play(scene: Scene) -> Story:
    """Game sites, an offer, the trading site, screen shared, payment and "unfreezing"."""
    rng, host = scene.rng, scene.rng.choice(scene.kit.hosts)
    scene.visit_kind("game", rng.randint(2, 5), 900)
    yield scene.minutes(1, 30)
    if rng.random() < 0.5:
        scene.text("game", rng.choice(scene.kit.senders), 0.35, host=host)
    else:
        scene.visit(host, 1, 20, scam=True)
    if scene.depth == Depth.IGNORES:
        return
    yield scene.minutes(2, 60)
    scene.visit(host, rng.randint(1, 4), 300, scam=True)
    if scene.depth == Depth.LISTENS:
        return
    yield scene.minutes(3, 40)
    call = scene.answer(scene.caller()) if rng.random() < 0.5 else None
    yield scene.minutes(1, 6)
    scene.visit_kind("meeting" if rng.random() < 0.6 else "chat", 3, 120)
    yield scene.minutes(3, 15)
    if scene.depth == Depth.PAYS:
        stake = loss(scene, 800, 0.8)
        for _ in range(rng.randint(1, 4)):
            scene.visit(host, 2, 100, scam=True)
            scene.visit_banks(1)
            yield scene.minutes(1, 8)
            scene.pay(stake, rng.choice((Channel.APP, Channel.THIRD_PARTY)))
            stake = min(stake * rng.uniform(1.0, 2.5), loss(scene, 5_000))
            yield scene.minutes(3, 20)
    if call is not None:
        scene.hang_up(call)


SCRIPT = Script(
    type=ScamType.GAME,
    plan=GangPlan({"card": 3, "voip": 2}, theme="game", senders=3, hosts=3, level1=3, level2=3),
    play=play,
    reach=0.04,
    falls=0.14,
    ages=((8, 25, 1.0), (25, 35, 0.5), (35, 50, 0.3), (50, 99, 0.05)),
    hours=rhythm.VISITS,
)
