"""Numbers that describe a caller, from the tables that `score` and `train` are given."""

from __future__ import annotations

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

_NUMBERS = (
    pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean, pa.types.is_null,
    pa.types.is_large_string,
)  # fmt: skip
"""Types whose values can be numbers."""
_NUMBER = r"^[+-]?(\d{1,3}(,\d{3})+(\.\d*)?|\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_MOMENT = (
    r"^(?P<year>\d{4})[-/](?P<month>0?[1-9]|1[0-2])[-/](?P<day>0?[1-9]|[12]\d|3[01])"
    r"(?:[Tt ]+(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]?\d)(?::(?P<second>[0-5]?\d(?:\.\d+)?))?"
    r" *(?:[Zz]|(?P<ahead>[+-]\d\d)(?::?(?P<minutes_ahead>\d\d))?)?)?$"
)
"""A date or time in ISO 8601, or as spreadsheets write it: 2026/1/5 8:30."""


def numbers(column: pa.Array | pa.ChunkedArray) -> Floats:
    """The column as floats; what is no number, or absent, is NaN.

    >>> numbers(pa.array(["1,234.5", " +7 ", "1,23", None])).tolist()
    [1234.5, 7.0, nan, nan]
    """
    column = _flat(column)
    if not any(is_kind(column.type) for is_kind in _NUMBERS):
        return np.full(len(column), np.nan)
    if pa.types.is_large_string(column.type):
        column = pc.utf8_trim_whitespace(column)
        like = pc.match_substring_regex(column, _NUMBER)
        column = pc.if_else(like, column, pa.scalar(None, column.type))
        column = pc.replace_substring(pc.utf8_ltrim(column, "+"), ",", "")
    values = column.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(values), values, np.nan)


def moments(column: pa.Array | pa.ChunkedArray) -> Floats:
    """The column as floats; of dates and times, if more of it are those, the microseconds since 1970, without
    a zone as UTC. What is neither, or absent, is NaN.

    >>> moments(pa.array(["1970-01-01T08:00:01+08:00", "", "1970/1/1 0:00:02", "3"])).tolist()
    [1000000.0, nan, 2000000.0, nan]
    """
    column = _flat(column)
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return numbers(column.cast(pa.timestamp("us"), safe=False).cast(pa.int64()))
    plain = numbers(column)
    count = np.isfinite(plain).sum()
    if not pa.types.is_large_string(column.type) or 2 * count >= len(plain):
        return plain
    written = _written_moments(pc.utf8_trim_whitespace(column))
    return written if np.isfinite(written).sum() > count else plain


def _written_moments(column: pa.Array) -> Floats:
    found = pc.extract_regex(column, _MOMENT)
    part = {field.name: numbers(pc.struct_field(found, field.name)) for field in found.type}
    known = np.isfinite(part["year"])
    told = {name: np.where(np.isfinite(values), values, 0) for name, values in part.items()}
    months = (told["year"] - 1970) * 12 + told["month"] - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + told["day"] - 1
    hours = days * 24 + told["hour"] - told["ahead"]
    minutes = hours * 60 + told["minute"] - np.copysign(told["minutes_ahead"], told["ahead"])
    return np.where(known, np.rint((minutes * 60 + told["second"]) * 1e6), np.nan)


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One array, no dictionary; strings of any kind as large ones."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    is_text = pa.types.is_string(column.type) or pa.types.is_string_view(column.type)
    return column.cast(pa.large_string()) if is_text else column


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
