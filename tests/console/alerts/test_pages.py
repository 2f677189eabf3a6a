"""What the pages of a task print: bits that add up, the verb that was pressed, lengths of time as people say
them, histories without names, and a wall that stands whatever comes.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from qingdun.console.alerts import actions, intake
from qingdun.console.alerts.models import Clock, Task
from qingdun.console.alerts.moves import BY_VERB, DISPATCH
from qingdun.console.kernel.durations import spoken
from qingdun.console.kernel.models import AuditRow
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn


@pytest.fixture
def client_of(settings: Settings, log_in: LogIn) -> LogIn:
    """A browser of that user; the second factor has tests of its own."""
    settings.DEMO = True
    return log_in


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def numbers(page: str) -> list[Decimal]:
    """Every figure of the waterfall's two columns, in order."""
    table = page[page.index('class="card waterfall"') :]
    cells = re.findall(r'<td class="num[^"]*">([^<]+)</td>', table[: table.index("</table>")])
    return [Decimal(cell.replace("−", "-")) for cell in cells]


@pytest.mark.parametrize(
    "bits",
    [
        (3.2, 4.1, 2.6, 4.4, -0.6, 3.9),
        (1.0635, 0.5315, 0.2655, 2.0005, -0.3335, 5.1),  # as decay and discounts leave them
        (0.001, 0.001, 0.001),
        (0.449, 0.449, 0.449, 0.449),
    ],
)
def test_what_the_waterfall_prints_adds_up(world: World, client_of: LogIn, bits: tuple[float, ...]) -> None:
    pieces = tuple(
        made.evidence(minute, "call.overseas", "number", made.CALLER, each, "境外来电", "A call from abroad")
        for minute, each in enumerate(bits)
    )
    intake.ingest_alerts(None, [made.alert(0, "urgent", "police", "transfer", pieces)])
    task = Task.objects.get()
    page = client_of(world.analyst).get(f"/alerts/{task.pk}/").content.decode()
    *lines, posterior = numbers(page)
    steps, sums = lines[0::2], lines[1::2]
    assert len(steps) == len(bits) + 1
    for index in range(len(steps)):
        assert sums[index] == sum(steps[: index + 1])
    assert posterior == sum(steps)
    probability = 100 / (1 + 2 ** -float(posterior))
    shown = re.search(r"概率 ([\d.]+)%", words(page[page.index("<tfoot>") :]))
    assert shown is not None
    assert float(shown[1]) == pytest.approx(probability, abs=0.1)
    assert float(shown[1]) <= probability


def test_the_sum_holds_when_the_evidence_is_gone_after_its_term(
    world: World, task: Task, client_of: LogIn
) -> None:
    task.alerts.get().evidence.filter(position__gt=1).delete()
    *lines, posterior = numbers(client_of(world.analyst).get(f"/alerts/{task.pk}/").content.decode())
    assert sum(lines[0::2]) == lines[-1] == posterior


@pytest.mark.parametrize("verb", ["dispatch_county", "dispatch_straight"])
def test_the_verb_pressed_is_the_verb_made_and_said_everywhere(
    world: World, task: Task, client_of: LogIn, verb: str
) -> None:
    client = client_of(world.analyst)
    label = str(BY_VERB[verb].label)
    page = client.get(f"/alerts/{task.pk}/").content.decode()
    assert re.search(rf'data-verb="{verb}"[^>]*>{re.escape(label)}<', page)
    body = {"verb": verb, "version": task.version}
    answer = client.post(f"/api/alerts/tasks/{task.pk}/move", body, content_type="application/json").json()
    assert answer["state"] == BY_VERB[verb].target
    row = AuditRow.objects.latest("seq")
    assert (row.verb, row.subject_id) == (verb, str(task.pk))
    history = client.get(f"/alerts/{task.pk}/").content.decode()
    assert f"<b>{label}</b>" in history
    audit = client_of(world.auditor).get(f"/audit/?subject={task.pk}").content.decode()
    assert re.search(rf'title="{verb}"[^>]*>{re.escape(label)}', audit)


def test_a_bulk_dispatch_says_of_every_row_which_move_it_made(world: World, client_of: LogIn) -> None:
    intake.ingest_alerts(None, made.calm_alerts())
    tasks = list(Task.objects.filter(level__in=("urgent", "medium")).order_by("pk"))
    rows = [{"task": task.pk, "version": task.version} for task in tasks]
    client = client_of(world.analyst)
    done = client.post("/api/alerts/dispatch", {"rows": rows}, content_type="application/json").json()
    assert all(one["ok"] for one in done)
    for task, one in zip(tasks, done, strict=True):
        assert one["verb"] == ("dispatch_straight" if task.level == "urgent" else "dispatch_county")
        assert one["label"] == str(BY_VERB[one["verb"]].label)
        assert AuditRow.objects.filter(verb=one["verb"], subject_id=str(task.pk)).exists()


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("tasks/{}/move", {"verb": "accept"}, "version"),
        ("tasks/{}/dispatch", {}, "version"),
        ("tasks/{}/contact", {"result": "busy"}, "version"),
        ("tasks/{}/visit", {"key": "key-00000001"}, "version"),
        ("tasks/{}/merge", {"into": 1}, "version"),
        ("tasks/{}/undo", {}, "version"),
        ("dispatch", {"rows": [{"task": 1}]}, "rows.0.version"),
        ("tasks/{}/move", {"version": 1}, "verb"),
    ],
)
def test_an_act_without_the_version_it_is_about_is_refused_by_name(
    world: World, task: Task, client_of: LogIn, path: str, body: dict[str, object], field: str
) -> None:
    client = client_of(world.analyst)
    answer = client.post(f"/api/alerts/{path.format(task.pk)}", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["message"] == f"{field}：缺少该字段。"
    task.refresh_from_db()
    assert task.state == "scored"


def test_no_act_of_the_interface_can_do_without_a_version(world: World, client_of: LogIn) -> None:
    schema = json.loads(client_of(world.analyst).get("/api/alerts/openapi.json").content)
    acts = {path.rsplit("/", 1)[1] for path, ways in schema["paths"].items() if "post" in ways}
    without = {"unmask", "mask", "next"}  # they move nothing
    for name, shape in schema["components"]["schemas"].items():
        if name in ("MoveIn", "DispatchIn", "ContactIn", "MergeIn", "VisitIn", "UndoIn", "RowIn"):
            assert "version" in shape["required"], name
    assert acts - without == {"move", "dispatch", "contact", "visit", "merge", "undo"}


LENGTH = st.floats(-(10**7), 10**7, allow_nan=False)


@given(LENGTH)
def test_a_length_is_said_in_one_or_two_units_without_a_sign(length_s: float) -> None:
    with translation.override("zh-hans"):
        chinese = spoken(length_s)
    with translation.override("en"):
        english = spoken(length_s)
    assert re.fullmatch(r"\d+ (天|小时|分钟|秒)( \d+ (小时|分钟|秒))?", chinese)
    assert re.fullmatch(r"\d+ (d|h|min|s)( \d+ (h|min|s))?", english)
    assert re.findall(r"\d+", chinese) == re.findall(r"\d+", english)
    seconds = {"d": 86_400, "h": 3600, "min": 60, "s": 1}
    total = sum(int(count) * seconds[unit] for count, unit in re.findall(r"(\d+) (\w+)", english))
    exact = abs(int(length_s))
    assert total <= exact < total + (3600 if exact >= 86_400 else 60 if exact >= 3600 else 1)


@pytest.mark.parametrize(
    ("length_s", "chinese", "english"),
    [
        (73, "1 分钟 13 秒", "1 min 13 s"), (-73, "1 分钟 13 秒", "1 min 13 s"), (0.4, "0 秒", "0 s"),
        (7_500, "2 小时 5 分钟", "2 h 5 min"), (3600, "1 小时", "1 h"), (266_400, "3 天 2 小时", "3 d 2 h"),
    ],
)  # fmt: skip
def test_lengths_in_both_languages(length_s: float, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert spoken(length_s) == chinese
    with translation.override("en"):
        assert spoken(length_s) == english


def test_a_stopped_clock_says_how_long_it_took(world: World, task: Task, client_of: LogIn) -> None:
    actions.dispatch(world.analyst, task.pk, None)
    actions.move(world.officer, task.pk, None, "sign")
    clock = Clock.objects.filter(task=task, name="sign", kept=True).latest("started_at")
    assert clock.stopped_at is not None
    clock.started_at = clock.stopped_at - dt.timedelta(days=3, hours=2, seconds=9)
    clock.save()
    client = client_of(world.analyst)
    assert "签收 用时 3 天 2 小时" in words(client.get(f"/alerts/{task.pk}/").content.decode())
    client.cookies["django_language"] = "en"
    assert "Sign took 3 d 2 h" in words(client.get(f"/alerts/{task.pk}/").content.decode())


def test_the_bar_of_a_clock_drains_from_its_start_whatever_is_done_meanwhile(
    world: World, task: Task, client_of: LogIn
) -> None:
    actions.dispatch(world.analyst, task.pk, None)
    actions.move(world.officer, task.pk, None, "sign")
    actions.record_contact(world.officer, task.pk, None, "busy")
    clock = Clock.objects.get(task=task, name="meet", stopped_at=None)
    row = client_of(world.analyst).get("/alerts/rows/?state=all").content.decode()
    assert f'data-from="{clock.started_at.isoformat()}" data-due="{clock.due_at.isoformat()}"' in row
    assert "data-brief" in row


def test_a_line_of_another_day_says_which(world: World, task: Task, client_of: LogIn) -> None:
    first = task.events.earliest("pk")
    task.events.filter(pk=first.pk).update(at=dt.datetime(2026, 3, 3, 2, 15, tzinfo=dt.UTC))
    page = client_of(world.analyst).get(f"/alerts/{task.pk}/").content.decode()
    assert "03-03 10:15:00" in page
    today = re.search(r'<ol class="log">.*?<time[^>]*>(\d\d:\d\d:\d\d)</time>', page, re.S)
    assert today is not None


def test_names_in_the_notes_of_a_history_are_masked(world: World, task: Task, client_of: LogIn) -> None:
    actions.dispatch(world.analyst, task.pk, None)
    actions.move(world.officer, task.pk, None, "bounce", "郑晓岚已搬走，电话13800001234")
    for user in (world.analyst, world.county):
        page = client_of(user).get(f"/alerts/{task.pk}/").content.decode()
        assert "郑**已搬走" in page
        assert "郑晓岚" not in page
        assert "13800001234" not in page


def nowhere(world: World) -> Task:
    """An urgent task whose person has no town on the register."""
    intake.ingest_alerts(None, [made.police_urgent()])
    Task.objects.update(town=None, region_path=world.town.parent.path if world.town.parent else "")
    return Task.objects.get()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_stands_with_a_task_that_has_no_town(
    world: World, client_of: LogIn, language: str
) -> None:
    task = nowhere(world)
    actions.move(world.analyst, task.pk, None, "dispatch_county")
    made.stand_at(task.pk, "awakened")
    task.events.update(target="awakened")
    pages = {
        world.viewer: ("/wall/", "/wall/live/"),
        world.analyst: ("/alerts/", f"/alerts/{task.pk}/", f"/m/visit/{task.pk}/", "/alerts/export.csv"),
    }
    for user, paths in pages.items():
        client = client_of(user)
        client.cookies["django_language"] = language
        for path in paths:
            assert client.get(path).status_code == 200, path
    assert client_of(world.analyst).get(f"/api/alerts/tasks/{task.pk}/map").json()["town"] is None


def wall_of(client: Client, language: str) -> str:
    client.cookies["django_language"] = language
    return client.get("/wall/").content.decode()


def test_the_wall_speaks_one_language_and_names_nobody(world: World, client_of: LogIn) -> None:
    intake.ingest_alerts(None, [made.police_urgent(), *made.calm_alerts()])
    client = client_of(world.viewer)
    english = wall_of(client, "en")
    said = re.findall(r"[\u4e00-\u9fff]+", words(english[english.index("<main") :]))
    assert set(said) <= {"简体中文", "中文"}, said
    labels = re.findall(r'"short":"([^"]+)"', html.unescape(english))
    assert labels
    assert not [label for label in labels if re.search(r"[\u4e00-\u9fff]", label)]
    chinese = wall_of(client, "zh-hans")
    for name in made.NAMES:
        assert name not in chinese
        assert name[0] + "*" not in chinese
    assert not re.search(r"\+86\d{11}", chinese)


def test_what_an_officer_has_reported_burns_no_more(world: World, client_of: LogIn) -> None:
    intake.ingest_alerts(None, [made.police_urgent()])
    task = Task.objects.get()
    desk = client_of(world.analyst)
    for state, burns in (("signed", True), ("met", True), ("feedback", False), ("reviewed", False)):
        made.stand_at(task.pk, state)
        row = desk.get("/alerts/rows/").content.decode()
        assert ("row-urgent done" in row) is not burns, state
        live = client_of(world.viewer).get("/wall/live/").content.decode()
        assert (f'data-id="{task.pk}"' in live) is burns, state


def test_a_row_says_the_state_whoever_holds_it(world: World, client_of: LogIn) -> None:
    intake.ingest_alerts(None, [made.police_urgent()])
    task = Task.objects.get()
    made.stand_at(task.pk, "unreachable")
    Task.objects.update(owner=world.officer)
    row = client_of(world.analyst).get("/alerts/rows/").content.decode()
    assert "未接通" in words(row)
    assert f'title="{world.officer}"' in row


def test_levels_are_counted_by_themselves(world: World, client_of: LogIn) -> None:
    intake.ingest_alerts(None, [made.police_urgent(), *made.calm_alerts()])
    client = client_of(world.analyst)
    shown = words(client.get("/alerts/levels/").content.decode())
    counts = {rank: Task.objects.filter(level=rank).count() for rank in ("urgent", "high", "medium", "low")}
    assert [int(n) for n in re.findall(r"\d+", shown)] == list(counts.values())
    assert counts["urgent"]
    some = client.get("/alerts/levels/?level=urgent&state=closed").content.decode()
    assert re.findall(r"\d+", words(some)) == ["0"] * 4
    assert 'aria-current="true"' in some
    assert client_of(world.viewer).get("/alerts/levels/").status_code == 403


def test_a_clock_that_has_stopped_says_when_it_began(world: World, client_of: LogIn) -> None:
    intake.ingest_alerts(None, [made.police_urgent()])
    task = Task.objects.get()
    actions.dispatch(world.analyst, task.pk, None)
    clock = Clock.objects.filter(task=task).exclude(stopped_at=None).get()
    began = timezone.localtime(clock.started_at).strftime("%H:%M")
    pane = client_of(world.analyst).get(f"/alerts/{task.pk}/pane/").content.decode()
    assert re.search(rf"{began} 签收 用时", words(pane))


def test_a_viewer_leaves_the_wall_and_turns_language_and_theme_on_it(world: World, client_of: LogIn) -> None:
    client = client_of(world.viewer)
    page = client.get("/wall/").content.decode()
    assert 'data-cycle="theme"' in page
    assert 'value="en"' in page
    assert 'action="/accounts/logout/"' in page
    turned = client.post("/i18n/language/", {"language": "en", "next": "/wall/"})
    assert turned.status_code in (302, 404)
    client.post("/accounts/logout/")
    assert client.get("/wall/").status_code == 302


def test_dispatches_are_named_for_what_they_do() -> None:
    assert {BY_VERB[verb].target for verb in DISPATCH} == {"county", "station"}
    assert len({str(BY_VERB[verb].label) for verb in DISPATCH}) == len(DISPATCH)
