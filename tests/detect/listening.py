"""What one detector says while a world goes by."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from qingdun.detect.evidence import Signal, Suspicion
from tests.run.world import World


def said(world: World, code: str) -> list[Any]:
    """Everything the detector of that code says while the world goes by."""
    return all_said(world, (code,))[code]


def all_said(world: World, codes: Collection[str] = ()) -> dict[str, list[Any]]:
    """The same of all detectors, or of those of these codes, by their codes."""
    engine = world.engine()
    found: dict[str, list[Any]] = {code: [] for code in codes or engine._by_code}
    for code, told in found.items():
        _listen(engine._by_code[code], told)
    engine.push(world.batch())
    engine.finish()
    return found


def _listen(detector: Any, told: list[Any]) -> None:
    for name in ("observe", "wake"):
        original = getattr(detector, name)

        def listening(event: Any, view: Any, original: Any = original) -> Any:
            said_now = list(original(event, view))
            told.extend(said_now)
            return said_now

        setattr(detector, name, listening)


def signals(world: World, code: str) -> list[Signal]:
    return [f for f in said(world, code) if isinstance(f, Signal)]


def suspicions(world: World, code: str) -> list[Suspicion]:
    return [f for f in said(world, code) if isinstance(f, Suspicion)]
