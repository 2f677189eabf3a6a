"""What an engine holds between batches, and how it is kept in a snapshot."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from qingdun.detect import evidence
from qingdun.detect.catalogue import build_detectors
from qingdun.detect.context import Context
from qingdun.detect.correlate import Correlator
from qingdun.detect.detectors.visit_new_site import NewSite
from qingdun.detect.evidence import Event
from qingdun.detect.memory import Memory
from qingdun.detect.rarity import Rarity
from qingdun.detect.suspicion import Suspicions
from qingdun.detect.tiles.money import Money
from qingdun.detect.tiles.touches import Touches
from qingdun.detect.tiles.traffic import Traffic
from qingdun.detect.timers import Timers
from qingdun.detect.view import Detector
from qingdun.detect.weights import Weights, load_weights
from qingdun.errors import InputError

_VERSION = 22
"""One more whenever what is held means something else; what it is made of (`made_of`) is seen without it."""
_MOST_HEAD = 200
_ROOM = 1000


class JudgedVisits:
    """Visits that were judged, for as long as rows may be late: they have no id, and what was learnt since
    would be held against one that is delivered again."""

    def __init__(self, lateness_us: int) -> None:
        self._lateness_us = lateness_us
        self._judged: set[tuple[int, str, str]] = set()
        self._left = 0
        """How many were left when the old ones went last."""

    def is_repeated(self, event: Event) -> bool:
        """Whether this very visit was judged before; from now on it was."""
        row = event.row
        key = row.at, row.subscriber, row.host
        if key in self._judged:
            return True
        self._judged.add(key)
        if len(self._judged) > 2 * self._left + _ROOM:
            oldest = event.clock - self._lateness_us
            self._judged = {one for one in self._judged if one[0] >= oldest}
            self._left = len(self._judged)
        return False


class State:
    """All that a snapshot holds."""

    def __init__(self, weights: Weights, rarity: Rarity) -> None:
        self.clock = 0
        self.swept_at = 0
        most = round(weights.detectors["person.shared_contact"].settings["most_persons"])
        new_h = weights.detectors[NewSite.code].settings["new_h"]
        self.memory = Memory(
            Touches(rarity, most, new_h), Traffic(weights.detectors), Money(weights.detectors)
        )
        self.suspicions = Suspicions(weights)
        self.correlator = Correlator(weights)
        self.timers = Timers()
        self.visits = JudgedVisits(round(weights.lateness_s * 1_000_000))
        self.context = Context()
        self.detectors: list[Detector] = build_detectors(weights)


def pack(state: State, weights: Weights) -> bytes:
    """The state as a snapshot: a line that says what can go on from it, and a pickle."""
    out = io.BytesIO()
    out.write(_head(weights))
    pickle.dump(state, out)
    return out.getvalue()


def unpack(snapshot: bytes, weights: Weights) -> Any:
    """The state in a snapshot of one's own.

    Errors: InputError if another version of the engine took it, or one of other weights, or if it cannot be
    read.
    """
    source, wanted = io.BytesIO(snapshot), _head(weights)
    head = source.readline(_MOST_HEAD)
    if head != wanted:
        found, expected = (one.decode("ascii", "replace").strip() for one in (head, wanted))
        raise InputError(f"engine snapshot: found {found!r}, expected {expected!r}; begin anew")
    try:
        return pickle.load(source)
    except Exception as error:  # a pickle can fail in any way
        raise InputError(f"engine snapshot: cannot be read: {error!r}; begin anew") from error


def _head(weights: Weights) -> bytes:
    """What must be the same where a snapshot is taken and where it is gone on from."""
    source = json.dumps(weights.source, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    return f"version {_VERSION} {_fresh()}, weights {weights.version} {digest}\n".encode()


@cache
def _fresh() -> str:
    """What a state is made of before it has seen anything, which the code alone decides."""
    return made_of(State(load_weights(), Rarity(0, 0)))


def made_of(part: Any) -> str:
    """A digest of what it is made of: classes, their attributes and those of the rows they may hold, arrays
    with their types and columns. A pickle made of something else would be gone on from, and fail later."""
    classes: dict[str, type] = {}
    lines = set(_parts(part, classes, set()))
    modules = {sys.modules[kind.__module__] for kind in classes.values()} | {evidence}
    for row in (one for module in modules for one in vars(module).values() if isinstance(one, type)):
        fields = [*getattr(row, "_fields", ()), *getattr(row, "__dataclass_fields__", ())]
        if fields:
            lines.add(f"{row.__name__}: {', '.join(fields)}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:8]


def _parts(part: Any, classes: dict[str, type], known: set[int]) -> Iterator[str]:
    kind = type(part)
    if isinstance(part, np.ndarray):
        yield f"{part.dtype} {part.shape}"
    elif kind.__module__.startswith("qingdun.") and id(part) not in known:
        known.add(id(part))
        classes[kind.__qualname__] = kind
        for name in [*getattr(part, "__dict__", ()), *getattr(part, "_fields", ())]:
            inner = getattr(part, name)
            yield f"{kind.__qualname__}.{name}"
            yield from (f"{kind.__qualname__}.{name} {line}" for line in _parts(inner, classes, known))
    elif isinstance(part, Mapping):
        yield from _parts(list(part.values()), classes, known)
    elif isinstance(part, Iterable) and not isinstance(part, str):
        for inner in part:
            yield from _parts(inner, classes, known)
