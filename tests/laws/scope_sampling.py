"""How a read of the console is tried in the law of scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from qingdun.console.kernel.roles import Role


class Sample(NamedTuple):
    """How a read is tried."""

    populate: Callable[[str], None]
    """Puts data of that county into the database."""
    role: Role
    """A role that may ask, for the counter-check by somebody who sees the whole city."""
    arguments: Callable[[str], tuple[Any, ...]] = lambda county: ()
    """What is asked besides the viewer, about that county."""
    names_something: bool = False
    """Whether the arguments name something of the county: asked from elsewhere, the answer must then be
    nothing.
    """
    grows: bool = True
    """Whether the answer for the city changes with the other county's data."""
    of_all_stations: bool = False
    """Whether what it tells of a county (which places and stations there are) is no secret among stations."""
