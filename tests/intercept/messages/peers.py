"""The other two of a conversation in SMPP: a client and a server of another make, each a process of its own;
and a plane between them, in a thread or in a process that may be killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

from qingdun.intercept.connections import Address
from qingdun.intercept.feed import Limits
from qingdun.intercept.messages import plane
from qingdun.intercept.messages.plane import Settings
from qingdun.intercept.messages.proxy import Ends
from qingdun.intercept.messages.review import Reviewers
from qingdun.intercept.messages.verdict import Model
from tests.intercept.memory import MemoryLists, listed
from tests.intercept.running import Often, free_port, working

ROOT = Path(__file__).parents[3]
FRONTEND = ROOT / "frontend"
ESME, SMSC = Path(__file__).parent / "esme.mjs", ROOT / "tests/console/sms/smsc.mjs"
PATIENCE_S = 60


class Peer:
    """A script of Node that is told what to do, and tells what happens."""

    def __init__(self, script: Path) -> None:
        node = shutil.which("node", path=f"{ROOT / '.venv/bin'}:{os.environ['PATH']}")
        assert node, "node is not installed; `make test` brings it"
        self._process = subprocess.Popen(
            [node, script, FRONTEND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.seen: list[dict[str, Any]] = []
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            self.seen.append(event)
            self._events.put(event)

    def tell(self, **what: Any) -> None:
        """It is told that."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def wait(self, *kinds: str) -> dict[str, Any]:
        """The next event of such a kind; what came before it is passed over."""
        while True:
            event = self._events.get(timeout=PATIENCE_S)
            if event["event"] in kinds:
                return event

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Everything of that kind so far."""
        return [event for event in self.seen if event["event"] == kind]

    def stop(self) -> None:
        """It has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait(15)
        self._reader.join(15)
        self._process.stdout.close()


class Esme(Peer):
    """The client."""

    def __init__(self) -> None:
        super().__init__(ESME)
        self.wait("ready")

    def bind(self, port: int, password: str = "secret", system: str = "bank", tls: bool = False) -> int:
        """It is bound at that port, or the status with which it is not."""
        self.tell(bind={"port": port, "password": password, "system_id": system, "tls": tls})
        event = self.wait("bound", "away")
        if event.get("status"):
            self.wait("away")
        return int(event.get("status", -1))

    def submit(self, text: str, **fields: Any) -> dict[str, Any]:
        """The answer to a message."""
        self.put(text, **fields)
        return self.wait("answer")

    def put(self, text: str, **fields: Any) -> None:
        """A message goes out."""
        addresses = {"source_addr": "106900001234", "destination_addr": "8613800138000"}
        self.tell(submit={**addresses, "text": text, **fields})


class Smsc(Peer):
    """The server."""

    def __init__(self) -> None:
        super().__init__(SMSC)
        self.port = int(self.wait("listening")["port"])

    def tell(self, **what: Any) -> None:
        """It is told that, and has heard; all that it had to tell before is here."""
        super().tell(**what)
        self.wait("changed")

    def texts(self) -> list[str]:
        """Whole texts, joined by the server."""
        self.tell()
        return [one["text"] for one in self.events("submit") if one["text"] is not None]


class Authority:
    """A certificate for this machine that vouches for itself."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "own.pem"
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:prime256v1", "-nodes",
                 "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                 "-keyout", folder / "key.pem", "-out", self._file]  # fmt: skip
        subprocess.run(words, check=True, capture_output=True)
        self._key = folder / "key.pem"

    def listener(self) -> ssl.SSLContext:
        """Shows the certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._file, self._key)
        return context

    def trusted(self) -> ssl.SSLContext:
        """Believes it."""
        return ssl.create_default_context(cafile=self._file)


def segments(text: str, reference: int, most: int = 67) -> list[dict[str, Any]]:
    """The fields of a long text's messages, in UCS-2 with a header of six octets."""
    parts = [text[at : at + most] for at in range(0, len(text), most)]
    return [
        {
            "text": "", "hex": part.encode("utf-16-be").hex(), "esm_class": 0x40, "data_coding": 8,
            "tag": place, "udh": bytes((5, 0, 3, reference, len(parts), place)).hex(),
        }
        for place, part in enumerate(parts, start=1)
    ]  # fmt: skip


def settings(folder: Path, centre: int, **changed: Any) -> Settings:
    """Settings of a plane of its own, before the centre on that port."""
    ends = Ends(Address("127.0.0.1", free_port()), Address("127.0.0.1", centre), 100, 0x66)
    made = Settings(folder, ends, Model.QUARANTINE, 0.9, "gsm", 5.0, 0, 30, Limits(10_000_000, 100))
    of_ends = {name: changed.pop(name) for name in list(changed) if name in Ends._fields}
    return made._replace(ends=ends._replace(**of_ends), **changed)


@contextmanager
def running(chosen: Settings, source: Reviewers) -> Iterator[None]:
    """The plane works, in a thread."""
    ready = threading.Event()
    with working(
        lambda stop: plane.run(chosen, source, Often(), stop, ready.set), ready.is_set, uvloop.new_event_loop
    ):
        assert listens(chosen.ends.listen.port), "who says that it is ready listens"
        yield


def listens(port: int) -> bool:
    """Whether anybody takes connections there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def until(found: Callable[[], Any]) -> Any:
    """What `found` gives once it gives something."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{PATIENCE_S} s, and it has not happened")


class Process:
    """The plane in a process of its own, which may be killed."""

    def __init__(self, chosen: Settings) -> None:
        where = [str(chosen.folder), str(chosen.ends.listen.port), str(chosen.ends.centre.port)]
        self._words = [sys.executable, "-m", "tests.intercept.messages.peers", *where]
        self._port = chosen.ends.listen.port
        self.start()

    def start(self) -> None:
        """It works, once more."""
        self._process = subprocess.Popen(self._words, cwd=ROOT)
        until(lambda: listens(self._port))

    def kill(self) -> None:
        """It is gone, from one instant to the next."""
        self._process.kill()
        self._process.wait()


def _work(folder: str, listen: str, centre: str) -> None:
    chosen = settings(Path(folder), int(centre), listen=Address("127.0.0.1", int(listen)))
    lists = MemoryLists([listed(1, "bad.example")])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(plane.run(chosen, lists, Often(), asyncio.Event()))


if __name__ == "__main__":
    _work(*sys.argv[1:])
