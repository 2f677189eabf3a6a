"""Workbooks are read by the tick process: progress for whoever looks, a reason for what cannot be read."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import xlsxwriter
from django.utils import timezone

from qingdun.console.kernel.imports import actions, ticking, unpacking
from qingdun.console.kernel.imports.kinds import Kind
from qingdun.console.kernel.imports.models import Import, ImportBody
from qingdun.console.kernel.models import AuditRow
from qingdun.errors import IllegalMove, InputError
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.kernel.test_imports import THINGS, counts, declared, run
from tests.console.whistles.conftest import client_of, world

__all__ = ["client_of", "declared", "world"]


def book(*rows: Sequence[object]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as made:
        sheet = made.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def test_a_workbook_is_read_by_the_tick_and_shows_how_far(
    world: World, client_of: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [("案号", "案由", "立案"), *((f"甲{n}", "贩卡案", "2026-06-17") for n in range(3500))]
    file = actions.receive(world.county, "cases", "a.xlsx", book(*rows))
    assert (file.state, file.rows_total, file.headings) == ("reading", 0, [])
    assert bytes(ImportBody.objects.get().data)[:2] == b"PK"
    client, url = client_of(world.county), f"/cases/files/{file.pk}/"
    assert 'hx-get="progress/"' in client.get(url).content.decode()
    with pytest.raises(IllegalMove):
        actions.begin(world.county, file.pk)
    seen: list[tuple[int, int]] = []
    seconds = iter(range(100))

    def clock() -> float:
        seen.extend(Import.objects.filter(rows_read__gt=0).values_list("rows_read", "rows_total"))
        return float(next(seconds))

    assert unpacking.read_next(timezone.now(), clock) == 3500
    assert (2000, 3500) in seen, "whoever looks meanwhile sees how many of how many"
    file.refresh_from_db()
    assert (file.state, file.rows_total, file.columns["number"]) == ("read", 3500, "案号")
    assert client.get(f"{url}progress/").headers["HX-Refresh"] == "true"
    assert not ImportBody.objects.exists()
    assert unpacking.read_next(timezone.now()) == 0
    run(actions.begin(world.county, file.pk))
    assert counts(file) == (3500, 0, 0)
    told = AuditRow.objects.filter(subject_kind="import").order_by("seq")
    assert list(told.values_list("verb", flat=True))[:3] == ["receive_file", "read_file", "begin_file"]


def test_a_workbook_that_cannot_be_read_says_why(
    world: World, client_of: LogIn, declared: dict[str, Kind[Any]]
) -> None:
    with pytest.raises(InputError):  # what the first look can tell is said at once
        actions.receive(world.county, "things", "a.xlsx", b"PK\x03\x04 nothing of the kind")
    declared["things"] = replace(THINGS, most_rows=2)
    many = actions.receive(world.county, "things", "a.xlsx", book(["品名"], ["笔"], ["灯"], ["刀"]))
    whole = book(["品名"], ["笔"])
    at = whole.index(b"xl/worksheets/sheet1.xml") + 40
    broken = actions.receive(
        world.county,
        "cases",
        "b.xlsx",
        whole[:at] + bytes(byte ^ 0x5A for byte in whole[at : at + 60]) + whole[at + 60 :],
    )
    assert ticking.tick(timezone.now()) == 0
    assert ticking.tick(timezone.now()) == 0
    for file in (many, broken):
        file.refresh_from_db()
        assert (file.state, ImportBody.objects.filter(file=file).exists()) == ("unfit", False)
    assert "2" in many.refusal
    assert broken.refusal in client_of(world.county).get(f"/cases/files/{broken.pk}/").content.decode()
    with pytest.raises(IllegalMove):
        actions.begin(world.county, broken.pk)
    with pytest.raises(IllegalMove):
        actions.retry(world.county, broken.pk)


def test_a_workbook_nobody_read_goes_in_time(world: World) -> None:
    actions.receive(world.county, "cases", "a.xlsx", book(["案号"], ["甲1"]))
    assert ticking.purge(timezone.now() + dt.timedelta(days=40)) == 1
    assert not ImportBody.objects.exists()
