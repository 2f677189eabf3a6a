"""`qingdun score`: every row of a file with the probability that it is fraud, and which scam it would be."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.contract.progress import Share, unheard
from qingdun.detect.linked import with_links
from qingdun.detect.sites.model import SiteModel
from qingdun.detect.text.model import TextModel
from qingdun.errors import InputError, MissingColumn, MissingFile, UnreadableFile, WrongType
from qingdun.evaluate.account_moves import account_moves
from qingdun.evaluate.accounts import account_matrix
from qingdun.evaluate.speakers import without_speakers
from qingdun.evaluate.tables_io import find_table, read_batches, read_whole, write_batches
from qingdun.evaluate.tabular import CALLER_COLUMNS, caller_matrix, moments, numbers, with_ratios
from qingdun.evaluate.trees import Trees

Floats = npt.NDArray[np.float64]
Scores = tuple[Floats, list[str]]


def score(kind: str, source: Path, out: Path, told: Share = unheard) -> int:
    """`out` holds every row of `source` in order with all its columns and two more; their number returns.

    The two are `probability` (float64, never null; fraud is 1) and `scam_type` (string); where `source` has
    columns of these names they are replaced. `kind` is one of `KINDS` or `accounts`. Both files are CSV (also
    .csv.gz) or Parquet by suffix; CSV columns are kept letter by letter.

    Errors: MissingFile, EmptyFile, UnreadableFile, MissingColumn, WrongType, InputError for an unknown kind
    or suffix and for a column that CSV cannot hold.
    """
    if kind == "accounts":
        return _write(_accounts(source, told), out)
    if kind not in KINDS:
        raise InputError(f"{kind}: no such kind; expected one of {', '.join(KINDS)}, accounts")
    judge, batches = KINDS[kind], read_batches(source, told, READ[kind])
    return _write(((batch, judge(batch, source)) for batch in batches), out)


def _write(scored: Iterable[tuple[pa.RecordBatch, Scores]], out: Path) -> int:
    return write_batches(
        (with_scores(batch, probability, types) for batch, (probability, types) in scored), out
    )


def with_scores(batch: pa.RecordBatch, probability: Floats, types: list[str]) -> pa.RecordBatch:
    """The batch with the two columns at its end."""
    names = batch.schema.names
    kept = [at for at, name in enumerate(names) if name not in ("probability", "scam_type")]
    arrays = [
        *(batch.column(at) for at in kept),
        pa.array(probability, pa.float64()),
        pa.array(types, pa.string()),
    ]
    return pa.RecordBatch.from_arrays(arrays, [*(names[at] for at in kept), "probability", "scam_type"])


def _messages(batch: pa.RecordBatch, source: Path) -> Scores:
    texts = _texts(batch, "text", source)
    scores = TextModel.load("messages").score(texts)
    return with_links(SiteModel.load(), texts.to_pylist(), scores.probability), scores.scam_type


def _dialogues(batch: pa.RecordBatch, source: Path) -> Scores:
    scores = TextModel.load("dialogues").score(without_speakers(_texts(batch, "text", source)))
    return scores.probability, scores.scam_type


def _sites(batch: pa.RecordBatch, source: Path) -> Scores:
    names = batch.schema.names
    if "host" not in names and "url" not in names:
        raise _missing(source, "host or url", names)
    none = [None] * batch.num_rows
    urls = _texts(batch, "url", source).to_pylist() if "url" in names else none
    hosts = _texts(batch, "host", source).to_pylist() if "host" in names else none
    scores = SiteModel.load().score(
        [(host or "").strip() or url for host, url in zip(hosts, urls, strict=True)], urls
    )
    return scores.probability, scores.scam_type


def _callers(batch: pa.RecordBatch, source: Path) -> Scores:
    if not set(batch.schema.names) & set(CALLER_COLUMNS):
        raise _missing(source, f"any of {', '.join(CALLER_COLUMNS)}", batch.schema.names)
    x = with_ratios(caller_matrix(batch))
    return Trees.load("callers").score(x), ["other"] * batch.num_rows


KINDS: dict[str, Callable[[pa.RecordBatch, Path], Scores]] = {
    "messages": _messages,
    "dialogues": _dialogues,
    "sites": _sites,
    "callers": _callers,
}
"""How a batch of each kind is judged; `accounts` is judged whole, as a folder."""
READ = {"messages": ("text",), "dialogues": ("text",), "sites": ("host", "url"), "callers": CALLER_COLUMNS}
"""The columns of each kind, which may stand there once."""
_NODES, _MOVES = ("nodeid",), ("sourceNodeId", "targetNodeId", "value", "time")


def _accounts(folder: Path, told: Share) -> Iterator[tuple[pa.RecordBatch, Scores]]:
    if not folder.is_dir():
        raise MissingFile(
            f"{folder}: expected a folder with nodes and transactions (.csv, .csv.gz or .parquet)"
        )
    files = {name: find_table(folder, name) for name in ("nodes", "transactions")}
    nodes, moves = read_whole(files["nodes"], _NODES), read_whole(files["transactions"], _MOVES)
    told(1 / 3)
    unknown = np.full(moves.num_rows, np.nan)
    found, rows = account_moves(
        _plain(nodes, "nodeid", files["nodes"]),
        _plain(moves, "sourceNodeId", files["transactions"]),
        _plain(moves, "targetNodeId", files["transactions"]),
        numbers(moves["value"]) if "value" in moves.column_names else unknown,
        moments(moves["time"]) if "time" in moves.column_names else unknown,
    )  # fmt: skip
    told(2 / 3)
    probability = Trees.load("accounts").score(account_matrix(found)[rows])
    start = 0
    for batch in nodes.to_batches() or [pa.RecordBatch.from_pylist([], nodes.schema)]:
        yield batch, (probability[start : start + batch.num_rows], ["other"] * batch.num_rows)
        start += batch.num_rows


def _texts(batch: pa.RecordBatch | pa.Table, name: str, source: Path) -> Any:
    """The column as it is if it is a dictionary of strings, else as large strings.

    Errors: MissingColumn, WrongType, UnreadableFile for what is not UTF-8.
    """
    if name not in batch.schema.names:
        raise _missing(source, name, batch.schema.names)
    column = batch.column(name)
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    try:
        column.validate(full=True)
        if pa.types.is_dictionary(column.type):
            if pa.types.is_string(column.type.value_type) or pa.types.is_large_string(column.type.value_type):
                return column
            column = column.dictionary_decode()
        if pa.types.is_floating(column.type) or pa.types.is_decimal(column.type):
            # As numbers of accounts are stored where some are absent: else 6222… is 6.222e+15.
            with contextlib.suppress(pa.ArrowInvalid):
                column = column.cast(pa.int64())
        return column.cast(pa.large_string())
    except pa.ArrowNotImplementedError:
        raise WrongType(f"{source}: column {name}: expected str, found {column.type}") from None
    except pa.ArrowInvalid as error:
        raise UnreadableFile(f"{source}: column {name}: expected text in UTF-8; {error}") from error


def _plain(table: pa.Table, name: str, source: Path) -> pa.Array:
    column = _texts(table, name, source)
    return (
        (column.dictionary_decode() if pa.types.is_dictionary(column.type) else column)
        .cast(pa.large_string())
        .fill_null("")
    )


def _missing(source: Path, expected: str, found: list[str]) -> MissingColumn:
    return MissingColumn(f"{source}: expected column {expected}; found {', '.join(found) or 'none'}")
