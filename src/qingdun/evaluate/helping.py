"""The table of what is still to be saved, estimated from alerts whose outcome is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from qingdun.contract.codes import ScamType, Stage
from qingdun.dispatch.helping import KNOTS_MIN
from qingdun.evaluate.desk import MINUTE_US, Case

_LOSS_DOUBT, _COURSE_DOUBT = 40.0, 10.0
"""Alerts and payers' worth of the mean that a type of its own needs to be believed against."""


def estimate_helping(cases: Iterable[Case], drawn_from: str) -> dict[str, Any]:
    """The table as JSON: expected further loss by type and stage, and its course by type.

    Every alert of a person who was being scammed counts, with 0 if nothing more was paid. A type's mean loss
    is drawn towards the mean of all types at the same stage, its course towards that of all, the more so the
    fewer there are of it. Losses are cut at the 99th percentile, so that one fortune does not rule a type.
    """
    left: dict[tuple[str, str], list[int]] = defaultdict(list)
    course: dict[str, list[tuple[int, list[tuple[float, int]]]]] = defaultdict(list)
    for case in cases:
        if not case.scammed:
            continue
        for known in case.alerts:
            later = [
                ((at_us - known.alerted_at_us) / MINUTE_US, fen)
                for at_us, fen in case.payments
                if at_us > known.alerted_at_us
            ]
            total = sum(fen for _, fen in later)
            left[known.scam_type, known.stage].append(total)
            if total:
                course[known.scam_type].append((total, later))
    most = _quantile([total for totals in left.values() for total in totals if total], 0.99)
    held = {key: [min(total, most) for total in totals] for key, totals in left.items()}
    everybody = _course([row for rows in course.values() for row in rows])
    return {
        "drawn_from": drawn_from,
        "loss_fen": {kind: {stage: _loss(held, kind, stage) for stage in Stage} for kind in ScamType},
        "still": {kind: _drawn(course[kind], everybody) for kind in ScamType},
    }


def _loss(left: dict[tuple[str, str], list[int]], kind: str, stage: str) -> int:
    overall = _mean([total for totals in left.values() for total in totals], 0.0)
    of_stage = _drawn_mean([t for (_, s), totals in left.items() if s == stage for t in totals], overall)
    of_type = _drawn_mean([t for (k, _), totals in left.items() if k == kind for t in totals], overall)
    expected = of_stage * of_type / overall if overall else 0.0
    return round(_drawn_mean(left.get((kind, stage), []), expected))


def _drawn_mean(values: Sequence[int], towards: float) -> float:
    return (sum(values) + _LOSS_DOUBT * towards) / (len(values) + _LOSS_DOUBT)


def _course(rows: Sequence[tuple[int, list[tuple[float, int]]]]) -> list[float]:
    """Share still unpaid at each knot, every payer's loss counting the same."""
    if not rows:
        return [1.0 - place / (len(KNOTS_MIN) - 1) for place in range(len(KNOTS_MIN))]
    return [
        sum(sum(fen for minutes, fen in later if minutes > knot) / total for total, later in rows) / len(rows)
        for knot in KNOTS_MIN
    ]


def _drawn(rows: Sequence[tuple[int, list[tuple[float, int]]]], everybody: Sequence[float]) -> list[float]:
    own = _course(rows) if rows else everybody
    count = len(rows)
    return [
        round((count * mine + _COURSE_DOUBT * theirs) / (count + _COURSE_DOUBT), 4)
        for mine, theirs in zip(own, everybody, strict=True)
    ]


def _mean(values: Sequence[int], without: float) -> float:
    return sum(values) / len(values) if values else without


def _quantile(values: Sequence[int], share: float) -> int:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0
