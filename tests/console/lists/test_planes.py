"""The page of all planes: where each stands, what was met and why, what it has cost, and the way back."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from qingdun.console.kernel.models import LiveEvent
from qingdun.console.lists import actions, changes, planes
from qingdun.console.lists.interception import ConsoleLists
from qingdun.console.lists.models import Entry, EntryEvidence, Plane
from qingdun.console.lists.planes import Ask, Modes, Reason
from qingdun.contract.columns import timestamp
from qingdun.contract.lists import PlaneState, Sightings
from qingdun.errors import NotPermitted
from tests.console.lists.conftest import Listed, People

pytestmark = pytest.mark.django_db
SECOND, HOUR = 1_000_000, 3_600_000_000


def tell(name: str, serial: int | None, ago_s: int = 0, **rest: object) -> None:
    """The plane says how it stands, so many seconds ago."""
    now = timestamp(timezone.now()) - ago_s * SECOND
    said = {"stopped_at": None, "stopped_size": None, "figures": {}} | rest
    ConsoleLists().state(PlaneState(name, now, serial, now, 7, **said))  # type: ignore[arg-type]


def hour(ago: int = 0) -> int:
    now = timestamp(timezone.now())
    return now - now % HOUR - ago * HOUR


def states(people: People) -> dict[str, str]:
    return {one.name: one.state for one in planes.standing(people.officer, Ask())}


def test_each_plane_says_where_it_stands(people: People, listed: Listed, client: Client) -> None:
    listed()
    assert set(states(people).values()) == {"never"}
    tell("sites", changes.head())
    tell("messages", changes.head(), figures={"breaker": "open", "segments_held": 1234, "unheard_of": 3})
    tell("calls", changes.head(), ago_s=310)
    tell("look-ups", 0, stopped_at=changes.head(), stopped_size=2000)
    assert states(people) == {
        "sites": "follows", "messages": "open", "calls": "silent", "look-ups": "stopped",
    }  # fmt: skip
    client.force_login(people.officer)
    page = client.get(reverse("lists:planes")).content.decode()
    for words in (
        "同步正常",
        "已 5 分钟未上报",
        "1,234",
        "unheard of",
        "qingdun intercept confirm --plane look-ups",
    ):
        assert words in page
    Entry.objects.update(since=timezone.now() - dt.timedelta(minutes=5))
    late = listed("late.example.invalid")
    late.changes.update(at=timezone.now() - dt.timedelta(minutes=3))
    (sites, *_rest) = planes.standing(people.officer, Ask())
    assert (sites.state, sites.behind) == ("behind", 1)
    assert dt.timedelta(minutes=3) <= sites.behind_for < dt.timedelta(minutes=4)
    client.force_login(people.viewer)
    assert client.get(reverse("lists:planes")).status_code == 403


def test_a_lag_is_the_changes_that_a_plane_does_not_hold(
    people: People, listed: Listed, client: Client
) -> None:
    first, second = listed("a.example.invalid"), listed("b.example.invalid")
    ConsoleLists().state(PlaneState("sites", 9_000_000, 1, 8_000_000, 1, None, None, {}))
    client.force_login(people.officer)
    page = client.get(reverse("lists:planes")).content.decode()
    assert f"{reverse('lists:changes')}?plane=sites" in page
    behind = client.get(reverse("lists:changes"), {"plane": "sites"}).content.decode()
    every = client.get(reverse("lists:changes")).content.decode()
    pages = [reverse("lists:entry", args=[one.pk]) for one in (first, second)]
    assert [address in behind for address in pages] == [False, True]
    assert [address in every for address in pages] == [True, True]


def test_open_pages_hear_of_what_changes_and_not_of_every_word(people: People, listed: Listed) -> None:
    listed()
    before = LiveEvent.objects.count()
    for _again in range(3):
        tell("sites", 1)
    assert LiveEvent.objects.count() == before + 1
    tell("sites", 1, figures={"breaker": "open"})
    Plane.objects.update(at=timezone.now() - dt.timedelta(minutes=2))
    tell("sites", 1, figures={"breaker": "open"})
    assert LiveEvent.objects.count() == before + 3


@pytest.fixture
def counted(people: People, listed: Listed) -> list[Entry]:
    """A host that is enforced, a number that is observed, and counts of two planes and of some hours."""
    host, number = listed(), listed("+8617258010001", "number")
    Entry.objects.filter(pk=host.pk).update(scam_type="phishing")
    actions.enforce(people.analyst, [(host.pk, None)], "观察一日无误报")
    for detector in ("visit.lookalike_host", "message.scam_text"):
        EntryEvidence.objects.create(
            entry=host, detector=detector, text_zh="证据", text_en="evidence", at=timezone.now()
        )
    ConsoleLists().report(
        "sites",
        [Sightings(host.pk, hour(ago), *met) for ago, met in ((1, (5, 0)), (0, (0, 9)), (30, (0, 100)))],
    )
    ConsoleLists().report("calls", [Sightings(number.pk, hour(1), 3, 0)])
    return [host, number]


def test_every_number_is_that_of_its_rows(people: People, counted: list[Entry], client: Client) -> None:
    host, number = counted
    viewer = people.officer
    assert planes.by_type(viewer, Ask()) == [Reason("phishing", 5, 9), Reason("-", 3, 0)]
    assert planes.by_detector(viewer, Ask()) == [
        Reason("message.scam_text", 5, 9), Reason("visit.lookalike_host", 5, 9), Reason("-", 3, 0),
    ]  # fmt: skip
    hours = planes.hours(viewer, Ask())
    assert len(hours) == 24
    assert [(one.observed, one.blocked) for one in hours[-2:]] == [(8, 0), (0, 9)]
    assert sum(one.blocked for one in planes.hours(viewer, Ask(hours=168))) == 109
    assert planes.modes(viewer) == Modes(1, 1)
    asked = {
        Ask(): [(host.pk, 5, 9), (number.pk, 3, 0)],
        Ask(hours=168): [(host.pk, 5, 109), (number.pk, 3, 0)],
        Ask(plane="calls"): [(number.pk, 3, 0)],
        Ask(what="blocked"): [(host.pk, 5, 9)],
        Ask(at=hours[-2].key): [(host.pk, 5, 0), (number.pk, 3, 0)],
        Ask(type="-"): [(number.pk, 3, 0)],
        Ask(detector="-"): [(number.pk, 3, 0)],
        Ask(detector="message.scam_text", what="observed"): [(host.pk, 5, 9)],
    }
    for ask, rows in asked.items():
        assert [(one.pk, one.observed, one.blocked) for one in planes.met(viewer, ask)] == rows, ask
        for what in [ask.what] if ask.what else ["observed", "blocked"]:
            by_hour = sum(getattr(one, what) for one in planes.hours(viewer, ask))
            assert by_hour == sum(getattr(one, what) for one in planes.met(viewer, ask)), ask
    client.force_login(people.officer)
    page = client.get(reverse("lists:planes")).content.decode()
    leads = set(re.findall(r'href="(/lists/[^"]*)"', page.replace("&amp;", "&")))
    assert sum("/met/" in link for link in leads) > 12
    for link in sorted(leads):
        assert client.get(link).status_code == 200, link
    odd = {"hours": "9", "at": "x", "plane": "moon", "what": "all", "type": "odd", "page": "-1"}
    assert client.get(reverse("lists:met"), odd).status_code == 200
    with pytest.raises(NotPermitted):
        planes.met(people.viewer, Ask())


def test_a_block_is_reversed_counted_against_the_week_and_put_back(
    people: People, counted: list[Entry], client: Client
) -> None:
    host, _number = counted
    client.force_login(people.analyst)
    home = reverse("lists:planes")
    assert "reverse" in client.get(home).content.decode()
    data = {"entry": f"{host.pk}", "verb": "reverse", "note": "核实为误报", "next": home}
    page = client.post(reverse("lists:act"), data, follow=True).content.decode()
    assert "put_back" in page
    week = planes.week(people.analyst)
    assert (week.spent, week.wrong, week.released) == (1, 1, 1)
    assert [one.pk for one in planes.released(people.officer, wrong=True)] == [host.pk]
    assert "核实为误报" in client.get(reverse("lists:released")).content.decode()
    (other,) = actions.put_back(people.colleague, [(host.pk, None)])
    assert not other.ok, "an undo is of whoever did it"
    client.post(reverse("lists:act"), {"entry": f"{host.pk}", "verb": "put_back", "next": home})
    back = Entry.objects.get(pk=host.pk)
    assert (back.state, back.enforced_at is None, back.reversed_at) == ("active", False, None)
    assert [line.what for line in changes.since(0) if line.entry.entry_id == host.pk][-2:] == [
        "unlisted",
        "listed",
    ]
    assert planes.week(people.analyst).spent == 0


def test_what_was_reversed_long_ago_or_has_a_follower_is_not_put_back(people: People, listed: Listed) -> None:
    old, followed = listed("old.example.invalid"), listed("new.example.invalid")
    actions.reverse(people.analyst, [(old.pk, None), (followed.pk, None)], "核实为误报")
    Entry.objects.filter(pk=old.pk).update(reversed_at=timezone.now() - dt.timedelta(minutes=11))
    listed("new.example.invalid")
    done = actions.put_back(people.analyst, [(old.pk, None), (followed.pk, None)])
    assert [one.ok for one in done] == [False, False]
    assert "10 分钟" in done[0].message
