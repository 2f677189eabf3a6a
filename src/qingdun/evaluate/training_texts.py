"""How the message and dialogue models are trained, and how honest the account of them is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.contract.codes import ScamType
from qingdun.contract.progress import Steps, Told, unheard
from qingdun.detect.text.model import BUCKETS, TextModel, feature_rows
from qingdun.evaluate.speakers import without_speakers
from qingdun.evaluate.training_card import (
    Floats,
    ModelCard,
    Source,
    measure,
    read_rows,
    require_training,
)
from qingdun.evaluate.training_groups import folds, near_duplicates
from qingdun.evaluate.training_types import fit_types

BASE_RATE = 0.1
"""The share of scams among texts that probabilities are calibrated for [D]."""
REGULARISATION = 16.0
_FOLDS = 5
_OWN = 3.0
"""How much more our own examples weigh than those of another source: they alone know what is said today."""
MESSAGES = ("messages", "messages_2026", "scam_messages", "ordinary_messages")
"""The files of our own corpus that hold messages; together they are one source."""
CALLS = ("calls", "scam_calls", "ordinary_calls")
"""Those that hold turns of calls."""
_SHARES = ((0, ("advert", "gambling", "illegal", "sales_call"), 0.5), (1, ("phishing",), 0.25))
"""What these kinds weigh among our ordinary texts and our scams, however many there are of each [D].

Adverts and look-alike banks are what strangers send in bulk, and few of the many kinds that we wrote.
"""
_BRUSHING = re.compile("刷单|刷信誉|刷客|兼职|日结|信誉度")
"""Offers of paid clicks, which the labels of 2017 count as adverts; today they are scams: left out."""

_FBS_TYPES = {"FR_Phishing_Bank_": "phishing", "FR_Phishing_Other_": "phishing", "FR_Financial": "investment"}
_DIALOGUE_TYPES = {
    "投资诈骗": "investment",
    "客服诈骗": "customer_service",
    "邮件诈骗": "customer_service",
    "钓鱼诈骗": "phishing",
    "银行诈骗": "phishing",
    "身份盗窃": "phishing",
    "绑架诈骗": "other",
    "彩票诈骗": "other",
}


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts with what they are, from one source."""

    source: Source
    texts: list[str]
    fraud: npt.NDArray[np.int64]
    types: list[str]
    """The scam type, or nothing where it is not known or it is no scam."""
    weight: Floats
    kinds: list[str] = field(default_factory=list)
    """Of our own texts the scam type, or what kind of ordinary text it is (docs/models.md)."""


def corpus(*names: str) -> Examples:
    """The examples we wrote ourselves in the files of these names, such as `messages`, as one source.

    They are shipped with the code under its licence.
    """
    folder = resources.files("qingdun.detect.text")
    raw = "".join(folder.joinpath(f"corpus/{name}.tsv").read_text("utf-8") for name in names)
    rows = [line.split("\t") for line in raw.splitlines() if line and not line.startswith("#")]
    kinds = [row[0] for row in rows]
    types = [kind if kind in set(ScamType) else "" for kind in kinds]
    texts = [row[1].replace(" / ", "\n") for row in rows]
    fraud = np.array([bool(kind) for kind in types], np.int64)
    files = ", ".join(f"{name}.tsv" for name in names)
    source = Source(f"corpus/{files}, written for Qingdun", "Apache-2.0", len(rows))
    return Examples(source, texts, fraud, types, _shared_out(kinds, fraud), kinds)


def _shared_out(kinds: Sequence[str], fraud: npt.NDArray[np.int64]) -> Floats:
    """What each of our own texts weighs by `_SHARES`, at most `_OWN`."""
    weight = np.ones(len(kinds))
    for side, named, share in _SHARES:
        chosen = (fraud == side) & np.isin(kinds, named)
        others = (fraud == side) & ~chosen
        if chosen.any() and others.any():
            weight[chosen] = share / chosen.sum()
            weight[others] = (1 - share) / others.sum()
    return np.asarray(weight * _OWN / weight.max())


def train_messages(data: Path, out: Path, told: Told = unheard, own: Sequence[str] = MESSAGES) -> ModelCard:
    """`messages.npz` and its card are in `out`: scams among short messages, adverts and gambling being none.

    `data` is a folder with `messages_fbs.csv.gz` (category, text) and `messages_2014.csv.gz` (label, text);
    `own` names the files of our corpus. Errors: MissingFile and its kin of the data, MissingExtra.
    """
    require_training()
    fbs, old = _fbs(data), _messages_2014(data)
    sources = [fbs, old, corpus(*own)]
    purpose = (
        "The probability that a short message is part of a scam; adverts, gambling and illegal trade are not."
    )
    limits = [
        "Published messages date from 2014 to 2018; what is newer we wrote ourselves.",
        "A source it has not seen is harder by far than held-out rows of a known one: see the rows 'unseen'.",
        f"Probabilities assume that {BASE_RATE:.0%} of texts are scams; shift the log-odds otherwise.",
        "Adverts of loans and stocks stand close to scams.",
        "Gambling came into our examples after it was mistaken on FBS, which helped its row 'unseen'.",
    ]
    return _train("messages", purpose, sources, limits, out, told)


def train_dialogues(
    data: Path,
    out: Path,
    told: Told = unheard,
    own: Sequence[Sequence[str]] = (CALLS, MESSAGES),
) -> ModelCard:
    """`dialogues.npz` and its card are in `out`: scams among transcripts of calls.

    `data` is a folder with `dialogues_teleantifraud.csv.gz` (y, type, text); `own` names the files of our
    corpus, source by source. Errors: as `train_messages`.
    """
    require_training()
    table = read_rows(data / "dialogues_teleantifraud.csv.gz", ["y", "type", "text"])
    y = np.array(table["y"].to_pylist(), np.int64)
    types = [_DIALOGUE_TYPES.get(name, "") for name in table["type"].to_pylist()]
    source = Source("JimmyMa99/TeleAntiFraud", "Apache-2.0", len(y))
    synthetic = Examples(source, table["text"].to_pylist(), y, types, np.ones(len(y)))
    limits = [
        "The published dialogues are synthetic and far too easy; their held-out rows say nearly nothing.",
        "Ours are written, not transcribed: errors of speech recognition are not in them.",
    ]
    purpose = "The probability that a transcript of a call is part of a scam."
    sources = [synthetic, *(corpus(*names) for names in own)]
    return _train("dialogues", purpose, sources, limits, out, told)


def _fbs(data: Path) -> Examples:
    table = read_rows(data / "messages_fbs.csv.gz", ["group", "category", "text"])
    fraud = np.array([group == "FR" for group in table["group"].to_pylist()], np.int64)
    types = [_FBS_TYPES.get(name, "") for name in table["category"].to_pylist()]
    source = Source("Cypher-Z/FBS_SMS_Dataset (Zhang et al., CCS 2020)", "cite the paper", len(fraud))
    texts = table["text"].to_pylist()
    brushing = np.array([bool(_BRUSHING.search(text)) for text in texts])
    return Examples(source, texts, fraud, types, np.where(brushing & (fraud == 0), 0.0, 1.0))


def _messages_2014(data: Path) -> Examples:
    table = read_rows(data / "messages_2014.csv.gz", ["label", "text"])
    spam = np.array(table["label"].to_pylist(), np.int64)
    source = Source("shaonianruntu/Spam-Message-Classification", "none stated; rows not shipped", len(spam))
    texts = [text or "" for text in table["text"].to_pylist()]
    return Examples(
        source, texts, np.zeros(len(spam), np.int64), [""] * len(spam), np.where(spam == 1, 0.4, 1.0)
    )


@dataclass(frozen=True, slots=True)
class _Pool:
    """All sources together, equal texts once."""

    x: Any
    fraud: npt.NDArray[np.int64]
    types: npt.NDArray[Any]
    weight: Floats
    source: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]


def _train(
    name: str, purpose: str, sources: Sequence[Examples], limits: list[str], out: Path, told: Told
) -> ModelCard:
    steps = Steps(1 + _FOLDS + len(sources) + 1, told)
    steps.begin(f"grouping {sum(len(s.texts) for s in sources):,} texts")
    pool = _pool(sources)
    fold = folds(pool.groups, _FOLDS)
    held = np.full(len(pool.fraud), np.nan)
    for number in range(_FOLDS):
        steps.begin(f"fold {number + 1} of {_FOLDS}")
        learn = fold != number
        if len(set(pool.fraud[learn])) == 2:
            held[~learn] = pool.x[~learn] @ _fit(pool, learn)
    slope, intercept = _scale(held, pool.fraud, pool.weight)
    measures = {"all sources, grouped 5 folds": measure(pool.fraud, _curve(held, slope, intercept))}
    for number, examples in enumerate(sources):
        rows = pool.source == number
        label = examples.source.name
        if len(set(pool.fraud[rows])) == 2:
            measures[f"{label}, grouped 5 folds"] = measure(
                pool.fraud[rows], _curve(held[rows], slope, intercept)
            )
        if len(set(pool.fraud[rows])) == 2 and len(set(pool.fraud[~rows])) == 2:
            steps.begin(f"leaving out {label}")
            apart = ~rows & ~np.isin(pool.groups, pool.groups[rows])
            unseen = pool.x[rows] @ _fit(pool, apart)
            measures[f"{label}, unseen"] = measure(pool.fraud[rows], _curve(unseen, slope, intercept))
    steps.begin("all texts")
    weights = _fit(pool, np.ones(len(pool.fraud), bool))
    known = pool.types != ""
    kinds = fit_types(pool.x[known], pool.types[known].astype(str), pool.weight[known], fold[known])
    measures["scam type of scams, grouped 5 folds"] = kinds.measure
    method = (
        f"Hashed character n-grams of 1 to 4 ({BUCKETS:,} buckets) of the plain spelling, logistic "
        f"regression (C = {REGULARISATION}), sides of a source of equal weight and our own {_OWN:.0f}-fold, "
        "Platt scaling on held-out groups of "
        f"near-duplicates (MinHash). Base rate {BASE_RATE:.0%}. "
        "`unseen`: trained without that source and without anything like its rows."
    )
    card = ModelCard(name, purpose, method, [s.source for s in sources], measures, limits)
    model = TextModel(
        weights, kinds.weights, kinds.bias, kinds.types, slope, intercept, BASE_RATE, asdict(card)
    )
    model.write(out / f"{name}.npz")
    card.write(out)
    return card


def _pool(sources: Sequence[Examples]) -> _Pool:
    from scipy import sparse

    texts = without_speakers(pa.array([text for examples in sources for text in examples.texts])).to_pylist()
    source = np.repeat(np.arange(len(sources)), [len(s.texts) for s in sources])
    features = feature_rows(texts)
    keys = [row.tobytes() for row in features]
    keep = np.array(sorted({key: number for number, key in reversed(list(enumerate(keys)))}.values()))
    given = np.concatenate([s.weight for s in sources])
    keep = keep[[len(features[row]) > 0 and given[row] > 0 for row in keep]]
    features = [features[row] for row in keep]
    lengths = np.array([len(row) for row in features])
    x = sparse.csr_matrix(
        (
            np.repeat(1 / np.sqrt(lengths), lengths),
            np.concatenate(features),
            np.append(0, np.cumsum(lengths)),
        ),
        shape=(len(features), BUCKETS),
    )
    x.sum_duplicates()
    fraud = np.concatenate([s.fraud for s in sources])[keep]
    types = np.array([kind for s in sources for kind in s.types], object)[keep]
    groups = near_duplicates(features)
    _, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    weight = given[keep] / np.sqrt(sizes[inverse])
    source = source[keep]
    for number in range(len(sources)):
        for side in (0, 1):
            rows = (source == number) & (fraud == side)
            weight[rows] *= 1000 * sources[number].weight.max() / max(weight[rows].sum(), 1e-9)
    return _Pool(x, fraud, types, weight, source, groups)


def _fit(pool: _Pool, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Weights a bucket; buckets that fewer than two groups of near-duplicates hold have none."""
    from sklearn.linear_model import LogisticRegression

    common = _common(pool, rows, 2)
    x, y = pool.x[rows][:, common], pool.fraud[rows]
    weight = pool.weight[rows].copy()
    for side in (0, 1):
        weight[y == side] *= len(y) / 2 / weight[y == side].sum()
    model = LogisticRegression(C=REGULARISATION, solver="liblinear", max_iter=200).fit(
        x, y, sample_weight=weight
    )
    weights = np.zeros(BUCKETS, np.float32)
    weights[common] = model.coef_[0]
    return weights


def _common(pool: _Pool, rows: npt.NDArray[np.bool_], least: int) -> npt.NDArray[np.int64]:
    from scipy import sparse

    _, group = np.unique(pool.groups[rows], return_inverse=True)
    member = sparse.csr_matrix((np.ones(len(group)), (group, np.arange(len(group)))))
    return np.flatnonzero(np.asarray(((member @ pool.x[rows]) > 0).sum(axis=0)).ravel() >= least)


def _scale(margin: Floats, fraud: npt.NDArray[np.int64], weight: Floats) -> tuple[float, float]:
    """Slope and intercept of the log-odds in the margin, for the base rate."""
    from sklearn.linear_model import LogisticRegression

    known = ~np.isnan(margin)
    if len(set(fraud[known])) < 2:
        return 1.0, float(np.log(BASE_RATE / (1 - BASE_RATE)))
    balanced = weight[known].copy()
    for side, share in ((0, 1 - BASE_RATE), (1, BASE_RATE)):
        balanced[fraud[known] == side] *= share * known.sum() / balanced[fraud[known] == side].sum()
    fit = LogisticRegression(C=1e3).fit(margin[known, None], fraud[known], sample_weight=balanced)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def _curve(margin: Floats, slope: float, intercept: float) -> Floats:
    odds = np.where(np.isnan(margin), np.log(BASE_RATE / (1 - BASE_RATE)), slope * margin + intercept)
    return np.asarray(1 / (1 + np.exp(-odds)))
