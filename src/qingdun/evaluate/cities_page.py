"""The section of the page of measures that tells what the engine finds in simulated cities."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from qingdun.evaluate.cities import SETTLED_DAYS, Measured, Proof
from qingdun.evaluate.leaving_out import HALVES
from qingdun.evaluate.repeating import Pair

TITLE = "Simulated cities"
_NAMES = {"acquaintance": "boss or friend", "customer_service": "customer service"}


class Cities(NamedTuple):
    """What a group of cities was like."""

    seeds: Sequence[int]
    population: int
    days: int
    attack_rate: float

    def text(self) -> str:
        """For a sentence."""
        return (
            f"seeds {_listed(self.seeds)}, {self.population:,} persons, {self.days} days, "
            f"{self.attack_rate:.1%} of persons reached a day"
        )


class Setting(NamedTuple):
    """The cities of many attacks, those of few, those of half the scripts, and the weights' version."""

    attacked: Cities
    rarely: Cities
    halves: Cities
    version: str


def section(setting: Setting, shipped: Proof, held_out: Mapping[str, Measured], pairs: Sequence[Pair]) -> str:
    """The section; `held_out` holds recall by type, and for `all`, with the script left out of fitting."""
    parts = (
        _about(setting),
        *_asked(shipped, held_out),
        *_types(setting, shipped, held_out),
        *_broken_down(shipped),
        *_pairs(pairs),
    )
    return "\n".join(parts)


def _about(setting: Setting) -> str:
    return (
        "On these cities no weight or threshold was set and no mistake was looked at; weights "
        f"{setting.version}. Recall and lead time are told in cities of many attacks "
        f"({setting.attacked.text()}), everything about false alerts where attacks are as rare as by default "
        f"({setting.rarely.text()}), both by an engine that has watched for {SETTLED_DAYS} days. Recall: "
        "alerted, at any level, after the first contact and before the first payment was requested, of scams "
        "whose first contact comes later than that. A false alert is an episode on a person whom no "
        "scam reached within 72 h and who is in none. Intervals draw persons anew. The scripts are the "
        "simulator's; what they lack, no figure here tells."
    )


def _asked(shipped: Proof, held_out: Mapping[str, Measured]) -> Iterator[str]:
    rows = (
        ("recall before the first payment, all types", shipped.recall["all"]["all"], ".90 or more"),
        (
            "the same, with scams under way when the flows began",
            shipped.recall["all"]["with scams under way when the flows began"],
            "",
        ),
        ("scripts left out of fitting", held_out["all"], ".80 or more"),
        (
            "false urgent and high alerts per 10,000 persons and day",
            shipped.false_alerts["urgent and high"],
            "1 or fewer",
        ),
        (
            "median minutes from alert to payment where a call carries the scam",
            shipped.lead_min["where a call carries the scam"],
            "10 or more",
        ),
        ("expected calibration error over alert rows", shipped.calibration_error, ".05 or less"),
    )
    yield "\n| measure | found | asked | rows |\n|---|---|---|---|"
    for name, found, asked in rows:
        yield f"| {name} | {_cell(found)} | {asked} | {found.rows:,} |"
    if not math.isnan(shipped.error_by_chance):
        yield (
            "\nSo few rows would give a calibration error of "
            f"{_number(shipped.error_by_chance)} on average even if every probability were exactly right."
        )


def _types(setting: Setting, shipped: Proof, held_out: Mapping[str, Measured]) -> Iterator[str]:
    yield "\nRecall before the first payment, by type:\n"
    yield "| type | paid | weights as shipped | its script left out of fitting |\n|---|---|---|---|"
    for kind, found in shipped.recall["type"].items():
        out = _cell(held_out[kind]) if kind in held_out else ""
        yield f"| {_NAMES.get(kind, kind)} | {found.rows} | {_cell(found)} | {out} |"
    halves = "; ".join(", ".join(_NAMES.get(kind, kind) for kind in half) for half in HALVES)
    yield (
        "\nLeft out: the worth of all detectors and the prior are fitted anew, as the shipped ones were, to "
        f"cities ({setting.halves.text()}) in which only one half of the scripts is played; the "
        f"other half is measured; and the other way round. The halves: {halves}. Detectors were written, and "
        "their bits set, with all scripts known."
    )


def _broken_down(shipped: Proof) -> Iterator[str]:
    yield (
        "\nOther ways to count, and errors by age and floating status. In the last two rows no scam goes on "
        "after its first contact and first payment:\n"
    )
    yield "| of | rows | value |\n|---|---|---|"
    rows = [
        *((f"recall, {n}", f) for n, f in shipped.recall["all"].items() if n != "all"),
        *((f"recall, {n}", f) for by in ("rare", "age", "floating") for n, f in shipped.recall[by].items()),
        *(
            (f"false per 10,000 persons and day, {n}", f)
            for n, f in shipped.false_alerts.items()
            if n != "urgent and high"
        ),
        *((f"precision of {n} rows", f) for n, f in shipped.precision.items()),
        ("median minutes of lead, all types", shipped.lead_min["all"]),
        *((f"{n}, if scams ended with contact and payment", f) for n, f in shipped.ended_early.items()),
    ]
    for name, found in rows:
        yield f"| {name} | {found.rows:,} | {_cell(found)} |"


def _pairs(pairs: Sequence[Pair]) -> Iterator[str]:
    yield (
        "\nDetectors that repeat each other: pairs that speak of the same alerted persons oftener than if "
        "they had nothing to do with each other, scams and false alerts apart. Of one group only the "
        "strongest counts in full.\n"
    )
    yield "| detectors | group | times, scams | times, false alerts | rows with both |\n|---|---|---|---|---|"
    for pair in pairs:
        yield (
            f"| `{pair.one}`, `{pair.other}` | {pair.group or '–'} | {_times(pair.right)} "
            f"| {_times(pair.false)} | {pair.both:,} |"
        )


def _listed(seeds: Sequence[int]) -> str:
    return ", ".join(map(str, seeds))


def _times(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.1f}"


def _cell(found: Measured) -> str:
    value, low, high = found.estimate
    if math.isnan(value):
        return ""
    return _number(value) if math.isnan(low) else f"{_number(value)} ({_number(low)} to {_number(high)})"


def _number(value: float) -> str:
    if value >= 10:
        return f"{value:,.0f}"
    return f"{value:.3f}".replace("0.", ".", 1) if value < 1 else f"{value:.2f}"
