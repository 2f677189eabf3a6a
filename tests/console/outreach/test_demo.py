"""The demonstration's year of outreach: the source's figures come out of its rows, and it is made once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask
from qingdun.console.outreach import figures, queries, standing
from qingdun.console.outreach.demo import create_demo_outreach
from qingdun.console.outreach.models import AppCount, EventPhoto
from qingdun.errors import NotPermitted
from qingdun.evaluate.growing import coverage
from qingdun.reach.growth import weekly
from tests.console.conftest import MakeUser

MAILED = {"mailings", "queued", "queued_floating", "queued_new"}
"""Figures that need people in the register."""


def test_the_year_holds_the_source_s_figures_once(make_user: MakeUser, settings: Settings) -> None:
    with pytest.raises(NotPermitted):
        create_demo_outreach()
    settings.DEMO = True
    viewer = make_user(Role.CITY_ANALYST, name="demo-city")
    User.objects.filter(pk=viewer.pk).update(demo=True)
    assert create_demo_outreach() == AppCount.objects.count() > 2000
    assert create_demo_outreach() == 0
    found = {one.figure.code: one.value for one in figures.counted(viewer, Ask())}
    assert found == found | {
        "installed": 1_529_318, "rank": 4, "units": 50, "ambassadors": 65, "venues": 10, "universities": 9,
        "technicians": 1, "campus_heads": 412, "commended": 3, "units_joined": 50, "matrix_units": 56,
    }  # fmt: skip
    assert found["events"] >= 100
    assert all(value for code, value in found.items() if code not in MAILED)
    risen = Ask("", timezone.localdate() - dt.timedelta(days=200), timezone.localdate())
    assert figures.LEDGER.value(viewer, "units", Ask(until=risen.since)) == 31
    assert figures.LEDGER.value(viewer, "units_joined", risen) == 19
    assert figures.LEDGER.value(viewer, "units", risen) == 50
    assert EventPhoto.objects.exists()
    assert found["installed"] > found["real_name"] > found["warning_on"] > 0
    board = standing.board(viewer, "", "installed")
    assert len(board.weeks) == 52
    assert {one.verdict for one in board.outlooks} <= {"met", "likely", "open", "unlikely"}
    assert any(place.counts["installed"] for place in standing.board(viewer, "", "installed", "grid").places)

    # Nine of ten intervals should hold the day; what was found stands in docs/outreach.md.
    series = []
    for place in board.places:
        rows = queries.counts(viewer, place.code).order_by("day").values_list("day", "installed")
        days: dict[object, int] = {}
        for day, installed in rows:
            days[day] = days.get(day, 0) + installed
        series.append(weekly(list(days.values())))
    for weeks in (4, 8):
        held = coverage(series, weeks)
        assert held.asked > 60
        assert 0.8 <= held.share <= 1
