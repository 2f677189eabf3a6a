"""What the models of callers and of accounts make of rows they have not learnt from, with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from qingdun.contract.progress import Steps, Told, unheard
from qingdun.evaluate.page import write_section
from qingdun.evaluate.resampling import Asked, Estimate, estimates, interval
from qingdun.evaluate.training_accounts import ACCOUNT_STEPS, learn_accounts
from qingdun.evaluate.training_card import require_training
from qingdun.evaluate.training_tables import BASE_RATE, CALLER_STEPS, Learnt, learn_callers

_COLUMNS = (
    ("auc", "AUC"),
    ("recall_at_1pct", "recall at 1 % false positives"),
    ("recall_at_0.1pct", "at .1 %"),
    ("calibration_error", "calibration error"),
)
_CALLERS = (
    "Numbers of the Sichuan set of 2020 by what their calls and messages add up to, without traffic, revenue "
    "and `month_ids`, which a flow of calls cannot give. Numbers whose columns are all alike are drawn "
    "together."
)
_ACCOUNTS = (
    "Accounts of two AMLSim sets, by folds and each asked of a model that learnt from the other. The sets "
    "share accounts and background, so this is a check of patterns and no proof for a bank. Accounts are "
    "drawn one by one, though those of one pattern are alike: the intervals are rather too narrow."
)


class Unseen(NamedTuple):
    """A split: how many rows were asked, how many are fraud, and the measures."""

    rows: int
    fraud: int
    measures: Mapping[str, Estimate]


def evaluate_tables(data: Path, page: Path, told: Told = unheard) -> dict[str, str]:
    """The page has the sections `Callers` and `Accounts`; both are returned by their titles.

    `data` is the folder of the labelled data. Errors: MissingFile and its kin, MissingExtra.
    """
    require_training()
    steps = Steps(CALLER_STEPS + ACCOUNT_STEPS, told)
    sections = {
        "Callers": section(_CALLERS, unseen(learn_callers(data, steps))),
        "Accounts": section(_ACCOUNTS, unseen(learn_accounts(data, steps))),
    }
    for title, body in sections.items():
        write_section(page, title, body)
    return sections


def unseen(learnt: Learnt) -> dict[str, Unseen]:
    """Of each split what was asked, with the intervals of whole groups of equal rows drawn anew."""
    _, alike = np.unique(np.nan_to_num(learnt.x, nan=-9.0), axis=0, return_inverse=True)
    found = {}
    for split, (rows, probability) in learnt.asked.items():
        fraud = learnt.y[rows] == 1
        nothing = np.zeros(len(rows), bool)
        asked = Asked(fraud, nothing, probability, alike.ravel()[rows], 0.5, BASE_RATE)
        found[split] = Unseen(len(rows), int(fraud.sum()), estimates(asked))
    return found


def section(about: str, found: Mapping[str, Unseen]) -> str:
    """The section of the page."""
    return "\n".join(_lines(about, found))


def _lines(about: str, found: Mapping[str, Unseen]) -> Iterator[str]:
    yield (
        f"{about} Calibration error: the mean distance of probability and truth in ten bins, fraud weighing "
        f"{BASE_RATE:.0%}; the scale was set on the folds."
    )
    yield "\n| asked | rows, fraud | " + " | ".join(title for _, title in _COLUMNS) + " |"
    yield "|---|---|" + "---|" * len(_COLUMNS)
    for split, one in found.items():
        cells = [interval(one.measures[name]) for name, _ in _COLUMNS]
        yield f"| {split} | {one.rows:,}, {one.fraud:,} | " + " | ".join(cells) + " |"
