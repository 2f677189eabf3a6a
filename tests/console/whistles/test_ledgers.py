"""Ledgers are written from what was done: masked, by region and period, in Chinese, audited."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tracemalloc
from collections.abc import Iterable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from qingdun.console.alerts import actions
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import Task
from qingdun.console.care import actions as care
from qingdun.console.care.models import FollowUp
from qingdun.console.care.ticking import tick as care_tick
from qingdun.console.cases import actions as cases
from qingdun.console.cases.actions import IncidentForm
from qingdun.console.funds import actions as funds
from qingdun.console.funds.actions import StopForm
from qingdun.console.kernel.models import AuditRow
from qingdun.console.kernel.spreadsheets import csv_lines
from qingdun.console.whistles import export, ledgers
from qingdun.console.whistles.ledgers import LEDGERS, Span
from qingdun.errors import InputError, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.whistles.conftest import KNOWN, NAMED


@pytest.fixture
def today() -> Span:
    day = timezone.localdate()
    return Span("", day, day + dt.timedelta(days=1))  # midnight may pass while a test runs


@pytest.fixture
def worked(world: World) -> World:
    """The golden story told to its end, and ten other tasks."""
    ingest_alerts(None, [made.police_urgent(), *made.calm_alerts()])
    task = Task.objects.get(person_id="p00")
    actions.dispatch(world.analyst, task.pk, None)
    actions.move(world.officer, task.pk, None, "sign")
    actions.record_contact(world.officer, task.pk, None, "busy", "=1+1 占线")
    actions.record_contact(world.officer, task.pk, None, "answered")
    actions.move(world.officer, task.pk, None, "meet")
    form = actions.VisitForm(("persuade",), "", "+86 当面劝阻成功", 6_700_000, 0, 3)
    actions.save_visit(world.officer, task.pk, None, "ledger-visit", form, "awakened")
    return world


def table(lines: Iterable[list[object]]) -> list[dict[str, object]]:
    head, *rest = [*lines]
    return [dict(zip(map(str, head), line, strict=True)) for line in rest]


def asked(world: World, code: str, span: Span) -> list[dict[str, object]]:
    return table(export.export_ledger(world.analyst, code, span, "csv", False, "").lines())


def test_ledgers_hold_what_was_done_under_chinese_headings(worked: World, today: Span) -> None:
    (visit,) = asked(worked, "visits", today)
    assert (visit["姓名"], visit["号码"], visit["避免损失（元）"], visit["保护银行卡（张）"]) == (
        "郑**", "172****0000", 67_000.0, 3,
    )  # fmt: skip
    assert visit["镇街"] == worked.town.name
    assert [call["通话结果"] for call in asked(worked, "contacts", today)] == ["占线", "已接听"]
    assert len(asked(worked, "dispositions", today)) == 11
    (saved,) = asked(worked, "avoided", today)
    assert saved["责任民警"] == "民警丁"
    # Nobody loses anything to a false alarm, whatever was typed before it turned out to be one.
    Task.objects.filter(person_id="p00").update(verdict="false_alarm")
    assert asked(worked, "avoided", today) == []


def test_what_follows_and_what_was_lost_has_its_ledger_too(worked: World, today: Span) -> None:
    task = Task.objects.get(person_id="p00")
    said_at = task.verdict_at
    assert said_at is not None
    care_tick(said_at + dt.timedelta(seconds=6))
    first = FollowUp.objects.get(task=task, day=1)
    care.record_result(worked.officer, first.pk, "well", "郑晓岚本人接听，改用13912345678")
    lines = asked(worked, "follow_ups", today)
    assert [(line["回访第几天"], line["办理状态"], line["回访结果"]) for line in lines] == [
        (1, "已完成", "情况正常，未再接触骗子"), (3, "待回访", ""), (7, "待回访", ""),
    ]  # fmt: skip
    days = [timezone.localtime(said_at).date() + dt.timedelta(days=day) for day in (1, 3, 7)]
    assert [line["应回访日期"] for line in lines] == [day.isoformat() for day in days]
    assert "13912345678" not in str(lines[0]["备注"])
    assert "郑晓岚" not in str(lines[0]["备注"])

    now = timezone.now()
    report = IncidentForm("ledger-incident", now, "police", 5_000_000, "转给郑晓岚名下以外的账户", task.pk)
    cases.report_incident(worked.officer, report)
    stop = StopForm("ledger-stop", "某某某", "6200000000000017", 5_000_000, now, "演练银行", task.pk)
    funds.request_stop(worked.officer, stop)
    (incident,) = asked(worked, "incidents", today)
    assert (incident["姓名"], incident["损失（元）"], incident["任务"]) == ("郑**", 50_000.0, task.pk)
    (order,) = asked(worked, "stops", today)
    assert (order["金额（元）"], order["银行"]) == (50_000.0, "演练银行")
    assert "6200000000000017" not in str(order)
    assert ledgers.rows(worked.other_county, "incidents", today).count() == 0
    assert ledgers.rows(worked.other_county, "stops", today).count() == 0


@pytest.mark.parametrize("code", sorted(LEDGERS))
def test_headings_are_chinese_whatever_the_page_speaks(worked: World, today: Span, code: str) -> None:
    from django.utils import translation

    with translation.override("en"):
        head = next(iter(export.export_ledger(worked.analyst, code, today, "csv", False, "").lines()))
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in heading) for heading in head)
    assert len(set(head)) == len(head)


def test_period_and_region_bound_the_lines(worked: World, today: Span) -> None:
    day = dt.timedelta(days=1)
    assert asked(worked, "dispositions", Span("", today.since - 9 * day, today.since - day)) == []
    there = asked(worked, "dispositions", today._replace(region=worked.town.code))
    assert {line["镇街"] for line in there} == {worked.town.name}
    with pytest.raises(InputError):
        ledgers.rows(worked.analyst, "dispositions", Span("", today.until, today.since - day))
    with pytest.raises(InputError):
        ledgers.rows(worked.analyst, "moon", today)


def test_everybody_gets_their_own_part(worked: World, today: Span) -> None:
    def lines(user: object, code: str) -> int:
        return ledgers.rows(user, code, today).count()  # type: ignore[arg-type]

    assert lines(worked.officer, "contacts") == lines(worked.county, "contacts") == 2
    assert lines(worked.other_county, "contacts") == 0
    with pytest.raises(NotPermitted):
        lines(worked.viewer, "contacts")


def test_unmasked_needs_right_and_purpose_and_every_file_is_on_record(worked: World, today: Span) -> None:
    with pytest.raises(InputError):
        export.export_ledger(worked.analyst, "visits", today, "csv", True, " ")
    assert not AuditRow.objects.filter(verb="export_ledger").exists()
    export.export_ledger(worked.analyst, "visits", today, "csv", False, "")
    made_ = export.export_ledger(worked.analyst, "visits", today, "xlsx", True, "上级督办核查")
    (visit,) = table(made_.lines())
    assert (visit["姓名"], visit["号码"]) == (NAMED, KNOWN)
    masked, unmasked = AuditRow.objects.filter(verb="export_ledger").order_by("seq")
    assert (masked.purpose, unmasked.purpose) == ("", "上级督办核查")
    assert '"unmasked":true' in unmasked.after


def test_a_home_is_legible_in_no_file_once_its_task_is_over(worked: World, today: Span) -> None:
    def homes() -> list[object]:
        told = export.export_ledger(worked.analyst, "visits", today, "csv", True, "上级督办核查")
        return [line["住址"] for line in table(told.lines())]

    assert homes() == [f"{worked.town.name}演练路1号"]
    Task.objects.filter(person_id="p00").update(closed_at=timezone.now())
    assert homes() == [f"{worked.town.name}演练路**"]


def test_csv_and_workbook_hold_the_same_and_no_formula(worked: World, client_of: LogIn, today: Span) -> None:
    client = client_of(worked.analyst)
    body = {"since": today.since, "until": today.until}
    answer = client.post("/ledgers/contacts/", {**body, "form": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert any("'=1+1 占线" in line for line in lines)
    answer = client.post("/ledgers/contacts/", {**body, "form": "xlsx"})
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    cells = [[str(cell.value or "") for cell in row] for row in book.active.iter_rows()]
    assert [[cell.lstrip("'") for cell in line] for line in lines] == cells
    kinds = {cell.data_type for row in book.active.iter_rows() for cell in row}
    assert "f" not in kinds


def test_page_counts_and_refuses(worked: World, client_of: LogIn) -> None:
    client = client_of(worked.analyst)
    page = client.get("/ledgers/").content.decode()
    assert ">11<" in page
    answer = client.post("/ledgers/visits/", {"form": "csv", "unmask": "1", "purpose": ""}, follow=True)
    assert "4" in answer.content.decode()
    assert answer.redirect_chain
    assert client_of(worked.viewer).get("/ledgers/").status_code == 403
    assert client.get("/ledgers/visits/").status_code == 405


def test_many_lines_are_read_in_pieces(worked: World, today: Span, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "CHUNK", 4)
    with CaptureQueriesContext(connection) as queries:
        assert len(asked(worked, "dispositions", today)) == 11
    # One query for the region asked for, one for the lines, one for the persons of each piece, and the audit.
    persons = [one for one in queries.captured_queries if 'FROM "kernel_person"' in one["sql"]]
    assert len(persons) == 3


@pytest.mark.slow
def test_hundred_thousand_lines_take_little_memory(world: World, today: Span) -> None:
    now = timezone.now()
    Task.objects.bulk_create(
        (
            Task(
                episode_id=f"many-{n}", person_id="p00", msisdn=made.number(0), region_path=world.town.path,
                town=world.town, scam_type="loan", level="low", level_rank=3, stage="contact",
                probability=0.1, raised_at=now, received_at=now, moved_at=now, expected_loss_fen=1,
            )
            for n in range(100_000)
        ),
        batch_size=2000,
    )  # fmt: skip
    lines = export.export_ledger(world.analyst, "dispositions", today, "csv", False, "").lines()
    tracemalloc.start()
    assert sum(1 for _ in csv_lines(lines)) == 100_002
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000
