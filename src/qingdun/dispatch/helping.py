"""What is still to be saved: expected loss by type and stage, and how it runs out with the minutes.

The table is data (`helping.json`), estimated by `qingdun refit-dispatch` from alerts whose outcome is known.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

from qingdun.contract.codes import ScamType, Stage
from qingdun.errors import InputError

KNOTS_MIN: tuple[float, ...] = (0, 1, 2, 5, 10, 20, 40, 80, 160, 320, 640, 1440)
"""Minutes after the alert at which the table says what is still unpaid; straight lines between them."""


@dataclass(frozen=True, slots=True)
class Helping:
    """Expected loss in fen of somebody who is being scammed, by type and stage, and its course by type.

    `still[type][k]` is the share of that loss which is still unpaid `KNOTS_MIN[k]` minutes after the alert.
    """

    loss_fen: Mapping[tuple[str, str], int]
    still: Mapping[str, tuple[float, ...]]
    drawn_from: str

    def expected_loss_fen(self, scam_type: str, stage: str) -> int:
        """What somebody in that scam at that stage will still pay on average, if it is one."""
        return self.loss_fen[scam_type, stage]

    def chance(self, scam_type: str, minutes: float) -> float:
        """The share of it that a contact so many minutes after the alert can still save, 0 to 1.

        Not below the last knot's share before a day is over, nothing later.
        """
        shares = self.still[scam_type]
        place = bisect_right(KNOTS_MIN, max(0.0, minutes)) - 1
        if place >= len(KNOTS_MIN) - 1:
            return 0.0 if minutes > KNOTS_MIN[-1] else shares[-1]
        low, high = KNOTS_MIN[place], KNOTS_MIN[place + 1]
        part = (max(0.0, minutes) - low) / (high - low)
        return shares[place] + (shares[place + 1] - shares[place]) * part


def parse_helping(data: Mapping[str, Any], name: str) -> Helping:
    """The table of a JSON object. Errors: InputError with the place, what was found and what was expected."""
    types, stages = [kind.value for kind in ScamType], [stage.value for stage in Stage]
    loss, still = {}, {}
    for kind in types:
        try:
            shares = tuple(float(share) for share in data["still"][kind])
            loss.update({(kind, stage): int(data["loss_fen"][kind][stage]) for stage in stages})
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{name}: {kind}: {type(error).__name__} {error}; expected still and loss_fen"
            ) from error
        falling = all(later <= sooner for sooner, later in pairwise(shares))
        if len(shares) != len(KNOTS_MIN) or not falling or not 0 <= shares[-1] <= shares[0] <= 1:
            raise InputError(
                f"{name}: still.{kind}: found {list(shares)}, "
                f"expected {len(KNOTS_MIN)} shares between 0 and 1 that never rise"
            )
        still[kind] = shares
    return Helping(loss, still, str(data.get("drawn_from", "")))


def read_helping(path: Path) -> Helping:
    """The table of a file. Errors: InputError."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error}; expected a table of `qingdun refit-dispatch`") from error
    return parse_helping(data, str(path))


@cache
def shipped_helping() -> Helping:
    """The table that ships, estimated from simulated cities; see docs/dispatch.md."""
    text = resources.files("qingdun.dispatch").joinpath("helping.json").read_text("utf-8")
    return parse_helping(json.loads(text), "helping.json")
