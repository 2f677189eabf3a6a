"""What is known of a trained model: what it learnt from, under which licence, and how well it does where."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as csv

from qingdun.errors import EmptyFile, MissingColumn, MissingExtra, MissingFile, UnreadableFile

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model's examples come from."""

    name: str
    licence: str
    rows: int


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model: its purpose, sources, measures on held-out rows and limits."""

    name: str
    purpose: str
    method: str
    sources: list[Source]
    measures: dict[str, dict[str, float]]
    """What was held out → measure → value."""
    limits: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """`<name>.card.json` and `<name>.card.md` are in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        plain = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (folder / f"{self.name}.card.json").write_text(plain + "\n", "utf-8")
        (folder / f"{self.name}.card.md").write_text(self.markdown(), "utf-8")

    def markdown(self) -> str:
        """The card as a page."""
        lines = [f"# Model card: {self.name}", "", self.purpose, "", self.method, "", "## Sources", ""]
        lines += ["| source | licence | rows |", "|---|---|---|"]
        lines += [f"| {source.name} | {source.licence} | {source.rows:,} |" for source in self.sources]
        names = list(dict.fromkeys(name for row in self.measures.values() for name in row))
        lines += ["", "## Measures on rows held out", "", "| held out | " + " | ".join(names) + " |"]
        lines += ["|---|" + "---|" * len(names)]
        for held_out, row in self.measures.items():
            lines.append(f"| {held_out} | " + " | ".join(_cell(row.get(name)) for name in names) + " |")
        lines += ["", "## Limits", "", *(f"- {limit}" for limit in self.limits), ""]
        return "\n".join(lines)


def measure(truth: Sequence[int] | npt.NDArray[Any], probability: Floats) -> dict[str, float]:
    """AUC, recall where 1 % and 0.1 % of ordinary rows are flagged, F1 at one half, Brier, calibration.

    >>> measure([0, 0, 1, 1], np.array([.1, .2, .8, .9]))["auc"]
    1.0
    """
    y, p = np.asarray(truth, bool), np.asarray(probability, float)
    ranks = _ranks(p)
    fraud, ordinary = int(y.sum()), int((~y).sum())
    auc = (ranks[y].sum() - fraud * (fraud + 1) / 2) / max(fraud * ordinary, 1)
    flagged = p >= 0.5
    hits = int((flagged & y).sum())
    return {
        "rows": float(len(y)),
        "fraud": float(fraud),
        "auc": round(float(auc), 4),
        "recall_at_1pct": round(_recall_at(y, p, 0.01), 4),
        "recall_at_0.1pct": round(_recall_at(y, p, 0.001), 4),
        "f1": round(2 * hits / max(int(flagged.sum()) + fraud, 1), 4),
        "brier": round(float(np.mean((p - y) ** 2)), 4),
        "calibration_error": round(_calibration_error(y, p), 4),
    }


def require_training() -> None:
    """The packages of the extra `train` are there. Errors: MissingExtra says how to install them."""
    for name in ("scipy.sparse", "sklearn.linear_model"):
        try:
            import_module(name)
        except ImportError as error:
            raise MissingExtra(
                f"training needs {name.split('.')[0]}, which is not installed: pip install 'qingdun[train]'"
            ) from error


def read_rows(path: Path, columns: Sequence[str]) -> pa.Table:
    """The CSV at `path`. Errors: MissingFile, EmptyFile, UnreadableFile, MissingColumn."""
    if not path.is_file():
        raise MissingFile(f"{path}: no such file; expected a CSV with the columns {', '.join(columns)}")
    if not path.stat().st_size:
        raise EmptyFile(f"{path}: the file is empty")
    try:
        table = csv.read_csv(path, parse_options=csv.ParseOptions(newlines_in_values=True))
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableFile(f"{path}: not a CSV file: {error}") from error
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise MissingColumn(f"{path}: no column {', '.join(missing)}; found {', '.join(table.column_names)}")
    return table


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return (
        f"{value:,.0f}" if value == int(value) and abs(value) > 1 else f"{value:.4f}".rstrip("0").rstrip(".")
    )


def _ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse]


def _recall_at(y: npt.NDArray[np.bool_], p: Floats, share: float) -> float:
    """Recall at the lowest threshold that flags at most `share` of the ordinary rows."""
    if not y.any() or y.all():
        return float("nan")
    ordinary = np.sort(p[~y])[::-1]
    allowed = int(share * len(ordinary))
    return float(np.mean(p[y] > ordinary[min(allowed, len(ordinary) - 1)]))


def _calibration_error(y: npt.NDArray[np.bool_], p: Floats) -> float:
    bins = np.minimum((p * 10).astype(int), 9)
    return float(
        sum(abs(p[bins == b].mean() - y[bins == b].mean()) * np.mean(bins == b) for b in np.unique(bins))
    )
