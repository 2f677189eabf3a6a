"""Weights of evidence and thresholds as data: read, checked and changed as one file with a version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from qingdun.errors import ConfigurationError

_THRESHOLDS = ("low", "lured", "controlled", "medium", "high", "urgent")


@dataclass(frozen=True, slots=True)
class DetectorWeights:
    """What data says about one detector.

    `group`: detectors of one group repeat each other, so only the strongest counts in full;
    `half_life_h`: hours after which a signal counts half; `millibits`: weight by name of the observation;
    `settings`: thresholds by name; `types`: scam types the detector speaks for by default.
    """

    group: str
    half_life_h: float
    millibits: Mapping[str, int]
    settings: Mapping[str, float]
    types: tuple[tuple[str, float], ...]
    worth: float
    """What a bit of this detector counts in the sum of a person, beside all others."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything of the sum that is not evidence: prior, decay, discount, levels, and each detector's
    weights.

    Bits are log2 of likelihood ratios; `prior_bits` is log2 of the odds that a person is being scammed at a
    given moment. `thresholds` are probabilities below which a level is not given; `lured` is that of low for
    whoever is past the first contact, `controlled` for whoever does as they are told and has not paid.
    """

    version: str
    prior_bits: float
    repeat_discount: float
    forget_h: float
    episode_h: float
    lateness_s: float
    agree_bits: float
    strong_bits: float
    urgent_within_s: float
    suspect_prior_bits: float
    suspect_probability: float
    text_probability: float
    site_probability: float
    common_share: float
    few_share: float
    rare_most: int
    thresholds: Mapping[str, float]
    detectors: Mapping[str, DetectorWeights]
    source: Mapping[str, Any]

    @property
    def prior_millibits(self) -> int:
        """The prior in the unit in which bits are summed."""
        return round(self.prior_bits * 1000)


def load_weights(path: Path | None = None) -> Weights:
    """The weights in a JSON file laid out as the shipped `weights.json`; the shipped ones without a path.

    Errors: ConfigurationError names the file and what is wrong with it.
    """
    if path is None:
        return _shipped()
    try:
        return parse_weights(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path}: not a file of weights: {error!r}") from error


@cache
def _shipped() -> Weights:
    return parse_weights(json.loads(resources.files(__package__).joinpath("weights.json").read_text("utf-8")))


def parse_weights(raw: Mapping[str, Any]) -> Weights:
    """Weights from the layout of `weights.json`; keys that start with `_` are remarks."""
    detectors = {
        code: DetectorWeights(
            group=entry["group"],
            half_life_h=float(entry["half_life_h"]),
            millibits={name: round(bits * 1000) for name, bits in entry.get("bits", {}).items()},
            settings={name: float(value) for name, value in entry.get("settings", {}).items()},
            types=tuple((name, float(share)) for name, share in entry.get("types", {}).items()),
            worth=float(entry.get("worth", 1.0)),
        )
        for code, entry in raw["detectors"].items()
    }
    total: Mapping[str, Any] = raw["sum"]
    return Weights(
        version=str(raw["version"]),
        **{name: float(value) for name, value in total.items() if name != "rare_most"},
        rare_most=int(total["rare_most"]),
        thresholds={name: float(raw["thresholds"][name]) for name in _THRESHOLDS},
        detectors=detectors,
        source=raw,
    )
