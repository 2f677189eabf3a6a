"""What the examples in docstrings print is what they say."""

from __future__ import annotations

import doctest
import io
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path

import pytest
from django.utils.translation import override

import qingdun

PACKAGE = Path(qingdun.__file__).parent
FILES = sorted(path for path in PACKAGE.rglob("*.py") if ">>>" in path.read_text("utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_examples_are_true(path: Path) -> None:
    name = ".".join(("qingdun", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    said = io.StringIO()
    with redirect_stdout(said), override("zh-hans"):
        done = doctest.testmod(import_module(name))
    assert done.failed == 0, said.getvalue()
    assert done.attempted > 0
