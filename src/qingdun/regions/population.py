"""Residents of every place: as published, or a county's spread over its parts by a stated rule.

The rule: a community (社区) weighs `community_weight`, a village `village_weight`; a town weighs what its
villages and communities weigh together, and gets that share of what the county's published towns leave.
Shares are whole persons by largest remainder, so that parts always add up to their county.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qingdun.errors import ConfigurationError

COMMUNITY = "社区"
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Population:
    """Residents by region code, and which of the counts are estimates."""

    count: dict[str, int]
    estimated: frozenset[str]


def spread(
    counties: Sequence[Row], towns: Sequence[Row], villages: Sequence[Row], rule: Mapping[str, Any]
) -> Population:
    """Every county, town and village has a count, and the parts of a place add up to it.

    Errors: ConfigurationError if published parts exceed the whole.
    """
    count = {row["code"]: int(row["population"]) for row in counties}
    estimated: set[str] = set()
    weights = {
        row["code"]: float(rule["community_weight" if row["kind"] == COMMUNITY else "village_weight"])
        for row in villages
    }
    town_weights = {row["code"]: 0.0 for row in towns}
    for row in villages:
        if row["town_code"] in town_weights:
            town_weights[row["town_code"]] += weights[row["code"]]
    for parent_key, parents, children, by in (
        ("county_code", counties, towns, town_weights),
        ("town_code", towns, villages, weights),
    ):
        for parent in parents:
            here = [row for row in children if row[parent_key] == parent["code"]]
            known = {row["code"]: int(row["population"]) for row in here if row.get("population")}
            unknown = [row["code"] for row in here if row["code"] not in known]
            left = count[parent["code"]] - sum(known.values())
            if left < 0:
                raise ConfigurationError(f"{parent['code']}: its parts count {-left} residents more than it")
            count |= known | dict(
                zip(unknown, apportion(left, [by[code] or 1.0 for code in unknown]), strict=True)
            )
            estimated.update(unknown)
    return Population(count, frozenset(estimated))


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to `weights` that add up to `total`, by largest remainder.

    >>> apportion(10, [1, 1, 1])
    [4, 3, 3]
    """
    if not weights:
        return []
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [int(value) for value in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts
