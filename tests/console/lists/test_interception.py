"""What an analyst decides is enforced by a real name server and let go again, whoever is killed meanwhile."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from qingdun.console.lists import actions, enforcing, queries
from qingdun.console.lists.interception import ConsoleLists
from qingdun.console.lists.models import Entry, EntryEvidence, Plane, Sighting
from qingdun.contract.lists import PlaneState, Sightings
from qingdun.errors import NotPermitted
from qingdun.intercept.copy import held
from qingdun.intercept.feed import Follower, Limits
from qingdun.intercept.sites.keys import shared_key
from qingdun.intercept.sites.plane import copy_of
from tests.console.lists.conftest import Listed, People
from tests.console.lists.started import started
from tests.console.lists.test_engine import ROOT
from tests.intercept.running import NAMED, REAL, TARGET, ZONE, answers, bind, free_port, needs, until

HOUR = 3_600_000_000


@pytest.mark.django_db
def test_the_feed_says_what_stands_who_approved_it_and_how_it_ended(
    people: People, listed: Listed, tmp_path: Path
) -> None:
    copy = copy_of(tmp_path)
    source = ConsoleLists()
    follow = Follower(copy, source, [], Limits(), lambda: round(timezone.now().timestamp() * 1_000_000))
    early = listed("early.example.invalid")
    follow.step()
    entry = listed("bad.example.invalid")
    for detector in ("visit.lookalike_host", "message.scam_text", "visit.lookalike_host"):
        EntryEvidence.objects.create(
            entry=entry, detector=detector, text_zh="证据", text_en="evidence", at=timezone.now()
        )
    actions.enforce(people.analyst, [(entry.pk, None)], "观察一日无误报")
    until_ = timezone.now() + dt.timedelta(days=9)
    actions.extend(people.analyst, [(early.pk, None)], until_, "续期")
    follow.step()
    with copy.reading() as db:
        found = {one.entry_id: one for one in held(db)}
    assert set(found) == {early.pk, entry.pk}
    one = found[entry.pk]
    assert one.enforced
    assert not found[early.pk].enforced, "an entry is observed first"
    assert (one.owner, one.approved_by) == (people.analyst.username, (people.colleague.username,))
    assert one.evidence == ("message.scam_text", "visit.lookalike_host")
    assert found[early.pk].until == round(until_.timestamp() * 1_000_000)
    actions.reverse(people.colleague, [(entry.pk, None)], "核实为误报")
    (line,) = source.since(copy.heard().serial or 0, 10)
    assert (line.what, line.ended_by, line.ended_why) == ("unlisted", people.colleague.username, "核实为误报")
    follow.step()
    assert copy.heard().entries == 1
    copy.close()


@pytest.mark.django_db
def test_counts_are_kept_as_they_are_told_and_shown(people: People, listed: Listed) -> None:
    entry, source = listed(), ConsoleLists()
    source.report("sites", [Sightings(entry.pk, HOUR * 400_000, 3, 0), Sightings(entry.pk + 99, HOUR, 1, 1)])
    source.report(
        "sites", [Sightings(entry.pk, HOUR * 400_000, 5, 0), Sightings(entry.pk, HOUR * 400_001, 0, 2)]
    )
    assert Sighting.objects.count() == 2
    assert queries.sighted(people.officer, entry) == (5, 2)


@pytest.mark.django_db
def test_a_plane_stands_as_it_last_told() -> None:
    source = ConsoleLists()
    first = PlaneState("messages", 2_000_000, None, None, 0, None, None, {})
    last = PlaneState("messages", 9_000_000, 7, 8_000_000, 3, 9, 1200, {"breaker": "closed", "held": 2})
    for told in (first, last):
        source.state(told)
    (found,) = Plane.objects.all()
    assert found.heard_at == dt.datetime(1970, 1, 1, 0, 0, 8, tzinfo=dt.UTC)
    assert (found.serial, found.entries, found.stopped_at, found.stopped_size) == (7, 3, 9, 1200)
    assert found.figures == {"breaker": "closed", "held": 2}


@pytest.mark.django_db
def test_only_what_a_network_can_block_is_enforced_once_and_by_an_approver(
    people: People, listed: Listed
) -> None:
    wrong = [
        listed("6222021234567890", "account"),
        listed("grey.example.invalid", list_name="grey"),
        listed("203.0.113.7"),
    ]
    done = actions.enforce(people.analyst, [(one.pk, None) for one in wrong], "观察一日无误报")
    assert [one.ok for one in done] == [False, False, False]
    assert "IP" in done[-1].message
    good = listed("+8617258010001", "number")
    (first,) = actions.enforce(people.analyst, [(good.pk, None)], "观察一日无误报")
    (second,) = actions.enforce(people.analyst, [(good.pk, None)], "观察一日无误报")
    assert (first.ok, second.ok) == (True, False)
    assert "enforce" not in {
        move.verb for move in queries.open_moves(people.analyst, Entry.objects.get(pk=good.pk))
    }
    (without,) = actions.enforce(people.analyst, [(listed().pk, None)], " ")
    assert not without.ok, "it takes a reason"


@pytest.mark.django_db
def test_what_was_observed_long_enough_and_met_is_proposed_until_the_budget_is_spent(
    people: People, listed: Listed, client: Client
) -> None:
    source = ConsoleLists()
    often, seldom, fresh, unmet = (listed(f"h{n}.example.invalid") for n in range(4))
    long_ago = timezone.now() - dt.timedelta(hours=25)
    Entry.objects.exclude(pk=fresh.pk).update(since=long_ago)
    source.report(
        "sites", [Sightings(one.pk, HOUR * 400_000, n, 0) for one, n in ((often, 9), (seldom, 2), (fresh, 5))]
    )
    found = enforcing.proposed(people.analyst)
    assert [(one.pk, one.met) for one in found.entries] == [(often.pk, 9), (seldom.pk, 2)]
    assert (found.spent, unmet in found.entries) == (0, False)
    client.force_login(people.analyst)
    page = client.get(reverse("lists:enforce")).content.decode()
    assert "h0.example.invalid" in page
    assert "h3.example.invalid" not in page
    assert (
        client.post(
            reverse("lists:act"), {"entry": f"{often.pk}", "verb": "enforce", "note": "观察一日无误报"}
        ).status_code
        == 302
    )
    assert Entry.objects.get(pk=often.pk).enforced_by == people.analyst
    assert [one.pk for one in enforcing.proposed(people.analyst).entries] == [seldom.pk]

    wrong = [listed(f"w{n}.example.invalid") for n in range(found.most)]
    actions.enforce(people.analyst, [(one.pk, None) for one in wrong], "紧急")
    actions.reverse(people.analyst, [(one.pk, None) for one in wrong], "核实为误报")
    spent = enforcing.proposed(people.analyst)
    assert (spent.spent, spent.is_spent, list(spent.entries)) == (found.most, True, [])
    with pytest.raises(NotPermitted):
        enforcing.proposed(people.county)


@contextmanager
def plane(var: Path, listen: int, page: int, secondary: int) -> Iterator[subprocess.Popen[bytes]]:
    """`qingdun intercept sites` in a process of its own."""
    more = {
        "SITES_LISTEN": f"127.0.0.1:{listen}", "SITES_PAGE": f"127.0.0.1:{page}", "SITES_TARGET": TARGET,
        "SITES_ZONE": ZONE, "SITES_SECONDARIES": f"127.0.0.1:{secondary}",
    }  # fmt: skip
    with started("sites", var, lambda: answers(listen), **more) as process:
        yield process


def status(var: Path) -> list[str]:
    """What `qingdun intercept status` prints."""
    environment = {**os.environ, "QINGDUN_VAR": str(var)}
    command = [sys.executable, "-m", "qingdun.cli", "intercept", "status"]
    return subprocess.run(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.splitlines()


@pytest.mark.django_db(transaction=True)
def test_a_name_server_blocks_what_was_decided_and_lets_go_what_was_reversed(
    people: People, listed: Listed, tmp_path: Path
) -> None:
    needs(NAMED)
    listen, page, port = free_port(), free_port(), free_port()
    var = tmp_path / "var"
    key = var / "intercept" / "sites.key"
    shared_key(key)
    with bind(tmp_path / "bind", listen, key, port) as server:
        with plane(var, listen, page, port) as process:
            entry = listed("bad.example")
            actions.enforce(people.analyst, [(entry.pk, None)], "观察一日无误报")
            server.comes_to("www.bad.example", [TARGET])
            until(lambda: Plane.objects.filter(plane="sites", entries=1).exists(), process)
            said = status(var)
            assert said[0] == "sites:"
            assert {"  entries held: 1", "  block sites: 1", "  observe sites: 0"} <= set(said)
            process.kill()
            process.wait()
            other = listed("other.example")
            actions.enforce(people.analyst, [(other.pk, None)], "观察一日无误报")
            actions.reverse(people.colleague, [(entry.pk, None)], "核实为误报")
            assert server.addresses("www.bad.example") == [TARGET], "a name server goes on without us"
        with plane(var, listen, page, port) as process:
            server.comes_to("other.example", [TARGET])
            server.comes_to("www.bad.example", REAL)
            process.terminate()
            assert process.wait(20) == 0
