"""Lists of funds: filtered, sorted, paged, saved, and away as files, masked; nobody else's rows."""

from __future__ import annotations

import io
import json

import pytest
from openpyxl import load_workbook

from qingdun.console.funds import actions, freezing, refunding
from qingdun.console.funds.models import StopPayment
from qingdun.console.funds.tables import TABLES
from qingdun.console.kernel.models import AuditRow, SavedFilter
from qingdun.console.kernel.tables import Ask
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.funds.test_refunds import frozen
from tests.console.funds.test_tracing import FIRST

PAGES = {
    "stops": "/funds/",
    "freezes": "/funds/freezes/",
    "refunds": "/funds/refunds/",
    "lapses": "/funds/late/",
}


@pytest.fixture
def returned(world: World) -> int:
    """A freeze about three incidents, a refund of it on notice, stops refused and asked for."""
    freeze, incidents = frozen(world, 0, 3_333)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    refunding.move_refund(world.analyst, refund.pk, "publish")
    return freeze.pk


@pytest.mark.parametrize("code", sorted(TABLES))
def test_every_column_and_filter_reads(world: World, returned: int, code: str) -> None:
    table = TABLES[code]
    for column in table.columns:
        for sort in (column.sort, f"-{column.sort}"):
            for row in table.rows(world.analyst, Ask(), sort):
                assert len(table.cells(row)) == len(table.headings())
    for one in table.filters:
        for value, _word in one.options():
            list(table.rows(world.analyst, Ask(picks={one.name: str(value)})))


@pytest.mark.parametrize("code", ["freezes", "refunds"])
def test_nobody_else_sees_a_row(world: World, returned: int, code: str) -> None:
    assert TABLES[code].rows(world.analyst, Ask()).exists()
    for user in (world.other_county, world.viewer, world.auditor):
        assert not TABLES[code].rows(user, Ask()).exists()


def test_stops_filter_sort_page_and_are_masked(world: World, returned: int, client_of: LogIn) -> None:
    client = client_of(world.analyst)
    refused = StopPayment.objects.filter(state="refused")
    page = client.get("/funds/?state=refused").content.decode()
    assert page.count('href="/funds/') - page.count('href="/funds/"') >= refused.count() == 1
    assert f'<a href="/funds/{refused.get().pk}/">' in page
    other = StopPayment.objects.exclude(state="refused").latest("pk")
    assert f'<a href="/funds/{other.pk}/">' not in page
    upwards = client.get("/funds/?sort=amount_fen").content.decode()
    places = [
        upwards.index(f'<a href="/funds/{one.pk}/">')
        for one in StopPayment.objects.order_by("amount_fen", "pk")
    ]
    assert places == sorted(places)
    assert FIRST not in upwards
    assert client.get("/funds/?state=nonsense").status_code == 422
    saved = {"page": "funds.stops", "name": "被拒", "query": "state=refused", "next": "/funds/"}
    client.post("/filters/", saved)
    assert SavedFilter.objects.get().page == "funds.stops"
    assert "?state=refused" in client.get("/funds/").content.decode()


@pytest.mark.parametrize("code", sorted(TABLES))
def test_a_file_holds_the_rows_masked_and_is_on_record(
    world: World, returned: int, code: str, client_of: LogIn
) -> None:
    client = client_of(world.analyst)
    assert client.get(PAGES[code]).status_code == 200
    answer = client.post(f"/funds/files/{code}/", {"form": "xlsx"})
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    lines = list(load_workbook(io.BytesIO(body)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert len(lines) == 1 + TABLES[code].rows(world.analyst, Ask()).count()
    assert FIRST not in str(lines)
    row = AuditRow.objects.get(verb="export_masked")
    assert (row.subject_id, json.loads(row.after)["rows"]) == (f"funds.{code}", len(lines) - 1)
    assert client_of(world.viewer).post(f"/funds/files/{code}/", {"form": "csv"}).status_code == 403


def test_the_ends_that_are_near_are_one_filter(world: World, returned: int) -> None:
    soon = Ask(picks={"end": "soon"})
    assert not TABLES["freezes"].rows(world.analyst, soon).exists()
    freeze = freezing.Freeze.objects.get()
    freezing.Freeze.objects.update(warned_at=freeze.requested_at)
    assert [one.pk for one in TABLES["freezes"].rows(world.analyst, soon)] == [freeze.pk]
    stop = StopPayment.objects.filter(state="requested").latest("pk")
    actions.move(world.analyst, stop.pk, "hold")
    StopPayment.objects.filter(pk=stop.pk).update(warned_at=stop.requested_at)
    assert [one.pk for one in TABLES["stops"].rows(world.analyst, soon)] == [stop.pk]
