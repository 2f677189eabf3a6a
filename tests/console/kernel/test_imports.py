"""The importer itself, with a kind of its own: nothing lost, nothing twice, however a file is cut; one that
breaks stands aside; rights are asked again.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingdun.console.kernel.imports import actions, cells, kinds, taking, ticking, unpacking
from qingdun.console.kernel.imports.kinds import Batch, Column, Fresh, Kind, by_columns, digest
from qingdun.console.kernel.imports.models import Import, ImportFault, ImportPart, State
from qingdun.console.kernel.imports.reading import guessed, read_rows
from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.kernel.roles import Permission, Role
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.spreadsheets import FORMULA, harmless, unguarded
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.whistles.conftest import client_of, world

__all__ = ["client_of", "world"]

SHELF: dict[str, str] = {}
"""What the kind of these tests has taken in, by key: it stands for a module's table."""


@dataclass(frozen=True)
class Thing:
    name: str
    count: int


def take(_batch: Batch, rows: Sequence[Fresh[Thing]]) -> Mapping[int, Fault]:
    late = {one.line: Fault("name", one.row.name, "没有这个") for one in rows if one.row.name == "late"}
    for one in rows:
        if one.row.name == "broken":
            raise ZeroDivisionError(one.row.name)
        if one.row.name == "busy":
            raise OperationalError("database is locked")
        assert one.key not in SHELF
    SHELF.update({one.key: one.row.name for one in rows if one.line not in late})
    return late


def known(_batch: Batch, rows: Sequence[Fresh[Thing]]) -> Collection[str]:
    return [one.key for one in rows if one.key in SHELF]


COLUMNS = (
    Column("name", "名称", cells.text(8), must=True, headings=("品名",)),
    Column("count", "数量", cells.count, empty=1),
)
THINGS: Kind[Thing] = Kind(
    code="things",
    word="物品",
    permission=Permission.WORK_CASES,
    columns=COLUMNS,
    reader=by_columns(COLUMNS, Thing),
    key=lambda thing: digest(thing.name, thing.count),
    known=known,
    take=take,
)


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Kind[Any]]]:
    """The kind is among those that are known."""
    table: dict[str, Kind[Any]] = {**kinds.known_kinds(), "things": THINGS}
    for module in (actions, taking, unpacking, actions.queries):
        monkeypatch.setattr(module, "known_kinds", lambda: table)
    SHELF.clear()
    yield table
    SHELF.clear()


def begun(user: User, *lines: str) -> Import:
    file = actions.receive(user, "things", "a.csv", "\n".join(["品名,数量", *lines]).encode())
    return actions.begin(user, file.pk)


def run(*files: Import) -> None:
    while taking.take_part(timezone.now()) is not None:
        pass
    for file in files:
        file.refresh_from_db()


def counts(file: Import) -> tuple[int, int, int]:
    file.refresh_from_db()
    return file.taken, file.known, file.refused


def test_every_row_is_taken_known_or_refused(world: World, declared: dict[str, Kind[Any]]) -> None:
    file = begun(
        world.county, "笔,2", "笔,2", "刀,许多", ",1", "late,1", "灯,", "九个字的名称太长了,1", "伞,1,多"
    )
    run(file)
    assert (file.state, counts(file), file.waiting) == ("done", (2, 1, 5), 0)
    assert [(one.line, one.column, one.found) for one in file.faults.all()] == [
        (4, "数量", "许多"), (5, "品名", ""), (6, "品名", "late"), (8, "品名", "九个字的名称太长了"),
        (9, "", "3"),
    ]  # fmt: skip
    assert all(one.expected for one in file.faults.all())
    assert not ImportPart.objects.exists(), "of a row that was taken no cell is kept"
    verbs = list(AuditRow.objects.order_by("seq").values_list("verb", flat=True))
    assert verbs[-4:] == ["receive_file", "begin_file", "take_rows", "finish_file"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["笔,1", "笔,2", "刀,x", "灯,", "late,1"]), max_size=12),
    st.integers(1, 5),
    st.booleans(),
)
def test_cut_anyhow_a_file_gives_the_same_rows_once(
    world: World, declared: dict[str, Kind[Any]], lines: list[str], size: int, counts_equal: bool
) -> None:
    declared["things"] = replace(
        THINGS, at_once=size, repeats=(lambda _thing: True) if counts_equal else None
    )
    SHELF.clear()
    if not lines:
        return
    file = begun(world.county, *lines)
    run(file)
    good = [line for line in lines if line in ("笔,1", "笔,2", "灯,")]
    expected = Counter(good) if counts_equal else Counter(set(good))
    assert file.taken == len(SHELF) == expected.total()
    assert sum(counts(file)) == file.rows_total == len(lines)
    assert file.refused == file.faults.count() == len(lines) - len(good)
    before = dict(SHELF)
    again = begun(world.county, *lines)
    run(again)
    assert before == SHELF
    assert counts(again) == (0, len(good), len(lines) - len(good))


def test_a_file_that_breaks_stands_aside_with_an_id_and_can_be_tried_again(
    world: World, declared: dict[str, Kind[Any]], caplog: pytest.LogCaptureFixture
) -> None:
    declared["things"] = replace(THINGS, at_once=1)
    first, second = begun(world.county, "笔,1", "broken,1", "灯,1"), begun(world.county, "伞,1", "刀,1")
    with caplog.at_level(logging.ERROR):
        run(first, second)
    assert (first.state, counts(first), second.state) == ("failed", (1, 0, 0), "done")
    assert first.error_id
    assert first.error_id in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert AuditRow.objects.filter(verb="fail_file", after__contains=first.error_id).exists()
    with pytest.raises(NotPermitted):
        actions.retry(world.other_county, first.pk)
    with pytest.raises(IllegalMove):
        actions.retry(world.county, second.pk)
    declared["things"] = replace(
        THINGS, at_once=1, take=lambda batch, rows: SHELF.update({r.key: "" for r in rows}) or {}
    )
    actions.retry(world.county, first.pk)
    run(first)
    assert (first.state, counts(first)) == ("done", (3, 0, 0))


def test_what_passes_is_tried_again_before_a_file_fails(world: World, declared: dict[str, Kind[Any]]) -> None:
    file, other = begun(world.county, "busy,1"), begun(world.county, "灯,1")
    for attempt in range(1, taking.MOST_ATTEMPTS):
        assert taking.take_part(timezone.now()) == 0
        file.refresh_from_db()
        assert (file.state, file.attempts) == ("running", attempt)
        if attempt == 1:
            assert taking.take_part(timezone.now()) == 1, "the other one is served meanwhile"
    run(file, other)
    assert (file.state, other.state) == ("failed", "done")


@pytest.mark.parametrize("lost", ["role", "place", "account"])
def test_rights_are_asked_again_before_every_batch(
    world: World, declared: dict[str, Kind[Any]], lost: str
) -> None:
    declared["things"] = replace(THINGS, at_once=1)
    file = begun(world.county, "笔,1", "灯,1")
    assert taking.take_part(timezone.now()) == 1
    before = User.objects.get(pk=world.county.pk)
    changed = {
        "role": {"role": Role.VIEWER},
        "place": {"region": world.other_county.region},
        "account": {"is_active": False},
    }[lost]
    User.objects.filter(pk=world.county.pk).update(**changed)
    run(file)
    assert (file.state, counts(file)) == ("stopped", (1, 0, 0))
    actions.retry(world.analyst, file.pk)
    run(file)
    assert file.state == "stopped", "whoever begins it anew does not lend their rights"
    User.objects.filter(pk=before.pk).update(role=before.role, region=before.region, is_active=True)
    actions.retry(world.analyst, file.pk)
    run(file)
    assert (file.state, counts(file)) == ("done", (2, 0, 0))


def test_columns_are_guessed_in_both_languages_and_none_is_used_twice() -> None:
    kind = kinds.known_kinds()["incidents"]
    assert guessed(kind, ["报警电话", "接报时间", "损失金额"]) == {
        "number": "报警电话", "reported_at": "接报时间", "loss_fen": "损失金额",
    }  # fmt: skip
    with override("en"):
        english = {column.name: str(column.word) for column in kind.columns}
    assert guessed(kind, list(english.values())) == english
    for one in kinds.known_kinds().values():
        headings = [column.names()[0] for column in one.columns]
        found = guessed(one, headings)
        assert len(set(found.values())) == len(found)
        assert {column.name for column in one.needed} <= set(found)


def test_what_left_behind_an_apostrophe_comes_back_as_it_was() -> None:
    for sign in FORMULA:
        assert unguarded(harmless(f"{sign}1")) == f"{sign}1"
    assert unguarded("'t Hart") == "'t Hart"
    file = Import(headings=["品名"], columns={"name": "品名"})
    batch = Batch(file, User(), timezone.now())
    fresh, faults, _plain = read_rows(THINGS, batch, [(2, ["'=1+1"])])
    assert (fresh[0].row.name, faults) == ("=1+1", {})


def test_who_may_and_what_cannot_be(world: World, declared: dict[str, Kind[Any]]) -> None:
    for data in (b"", b"a" * 11):
        declared["things"] = replace(THINGS, most_bytes=10)
        with pytest.raises(InputError):
            actions.receive(world.county, "things", "a.csv", data)
    declared["things"] = THINGS
    with pytest.raises(NotPermitted):
        actions.receive(world.viewer, "things", "a.csv", b"a,b\n1,2\n")
    with pytest.raises(InputError):
        actions.receive(world.county, "nothing", "a.csv", b"a,b\n1,2\n")


def test_numbers_in_what_was_refused_are_kept_masked(world: World, declared: dict[str, Kind[Any]]) -> None:
    file = begun(world.county, "笔,17258019977")
    run(file)
    assert [one.found for one in file.faults.all()] == ["172****9977"]


def test_what_was_refused_and_what_was_never_begun_go_in_time(
    world: World, declared: dict[str, Kind[Any]]
) -> None:
    run(begun(world.county, "笔,x"))
    unbegun = actions.receive(world.county, "things", "b.csv", "品名\n笔\n".encode())
    now = timezone.now()
    assert ticking.purge(now) == 0
    assert ticking.purge(now) == 0, "once a day"
    assert ticking.purge(now + dt.timedelta(days=40)) == 2
    assert not ImportFault.objects.exists()
    assert not ImportPart.objects.exists()
    assert Import.objects.filter(state__in=[State.DONE, State.READ]).count() == 2
    with pytest.raises(IllegalMove, match="重新上传"):
        actions.begin(world.county, unbegun.pk)


def test_page_of_a_failed_file_names_the_id_and_takes_the_rest_in(world: World, client_of: LogIn) -> None:
    text = "案号,案由,立案\n甲1,贩卡案,2026-06-17\n"
    file = actions.receive(world.county, "cases", "a.csv", text.encode())
    actions.begin(world.county, file.pk)
    Import.objects.filter(pk=file.pk).update(state=State.FAILED, error_id="0badc0de")
    client = client_of(world.county)
    page = client.get(f"/cases/files/{file.pk}/").content.decode()
    assert "0badc0de" in page
    assert client.get(f"/cases/files/{file.pk}/progress/").headers["HX-Refresh"] == "true"
    assert client_of(world.other_county).post(f"/cases/files/{file.pk}/retry/").status_code == 403
    client.post(f"/cases/files/{file.pk}/retry/")
    run(file)
    assert (file.state, counts(file)) == ("done", (1, 0, 0))
    Import.objects.filter(pk=file.pk).update(state=State.STOPPED)
    assert str(world.county) in client.get(f"/cases/files/{file.pk}/").content.decode()
    assert client_of(world.analyst).get(f"/lists-received/{file.pk}/").status_code == 403, "not of that page"
