from __future__ import annotations

from pathlib import Path

from qingdun.contract.drawing import draw
from qingdun.contract.tables import TABLES

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"


def test_the_page_of_formats_is_current() -> None:
    assert PAGE.read_text("utf-8") == draw()


def test_every_column_says_what_it_means() -> None:
    assert [f"{t.name}.{c.name}" for t in TABLES.values() for c in t.columns if not c.doc] == []
