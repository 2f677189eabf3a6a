"""Numbers that describe a caller and an account, from the tables that `score` and `train` are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]

CALLER_COLUMNS = (
    "opposite_count", "opposite_unique", "voccalltype1", "imeis", "voc_calltype1", "city_name_call",
    "county_name_call", "phone2opposite_mean", "phone2opposite_median", "phone2opposite_max",
    "phone2oppo_sum_mean", "phone2oppo_sum_median", "phone2oppo_sum_max", "call_dur_mean",
    "call_dur_median", "call_dur_max", "call_dur_min", "city_name_nunique", "county_name_nunique",
    "calltype_id_unique", "voc_hour_mode", "voc_hour_mode_count", "voc_hour_nunique", "voc_day_mode",
    "voc_day_mode_count", "voc_day_nunique", "sms_count", "sms_nunique", "sms_rate", "calltype_2",
    "calltype_rate", "hour_mode", "hour_mode_count", "hour_nunique", "day_mode", "day_mode_count",
    "day_nunique",
)  # fmt: skip

CALLER_RATIOS = {
    "strangers": ("opposite_unique", "opposite_count"),
    "outgoing_share": ("voccalltype1", "opposite_count"),
    "calls_a_day": ("opposite_count", "voc_day_nunique"),
    "numbers_a_day": ("opposite_unique", "voc_day_nunique"),
    "calls_in_busiest_day": ("voc_day_mode_count", "opposite_count"),
    "calls_in_busiest_hour": ("voc_hour_mode_count", "opposite_count"),
    "hours_a_day": ("voc_hour_nunique", "voc_day_nunique"),
    "imeis_a_day": ("imeis", "voc_day_nunique"),
    "calls_to_favourite": ("phone2opposite_max", "opposite_count"),
    "counties_a_number": ("county_name_nunique", "opposite_unique"),
    "mean_to_median_length": ("call_dur_mean", "call_dur_median"),
    "longest_to_mean_length": ("call_dur_max", "call_dur_mean"),
    "messages_a_call": ("sms_count", "opposite_count"),
    "message_strangers": ("sms_nunique", "sms_count"),
    "messages_a_day": ("sms_count", "day_nunique"),
    "messages_in_busiest_hour": ("hour_mode_count", "sms_count"),
    "messages_in_busiest_day": ("day_mode_count", "sms_count"),
    "messages_received_share": ("calltype_2", "sms_count"),
}
"""What a trees' threshold cannot see by itself: one column over another."""
CALLER_FEATURES = (*CALLER_COLUMNS, *CALLER_RATIOS)


def numbers(column: pa.Array | pa.ChunkedArray) -> Floats:
    """The column as floats; what is no number, or absent, is NaN."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = pc.utf8_trim_whitespace(column)
        like = pc.match_substring_regex(column, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
        column = pc.if_else(like, column, pa.scalar(None, column.type))
        column = pc.utf8_ltrim(column, "+")
    values = column.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(values), values, np.nan)


def caller_matrix(table: pa.Table | pa.RecordBatch) -> Floats:
    """One row a caller: the `CALLER_COLUMNS` of the table, NaN where absent."""
    x = np.full((table.num_rows, len(CALLER_COLUMNS)), np.nan)
    for number, name in enumerate(CALLER_COLUMNS):
        if name in table.schema.names:
            x[:, number] = numbers(table.column(name))
    return x


def with_ratios(x: Floats) -> Floats:
    """`CALLER_FEATURES` of rows of `CALLER_COLUMNS`; NaN where a ratio cannot be told."""
    at = {name: x[:, number] for number, name in enumerate(CALLER_COLUMNS)}
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.column_stack([at[over] / at[under] for over, under in CALLER_RATIOS.values()])
    return np.concatenate([x, np.where(np.isfinite(ratios), ratios, np.nan)], axis=1)


ACCOUNT_FEATURES = (
    "in_count", "out_count", "in_payers", "out_payees", "in_mean", "out_mean", "in_spread", "out_spread",
    "in_max_share", "out_max_share", "in_near_same", "out_near_same", "passed_on", "in_before_out",
    "burst_in", "burst_out", "span", "both_ways", "payers_in_mean", "payers_out_mean", "payees_in_mean",
    "payees_out_mean", "payers_once", "quick_pass", "cycle_3", "cycle_4", "steady_in", "opening_share",
    "payers_out_min", "in_least_rel", "out_least_rel", "payers_least_in", "payees_least_in",
    "payees_least_out",
)  # fmt: skip
"""Shares, counts, ratios and ranks only: amounts and units of time differ from source to source. Probes that
are passed on show in the last three: the smallest transfer that a payer received, and that a payee gets and
sends, as its rank among all transfers, 0 to 1.
"""


def account_matrix(
    nodes: pa.Array, source: pa.Array, target: pa.Array, value: Floats, time: Floats
) -> Floats:
    """One row a node, columns `ACCOUNT_FEATURES`: how money came and went; NaN where it never did.

    `source` and `target` name nodes; transfers of unknown nodes count for the known side. `time` in any unit.
    """
    names = pa.concat_arrays([nodes, source, target]).dictionary_encode()
    ids = names.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    n = len(names.dictionary)
    s, t = ids[len(nodes) : len(nodes) + len(source)], ids[len(nodes) + len(source) :]
    good = np.isfinite(value)
    s, t, value = s[good], t[good], value[good]
    time = np.where(np.isfinite(time[good]), time[good], 0.0)
    columns = dict(_side("in", t, s, value, time, n), **_side("out", s, t, value, time, n))
    columns |= _flow(s, t, value, time, n, columns)
    columns |= _neighbours(s, t, n, columns)
    columns |= _probes(s, t, value, n)
    x = np.column_stack([columns[name] for name in ACCOUNT_FEATURES])
    return np.asarray(np.where(np.isfinite(x), x, np.nan)[ids[: len(nodes)]])


def _side(name: str, me: Any, other: Any, value: Floats, time: Floats, n: int) -> dict[str, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        count = np.bincount(me, minlength=n).astype(float)
        total = np.bincount(me, value, n)
        mean = total / count
        spread = np.sqrt(np.maximum(np.bincount(me, value**2, n) / count - mean**2, 0)) / mean
        pairs = np.unique(me * n + other)
        partners = np.bincount(pairs // n, minlength=n).astype(float)
        largest, least = np.full(n, -np.inf), np.full(n, np.inf)
        np.maximum.at(largest, me, value)
        np.minimum.at(least, me, value)
        near = np.abs(value - mean[me]) <= 0.05 * mean[me]
        width = max(float(np.ptp(time)) / 30, 1e-9) if len(time) else 1.0
        slot, counts = np.unique(me * 64 + np.minimum(((time - time.min()) / width).astype(np.int64), 63)
                                 if len(time) else me, return_counts=True)  # fmt: skip
        burst = np.zeros(n)
        np.maximum.at(burst, slot // 64, counts)
        overall = float(np.median(value)) if len(value) else 1.0
        return {
            f"{name}_count": count,
            f"{name}_payers" if name == "in" else f"{name}_payees": partners / count,
            f"{name}_mean": mean / max(overall, 1e-9),
            f"{name}_spread": spread,
            f"{name}_max_share": largest / total,
            f"{name}_near_same": np.bincount(me, near, n) / count,
            f"{name}_least_rel": least / mean,
            f"burst_{name}": burst / count,
            f"{name}_total": total,
            f"{name}_first": _least(me, time, n),
            f"{name}_last": -_least(me, -time, n),
        }


def _least(me: Any, value: Floats, n: int) -> Floats:
    """The least value of each account's rows; infinite where it has none."""
    least = np.full(n, np.inf)
    np.minimum.at(least, me, value)
    return least


def _flow(s: Any, t: Any, value: Floats, time: Floats, n: int, c: dict[str, Floats]) -> dict[str, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        span = np.maximum(c["in_last"], c["out_last"]) - np.minimum(c["in_first"], c["out_first"])
        whole = max(float(np.ptp(time)), 1e-9) if len(time) else 1.0
        pairs = np.unique(s * n + t)
        back = np.isin(pairs, (pairs % n) * n + pairs // n)
        both = np.bincount(pairs // n, back, n) / np.maximum(np.bincount(pairs // n, minlength=n), 1)
        order = np.lexsort((time, t))
        arrived, when, amount = t[order], time[order], value[order]
        quick = np.zeros(n)
        key = arrived * 1e12 + (when - (time.min() if len(time) else 0)) / whole * 1e9
        at = (
            np.searchsorted(key, s * 1e12 + (time - (time.min() if len(time) else 0)) / whole * 1e9, "right")
            - 1
        )
        found = (at >= 0) & (arrived[np.maximum(at, 0)] == s) if len(at) else np.zeros(0, bool)
        gap = time - when[np.maximum(at, 0)] if len(at) else np.zeros(0)
        alike = (
            np.abs(value - amount[np.maximum(at, 0)]) <= 0.15 * np.maximum(value, 1e-9) if len(at) else found
        )
        hits = found & alike & (gap <= whole / 20)
        quick = np.bincount(s, hits, n) / np.maximum(c["out_count"], 1)
        return {
            "passed_on": c["out_total"] / c["in_total"],
            "in_before_out": (c["out_first"] - c["in_first"]) / whole,
            "span": span / whole,
            "both_ways": both,
            "quick_pass": quick,
            "steady_in": (c["in_last"] - c["in_first"]) / whole,
            "opening_share": c["in_count"] / np.maximum(c["in_count"] + c["out_count"], 1),
        }


def _neighbours(s: Any, t: Any, n: int, c: dict[str, Floats]) -> dict[str, Floats]:
    pairs = np.unique(s * n + t)
    a, b = pairs // n, pairs % n
    with np.errstate(divide="ignore", invalid="ignore"):
        payers, payees = np.bincount(b, minlength=n), np.bincount(a, minlength=n)
        least = np.full(n, np.inf)
        np.minimum.at(least, b, c["out_count"][a])
        ends = np.searchsorted(a, np.arange(n + 1))
        three, four = np.zeros(n), np.zeros(n)
        into: dict[int, set[int]] = {}
        for x, y in zip(a.tolist(), b.tolist(), strict=True):
            into.setdefault(y, set()).add(x)
        for node in range(n):
            first = b[ends[node] : ends[node + 1]][:50]
            sources = into.get(node)
            if not sources or not len(first):
                continue
            second = {y for x in first.tolist() for y in b[ends[x] : ends[x + 1]][:50].tolist()} - {node}
            three[node] = len(second & sources)
            before = {z for x in list(sources)[:50] for z in into.get(x, ())}
            four[node] = len(second & before)
        return {
            "payers_in_mean": np.bincount(b, c["in_count"][a], n) / payers,
            "payers_out_mean": np.bincount(b, c["out_count"][a], n) / payers,
            "payees_in_mean": np.bincount(a, c["in_count"][b], n) / payees,
            "payees_out_mean": np.bincount(a, c["out_count"][b], n) / payees,
            "payers_once": np.bincount(b, c["out_count"][a] == 1, n) / payers,
            "payers_out_min": least,
            "cycle_3": three,
            "cycle_4": four,
        }


def _probes(s: Any, t: Any, value: Floats, n: int) -> dict[str, Floats]:
    rank = np.argsort(np.argsort(value, kind="stable"), kind="stable") / max(len(value), 1)
    least_in, least_out = _least(t, rank, n), _least(s, rank, n)
    return {
        "payers_least_in": _least(t, least_in[s], n),
        "payees_least_in": _least(s, least_in[t], n),
        "payees_least_out": _least(s, least_out[t], n),
    }
