"""A module of the console is entered through its `actions` and its `queries` (style rule 4): what else may be
imported from outside stands here, each name with its reason. docs/architecture.md repeats the list.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import qingdun.console

ROOT = Path(qingdun.console.__path__[0])
ENTRANCES = ("actions", "queries")
SHARED = {
    "alerts.access": "whose a task is: every row that hangs on a task is narrowed by this one rule",
    "alerts.codes": "the contract's closed lists with the words the pages show",
    "alerts.states.State": "the states of a task with their words, for filters and ledgers",
    "alerts.rules.checklist": "the steps of a visit with their words, which the receipt prints",
    "alerts.entities": "queries of the entity page, in a file of their own for their length",
    "alerts.suspects": "queries of suspects, in a file of their own for their length",
    "alerts.unattended": "reads with no viewer, for what happens without anybody's click",
    "assessment.unattended": "the same of rankings and listings",
    "cases.unattended": "the same of incidents",
    "duty.unattended": "the same of rosters",
    "lists.candidates.Candidate": "what somebody wants on a list, as its action takes it",
    "lists.candidates.Piece": "the same: a piece of evidence that comes with it",
    "lists.reading.read_candidates": "files of candidates, which others send in the lists' own form",
    "lists.reading.written_end": "the same: the end of a term as those files name it",
    "lists.codes.Source": "the same: where the proposal comes from",
    "lists.unattended": "the same of entries, for whoever is outside and has no account",
    "outreach.unattended": "the same of enterprises",
    "whereabouts.unattended": "the same of where a person probably is",
}
MODULES = sorted(
    path.name for path in ROOT.iterdir() if (path / "models.py").exists() or (path / "urls.py").exists()
)
OTHERS = [name for name in MODULES if name != "kernel"]
VIEWLESS = (
    "unattended", "ticking", "opening", "planning", "reminding", "raising", "listing", "lapsing", "reckoning",
    "outside",
)  # fmt: skip
"""Files that work for nobody's page, or in whose hands a warning already is, or that count the whole city and
must count the same whoever asks, or that answer people without an account.
"""


def sources(module: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / module).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each name taken from the console, dotted without the project's, and what it is called here."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qingdun.console"):
            base = (node.module or "").removeprefix("qingdun.console").strip(".")
            for name in node.names:
                yield f"{base}.{name.name}".strip("."), name.asname or name.name
        elif isinstance(node, ast.Import):
            for name in node.names:
                if name.name.startswith("qingdun.console."):
                    yield name.name.removeprefix("qingdun.console."), name.asname or name.name


def foreign(module: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Those names that belong to another module; the kernel is everybody's."""
    for dotted, here in imported(tree):
        owner = dotted.split(".")[0]
        if owner in OTHERS and owner != module:
            yield dotted, here


def is_open(dotted: str) -> bool:
    parts = dotted.split(".")
    steps = {".".join(parts[:number]) for number in range(2, len(parts) + 1)}
    return (len(parts) > 1 and parts[1] in ENTRANCES) or bool(steps & set(SHARED))


def test_the_walk_finds_the_modules() -> None:
    assert {"alerts", "cases", "lists", "sms", "duty", "whistles", "care", "funds", "kernel"} <= set(MODULES)


@pytest.mark.parametrize("module", OTHERS)
def test_a_module_is_entered_through_its_actions_and_queries(module: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {dotted}"
        for path, tree in sources(module)
        for dotted, _here in foreign(module, tree)
        if not is_open(dotted)
    ]
    assert wrong == []


def test_the_kernel_knows_no_module() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {dotted}"
        for path, tree in sources("kernel")
        for dotted, _here in foreign("kernel", tree)
    ]
    assert wrong == []


@pytest.mark.parametrize("module", MODULES)
def test_nobody_reads_or_writes_the_tables_of_another_module(module: str) -> None:
    """A class may be imported to say what a query gives; its manager is its own module's."""
    wrong = []
    for path, tree in sources(module):
        names = {here for _dotted, here in foreign(module, tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager"):
                owner = node.value
                if isinstance(owner, ast.Name | ast.Attribute) and root_of(owner) in names:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("get_model"):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def root_of(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("module", MODULES)
def test_reads_without_a_viewer_are_no_page_s(module: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {dotted}"
        for path, tree in sources(module)
        for dotted, _here in foreign(module, tree)
        if ".unattended" in dotted and path.stem not in VIEWLESS
    ]
    assert wrong == []


def test_every_shared_name_is_used_and_written_down() -> None:
    used = {
        dotted
        for module in OTHERS
        for _path, tree in sources(module)
        for dotted, _here in foreign(module, tree)
    }
    page = Path(__file__).parents[2].joinpath("docs", "architecture.md").read_text("utf-8")
    for name in SHARED:
        assert any(dotted == name or dotted.startswith(f"{name}.") for dotted in used), name
        assert f"`{name}`" in page, name
