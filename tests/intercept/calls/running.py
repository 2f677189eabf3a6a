"""The plane of calls, Kamailio with the configuration that ships, and sipp, each a process of its own or in a
thread of the test, on ports of its own.
"""

from __future__ import annotations

import csv
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import pytest

from qingdun.intercept.calls import plane
from qingdun.intercept.calls.announcing import Urgent
from qingdun.intercept.calls.plane import Settings
from qingdun.intercept.calls.verdicts import Policy
from qingdun.intercept.connections import Address
from qingdun.intercept.feed import Limits, Source
from tests.intercept.calls import scenarios
from tests.intercept.running import Often, free_port, until, working

KAMAILIO, SIPP = "/usr/sbin/kamailio", "/usr/bin/sipp"
WIDE = ("-buff_size", "4000000", "-timer_resol", "1")
"""What sipp needs so that it does not lose packets itself."""
CONFIGURATION = resources.files("qingdun.intercept.calls").joinpath("kamailio.cfg")


def needs_kamailio() -> None:
    """The test is left out where Kamailio or sipp is not installed."""
    for program, package in ((KAMAILIO, "kamailio kamailio-extra-modules"), (SIPP, "sip-tester")):
        if not os.access(program, os.X_OK):
            pytest.skip(f"{program} is not installed; `apt-get install {package}` brings it")


def settings(folder: Path, kamailio: int = 0, **changed: object) -> Settings:
    """Settings of a plane of its own, which answers the Kamailio whose evapi is on that port."""
    made = Settings(
        folder=folder,
        listen=Address("127.0.0.1", free_port()),
        onward="sip:{user}@127.0.0.1:5080",
        kamailios=(Address("127.0.0.1", kamailio),) if kamailio else (),
        policy=Policy(card="https://card.qingdun.invalid/card"),
        announce="",
        limits=Limits(10_000_000, 100),
    )
    return made._replace(**changed)  # type: ignore[arg-type]


@contextmanager
def running(chosen: Settings, source: Source, urgent: Urgent | None = None) -> Iterator[None]:
    """The plane works, in a thread."""
    ready = threading.Event()
    with working(lambda stop: plane.run(chosen, source, Often(), stop, urgent, ready.set), ready.is_set):
        assert chosen.listen is None or answers(chosen.listen), "who says that it is ready answers"
        yield


def answers(at: Address) -> bool:
    """Whether a SIP server says anything there."""
    try:
        return bool(asked(at, scenarios.options(), timeout=0.5))
    except OSError:
        return False


def asked(at: Address, request: bytes, timeout: float = 5) -> bytes:
    """What is answered over UDP. Errors: TimeoutError, ConnectionRefusedError."""
    with socket.socket(type=socket.SOCK_DGRAM) as line:
        line.settimeout(timeout)
        line.connect(at)
        if line.getsockname()[1] == at.port:
            raise ConnectionRefusedError("nobody holds the port, so it was given to the question itself")
        line.send(request)
        return line.recv(65_535)


class Proxy(NamedTuple):
    """A Kamailio that runs."""

    port: int
    evapi: int
    onward: int
    """The port to which it sends calls that pass."""
    process: subprocess.Popen[bytes]
    said: Path


@contextmanager
def kamailio(folder: Path, *defines: str, configuration: Path | None = None) -> Iterator[Proxy]:
    """Kamailio, as it ships configured or with another configuration, with a folder of its own."""
    folder.mkdir()
    ports = free_port(), free_port(), free_port()
    named = (
        f"QD_LISTEN=udp:127.0.0.1:{ports[0]}",
        f'QD_EVAPI="127.0.0.1:{ports[1]}"',
        f'QD_NEXT="sip:127.0.0.1:{ports[2]}"',
        *defines,
    )
    with resources.as_file(CONFIGURATION) as shipped:
        command = [
            KAMAILIO, "-DD", "-E", "-m", "256", "-M", "16", "-Y", str(folder), "-w", str(folder), "-f",
            str(configuration or shipped), *(word for one in named for word in ("-A", one)),
        ]  # fmt: skip
        said = folder / "said"
        with said.open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
        try:
            until(lambda: _listens(ports[1]), process)
            yield Proxy(*ports, process, said)
        finally:
            _ended(process)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def callee(folder: Path, port: int, scenario: str = scenarios.CALLEE) -> Iterator[subprocess.Popen[bytes]]:
    """sipp answers calls on the port."""
    path = folder / f"callee-{port}.xml"
    path.write_text(scenario)
    command = [SIPP, "-sf", str(path), "-i", "127.0.0.1", "-p", str(port), "-nostdin", *WIDE]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _holds(port), process)
        yield process
    finally:
        _ended(process)


class Called(NamedTuple):
    """What came of calls."""

    right: bool
    """Whether each went as the scenario says."""
    waits_ms: list[float]
    """How long each waited for its answer, in ms as sipp counts."""
    said: str


def call(folder: Path, port: int, scenario: str, caller: str, *more: str, count: int = 1) -> Called:
    """sipp calls, and is done."""
    with calling(folder, port, scenario, caller, "-m", str(count), *more) as process:
        process.wait(60)
    return came_of(folder, process)


@contextmanager
def calling(
    folder: Path, port: int, scenario: str, caller: str, *more: str, source: str = "127.0.0.1"
) -> Iterator[subprocess.Popen[bytes]]:
    """sipp calls."""
    path = folder / f"caller-{free_port()}.xml"
    path.write_text(scenario)
    command = [
        SIPP, f"127.0.0.1:{port}", "-sf", str(path), "-i", source, "-p", str(free_port()), "-key", "caller",
        caller, "-nostdin", "-trace_rtt", "-rtt_freq", "1", "-trace_err", "-timeout", "50", *WIDE, *more,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process.scenario = path  # type: ignore[attr-defined]
    try:
        yield process
    finally:
        _ended(process)


def came_of(folder: Path, process: subprocess.Popen[bytes]) -> Called:
    """What came of the calls of a sipp that has ended."""
    stem = process.scenario.stem  # type: ignore[attr-defined]
    waits = []
    for path in folder.glob(f"{stem}_*_rtt.csv"):
        with path.open() as rows:
            waits += [float(row[1]) for row in csv.reader(rows, delimiter=";") if row[0][:1].isdigit()]
    errors = "".join(path.read_text(errors="replace") for path in folder.glob(f"{stem}_*_errors.log"))
    return Called(process.returncode == 0, waits, errors)


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def _holds(port: int) -> bool:
    """Whether somebody has the port over UDP."""
    with socket.socket(type=socket.SOCK_DGRAM) as line:
        try:
            line.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _ended(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            # Kamailio's own children too, which stand in a group of their own.
            own = os.getpgid(process.pid) == process.pid
            os.killpg(process.pid, signal.SIGKILL) if own else process.kill()
            process.wait()
