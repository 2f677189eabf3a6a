"""Look-alike sites of banks, operators, parcels and offices (phishing).

A text claims that points lapse, a card is frozen, a parcel waits or a registration must be renewed, and
gives a site that looks like the real one. Who fills in card and code loses what the card holds, at times in
two goes. Source: domain description, design page on scam types.
"""

from __future__ import annotations

from qingdun.contract.codes import Channel, ScamType
from qingdun.simulate.gangs import GangPlan
from qingdun.simulate.ordinary import rhythm
from qingdun.simulate.scams.script import Script, loss
from qingdun.simulate.scene import Depth, Scene
from qingdun.simulate.world import Story


def play(scene: Scene) -> Story:
    """Text, site, one-time password, money out."""
    rng = scene.rng
    host = rng.choice(scene.kit.hosts)
    scene.text("phishing", rng.choice(scene.kit.senders), 0.15, host=host)
    if scene.depth == Depth.IGNORES:
        return
    yield scene.minutes(1, 90)
    scene.visit(host, rng.randint(1, 3), 60, scam=True)
    if scene.depth == Depth.LISTENS:
        return
    yield scene.wait(30, 240)
    scene.visit(host, rng.randint(2, 5), 200, scam=True)
    scene.text("code", scene.hotline(), source="ordinary")
    if scene.depth == Depth.LURED:
        return
    yield scene.wait(40, 200)
    scene.pay(loss(scene, 3_500, 1.0), rng.choice((Channel.THIRD_PARTY, Channel.WEB)))
    if rng.random() < 0.4:
        yield scene.wait(60, 600)
        scene.text("code", scene.hotline(), source="ordinary")
        yield scene.wait(30, 90)
        scene.pay(loss(scene, 4_500, 0.8), Channel.THIRD_PARTY)


SCRIPT = Script(
    type=ScamType.PHISHING,
    plan=GangPlan({"card": 1}, theme="bank", senders=8, hosts=4, level1=3),
    play=play,
    reach=0.1,
    falls=0.05,
    ages=((18, 45, 0.6), (45, 90, 1.0)),
    hours=rhythm.MESSAGES,
)
