"""Who is left out of a mailing so that its effect can be told from chance: a seeded draw in every stratum."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from random import Random


def held_out(people: Mapping[str, str], share: float, seed: str) -> set[str]:
    """Of the people (id to stratum) those left out: of each stratum its `share`, drawn with the seed.

    What is left of a stratum below one whole person is drawn for too, so that the share holds on the whole.
    The same people, share and seed give the same draw, in whatever order they come.
    Errors: ValueError for a share that is not between 0 and 1.

    >>> len(held_out({f"p{number}": "town" for number in range(200)}, 0.1, "7"))
    20
    """
    if not 0 <= share < 1:
        raise ValueError(f"share held out: found {share}, expected 0 or more and less than 1")
    strata: dict[str, list[str]] = {}
    for person, stratum in people.items():
        strata.setdefault(stratum, []).append(person)
    chosen: set[str] = set()
    for stratum in sorted(strata):
        members = sorted(strata[stratum])
        draw = Random(int.from_bytes(hashlib.sha256(f"{seed}\x1f{stratum}".encode()).digest()[:8]))
        exact = share * len(members)
        count = int(exact) + (draw.random() < exact - int(exact))
        chosen.update(draw.sample(members, count))
    return chosen
