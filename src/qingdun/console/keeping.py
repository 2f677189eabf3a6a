"""Keeps the console's processes going: what ends by itself is started again, later each time, and given up
when it does not stay. While the database is away nothing is started and no end counts as a fall: it is waited
for, however long.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from qingdun.errors import ConfigurationError

FILE = "processes.json"
"""In QINGDUN_VAR: how each process is, for the health page, which another process draws."""
PAUSES_S = (0.2, 1.0, 2.0, 4.0, 8.0)
"""How long it takes before a process is started again, after its first, second … fall of late."""
LATELY_S = 300.0
"""A process that has fallen once more often than there are pauses within this is given up."""
ASK_S = (1.0, 8.0)
"""How often it is asked whether the database is back: first, and at last."""
TELL_S = 60.0
"""How often it is said that it is waited for."""
_GRACE_S = 1.5
"""How long processes may take to end by themselves; a write to the database takes far less."""
_PR_SET_PDEATHSIG = 1


class Fall(NamedTuple):
    """A process that ended by itself."""

    at: float
    """Seconds of the monotonic clock."""
    code: int


class Needed:
    """What no process can do without: asked for at ever longer intervals while it is away."""

    def __init__(self, missing: Callable[[], str] = str) -> None:
        self._missing = missing
        """Empty if it is there, else what is wrong."""
        self._why = ""
        self._ask_at = self._told_at = self._since = -1.0
        self._pause_s = ASK_S[0]

    def away(self, now: float) -> bool:
        """Whether it is away; the answer is as old as the interval at most."""
        if now < self._ask_at:
            return bool(self._why)
        before, self._why = self._why, self._missing()
        if self._why and not before:
            self._since, self._told_at, self._pause_s = now, -1.0, ASK_S[0]
        elif self._why:
            self._pause_s = min(self._pause_s * 2, ASK_S[1])
        self._ask_at = now + (self._pause_s if self._why else ASK_S[0])
        return bool(self._why)

    def words(self, now: float) -> str:
        """What there is to say: at once, then each minute, and when it is back."""
        if self._since < 0:
            return ""
        if not self.away(now):
            waited, self._since = now - self._since, -1.0
            return f"the database answers again after {waited:.0f} s"
        if self._told_at >= 0 and now - self._told_at < TELL_S:
            return ""
        self._told_at = now
        return f"the database does not answer, waited for {now - self._since:.0f} s so far: {self._why}"


class Kept:
    """One process of the console, by its name and command."""

    def __init__(self, name: str, command: Sequence[str], may_end: bool = False) -> None:
        self.name, self.command = name, command
        self.may_end = may_end
        """Whether its work may be done: then it ends with 0 and is left alone."""
        self.process: subprocess.Popen[bytes] | None = None
        self.falls: list[Fall] = []
        self.again_at: float | None = 0.0
        """When it is started, in seconds of the monotonic clock; None while it runs or is done."""
        self.since = ""
        self.fell_at = ""

    def look(self, now: float, needed: Needed | None = None) -> str:
        """It runs if it should and what it needs is there; what there is to say about it, mostly nothing.

        Errors: ConfigurationError if it has fallen too often.
        """
        needed = needed or Needed()
        if self.again_at is not None:
            if now < self.again_at or needed.away(now):
                return ""
            self.process, self.again_at, self.since = _start(self.command), None, _stamp()
            return "" if not self.falls else f"{self.name}: started again"
        assert self.process is not None
        code = self.process.poll()
        if code is None or (code == 0 and self.may_end):
            return ""
        # What it had started goes with it, or it would go on answering on the same port.
        signal_group(self.process, signal.SIGKILL)
        if needed.away(now):
            self.again_at, self.fell_at = now, _stamp()
            return f"{self.name}: ended with {code} without the database; it is started again with it"
        self.falls = [fall for fall in self.falls if now - fall.at < LATELY_S] + [Fall(now, code)]
        self.fell_at = _stamp()
        if len(self.falls) > len(PAUSES_S):
            raise ConfigurationError(
                f"{self.name}: ended {len(self.falls)} times within {LATELY_S / 60:.0f} minutes, at last "
                f"with {code}; it is given up and everything stops; its words are above"
            )
        pause = PAUSES_S[len(self.falls) - 1]
        self.again_at = now + pause
        return f"{self.name}: ended with {code}; it is started again in {pause:g} s"

    def state(self) -> dict[str, Any]:
        """How it is, for the health page."""
        pid = self.process.pid if self.process and self.again_at is None else None
        return {
            "pid": pid, "since": self.since, "fell_at": self.fell_at, "falls": len(self.falls),
            "code": self.falls[-1].code if self.falls else None,
            "done": self.may_end and self.process is not None and self.process.returncode == 0,
        }  # fmt: skip


def keep(
    children: Sequence[Kept], folder: Path, stopping: Callable[[], bool], missing: Callable[[], str] = str
) -> None:
    """The processes run until `stopping`; then all have ended, and whatever they started.

    Each fall and each new start is one line on the error stream; how each is stands in the folder. While
    `missing` says that something is, nothing is started.
    Errors: ConfigurationError if one does not stay.
    """
    told: dict[str, Any] = {}
    needed = Needed(missing)
    try:
        while not stopping():
            for child in children:
                if said := child.look(time.monotonic(), needed):
                    sys.stderr.write(f"{said}\n")
            if said := needed.words(time.monotonic()):
                sys.stderr.write(f"{said}\n")
            state = {child.name: child.state() for child in children}
            if state != told:
                _tell(folder, told := state)
            time.sleep(0.1)
    finally:
        _stop_all([child.process for child in children if child.process is not None])
        (folder / FILE).unlink(missing_ok=True)


def kept(folder: Path) -> Mapping[str, dict[str, Any]]:
    """How each process is that is kept going from this folder, by name; none if none is."""
    try:
        found: dict[str, dict[str, Any]] = json.loads((folder / FILE).read_text())
    except (OSError, ValueError):
        return {}
    for state in found.values():
        state["pid"] = state["pid"] if _is_there(state["pid"]) else None
    return found


def _is_there(pid: int | None) -> bool:
    """Whether the process is there: a file outlives a `serve` that was killed outright."""
    try:
        os.kill(pid or 0, 0)
    except (ProcessLookupError, PermissionError):
        return False  # gone, or its number has become somebody else's
    return pid is not None


def _tell(folder: Path, state: Mapping[str, Any]) -> None:
    partial = folder / f".{FILE}.{os.getpid()}"
    partial.write_text(json.dumps(state))
    partial.replace(folder / FILE)


def _stamp() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _prepare() -> None:
    """The child is told to end when its parent is gone, even by kill -9 (Linux only), and may have as many
    connections as the system lets it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """The command runs in a session of its own: Ctrl-C in a terminal reaches this process alone, and the
    child can be ended together with whatever it has started.
    """
    return subprocess.Popen(command, preexec_fn=_prepare, start_new_session=True, stdin=subprocess.DEVNULL)


def _stop_all(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Every process and all of its group has ended; those that do not listen within the grace are killed."""
    deadline = time.monotonic() + _GRACE_S
    for process in processes:
        signal_group(process, signal.SIGTERM)
    while time.monotonic() < deadline and any(map(_is_left, processes)):
        time.sleep(0.02)
    for process in processes:
        signal_group(process, signal.SIGKILL)
        process.wait()


def _is_left(process: subprocess.Popen[bytes]) -> bool:
    """Whether any process of its group is still there."""
    process.poll()
    return signal_group(process, 0)


def signal_group(process: subprocess.Popen[bytes], number: int) -> bool:
    """The signal was sent to the process and whatever it started; whether there was anybody.

    It leads its group, whose number the system gives to nobody else as long as one of them is left.
    """
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True
