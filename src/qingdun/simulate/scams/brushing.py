"""Brushing and rebates (刷单返利).

An invitation by text or by a group call offers easy work at home. Whoever joins gets small sums from
strangers for first tasks, then an unknown site with "combined orders" that have to be paid in advance, each
larger than the one before, over hours and days. Source: domain description, section 4; a third of all
cases.
"""

from __future__ import annotations

from qingdun.contract.codes import ScamType
from qingdun.simulate.gangs import GangPlan
from qingdun.simulate.ordinary import rhythm
from qingdun.simulate.scams.script import Script, loss
from qingdun.simulate.scene import Depth, Scene
from qingdun.simulate.world import Story


def play(scene: Scene) -> Story:
    """Invitation, small inflows, the site, rising outflows."""
    rng = scene.rng
    host = rng.choice(scene.kit.hosts)
    if rng.random() < 0.7:
        scene.text("brushing", rng.choice(scene.kit.senders), 0.4, host=host)
    else:
        line = scene.caller()
        scene.dial_others(line, rng.choice((0, 1, 2, 3)))
        scene.talk(line, rng.uniform(4, 25) if scene.depth == Depth.IGNORES else rng.uniform(30, 180))
    if scene.depth == Depth.IGNORES:
        return
    yield scene.minutes(5, 240)
    scene.visit_kind("chat", 3, 400)
    scene.visit(host, rng.randint(1, 3), 600, scam=True)
    if scene.depth == Depth.LISTENS:
        return
    for _ in range(rng.randint(1, 3)):
        yield scene.minutes(20, 300)
        scene.visit(host, rng.randint(1, 4), 900, scam=True)
        scene.receive(rng.choice((3.6, 5, 8, 12, 18, 26, 38, 50, 66)))
    if scene.depth == Depth.LURED:
        return
    yield scene.minutes(60, 1_200) if rng.random() < 0.7 else scene.next_day()
    stake = loss(scene, 120, 0.5)
    if rng.random() < 0.6:
        scene.pay(stake)
        yield scene.minutes(5, 40)
        scene.receive(round(stake * 1.2))
    for _ in range(rng.randint(2, 5)):
        yield scene.minutes(10, 90) if rng.random() < 0.8 else scene.next_day()
        scene.visit(host, rng.randint(2, 5), 900, scam=True)
        stake = min(stake * rng.uniform(1.8, 4.5), loss(scene, 20_000))
        if rng.random() < 0.5:
            scene.visit_banks(1)
        yield scene.minutes(1, 8)
        scene.pay(stake)


SCRIPT = Script(
    type=ScamType.BRUSHING,
    plan=GangPlan({"goip": 4, "box": 3, "card": 2}, theme="brushing", senders=6, hosts=3, level1=6, level2=5),
    play=play,
    reach=0.22,
    falls=0.10,
    ages=((16, 30, 1.0), (30, 45, 0.8), (45, 60, 0.4)),
    lead_days=2,
    hours=rhythm.MESSAGES,
)
