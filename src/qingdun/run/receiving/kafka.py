"""Flows from Kafka: what a consumer reads lands as files, so that a restart finds the same rows in the same
order of arrival, which partitions alone do not give.

A file's name says the topic, the partition and the first and last offset in it. Where to go on is read from
the names that have landed here, or, where none has, from what the group has committed: an offset is committed
once its file stands on disk.
"""

from __future__ import annotations

import io
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa

from qingdun.contract.columns import Table
from qingdun.contract.storage import sync, write_table
from qingdun.contract.tables import FLOWS
from qingdun.errors import ConfigurationError, InputError, MissingExtra
from qingdun.run.receiving.bodies import ARROW, LINES, Sent, read_body, waiting

PROVIDER: Final = "kafka"
GATHER_S: Final = 1.0
"""How long messages are gathered before they land."""
MOST_MESSAGES: Final = 50_000
"""That land together."""
PAUSE_S: Final = 1.0
"""How long is waited while much waits to be judged."""
_LANDED: Final = re.compile(
    r"kafka\+(?P<topic>.+)\+(?P<partition>\d+)\+(?P<first>\d+)-(?P<last>\d+)(~.*)?\.arrow"
)
_FLOWS: Final = {flow.name: flow for flow in FLOWS}

_log = logging.getLogger("qingdun.run")


class Settings(NamedTuple):
    """Which brokers, which group, which topic is which flow."""

    brokers: str
    group: str
    topics: Mapping[str, str]
    """The flow of each topic."""
    more: Mapping[str, str] = {}
    """Of librdkafka, as it names them: security.protocol, sasl.username …"""


class KafkaReceiver:
    """One member of a consumer group, whose partitions land in one folder."""

    def __init__(self, landing: Path, settings: Settings, most_waiting: int) -> None:
        """Errors: MissingExtra; ConfigurationError for a topic of no flow, and what librdkafka refuses."""
        try:
            import confluent_kafka
        except ImportError as error:
            raise MissingExtra("Kafka needs the extra `kafka`: pip install 'qingdun[kafka]'") from error
        for topic, flow in settings.topics.items():
            if flow not in _FLOWS:
                raise ConfigurationError(f"topic {topic}: found flow {flow!r}, expected {', '.join(_FLOWS)}")
        self._kafka: Any = confluent_kafka
        self._landing, self._topics, self._most_waiting = landing, settings.topics, most_waiting
        self.rows = self.unreadable = 0
        said = {
            "bootstrap.servers": settings.brokers, "group.id": settings.group, "enable.auto.commit": False,
            "auto.offset.reset": "earliest", "isolation.level": "read_committed", **settings.more,
        }  # fmt: skip
        try:
            self._consumer: Any = confluent_kafka.Consumer(said)
            self._consumer.subscribe(list(settings.topics), on_assign=self._assigned)
        except confluent_kafka.KafkaException as error:
            raise ConfigurationError(f"Kafka: {error.args[0].str()}") from error

    def run(self, stopped: Callable[[], bool], rest: Callable[[float], object] = time.sleep) -> None:
        """What comes lands, until `stopped`. Errors: OSError, as on a full disk; nothing is committed."""
        try:
            while not stopped():
                if waiting(self._landing) > self._most_waiting:
                    # The group must hear of us, or it gives our partitions to others.
                    self._consumer.pause(self._consumer.assignment())
                    self._consumer.poll(0)
                    rest(PAUSE_S)
                    self._consumer.resume(self._consumer.assignment())
                    continue
                self._land(self._consumer.consume(MOST_MESSAGES, GATHER_S))
        finally:
            self._consumer.close()

    def _land(self, messages: Sequence[Any]) -> None:
        good: dict[tuple[str, int], list[Any]] = {}
        for message in messages:
            if message.error() is not None:
                _log.warning("Kafka: %s", message.error().str())
            else:
                good.setdefault((message.topic(), message.partition()), []).append(message)
        for (topic, partition), some in good.items():
            flow = _FLOWS[self._topics[topic]]
            for first, last, table in self._rows(flow, some):
                name = f"{PROVIDER}+{topic}+{partition}+{first:020}-{last:020}.arrow"
                write_table(flow, table, self._landing / flow.name / name)
                sync(self._landing / flow.name)
                self.rows += table.num_rows
            after = self._kafka.TopicPartition(topic, partition, some[-1].offset() + 1)
            with suppress(self._kafka.KafkaException):
                # Not committed, it is read again and known by its name.
                self._consumer.commit(offsets=[after], asynchronous=False)

    def _rows(self, flow: Table, messages: Sequence[Any]) -> Iterator[tuple[int, int, pa.Table]]:
        """The rows of all messages, in their order, with the first and last offset they are of."""
        values = [message.value() or b"" for message in messages]
        if not any(map(_is_arrow, values)):
            with suppress(InputError):
                # Most senders put one row into a message: read one by one they would cost
                # a hundred times as much.
                table = read_body(Sent(PROVIDER, flow, LINES, "", ""), io.BytesIO(b"\n".join(values)))
                yield messages[0].offset(), messages[-1].offset(), table
                return
        read = ((message.offset(), self._read(flow, message)) for message in messages)
        found = [(offset, table) for offset, table in read if table is not None]
        # Senders may write one column in several types, each of them good, that no one file can hold.
        for _schema, some in groupby(found, key=lambda one: one[1].schema):
            same = list(some)
            yield same[0][0], same[-1][0], pa.concat_tables([table for _offset, table in same])

    def _read(self, flow: Table, message: Any) -> pa.Table | None:
        """The rows of the message; None for what has none, which is kept as it came, and said."""
        value = message.value() or b""
        kind = ARROW if _is_arrow(value) else LINES
        try:
            return read_body(Sent(PROVIDER, flow, kind, "", ""), io.BytesIO(value))
        except InputError as error:
            self.unreadable += 1
            place = f"{message.topic()}+{message.partition()}+{message.offset()}"
            folder = self._landing / "refused"
            folder.mkdir(exist_ok=True)
            (folder / f"{place}.message").write_bytes(value)
            (folder / f"{place}.message.why").write_text(f"{error}\n", "utf-8")
            _log.error(
                "Kafka, %s, offset %d: %s; kept in %s", message.topic(), message.offset(), error, folder
            )
            return None

    def _assigned(self, consumer: Any, partitions: Iterable[Any]) -> None:
        """Partitions are ours now: they are gone on with where what has landed here ends."""
        landed = landed_to(self._landing)
        begin = []
        for one in partitions:
            last = landed.get((one.topic, one.partition))
            known = consumer.committed([one], timeout=10.0)[0].offset
            if last is not None and last >= known:
                one.offset = last + 1
            begin.append(one)
        consumer.assign(begin)


def _is_arrow(value: bytes) -> bool:
    return value[:4] == b"\xff\xff\xff\xff"


def landed_to(landing: Path) -> dict[tuple[str, int], int]:
    """Of each topic and partition the last offset that has landed here."""
    names = [path.name for flow in _FLOWS for path in (landing / flow).glob(f"{PROVIDER}+*")]
    taken = landing / "taken"
    names += [path.name for path in taken.glob(f"*/*/{PROVIDER}+*")]
    if (taken / "names").exists():
        names += [line.partition("/")[2] for line in (taken / "names").read_text("utf-8").splitlines()]
    found: dict[tuple[str, int], int] = {}
    for name in names:
        if said := _LANDED.fullmatch(name):
            key = said["topic"], int(said["partition"])
            found[key] = max(found.get(key, -1), int(said["last"]))
    return found
