"""The command line as people use it: exit codes, one-line errors, and the pipeline from end to end."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from qingdun.cli import main
from qingdun.contract.tables import ALERTS, REJECTS, SUSPECTS

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["qingdun", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("city") / "flows"
    words = [
        "qingdun",
        "simulate",
        "--population",
        "2000",
        "--seed",
        "5",
        "--attack-rate",
        "0.02",
        str(folder),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 0
    return folder


def test_simulate_detect_and_evaluate_follow_each_other(run: Run, flows: Path, tmp_path: Path) -> None:
    found = tmp_path / "found"
    code, out, _ = run("detect", flows, "--out", found)
    assert code == 0
    assert "events in" in out
    for table in (ALERTS, SUSPECTS, REJECTS):
        assert pq.read_schema(found / f"{table.name}.parquet").equals(table.schema)
    code, out, _ = run("evaluate", flows, found)
    assert code == 0
    assert "recall before the first transfer" in out
    assert " of " in out
    code, _, _ = run("evaluate", flows, found, "--json", tmp_path / "measures.json")
    assert code == 0
    assert json.loads((tmp_path / "measures.json").read_text("utf-8"))


def test_every_command_explains_itself(run: Run) -> None:
    commands = ["simulate", "detect", "evaluate", "score", "train", "refit", "serve", "ingest"]
    commands += ["administrator", "audit", "purge", "tick", "send", "evaluate-dispatch", "refit-dispatch"]
    for command in commands:
        code, out, _ = run(command, "--help")
        assert code == 0
        assert "Usage: qingdun" in out


def test_the_list_of_commands_cuts_no_sentence_off(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "..." not in out.partition("Commands:")[2]
    assert "Compare the alerts and suspects in RESULTS with the truth" in " ".join(out.split())


def test_the_order_of_tasks_is_judged_with_a_table_made_anew(run: Run, tmp_path: Path) -> None:
    small = ("--population", "2000", "--attack-rate", "0.03", "--seeds", "1")
    table, report = tmp_path / "table.json", tmp_path / "report.json"
    code, out, _ = run("refit-dispatch", *small, "--out", table)
    assert code == 0
    assert "seeds 101 to 101" in out
    code, out, _ = run("evaluate-dispatch", *small, "--officers", "1,2", "--table", table, "--out", report)
    assert code == 0
    assert "lost a day on average without us" in out
    found = json.loads(report.read_text("utf-8"))
    assert list(found["officers"]) == ["1", "2"]
    assert set(found["officers"]["2"]) == {"first_come", "by_level", "priority"}
    assert found["population"] == 2000


@pytest.mark.parametrize("officers", ["five", "0", "3,,4", "-1"])
def test_wrong_numbers_of_officers_are_refused(run: Run, tmp_path: Path, officers: str) -> None:
    code, _, err = run("evaluate-dispatch", f"--officers={officers}", "--out", tmp_path / "x.json")
    assert code == 2
    assert repr(officers) in err


def damaged(flows: Path, tmp_path: Path, file: str, content: bytes | None) -> Path:
    copy = tmp_path / "damaged"
    copy.mkdir()
    for path in flows.iterdir():
        (copy / path.name).symlink_to(path)
    (copy / file).unlink()
    if content is not None:
        (copy / file).write_bytes(content)
    return copy


DAMAGES = [
    ("calls.parquet", None, "needs calls.parquet"),
    ("visits.parquet", b"", "the file is empty"),
    ("transfers.parquet", b"PAR1 and nothing more", "not a whole Parquet file"),
]


@pytest.mark.parametrize(("file", "content", "words"), DAMAGES)
def test_a_damaged_directory_is_one_line_and_exit_code_2(
    run: Run, flows: Path, tmp_path: Path, file: str, content: bytes | None, words: str
) -> None:
    code, out, err = run("detect", damaged(flows, tmp_path, file, content), "--out", tmp_path / "found")
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


WRONG = [
    (["simulate", "--city", "000000", "out"], 2, "cities that ship: 441800"),
    (["simulate", "--scams", "police,theft", "out"], 2, "expected some of"),
    (["simulate", "--population", "0", "out"], 2, "population"),
    (["detect", "nowhere", "--out", "found"], 2, "no such folder"),
    (["detect", "nowhere"], 2, "--out"),
    (["detect", "nowhere", "--out", "found", "--weights", "none.json"], 2, "No such file"),
    (["simulate", "--seed", "-1", "out"], 2, "seed"),
    (["simulate", "--population", "100", "/proc/x"], 2, "/proc/x"),
    (["score", "letters", "in.csv", "--out", "out.csv"], 2, "is not one of"),
    (["score", "messages", "nowhere.csv", "--out", "out.csv"], 2, "nowhere.csv"),
    (["evaluate", "nowhere", "found"], 2, "no such folder"),
    (["train", "messages", "--data", "nowhere", "--out", "model"], 2, "nowhere"),
    (["unheard-of"], 2, "No such command"),
]


@pytest.mark.parametrize(("words", "expected", "says"), WRONG)
def test_wrong_input_has_a_clear_end(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], expected: int, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = run(*words)
    assert code == expected
    assert says in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())
    assert "Traceback" not in err


def test_results_of_another_city_are_refused(run: Run, flows: Path, tmp_path: Path) -> None:
    other, found = tmp_path / "other", tmp_path / "found"
    assert run("simulate", "--population", "2000", "--seed", "6", "--attack-rate", "0.02", other)[0] == 0
    assert run("detect", other, "--out", found)[0] == 0
    code, out, _ = run("detect", other, "--out", found)
    assert (code, "(overwritten)" in out) == (0, True)
    code, out, err = run("evaluate", flows, found)
    assert (code, out) == (2, "")
    assert "results of other flows" in err


def test_a_database_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QINGDUN_", "DJANGO_"))}
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"postgres://someone@127.0.0.1:{nobody.getsockname()[1]}/qingdun"
        environment = {"QINGDUN_VAR": str(tmp_path), "QINGDUN_DATABASE": address, "QINGDUN_DEMO": "1"}
        command = [sys.executable, "-m", "qingdun.cli", "audit", "verify"]
        done = subprocess.run(
            command, env=kept | environment, capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith("qingdun: the database does not answer")
    assert done.stderr.count("\n") == 1


def test_debug_shows_the_trace(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["qingdun", "detect", "nowhere", "--out", "x", "--debug"])
    with pytest.raises(Exception, match="no such folder"):
        main()
