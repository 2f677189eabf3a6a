"""What models of texts are worth on a source they have never seen: each source left out in turn.

What is left out is asked only of a model that learnt without it and without anything like its rows
(near-duplicates by MinHash). Its probability and its threshold are set before, on rows of the sources it
learnt from, which folds had held out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from qingdun.contract.progress import Steps, Told, unheard
from qingdun.errors import MissingFile
from qingdun.evaluate.page import write_section
from qingdun.evaluate.resampling import Asked, Estimate, estimates, interval, threshold_at
from qingdun.evaluate.training_card import ModelCard, Source, require_training
from qingdun.evaluate.training_examples import FILES
from qingdun.evaluate.training_pool import BASE_RATE, Method, Pool, learn, pool_of
from qingdun.evaluate.training_texts import Kind, dialogues, messages

FALSE_POSITIVES = 0.01
"""The share of ordinary texts, of the sources learnt from, that the frozen threshold flags."""
PLAIN = Method(counted=True, groups=2, rarity=0.0, acts=0.0, pairs=0.0)
"""Plain n-grams, held beside: what shipped before acts."""
TITLE = "Messages and call transcripts"
TOGETHER = "; the rest of our own texts left out too"
_BOTH = 2


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One source left out: its size, and every measure of `resampling.MEASURES` under one method."""

    model: str
    method: str
    source: str
    rows: int
    scams: int
    adverts: int
    measures: dict[str, Estimate]


def evaluate_texts(
    data: Path, page: Path, cards: Path, told: Told = unheard, kinds: Sequence[Kind] | None = None
) -> list[LeftOut]:
    """Every source has been left out in turn; `page` holds the section, the cards in `cards` the rows.

    Errors: MissingFile, with nothing written, if `data` lacks a file; MissingExtra.
    """
    missing = [file for file, _ in FILES.values() if not (data / file).is_file()]
    if missing:
        raise MissingFile(f"{data}: no {', '.join(missing)}; nothing was evaluated, and nothing was changed")
    require_training()
    found: list[LeftOut] = []
    both = kinds or (messages(), dialogues())
    steps = Steps(_BOTH * 4 * len(both), told)
    for kind in both:
        for label, method in (("shipped", kind.method), ("plain", PLAIN)):
            steps.begin(f"{kind.name}, {label}: reading texts")
            sources = kind.sources(data)
            pool = pool_of(sources, method)
            for number, examples in enumerate(sources):
                if kind.name == "dialogues" and examples.source.name.startswith("corpus/messages"):
                    continue  # asked of the model of messages
                steps.begin(f"{kind.name}, {label}: leaving out {examples.source.name}")
                found.append(_left_out(kind.name, label, examples.source.name, pool, number, [number]))
                own = [place for place, one in enumerate(sources) if one.own]
                if examples.own and own != [number]:
                    name = examples.source.name + TOGETHER
                    found.append(_left_out(kind.name, label, name, pool, number, own))
    write_section(page, TITLE, section(found))
    for kind in both:
        _write_card(
            cards, kind.name, [one for one in found if (one.model, one.method) == (kind.name, "shipped")]
        )
    return found


def _left_out(model: str, label: str, name: str, pool: Pool, number: int, out: Sequence[int]) -> LeftOut:
    """What a model that learnt from no source of `out` makes of that of the number, one of them."""
    rows, unlearnt = pool.source == number, np.isin(pool.source, out)
    apart = ~unlearnt & ~np.isin(pool.groups, pool.groups[unlearnt])
    linear, held = learn(pool, apart)
    ordinary = apart & (pool.fraud == 0) & ~np.isnan(held)
    threshold = threshold_at(linear.probability(held[ordinary]), pool.weight[ordinary], FALSE_POSITIVES)
    fraud = pool.fraud[rows] == 1
    probability = linear.probability(linear.margin(pool.x[rows]))
    asked = Asked(fraud, pool.advert[rows], probability, pool.groups[rows], threshold, BASE_RATE)
    scams, adverts = int(fraud.sum()), int(pool.advert[rows].sum())
    return LeftOut(model, label, name, len(fraud), scams, adverts, estimates(asked))


def section(found: Sequence[LeftOut]) -> str:
    """The section of the page."""
    return "\n".join(_lines(found))


_TABLES = (
    ("By the ranking alone, whatever the threshold:", (
        ("auc", "AUC"), ("recall_at_1pct", "recall at 1 % false positives"), ("recall_at_0.1pct", "at 0.1 %"),
    )),
    ("At the threshold and on the scale that were frozen before:", (
        ("recall_frozen", "recall"), ("false_positives_frozen", "false positives"),
        ("false_positives_adverts", "of adverts alone"), ("calibration_error", "calibration error"),
    )),
)  # fmt: skip


def _lines(found: Sequence[LeftOut]) -> Iterator[str]:
    yield (
        "Each source is left out in turn: the model learns from the others of its kind without anything like "
        "the rows of the one left out (near-duplicates by MinHash), and is then asked about all of it. The "
        f"threshold was frozen before, where {FALSE_POSITIVES:.0%} of the ordinary texts of the sources "
        "learnt from are flagged (by folds of near-duplicates), and so was the curve that makes a "
        "probability. Calibration error: the mean distance of probability and truth in ten bins, scams "
        f"weighing {BASE_RATE:.0%}. Intervals draw whole groups of near-duplicates anew. *plain* learns from "
        "the same texts by n-grams alone, as models did before acts ([decision 37]"
        "(decisions/0037-acts-beside-n-grams.md)). The messages of 2014 hold no rows marked as scams: there "
        "only false alarms can be told. The model of transcripts learns from two sources that we wrote, "
        "calls and messages: a figure of the one where the other is learnt from is kind to us, and the row "
        "that leaves out both is the honest one."
    )
    for words, columns in _TABLES:
        yield f"\n{words}\n"
        yield (
            "| left out | model | rows, scams, adverts | " + " | ".join(title for _, title in columns) + " |"
        )
        yield "|---|---|---|" + "---|" * len(columns)
        for one in found:
            cells = [interval(one.measures[name]) for name, _ in columns]
            if any(cells):
                size = f"{one.rows:,}, {one.scams:,}, {one.adverts:,}"
                yield f"| {one.source} | {one.model}, {one.method} | {size} | " + " | ".join(cells) + " |"


def _write_card(folder: Path, name: str, found: Sequence[LeftOut]) -> None:
    """The card has a row for each source left out, instead of those it had."""
    path = folder / f"{name}.card.json"
    if not path.is_file():
        return
    plain = json.loads(path.read_text("utf-8"))
    card = ModelCard(**{**plain, "sources": [Source(**source) for source in plain["sources"]]})
    kept = {held_out: row for held_out, row in card.measures.items() if not held_out.endswith(", unseen")}
    fresh = {
        f"{one.source}, unseen": {"rows": float(one.rows), "fraud": float(one.scams)}
        | {key: round(value.value, 4) for key, value in one.measures.items() if not math.isnan(value.value)}
        for one in found
    }
    replace(card, measures=kept | fresh).write(folder)
