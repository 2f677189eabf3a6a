"""No cell of a CSV is calculated by a spreadsheet, and every CSV of the console is written in one place."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import pytest

import qingdun.console
from qingdun.console.kernel.spreadsheets import FORMULA, csv_lines

CONSOLE = Path(qingdun.console.__path__[0])


@pytest.mark.parametrize("first", sorted({*FORMULA, "＝", "＋", "－", "＠", "\n"}))
def test_what_begins_like_a_formula_stands_behind_an_apostrophe(first: str) -> None:
    cell = f'{first}HYPERLINK("x")'
    text = "".join(csv_lines([["名称"], [cell, 1, -2.5, None, "清远, \n城"]]))
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert rows == [["名称"], [f"'{cell}", "1", "-2.5", "", "清远, \n城"]]


def test_nothing_else_of_the_console_writes_csv() -> None:
    writers = {
        str(path.relative_to(CONSOLE))
        for path in CONSOLE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter")
        if isinstance(node.value, ast.Name) and node.value.id == "csv"
    }
    assert writers == {"kernel/spreadsheets.py"}
