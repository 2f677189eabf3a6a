"""Halves of files that whoever was killed left in a folder others may write in too: who writes one is told by
its name, so that nobody takes away what a living process is writing.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

OLD_S: Final = 86_400.0
"""Nobody writes one file for so long: whose half is older is not asked, as when another host left it."""


def writer() -> str:
    """This process, as halves of its files name it: host, process id, and when it began."""
    return f"{socket.gethostname()}~{os.getpid()}~{_began(os.getpid())}"


def clear_halves(landing: Path, begin: str, clock: Callable[[], float] = time.time) -> None:
    """Halves of files whose names begin so are gone from the folders of flows, unless their writer lives, or
    is of another host and they are younger than `OLD_S`. `clock` tells seconds since 1970, UTC."""
    for half in landing.glob(f"*/.{begin}*.partial"):
        with suppress(FileNotFoundError):
            if _is_dead(half) or half.stat().st_mtime < clock() - OLD_S:
                half.unlink()


def _is_dead(half: Path) -> bool:
    """Whether a process of this host wrote it that is no more."""
    host, _, process = half.stem.rpartition(".arrow.")[2].partition("~")
    number, _, began = process.partition("~")
    return host == socket.gethostname() and number.isdecimal() and _began(int(number)) != began


def _began(process: int) -> str:
    """When it began, as this system counts; empty if there is none. A number alone is used again."""
    try:
        # What the program is called stands in brackets, and may have blanks and brackets in it.
        return Path(f"/proc/{process}/stat").read_text("latin-1").rpartition(")")[2].split()[19]
    except OSError:
        return ""
