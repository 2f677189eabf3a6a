"""Who may speak to us over HTTP: a file of clients, one a line, each with the digest of its token.

Tokens are 256 bits of chance: a plain digest gives nothing away, and looking one up by its digest tells no
timing of the token. Whoever is to be locked out is taken out of the file, and is out within a second.
"""

from __future__ import annotations

import os
import re
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Final

from qingdun.errors import ConfigurationError, RefusedError

MARK: Final = "qd_"
_LINE: Final = re.compile(r"([A-Za-z0-9._-]{1,64}) ([0-9a-f]{64})")
_EXPECTED: Final = "a name (1 to 64 letters, digits, '.', '_', '-'), a blank and 64 hexadecimal digits"


def digest(token: str) -> bytes:
    """Under what the token is known."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def clients(path: Path) -> dict[bytes, str]:
    """Whoever has a token, by its digest; nobody if there is no file. Errors: ConfigurationError."""
    found, faults = _read(path)
    if faults:
        raise ConfigurationError(faults[0])
    return found


def make(path: Path, name: str) -> str:
    """A new token of a client, told this once; the file knows its digest alone.

    Errors: ConfigurationError; RefusedError if the client has one.
    """
    if not _LINE.fullmatch(f"{name} {'0' * 64}"):
        raise ConfigurationError(f"{name!r}: expected a name of 1 to 64 letters, digits, '.', '_', '-'")
    if name in clients(path).values():
        raise RefusedError(f"{name} has a token; take its line out of {path} first")
    token = MARK + secrets.token_urlsafe(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
        ended = file.tell() == 0 or path.read_bytes().endswith(b"\n")
        file.write(f"{'' if ended else chr(10)}{name} {digest(token).hex()}\n")
        file.flush()
        os.fsync(file.fileno())
    return token


class Tokens:
    """The file, read anew when it has changed. A line that cannot be read lets nobody in, and no other line
    hangs on it: whoever is taken out of the file is out whatever else stands there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self.names: dict[bytes, str] = {}
        self.faults: list[str] = []
        """Where it cannot be read, what was found and what was expected."""
        self.look()

    def look(self) -> bool:
        """Whether the file has changed since it was read. If it cannot be read at all, those known stay."""
        try:
            about = self._path.stat()
            seen = (about.st_ino, about.st_mtime_ns, about.st_size)
        except OSError:  # it is not there, or not for us: reading says which
            seen = None
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            self.names, self.faults = _read(self._path)
        except ConfigurationError as error:
            self.faults = [str(error)]
        return True


def _read(path: Path) -> tuple[dict[bytes, str], list[str]]:
    """Whoever has a token, by its digest, and what of the file says nothing. Errors: ConfigurationError."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}; expected a file of tokens") from error
    found: dict[bytes, str] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        one = _LINE.fullmatch(line.strip())
        if one is None:
            # Somebody may have written a token itself: it is told to no log.
            shown = line.partition(MARK)[0][:20]
            faults.append(f"{path}, line {number}: found {shown!r}, expected {_EXPECTED}")
        else:
            found[bytes.fromhex(one[2])] = one[1]
    return found, faults
