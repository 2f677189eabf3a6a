"""Visits of a batch as arrays, as those that count them and those that judge them take them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]


@dataclass(slots=True)
class Asked:
    """Visits of a batch that count, in order of arrival."""

    entity: Ids
    number: Ids
    """The subscriber's place in the register, or −1."""
    member: Ints
    """The same, or something negative that stands for a subscriber who is in no register."""
    at: Ints
    clock: Ints
    judged: npt.NDArray[np.uint8] = field(init=False)
    """Whether the visit is judged one by one, so that its touch is told of by the detector."""

    def __post_init__(self) -> None:
        self.judged = np.zeros(len(self.at), np.uint8)

    @classmethod
    def none(cls) -> Asked:
        """No visits."""
        ids, ints = np.zeros(0, np.int32), np.zeros(0, np.int64)
        return cls(ids, ids, ints, ints, ints)
