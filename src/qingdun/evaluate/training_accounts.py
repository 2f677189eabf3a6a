"""The model of mule accounts: what it learns from, and in which lights it sees each set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.contract.progress import Steps, Told, unheard
from qingdun.evaluate.account_moves import Moves, account_moves, median_by, most
from qingdun.evaluate.accounts import ACCOUNT_FEATURES, OF_AMOUNTS, OF_TIMES, account_matrix
from qingdun.evaluate.tabular import numbers
from qingdun.evaluate.training_card import Floats, ModelCard, Source, read_rows, require_training
from qingdun.evaluate.training_tables import (
    BASE_RATE,
    FOLDS,
    Learnt,
    Truth,
    curve,
    export,
    grow,
    scale,
    weights,
)

_SETS = ("funds_amlsim_20K_cycle200", "funds_amlsim_20K_fanin200")
_WITHHELD = 0.05
"""Of the rows learnt from, as many with amounts, and as many with times, withheld."""
ACCOUNT_STEPS = FOLDS + 4
_METHOD = (
    "Histogram gradient boosting, exported as plain arrays. Each set is learnt from five times: as it is; "
    "with amounts drawn anew, equal ones alike; so and with repeats merged; and twice with several transfers "
    "of differing amounts for every ordinary one, some of which are paid back. Of some rows all amounts or "
    f"all times are withheld. Platt scaling on held-out folds. Base rate {BASE_RATE:.0%}."
)


def train_accounts(data: Path, out: Path, told: Told = unheard) -> ModelCard:
    """`accounts.npz` and its card are in `out`: mule accounts by how money comes and goes.

    `data` is a folder with the files `funds_amlsim_*`. Errors: MissingFile and its kin, MissingExtra.
    """
    require_training()
    steps = Steps(ACCOUNT_STEPS + 1, told)
    learnt, lights = _learn(data, steps)
    steps.begin("all accounts")
    model = _fit(lights, learnt.y)
    export(model, ACCOUNT_FEATURES, learnt.slope, learnt.intercept).write(out / "accounts.npz")
    card = ModelCard(
        "accounts", "The probability that an account is a mule, from the transfers of all accounts.", _METHOD,
        [Source("IBM/AMLSim, 20K cycle and fan-in", "Apache-2.0", len(learnt.y))], learnt.measures(),
        ["Synthetic transfers: the patterns are those of a simulator, and no real bank was seen.",
         "The two sets share accounts and background, and some labels: 'learnt from' is not unseen.",
         "A third of the accounts marked as mules sent and received nothing unusual in these sets.",
         "Where ordinary amounts differ as much as those of mules do, far fewer are found."],
    )  # fmt: skip
    card.write(out)
    return card


def learn_accounts(data: Path, steps: Steps) -> Learnt:
    """The accounts of the files `funds_amlsim_*`, each asked of models that have not learnt from it.

    Errors: MissingFile and its kin.
    """
    return _learn(data, steps)[0]


def _learn(data: Path, steps: Steps) -> tuple[Learnt, list[Floats]]:
    """And all accounts in each light."""
    parts = []
    for name in _SETS:
        steps.begin(f"reading {name}")
        moves, rows, fraud = _read(data, name)
        parts.append(([account_matrix(light)[rows] for light in _lights(moves)], fraud))
    lights = [np.concatenate(both) for both in zip(*(part[0] for part in parts), strict=True)]
    y = np.concatenate([fraud for _, fraud in parts])
    part = np.repeat([0, 1], [len(fraud) for _, fraud in parts])
    fold = np.random.default_rng(3).permutation(len(y)) % FOLDS
    held = np.full(len(y), np.nan)
    for number in range(FOLDS):
        steps.begin(f"fold {number + 1} of {FOLDS}")
        held[fold == number] = _unseen(lights, y, fold == number)
    slope, intercept = scale(held, y)
    rows = np.arange(len(y))
    asked = {f"both, {FOLDS} folds": (rows, curve(held, slope, intercept))}
    for number, name in enumerate(("cycles, learnt from fan-in", "fan-in, learnt from cycles")):
        steps.begin(name)
        asked[name] = (rows[part == number], curve(_unseen(lights, y, part == number), slope, intercept))
    return Learnt(lights[0], y, asked, slope, intercept), lights


def _read(data: Path, name: str) -> tuple[Moves, npt.NDArray[np.int64], Truth]:
    nodes = read_rows(data / f"{name}_nodes.csv.gz", ["nodeid", "isFraud"])
    moves = read_rows(data / f"{name}_transactions.csv.gz", ["sourceNodeId", "targetNodeId", "value", "time"])
    found, rows = account_moves(
        _strings(nodes["nodeid"]), _strings(moves["sourceNodeId"]), _strings(moves["targetNodeId"]),
        numbers(moves["value"]), numbers(moves["time"]),
    )  # fmt: skip
    return found, rows, numbers(nodes["isFraud"]).astype(np.int64)


def _strings(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks().cast(pa.string())


def _lights(moves: Moves) -> list[Moves]:
    """The same accounts as other sets would show them: mules need not be told by small amounts or repeats."""
    anew = moves._replace(amount=_drawn_anew(moves.amount))
    return [moves, anew, _merged(anew), _busier(moves, anew=False), _busier(moves, anew=True)]


def _drawn_anew(amount: Floats) -> Floats:
    """Evenly from one to ten times the least; what was equal stays equal."""
    return 1 + 9 * np.modf(amount * 61.80339887)[0]


def _merged(m: Moves) -> Moves:
    """Of transfers of one pair at one time the first alone."""
    order = np.lexsort((m.at, m.payee, m.payer))
    ends = np.column_stack([m.payer, m.payee, m.at])[order]
    kept = np.sort(order[np.any(np.diff(ends, axis=0, prepend=np.nan) != 0, axis=1)])
    return Moves(m.payer[kept], m.payee[kept], m.amount[kept], m.at[kept], m.n)


def _busier(m: Moves, *, anew: bool) -> Moves:
    """One to four transfers for each that is like the others of its payer, at any time at which the payer is
    seen and of one to ten times the least amount, of which a sixth of the payees pay back a fifth; those that
    are unlike stay as few as they are, and of their amounts unless they are drawn `anew`."""
    draw = np.random.default_rng(7)
    size = np.log(np.maximum(m.amount, 1e-9))
    like = np.abs(size - median_by(m.payer, size, m.n)[m.payer]) < 0.05
    rows = np.flatnonzero(like)
    rows = np.repeat(rows, draw.integers(1, 5, m.n)[m.payer[rows]])
    first, last = -most(m.payer, -m.at, m.n)[m.payer[rows]], most(m.payer, m.at, m.n)[m.payer[rows]]
    at = np.floor(first + draw.random(len(rows)) * (last - first + 1))
    least = float(m.amount[like].min()) if like.any() else 1.0
    amount = least * draw.uniform(1, 10, len(rows))
    back = (draw.random(m.n) < 1 / 6)[m.payee[rows]] & (draw.random(len(rows)) < 1 / 5)
    few = _merged(Moves(m.payer[~like], m.payee[~like], m.amount[~like], m.at[~like], m.n))
    odd = least * _drawn_anew(few.amount) if anew else few.amount
    return Moves(
        np.concatenate([m.payer[rows], m.payee[rows][back], few.payer]),
        np.concatenate([m.payee[rows], m.payer[rows][back], few.payee]),
        np.concatenate([amount, amount[back], odd]),
        np.concatenate([at, at[back] + 1, few.at]),
        m.n,
    )


def _unseen(lights: Sequence[Floats], y: Truth, asked: npt.NDArray[np.bool_]) -> Floats:
    """What models make of the rows asked, as they are, that learnt from the others in every light."""
    model = _fit([light[~asked] for light in lights], y[~asked])
    return np.asarray(model.decision_function(lights[0][asked]))


def _fit(lights: Sequence[Floats], y: Truth) -> Any:
    """Trees learnt from the rows in every light."""
    draw = np.random.default_rng(11)
    x = np.concatenate(lights)
    for names in (OF_AMOUNTS, OF_TIMES):
        columns = np.isin(ACCOUNT_FEATURES, names)
        x[np.ix_(draw.random(len(x)) < _WITHHELD, columns)] = np.nan
    return grow(x, np.tile(y, len(lights)), np.tile(weights(y), len(lights)), 100, 0.1, 8, 40)
