"""The demonstration's year: nothing opens empty, and it says that it is made up."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.industry import demo, figures, tables
from qingdun.console.industry.demo import create_demo_industry
from qingdun.console.industry.models import Assignment
from qingdun.console.kernel.demo import create_demo_accounts
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.tables import Ask
from qingdun.errors import NotPermitted


def test_the_year_fills_every_table_and_figure_once(
    regions: dict[str, Region], settings: Settings, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO, settings.VAR = True, tmp_path
    monkeypatch.setattr(demo, "WEEKS", 9)
    create_demo_accounts()
    assert create_demo_industry() > 18
    assert create_demo_industry() == 0
    city = User.objects.get(username="demo-city")
    for code in tables.TABLES:
        if code != "breaches":
            assert tables.rows(city, code, Ask()).exists(), code
    ask = Ask("", timezone.localdate() - dt.timedelta(days=90), timezone.localdate())
    counted = {one.figure.code: one.value for one in figures.counted(city, ask)}
    empty = {code for code, value in counted.items() if not value}
    assert empty <= {"breaches", "disputed", "upheld", "appeals"}
    officer = User.objects.get(username="demo-bank-1")
    assert tables.rows(officer, "assignments", Ask()).exists()


def test_a_list_of_which_every_row_is_disputed_has_nobody_who_appeals(
    regions: dict[str, Region], settings: Settings, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO, settings.VAR = True, tmp_path
    create_demo_accounts()
    cast = demo._Cast(User.objects.get(username="demo-city"))
    monkeypatch.setattr(cast.luck, "random", lambda: 0.0)
    demo._worked(cast, timezone.now() - 9 * demo.DAY, cast.some("bank"), "account", "clear", 1)
    assert Assignment.objects.count() == 1


def test_there_is_no_demo_outside_a_demonstration(regions: dict[str, Region], settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(NotPermitted):
        create_demo_industry()
