"""Romance (婚恋交友).

Weeks of chat with somebody met on a dating site; then a "sure" platform, a gift held at customs, an illness
or a journey, and money again and again. Most of it happens in chats that no flow shows: what shows are the
hosts of dating and chat apps at all hours, now and then a call from abroad, the platform, the payments.
Source: domain description, section 4.
"""

from __future__ import annotations

from qingdun.contract.codes import ScamType
from qingdun.simulate.gangs import GangPlan
from qingdun.simulate.ordinary import rhythm
from qingdun.simulate.scams.script import Script, loss
from qingdun.simulate.scene import Depth, Scene
from qingdun.simulate.world import Story


def play(scene: Scene) -> Story:
    """First message, days of chat, calls, the platform, rising outflows over days."""
    rng, line, host = scene.rng, scene.caller(), scene.rng.choice(scene.kit.hosts)
    scene.visit_kind("social", 3, 600)
    scene.text("romance", line.number, 0.1)
    if scene.depth == Depth.IGNORES:
        return
    for _ in range(rng.randint(2, 6)):
        yield scene.next_day(1, 10, 23.5)
        scene.visit_kind("chat", rng.randint(2, 5), 1_800)
        if rng.random() < 0.4:
            scene.talk(line, rng.uniform(120, 2_400))
        if rng.random() < 0.3:
            scene.text("romance_talk", line.number)
    if scene.depth == Depth.LISTENS:
        return
    yield scene.next_day(1, 12, 23)
    scene.text("romance_link", line.number, 0.2, host=host)
    yield scene.minutes(5, 100)
    scene.visit(host, rng.randint(1, 4), 900, scam=True)
    if scene.depth == Depth.LURED:
        return
    sum_yuan = loss(scene, 1_500, 0.5)
    for _ in range(rng.randint(2, 5)):
        yield scene.minutes(40, 600) if rng.random() < 0.5 else scene.next_day(1, 9, 23)
        scene.visit(host, rng.randint(1, 4), 900, scam=True)
        scene.pay(sum_yuan)
        sum_yuan = min(sum_yuan * rng.uniform(1.5, 3.5), loss(scene, 40_000))


SCRIPT = Script(
    type=ScamType.ROMANCE,
    plan=GangPlan({"overseas": 3, "card": 4}, theme="date", senders=2, hosts=2, victims_a_day=20),
    play=play,
    reach=0.04,
    falls=0.12,
    ages=((24, 55, 1.0), (55, 75, 0.7)),
    lead_days=9,
    hours=rhythm.VISITS,
)
