"""docs/formats.md, drawn from the contract: `python -m qingdun.contract.drawing > docs/formats.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from qingdun.contract.columns import LONGEST, Column, Table
from qingdun.contract.tables import FLOWS, OPTIONAL_REFERENCES, REQUIRED_REFERENCES, RESULTS, TRUTH

_INTRODUCTION = f"""# Formats

Drawn from `src/qingdun/contract/tables.py`; do not edit by hand.

A **flow directory** holds one file a table, Parquet or Arrow IPC (`calls.parquet`, `calls.arrow`), or a
folder of that name with many files. Strings may be string, large_string or dictionary; timestamps carry any
zone and unit and are kept as UTC microseconds; money is fen. A string is text in UTF-8 without NUL
characters, of at most {LONGEST} characters unless its column says otherwise. A time lies in the years 2000
to 2099 (UTC), a day in 1900 to 2099, and a fraction is finite. A table stands there once, and so does each
of its columns. Unknown columns are ignored, absent optional ones filled with nulls, a wrong type is refused
with file, column, expected and found. A bad row goes to `rejects` with its reason, alone. Subscribers'
numbers are E.164 with `+`, short codes bare digits; a presented caller or sender may be anything and is kept
as evidence.
"""


def draw() -> str:
    """The page as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    yield from _section("Flows", "All four must be there.", FLOWS)
    yield from _section("Reference tables that must be there", "", REQUIRED_REFERENCES)
    yield from _section("Reference tables that may be absent", "", OPTIONAL_REFERENCES)
    yield from _section("Truth", "For evaluation; the engine never reads it.", [TRUTH])
    yield from _section("What the engine writes", "", RESULTS)


def _section(title: str, words: str, tables: Iterable[Table]) -> Iterator[str]:
    yield f"## {title}\n"
    if words:
        yield f"{words}\n"
    for table in tables:
        yield f"### {table.name}\n\n{table.doc}\n"
        yield "| column | type | null | meaning |\n|---|---|---|---|"
        yield from (
            f"| {c.name} | {_type(c)} | {'yes' if c.optional else ''} | {_meaning(c)} |"
            for c in table.columns
        )
        yield ""


def _type(column: Column) -> str:
    text = str(column.type)
    if text.startswith("list<item: struct"):
        return "list of structs"
    return text.replace("<item: string>", " of strings").replace("timestamp[us, tz=UTC]", "timestamp, UTC µs")


def _meaning(column: Column) -> str:
    parts = [column.doc]
    if column.codes:
        parts.append("One of " + ", ".join(f"`{code}`" for code in column.codes) + ".")
    if column.rule is not None and column.rule.expected:
        parts.append(f"Must be {column.rule.expected}.")
    if column.most != LONGEST:
        parts.append(f"At most {column.most:,} characters.")
    return " ".join(parts).replace("|", "\\|")


if __name__ == "__main__":
    click.echo(draw(), nl=False)
