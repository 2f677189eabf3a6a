"""A folder that files land in is taken whole, whatever breaks or stands in the way."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from qingdun.contract.alone import alone
from qingdun.contract.storage import write_table
from qingdun.contract.tables import ALERTS, VISITS, Visit
from qingdun.contract.tokens import make
from qingdun.errors import InputError
from qingdun.run.receiving.bodies import LINES, KeyTaken, Sent, Spool
from qingdun.run.receiving.kafka import landed_to
from qingdun.run.receiving.serving import receive
from qingdun.run.sinks.kafka import KafkaSink, Settings
from qingdun.run.sinks.parts import PartsSink
from qingdun.run.sinks.webhook import WebhookSink
from qingdun.run.snapshots import Snapshot, Snapshots
from qingdun.run.sources import landing as landing_module
from qingdun.run.sources.landing import Landing
from qingdun.run.sources.names import name_of
from tests.run.world import START


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "landing"
    made.mkdir()
    return made


def land(folder: Path, name: str, count: int = 3) -> None:
    rows = [Visit(START + number, "+8617000000000", f"{name}{number}.cn", None) for number in range(count)]
    write_table(VISITS, rows, folder / "visits" / f"{name}.parquet")


def taken(landing: Landing) -> int:
    return sum(table.num_rows for read in landing.batches(None) for table in read.batch.values())


def test_what_landed_together_is_one_group_though_whoever_took_it_was_killed(folder: Path) -> None:
    Landing(folder)
    for name in ("a", "b"):
        land(folder, name)
    path = folder / "visits" / "a.parquet"
    begun = folder / "taken" / ".000000000001" / "visits"
    begun.mkdir(parents=True)
    path.rename(begun / name_of(path))
    landing = Landing(folder)
    assert list(landing.batches(None)) == []
    assert landing.take()
    (read,) = landing.batches(None)
    assert read.batch["visits"].num_rows == 6


def test_a_row_far_ahead_of_the_clock_is_rejected_and_is_so_after_a_restart(folder: Path) -> None:
    now = START / 1e6
    landing = Landing(folder, lambda: now)
    last = START + 600_000_000
    for name, ahead in (("a", [0, 600_000_000]), ("b", [600_000_001, 8 * 3600 * 1_000_000])):
        rows = [Visit(START + one, "+8617000000000", "a.cn", None) for one in ahead]
        write_table(VISITS, rows, folder / "visits" / f"{name}.parquet")
    assert landing.take()
    for again in (landing, Landing(folder, lambda: now + 86_400), Landing(folder, lambda: now - 86_400)):
        reads = list(again.batches(None))
        times = [at for read in reads for at in pc.cast(read.batch["visits"]["at"], "int64").to_pylist()]
        assert times == [START, last]
        found = [read.named(one) for read in reads for one in read.rejects]
        assert [(one.flow, one.row) for one in found] == [("visits", 0), ("visits", 1)]
        assert [one.reason.partition("parquet: ")[2] for one in found] == [
            "at: 600 s ahead of this machine's clock, expected at most 600",
            "at: 28800 s ahead of this machine's clock, expected at most 600",
        ]


def test_a_group_that_an_earlier_version_took_is_judged_whole(folder: Path) -> None:
    landing = Landing(folder, lambda: 0.0)
    land(folder, "a")
    assert landing.take()
    assert taken(landing) == 0
    (moment,) = (folder / "taken" / "000000000001").glob("*.moment")
    moment.unlink()
    assert taken(Landing(folder, lambda: 0.0)) == 3


def test_a_group_that_could_not_be_closed_is_closed_though_nothing_more_lands(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = Landing(folder)
    land(folder, "a")

    def full(_folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(landing_module, "sync", full)
        with pytest.raises(OSError, match="No space"):
            landing.take()
    assert taken(landing) == 0
    assert landing.take()
    assert taken(landing) == 3
    assert not landing.take()


def test_a_file_that_somebody_writes_over_while_it_is_read_ends_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = Landing(folder)
    land(folder, "a", 20_000)
    path = folder / "visits" / "a.parquet"
    check = landing_module.check_schema

    def cut(*about: Any) -> None:
        check(*about)
        os.truncate(path, 5_000)

    monkeypatch.setattr(landing_module, "check_schema", cut)
    child = os.fork()
    if child == 0:
        os._exit(landing.take())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "neither killed by a signal nor taken"
    assert path.exists()


def test_a_file_that_somebody_writes_over_before_it_is_taken_waits_until_it_is_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = Landing(folder)
    land(folder, "a", 3)
    path = folder / "visits" / "a.parquet"

    def begun_anew(file: Path) -> str:
        name = name_of(file)
        file.write_bytes(b"half")
        return name

    with monkeypatch.context() as patched:
        patched.setattr(landing_module, "name_of", begun_anew)
        assert not landing.take()
    assert path.exists()
    land(folder, "a", 5)
    assert landing.take()
    assert taken(landing) == 5


@pytest.mark.parametrize("name", [".nfs000000000001", ".DS_Store", ".x"])
def test_what_is_no_group_of_ours_is_left_alone(folder: Path, name: str) -> None:
    Landing(folder)
    (folder / "taken" / name).write_bytes(b"x")
    (folder / "taken" / ".000000000001").mkdir()
    landing = Landing(folder)
    land(folder, "a")
    assert landing.take()
    assert taken(landing) == 3
    assert (folder / "taken" / name).exists()


def test_a_group_that_is_forgotten_while_others_look_stops_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that stood when its name was read, and is gone when it is opened."""
    landing = Landing(folder)
    land(folder, "kafka+t+0+00-07")
    landing.take()
    land(folder, "b")
    landing.take()
    scan = os.scandir

    def gone(path: str | Path) -> object:
        if "taken/0" in str(path):
            raise FileNotFoundError(errno.ENOENT, "gone", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", gone)
    assert landed_to(folder) == {}
    sent = Sent("p", VISITS, LINES, "", "key")
    body = b'{"at": "2026-03-02T09:00:00Z", "subscriber": "+8617000000000", "host": "b.cn"}\n'
    for expected in (1, 1):
        spool = Spool(folder)
        spool.add(body)
        assert spool.land(sent)[1] == expected
        spool.close()
    spool = Spool(folder)
    spool.add(body * 2)
    with pytest.raises(KeyTaken):
        spool.land(sent)
    spool.close()


def test_files_of_somebody_else_beside_parts_and_snapshots_are_left_alone(tmp_path: Path) -> None:
    parts = PartsSink(tmp_path / "out")
    foreign = tmp_path / "out" / "alerts" / "of yesterday.parquet"
    write_table(ALERTS, [], foreign)
    parts.begin(0)
    parts.begin_anew()
    assert foreign.exists()
    snapshots = Snapshots(tmp_path / "state")
    snapshots.keep(Snapshot(1, {"group": 1, "window": 1}, b"state"))
    copy = tmp_path / "state" / "copy of 1.snapshot"
    copy.write_bytes(b"half")
    assert snapshots.restore(1, {"group": 1, "window": 1}, lambda _state: None)
    assert copy.exists()
    found = snapshots.newest(lambda _state: None)
    assert found is not None
    assert found.number == 1
    for number in (2, 3, 4):
        copy.with_name(f"copy of {number}.snapshot").write_bytes(copy.read_bytes())
        snapshots.keep(Snapshot(number, {"group": 1, "window": 1}, b"state"))
    assert [place.stem for place in sorted((tmp_path / "state").glob("0*.snapshot"))] == [
        f"{number:012}" for number in (2, 3, 4)
    ]


def test_a_queue_or_list_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "state.sqlite3"
    broken.write_bytes(b"half of a page" * 100)
    with pytest.raises(InputError, match=r"state\.sqlite3: what waits for the webhook cannot be read \("):
        WebhookSink("http://127.0.0.1:1", b"secret", broken)
    with pytest.raises(InputError, match=r"state\.sqlite3: the keys that Kafka was told cannot be read \("):
        KafkaSink(Settings("127.0.0.1:1"), broken)


def test_a_second_receiver_of_one_folder_is_told_so_and_takes_nothing_away(folder: Path) -> None:
    (folder / "receiving").mkdir()
    (folder / "receiving" / ".half").write_bytes(b"half")
    tokens = folder.with_name("tokens")
    make(tokens, "p")
    with alone(folder, "receive"), pytest.raises(InputError, match="another process works on it"):
        asyncio.run(asyncio.wait_for(receive(folder, "127.0.0.1", 0, tokens, 1, asyncio.Event()), 10))
    assert (folder / "receiving" / ".half").exists()
