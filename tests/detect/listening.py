"""What one detector says while a world goes by."""

from __future__ import annotations

from typing import Any

from qingdun.detect.evidence import Signal, Suspicion
from tests.run.world import World


def said(world: World, code: str) -> list[Any]:
    """Everything the detector of that code says while the world goes by."""
    engine, found = world.engine(), []
    detector = engine._by_code[code]
    for name in ("observe", "wake"):
        original = getattr(detector, name)

        def listening(event: Any, view: Any, original: Any = original) -> Any:
            said_now = list(original(event, view))
            found.extend(said_now)
            return said_now

        setattr(detector, name, listening)
    engine.push(world.batch())
    engine.finish()
    return found


def signals(world: World, code: str) -> list[Signal]:
    return [f for f in said(world, code) if isinstance(f, Signal)]


def suspicions(world: World, code: str) -> list[Suspicion]:
    return [f for f in said(world, code) if isinstance(f, Suspicion)]
