"""The plane of sites in a thread of the test, and real name servers in folders and on ports of their own."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import dns.message
import dns.query
import dns.rdatatype
import pytest

from qingdun.intercept.connections import Address
from qingdun.intercept.feed import Limits, Source
from qingdun.intercept.sites import plane
from qingdun.intercept.sites.plane import Settings
from qingdun.intercept.sites.wire import Targets
from qingdun.intercept.sites.zone import Zone, all_of, kind_of, title

T = TypeVar("T")
ZONE = "rpz.qingdun.invalid"
TARGET = "127.0.0.99"
PATIENCE_S = 30.0
NAMED, UNBOUND = "/usr/sbin/named", "/usr/sbin/unbound"


def needs(program: str) -> None:
    """The test is left out where the program is not installed."""
    if not os.access(program, os.X_OK):
        name = {NAMED: "bind9", UNBOUND: "unbound"}[program]
        pytest.skip(f"{program} is not installed; `apt-get install {name}` brings it")


def free_port() -> int:
    """A port that nobody has, over UDP and TCP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def settings(folder: Path, **changed: object) -> Settings:
    """Settings of a plane of its own."""
    made = Settings(
        folder=folder,
        listen=Address("127.0.0.1", free_port()),
        page=Address("127.0.0.1", free_port()),
        targets=Targets(TARGET),
        suffix=ZONE,
        secondaries=(),
        keyless=(),
        log=None,
        limits=Limits(10_000_000, 100),
        appeal="96110",
        zone="Asia/Shanghai",
    )
    return made._replace(**changed)  # type: ignore[arg-type]


class Often:
    """A waiter that looks fifty times a second."""

    async def wait(self) -> None:
        await asyncio.sleep(0.02)

    async def close(self) -> None:
        pass


@contextmanager
def running(chosen: Settings, source: Source) -> Iterator[None]:
    """The plane of sites works, in a thread."""
    ready = threading.Event()
    with working(lambda stop: plane.run(chosen, source, Often(), stop, ready.set), ready.is_set):
        assert answers(chosen.listen.port), "who says that it is ready answers"
        yield


@contextmanager
def working(
    work: Callable[[asyncio.Event], Coroutine[Any, Any, None]],
    begun: Callable[[], object],
    new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
) -> Iterator[None]:
    """A plane works, in a thread; `begun`: whether it does yet."""
    loop = new_loop()
    stop = asyncio.Event()
    failed: list[BaseException] = []

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(work(stop))
        except BaseException as error:
            failed.append(error)
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        until(lambda: failed or begun())
        yield
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)
        thread.join()
    if failed:
        raise failed[0]


def answers(port: int) -> bool:
    """Whether a name server says anything there."""
    question = dns.message.make_query("version.bind", "TXT", "CH")
    try:
        dns.query.udp(question, "127.0.0.1", timeout=0.5, port=port)
    except (OSError, dns.exception.Timeout):
        return False
    return True


def until(found: Callable[[], T], process: subprocess.Popen[bytes] | None = None) -> T:
    """What `found` gives once it gives something."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if answer := found():
            return answer
        assert process is None or process.poll() is None, "the name server ended"
        time.sleep(0.02)
    raise AssertionError(f"{PATIENCE_S} s, and it has not happened")


@dataclass(frozen=True)
class Server:
    """A name server that runs."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def addresses(self, name: str, kind: str = "A") -> list[str]:
        """What it answers for the name."""
        question = dns.message.make_query(name, kind)
        answer = dns.query.udp(question, "127.0.0.1", timeout=5, port=self.port, ignore_unexpected=True)
        return sorted(str(one) for found in answer.answer for one in found)

    def comes_to(self, name: str, wanted: list[str]) -> None:
        """It answers that, after a while at the latest."""
        until(lambda: self.addresses(name) == wanted, self.process)


_BIND = """
include "{key}";
options {{
    directory "{folder}"; pid-file none; session-keyfile none; listen-on-v6 {{ none; }};
    listen-on port {port} {{ 127.0.0.1; }}; allow-query {{ any; }}; recursion yes; dnssec-validation no;
    empty-zones-enable no; masterfile-format raw; serial-query-rate 1000; allow-new-zones no;
    response-policy {{ {policies} }} qname-wait-recurse no min-update-interval 0;
}};
controls {{ }};
logging {{
    channel rewritten {{ file "{folder}/rpz.log"; print-time yes; print-category yes; }};
    category rpz {{ rewritten; }}; category rpz-passthru {{ rewritten; }};
}};
primaries qingdun {{ 127.0.0.1 port {primary} key qingdun-sites; }};
{zones}
zone "example" {{ type primary; file "example.db"; masterfile-format text; }};
zone "com.cn" {{ type primary; file "example.db"; masterfile-format text; }};
"""
_UNBOUND = """
server:
    directory: "{folder}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    logfile: "{folder}/rpz.log"
    verbosity: 1
    interface: 127.0.0.1@{port}
    do-ip6: no
    do-daemonize: no
    do-not-query-localhost: no
    module-config: "respip iterator"
    access-control: 127.0.0.0/8 allow
rpz:
    name: "block.{zone}"
    primary: 127.0.0.1@{primary}
    allow-notify: 127.0.0.1
    zonefile: "{folder}/block.db"
    rpz-log: yes
    rpz-log-name: "block"
auth-zone:
    name: "example."
    zonefile: "{folder}/example.db"
    for-downstream: no
    for-upstream: yes
remote-control:
    control-enable: no
"""
_REAL = "$TTL 5\n@ IN SOA ns.example. root.example. 1 60 60 60 5\n@ IN NS ns.example.\n* IN A 192.0.2.1\n"
REAL = ["192.0.2.1"]
"""What names below `example` and `com.cn` have if nobody blocks them."""


@contextmanager
def bind(folder: Path, primary: int, key: Path, port: int, parts: int = 1) -> Iterator[Server]:
    """BIND, which fetches the zones from our port with the key."""
    names = [title(one, parts) for kind in Zone for one in all_of(parts) if kind_of(one) == kind]
    policies = " ".join(f'zone "{name}.{ZONE}" log yes;' for name in names)
    zones = "\n".join(
        f'zone "{name}.{ZONE}" {{ type secondary; primaries {{ qingdun; }}; file "{name}.db"; }};'
        for name in names
    )
    folder.mkdir()
    (folder / "example.db").write_text(_REAL)
    words = _BIND.format(key=key, folder=folder, port=port, primary=primary, policies=policies, zones=zones)
    (folder / "named.conf").write_text(words)
    with _started([NAMED, "-f", "-c", str(folder / "named.conf")], folder, port) as server:
        yield server


@contextmanager
def unbound(folder: Path, primary: int, port: int) -> Iterator[Server]:
    """Unbound, which fetches the zone from our port without a key."""
    folder.mkdir()
    (folder / "example.db").write_text(_REAL)
    (folder / "unbound.conf").write_text(
        _UNBOUND.format(folder=folder, port=port, zone=ZONE, primary=primary)
    )
    with _started([UNBOUND, "-d", "-c", str(folder / "unbound.conf")], folder, port) as server:
        yield server


@contextmanager
def _started(command: list[str], folder: Path, port: int) -> Iterator[Server]:
    said = (folder / "said").open("wb")
    process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
    try:
        until(lambda: answers(port), process)
        yield Server(port, process, folder / "rpz.log")
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        said.close()
        shutil.rmtree(folder, ignore_errors=True)
