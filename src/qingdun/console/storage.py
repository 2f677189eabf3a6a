"""Where the console keeps things: the database from one setting, and the key that signs sessions."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from qingdun.errors import ConfigurationError

SQLITE_BUSY_S = 20
"""How long a SQLite connection waits for the writer before it gives up."""


def folder(path: str) -> Path:
    """The folder stands and can be written into. Errors: ConfigurationError."""
    found = Path(path)
    try:
        found.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=found):
            return found
    except OSError as error:
        raise ConfigurationError(
            f"QINGDUN_VAR: {found}: expected a folder that can be written into; {error.strerror}"
        ) from error


def database(address: str, folder: Path) -> dict[str, Any]:
    """Django's description of the database at `address`: a SQLite path, a postgres URL, or empty for the
    default file.

    Errors: ConfigurationError if the URL names no database, or a path can be none.
    """
    if "://" in address:
        return _postgres(address)
    path = Path(address) if address else folder / "qingdun.sqlite3"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"QINGDUN_DATABASE: {path.parent}: expected a folder for it; {error.strerror}"
        ) from error
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        # To open it costs more than most of what is asked of it: a thread keeps its connection.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A transaction takes the write lock at its start: none dies half-way because another one wrote
            # first.
            "transaction_mode": "IMMEDIATE",
            "timeout": SQLITE_BUSY_S,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            f"PRAGMA busy_timeout={SQLITE_BUSY_S * 1000};",
        },
    }


def _postgres(address: str) -> dict[str, Any]:
    expected = "expected a path or postgres://user:password@host:port/name"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(f"QINGDUN_DATABASE: {error}; {expected}") from error
    if parts.scheme not in ("postgres", "postgresql"):
        raise ConfigurationError(f"QINGDUN_DATABASE: found {parts.scheme}://…, {expected}")
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ConfigurationError(f"QINGDUN_DATABASE: the postgres URL names no database; {expected}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 0,
        # Of a server that was started anew the pool keeps only dead connections: each is tried before use.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 10, "timeout": 10}},
    }


def secret_key(given: str, folder: Path, demo: bool) -> str:
    """The key given, or in demo mode one that is made once and kept in `folder`.

    Errors: ConfigurationError outside demo mode if none is given or it is shorter than 32 characters.
    """
    if given:
        if len(given) < 32:
            raise ConfigurationError(
                "QINGDUN_SECRET_KEY: shorter than 32 characters; make one with `openssl rand -hex 32`"
            )
        return given
    path = folder / "secret-key"
    kept = path.read_text() if path.exists() else ""
    if kept:
        return kept
    if not demo:
        raise ConfigurationError(
            "QINGDUN_SECRET_KEY is not set; make one with `openssl rand -hex 32`, or set QINGDUN_DEMO=1"
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_secret(path, secrets.token_hex(32))
    return path.read_text()


def write_secret(path: Path, text: str) -> None:
    """The file holds the text, whole or not at all, and only its owner may read it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
