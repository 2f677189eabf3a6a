"""Lists that others send: nothing is lost, nothing is taken twice, and a killed process changes neither."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import Alert, Task
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.imports import actions
from qingdun.console.kernel.imports.models import Import, ImportFormat
from qingdun.console.kernel.imports.taking import take_part
from qingdun.console.kernel.imports.unpacking import read_next
from qingdun.console.kernel.models import AuditRow
from qingdun.console.whistles import rules
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.kernel.test_sheets import HEAD, workbook
from tests.console.kernel.test_sheets import ROW as OLD

ROOT = Path(__file__).parents[3]
NOW = timezone.localtime() - dt.timedelta(hours=1)
ROW = OLD.replace("2026-03-03 10:05", f"{NOW:%Y-%m-%d %H:%M}")
GOOD = f"{HEAD}\n{ROW}\nA-2,17258019990,橙色,刷单返利,{NOW:%Y/%m/%d %H:%M},,第二条\n"
WRONG = (
    f"{HEAD}\n"
    f"B-1,123,红色,冒充公检法,{NOW:%Y-%m-%d %H:%M},,\n"
    f"B-2,17258019991,紫色,冒充公检法,{NOW:%Y-%m-%d %H:%M},,\n"
    "B-3,17258019992,红色,冒充公检法,昨天,,\n"
    "B-4,17258019993,红色,冒充公检法,2099-01-01,,\n"
    "B-0,17258019998,红色,冒充公检法,0001-01-01 00:00:00,,\n"
    f"B-5,17258019994,红色,冒充公检法,{NOW:%Y-%m-%d %H:%M},月球镇,\n"
    f"B-6,17258019995,红色,盗窃,{NOW:%Y-%m-%d %H:%M},,\n"
    f"B-7,17258019996,红色,冒充公检法,{NOW:%Y-%m-%d %H:%M},,,多出一格\n"
    f"B-8,17258019997,红色,冒充公检法,{NOW:%Y-%m-%d %H:%M},,好的一行\n"
)


def tick() -> int:
    """One batch; how many rows."""
    return take_part(timezone.now()) or 0


def taken(world: World, text: str | bytes, source: str = "公安部预警平台") -> Import:
    """The list, taken in to its end."""
    data = text.encode() if isinstance(text, str) else text
    received = actions.receive(world.analyst, "alerts", "名单.csv", data, source)
    read_next(timezone.now())
    actions.begin(world.analyst, received.pk)
    while tick():
        pass
    received.refresh_from_db()
    return received


def counts(received: Import) -> dict[str, int]:
    received.refresh_from_db()
    found = {name: getattr(received, name) for name in ("taken", "known", "refused", "waiting")}
    return {name: count for name, count in found.items() if count}


def test_every_row_is_an_alert_of_its_level(world: World) -> None:
    received = taken(world, GOOD)
    assert (received.state, counts(received)) == ("done", {"taken": 2})
    first, second = Task.objects.order_by("level_rank")
    assert (first.person_id, first.level, first.scam_type, first.region_path) == (
        "p00", "urgent", "police", world.town.path,
    )  # fmt: skip
    assert (second.level, second.scam_type, second.region_path) == ("high", "brushing", "441800/")
    piece = Alert.objects.get(task=first).evidence.get()
    assert piece.detector == "manual.list"
    assert "公安部预警平台下发预警（红色）" in piece.text_zh


def test_row_joins_the_open_task_of_its_person(world: World) -> None:
    ingest_alerts(None, [made.police_high()])
    taken(world, GOOD)
    assert Task.objects.filter(person_id="p00").count() == 1
    assert Task.objects.get(person_id="p00").level == "urgent"


def test_two_rows_on_one_person_are_one_task(world: World) -> None:
    taken(world, f"{HEAD}\n{ROW}\n{ROW.replace('A-1', 'A-9').replace('红色', '低')}\n")
    assert Task.objects.count() == 1
    assert Alert.objects.count() == 2


def test_refused_rows_say_line_column_found_and_expected(world: World, client_of: LogIn) -> None:
    received = taken(world, WRONG)
    assert counts(received) == {"refused": 8, "taken": 1}
    refused = received.faults.all()
    assert [(row.line, row.column, row.found) for row in refused] == [
        (2, "联系电话", "123"),
        (3, "预警等级", "紫色"),
        (4, "预警时间", "昨天"),
        (5, "预警时间", "2099-01-01"),
        (6, "预警时间", "****0000"),
        (7, "所属镇街", "月球镇"),
        (8, "诈骗类型", "盗窃"),
        (9, "", "8"),
    ]
    assert all(row.expected for row in refused)
    answer = client_of(world.analyst).get(f"/lists-received/{received.pk}/refused.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0] == "行,列,实际内容,应为"
    assert len(text.splitlines()) == 9


@pytest.mark.parametrize("with_ids", [True, False])
def test_same_rows_in_another_file_are_known_before(world: World, with_ids: bool) -> None:
    text = GOOD if with_ids else "\n".join(line.partition(",")[2] for line in GOOD.splitlines())
    taken(world, text)
    alerts = Alert.objects.count()
    again = taken(world, text.encode("gb18030"))
    assert counts(again) == {"known": 2}
    assert Alert.objects.count() == alerts
    # Another source numbers its rows for itself.
    other = taken(world, text, "省厅平台")
    assert counts(other) == {"taken": 2}


def test_same_row_twice_in_one_file_is_taken_once(world: World) -> None:
    received = taken(world, f"{HEAD}\n{ROW}\n{ROW}\n")
    assert counts(received) == {"taken": 1, "known": 1}


def test_mended_file_brings_only_what_was_refused(world: World) -> None:
    taken(world, WRONG)
    mended = taken(world, WRONG.replace("123,红色", "17258019980,红色"))
    assert counts(mended) == {"refused": 7, "taken": 1, "known": 1}


def test_columns_and_levels_are_remembered_for_the_same_headings(world: World) -> None:
    text = "甲,乙,丙\n17258019990,★★★,一\n17258019991,★,二\n"
    received = actions.receive(world.analyst, "alerts", "a.csv", text.encode(), "银行监测")
    assert received.columns == {}
    with pytest.raises(InputError):
        actions.begin(world.analyst, received.pk)
    chosen = {"number": "甲", "level": "乙", "note": "丙"}
    actions.read_as(world.analyst, received.pk, chosen, {"★★★": "urgent", "★": "low", "": ""})
    actions.begin(world.analyst, received.pk)
    tick()
    assert sorted(Task.objects.values_list("level", flat=True)) == ["low", "urgent"]
    later = actions.receive(world.analyst, "alerts", "b.csv", text.replace("一", "三").encode(), "银行监测")
    assert (later.columns, later.meanings) == (chosen, {"★★★": "urgent", "★": "low"})
    latin = "Phone,Level\n17258019980,high\n"
    first = actions.receive(world.analyst, "alerts", "c.csv", latin.encode(), "银行监测")
    actions.read_as(world.analyst, first.pk, {"number": "Phone", "level": "Level"}, {})
    actions.begin(world.analyst, first.pk)
    capitals = actions.receive(world.analyst, "alerts", "d.csv", latin.upper().encode(), "银行监测")
    assert capitals.columns == {"number": "PHONE", "level": "LEVEL"}
    ImportFormat.objects.filter(fingerprint=capitals.fingerprint).delete()
    other = actions.receive(world.analyst, "alerts", "b.csv", text.encode(), "别家")
    assert other.columns == {}
    assert ImportFormat.objects.count() == 1


def test_wrong_columns_and_levels_are_refused(world: World) -> None:
    received = actions.receive(world.analyst, "alerts", "a.csv", GOOD.encode(), "省厅")
    with pytest.raises(InputError):
        actions.read_as(world.analyst, received.pk, {"number": "没有这列"}, {})
    with pytest.raises(InputError):
        actions.read_as(world.analyst, received.pk, {"number": "联系电话"}, {"红色": "purple"})
    actions.begin(world.analyst, received.pk)
    with pytest.raises(IllegalMove):
        actions.begin(world.analyst, received.pk)
    with pytest.raises(IllegalMove):
        actions.read_as(world.analyst, received.pk, {"number": "联系电话"}, {})


def test_only_the_city_takes_lists_in(world: World, client_of: LogIn) -> None:
    for user in (world.county, world.officer, world.viewer, world.auditor):
        with pytest.raises(NotPermitted):
            actions.receive(user, "alerts", "a.csv", GOOD.encode(), "省厅")
        assert client_of(user).get("/lists-received/").status_code == 403


def test_workbook_goes_the_same_way(world: World) -> None:
    lines = [tuple(line.split(",")) for line in GOOD.splitlines()]
    assert counts(taken(world, workbook(*lines))) == {"taken": 2}


def test_pages_from_upload_to_done(world: World, client_of: LogIn) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = client_of(world.analyst)
    file = SimpleUploadedFile("名单.csv", GOOD.encode("gb18030"))
    answer = client.post("/lists-received/", {"origin": "公安部预警平台", "file": file}, follow=True)
    page = answer.content.decode()
    received = Import.objects.get()
    assert "gb18030" in page
    assert "17258010000" not in page
    assert "+86 172****0000" in page
    assert 'value="红色"' in page
    form = {f"column-{field}": name for field, name in received.columns.items()}
    words = {"word": ["", "红色", "橙色"], "means": ["medium", "high", ""]}
    page = client.post(
        f"/lists-received/{received.pk}/columns/", {**form, **words}, follow=True
    ).content.decode()
    received.refresh_from_db()
    assert received.meanings == {"": "medium", "红色": "high"}
    client.post(f"/lists-received/{received.pk}/columns/", {**form, **words, "begin": "1"})
    running = client.get(f"/lists-received/{received.pk}/progress/")
    assert 'value="0"' in running.content.decode()
    assert "HX-Refresh" not in running
    tick()
    done = client.get(f"/lists-received/{received.pk}/progress/")
    assert done["HX-Refresh"] == "true"
    assert "2 / 2" in client.get(f"/lists-received/{received.pk}/").content.decode()
    refused = client.post("/lists-received/", {"origin": "省厅", "file": SimpleUploadedFile("x.csv", b"")})
    assert refused.status_code == 422


def test_acts_are_in_the_chain(world: World) -> None:
    taken(world, GOOD)
    verbs = set(AuditRow.objects.values_list("verb", flat=True))
    assert {"receive_file", "begin_file", "take_rows", "ingest_alerts", "finish_file"} <= verbs
    assert not AuditRow.objects.filter(after__contains="17258010000").exists()
    assert verify_chain().intact


TICKING = """
import django
django.setup()
from django.utils import timezone
from qingdun.console.kernel.imports.taking import take_part
while take_part(timezone.now()):
    print("batch", flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_killed_between_and_within_batches_nothing_is_lost_or_doubled(world: World) -> None:
    number = 3 * rules.limit("rows_at_once") + 7
    rows = [ROW.replace("A-1", f"A-{n}").replace("17258010000", f"1725802{n:04}") for n in range(number)]
    received = actions.receive(world.analyst, "alerts", "大.csv", "\n".join([HEAD, *rows]).encode(), "公安部")
    actions.begin(world.analyst, received.pk)
    kept = connection.settings_dict
    address = str(kept["NAME"])
    if connection.vendor == "postgresql":
        address = f"postgres://{kept['USER']}@{kept['HOST']}:{kept['PORT']}/{kept['NAME']}"
    connection.close()
    environment = os.environ | {
        "QINGDUN_DATABASE": address, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    command = [sys.executable, "-c", TICKING]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "batch\n"
    # It is now somewhere in its next batch; wherever that is, the outcome below is the same.
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert counts(received)["taken"] >= rules.limit("rows_at_once")
    while tick():
        pass
    assert counts(received) == {"taken": number}
    assert Alert.objects.count() == Task.objects.count() == number
    assert verify_chain().intact


def test_numbers_are_masked_wherever_a_list_is_shown(world: World, client_of: LogIn) -> None:
    """A column chosen wrongly, or a remark, would bring a list of them."""
    browser = client_of(world.analyst)
    wrong = "A-1,17258010000,17258019977,冒充公检法,,,"
    text = f"{HEAD}\n{wrong}\nA-2,17258010000,红色,冒充公检法,,,其子17258019988\n"
    received = actions.receive(world.analyst, "alerts", "名单.csv", text.encode(), "省预警平台")
    preview = browser.get(f"/lists-received/{received.pk}/").content.decode()
    assert "172****9988" in preview
    assert "17258019988" not in preview
    actions.begin(world.analyst, received.pk)
    while tick():
        pass
    page = browser.get(f"/lists-received/{received.pk}/").content.decode()
    file = browser.get(f"/lists-received/{received.pk}/refused.csv")
    for shown in (page, b"".join(file.streaming_content).decode()):
        assert "172****9977" in shown
        assert "17258019977" not in shown
