"""Mobile ports (手机口): two phones side by side, one called from abroad, one calling people of the city.

A port works in shifts: somebody abroad is on the line with the far phone, by the session, and meanwhile the
near phone calls one stranger after the other; whoever answers talks with the one abroad. Source: domain
description, section 4. Beside them those who look like it: a sales room whose supervisor is on the line to
headquarters, and a courier's depot.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from qingdun.contract.codes import CallPhase
from qingdun.simulate.gangs import Line, Port
from qingdun.simulate.numbers import row_id
from qingdun.simulate.ordinary.rhythm import SECOND
from qingdun.simulate.telling import call_row

if TYPE_CHECKING:
    from qingdun.simulate.scene import Scene
    from qingdun.simulate.world import Story, World


def shift(scene: Scene, port: Port) -> Story:
    """A story: sessions of some hours, in which the near phone reaches nobody who is told of elsewhere."""
    rng = scene.rng
    for session in range(rng.randint(8, 16)):
        lasts = rng.uniform(5, 25)
        _talk(scene.world, port.abroad, port.far, scene.now, lasts, f"{scene.key}/{session}")
        _dial(scene.world, rng, port.near, (scene.now, lasts), rng.randint(2, 6), f"{scene.key}/{session}")
        yield scene.minutes(lasts + 0.5, lasts + 6)


def supervised_room(scene: Scene) -> Story:
    """A sales room calls down its list; its supervisor is now and again on the line with headquarters."""
    rng, world = scene.rng, scene.world
    agent, office = scene.stranger("room"), scene.stranger("fixed")
    desk = scene.line
    supervisor = Line(desk.number, desk.origin, desk.network_number, desk.imei, agent.cell)
    for turn in range(rng.randint(4, 10)):
        lasts = rng.uniform(3, 20)
        if rng.random() < 0.6:
            _talk(world, office, supervisor, scene.now, lasts, f"{scene.key}/{turn}")
        _dial(world, rng, agent, (scene.now, lasts), rng.randint(2, 6), f"{scene.key}/{turn}", 0.34)
        yield scene.minutes(lasts + 1, lasts + 20)


def depot(scene: Scene) -> Story:
    """Two couriers ring up those whose parcels they have; one of them hears from kin abroad, too."""
    rng, world, own = scene.rng, scene.world, scene.line
    other = scene.known_line()
    mate = Line(other.number, other.origin, other.network_number, other.imei, own.cell)
    for turn in range(rng.randint(4, 8)):
        key = f"{scene.key}/{turn}"
        for courier in (own, mate):
            _dial(world, rng, courier, (scene.now, 20), rng.randint(3, 6), f"{key}/{courier.number}", 0.7)
        if rng.random() < 0.15:
            _talk(world, scene.stranger("overseas"), mate, scene.now, rng.uniform(3, 30), key)
        yield scene.minutes(22, 50)


def _talk(world: World, caller: Line, callee: Line, at: int, minutes: float, key: str) -> None:
    call_id, lasted = row_id("c", f"{world.seed}/{key}/talk"), max(1, round(minutes * 60))
    world.calls.append(call_row(call_id, at, CallPhase.ANSWERED, caller, callee))
    world.calls.append(call_row(call_id, at + lasted * SECOND, CallPhase.ENDED, caller, callee, lasted))


_FAILURES = (CallPhase.MISSED, CallPhase.REFUSED, CallPhase.BUSY, CallPhase.INVALID)


def _dial(
    world: World,
    rng: random.Random,
    line: Line,
    span: tuple[int, float],
    times: int,
    key: str,
    answered: float = 0.0,
) -> None:
    """The line calls so many others of the city within the span (from, minutes); so many answer, briefly."""
    at, minutes = span
    for step in range(times):
        called, own = world.line(rng.randrange(world.people.size)), f"{key}/dial{step}"
        when = at + round(rng.uniform(0.1, minutes) * 60 * SECOND)
        if rng.random() < answered:
            _talk(world, line, called, when, rng.uniform(0.1, 0.8), own)
        else:
            phase = rng.choices(_FAILURES, (55, 30, 10, 5))[0]
            world.calls.append(call_row(row_id("c", f"{world.seed}/{own}"), when, phase, line, called))
