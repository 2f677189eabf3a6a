"""How many calls a second pass Kamailio with and without the plane of calls, by how much it delays them, and what
a dead or hung plane costs; how many the redirect server answers.

Run by hand: ``python -m bench calls``; ``python bench/calls.py --seconds 3 --rounds 1`` for a look. Needs Kamailio
and sipp.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import csv
import os
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

PROBES = 100
"""Of the calls a second, those that this process makes itself, to time them to the microsecond."""
FREE, LISTED = "+8613800000001", "+8617000000001"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=1500)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    sys.path.insert(0, os.getcwd())
    from tests.intercept.calls.running import KAMAILIO, SIPP

    missing = [program for program in (KAMAILIO, SIPP) if not os.access(program, os.X_OK)]
    if missing:
        sys.exit(
            f"bench: {', '.join(missing)} missing; apt-get install kamailio kamailio-extra-modules sip-tester"
        )
    print(
        f"Debian's Kamailio with the configuration that ships, sipp and the plane, each a process of its own on the loopback address. {chosen.rate:,} calls a "
        f"second for {chosen.seconds} s, each taken, acknowledged and hung up; {PROBES} a second of them are timed from INVITE to answer by a client of our own. "
        f"{chosen.rounds} rounds, every way in turn; medians, lowest to highest in brackets. *Added*: p99 over that without the plane in the same round.\n\n"
        "| way | calls | failed | answered after, p50 ms | p99 ms | added, p99 ms | plane, µs of processor a call |\n"
        "|---|---:|---:|---:|---:|---:|---:|",
        flush=True,
    )
    ways = {"Kamailio alone": _alone, "Kamailio asks the plane": _asking, "redirect server": _redirecting}
    found: dict[str, list[Taken]] = {name: [] for name in ways}
    for _ in range(chosen.rounds):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
                found[name].append(way(Path(folder), stack, chosen.rate, chosen.seconds))
    for name, taken in found.items():
        added = [one.p99 - base.p99 for one, base in zip(taken, found["Kamailio alone"], strict=True)]
        print(
            f"| {name} | {sum(one.calls for one in taken):,} | {sum(one.failed for one in taken):,} | {_spread([one.p50 for one in taken])} "
            f"| {_spread([one.p99 for one in taken])} | {_spread(added) if name == 'Kamailio asks the plane' else '–'} "
            f"| {_spread([one.cpu_us for one in taken]) if taken[0].cpu_us else '–'} |"
        )
    print(
        "\nThe plane is killed, or stopped (SIGSTOP), in the middle of 500 calls a second; asked for: every call passes, within 350 ms.\n\n"
        "| the plane | calls | failed | waited longer than 100 ms | longest wait, ms |\n|---|---:|---:|---:|---:|"
    )
    for name, number in (("is killed", signal.SIGKILL), ("hangs", signal.SIGSTOP)):
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            _losing(Path(folder), stack, name, number)


class Taken(NamedTuple):
    """What one way took in one round."""

    calls: int
    failed: int
    p50: float
    p99: float
    cpu_us: float


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _alone(folder: Path, stack: ExitStack, rate: int, seconds: int) -> Taken:
    from tests.intercept.calls import running

    proxy = stack.enter_context(running.kamailio(folder / "kamailio", "QD_OFF"))
    stack.enter_context(running.callee(folder, proxy.onward))
    return _loaded(folder, proxy.port, rate, seconds, None)


def _asking(folder: Path, stack: ExitStack, rate: int, seconds: int) -> Taken:
    from tests.intercept.calls import running, scenarios
    from tests.intercept.calls.serving import serving
    from tests.intercept.running import until

    proxy = stack.enter_context(running.kamailio(folder / "kamailio"))
    stack.enter_context(running.callee(folder, proxy.onward))
    plane = stack.enter_context(serving(folder / "plane", proxy.evapi, 0, LISTED))
    until(lambda: running.call(folder, proxy.port, scenarios.refused(608), LISTED).right)
    return _loaded(folder, proxy.port, rate, seconds, plane.pid)


def _redirecting(folder: Path, stack: ExitStack, rate: int, seconds: int) -> Taken:
    from qingdun.intercept.connections import Address
    from tests.intercept.calls import running
    from tests.intercept.calls.serving import serving
    from tests.intercept.running import free_port, until

    port = free_port()
    plane = stack.enter_context(serving(folder / "plane", 0, port, LISTED))
    until(lambda: running.answers(Address("127.0.0.1", port)))
    return _loaded(folder, port, rate, seconds, plane.pid, redirected=True)


def _loaded(
    folder: Path, port: int, rate: int, seconds: int, plane: int | None, redirected: bool = False
) -> Taken:
    from tests.intercept.calls import running, scenarios

    scenario = scenarios.refused(302) if redirected else scenarios.passes()
    count = (rate - PROBES) * seconds
    probe = Probe(port, seconds)
    used = _processor_s(plane) if plane else 0.0
    # Calls that are not over some seconds after the last one began have failed.
    end = ("-timeout", str(seconds + 10))
    more = ("-r", str(rate - PROBES), "-m", str(count), "-l", "5000", "-trace_stat", "-fd", "1", *end)
    with running.calling(folder, port, scenario, FREE, *more) as process:
        probe.start()
        process.wait(seconds + 40)
        probe.join()
    used = (_processor_s(plane) - used) if plane else 0.0
    done, _failed = _counted(folder)
    waits = sorted(probe.waits_ms)
    calls, failed = count + len(waits) + probe.lost, count - done + probe.lost
    return Taken(calls, failed, _at(waits, 0.5), _at(waits, 0.99), used / calls * 1e6)


def _losing(folder: Path, stack: ExitStack, name: str, number: int) -> None:
    from tests.intercept.calls import running, scenarios
    from tests.intercept.calls.serving import serving
    from tests.intercept.running import until

    proxy = stack.enter_context(running.kamailio(folder / "kamailio"))
    stack.enter_context(running.callee(folder, proxy.onward))
    plane = stack.enter_context(serving(folder / "plane", proxy.evapi, 0, LISTED))
    until(lambda: running.call(folder, proxy.port, scenarios.refused(608), LISTED).right)
    for path in folder.glob("caller-*"):
        path.unlink()
    more = ("-r", "500", "-m", "3000", "-l", "5000", "-trace_stat", "-fd", "1")
    with running.calling(folder, proxy.port, scenarios.passes(), FREE, *more) as process:
        time.sleep(2)
        plane.send_signal(number)
        process.wait(50)
    waits = running.came_of(folder, process).waits_ms
    done, failed = _counted(folder)
    late = sum(one > 100 for one in waits)
    print(f"| {name} | {done + failed:,} | {failed:,} | {late:,} | {max(waits):.0f} |", flush=True)


class Probe(threading.Thread):
    """Calls one after the other, so many a second, and times each from INVITE to its final answer."""

    def __init__(self, port: int, seconds: int) -> None:
        super().__init__()
        self._port, self._seconds = port, seconds
        self.waits_ms: list[float] = []
        self.lost = 0

    def run(self) -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as line:
            line.connect(("127.0.0.1", self._port))
            line.settimeout(2)
            here = ":".join(map(str, line.getsockname()))
            begun = time.perf_counter()
            for n in range(self._seconds * PROBES):
                time.sleep(max(0.0, begun + n / PROBES - time.perf_counter()))
                self._call(line, here, n)

    def _call(self, line: socket.socket, here: str, n: int) -> None:
        uri = f"sip:+8675730000001@127.0.0.1:{self._port}"
        invite = _request("INVITE", uri, here, n)
        at = time.perf_counter()
        line.send(invite)
        try:
            answer = self._final(line, n)
        except TimeoutError:
            self.lost += 1
            return
        self.waits_ms.append(1000 * (time.perf_counter() - at))
        fields = dict(one.split(": ", 1) for one in answer.split("\r\n")[1:] if ": " in one)
        ok = answer.startswith("SIP/2.0 200")
        uri = fields["Contact"].strip("<>") if ok else uri
        route = f"Route: {fields['Record-Route']}\r\n" if "Record-Route" in fields else ""
        line.send(_request("ACK", uri, here, n, route, fields["To"]))
        if ok:
            line.send(_request("BYE", uri, here, n, route, fields["To"]))

    def _final(self, line: socket.socket, n: int) -> str:
        """Errors: TimeoutError."""
        while True:
            answer = line.recv(65_535).decode()
            if f"\r\nCall-ID: probe{n}-" in answer and "INVITE" in answer and answer[8] != "1":
                return answer


def _request(method: str, uri: str, here: str, n: int, route: str = "", to: str = "") -> bytes:
    number = 2 if method == "BYE" else 1
    return (
        f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bKprobe{n}{'' if method == 'INVITE' else method};rport\r\n"
        f"{route}Max-Forwards: 70\r\nFrom: <sip:{FREE}@{here}>;tag=p{n}\r\nTo: {to or '<' + uri + '>'}\r\n"
        f"Call-ID: probe{n}-{here}\r\nCSeq: {number} {method}\r\nContact: <sip:probe@{here}>\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def _counted(folder: Path) -> tuple[int, int]:
    """Calls that went as they should, and that did not, by sipp's own last line."""
    (path,) = (one for one in folder.glob("caller-*.csv") if not one.stem.endswith("_rtt"))
    with path.open() as rows:
        *_, last = csv.DictReader(rows, delimiter=";")
    return int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])


def _at(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
