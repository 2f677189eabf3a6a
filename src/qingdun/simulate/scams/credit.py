"""Fake credit repair (虚假征信).

A caller says that a student loan account or an interest rate breaks the rules and will ruin the person's
credit record. To "clear the quota" the person borrows on several real platforms, guided on the phone and
with the screen shared, and sends everything to one payee. Source: domain description, section 4.
"""

from __future__ import annotations

from qingdun.contract.codes import ScamType
from qingdun.simulate.gangs import GangPlan
from qingdun.simulate.scams.script import Script, hung_up_first, loss
from qingdun.simulate.scene import Depth, Scene
from qingdun.simulate.world import Story


def play(scene: Scene) -> Story:
    """Call, credit site, several loan platforms with screen shared, one payee."""
    rng, line = scene.rng, scene.caller()
    scene.dial_others(line, rng.choice((0, 1, 2, 3)))
    yield from hung_up_first(scene, line)
    call = scene.answer(line)
    if scene.depth <= Depth.LISTENS:
        yield scene.wait(*((4, 40) if scene.depth == Depth.IGNORES else (90, 600)))
        scene.hang_up(call)
        return
    yield scene.minutes(6, 15)
    if rng.random() < 0.5:
        scene.text("credit", rng.choice(scene.kit.senders), 0.1, host=rng.choice(scene.kit.hosts))
    scene.visit_kind("credit", 2, 200)
    if rng.random() < 0.4:
        scene.visit(rng.choice(scene.kit.hosts), 2, 200, scam=True)
    yield scene.minutes(2, 8)
    scene.visit_kind("meeting", 4, 200)
    for _ in range(rng.randint(2, 4)):
        yield scene.minutes(5, 14)
        scene.visit_kind("loan", rng.randint(2, 4), 300)
        if scene.depth == Depth.PAYS:
            # The platform pays the loan out at once.
            borrowed = round(rng.uniform(3_000, 30_000), -3)
            firm = rng.randrange(*scene.world.people.accounts.span["firm"])
            scene.move(firm, scene.accounts[0], round(borrowed) * 100, scene.now, own_device=False)
            scene.left_yuan += borrowed
    scene.others_find_it_busy(rng.randint(0, 2))
    yield scene.minutes(3, 10)
    scene.visit_banks(2)
    yield scene.minutes(2, 6)
    if scene.depth == Depth.LURED:
        scene.hang_up(call)
        return
    for _ in range(rng.randint(1, 3)):
        scene.pay(loss(scene, 22_000, 0.6))
        yield scene.minutes(3, 12)
    scene.hang_up(call)


SCRIPT = Script(
    type=ScamType.CREDIT,
    plan=GangPlan({"overseas": 3, "voip": 3, "box": 2}, theme="loan", senders=2, hosts=1, level1=3),
    play=play,
    reach=0.07,
    falls=0.05,
    ages=((19, 32, 1.0), (32, 45, 0.5), (0, 19, 0.05), (60, 99, 0.1)),
)
