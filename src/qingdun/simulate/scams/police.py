"""Impersonated police, prosecutors, courts (冒充公检法).

A call from abroad or with a spoofed number tells the person that a card in their name is part of a
money-laundering case. They are passed on to an "officer" and kept on the line for half an hour to two
hours; nobody else gets through. They share their screen through a meeting app, open the apps of all their
banks, gather their money in one account and send it to a "safe account". Source: domain description,
section 4; the published Xiniu case.
"""

from __future__ import annotations

from qingdun.contract.codes import CallPhase, ScamType
from qingdun.simulate.gangs import GangPlan
from qingdun.simulate.scams.script import Script, hung_up_first, loss
from qingdun.simulate.scene import Depth, Scene
from qingdun.simulate.world import Story


def play(scene: Scene) -> Story:
    """First call, second call under control, screen shared, accounts gathered, money out, call ends."""
    rng, line = scene.rng, scene.caller()
    scene.dial_others(line, rng.choice((0, 1, 1, 2, 3)))
    if rng.random() < 0.15:
        scene.fail(line, CallPhase.MISSED)
        yield scene.minutes(3, 40)
    yield from hung_up_first(scene, line)
    first = scene.answer(line)
    yield scene.wait(*((4, 40) if scene.depth == Depth.IGNORES else (120, 900)))
    scene.hang_up(first)
    if scene.depth <= Depth.LISTENS:
        if rng.random() < 0.3:
            yield scene.minutes(5, 200)
            scene.talk(scene.caller(), rng.uniform(5, 60))
        return
    yield scene.minutes(1, 12)
    control = scene.answer(scene.caller())
    yield scene.minutes(8, 25)
    if rng.random() < 0.4:
        scene.text("police", rng.choice(scene.kit.senders), host=rng.choice(scene.kit.hosts))
    if rng.random() < 0.35:
        scene.visit(rng.choice(scene.kit.hosts), 2, 120, scam=True)
    for _ in range(rng.randint(1, 3)):
        scene.others_find_it_busy(rng.randint(0, 2))
        yield scene.minutes(2, 10)
    scene.visit_kind("meeting", 4, 300)
    yield scene.minutes(2, 10)
    scene.visit_banks()
    scene.others_find_it_busy(rng.randint(0, 2))
    yield scene.minutes(4, 15)
    if scene.depth < Depth.PAYS:
        scene.hang_up(control)
        return
    if rng.random() < 0.7:
        scene.consolidate()
        yield scene.minutes(5, 12)
    total = loss(scene, 60_000)
    for share in rng.choice(((1.0,), (0.6, 0.4), (0.3, 0.4, 0.3))):
        scene.pay(total * share)
        yield scene.minutes(3, 15)
    scene.hang_up(control)


SCRIPT = Script(
    type=ScamType.POLICE,
    plan=GangPlan({"overseas": 3, "spoofed": 3, "voip": 2}, theme="gov", senders=2, hosts=1, ports=1),
    play=play,
    reach=0.11,
    falls=0.05,
    ages=((18, 35, 0.8), (35, 60, 0.7), (60, 90, 1.0), (0, 18, 0.05)),
)
