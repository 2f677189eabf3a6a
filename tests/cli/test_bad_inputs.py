"""Whatever is wrong ends in one line that says where, what was found and what was expected."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from qingdun.cli.program import app
from qingdun.errors import MissingFile

OURS = ("QINGDUN_", "DJANGO_")
KEY = {"QINGDUN_SECRET_KEY": "only-for-tests-" * 4}


def typed(*words: str | Path, **settings: str) -> tuple[int, str, str]:
    """What `qingdun` says to these words in a process of its own, with these settings and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(
        [sys.executable, "-m", "qingdun.cli", *map(str, words)], env=kept | settings,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


NUMBERS = [
    (("simulate", "--attack-rate", "nan", "out"), 2, "nan is not a valid number"),
    (
        ("simulate", "--start", "1970-01-01", "out"),
        2,
        "start 1970-01-01, days 1: expected days of the years",
    ),
    (("simulate", "--days", "99999", "out"), 2, "expected days of the years 2000 to 2099"),
    (("detect", "flows", "--out", "out", "--shards", "2"), 2, "--shards: found it without --engine spark"),
    (
        ("detect", "flows", "--out", "out", "--engine", "spark", "--replay", "2"),
        2,
        "--replay: found it beside",
    ),
    (("detect", "flows", "--out", "out", "--replay", "inf"), 2, "inf is not a valid number"),
    (("serve", "--host", "no-such-host.invalid", "--port", "18231"), 3, "is no address of this machine"),
]


@pytest.mark.parametrize(("words", "expected", "says"), NUMBERS)
def test_what_is_no_number_day_or_address_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], expected: int, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = typed(*words, QINGDUN_VAR=str(tmp_path / "var"), **KEY)
    assert (code, out) == (expected, ""), err
    assert says in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


NOWHERE = [
    ("fit-weights", "--out"),
    ("fit-weights", "--out", "weights.json", "--card"),
    ("evaluate-cities", "--page"),
    ("evaluate-texts", "--data", "data", "--page"),
    ("evaluate-sites", "--data", "data", "--page"),
    ("evaluate-tables", "--data", "data", "--page"),
    ("evaluate", "flows", "found", "--json"),
    ("refit", "flows", "found", "--out"),
    ("refit", "flows", "found", "--out", "weights.json", "--report"),
    ("compare", "champion", "challenger", "--json"),
    ("evaluate-dispatch", "--out"),
    ("refit-dispatch", "--out"),
    ("evaluate-calls", "--out"),
    ("evaluate-stops", "flows", "--out"),
    ("trace", "flows", "--payment", "p", "--out"),
]


@pytest.mark.parametrize("words", NOWHERE, ids=" ".join)
def test_a_file_that_could_not_be_written_at_the_end_is_refused_at_the_start(words: tuple[str, ...]) -> None:
    said = CliRunner().invoke(app, [*words, "no-such-folder/out"])
    assert said.exit_code == 2
    assert f"Invalid value for '{words[-1]}': no-such-folder: no such folder" in said.output


def test_a_page_that_is_not_there_is_refused_outside_a_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(app, ["evaluate-cities"])
    assert said.exit_code == 2
    assert "Invalid value for '--page': docs: no such folder" in said.output


def test_a_replay_that_is_not_there_is_refused_before_weights_are_fitted(tmp_path: Path) -> None:
    words = ["refit", "flows", "found", "--out", str(tmp_path / "new.json"), "--replay", "no-such-folder"]
    with pytest.raises(MissingFile, match="no-such-folder: no such folder"):
        CliRunner().invoke(app, words, catch_exceptions=False)


WEIGHTS = [[], {"detectors": []}, {"version": 1, "sum": {}, "thresholds": {}, "detectors": {"x": 3}}, "text"]


@pytest.mark.parametrize("content", WEIGHTS, ids=repr)
def test_a_file_that_holds_no_weights_is_named(tmp_path: Path, content: object) -> None:
    file = tmp_path / "weights.json"
    file.write_text(json.dumps(content))
    code, out, err = typed("detect", tmp_path, "--out", tmp_path / "out", "--weights", file)
    assert (code, out) == (2, "")
    assert err.startswith(f"qingdun: {file}: no weights of `qingdun refit` can be read: ")
    assert err.count("\n") == 1


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no database, but notes of some length " * 40)
    for path, what in ((file, "file is not a database"), (tmp_path, "unable to open database file")):
        code, out, err = typed(
            "audit", "verify", QINGDUN_VAR=str(tmp_path / "var"), QINGDUN_DATABASE=str(path), **KEY
        )
        assert (code, out) == (3, "")
        assert err == f"qingdun: {path}: no SQLite database that can be used: {what}\n"
    assert file.read_text().startswith("no database")
