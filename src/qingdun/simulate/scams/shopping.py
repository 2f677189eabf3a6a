"""Fake shopping and services (虚假购物服务).

A bargain found in a text or on a feed leads outside the shop platform to a site or a private chat; payment
goes to a payee never paid before, and again for "customs" or a "deposit". Source: domain description,
section 4.
"""

from __future__ import annotations

from qingdun.contract.codes import Channel, ScamType
from qingdun.simulate.gangs import GangPlan
from qingdun.simulate.ordinary import rhythm
from qingdun.simulate.scams.script import Script, loss
from qingdun.simulate.scene import Depth, Scene
from qingdun.simulate.world import Story


def play(scene: Scene) -> Story:
    """Bargain, outside site, first-time payee, a second demand."""
    rng, host = scene.rng, scene.rng.choice(scene.kit.hosts)
    if rng.random() < 0.6:
        scene.text("shopping", rng.choice(scene.kit.senders), 0.25, host=host)
    else:
        scene.visit_kind("shop", 3, 400)
        yield scene.minutes(1, 10)
        scene.visit(host, 1, 30, scam=True)
    if scene.depth == Depth.IGNORES:
        return
    yield scene.minutes(2, 120)
    scene.visit(host, rng.randint(1, 4), 300, scam=True)
    if scene.depth == Depth.LISTENS:
        return
    yield scene.minutes(2, 60)
    scene.visit_kind("chat", 2, 200)
    if rng.random() < 0.3:
        scene.talk(scene.caller(), rng.uniform(30, 240))
    if scene.depth == Depth.LURED:
        return
    yield scene.minutes(2, 30)
    scene.pay(loss(scene, 1_200, 0.9), rng.choice((Channel.APP, Channel.THIRD_PARTY)))
    if rng.random() < 0.35:
        yield scene.minutes(20, 400)
        scene.talk(scene.caller(), rng.uniform(30, 240))
        yield scene.minutes(2, 20)
        scene.pay(loss(scene, 1_500, 0.7))


SCRIPT = Script(
    type=ScamType.SHOPPING,
    plan=GangPlan({"card": 3, "box": 2}, theme="shop", senders=5, hosts=4, level1=3, level2=3),
    play=play,
    reach=0.1,
    falls=0.13,
    ages=((16, 40, 1.0), (40, 65, 0.6)),
    lead_days=1,
    hours=rhythm.VISITS,
)
