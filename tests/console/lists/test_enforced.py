"""What is approved on the console is refused to a real sender of messages and to a real SIP caller, what is
reversed passes, and what a person releases arrives: also if the plane was killed in between.
"""

from __future__ import annotations

import itertools
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from qingdun.console.lists import changes, deciding
from qingdun.console.lists.models import Entry, HeldDecision, HeldText, Plane, Sighting
from qingdun.intercept.connections import Address
from tests.console.lists.conftest import People, candidate, propose
from tests.console.lists.started import started
from tests.intercept.calls import running, scenarios
from tests.intercept.messages.peers import Esme, Smsc, listens
from tests.intercept.messages.test_conversation import CLEAN, REFUSED, SCAM
from tests.intercept.running import free_port, until

FREE, LISTED = "+8613800000001", "+8617258013111"
_branches = itertools.count()


def put(people: People, client: Client, number: str) -> Entry:
    """The number is proposed by one, and approved by another with the button of its page."""
    (entry,) = propose(people.analyst, candidate(number, "number")).entries
    client.force_login(people.colleague)
    act(client, entry, "approve")
    return entry


def act(client: Client, entry: Entry, verb: str) -> None:
    """As the page of the entry does."""
    version = Entry.objects.get(pk=entry.pk).version
    form = {"entry": f"{entry.pk}:{version}", "verb": verb, "note": "核实"}
    assert client.post(reverse("lists:act"), form).status_code == 302


def heard(plane: str) -> bool:
    """Whether the plane says that it holds everything."""
    return Plane.objects.filter(plane=plane, serial=changes.head()).exists()


@pytest.mark.django_db(transaction=True)
def test_a_message_to_an_approved_number_is_refused_until_it_is_reversed_and_a_released_one_arrives_once(
    people: People, client: Client, tmp_path: Path
) -> None:
    smsc, esme, port = Smsc(), Esme(), free_port()

    def plane() -> AbstractContextManager[subprocess.Popen[bytes]]:
        more = {"MESSAGES_LISTEN": f"127.0.0.1:{port}", "MESSAGES_CENTRE": f"127.0.0.1:{smsc.port}"}
        model = {"MESSAGES_MODEL": "quarantine", "MESSAGES_PERCENT": "80"}
        return started("messages", tmp_path, lambda: listens(port), **more, **model)

    def status() -> int:
        return int(esme.submit(CLEAN, destination_addr=LISTED)["status"])

    try:
        with plane() as process:
            assert esme.bind(port) == 0
            assert status() == 0
            entry = put(people, client, LISTED)
            until(lambda: heard("messages"), process)
            assert status() == 0, "an entry is observed first"
            act(client, entry, "enforce")
            until(lambda: status() == REFUSED, process)
            assert esme.submit(CLEAN)["status"] == 0, "and nobody else"
            held = esme.submit(SCAM.format("x.example"))
            assert (held["status"], held["id"]) == (0, "QD-1")
            (text,) = until(lambda: list(HeldText.objects.filter(state="held")), process)
            until(lambda: Sighting.objects.filter(entry=entry, blocked__gt=0).exists(), process)
            process.kill()
            process.wait()
        # Nobody is there: one is decided, the other reversed.
        assert deciding.decide(people.analyst, [(text.pk, text.version)], "release", "核实")[0].ok
        act(client, entry, "reverse")
        smsc.tell()
        before = smsc.texts()
        with plane() as process:
            until(lambda: HeldText.objects.filter(state="asked").exists(), process)
            assert esme.bind(port) == 0
            until(lambda: HeldText.objects.filter(state="released").exists(), process)
            until(lambda: heard("messages"), process)
            assert status() == 0
            assert smsc.texts()[len(before) :] == [SCAM.format("x.example"), CLEAN], "once"
    finally:
        smsc.stop()
        esme.stop()
    text.refresh_from_db()
    assert (text.words, text.answers) == ("", [0])
    assert HeldDecision.objects.get().was_possible
    client.force_login(people.analyst)
    assert "已送达短信中心" in client.get(reverse("lists:held_text", args=[text.pk])).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_call_from_an_approved_number_is_refused_until_it_is_reversed_whoever_is_killed(
    people: People, client: Client, tmp_path: Path
) -> None:
    at = Address("127.0.0.1", free_port())

    def plane() -> AbstractContextManager[subprocess.Popen[bytes]]:
        return started("calls", tmp_path, lambda: running.answers(at), CALLS_LISTEN=f"{at.host}:{at.port}")

    def status(number: str = LISTED) -> int:
        mark = next(_branches)
        asks = scenarios.request(
            caller=f"<sip:{number}@127.0.0.1>", branch=f"z9hG4bK-{mark}", call_id=f"{mark}@127.0.0.1"
        )
        return int(running.asked(at, asks).split()[1])

    with plane() as process:
        assert status() == 302
        entry = put(people, client, LISTED)
        until(lambda: heard("calls"), process)
        assert status() == 302, "an entry is observed first"
        act(client, entry, "enforce")
        until(lambda: status() == 608, process)
        assert status(FREE) == 302, "and nobody else"
        process.kill()
        process.wait()
    other = put(people, client, FREE)
    act(client, other, "enforce")
    act(client, entry, "reverse")
    with plane() as process:
        until(lambda: status(FREE) == 608, process)
        until(lambda: status() == 302, process)
        until(lambda: Plane.objects.filter(plane="calls", entries=1, serial=changes.head()).exists(), process)
        until(lambda: Sighting.objects.filter(entry=other, blocked__gt=0).exists(), process)
        if Path(running.SIPP).exists():
            assert running.call(tmp_path, at.port, scenarios.refused(302), LISTED).right
            assert running.call(tmp_path, at.port, scenarios.refused(608), FREE).right
        act(client, other, "reverse")
        until(lambda: status(FREE) == 302, process)
