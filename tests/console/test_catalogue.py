"""Everything a person reads has its Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from qingdun import errors
from qingdun.console import catalogue

PARTS = sorted(catalogue.PARTS)
PLACEHOLDER = re.compile(r"%\(\w+\)[-+ .0-9]*[a-z]|%%")

CONSOLE = catalogue.HERE
REFUSALS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, (errors.InputError, errors.RefusedError))
}
ON_THE_COMMAND_LINE = {
    ("kernel/actions.py", "create_first_administrator"),
    ("alerts/acting.py", "by_engine"),
}
"""Refusals that no page shows: they end a command, or the engine's own act."""
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext"}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_message_is_translated(part: Path) -> None:
    known = catalogue.read(part)
    used = {message if isinstance(message, str) else message[0] for message in catalogue.messages(part)}
    found = {
        message.id if isinstance(message.id, str) else message.id[0]: message
        for message in known
        if message.id
    }
    assert sorted(used - found.keys()) == [], "run python -m qingdun.console.catalogue, then translate"
    assert sorted(found.keys() - used) == [], "run python -m qingdun.console.catalogue"
    lacking = [key for key, message in found.items() if not message.string or message.fuzzy]
    assert lacking == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_translations_keep_their_placeholders(part: Path) -> None:
    for message in catalogue.read(part):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for string in strings if message.id else ():
            assert sorted(PLACEHOLDER.findall(string)) == sorted(PLACEHOLDER.findall(ids[-1])), ids[0]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_templates_hold_no_bare_chinese(part: Path) -> None:
    """Words stand in the catalogue; the marks of the house (盾, 清盾) are drawings."""
    bare = re.compile(r"[\u4e00-\u9fff]+")
    for source in catalogue.PARTS[part]:
        for path in source.rglob("*.html") if source.is_dir() else ():
            text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", path.read_text("utf-8"), flags=re.DOTALL)
            assert set(bare.findall(text)) <= {"盾", "清盾"}, path.name


def refusals() -> Iterator[tuple[str, int, str, ast.expr]]:
    """File, line, function and words of every refusal that is raised or returned in the console."""
    for path in sorted(CONSOLE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for call in ast.walk(function):
                    named = isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
                    if named and call.func.id in REFUSALS and call.args:  # type: ignore[attr-defined]
                        yield (
                            str(path.relative_to(CONSOLE)), call.lineno, function.name, call.args[0],  # type: ignore[attr-defined]
                        )  # fmt: skip


def test_every_refusal_goes_through_gettext() -> None:
    found = list(refusals())
    assert len(found) > 80
    bare = [
        f"{file}:{line}"
        for file, line, function, words in found
        if not file.endswith("/demo.py")
        and (file, function) not in ON_THE_COMMAND_LINE
        and any(_written_here(words))
    ]
    assert not bare, f"say it through gettext, as a page may show it: {bare}"


def _written_here(words: ast.expr) -> Iterator[ast.AST]:
    """Parts of the words that are written in the code and not handed to gettext."""
    if isinstance(words, ast.JoinedStr) or (isinstance(words, ast.Constant) and isinstance(words.value, str)):
        yield words
    elif isinstance(words, ast.BinOp):
        yield from _written_here(words.left)
    elif isinstance(words, ast.IfExp):
        yield from _written_here(words.body)
        yield from _written_here(words.orelse)
    elif isinstance(words, ast.Call):
        name = words.func.id if isinstance(words.func, ast.Name) else ""
        if name in GETTEXT and not isinstance(words.args[0], ast.Constant):
            yield words
