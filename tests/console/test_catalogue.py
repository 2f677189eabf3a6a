"""Everything a person reads has its Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo
from django.apps import apps
from django.contrib.admin.utils import label_for_field
from django.db.models import Model
from django.utils import translation

from qingdun import errors
from qingdun.console import catalogue
from qingdun.console.kernel.admin import site

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
CHINESE, LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]")
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "pgettext_lazy"}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_message_is_translated(part: Path) -> None:
    known = catalogue.read(part)
    used = {(message.text, message.context) for message in catalogue.messages(part)}
    found = {(words(message), message.context or ""): message for message in known if message.id}
    assert sorted(used - found.keys()) == [], "run python -m qingdun.console.catalogue, then translate"
    assert sorted(found.keys() - used) == [], "run python -m qingdun.console.catalogue"
    lacking = [key for key, message in found.items() if not message.string or message.fuzzy]
    assert lacking == []


def words(message: Message) -> str:
    """The English of it, in the singular."""
    return message.id if isinstance(message.id, str) else str(message.id[0])


def chinese(message: Message) -> str:
    """The Chinese of it; the language has one form."""
    return message.string if isinstance(message.string, str) else (message.string or [""])[0]


def test_no_message_has_two_translations() -> None:
    """All catalogues are one to Django, the later wins: the others' pages would say its word."""
    said: dict[tuple[str, str], dict[str, list[str]]] = {}
    for part in PARTS:
        for message in catalogue.read(part):
            if message.id:
                key = (words(message), message.context or "")
                said.setdefault(key, {}).setdefault(chinese(message), []).append(part.name)
    assert len(said) > 1000
    two = {key: found for key, found in said.items() if len(found) > 1}
    assert not two, "one Chinese where they mean the same, a context or plainer English where not"


def test_no_package_speaks_over_ours() -> None:
    """Packages stand before our modules among the apps, so what they say of the same words would win; what
    the kernel says wins over all.
    """
    theirs: dict[tuple[str, str], str] = {}
    for app in apps.get_app_configs():
        place = Path(app.path) / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"
        if catalogue.HERE not in place.parents and place.exists():
            with place.open("rb") as file:
                for message in read_mo(file):
                    theirs[words(message), message.context or ""] = chinese(message)
    assert len(theirs) > 500
    ours = [message for part in PARTS if part != catalogue.HERE for message in catalogue.read(part)]
    for message in catalogue.read(catalogue.HERE):
        theirs.pop((words(message), message.context or ""), None)
    over = {
        words(message): (chinese(message), said)
        for message in ours
        if (said := theirs.get((words(message), message.context or ""))) not in (None, chinese(message))
    }
    assert not over, "say it in other words, or as they do"


def test_contexts_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two meanings of one word are two messages, and each keeps its Chinese."""
    (tmp_path / "words.py").write_text('pgettext("figure", "Measure")\n_("Measure")\n', "utf-8")
    (tmp_path / "page.html").write_text(
        '{% load i18n %}{% translate "Go" context "to a page" %}'
        '{% blocktranslate context "of a case" %}Part{% endblocktranslate %}', "utf-8"
    )  # fmt: skip
    monkeypatch.setitem(catalogue.PARTS, tmp_path, (tmp_path,))
    monkeypatch.setattr(catalogue, "HERE", tmp_path)
    assert catalogue.update(tmp_path) == 4
    path = catalogue.catalogue_path(tmp_path)
    lines = path.read_text("utf-8")
    path.write_text(
        lines.replace(
            'msgctxt "figure"\nmsgid "Measure"\nmsgstr ""', 'msgctxt "figure"\nmsgid "Measure"\nmsgstr "指标"'
        ),
        "utf-8",
    )
    assert catalogue.update(tmp_path) == 3
    kept = {(words(one), one.context): chinese(one) for one in catalogue.read(tmp_path) if one.id}
    assert kept == {
        ("Measure", "figure"): "指标",
        ("Measure", None): "",
        ("Go", "to a page"): "",
        ("Part", "of a case"): "",
    }


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


def ours() -> list[type[Model]]:
    """Every model of the console's own apps."""
    own = [config for config in apps.get_app_configs() if config.name.startswith("qingdun.")]
    return [model for config in own for model in config.get_models()]


def not_chinese(words: object) -> bool:
    """Whether a Chinese page would show something else; `tasks` without a plural of its own is 任务s."""
    return not CHINESE.search(str(words)) or bool(LATIN.search(str(words)))


def test_every_model_has_its_names_in_chinese() -> None:
    with translation.override("zh-hans"):
        lacking = [
            f"{model.__module__}.{model.__name__}: {name} {str(words)!r}"
            for model in ours()
            for name in ("verbose_name", "verbose_name_plural")
            if not_chinese(words := getattr(model._meta, name))
        ]
    assert len(ours()) > 100
    assert not lacking, "name it in Meta through gettext, and translate it"


def test_the_back_office_names_every_field_in_chinese() -> None:
    """Whatever is registered there, in its lists and on the page of a row, with choices and hints."""
    seen, lacking = 0, []
    with translation.override("zh-hans"):
        for model, table in site._registry.items():
            hidden = set(table.exclude or ())
            shown = [f for f in model._meta.get_fields() if f.concrete and getattr(f, "editable", False)]
            names = {*map(str, table.list_display), *(f.name for f in shown if not f.auto_created)} - hidden
            for name in sorted(names):
                field = model._meta.get_field(name)
                words = [label_for_field(name, model, table), getattr(field, "help_text", "")]
                words += [label for _, label in getattr(field, "choices", None) or ()]
                lacking += [f"{model.__name__}.{name}: {one}" for one in words if one and not_chinese(one)]
                seen += 1
    assert seen > 30
    assert not lacking


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
