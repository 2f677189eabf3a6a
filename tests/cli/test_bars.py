"""Whatever can take longer than two seconds shows how far it is: on a terminal, and nowhere else."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import click
import pyarrow.parquet as pq
import pytest

from qingdun.cli.program import app, main

QUIET = {
    "tick": "goes on until it is stopped",
    "send": "goes on until it is stopped",
    "receive": "goes on until it is stopped",
    "receive-kafka": "goes on until it is stopped",
    "receive-token": "writes one line",
    "exchange connect": "writes one row",
    "intercept sites": "goes on until it is stopped",
    "intercept messages": "goes on until it is stopped",
    "intercept quarantine list": "reads one file of at most 10,000 texts",
    "intercept quarantine show": "reads one row",
    "intercept quarantine release": "marks a few rows",
    "intercept quarantine drop": "marks a few rows",
    "intercept look-ups": "goes on until it is stopped",
    "intercept token": "writes one line",
    "intercept calls": "goes on until it is stopped",
    "intercept announce": "asks a plane that runs, once",
    "intercept rehearse": "goes on until it is stopped",
    "intercept status": "counts rows of one indexed file",
    "intercept confirm": "writes one number",
}
"""Commands without a bar, and why."""

Run = Callable[..., tuple[int, str, str]]


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that can be typed, with its name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def test_every_option_says_what_it_is() -> None:
    silent = [
        f"{name} {option.opts[0]}"
        for name, command in commands(app)
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


def called(module: ModuleType, function: str) -> set[str]:
    """Names that a function of the module calls, and those that its own helpers call in turn."""
    bodies = {node.name: node for node in ast.parse(inspect.getsource(module)).body
              if isinstance(node, ast.FunctionDef)}  # fmt: skip
    found, waiting = set[str](), [function]
    while waiting:
        calls = [node.func for node in ast.walk(bodies[waiting.pop()]) if isinstance(node, ast.Call)]
        names = {one.id for one in calls if isinstance(one, ast.Name)} - found
        found |= names
        waiting += [name for name in names if name in bodies]
    return found


def test_every_command_that_can_take_long_shows_how_far_it_is() -> None:
    typed = dict(commands(app))
    assert len(typed) > 15
    without = set()
    for name, command in typed.items():
        assert command.callback is not None
        function = inspect.unwrap(command.callback)
        module = inspect.getmodule(function)
        assert module is not None
        if "bar" not in called(module, function.__name__):
            without.add(name)
    assert without == set(QUIET), "give it a bar, or say here why it is quick"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str | Path, terminal: bool) -> tuple[int, str, str]:
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "120")
        monkeypatch.delenv("NO_COLOR", raising=False)
        if terminal:
            monkeypatch.setenv("FORCE_COLOR", "1")  # the bar's sign that somebody looks
        else:
            monkeypatch.delenv("FORCE_COLOR", raising=False)
        monkeypatch.setattr(sys, "argv", ["qingdun", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small city with many scams, and beside it what the engine found in it."""
    folder = tmp_path_factory.mktemp("city") / "flows"
    for words in (
        ["simulate", "--population", "1000", "--seed", "5", "--attack-rate", "0.05", str(folder)],
        ["detect", str(folder), "--out", str(folder.parent / "found")],
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["qingdun", *words])
            with pytest.raises(SystemExit) as ended:
                main()
        assert ended.value.code == 0
    return folder


def settled(flows: Path) -> str:
    """The id of a payment that can be followed."""
    moved = pq.read_table(flows / "transfers.parquet").to_pylist()
    return next(str(row["transfer_id"]) for row in moved if row["phase"] == "settled")


CASES = [
    (("evaluate", "{flows}", "{found}"), "evaluating: comparing"),
    (("trace", "{flows}", "--payment", "{payment}"), "following payments"),
    (("score", "messages", "{flows}/messages.parquet", "--out", "{tmp}/out.csv"), "scoring messages"),
]


@pytest.mark.parametrize(("words", "says"), CASES, ids=[case[0][0] for case in CASES])
def test_a_bar_goes_to_the_terminal_alone(
    run: Run, flows: Path, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    places = {"flows": flows, "found": flows.parent / "found", "tmp": tmp_path, "payment": settled(flows)}
    filled = [word.format(**places) for word in words]
    code, seen, err = run(*filled, terminal=True)
    assert (code, says in err) == (0, True), err
    code, out, err = run(*filled, terminal=False)
    assert (code, err) == (0, "")
    assert out == seen


def test_an_error_under_a_bar_is_still_one_line(run: Run, flows: Path) -> None:
    code, out, err = run("trace", flows, "--payment", "no-such", terminal=False)
    assert (code, out) == (2, "")
    assert err == f"qingdun: {flows}: found no transfer 'no-such' that was settled\n"


def test_names_with_brackets_are_shown_as_they_are(run: Run, tmp_path: Path) -> None:
    """A bar's title is no markup: a folder may be called anything."""
    folder = tmp_path / "[red]"
    code, _, err = run("evaluate-stops", folder, terminal=True)
    assert code == 2
    assert "replaying: reading [red]" in err
