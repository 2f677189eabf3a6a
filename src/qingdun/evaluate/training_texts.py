"""How the message and dialogue models are trained, and how honest the account of them is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from qingdun.contract.progress import Steps, Told, unheard
from qingdun.detect.text.model import TextModel
from qingdun.evaluate.resampling import Floats
from qingdun.evaluate.training_card import ModelCard, measure, require_training
from qingdun.evaluate.training_examples import CALLS, MESSAGES, OWN, Examples, corpus, published, scams
from qingdun.evaluate.training_pool import BASE_RATE, FOLDS, Method, Pool, learn, pool_of
from qingdun.evaluate.training_types import fit_types


@dataclass(frozen=True, slots=True)
class Kind:
    """A model of texts: what it is for, what it learns from and how."""

    name: str
    purpose: str
    sources: Callable[[Path], list[Examples]]
    method: Method
    limits: tuple[str, ...]
    typed: tuple[str, ...] = ()
    """Files of our corpus whose scams tell types beside the sources, though not what a scam is."""


def messages(own: Sequence[str] = MESSAGES) -> Kind:
    """The model of messages; `own` names the files of our corpus.

    It reads `messages_fbs.csv.gz` (group, category, text) and `messages_2014.csv.gz` (label, text).
    """
    return Kind(
        "messages",
        "The probability that a short message is part of a scam; adverts, gambling and illegal trade are "
        "not.",
        lambda data: [published("messages_fbs", data), published("messages_2014", data), corpus(*own)],
        Method(counted=False, groups=5, rarity=0.5, acts=0.15, pairs=0.15),
        (
            "Published messages date from 2014 to 2018; what is newer we wrote ourselves.",
            "A source it has not seen is harder by far than rows of a known one: docs/evaluation.md.",
            f"Probabilities assume that {BASE_RATE:.0%} of texts are scams; shift the log-odds otherwise.",
            "Adverts of loans and stocks stand close to scams.",
        ),
        CALLS,
    )


def dialogues(own: Sequence[Sequence[str]] = (CALLS, MESSAGES)) -> Kind:
    """The model of transcripts; `own` names the files of our corpus, source by source.

    It reads `dialogues_teleantifraud.csv.gz` (y, type, text).
    """
    return Kind(
        "dialogues",
        "The probability that a transcript of a call is part of a scam.",
        lambda data: [
            published("dialogues_teleantifraud", data), *(corpus(*names) for names in own),
        ],
        Method(counted=True, groups=2, rarity=0.0, acts=0.1, pairs=0.0, sources=2),
        (
            "The published dialogues are synthetic and far too easy; their held-out rows say nearly nothing.",
            "Ours are written, not transcribed: errors of speech recognition are not in them.",
        ),
    )  # fmt: skip


def train_messages(data: Path, out: Path, told: Told = unheard, own: Sequence[str] = MESSAGES) -> ModelCard:
    """`messages.npz` and its card are in `out`. Errors: MissingFile and its kin of the data, MissingExtra."""
    return _train(messages(own), data, out, told)


def train_dialogues(
    data: Path, out: Path, told: Told = unheard, own: Sequence[Sequence[str]] = (CALLS, MESSAGES)
) -> ModelCard:
    """`dialogues.npz` and its card are in `out`. Errors: as `train_messages`."""
    return _train(dialogues(own), data, out, told)


def _train(kind: Kind, data: Path, out: Path, told: Told) -> ModelCard:
    require_training()
    steps = Steps(6, told)
    steps.begin("reading texts")
    sources = kind.sources(data)
    steps.begin(f"grouping {sum(len(s.texts) for s in sources):,} texts")
    pool = pool_of(sources, kind.method)
    steps.begin("learning, by folds and all")
    model, held = learn(pool, np.ones(len(pool.fraud), bool))
    steps.begin("asking what was held out")
    measures = _measures(pool, sources, model.probability(held))
    steps.begin("types of scams")
    beside = [corpus(*kind.typed)] if kind.typed else []
    typed = [scams(one) for one in (*sources, *beside) if any(one.types)]
    types = fit_types(pool_of(typed, kind.method), asked=len(typed) - len(beside))
    measures[f"scam type of scams, grouped {FOLDS} folds"] = types.measure
    method = (
        f"{kind.method.words()}; sides of a source of equal weight and our own {OWN:.0f}-fold; Platt "
        f"scaling on held-out groups. Base rate {BASE_RATE:.0%}."
    )
    card = ModelCard(
        kind.name, kind.purpose, method, [s.source for s in sources], measures, list(kind.limits)
    )
    steps.begin("writing")
    TextModel(
        model.weights, types.weights, types.bias, types.types, model.slope, model.intercept, BASE_RATE,
        model.act_weights, model.pair_weights, kind.method.counted, asdict(card),
    ).write(out / f"{kind.name}.npz")  # fmt: skip
    card.write(out)
    return card


def _measures(pool: Pool, sources: Sequence[Examples], held: Floats) -> dict[str, dict[str, float]]:
    measures = {f"all sources, grouped {FOLDS} folds": measure(pool.fraud, held)}
    for number, examples in enumerate(sources):
        rows = pool.source == number
        if len(set(pool.fraud[rows])) == 2:
            measures[f"{examples.source.name}, grouped {FOLDS} folds"] = measure(pool.fraud[rows], held[rows])
    return measures
