"""What is decided stands in Kafka before its snapshot is written, whoever falls or is killed."""

from __future__ import annotations

import json
import logging
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import confluent_kafka
import pytest

from qingdun.contract.tables import Alert, ClusterMember, Suspect
from qingdun.errors import ConfigurationError
from qingdun.run.live import Live
from qingdun.run.sinks import kafka
from qingdun.run.sinks.aside import KEPT_DAYS
from qingdun.run.sinks.kafka import KafkaSink, Settings
from qingdun.run.sinks.parts import PartsSink
from qingdun.run.snapshots import Snapshots
from qingdun.run.sources.landing import Landing
from tests.run.broker import Broker, broker
from tests.run.test_live import HOURS, Place
from tests.run.world import START, World, eventful

PATIENCE_S = 240.0


class Message(NamedTuple):
    key: str
    value: Any
    alert_id: str
    too_large: str


@pytest.fixture
def one() -> Iterator[Broker]:
    with broker() as made:
        yield made


@pytest.fixture(scope="module")
def world() -> World:
    return eventful(HOURS)


@pytest.fixture(scope="module")
def alerts(world: World) -> list[Alert]:
    return world.alerts()


def sink(one: Broker, folder: Path, **more: str) -> KafkaSink:
    """Brokers that fall are asked again often, so that nobody waits long for a test."""
    said = {"reconnect.backoff.max.ms": "200"} | {
        name.replace("_", "."): value for name, value in more.items()
    }
    return KafkaSink(Settings(one.address, more=said), folder / "kafka.sqlite3")


def read(one: Broker, topic: str) -> list[Message]:
    """What stands in the topic, partition by partition."""
    said = {"bootstrap.servers": one.address, "group.id": "reader", "isolation.level": "read_committed"}
    reader = confluent_kafka.Consumer(said)
    found: list[Message] = []
    for partition in range(4):
        place = confluent_kafka.TopicPartition(topic, partition, confluent_kafka.OFFSET_BEGINNING)
        _first, after = reader.get_watermark_offsets(place, timeout=PATIENCE_S)
        reader.assign([place])
        left = after
        while left:
            message = reader.poll(PATIENCE_S)
            assert message is not None
            assert message.error() is None
            left = after - message.offset() - 1
            headers = dict(message.headers() or ())
            value = None if message.value() is None else json.loads(message.value())
            said_of = (headers.get(name, b"").decode() for name in ("alert_id", "too_large"))
            found.append(Message(message.key().decode(), value, *said_of))
    reader.close()
    return found


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_kept(made: KafkaSink) -> bool:
    try:
        made.keep(1)
    except OSError:
        return False
    made.kept()
    return True


def as_it_stands(messages: list[Message]) -> dict[str, Any]:
    """The last value of each key that has one."""
    last = {message.key: message.value for message in messages}
    return {key: value for key, value in last.items() if value is not None}


def test_alerts_come_once_as_the_contract_has_them_and_a_persons_in_order(
    tmp_path: Path, one: Broker, alerts: list[Alert]
) -> None:
    made = sink(one, tmp_path)
    for alert in alerts:
        made.alerts([alert], {})
    made.keep(1)
    assert made.unacknowledged == 0
    made.close()
    found = read(one, "qingdun.alerts")
    assert len(alerts) > 10
    for person in {alert.person_id for alert in alerts}:
        wanted = [alert.alert_id for alert in alerts if alert.person_id == person]
        assert [message.alert_id for message in found if message.key == person] == wanted
    assert len(found) == len(alerts)
    value = next(message.value for message in found if message.alert_id == alerts[0].alert_id)
    assert value["alert_id"] == alerts[0].alert_id
    assert value["raised_at"].startswith("2026-03-02T")
    assert {"detector", "at", "bits", "text_zh", "text_en"} <= set(value["evidence"][0])


def suspect(entity: str, score: float = 0.9) -> Suspect:
    return Suspect("number", entity, score, None, START, ("电话",), ("calls",))


def test_suspects_and_clusters_are_told_as_they_change_and_taken_back_also_after_a_restart(
    tmp_path: Path, one: Broker
) -> None:
    members = [ClusterMember("c1", "number", name, START, 0.5) for name in ("+861", "+862")]
    made = sink(one, tmp_path)
    made.suspects([suspect("+861"), suspect("+862"), suspect("+863")])
    made.suspects([suspect("+861"), suspect("+862", 0.8)])
    made.clusters(members)
    made.keep(1)
    made.kept()
    made.suspects([suspect("+861"), suspect("+862", 0.8), suspect("+864")])
    made.close()  # as if killed: no snapshot of +864 was written
    again = sink(one, tmp_path)
    again.suspects([suspect("+861"), suspect("+865")])
    again.clusters(members[:1])
    again.keep(1)
    again.kept()
    again.suspects([suspect("+861"), suspect("+865")])
    again.close()
    told = read(one, "qingdun.suspects")
    said = [message.value and message.value["score"] for message in told if message.key == "number +862"]
    assert said == [0.9, 0.8, None]
    assert [message.value is None for message in told if message.key == "number +861"] == [False, False]
    assert set(as_it_stands(told)) == {"number +861", "number +865"}
    assert told[0].value["first_flagged_at"].startswith("2026-03-02T")
    assert set(as_it_stands(read(one, "qingdun.clusters"))) == {"c1 number +861"}


def test_while_the_broker_is_down_no_snapshot_is_written_and_nothing_is_lost_or_doubled(
    tmp_path: Path, one: Broker, alerts: list[Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "FLUSH_S", 0.5)
    made = sink(one, tmp_path)
    half = len(alerts) // 2
    made.alerts(alerts[:2], {})
    until(lambda: is_kept(made))
    made.alerts(alerts[2:half], {})
    one.down()
    made.alerts(alerts[half:], {})
    with pytest.raises(OSError, match=r"Kafka, 127\.0\.0\.1:\d+: \d+ messages are not acknowledged"):
        made.keep(2)
    assert made.unacknowledged >= len(alerts) - half
    one.up()
    until(lambda: is_kept(made))
    made.close()
    found = read(one, "qingdun.alerts")
    assert {message.alert_id for message in found} == {alert.alert_id for alert in alerts}
    for person in {alert.person_id for alert in alerts}:
        ids = dict.fromkeys(message.alert_id for message in found if message.key == person)
        assert list(ids) == [alert.alert_id for alert in alerts if alert.person_id == person]


def test_a_broker_that_is_killed_with_all_it_knew_costs_nothing_that_was_not_read(
    tmp_path: Path, alerts: list[Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was acknowledged had been read; the rest is told again by an engine whose snapshot was not
    written."""
    monkeypatch.setattr(kafka, "FLUSH_S", 0.5)
    half = len(alerts) // 2
    with broker() as first:
        made = sink(first, tmp_path)
        made.alerts(alerts[:half], {})
        until(lambda: is_kept(made))
        found = read(first, "qingdun.alerts")
        first.kill()
        made.alerts(alerts[half:], {})
        assert not is_kept(made)
        made.close()
    with broker() as second:
        again = sink(second, tmp_path)
        again.alerts(alerts[half:], {})
        until(lambda: is_kept(again))
        again.close()
        found += read(second, "qingdun.alerts")
    assert sorted(message.alert_id for message in found) == sorted(alert.alert_id for alert in alerts)


def test_a_producer_that_cannot_go_on_is_followed_by_another_that_sends_all_that_is_held(
    tmp_path: Path, one: Broker, alerts: list[Alert], caplog: pytest.LogCaptureFixture
) -> None:
    made = sink(one, tmp_path)
    made.alerts(alerts[:1], {})
    made.keep(1)
    one.fence()
    made.alerts(alerts[1:], {})
    until(lambda: is_kept(made))
    made.close()
    assert "a new producer sends" in caplog.text
    found = read(one, "qingdun.alerts")
    assert {message.alert_id for message in found} == {alert.alert_id for alert in alerts}


def test_a_full_disk_holds_what_stands_and_writes_no_snapshot(
    tmp_path: Path, one: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    made = sink(one, tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        made.suspects([suspect("+861")])
        with pytest.raises(OSError, match=r"kafka\.sqlite3"):
            made.keep(1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "what they say is held" in caplog.text
    made.keep(1)
    made.close()
    assert [message.key for message in read(one, "qingdun.suspects")] == ["number +861"]


def swollen(alert: Alert) -> Alert:
    """The same with so much evidence that it is longer than the producer of a test takes."""
    return alert._replace(alert_id="swollen", evidence=alert.evidence[:1] * 200)


def test_an_alert_that_is_too_large_is_kept_and_said_and_the_others_go_on(
    tmp_path: Path, one: Broker, alerts: list[Alert], caplog: pytest.LogCaptureFixture
) -> None:
    large = swollen(alerts[0])
    made = sink(one, tmp_path, message_max_bytes="20000")
    made.alerts([*alerts[:3], large, *alerts[3:]], {})
    made.keep(1)
    made.kept()
    assert (made.unacknowledged, made.too_large) == (0, 1)
    made.close()
    found = read(one, "qingdun.alerts")
    assert sorted(message.alert_id for message in found) == sorted(alert.alert_id for alert in alerts)
    body = (made.too_large_in / "alerts-swollen.json").read_bytes()
    assert json.loads(body)["person_id"] == large.person_id
    why = (made.too_large_in / "alerts-swollen.why").read_text("utf-8")
    octets = len(body) + len(large.person_id)
    assert why.startswith(f"alert swollen: found {octets:,} octets for Kafka, expected at most 20000")
    assert f"{why.strip()}; it is kept in {made.too_large_in}" in caplog.text
    again = sink(one, tmp_path, message_max_bytes="20000")
    again.alerts([large], {})
    again.keep(2)
    again.close()
    assert len(list(made.too_large_in.iterdir())) == 2, "judged again, it is the same file"


@pytest.mark.parametrize("code", [10, 18])
def test_a_batch_that_the_broker_finds_too_large_costs_the_one_message_that_is(
    tmp_path: Path, one: Broker, alerts: list[Alert], code: int
) -> None:
    """The broker refuses a batch without a word of which message is too large, then the first that comes
    alone."""
    some = [alert._replace(person_id="P1") for alert in alerts]
    made = sink(one, tmp_path, linger_ms="1000")
    made.alerts(some[:1], {})
    made.keep(1)
    one.refuse(code)
    made.alerts([swollen(some[0]), *some[1:]], {})
    until(lambda: is_kept(made))
    assert made.too_large == 1
    assert [path.name for path in sorted(made.too_large_in.iterdir())] == [
        "alerts-swollen.json",
        "alerts-swollen.why",
    ]
    made.close()
    ids = [message.alert_id for message in read(one, "qingdun.alerts")]
    assert list(dict.fromkeys(ids)) == [alert.alert_id for alert in some], "all others, in their order"


def test_what_is_on_the_wire_is_waited_for_before_another_producer_sends(
    tmp_path: Path, one: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    """Or what it says of a key could be appended after what the next one says."""
    made = sink(one, tmp_path, linger_ms="1000")
    made.suspects([suspect("+861")])
    made.keep(1)
    one.refuse_then_slow()
    some = [suspect(f"+86{number}") for number in range(1, 17)]
    made.suspects(some)
    until(lambda: made.progress(0, {}) is None and "a new producer sends" in caplog.text)
    until(lambda: is_kept(made))
    made.close()
    keys = [message.key for message in read(one, "qingdun.suspects")]
    assert sorted(keys) == sorted(f"number {one.entity}" for one in some)


def test_what_is_too_large_is_held_while_the_disk_is_full(
    tmp_path: Path, one: Broker, alerts: list[Alert]
) -> None:
    made = sink(one, tmp_path, message_max_bytes="20000")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        made.alerts([swollen(alerts[0]), *alerts], {})
        with pytest.raises(OSError, match=r"alert swollen: .* cannot be kept in .*kafka-too-large"):
            made.keep(1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (made.unacknowledged, made.too_large) == (1, 0)
    made.keep(1)
    made.close()
    assert (made.unacknowledged, made.too_large) == (0, 1)
    assert len(read(one, "qingdun.alerts")) == len(alerts)


ACCOUNT = "6222020012345678901"


def grown(entity: str, count: int) -> Suspect:
    """A suspect account with so many reasons."""
    return suspect(entity)._replace(entity_kind="account", reasons=("转账",) * count)


def test_a_suspect_that_is_too_large_is_named_nowhere_but_in_a_folder_of_the_engines_user(
    tmp_path: Path, one: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    made = sink(one, tmp_path, message_max_bytes="3000")
    made.too_large_in.mkdir(mode=0o755)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    made.suspects([grown(ACCOUNT, 2000)])
    made.keep(1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        made.suspects([grown(ACCOUNT, 2001)])
        with pytest.raises(OSError, match="account of suspects-") as full:
            made.keep(2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    made.keep(3)
    made.close()
    assert ACCOUNT not in str(full.value)
    assert "account of suspects-" in caplog.text
    assert ACCOUNT not in caplog.text
    assert made.too_large_in.stat().st_mode & 0o777 == 0o700
    for path in made.too_large_in.iterdir():
        assert ACCOUNT not in path.name
        assert (ACCOUNT in path.read_text("utf-8")) == (path.suffix == ".json")


def test_what_was_put_aside_is_deleted_after_its_days(tmp_path: Path, one: Broker) -> None:
    made = sink(one, tmp_path, message_max_bytes="3000")
    made.suspects([grown("1", 2000), grown("2", 2000)])
    made.keep(1)
    made.close()
    old, new = sorted(made.too_large_in.glob("*.json"))
    others = made.too_large_in / "another.json"
    others.mkdir()
    for path in (old, old.with_suffix(".why"), others):
        os.utime(path, (path.stat().st_mtime - KEPT_DAYS * 86_400 - 60,) * 2)
    sink(one, tmp_path).close()
    assert sorted(made.too_large_in.iterdir()) == sorted([others, new, new.with_suffix(".why")])


def test_no_older_value_is_left_in_the_place_of_one_that_is_too_large(tmp_path: Path, one: Broker) -> None:
    """Readers hear that it is too large, and hear the next value that is not, be it the old one."""
    made = sink(one, tmp_path, message_max_bytes="3000")
    for count in (1, 2000, 2000, 1):
        made.suspects([grown(ACCOUNT, count)])
        made.keep(1)
        made.kept()
    made.suspects([])
    made.keep(1)
    made.close()
    told = read(one, "qingdun.suspects")
    assert [message.value and len(message.value["reasons"]) for message in told] == [1, None, 1, None]
    assert [bool(message.too_large) for message in told] == [False, True, False, False]
    kept = [path.stem for path in made.too_large_in.glob("*.json")]
    assert [message.too_large for message in told if message.too_large] == kept


class KafkaPlace(Place):
    """The folders of an engine that tells Kafka too."""

    def __init__(self, folder: Path, one: Broker) -> None:
        super().__init__(folder)
        self._one = one

    def live(self, world: World, every_s: float = 0.0, keep_landed: bool = True) -> Live:
        made = sink(self._one, self.state)
        return Live(
            world.engine(), Landing(self.landing), Snapshots(self.state), [PartsSink(self.out), made],
            every_s=every_s, keep_landed=keep_landed,
        )  # fmt: skip


def rounds(place: Place, world: World, count: int, seed: int) -> int:
    """The engine is started so many times and killed in the midst of its work; how often it was working."""
    draw, hour, killed = random.Random(seed), 0, 0
    for number in range(count):
        while hour < HOURS and hour * count <= number * HOURS:
            place.land(world, hour)
            hour += 1
        child = os.fork()
        if child == 0:
            with suppress(BaseException):
                place.live(world).run(lambda: False)
            os._exit(1)
        time.sleep(draw.uniform(0.0, 0.25))
        os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
    return killed


@pytest.mark.parametrize("count", [6, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_at_any_moment_it_tells_every_alert_and_in_the_end_what_stands(
    tmp_path: Path, one: Broker, world: World, count: int
) -> None:
    place = KafkaPlace(tmp_path, one)
    assert rounds(place, world, count, seed=count) == count, "each was working when it was killed"
    place.run(world)
    wanted = place.undisturbed(world)
    assert {message.alert_id for message in read(one, "qingdun.alerts")} == {row.alert_id for row in wanted}
    engine = world.engine()
    for batch in Landing(place.landing).batches(None):
        engine.push(batch.batch)
    stands = as_it_stands(read(one, "qingdun.suspects"))
    assert stands.keys() == {f"{row.entity_kind} {row.entity}" for row in engine.suspects()}
    assert stands


def test_the_command_tells_kafka(tmp_path: Path, one: Broker, world: World) -> None:
    place = Place(tmp_path)
    for hour in range(HOURS):
        place.land(world, hour)
    properties = tmp_path / "properties"
    properties.write_text("compression.type=zstd\nmessage.max.bytes=3000\n")
    words = {"--registers": world.write(tmp_path / "registers"), "--state": place.state, "--out": place.out}
    words |= {"--kafka-properties": properties}
    command = [sys.executable, "-m", "qingdun.cli", "live", str(place.landing), "--snapshot-every", "0"]
    command += [str(word) for pair in words.items() for word in pair]
    process = subprocess.Popen(
        [*command, "--kafka", one.address, "--kafka-prefix", "city"], stdout=subprocess.PIPE, text=True
    )
    try:
        until(lambda: bool(place.written()) and not list(place.landing.glob("*.parquet")))
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    taken = {message.alert_id for message in read(one, "city.alerts")}
    kept = {path.stem for path in (place.state / "kafka-too-large").glob("*.json")}
    assert taken
    assert kept
    assert {f"alerts-{one}" for one in taken} | kept == {f"alerts-{row.alert_id}" for row in place.written()}
    assert len(taken) + len(kept) == len(place.written())
    assert f"{len(kept)} messages were too large for Kafka" in said


def test_settings_that_cannot_be_are_said_and_brokers_that_are_away_are_not_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigurationError, match="No such configuration property"):
        KafkaSink(Settings("127.0.0.1:1", more={"no.such": "1"}), tmp_path / "kafka.sqlite3")
    away = KafkaSink(Settings("127.0.0.1:1"), tmp_path / "kafka.sqlite3")
    caplog.set_level(logging.ERROR)
    until(lambda: away.progress(0, {}) is None and bool(away.fault))
    assert away.fault
    away.close()


def test_brokers_that_are_away_are_said_though_nothing_lands(
    tmp_path: Path, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "landing").mkdir()
    away = KafkaSink(Settings("127.0.0.1:1"), tmp_path / "kafka.sqlite3")
    live = Live(world.engine(), Landing(tmp_path / "landing"), Snapshots(tmp_path / "state"), [away])
    deadline, heard = time.monotonic() + PATIENCE_S, list[bool]()

    def stopped() -> bool:
        heard.append("Connect to ipv4#127.0.0.1:1 failed" in caplog.text)
        return heard[-1] or time.monotonic() > deadline

    assert live.run(stopped).events == 0
    assert heard[-1]
    assert any(isinstance(one, kafka.Seldom) for one in logging.getLogger("qingdun.run.librdkafka").filters)


def test_a_broker_that_stays_away_is_said_once_a_minute() -> None:
    now, said = [0.0], list[str]()
    seldom = kafka.Seldom(lambda: now[0])

    def told(words: str) -> None:
        record = logging.LogRecord(
            "librdkafka", logging.ERROR, "", 0, "%s [%s] %s", ("FAIL", "p-1", words), None
        )
        said.extend([words] * seldom.filter(record))

    for second in range(100):
        now[0] = float(second)
        told(f"127.0.0.1:1: Connect failed: refused (after {second}ms in state CONNECT)")
    told("127.0.0.1:2: Connect failed: refused (after 0ms in state CONNECT)")
    assert said == [
        "127.0.0.1:1: Connect failed: refused (after 0ms in state CONNECT)",
        "127.0.0.1:1: Connect failed: refused (after 60ms in state CONNECT)",
        "127.0.0.1:2: Connect failed: refused (after 0ms in state CONNECT)",
    ]
