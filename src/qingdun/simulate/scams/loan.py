"""Fake loans (虚假贷款).

An offer of an easy loan leads to a loan site or app. The loan is "approved", but the card number was
"wrong" or the money is "frozen": a fee, a deposit, proof of income go to a personal account, and another,
and another. Source: domain description, section 4.
"""

from __future__ import annotations

from qingdun.contract.codes import ScamType
from qingdun.simulate.gangs import GangPlan
from qingdun.simulate.scams.script import Script, loss
from qingdun.simulate.scene import Depth, Scene
from qingdun.simulate.world import Story


def play(scene: Scene) -> Story:
    """Offer, loan site, call of the "officer", fees to a personal account."""
    rng, host = scene.rng, scene.rng.choice(scene.kit.hosts)
    if rng.random() < 0.5:
        scene.text("loan", rng.choice(scene.kit.senders), 0.35, host=host)
    else:
        line = scene.caller()
        scene.dial_others(line, rng.choice((1, 2, 3, 4)))
        scene.talk(line, rng.uniform(4, 20) if scene.depth == Depth.IGNORES else rng.uniform(40, 200))
    if scene.depth == Depth.IGNORES:
        return
    yield scene.minutes(5, 200)
    scene.visit_kind("loan", rng.randint(0, 3), 600)
    scene.visit(host, rng.randint(2, 4), 500, scam=True)
    if scene.depth == Depth.LISTENS:
        return
    yield scene.minutes(10, 180)
    scene.talk(scene.caller(), rng.uniform(120, 900))
    scene.visit(host, rng.randint(2, 5), 700, scam=True)
    if scene.depth == Depth.LURED:
        return
    fee = loss(scene, 2_500, 0.6)
    for _ in range(rng.randint(1, 4)):
        yield scene.minutes(15, 120)
        scene.visit(host, 2, 200, scam=True)
        if rng.random() < 0.5:
            scene.visit_banks(1)
        yield scene.minutes(1, 10)
        scene.pay(fee)
        fee = min(fee * rng.uniform(1.2, 2.5), loss(scene, 20_000))
        if rng.random() < 0.4:
            yield scene.minutes(2, 20)
            scene.talk(scene.caller(), rng.uniform(60, 500))


SCRIPT = Script(
    type=ScamType.LOAN,
    plan=GangPlan({"goip": 4, "box": 3, "voip": 2}, theme="loan", senders=4, hosts=3),
    play=play,
    reach=0.1,
    falls=0.07,
    ages=((20, 35, 1.0), (35, 50, 0.7)),
    lead_days=1,
)
