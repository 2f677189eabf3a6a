"""What is compiled is never older than any of the code it was compiled from."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import qingdun
from qingdun import compiled

ROOT = Path(qingdun.__path__[0])
CALLEE = "from small.compiled import njit\n\n@njit(cache=True)\ndef one():\n    return {}\n"
CALLER = (
    "from small.bounds import BOUND\nfrom small.callee import one\nfrom small.compiled import njit\n\n"
    "@njit(cache=True)\ndef two():\n    return 10 * one() + BOUND\n\nprint(two())\n"
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A package of two files with compiled loops, and one with a constant."""
    package = tmp_path / "small"
    package.mkdir()
    shutil.copy(ROOT / "compiled.py", package)
    (package / "__init__.py").touch()
    (package / "callee.py").write_text(CALLEE.format(1), "utf-8")
    (package / "bounds.py").write_text("BOUND = 2\n", "utf-8")
    (package / "caller.py").write_text(CALLER, "utf-8")
    (package / "other.py").write_text("NOTHING = 0\n", "utf-8")
    return package


def told(package: Path) -> int:
    command = [sys.executable, "-m", "small.caller"]
    return int(subprocess.run(command, cwd=package.parent, check=True, capture_output=True).stdout)


def test_a_new_process_runs_the_loop_of_another_file_as_it_is_now(small: Path) -> None:
    assert told(small) == 12
    (small / "callee.py").write_text(CALLEE.format(3), "utf-8")
    assert told(small) == 32


def test_the_folder_is_named_after_all_that_is_compiled(small: Path) -> None:
    before = compiled.folder_name(small)
    (small / "other.py").write_text("NOTHING = 1\n", "utf-8")
    assert compiled.folder_name(small) == before
    (small / "bounds.py").write_text("BOUND = 4\n", "utf-8")
    assert compiled.folder_name(small) != before


def test_where_nobody_may_write_another_place_is_taken(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    places = [tmp_path / "file", tmp_path / "open"]
    assert compiled.cache_folder("compiled-1", places) == tmp_path / "open" / "compiled-1"
    assert compiled.cache_folder("compiled-1", places[:1]) is None


def test_a_folder_is_new_until_something_compiled_lies_in_it(tmp_path: Path) -> None:
    assert compiled.is_new(tmp_path)
    assert compiled.is_new(None)
    (tmp_path / "tiles_1").mkdir()
    (tmp_path / "tiles_1" / "kernels.count-1.py311.nbi").touch()
    assert not compiled.is_new(tmp_path)


def test_folders_of_long_ago_are_gone(tmp_path: Path) -> None:
    names = [f"compiled-{number}" for number in range(8)]
    for name in names:
        compiled.cache_folder(name, [tmp_path])
    assert len(list(tmp_path.iterdir())) < len(names)
    assert (tmp_path / names[-1]).is_dir()


def test_every_file_takes_njit_from_compiled() -> None:
    for path in ROOT.rglob("*.py"):
        if path == ROOT / "compiled.py" or b"numba" not in path.read_bytes():
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "numba" for name in names), path


def test_what_is_compiled_is_known() -> None:
    known = {path.relative_to(ROOT).as_posix() for path in compiled.sources(ROOT)}
    loops = {p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*.py") if b"njit(" in p.read_bytes()}
    assert loops | {"detect/text/fold.py", "detect/tiles/layout.py"} <= known
