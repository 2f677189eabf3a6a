"""Every setting is documented, and a wrong one is refused with its name."""

from __future__ import annotations

import re
from collections.abc import Callable
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


WRONG = [
    ("QINGDUN_IDLE_MINUTES", "0", environment.number, "expected a whole number from 1 to 1,440"),
    ("QINGDUN_IDLE_MINUTES", "9" * 5000, environment.number, "expected a whole number from 1 to 1,440"),
    ("QINGDUN_CONTEXT_DAYS", "soon", environment.days, "found 'soon', expected a whole number"),
    ("QINGDUN_ORIGINS", "console.example", environment.origins, "found 'console.example', expected such as"),
    ("QINGDUN_ALLOWED_HOSTS", " , ", environment.names, "found nothing, expected"),
    ("QINGDUN_SITES_LISTEN", "localhost:53", environment.endpoints, "found 'localhost:53', expected such as"),
    ("QINGDUN_SITES_LISTEN", "127.0.0.1:99999", environment.endpoints, "expected such as 127.0.0.1:5300"),
    ("QINGDUN_SITES_TARGET", "page.example", environment.ip_addresses, "expected an IP address"),
    ("QINGDUN_SITES_ZONE", "a..b", environment.domain, "expected a name such as"),
    ("QINGDUN_EVENTS_URL", "8001", environment.events_address, "found '8001', expected :port/path"),
]


@pytest.mark.parametrize(("name", "value", "read", "says"), WRONG)
def test_what_no_console_could_work_with_is_refused(
    name: str, value: str, read: Callable[[str], object], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(name)
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"{name}: .*{says}"):
        read(name)


def test_a_number_that_is_read_late_is_checked_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [variable for variable in environment.VARIABLES if variable.default.isdecimal()]
    assert {variable.name for variable in numbers if not variable.within} == {"QINGDUN_DEMO", "QINGDUN_DEBUG",
        "QINGDUN_CITY", "QINGDUN_SITES_APPEAL"}  # fmt: skip
    environment.check_numbers()
    monkeypatch.setenv("QINGDUN_OFFER_SECONDS", "a minute")
    with pytest.raises(ConfigurationError, match="QINGDUN_OFFER_SECONDS: found 'a minute'"):
        environment.check_numbers()


@pytest.mark.parametrize("address", [":8001/events", "/events", "https://console.example/events"])
def test_every_form_of_the_event_stream_s_address_is_taken(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QINGDUN_EVENTS_URL", address)
    assert environment.events_address("QINGDUN_EVENTS_URL") == address


def test_a_folder_that_cannot_be_written_into_is_named(tmp_path: Path) -> None:
    assert storage.folder(str(tmp_path / "new" / "var")).is_dir()
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "var", Path("/proc/var")):
        with pytest.raises(ConfigurationError, match=f"QINGDUN_VAR: {path}: expected a folder"):
            storage.folder(str(path))


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
    with pytest.raises(ConfigurationError, match="found mysql://…, expected a path or postgres://"):
        storage.database("mysql://host/qd", tmp_path)
    with pytest.raises(ConfigurationError, match=r"QINGDUN_DATABASE: Port .* expected a path or postgres://"):
        storage.database("postgres://host:many/qd", tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigurationError, match=r"QINGDUN_DATABASE: .*file: expected a folder for it"):
        storage.database(str(tmp_path / "file" / "qd.sqlite3"), tmp_path)
