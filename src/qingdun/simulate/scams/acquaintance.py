"""Impersonated boss, leader or friend (冒充领导熟人).

A new number says it is the boss, an official or an old friend, asks for the new contact to be saved, and
within the day needs money moved at once: "I cannot do it myself just now". Victims are often those who keep
a firm's accounts. Source: domain description, section 4.
"""

from __future__ import annotations

from qingdun.contract.codes import Channel, ScamType
from qingdun.simulate.gangs import GangPlan
from qingdun.simulate.scams.script import Script, loss
from qingdun.simulate.scene import Depth, Scene
from qingdun.simulate.world import Story


def play(scene: Scene) -> Story:
    """New contact, chat, pressure, an urgent transfer, often a second."""
    rng, line = scene.rng, scene.caller()
    if rng.random() < 0.5:
        scene.text("acquaintance", line.number, 0.05)
    else:
        scene.dial_others(line, rng.choice((0, 1, 2)))
        scene.talk(line, rng.uniform(5, 25) if scene.depth == Depth.IGNORES else rng.uniform(20, 120))
    if scene.depth == Depth.IGNORES:
        return
    yield scene.minutes(20, 500)
    scene.visit_kind("chat", 3, 300)
    scene.talk(line, rng.uniform(20, 150))
    if scene.depth == Depth.LISTENS:
        return
    yield scene.minutes(10, 200)
    scene.text("acquaintance_urgent", line.number, 0.05)
    if scene.depth == Depth.LURED:
        yield scene.minutes(2, 20)
        scene.chat_with(scene.known_line(), rng.uniform(30, 200))
        return
    for _ in range(rng.randint(1, 2)):
        yield scene.minutes(2, 25)
        scene.visit_banks(1)
        yield scene.minutes(1, 6)
        scene.pay(loss(scene, 30_000, 0.9), rng.choice((Channel.APP, Channel.WEB, Channel.COUNTER)))


SCRIPT = Script(
    type=ScamType.ACQUAINTANCE,
    plan=GangPlan({"card": 5, "box": 2}, theme="bank", senders=1, hosts=1, level1=3),
    play=play,
    reach=0.05,
    falls=0.07,
    ages=((25, 60, 1.0), (60, 80, 0.7)),
)
