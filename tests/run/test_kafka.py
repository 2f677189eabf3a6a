"""What stands in Kafka lands once, whoever is killed; members of a group share its partitions."""

from __future__ import annotations

import io
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import confluent_kafka
import pyarrow as pa
import pyarrow.ipc
import pytest

from qingdun.contract.columns import moment
from qingdun.contract.storage import TableFiles, partial_of, write_table
from qingdun.contract.tables import FLOWS, VISITS, Visit
from qingdun.errors import ConfigurationError
from qingdun.run.receiving.halves import OLD_S, writer
from qingdun.run.receiving.kafka import KafkaReceiver, Settings
from qingdun.run.sources.landing import Landing
from tests.run.broker import broker
from tests.run.world import START, World

PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def brokers() -> Iterator[str]:
    with broker() as one:
        yield one.address


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    made = tmp_path / "landing"
    made.mkdir()
    return made


def as_json(row: Any) -> bytes:
    return json.dumps(row._asdict() | {"at": moment(row.at).isoformat()}, ensure_ascii=False).encode()


def as_arrow(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def put(brokers: str, topic: str, values: list[bytes]) -> None:
    producer = confluent_kafka.Producer({"bootstrap.servers": brokers})
    for number, value in enumerate(values):
        producer.produce(topic, value, partition=number % 4)
        producer.poll(0)
    assert producer.flush(PATIENCE_S) == 0


def start(
    brokers: str, landing: Path, group: str, *topics: str, said: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """The command; what it says goes to `said`."""
    command = [sys.executable, "-m", "qingdun.cli", "receive-kafka", str(landing), "--brokers", brokers]
    properties = landing.with_name(f"{landing.name}.properties")
    # Whoever was killed is missed soon: a group waits so long before it shares their partitions out.
    properties.write_text("session.timeout.ms=6000\nheartbeat.interval.ms=1000\n")
    command += [
        "--properties",
        str(properties),
        "--group",
        group,
        *(word for topic in topics for word in ("--topic", topic)),
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def landed(*folders: Path) -> Counter[tuple[str, str]]:
    """Rows that have landed, by flow, and how often each."""
    found: Counter[tuple[str, str]] = Counter()
    for folder in folders:
        landing = Landing(folder)
        landing.take()
        for read in landing.batches(None):
            for flow in FLOWS:
                if flow.name in read.batch:
                    rows = flow.to_rows(read.batch[flow.name].select(flow.schema.names))
                    found.update((flow.name, repr(row)) for row in rows)
    return found


def until_landed(folders: list[Path], count: int) -> None:
    """So many rows have landed in the folders."""
    until(lambda: landed(*folders).total() >= count)


def waits(folder: Path) -> int:
    return len([path for flow in FLOWS for path in (folder / flow.name).glob("*.arrow")])


def test_every_flow_lands_as_it_was_sent(brokers: str, landing: Path) -> None:
    world = World(6)
    world.everyday(3, hours=2, events=120)
    for flow in FLOWS:
        rows = world.rows[flow.name]
        half = len(rows) // 2
        values = [as_json(row) for row in rows[:half]] + [as_arrow(flow.from_rows(rows[half:]))]
        put(brokers, f"form.{flow.name}", values)
    process = start(brokers, landing, "form", *(f"{flow.name}=form.{flow.name}" for flow in FLOWS))
    wanted = Counter((flow.name, repr(row)) for flow in FLOWS for row in world.rows[flow.name])
    try:
        until(lambda: waits(landing) > 0 and landed(landing) == wanted)
    finally:
        process.terminate()
        assert process.wait(30) == 0


def visits(count: int) -> list[Visit]:
    return [
        Visit(START + number, f"+86170{number % 50:08d}", f"h{number}.cn", None) for number in range(count)
    ]


@pytest.mark.parametrize("rounds", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_while_it_receives_every_row_lands_once(brokers: str, landing: Path, rounds: int) -> None:
    topic, draw = f"kill{rounds}", random.Random(rounds)
    rows = visits(400 * rounds)
    wanted = Counter(("visits", repr(row)) for row in rows)
    for number in range(rounds):
        put(brokers, topic, [as_json(row) for row in rows[number * 400 : (number + 1) * 400]])
        process = start(brokers, landing, topic, f"visits={topic}")
        time.sleep(draw.uniform(1.0, 6.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
    process = start(brokers, landing, topic, f"visits={topic}")
    try:
        until(lambda: landed(landing).total() >= len(rows))
    finally:
        process.terminate()
        process.wait(30)
    assert landed(landing) == wanted


@pytest.mark.slow
def test_members_of_a_group_share_what_comes_and_whoever_stays_takes_over(
    brokers: str, tmp_path: Path
) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    put(brokers, "shared", [as_json(row) for row in visits(4)])
    processes = [start(brokers, folder, "shared", "visits=shared") for folder in folders]
    rows = visits(4)
    try:
        until(lambda: landed(*folders).total() >= 4)
        number = len(rows)
        while not all(map(landed, folders)):
            more = [
                Visit(START + number + place, "+8617000000000", f"m{number + place}.cn", None)
                for place in range(8)
            ]
            number += 8
            put(brokers, "shared", [as_json(row) for row in more])
            rows += more
            until_landed(folders, number)
        processes[0].terminate()
        assert processes[0].wait(30) == 0
        more = [Visit(START + number + place, "+8617000000001", f"n{place}.cn", None) for place in range(8)]
        put(brokers, "shared", [as_json(row) for row in more])
        rows += more
        until(lambda: landed(*folders).total() >= len(rows))
    finally:
        for process in processes:
            process.terminate()
            process.wait(30)
    assert landed(*folders) == Counter(("visits", repr(row)) for row in rows)


def test_what_cannot_be_read_is_kept_with_its_reason_and_the_rest_lands(brokers: str, landing: Path) -> None:
    rows = visits(5)
    other = VISITS.from_rows(rows[4:])
    place = other.column_names.index("host")
    other = other.set_column(place, "host", other["host"].dictionary_encode())
    put(
        brokers,
        "noise",
        [
            as_json(rows[0]),
            b"no json",
            as_json(rows[1]),
            b"",
            as_json(rows[2]),
            as_json(rows[3]),
            as_arrow(other),
        ],
    )
    process = start(brokers, landing, "noise", "visits=noise")
    try:
        until(lambda: landed(landing).total() == 5 and len(list((landing / "refused").glob("*.why"))) == 2)
    finally:
        process.terminate()
        process.wait(30)
    kept = {path.name: path.read_bytes() for path in (landing / "refused").glob("*.message")}
    assert kept == {"noise+1+0.message": b"no json", "noise+3+0.message": b""}
    assert "expected a line of JSON" in (landing / "refused" / "noise+1+0.message.why").read_text("utf-8")


def leave_room(process: subprocess.Popen[bytes], octets: int) -> None:
    """No file of the process may be longer."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))


def until_said(process: subprocess.Popen[bytes], words: bytes) -> bytes:
    """The line with the words, which it has said."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return bytes(line)
    raise AssertionError(f"it ended with {process.wait()} and had not said {words!r}")


def committed(brokers: str, group: str, topic: str) -> int:
    """How many messages of the topic the group has committed."""
    asked = confluent_kafka.Consumer({"bootstrap.servers": brokers, "group.id": group})
    places = [confluent_kafka.TopicPartition(topic, number) for number in range(4)]
    found = sum(max(0, one.offset) for one in asked.committed(places, timeout=PATIENCE_S))
    asked.close()
    return found


@pytest.mark.parametrize("killed", [False, True])
def test_a_full_disk_is_said_and_waited_for_and_every_row_lands_once(
    brokers: str, landing: Path, killed: bool
) -> None:
    topic = f"full{killed}"
    rows = visits(200)
    put(brokers, topic, [as_json(row) for row in rows[:100]])
    process = start(brokers, landing, topic, f"visits={topic}", said=subprocess.PIPE)
    try:
        until_landed([landing], 100)
        until(lambda: committed(brokers, topic, topic) == 100)
        leave_room(process, 100)
        put(brokers, topic, [as_json(row) for row in rows[100:190]] + [b"no json"] * 10)
        said = until_said(process, b"no room on its disk")
        assert str(landing).encode() in said
        assert landed(landing).total() == 100
        assert not list(landing.glob("*/.*.partial")), "what found no room takes none"
        assert committed(brokers, topic, topic) == 100, "what does not stand is not committed"
        if killed:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            process = start(brokers, landing, topic, f"visits={topic}", said=subprocess.PIPE)
        else:
            leave_room(process, resource.RLIM_INFINITY)
            until_said(process, b"there is room again")
        until_landed([landing], 190)
        until(lambda: committed(brokers, topic, topic) == 200)
        put(brokers, topic, [as_json(row) for row in rows[190:]])
        until_landed([landing], 200)
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0
    assert landed(landing) == Counter(("visits", repr(row)) for row in rows)
    assert len(list((landing / "refused").glob("*.message"))) == 10


def test_half_of_a_file_that_whoever_was_killed_left_is_taken_away(brokers: str, landing: Path) -> None:
    """It would count for ever as what waits to be judged."""
    put(brokers, "half", [as_json(row) for row in visits(4)])
    (landing / "visits").mkdir()
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    host, living = socket.gethostname(), writer()
    names = [
        f".kafka+{topic}+0+1-2.arrow{name}.partial"
        for topic, name in [
            ("half", f".{host}~{gone.pid}~1"),
            ("half", f".{host}~{os.getpid()}~1"),
            ("half", f".elsewhere~{gone.pid}~2"),
            ("half", ""),
            ("other", f".{host}~{gone.pid}~1"),
            ("half", f".{living}"),
            ("half", f".elsewhere~{gone.pid}~1"),
        ]
    ]
    halves = [landing / "visits" / name for name in names]
    for half in halves:
        half.write_bytes(b"half")
    for half in halves[2:4]:
        os.utime(half, (half.stat().st_mtime - OLD_S - 60,) * 2)
    process = start(brokers, landing, "half", "visits=half")
    try:
        until_landed([landing], 4)
    finally:
        process.terminate()
        process.wait(30)
    left = [half for half in halves if half.exists()]
    assert left == halves[4:], "those of the dead and the old, and no other topic's nor a living writer's"


def test_two_that_write_the_same_file_do_not_write_into_each_others_half(tmp_path: Path) -> None:
    """A member that lost a partition may still be writing what the next one reads and writes again."""
    path, rows = tmp_path / "visits.arrow", VISITS.from_rows(visits(4))
    theirs = partial_of(path, "elsewhere~1~1")
    theirs.write_bytes(b"half")
    write_table(VISITS, rows, path, writer())
    assert theirs.read_bytes() == b"half"
    assert list(tmp_path.glob(".*")) == [theirs]
    assert TableFiles(VISITS, [path]).read(0, 0).equals(rows)


def test_a_group_whose_coordinator_moves_is_asked_again_where_to_go_on(landing: Path) -> None:
    rows = visits(12)
    with broker() as one:
        put(one.address, "moves", [as_json(row) for row in rows[:8]])
        for count in (8, 12):
            one.unsure()
            process = start(one.address, landing, "moves", "visits=moves", said=subprocess.PIPE)
            try:
                assert b"Not coordinator" in until_said(process, b"it is asked again")
                until_landed([landing], count)
            finally:
                process.terminate()
                process.communicate()
            assert process.returncode == 0
            put(one.address, "moves", [as_json(row) for row in rows[8:]] if count == 8 else [])
    assert landed(landing) == Counter(("visits", repr(row)) for row in rows)


def test_what_is_held_of_a_partition_that_others_go_on_with_is_theirs(brokers: str, landing: Path) -> None:
    put(brokers, "moved", [as_json(row) for row in visits(8)])
    receiver = KafkaReceiver(landing, Settings(brokers, "moved", {"moved": "visits"}), 1 << 30)
    others = confluent_kafka.TopicPartition("moved", 0)

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def rest(_seconds: float) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        receiver._revoked(None, [others])

    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    deadline = time.monotonic() + PATIENCE_S
    try:
        receiver.run(lambda: receiver.rows > 0 or time.monotonic() > deadline, rest)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {row for _flow, row in landed(landing)} == {repr(row) for row in visits(8) if row.at % 4}


def test_settings_that_cannot_be_are_said(landing: Path) -> None:
    with pytest.raises(ConfigurationError, match="topic t: found flow 'visit', expected calls"):
        KafkaReceiver(landing, Settings("127.0.0.1:1", "g", {"t": "visit"}), 1)
    with pytest.raises(ConfigurationError, match="No such configuration property"):
        KafkaReceiver(landing, Settings("127.0.0.1:1", "g", {"t": VISITS.name}, {"no.such": "1"}), 1)
