"""An engine that is killed at any moment goes on as if it had not been: no alert is lost or doubled."""

from __future__ import annotations

import datetime as dt
import os
import re
import resource
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from qingdun.cli.live import live as live_command
from qingdun.contract.alone import alone
from qingdun.contract.columns import Table
from qingdun.contract.storage import TableFiles, write_table
from qingdun.contract.tables import ALERTS, FLOWS, REJECTS, VISITS, Alert, Visit
from qingdun.errors import InputError
from qingdun.run.live import Live, Report
from qingdun.run.sinks.parts import PartsSink
from qingdun.run.snapshots import KEPT, Snapshot, Snapshots
from qingdun.run.sources.landing import PATIENCE_S, Landing
from tests.run.world import START, H, World, eventful, with_wild_offsets

HOURS = 8


@pytest.fixture(scope="module")
def world() -> World:
    return eventful(HOURS)


class Place:
    """The folders of one engine."""

    def __init__(self, folder: Path) -> None:
        self.landing, self.state, self.out = folder / "landing", folder / "state", folder / "out"
        self.landing.mkdir(parents=True)

    def live(self, world: World, every_s: float = 0.0, keep_landed: bool = True) -> Live:
        return Live(
            world.engine(), Landing(self.landing), Snapshots(self.state), [PartsSink(self.out)],
            every_s=every_s, keep_landed=keep_landed,
        )  # fmt: skip

    def run(self, world: World, every_s: float = 0.0, keep_landed: bool = True) -> Report:
        """The engine has judged what has landed."""
        rested = []
        return self.live(world, every_s, keep_landed).run(lambda: bool(rested), rested.append)

    def land(self, world: World, hour: int) -> None:
        """The rows of that hour land."""
        begin, end = START + hour * H, START + (hour + 1) * H
        self.put(
            {f.name: [row for row in world.rows[f.name] if begin <= row.at < end] for f in FLOWS}, f"{hour}"
        )

    def put(self, rows: Mapping[str, list[Any]], name: str) -> None:
        """The rows land under that name, flow by flow, half-written first."""
        for flow in FLOWS:
            if rows[flow.name]:
                (self.landing / flow.name).mkdir(exist_ok=True)
                path = self.landing / flow.name / f"{name}.parquet"
                write_table(flow, sorted(rows[flow.name], key=lambda row: row.at), path)

    def written(self, table: Table = ALERTS) -> list[Any]:
        parts = sorted((self.out / table.name).glob("*.parquet"))
        return [row for part in parts for row in table.to_rows(pq.read_table(part))]

    def undisturbed(self, world: World) -> list[Alert]:
        """What an engine that nobody kills says of what was taken, in the order it was taken in."""
        engine = world.engine()
        found = [
            one for read in Landing(self.landing).batches(None) for one in engine.push(read.batch).alerts
        ]
        rows: list[Alert] = ALERTS.to_rows(ALERTS.from_rows(found))
        return rows


def test_whoever_stops_and_goes_on_says_the_same_whatever_lands_meanwhile(
    tmp_path: Path, world: World
) -> None:
    place = Place(tmp_path)
    for hour in range(HOURS):
        place.land(world, hour)
        place.run(world, every_s=1e9)
    assert place.written() == place.undisturbed(world)


def test_what_is_sent_twice_is_judged_once_and_what_no_snapshot_needs_is_removed(
    tmp_path: Path, world: World
) -> None:
    place = Place(tmp_path)
    events = 0
    for hour in range(HOURS):
        for _again in range(2):
            place.land(world, hour)
            events += place.run(world, keep_landed=False).events
    landed = [row for flow in FLOWS for row in world.rows[flow.name] if row.at < START + HOURS * H]
    assert events == len(landed)
    assert len([one for one in (place.landing / "taken").iterdir() if one.is_dir()]) <= KEPT
    place.land(world, 0)
    assert place.run(world, keep_landed=False).events == 0, "names are known longer than their files are kept"


def test_a_provider_whose_clock_is_ahead_makes_nothing_too_late(tmp_path: Path, world: World) -> None:
    right, wrong = Place(tmp_path / "right"), Place(tmp_path / "wrong")
    late = Visit(
        int(dt.datetime(2098, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000, "+8617000000000", "a.cn", None
    )
    wrong.put({flow.name: [late] if flow is VISITS else [] for flow in FLOWS}, "wrong")
    for hour in range(HOURS):
        for place in (right, wrong):
            place.land(world, hour)
            report = place.run(world, every_s=1e9)
    assert right.written()
    assert wrong.written() == right.written()
    assert report.rejects == 0
    (reject,) = [row for row in wrong.written(REJECTS) if "ahead" in row.reason]
    assert reject.flow == "visits"
    assert reject.reason.endswith("s ahead of this machine's clock, expected at most 600")


def test_the_same_name_with_other_rows_is_another_file(tmp_path: Path, world: World) -> None:
    place = Place(tmp_path)
    for hour in (0, 1):
        place.land(world, hour)
        for path in place.landing.glob("*/*.parquet"):
            path.rename(path.with_name("now.parquet"))
        assert place.run(world).events > 0


@pytest.fixture
def two(tmp_path: Path, world: World) -> Place:
    """An engine with two snapshots."""
    place = Place(tmp_path)
    for hour in (0, 1):
        place.land(world, hour)
        place.run(world, every_s=1e9)
    assert len(list(place.state.glob("*.snapshot"))) == 2
    return place


def newest(place: Place) -> Path:
    return max(place.state.glob("*.snapshot"))


@pytest.mark.parametrize("harm", ["cut", "turned", "headless", "empty", "other form"])
def test_a_snapshot_that_cannot_be_read_is_passed_over_and_nothing_is_lost(
    two: Place, world: World, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = newest(two)
    raw = path.read_bytes()
    path.write_bytes(
        {
            "cut": raw[:-100], "turned": raw[:-9] + bytes((raw[-9] ^ 1,)) + raw[-8:], "headless": raw[50:],
            "empty": b"", "other form": raw.replace(b'"form": 1', b'"form": 9'),
        }[harm]
    )  # fmt: skip
    two.land(world, 2)
    two.run(world)
    assert str(path) in caplog.text
    assert "the snapshot before it is tried" in caplog.text
    assert two.written() == two.undisturbed(world)


def test_where_no_snapshot_can_be_used_it_says_why_and_touches_nothing(two: Place, world: World) -> None:
    for path in two.state.glob("*.snapshot"):
        path.write_bytes(b"{}\n")
    before = two.written()
    with pytest.raises(
        InputError, match=r"no snapshot can be used, .* found form None of a snapshot, expected 1"
    ):
        two.run(world)
    assert two.written() == before


def test_a_snapshot_of_another_engine_is_said_and_the_older_one_used(
    two: Place, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    snapshots = Snapshots(two.state)
    engine = world.engine()
    last = snapshots.newest(engine.restore)
    assert last is not None
    _, _, state = last.state.partition(b"\n")
    snapshots.keep(Snapshot(last.number + 1, last.place, b"version 0, weights 1\n" + state))
    two.run(world)
    assert "found 'version 0, weights 1', expected 'version " in caplog.text
    assert two.written() == two.undisturbed(world)


@pytest.mark.parametrize(("room", "full"), [(1, "out/"), (60_000, "state/")])
def test_a_disk_that_is_full_is_named_keeps_the_older_snapshot_and_is_tried_again(
    two: Place, world: World, caplog: pytest.LogCaptureFixture, room: int, full: str
) -> None:
    kept = [path.read_bytes() for path in sorted(two.state.glob("*.snapshot"))]
    two.land(world, 2)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        report = two.run(world)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert report.failed > 0
    assert report.snapshots == 0
    assert re.search(rf"snapshot \d+ cannot be written \(.*/{full}", caplog.text)
    assert [path.read_bytes() for path in sorted(two.state.glob("*.snapshot"))] == kept
    assert not list(two.state.glob(".*"))
    assert two.run(world).snapshots > 0
    assert two.written() == two.undisturbed(world)


def test_half_written_files_are_left_alone_and_refused_when_they_never_end(
    tmp_path: Path, world: World
) -> None:
    place = Place(tmp_path)
    place.land(world, 0)
    whole = place.landing / "visits" / "0.parquet"
    raw = whole.read_bytes()
    whole.write_bytes(raw[: len(raw) // 2])
    rows = sum(len([r for r in world.rows[f.name] if r.at < START + H]) for f in FLOWS)
    visits = len([r for r in world.rows["visits"] if r.at < START + H])
    assert place.run(world).events == rows - visits
    assert whole.exists()
    whole.write_bytes(raw)
    assert place.run(world).events == visits
    late = place.landing / "visits" / "late.parquet"
    late.write_bytes(raw[:-5])
    long_ago = time.time() - PATIENCE_S - 1
    os.utime(late, (long_ago, long_ago))
    write_table(REJECTS, [], place.landing / "calls" / "wrong.parquet")
    assert place.run(world).events == 0
    why = sorted((place.landing / "refused").glob("*.why"))
    assert [path.name.partition("-")[0] for path in why] == ["calls", "visits"]
    assert "column call_id is missing" in why[0].read_text("utf-8")
    assert "not a whole Parquet file" in why[1].read_text("utf-8")
    assert not late.exists()


def test_rows_that_cannot_be_used_are_said_and_written_once_with_their_reason(
    tmp_path: Path, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    place = Place(tmp_path)
    place.land(world, 0)
    bad = VISITS.from_rows([world.rows["visits"][0]._replace(host="")])
    write_table(VISITS, bad, place.landing / "visits" / "bad.parquet")
    place.run(world)
    place.run(world)
    (one,) = place.written(REJECTS)
    assert (one.flow, one.row, one.reason.partition("~")[0]) == ("visits", 0, "bad")
    assert caplog.text.count("rows that could not be used: 1; the last: visits, bad") == 1


def test_results_of_another_run_are_not_written_over(two: Place, world: World, tmp_path: Path) -> None:
    other = PartsSink(tmp_path / "other")
    write_table(ALERTS, [], tmp_path / "other" / "alerts" / f"{KEPT + 1:012}.parquet")
    with pytest.raises(InputError, match="a part of another run"):
        other.begin(0)
    (tmp_path / "other" / "alerts" / f"{KEPT + 1:012}.parquet").rename(
        tmp_path / f"other/alerts/{2:012}.parquet"
    )
    with pytest.raises(InputError, match="expected none after 1"):
        other.begin(0)


def test_a_group_that_is_gone_is_said(two: Place, world: World) -> None:
    for path in sorted((two.landing / "taken").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    with pytest.raises(InputError, match=r"group 2 is gone, which comes next; found none"):
        two.run(world)


def visits_of(world: World, name: bytes, place: Place) -> Path:
    """A file of visits under that name, as a provider's disk has it."""
    path = place.landing / "visits" / os.fsdecode(name)
    write_table(VISITS, world.rows["visits"][:20], place.landing / "visits" / "made.parquet")
    (place.landing / "visits" / "made.parquet").rename(path)
    return path


@pytest.mark.parametrize(
    "name", ["话单一".encode("gbk") + b".parquet", b"two\nlines.parquet", b"x" * 247 + b".parquet"]
)
def test_a_file_is_judged_once_whatever_its_name(tmp_path: Path, world: World, name: bytes) -> None:
    place = Place(tmp_path)
    Landing(place.landing)
    for hour, events in enumerate((20, 0, 0, 0)):
        visits_of(world, name, place)
        assert place.run(world, keep_landed=False).events == events
        place.land(world, hour)
        assert place.run(world, keep_landed=False).events > 0


def test_the_same_name_and_end_with_other_rows_is_another_file(tmp_path: Path) -> None:
    place = Place(tmp_path)
    world = World(2)
    for person in range(2):
        world.rows["visits"].clear()
        for second in range(40_000):
            world.visit(START + second * 1000, world.number(person), "a.cn")
        write_table(VISITS, world.rows["visits"], place.landing / "visits" / "now.arrow")
        if not person:
            size = (place.landing / "visits" / "now.arrow").stat().st_size
            assert place.run(world).events == 40_000
    path = place.landing / "visits" / "now.arrow"
    assert path.stat().st_size == size
    assert place.run(world).events == 40_000


def test_a_file_with_damaged_rows_is_left_alone_and_then_refused(tmp_path: Path, world: World) -> None:
    place = Place(tmp_path)
    place.land(world, 0)
    for flow, damaged in (("visits", "pages"), ("messages", "offsets")):
        path = place.landing / flow / f"{damaged}.arrow"
        table = next(one for one in FLOWS if one.name == flow)
        rows = table.from_rows(world.rows[flow][:50])
        if damaged == "pages":
            write_table(table, rows, path.with_suffix(".parquet"))
            path = path.with_suffix(".parquet")
            raw = bytearray(path.read_bytes())
            raw[40:400] = bytes(360)
            path.write_bytes(raw)
        else:
            with pa.ipc.new_file(path, rows.schema) as writer:
                writer.write_table(with_wild_offsets(rows, "text"))
    (place.landing / "calls" / "begun.parquet").touch()
    (place.landing / "calls" / "folder.parquet").mkdir()
    whole = sum(len([row for row in world.rows[one.name] if row.at < START + H]) for one in FLOWS)
    assert place.run(world).events == whole
    long_ago = time.time() - PATIENCE_S - 1
    for path in place.landing.glob("[cmv]*/*.*"):
        os.utime(path, (long_ago, long_ago))
    assert place.run(world).events == 0
    assert sorted(path.name.partition("~")[0] for path in (place.landing / "refused").glob("*.why")) == [
        "calls-begun", "messages-offsets", "visits-pages",
    ]  # fmt: skip


def test_what_is_judged_is_not_read_again_while_nothing_lands(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    place.land(world, 0)
    read: list[object] = []
    before = TableFiles.read

    def counted(self: TableFiles, *about: Any) -> pa.Table:
        read.append(about)
        return before(self, *about)

    monkeypatch.setattr(TableFiles, "read", counted)
    rested: list[int] = []
    place.live(world).run(lambda: len(rested) == 5, lambda _seconds: rested.append(len(read)))
    assert len(set(rested)) == 1
    assert rested[0]


def test_what_cannot_be_forgotten_neither_ends_the_run_nor_costs_a_name(tmp_path: Path, world: World) -> None:
    place = Place(tmp_path)
    for hour in range(5):
        place.land(world, hour)
        place.run(world, keep_landed=False)
    names = place.landing / "taken" / "names"
    known = names.read_bytes()
    place.land(world, 5)
    live = place.live(world, keep_landed=False)
    names.unlink()
    names.mkdir()
    rested: list[float] = []
    assert live.run(lambda: bool(rested), rested.append).snapshots > 0
    names.rmdir()
    names.write_bytes(known[:-3])
    place.land(world, 6)
    place.run(world, keep_landed=False)
    lines, before = names.read_bytes().splitlines(), known.splitlines()
    assert set(before[:-1]) < set(lines)
    assert all(line.endswith(b".parquet") for line in lines if line != before[-1][:-2])


def test_two_engines_do_not_take_from_one_folder(tmp_path: Path, world: World) -> None:
    place = Place(tmp_path)
    folders = [str(world.write(tmp_path / "registers")), str(place.state), str(place.out)]
    options = [
        word for pair in zip(("--registers", "--state", "--out"), folders, strict=True) for word in pair
    ]
    with alone(place.landing):
        found = CliRunner().invoke(live_command, [str(place.landing), *options])
    assert isinstance(found.exception, InputError)
    assert f"{place.landing}: another process works on it" in str(found.exception)
