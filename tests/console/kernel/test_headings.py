"""Headings of files: remembered by house and place, and kept nowhere as they are: they may be a row."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps

from qingdun.console.kernel.imports import actions
from qingdun.console.kernel.imports.models import Import, ImportFormat, State, owner_of
from qingdun.console.kernel.models import AuditRow, User
from tests.console.alerts.world import World
from tests.console.kernel.test_imports import counts, run
from tests.console.whistles.conftest import world

__all__ = ["world"]


def test_a_file_without_headings_has_numbers_for_them_and_none_of_it_goes_on_record(world: World) -> None:
    rows = ["17258010000,2026-06-17 15:29,police,6.7万", "17258010001,2026-06-18 9:05,police,100"]
    file = actions.receive(world.county, "incidents", "a.csv", "\n".join(rows).encode())
    assert (file.headings, file.rows_total, file.columns) == (["#1", "#2", "#3", "#4"], 2, {})
    columns = {"number": "#1", "reported_at": "#2", "scam_type": "#3", "loss_fen": "#4"}
    actions.read_as(world.county, file.pk, columns)
    run(actions.begin(world.county, file.pk))
    assert counts(file) == (2, 0, 0)
    again = actions.receive(world.county, "incidents", "b.csv", rows[0].encode())
    assert again.columns == columns, "such files are remembered too"


def test_what_stands_for_headings_goes_neither_on_record_nor_into_what_is_remembered(world: World) -> None:
    text = "赵某某,案由,立案日期\n甲1,贩卡案,2026-06-17\n"  # a name where the number's heading should be
    file = actions.receive(world.county, "cases", "a.csv", text.encode())
    actions.read_as(world.county, file.pk, {**file.columns, "number": "赵某某"})
    actions.begin(world.county, file.pk)
    kept = ImportFormat.objects.get()
    assert kept.columns == {"number": 0, "name": 1, "filed_on": 2}
    assert "赵某某" not in " ".join(row.after for row in AuditRow.objects.all())
    assert actions.receive(world.county, "cases", "b.csv", text.encode()).columns["number"] == "赵某某"


def test_columns_are_remembered_by_house(world: World) -> None:
    text = "甲,乙,丙\nA,贩卡案,2026-06-17\n"
    columns = {"number": "甲", "name": "乙", "filed_on": "丙"}

    def first_look(user: User) -> dict[str, str]:
        return dict(actions.receive(user, "cases", "a.csv", text.encode()).columns)

    file = actions.receive(world.county, "cases", "a.csv", text.encode())
    actions.read_as(world.county, file.pk, columns)
    actions.begin(world.county, file.pk)
    assert first_look(world.county) == columns
    assert first_look(world.other_county) == {}
    assert first_look(world.analyst) == {}
    assert ImportFormat.objects.get().owner == owner_of(world.county)


def test_what_was_remembered_for_the_city_becomes_each_house_s(world: World) -> None:
    upgrade: Any = import_module("qingdun.console.kernel.imports.migrations.0002_read_in_the_background")
    text = "甲,乙,丙\nA,贩卡案,2026-06-17\n"
    files = [actions.receive(user, "cases", "a.csv", text.encode()) for user in (world.county, world.analyst)]
    Import.objects.update(state=State.DONE)
    ImportFormat.objects.create(
        owner="", kind="cases", origin="", fingerprint=files[0].fingerprint,
        columns={"number": "甲", "filed_on": "丙"}, meanings={},
    )  # fmt: skip
    ImportFormat.objects.create(
        owner="", kind="cases", origin="", fingerprint="nobody's", columns={"number": "丁"}
    )
    upgrade.by_house(apps, None)
    houses = {owner_of(world.county), owner_of(world.analyst)}
    assert {one.owner for one in ImportFormat.objects.all()} == houses
    assert all(one.columns == {"number": 0, "filed_on": 2} for one in ImportFormat.objects.all())
