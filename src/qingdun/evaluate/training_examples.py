"""The labelled texts there are, source by source: what models of texts learn from and are asked about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qingdun.contract.codes import ScamType
from qingdun.evaluate.training_card import Floats, Source, read_rows

OWN = 3.0
"""How much more our own examples weigh than those of another source: they alone know what is said today."""
MESSAGES = ("messages", "messages_2026", "scam_messages", "ordinary_messages", "plain_messages")
"""The files of our own corpus that hold messages; together they are one source."""
CALLS = ("calls", "scam_calls", "ordinary_calls", "long_calls", "spoken_calls")
"""Those that hold turns of calls."""
ADVERT = "advert"
"""The kind of an advert, in any source that marks adverts."""
FILES = {
    "messages_fbs": ("messages_fbs.csv.gz", ("group", "category", "text")),
    "messages_2014": ("messages_2014.csv.gz", ("label", "text")),
    "dialogues_teleantifraud": ("dialogues_teleantifraud.csv.gz", ("y", "type", "text")),
}
"""The published sources: their files in the folder of data, and the columns that are read."""
_SHARES = ((0, (ADVERT, "gambling", "illegal", "sales_call"), 0.5), (1, ("phishing",), 0.25))
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
    """What each counts in learning; what weighs nothing is neither learnt nor asked."""
    kinds: list[str] = field(default_factory=list)
    """What it is: `advert`, or for our own texts the scam type or the kind of ordinary text (docs/models.md);
    nothing where it is not known."""
    own: bool = False
    """Whether we wrote them, with one hand and one turn of phrase."""


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
    return Examples(source, texts, fraud, types, _shared_out(kinds, fraud), kinds, own=True)


def scams(examples: Examples) -> Examples:
    """Those whose scam type is known, alone."""
    rows = [row for row, kind in enumerate(examples.types) if kind]
    return replace(
        examples,
        texts=[examples.texts[row] for row in rows],
        fraud=examples.fraud[rows],
        types=[examples.types[row] for row in rows],
        weight=examples.weight[rows],
        kinds=[],
    )


def published(name: str, data: Path) -> Examples:
    """The source of that name in `FILES`, from the folder `data`. Errors: MissingFile and its kin."""
    return {
        "messages_fbs": _fbs,
        "messages_2014": _messages_2014,
        "dialogues_teleantifraud": _dialogues,
    }[name](data)


def _columns(name: str, data: Path) -> list[list[str]]:
    file, columns = FILES[name]
    table = read_rows(data / file, columns)
    return [["" if cell is None else cell for cell in table[column].to_pylist()] for column in columns]


def _fbs(data: Path) -> Examples:
    groups, categories, texts = _columns("messages_fbs", data)
    fraud = np.array([group == "FR" for group in groups], np.int64)
    types = [_FBS_TYPES.get(name, "") for name in categories]
    source = Source("Cypher-Z/FBS_SMS_Dataset (Zhang et al., CCS 2020)", "cite the paper", len(fraud))
    brushing = np.array([bool(_BRUSHING.search(text)) for text in texts])
    kinds = [ADVERT if group == "AD" else "" for group in groups]
    return Examples(source, texts, fraud, types, np.where(brushing & (fraud == 0), 0.0, 1.0), kinds)


def _messages_2014(data: Path) -> Examples:
    labels, texts = _columns("messages_2014", data)
    spam = np.array(labels, np.int64)
    source = Source("shaonianruntu/Spam-Message-Classification", "none stated; rows not shipped", len(spam))
    kinds = [ADVERT if label else "" for label in labels]
    fraud = np.zeros(len(spam), np.int64)
    return Examples(source, texts, fraud, [""] * len(spam), np.where(spam == 1, 0.4, 1.0), kinds)


def _dialogues(data: Path) -> Examples:
    labels, names, texts = _columns("dialogues_teleantifraud", data)
    y = np.array(labels, np.int64)
    types = [_DIALOGUE_TYPES.get(name, "") for name in names]
    source = Source("JimmyMa99/TeleAntiFraud", "Apache-2.0", len(y))
    return Examples(source, texts, y, types, np.ones(len(y)), [""] * len(y))


def _shared_out(kinds: Sequence[str], fraud: npt.NDArray[np.int64]) -> Floats:
    """What each of our own texts weighs by `_SHARES`, at most `OWN`."""
    weight = np.ones(len(kinds))
    for side, named, share in _SHARES:
        chosen = (fraud == side) & np.isin(kinds, named)
        others = (fraud == side) & ~chosen
        if chosen.any() and others.any():
            weight[chosen] = share / chosen.sum()
            weight[others] = (1 - share) / others.sum()
    return np.asarray(weight * OWN / weight.max())
