"""Impersonated customer service of shops, parcels and payment platforms (冒充电商物流客服).

A caller from abroad or with a false number knows an order and offers a refund, or says that a paid
membership or a "million guarantee" must be cancelled. The call lasts half an hour or more; a meeting app
shares the screen; several bank apps are opened; codes arrive and the money goes. Source: domain
description, section 4.
"""

from __future__ import annotations

from qingdun.contract.codes import CallPhase, ScamType
from qingdun.simulate.gangs import GangPlan
from qingdun.simulate.scams.script import Script, hung_up_first, loss
from qingdun.simulate.scene import Depth, Scene
from qingdun.simulate.world import Story


def play(scene: Scene) -> Story:
    """Long call, meeting app, bank apps, codes, outflows, hang-up."""
    rng, line = scene.rng, scene.caller()
    scene.dial_others(line, rng.choice((0, 1, 1, 2, 4)))
    if rng.random() < 0.2:
        scene.fail(line, CallPhase.REFUSED)
        yield scene.minutes(1, 20)
    yield from hung_up_first(scene, line)
    call = scene.answer(line)
    if scene.depth <= Depth.LISTENS:
        yield scene.wait(*((3, 35) if scene.depth == Depth.IGNORES else (60, 500)))
        scene.hang_up(call)
        if scene.depth == Depth.LISTENS and rng.random() < 0.3:
            yield scene.minutes(1, 10)
            scene.visit_kind("shop", 3, 200)
        return
    yield scene.minutes(5, 14)
    if rng.random() < 0.3:
        scene.text("customer_service", rng.choice(scene.kit.senders), 0.1, host=rng.choice(scene.kit.hosts))
    if rng.random() < 0.3:
        scene.visit(rng.choice(scene.kit.hosts), 2, 120, scam=True)
    yield scene.minutes(1, 6)
    scene.visit_kind("meeting", rng.randint(3, 6), 300)
    yield scene.minutes(3, 10)
    scene.visit_banks()
    scene.others_find_it_busy(rng.randint(0, 2))
    yield scene.minutes(5, 12)
    if scene.depth == Depth.LURED:
        scene.hang_up(call)
        return
    if rng.random() < 0.4:
        scene.consolidate()
    for _ in range(rng.randint(1, 3)):
        scene.text("code", scene.hotline(), source="ordinary")
        yield scene.minutes(1, 5)
        scene.pay(loss(scene, 18_000))
        yield scene.minutes(2, 12)
    scene.hang_up(call)


SCRIPT = Script(
    type=ScamType.CUSTOMER_SERVICE,
    plan=GangPlan({"overseas": 5, "voip": 3, "spoofed": 2}, theme="shop", senders=2, hosts=2, ports=1),
    play=play,
    reach=0.14,
    falls=0.06,
    ages=((18, 30, 1.0), (30, 45, 0.9), (45, 70, 0.5)),
)
