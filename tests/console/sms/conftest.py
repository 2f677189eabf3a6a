"""An operator of another make, a few people and tasks to warn about."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import Task
from qingdun.console.kernel.models import Person, PersonNumber
from qingdun.console.sms.gateway import SmsGateway
from qingdun.console.sms.smpp import SmppAccount, SmppGateway
from qingdun.console.sms.worker import Worker
from tests.console.alerts.world import World, alert, build_world, evidence, number

ROOT = Path(__file__).parents[3]
FRONTEND = ROOT / "frontend"
PATIENCE_S = 60
"""After so long something is broken; no test waits for it otherwise."""


class Operator:
    """The SMPP server in its own process: what it was told to do, and what happened to it."""

    def __init__(self) -> None:
        node = shutil.which("node", path=f"{ROOT / '.venv/bin'}:{os.environ['PATH']}")
        assert node, "node is not installed; `make test` brings it"
        assert (FRONTEND / "node_modules/smpp").is_dir(), "run npm ci in frontend; `make test` does"
        script = Path(__file__).parent / "smsc.mjs"
        self.process = subprocess.Popen(
            [node, script, FRONTEND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.seen: list[dict[str, Any]] = []
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port: int = self.wait("listening")["port"]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            self.seen.append(event)
            self._events.put(event)

    def wait(self, kind: str) -> dict[str, Any]:
        """The next event of that kind; what came before it is passed over."""
        while True:
            event = self._events.get(timeout=PATIENCE_S)
            if event["event"] == kind:
                return event

    def tell(self, **change: Any) -> None:
        """The server behaves so from now on, and has said that it heard."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(change) + "\n")
        self.process.stdin.flush()
        self.wait("changed")

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Everything of that kind so far."""
        return [event for event in self.seen if event["event"] == kind]

    def texts(self) -> list[str]:
        """Whole texts, joined by the server."""
        return [event["text"] for event in self.events("submit") if event["text"] is not None]

    def account(self, password: str = "secret") -> SmppAccount:
        return SmppAccount("127.0.0.1", self.port, "qingdun", password, "106900001234")

    def gateway(self) -> SmppGateway:
        return SmppGateway(self.account())

    def stop(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(15)
        self._reader.join(15)
        self.process.stdout.close()


@pytest.fixture
def operator() -> Iterator[Operator]:
    running = Operator()
    yield running
    running.stop()


@pytest.fixture
def world(db: None) -> World:
    made = build_world()
    for index, person in enumerate(Person.objects.order_by("pk")):
        PersonNumber.objects.create(
            msisdn=number(index),
            person=person,
            carrier="x",
            virtual_operator=False,
            activated_on="2020-01-01",
        )
    return made


def new_task(index: int = 0, level: str = "low", scam: str = "police") -> Task:
    """A task about person `index`; person 0 lives in the officer's town."""
    piece = evidence(5, "call.fanout", "number", "+00852170990009", 6.0, "一", "one")
    ingest_alerts(None, [alert(index, level, scam, "contact", (piece,))])
    return Task.objects.get(episode_id=f"episode-{index:02}")


SendUntil = Callable[..., None]


@pytest.fixture
def send_until() -> SendUntil:
    """A worker runs until what is asked for has come about in the ledger."""

    def send(gateway: SmsGateway, reached: Callable[[], bool], rate: int = 1000) -> None:
        # Asked in the thread of the database, as the worker's own questions are.
        from asgiref.sync import async_to_sync

        from qingdun.console.sms.worker import ledger

        async def run() -> None:
            done = False
            worker = Worker(gateway, rate, lambda: done, idle_s=0.02)
            working = asyncio.ensure_future(worker.run())
            async with asyncio.timeout(PATIENCE_S):
                while not await ledger(reached):
                    await asyncio.wait({working}, timeout=0.02)
                    if working.done():
                        await working
                        raise AssertionError("the worker ended by itself")
                done = True
                await working

        async_to_sync(run)()

    return send
