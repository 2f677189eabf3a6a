"""Every setting is documented, and a wrong one is refused with its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qingdun.console import environment, storage
from qingdun.errors import ConfigurationError

ROOT = Path(__file__).parents[3]
SOURCES = list((ROOT / "src/qingdun").rglob("*.py"))


def test_every_variable_the_code_names_is_in_the_table() -> None:
    named = {name for path in SOURCES for name in re.findall(r"\bQINGDUN_[A-Z_]+\b", path.read_text("utf-8"))}
    assert named == {variable.name for variable in environment.VARIABLES}


def test_documentation_holds_the_table_word_for_word() -> None:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    rows = re.findall(r"^\| `(QINGDUN_\w+)` \| (.*?) \| (.*) \|$", page, re.MULTILINE)
    expected = [(v.name, f"`{v.default}`" if v.default else "–", v.meaning) for v in environment.VARIABLES]
    assert rows == expected


def test_nothing_of_the_console_reads_the_environment_elsewhere() -> None:
    readers = [
        path.name
        for path in (ROOT / "src/qingdun/console").rglob("*.py")
        if re.search(r"os\.environ(\.get|\[)|getenv", path.read_text("utf-8"))
    ]
    assert readers == ["environment.py"]


@pytest.mark.parametrize(("read", "value"), [(environment.switch, "yes"), (environment.number, "-3")])
def test_wrong_value_is_refused_with_the_name(
    read: object, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QINGDUN_DEMO", value)
    with pytest.raises(ConfigurationError, match=f"QINGDUN_DEMO: found '{value}'"):
        read("QINGDUN_DEMO")  # type: ignore[operator]


def test_secret_key_is_made_once_in_demo_mode_and_demanded_otherwise(tmp_path: Path) -> None:
    made = storage.secret_key("", tmp_path / "var", demo=True)
    assert len(made) == 64
    assert storage.secret_key("", tmp_path / "var", demo=True) == made
    assert (tmp_path / "var/secret-key").stat().st_mode & 0o077 == 0
    assert storage.secret_key("", tmp_path / "var", demo=False) == made
    (tmp_path / "var/secret-key").write_text("")
    with pytest.raises(ConfigurationError, match="QINGDUN_SECRET_KEY is not set"):
        storage.secret_key("", tmp_path / "var", demo=False)
    with pytest.raises(ConfigurationError, match="shorter than 32"):
        storage.secret_key("short", tmp_path, demo=True)


def test_database_is_a_path_or_a_postgres_url(tmp_path: Path) -> None:
    assert storage.database("", tmp_path)["NAME"] == tmp_path / "qingdun.sqlite3"
    assert "journal_mode=WAL" in storage.database("", tmp_path)["OPTIONS"]["init_command"]
    found = storage.database("postgres://officer:p%40ss@db.example:5433/qd", tmp_path)
    parts = {key: found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "CONN_MAX_AGE")}
    assert parts == {
        "NAME": "qd",
        "USER": "officer",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "CONN_MAX_AGE": 0,
    }
    with pytest.raises(ConfigurationError, match="names no database"):
        storage.database("postgres://host", tmp_path)
