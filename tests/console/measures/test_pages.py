"""What a figure says in one small story, and its pages and files."""

from __future__ import annotations

import csv
import datetime as dt
import io
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone
from openpyxl import load_workbook

from qingdun.console.alerts.models import Task, TaskEvent
from qingdun.console.cases.models import Incident
from qingdun.console.kernel.models import AuditRow
from qingdun.console.measures.periods import Period, period_of
from qingdun.console.measures.queries import Ask, report
from qingdun.errors import InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.measures.conftest import DAY, HOUR, NOW

QUERY = "since=2026-01-10&until=2026-03-31"


@pytest.fixture
def dissuaded(world: World, monkeypatch: pytest.MonkeyPatch) -> Task:
    """Met and dissuaded forty days ago."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    at = NOW - 40 * DAY
    task = Task.objects.create(
        episode_id="one", person_id="p00", msisdn="+8617258010000", region_path=world.town.path,
        town=world.town, scam_type="police", level="high", level_rank=1, stage="contact", probability=0.9,
        raised_at=at, received_at=at, moved_at=at, expected_loss_fen=1, verdict="awakened",
        verdict_at=at + 2 * HOUR,
    )  # fmt: skip
    meet(task, at + HOUR)
    return task


def meet(task: Task, at: dt.datetime) -> None:
    TaskEvent.objects.create(
        task=task, region_path=task.region_path, at=at, verb="meet", source="signed", target="met"
    )


def lose(world: World, at: dt.datetime, loss_fen: int = 100, task: Task | None = None) -> None:
    Incident.objects.create(
        person_id="p00", msisdn="x", region_path=world.town.path, reported_at=at, scam_type="police",
        loss_fen=loss_fen, task=task, key=str(at), by=world.officer, entered_at=at,
    )  # fmt: skip


def counted(world: World) -> tuple[int, int]:
    made = report(world.analyst, Ask("", Period(dt.date(2026, 1, 1), dt.date(2026, 3, 31))))
    return made.counts.now["met_safe"], made.counts.now["defrauded"]


@pytest.mark.parametrize(
    ("days", "loss_fen", "expected"),
    [(-1, 100, (1, 0)), (3, 100, (0, 1)), (3, 0, (1, 0)), (8, 100, (1, 1)), (31, 100, (1, 0))],
)
def test_which_incidents_count(
    world: World, dissuaded: Task, days: int, loss_fen: int, expected: tuple[int, int]
) -> None:
    assert counted(world) == (1, 0)
    lose(world, dissuaded.received_at + days * DAY, loss_fen)
    assert counted(world) == expected


def test_one_bad_week_after_any_meeting_is_no_success(world: World, dissuaded: Task) -> None:
    lose(world, dissuaded.received_at + 2 * DAY)
    meet(dissuaded, dissuaded.received_at + 10 * DAY)
    assert counted(world)[0] == 0


def test_money_that_had_gone_before_is_no_failure_of_the_visit(world: World, dissuaded: Task) -> None:
    dissuaded.verdict = "already_paid"
    dissuaded.save()
    lose(world, dissuaded.received_at + 3 * HOUR, task=dissuaded)
    assert counted(world) == (1, 0)


def test_page_and_rows(month: World, client_of: LogIn) -> None:
    client = client_of(month.analyst)
    text = client.get(f"/measures/?{QUERY}").content.decode()
    made = report(month.analyst, Ask("", period_of("2026-01-10", "2026-03-31")))
    address = "/measures/required/?region=441800&amp;since=2026-01-10&amp;until=2026-03-31"
    assert f'href="{address}">{made.counts.now["required"]}</a>' in text
    for code in ("required", "money", "clocks", "contacts"):
        page = client.get(f"/measures/{code}/?{QUERY}&level=high").content.decode()
        assert "郑晓岚" not in page
    assert client.get("/measures/nothing/").status_code == 404
    for odd in ("since=x&until=2026-99-99", "since=2026-03-01&until=2020-01-01&measure=none", "region=9"):
        assert client.get(f"/measures/?{odd}").status_code == 200
    assert client_of(month.auditor).get("/measures/").status_code == 403


def test_empty_page(world: World, client_of: LogIn) -> None:
    client = client_of(world.officer)
    assert client.get("/measures/").status_code == 200
    assert client.get("/measures/received/").status_code == 200


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_files_hold_numerators_and_denominators(month: World, client_of: LogIn, form: str) -> None:
    asked = {"since": "2026-01-10", "until": "2026-03-31", "form": form}
    answer = client_of(month.analyst).post("/measures/file/", asked)
    if form == "csv":
        lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    else:
        sheet = load_workbook(io.BytesIO(answer.content)).active
        assert sheet is not None
        lines = [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
    made = report(month.analyst, Ask("", period_of("2026-01-10", "2026-03-31")))
    now = made.counts.now
    assert lines[1][2:4] == [str(now["met_required"]), str(now["required"])]
    assert AuditRow.objects.get(verb="export_measures").actor == "city"


def test_who_may_ask(month: World) -> None:
    for user in (month.viewer, month.auditor):
        with pytest.raises(NotPermitted):
            report(user, Ask("", period_of("", "")))
    from qingdun.console.measures.queries import rows

    with pytest.raises(InputError):
        rows(month.analyst, "nothing", Ask("", period_of("", "")))


def test_periods() -> None:
    march = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    assert march.before == Period(dt.date(2026, 1, 29), dt.date(2026, 2, 28))
    assert march.begins == dt.datetime(2026, 2, 28, 16, tzinfo=dt.UTC)
    assert len(march.parts()) == 31
    quarter = Period(dt.date(2026, 1, 1), dt.date(2026, 3, 31))
    assert quarter.parts()[0] == Period(dt.date(2026, 1, 1), dt.date(2026, 1, 4))
    assert sum(part.length for part in quarter.parts()) == quarter.length
    assert period_of("1000-01-01", "2026-03-31").length == 30


def test_what_measures_look_for_is_found_by_index(db: None) -> None:
    migration = import_module("qingdun.console.measures.migrations.0001_what_measures_look_for")
    with connection.cursor() as cursor:
        for name, on in migration.INDICES.items():
            assert name in connection.introspection.get_constraints(cursor, on.split(" ")[0])
