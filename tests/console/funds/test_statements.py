"""Banks' replies: columns remembered, every row taken once, known or refused by its line; masked; deleted in
time.
"""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook

from qingdun.console.funds import queries, retention, rules, statements
from qingdun.console.funds.models import Movement
from qingdun.console.funds.queries import Filters
from qingdun.console.kernel.imports import actions, ticking
from qingdun.console.kernel.imports import queries as imported
from qingdun.console.kernel.imports.models import Import, ImportFault, ImportPart
from qingdun.console.kernel.imports.taking import take_part
from qingdun.console.kernel.imports.unpacking import read_next
from qingdun.console.kernel.models import AuditRow, User
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

HEAD = (
    "交易卡号,交易户名,交易时间,交易金额,收付标志,交易对手账卡号,"
    "对手户名,对手开户银行,交易余额,交易流水号,摘要说明"
)
VICTIM, FIRST, SECOND = "6200000000000011", "6200000000000022", "6200000000000033"
ROWS = (
    f'{FIRST},王某某,2026-03-03 10:05:07,"67,000.00",进,{VICTIM},郑晓岚,演练银行,67500.00,S1,跨行转账',
    f"{FIRST},王某某,2026-03-03 10:09:00,50000,出,{SECOND},李某某,演练商行,17500.00,S2,转账",
    f"{FIRST},王某某,2026-03-03 10:12:00,17000,出,,,,500.00,S3,ATM取现",
    f"{FIRST},王某某,2026-03-03 10:13:00,400,出,8800000001,某商户,演练支付,100.00,S4,消费",
)


def data(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


def receive(user: User, bank: str, name: str, content: bytes) -> Import:
    return actions.receive(user, statements.KIND, name, content, bank)


def take(world: World, content: bytes, bank: str = "演练银行") -> Import:
    received = receive(world.analyst, bank, "reply.csv", content)
    read_next(timezone.now())
    actions.begin(world.analyst, received.pk)
    while take_part(timezone.now()):
        pass
    received.refresh_from_db()
    return received


def test_rows_become_movements_with_payer_payee_cash_and_merchant(world: World) -> None:
    done = take(world, data(*ROWS))
    assert (done.taken, done.known, done.refused, done.state) == (4, 0, 0, "done")
    found = {one.serial: one for one in Movement.objects.all()}
    first = found["S1"]
    assert (first.payer, first.payee, first.amount_fen, first.balance_fen) == (
        VICTIM,
        FIRST,
        6_700_000,
        6_750_000,
    )
    assert (first.payer_name, first.payee_name, first.of_payer) == ("郑晓岚", "王某某", False)
    assert timezone.localtime(first.at).isoformat()[:19] == "2026-03-03T10:05:07"
    assert (found["S2"].payer, found["S2"].payee, found["S2"].of_payer) == (FIRST, SECOND, True)
    assert found["S3"].payee == f"cash:{FIRST}"
    assert [one.serial for one in found.values() if one.to_merchant] == ["S4"]
    assert not ImportPart.objects.exists()
    assert not ImportFault.objects.exists()


def test_the_same_rows_are_taken_once_in_any_file(world: World) -> None:
    take(world, data(*ROWS[:2]))
    again = take(world, data(*reversed(ROWS)), "另一家银行")
    assert (again.taken, again.known, again.refused) == (2, 2, 0)
    assert Movement.objects.count() == 4
    twice = take(world, data(ROWS[0], ROWS[0]))
    assert (twice.taken, twice.known) == (0, 2)


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        (("67,000.00", "许多"), "交易金额"),
        (("67,000.00", "0"), "交易金额"),
        ((FIRST, "12"), "交易卡号"),
        ((VICTIM, ""), "交易对手账卡号"),
        (("2026-03-03", "2026-13-03"), "交易时间"),
        (("2026-03-03", "2999-01-01"), "交易时间"),
        ((",进,", ",对,"), "收付标志"),
        ((",进,", ",,"), "收付标志"),
    ],
)
def test_a_bad_row_is_refused_with_line_and_column_and_others_are_taken(
    world: World, changed: tuple[str, str], column: str
) -> None:
    done = take(world, data(ROWS[0].replace(*changed), ROWS[1]))
    assert (done.taken, done.refused) == (1, 1)
    row = ImportFault.objects.get()
    assert (row.line, row.column) == (2, column)
    assert row.expected
    assert VICTIM not in row.found


def test_without_a_column_of_directions_the_sign_says_it(world: World) -> None:
    head = "账号,时间,金额,对方账号"
    done = take(
        world,
        data(
            f"{FIRST},20260303 100507,-5.5,{SECOND}", f"{FIRST},20260303 100508,+7,{SECOND}",
            f"{FIRST},20260303 100509,7,{SECOND}", head=head,
        ),
    )  # fmt: skip
    assert (done.taken, done.refused) == (2, 1)
    assert set(Movement.objects.values_list("payer", "amount_fen")) == {(FIRST, 550), (SECOND, 700)}


def test_columns_are_remembered_by_bank_and_headings(world: World) -> None:
    head = "甲,乙,丙,丁"
    rows = f"{FIRST},2026-03-03 10:05,-5,{SECOND}"
    received = receive(world.analyst, "演练银行", "a.csv", data(rows, head=head))
    assert received.columns == {}
    with pytest.raises(InputError):
        actions.begin(world.analyst, received.pk)
    with pytest.raises(InputError):
        actions.read_as(world.analyst, received.pk, {"account": "戊"})
    columns = {"account": "甲", "at": "乙", "amount": "丙", "other": "丁"}
    actions.read_as(world.analyst, received.pk, columns)
    actions.begin(world.analyst, received.pk)
    with pytest.raises(IllegalMove):
        actions.begin(world.analyst, received.pk)
    assert receive(world.analyst, "演练银行", "b.csv", data(rows, head=head)).columns == columns
    assert receive(world.analyst, "另一银行", "b.csv", data(rows, head=head)).columns == {}


def test_a_workbook_reads_as_the_same(world: World) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["账号", "时间", "金额", "对方账号", "收付标志"])
    sheet.append([FIRST, dt.datetime(2026, 3, 3, 10, 5, 7), 67000.5, VICTIM, "进"])  # noqa: DTZ001
    out = io.BytesIO()
    book.save(out)
    assert take(world, out.getvalue()).taken == 1
    assert Movement.objects.get().amount_fen == 6_700_050


def test_a_county_sees_its_own_and_takes_in_its_own_copy(world: World) -> None:
    take(world, data(*ROWS))
    received = receive(world.other_county, "演练银行", "a.csv", data(*ROWS))
    actions.begin(world.other_county, received.pk)
    take_part(timezone.now())
    received.refresh_from_db()
    assert received.taken == 4
    assert queries.movements(world.other_county).count() == 4
    assert queries.movements(world.analyst).count() == 8
    for user in (world.county, world.officer, world.viewer, world.auditor):
        assert not queries.movements(user).exists()
        with pytest.raises(NotPermitted):
            imported.imported(user, received.pk)
    with pytest.raises(NotPermitted):
        receive(world.officer, "演练银行", "a.csv", data(*ROWS))


def test_filters_narrow_and_sort(world: World) -> None:
    take(world, data(*ROWS))

    def serials(**wanted: object) -> list[str]:
        return [one.serial for one in queries.movements(world.analyst, Filters(**wanted))]

    assert serials() == ["S4", "S3", "S2", "S1"]
    assert serials(sort="largest", least_fen=1_700_000) == ["S1", "S2", "S3"]
    assert serials(account=SECOND) == ["S2"]
    assert serials(since=dt.date(2026, 3, 4)) == []
    assert serials(until=dt.date(2026, 3, 3), sort="oldest")[0] == "S1"
    assert serials(statement=0) == []


def test_pages_mask_and_files_are_on_record(world: World, client_of: LogIn) -> None:
    client = client_of(world.analyst)
    upload = SimpleUploadedFile("reply.csv", data(*ROWS, "x"))
    shown = client.post("/funds/replies/", {"origin": "演练银行", "file": upload}, follow=True)
    body = shown.content.decode()
    assert "****0022" in body
    assert FIRST not in body
    assert "王某某" not in body
    received = Import.objects.get()
    form = {f"column-{field}": name for field, name in received.columns.items()}
    client.post(f"/funds/replies/{received.pk}/columns/", {**form, "begin": "1"})
    assert "0 / 5" in client.get(f"/funds/replies/{received.pk}/progress/").content.decode()
    take_part(timezone.now())
    done = client.get(f"/funds/replies/{received.pk}/progress/")
    assert done["HX-Refresh"] == "true"
    faults = b"".join(client.get(f"/funds/replies/{received.pk}/refused.csv").streaming_content).decode()
    assert "6,交易卡号" in faults
    for page in (client.get("/funds/movements/"), client.post("/funds/movements/", {"account": FIRST})):
        text = page.content.decode()
        assert "****0022" in text
        assert "王某某" not in text
    assert FIRST not in client.get("/funds/movements/").content.decode()
    masked = client.post("/funds/movements/file/", {"form": "csv"})
    assert FIRST not in b"".join(masked.streaming_content).decode()
    legible = client.post("/funds/movements/file/", {"form": "csv", "legible": "1", "purpose": "办案需要"})
    assert FIRST in b"".join(legible.streaming_content).decode()
    rows = AuditRow.objects.filter(verb="export_movements").order_by("seq")
    assert [row.purpose for row in rows] == ["", "办案需要"]
    assert client.post("/funds/movements/file/", {"form": "csv", "legible": "1"}).status_code == 302
    assert client_of(world.officer).get("/funds/movements/").status_code == 403


def test_movements_are_deleted_when_their_term_is_over(world: World) -> None:
    take(world, data(*ROWS, "x"))
    now = timezone.now()
    assert retention.tick(now) == 0
    later = now + dt.timedelta(days=40)
    assert ticking.purge(later) == 1
    assert (Movement.objects.count(), ImportFault.objects.count()) == (4, 0)
    assert retention.tick(later + dt.timedelta(days=rules.limit("movements_kept_days"))) == 4
    assert not Movement.objects.exists()


def test_a_time_that_is_no_time_stops_no_other_reply(world: World) -> None:
    """Some banks' programs write 0001-01-01 where there is no time; no database keeps it in our zone."""
    done = take(world, data(ROWS[0].replace("2026-03-03 10:05:07", "0001-01-01 00:00:00"), ROWS[1]))
    assert (done.taken, done.refused, done.state) == (1, 1, "done")
    assert ImportFault.objects.get().column == "交易时间"


@pytest.mark.parametrize(
    "address", ["/ledgers/", "/funds/movements/", "/cases/figures/", "/cases/t/incidents/"]
)
def test_days_that_no_calendar_of_ours_has_are_left_out(world: World, client_of: LogIn, address: str) -> None:
    browser = client_of(world.analyst)
    for since, until in (("0001-01-01", ""), ("", "9999-12-31"), ("0001-01-01", "9999-12-31")):
        assert browser.get(address, {"since": since, "until": until}).status_code == 200


def test_numbers_are_masked_in_the_file_of_refused_rows(world: World, client_of: LogIn) -> None:
    received = take(world, data(ROWS[0].replace("2026-03-03 10:05:07", VICTIM)))
    file = client_of(world.analyst).get(f"/funds/replies/{received.pk}/refused.csv")
    text = b"".join(file.streaming_content).decode()
    assert f"****{VICTIM[-4:]}" in text
    assert VICTIM not in text


def test_equal_payments_without_number_and_balance_are_several_and_come_once(world: World) -> None:
    head = "账号,时间,金额,对方账号,摘要"
    rows = [f"{FIRST},2026-03-03 10:05,-5,{SECOND},{note}" for note in ("一", "一", "二")]
    first = take(world, data(*rows, head=head))
    assert (first.taken, first.known) == (3, 0)
    again = take(world, data(*rows, head=head))
    assert (again.taken, again.known) == (0, 3)
    fourth = take(world, data(*rows, rows[0], head=head))
    assert (fourth.taken, fourth.known) == (1, 3)
    assert Movement.objects.count() == 4
    with_balance = [f"{line},{number}" for line, number in zip(rows[:2], ("95", "95"), strict=True)]
    once = take(world, data(*with_balance, head=f"{head},余额"))
    assert (once.taken, once.known) == (1, 1), "what leaves the same balance is the same payment told twice"
