from __future__ import annotations

from pathlib import Path

from qingdun.detect.catalogue import CATALOGUE, describe

PAGE = Path(__file__).parents[2] / "docs" / "detectors.md"
ANEW = "write it anew: python -m qingdun.detect.catalogue > docs/detectors.md"


def test_the_page_of_detectors_is_what_their_files_say() -> None:
    assert PAGE.read_text("utf-8") == describe(), ANEW


def test_every_detector_is_on_the_page() -> None:
    assert all(f"## `{kind.code}`" in describe() for kind in CATALOGUE)
