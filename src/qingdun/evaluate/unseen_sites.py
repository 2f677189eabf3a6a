"""What the model of sites is worth on hosts of a year and of a source it has never seen.

Nothing of the family of an asked host is learnt from: its registered domain, the same name with other
digits, the same long name under another suffix. Threshold and scale are set before, on hosts learnt from
that folds had held out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qingdun.contract.progress import Steps, Told, unheard
from qingdun.detect.sites.hosts import is_known
from qingdun.detect.sites.model import KNOWN, letters_of
from qingdun.detect.sites.traits import traits
from qingdun.errors import MissingFile
from qingdun.evaluate.page import write_section
from qingdun.evaluate.resampling import Asked, Estimate, Floats, estimates, interval, threshold_at
from qingdun.evaluate.training_card import ModelCard, Source, require_training
from qingdun.evaluate.training_hosts import (
    BASE_RATE,
    JARELLLAMA,
    LOOK_ALIKES,
    SOURCES,
    Hosts,
    learn,
    matrix,
    pool_hosts,
    read_hosts,
)

FALSE_POSITIVES = 0.01
"""The share of ordinary hosts, of those learnt from, that the frozen threshold flags."""
HALVES = ("look-alikes of half of the brands", "look-alikes of the other half")
SURE = 0.5
"""A look-alike is found at such a probability."""
TITLE = "Sites"
LAST_YEAR = 2022
"""The last year of reports that the split by time learns from."""
_ONE_IN = 3
"""Of families that no split names, this share is asked about instead of learnt from."""


class Split(NamedTuple):
    """What is asked, and what may be learnt from."""

    name: str
    asked: npt.NDArray[np.bool_]
    learnt: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Unseen:
    """One split: its size, and measures of `resampling.MEASURES`."""

    split: str
    hosts: int
    scams: int
    measures: dict[str, Estimate]


def splits(pool: Hosts) -> Iterator[Split]:
    """The splits that the pool can give: by year, and each source left out."""
    some = (pool.group % _ONE_IN == 0) & pool.real()
    fraud = pool.fraud == 1
    late = pool.year > LAST_YEAR
    if late.any():
        yield _apart(
            f"phishing after {LAST_YEAR}", pool, late | (some & ~fraud), ~late & (pool.source != JARELLLAMA)
        )
    for number, (_, name, _) in enumerate(SOURCES):
        rows = pool.source == number
        asked = rows.copy()
        for side in (fraud, ~fraud):
            if not (rows & side).any():
                asked |= some & side
        yield _apart(name, pool, asked, ~rows)


def halves(pool: Hosts, resembling: npt.NDArray[np.bool_]) -> Iterator[Split]:
    """Look-alikes of half of the brands, asked beside ordinary hosts in which the letters of a name stand, of
    a part of the families; and of the other half. `resembling` says of each host whether they do."""
    for half in (0, 1):
        made = (pool.source == LOOK_ALIKES) & (pool.group % 2 == half)
        honest = pool.real() & (pool.fraud == 0) & (pool.group % _ONE_IN == half)
        split = _apart(HALVES[half], pool, made | honest, np.ones(len(pool.hosts), bool))
        yield split._replace(asked=made | (honest & resembling))


def _apart(name: str, pool: Hosts, asked: npt.NDArray[np.bool_], learnt: npt.NDArray[np.bool_]) -> Split:
    return Split(name, asked, learnt & ~np.isin(pool.group, pool.group[asked]))


def evaluate_sites(data: Path, page: Path, cards: Path, told: Told = unheard) -> list[Unseen]:
    """Every split has been asked; `page` holds the section, the card in `cards` the rows.

    Errors: MissingFile, with nothing written, if `data` lacks a file; MissingExtra.
    """
    missing = [file for name, _, _ in SOURCES if not (data / (file := f"{name}.csv.gz")).is_file()]
    if missing:
        raise MissingFile(f"{data}: no {', '.join(missing)}; nothing was evaluated, and nothing was changed")
    require_training()
    steps = Steps(len(SOURCES) + len(HALVES) + 3, told)
    steps.begin("reading hosts")
    pool = pool_hosts(read_hosts(data)[0])
    known = np.array([is_known(host) for host in pool.hosts], bool)
    steps.begin(f"taking {len(pool.hosts):,} hosts apart")
    x = matrix(pool.hosts)
    resembling = traits(pool.hosts, *letters_of(pool.hosts)).resembling & ~known
    found = []
    for split in [*splits(pool), *halves(pool, resembling)]:
        steps.begin(split.name)
        learnt, held = learn(x, pool, split.learnt)
        ordinary = split.learnt & pool.real() & (pool.fraud == 0)
        threshold = threshold_at(
            learnt.probability(held.both(ordinary)), np.tile(pool.weight[ordinary], 2), FALSE_POSITIVES
        )
        probability = learnt.probability(x[split.asked] @ learnt.weights)
        probability[known[split.asked]] = KNOWN
        found.append(_asked(split, pool, probability, SURE if split.name in HALVES else threshold))
    write_section(page, TITLE, section(found))
    _write_card(cards, found)
    return found


def _asked(split: Split, pool: Hosts, probability: Floats, threshold: float) -> Unseen:
    fraud = pool.fraud[split.asked] == 1
    asked = Asked(
        fraud, np.zeros(len(fraud), bool), probability, pool.group[split.asked], threshold, BASE_RATE
    )
    return Unseen(split.name, len(fraud), int(fraud.sum()), estimates(asked))


_COLUMNS = (
    ("auc", "AUC"), ("recall_at_1pct", "recall at 1 % false positives"), ("recall_at_0.1pct", "at 0.1 %"),
    ("recall_frozen", "recall at the frozen threshold"), ("false_positives_frozen", "false positives there"),
    ("calibration_error", "calibration error"),
)  # fmt: skip

_OF_HALVES = ("recall_frozen", "false_positives_frozen")
"""What is told of look-alikes."""


def section(found: Sequence[Unseen]) -> str:
    """The section of the page."""
    return "\n".join(_lines(found))


def _lines(found: Sequence[Unseen]) -> Iterator[str]:
    yield (
        "Hosts by name alone. Split by time: learnt from reports up to "
        f"{LAST_YEAR} and from a set of 2018, asked of phishing reported later. Then each source is left "
        "out: learnt from the others, asked of all of it; where a source has scams only, a third of the "
        "families of ordinary hosts of all sources is asked beside them and not learnt from, and the other "
        "way round. No family is on both sides: hosts of one registered domain, names that differ by digits, "
        "long names under several suffixes. The threshold was frozen before, where "
        f"{FALSE_POSITIVES:.0%} of the ordinary hosts learnt from are flagged, and so was the "
        f"scale: each host "
        "counts once as it looks to a model that knows nothing of its family, and once, if it is an ordinary "
        "one, to a model that knows no ordinary host of its source. Calibration error: the mean distance of "
        f"probability and truth in ten bins, scams weighing {BASE_RATE:.0%}. Intervals draw whole families "
        "anew. Every model learns besides from look-alikes and ordinary names that we make up; "
        "only the second "
        "table is measured on those. What else was weighed: "
        "[decision 41](decisions/0041-a-label-is-taken-apart.md), "
        "[decision 47](decisions/0047-hosts-that-we-make-up.md)."
    )
    yield "\n| asked | hosts, scams | " + " | ".join(title for _, title in _COLUMNS) + " |"
    yield "|---|---|" + "---|" * len(_COLUMNS)
    for one in found:
        if one.split not in HALVES:
            cells = [interval(one.measures[name]) for name, _ in _COLUMNS]
            yield f"| {one.split} | {one.hosts:,}, {one.scams:,} | " + " | ".join(cells) + " |"
    yield (
        f"\nLook-alikes of protected names, at a probability of {SURE:.0%}. They are made up: a "
        f"name beside a "
        "word or a number, in letters that look alike or in punycode, with a slip of one letter, or a true "
        "domain before another's. Of the brands asked about nothing was learnt but that they "
        "are names. Beside "
        "them ordinary hosts, of families not learnt from, in which the letters of a name stand. Intervals "
        "draw whole brands and families anew."
    )
    yield "\n| asked | look-alikes | found | ordinary hosts | flagged |"
    yield "|---|---|---|---|---|"
    for one in found:
        if one.split in HALVES:
            cells = [interval(one.measures[name]) for name in _OF_HALVES]
            yield (f"| {one.split} | {one.scams:,} | {cells[0]} | {one.hosts - one.scams:,} | {cells[1]} |")


def _write_card(folder: Path, found: Sequence[Unseen]) -> None:
    """The card has a row for each split, instead of those it had."""
    path = folder / "sites.card.json"
    if not path.is_file():
        return
    plain = json.loads(path.read_text("utf-8"))
    card = ModelCard(**{**plain, "sources": [Source(**source) for source in plain["sources"]]})
    kept = {name: row for name, row in card.measures.items() if not name.endswith(", unseen")}
    fresh = {
        f"{one.split}, unseen": {"rows": float(one.hosts), "fraud": float(one.scams)}
        | {
            name: round(value, 4)
            for name in (_OF_HALVES if one.split in HALVES else dict(_COLUMNS))
            if not math.isnan(value := one.measures[name].value)
        }
        for one in found
    }
    replace(card, measures=kept | fresh).write(folder)
