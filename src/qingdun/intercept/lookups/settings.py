"""What the plane of look-ups is told."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from qingdun.intercept.connections import Address
from qingdun.intercept.copy import SUFFIX

NAME: Final = "look-ups"


class Settings(NamedTuple):
    """What an answering process is told first."""

    folder: Path
    """Of the copy and of the file of tokens."""
    http: Address
    dns: Address
    zone: str
    """The name below which is asked over DNS."""
    clients: tuple[str, ...]
    """Networks that may ask over DNS."""
    rate: int
    """About how much one client may ask in a second."""

    @property
    def copy(self) -> Path:
        """The file of the copy."""
        return self.folder / f"{NAME}{SUFFIX}"

    @property
    def tokens(self) -> Path:
        """The file of the clients that may ask over HTTP."""
        return self.folder / f"{NAME}.tokens"
