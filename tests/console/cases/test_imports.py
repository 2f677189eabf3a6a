"""Files of incidents, cases and persons: columns remembered, every row once, or refused with its reason."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from qingdun.console.cases import imports, queries
from qingdun.console.cases.models import Case, CasePerson, Import, ImportFormat, Incident, Measure, Part
from qingdun.console.cases.ticking import tick
from qingdun.console.kernel.models import AuditRow
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

INCIDENTS = "电话,接报时间,类型,损失,地点,经过\n"
COLUMNS = {
    "number": "电话", "reported_at": "接报时间", "scam_type": "类型", "loss_fen": "损失", "region": "地点",
    "how": "经过",
}  # fmt: skip


def brought(world: World, kind: str, text: str, columns: dict[str, str]) -> Import:
    """The file, all taken in by the tick."""
    file = imports.receive(world.county, kind, "台账.csv", text.encode("gb18030"))
    imports.read_as(world.county, file.pk, columns, begin=True)
    while tick(timezone.now()):
        pass
    file.refresh_from_db()
    return file


def test_incidents_are_taken_once_or_refused_with_their_reason(world: World) -> None:
    known, unknown = "17258010000", "17258019999"
    rows = [
        f"{known},2026-06-17 15:29,police,6.7万,,演示",
        f"{unknown},2026年6月18日 9:05,police,100,{world.town.code},",
        f"{unknown},2026-06-18,police,100,,",
        f"123,2026-06-18,police,100,{world.town.code},",
        f"{known},2026-06-18,偷,100,,",
        f"{known},2126-06-18,police,1,,",
    ]
    text = INCIDENTS + "\n".join(rows)
    file = brought(world, "incidents", text, COLUMNS)
    assert (file.state, file.taken, file.known, file.refused) == ("done", 2, 0, 4)
    first, second = Incident.objects.order_by("reported_at")
    assert (first.person_id, first.loss_fen, second.person_id) == ("p00", 6_700_000, f"number:+86{unknown}")
    assert second.region_path == world.town.path
    refused = list(queries.import_rows(world.county, file).values_list("line", "column", "found"))
    assert refused == [(4, "地点", ""), (5, "电话", "123"), (6, "类型", "偷"), (7, "接报时间", "2126-06-18")]
    again = brought(world, "incidents", text, COLUMNS)
    assert (again.taken, again.known) == (0, 2)
    assert again.columns == COLUMNS, "the columns of these headings are remembered"
    assert Incident.objects.count() == 2
    assert AuditRow.objects.filter(verb="finish_file").count() == 2
    assert not any(known in row.after for row in AuditRow.objects.all())


def test_cases_and_their_persons_come_from_files(world: World) -> None:
    cases = brought(
        world, "cases",
        "案号,案由,立案,两卡\n甲1,贩卡案,2026-06-17,是\n甲1,贩卡案,2026-06-17,是\n,x,2026-06-17,",
        {"number": "案号", "name": "案由", "filed_on": "立案", "two_cards": "两卡"},
    )  # fmt: skip
    assert (cases.taken, cases.known, cases.refused) == (1, 1, 1)
    assert Case.objects.get().two_cards
    head = "案号,证件,姓名,作用,行业,日期,措施\n"
    rows = (
        "甲1,A1,韦晓东,card_seller,,2026-06-17,detained", "甲1,A1,韦晓东,card_seller,,2026-06-17,arrested",
        "甲1,B2,甲乙,insider,,2026-06-17,", "乙9,C3,丙丁,mule,,2026-06-17,",
    )  # fmt: skip
    columns = {
        "case": "案号", "identity": "证件", "name": "姓名", "role": "作用", "industry": "行业", "on": "日期",
        "measure": "措施",
    }  # fmt: skip
    file = brought(world, "persons", head + "\n".join(rows), columns)
    assert (file.taken, file.known, file.refused) == (2, 0, 2)
    assert Part.objects.count() == 1
    assert set(Measure.objects.values_list("kind", flat=True)) == {"detained", "arrested"}
    assert not CasePerson.objects.exclude(identity="A1").exists(), "of a refused row, nobody is kept"


def test_who_may_and_what_cannot_be(world: World) -> None:
    with pytest.raises(NotPermitted):
        imports.receive(world.officer, "incidents", "a.csv", b"x\n1\n")
    for kind, data in (("nothing", b"x\n1\n"), ("incidents", b"")):
        with pytest.raises(InputError):
            imports.receive(world.county, kind, "a.csv", data)
    file = imports.receive(world.county, "incidents", "a.csv", "电话\n1\n".encode())
    with pytest.raises(NotPermitted):
        imports.read_as(world.other_county, file.pk, {})
    for columns in ({"number": "手机"}, {"number": "电话"}):
        with pytest.raises(InputError):
            imports.read_as(world.county, file.pk, columns, begin=True)
    begun = brought(world, "incidents", INCIDENTS + "x,,,,,\n", COLUMNS)
    with pytest.raises(IllegalMove):
        imports.read_as(world.county, begun.pk, COLUMNS)
    assert ImportFormat.objects.get().columns == COLUMNS


def test_pages_show_columns_a_masked_preview_progress_and_faults(world: World, client_of: LogIn) -> None:
    client = client_of(world.county)
    text = INCIDENTS + "17258010000,2026-06-17,police,1,,\n17258010000,x,police,1,,\n"
    made = client.post(
        "/cases/files/", {"kind": "incidents", "file": SimpleUploadedFile("a.csv", text.encode())}
    )
    url = made.headers["Location"]
    form = {f"column-{name}": heading for name, heading in COLUMNS.items()}
    client.post(url, form)
    page = client.get(url).content.decode()
    assert "172****0000" in page
    assert "17258010000" not in page
    client.post(url, {**form, "begin": "1"})
    tick(timezone.now())
    assert client.get(f"{url}progress/").headers["HX-Refresh"] == "true"
    done = client.get(url).content.decode()
    assert "2 / 2" in done
    assert client_of(world.other_county).get(url).status_code == 403
    assert client.post("/cases/files/", {"kind": "incidents"}).status_code == 422
    assert dt.date(2026, 6, 17) == timezone.localtime(Incident.objects.get().reported_at).date()
