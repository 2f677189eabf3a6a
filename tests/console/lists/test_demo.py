"""A demonstration's networks: made once by real acts, and kept going as real planes are."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from qingdun.console.kernel.demo import create_demo_accounts
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.tailing import Poll
from qingdun.console.lists import deciding, planes
from qingdun.console.lists.demo import ENTRIES, create_demo_networks
from qingdun.console.lists.interception import ConsoleLists
from qingdun.console.lists.models import EntryEvidence, HeldText, Plane
from qingdun.console.lists.planes import Ask
from qingdun.console.lists.rehearsed import rehearse
from qingdun.detect.catalogue import CATALOGUE
from qingdun.errors import NotPermitted


@pytest.fixture
def demo(regions: dict[str, Region], settings: Settings, tmp_path: Path) -> User:
    settings.DEMO, settings.VAR = True, tmp_path
    create_demo_accounts()
    assert create_demo_networks() == len(ENTRIES)
    return User.objects.get(username="demo-city")


@pytest.mark.django_db
def test_a_week_was_met_and_one_block_was_wrong(demo: User, client: Client) -> None:
    assert create_demo_networks() == 0
    week = Ask(hours=168)
    assert len(planes.met(demo, week)) == len(ENTRIES)
    assert {one.name for one in planes.standing(demo, week) if one.blocked and one.observed} == {
        "sites", "messages", "calls", "look-ups",
    }  # fmt: skip
    assert planes.week(demo).wrong == 1
    known = {detector.code for detector in CATALOGUE}
    assert set(EntryEvidence.objects.values_list("detector", flat=True)) <= known
    client.force_login(demo)
    assert client.get(reverse("lists:planes")).status_code == 200
    page = client.get(reverse("lists:held")).content.decode()
    held = HeldText.objects.values_list("probability", flat=True)
    assert page.count("data-row") == len(held) > 3
    assert min(held) >= 0.97, "a plane holds nothing else"


@pytest.mark.django_db
def test_nothing_of_it_stands_outside_a_demonstration() -> None:
    with pytest.raises(NotPermitted):
        create_demo_networks()


@pytest.mark.django_db(transaction=True)
def test_planes_without_a_real_one_follow_and_say_so(demo: User, tmp_path: Path) -> None:
    folder = tmp_path / "intercept"
    (folder / "calls.sqlite3").touch()
    held = HeldText.objects.get(text_id=1)
    deciding.decide(demo, [(held.pk, None)], "release", "核实为正常通知（合成）")

    async def told() -> None:
        stop = asyncio.Event()
        work = asyncio.create_task(rehearse(folder, ConsoleLists, Poll, stop))
        while not work.done() and await Plane.objects.filter(serial__gt=0).acount() < 3:
            await asyncio.sleep(0.05)
        while not work.done() and not await HeldText.objects.filter(state="released").aexists():
            await asyncio.sleep(0.05)
        stop.set()
        await work

    asyncio.run(told())
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # the threads that asked have ended, and left theirs open
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    assert {one.name: one.state for one in planes.standing(demo, Ask())} == {
        "sites": "follows", "messages": "follows", "calls": "never", "look-ups": "follows",
    }  # fmt: skip
