"""The sending process: killed before it could write down, run twice at once, without an operator."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from qingdun.console.sms import actions, sending, ticking
from qingdun.console.sms.codes import Kind, MessageState
from qingdun.console.sms.demo import DemoGateway
from qingdun.console.sms.models import DemoSms, Message
from tests.console.alerts.world import World, number
from tests.console.sms.conftest import PATIENCE_S, ROOT, Operator, SendUntil, new_task

S = MessageState
SENDER = """
import django
django.setup()
from qingdun.console.sms.worker import run_configured
run_configured()
"""


def database() -> str:
    """The test's database as the setting that names it."""
    found: dict[str, Any] = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(found["NAME"])
    return f"postgres://{found['USER']}@{found['HOST']}:{found['PORT']}/{quote(found['NAME'])}"


class Senders:
    """Sending processes of this test."""

    def __init__(self, operator: Operator) -> None:
        self._operator, self._running = operator, []

    def start(self) -> subprocess.Popen[bytes]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("QINGDUN_")},
            "DJANGO_SETTINGS_MODULE": "qingdun.console.settings",
            "QINGDUN_VAR": os.environ["QINGDUN_VAR"],
            "QINGDUN_SECRET_KEY": "only-for-tests-" * 4,
            "QINGDUN_DATABASE": database(),
            "QINGDUN_SMS_GATEWAY": "smpp",
            "QINGDUN_SMS_HOST": "127.0.0.1",
            "QINGDUN_SMS_PORT": str(self._operator.port),
            "QINGDUN_SMS_SYSTEM_ID": "qingdun",
            "QINGDUN_SMS_PASSWORD": "secret",
            "QINGDUN_SMS_SENDER": "106900001234",
            "QINGDUN_SMS_RATE": "1000",
        }
        process = subprocess.Popen([sys.executable, "-c", SENDER], env=environment, cwd=ROOT)
        self._running.append(process)
        return process

    def stop(self) -> None:
        for process in self._running:
            process.kill()
            process.wait(15)


@pytest.fixture
def senders(operator: Operator) -> Iterator[Senders]:
    made = Senders(operator)
    yield made
    made.stop()


def due() -> None:
    Message.objects.filter(state=S.WAITING).update(not_before=timezone.now() - dt.timedelta(seconds=1))


@pytest.mark.django_db(transaction=True)
def test_killed_between_handing_over_and_writing_down(
    transactional_db: None, world: World, operator: Operator, senders: Senders, send_until: SendUntil
) -> None:
    """Education is never sent twice; a warning is sent once more, in the same parts."""
    operator.tell(hold=True)
    actions.educate(world.analyst, "education.loan", ["p01"], "月度宣传")
    warning = actions.warn(world.analyst, new_task(0).pk)
    due()
    process = senders.start()
    reached = {operator.wait("submit")["to"] for _ in range(2)}
    assert reached == {number(0).lstrip("+"), number(1).lstrip("+")}
    process.send_signal(signal.SIGKILL)
    process.wait(15)
    lesson = Message.objects.get(kind=Kind.EDUCATION)
    assert [lesson.state, Message.objects.get(pk=warning.pk).state] == [S.SENDING] * 2
    assert sending.recover(timezone.now()) == 0  # the lease runs
    Message.objects.filter(state=S.SENDING).update(taken_until=timezone.now() - dt.timedelta(seconds=1))
    operator.tell(hold=False)

    def done() -> bool:
        due()
        warning.refresh_from_db()
        lesson.refresh_from_db()
        return (warning.state, lesson.state) == (S.SENT, S.UNCERTAIN)

    send_until(operator.gateway(), done)
    counts = Counter((one["to"], one["number"]) for one in operator.events("submit"))
    assert counts[number(1).lstrip("+"), 1] == 1
    assert counts[number(0).lstrip("+"), 1] == 2
    assert warning.doubts == 1


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_everything_once(
    transactional_db: None, world: World, operator: Operator, senders: Senders
) -> None:
    sent = [actions.warn(world.analyst, new_task(index).pk) for index in range(12)]
    due()
    for process in (senders.start(), senders.start()):
        assert process.poll() is None
    wanted = sum(message.parts.count() for message in sent)
    for _ in range(wanted):
        operator.wait("submit")
    counts = Counter((one["to"], one["number"]) for one in operator.events("submit"))
    assert len(counts) == wanted
    assert set(counts.values()) == {1}
    assert len(operator.events("bind")) >= 1
    assert not Message.objects.exclude(state__in=(S.SENDING, S.SENT)).exists()


@pytest.mark.django_db(transaction=True)
def test_told_to_end_it_ends_in_good_order(
    transactional_db: None, world: World, operator: Operator, senders: Senders
) -> None:
    process = senders.start()
    operator.wait("bind")
    process.terminate()
    operator.wait("unbind")
    assert process.wait(PATIENCE_S) == 0


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_warn_once(transactional_db: None, world: World) -> None:
    """Two processes, each in its own connection, find the same low tasks."""
    for index in range(4):
        new_task(index)
    code = (
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from qingdun.console.sms.ticking import tick\n"
        "print(tick(timezone.now()))\n"
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QINGDUN_")},
        "DJANGO_SETTINGS_MODULE": "qingdun.console.settings",
        "QINGDUN_VAR": os.environ["QINGDUN_VAR"],
        "QINGDUN_SECRET_KEY": "only-for-tests-" * 4,
        "QINGDUN_DATABASE": database(),
    }
    both = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    did = [int(process.communicate(timeout=PATIENCE_S)[0]) for process in both]
    assert sum(did) == Message.objects.count() == 4
    assert ticking.tick(timezone.now()) == 0


def test_demo_gateway_shows_what_it_would_send_and_gives_receipts(
    world: World, send_until: SendUntil
) -> None:
    message = actions.warn(world.analyst, new_task(0).pk)
    off = actions.warn(world.analyst, new_task(1).pk)
    Message.objects.filter(pk=off.pk).update(msisdn="+8617258019913")
    due()

    def done() -> bool:
        message.refresh_from_db()
        off.refresh_from_db()
        return (message.state, off.state) == (S.DELIVERED, S.FAILED)

    send_until(DemoGateway(), done)
    shown = DemoSms.objects.filter(part__message=message).order_by("part__number")
    assert "".join(one.part.text for one in shown) == message.text
