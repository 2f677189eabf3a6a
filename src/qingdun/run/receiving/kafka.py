"""Flows from Kafka: what a consumer reads lands as files, so that a restart finds the same rows in the same
order of arrival, which partitions alone do not give.

A file's name says the topic, the partition and the first and last offset in it. Where to go on is read from
the names that have landed here, or, where none has, from what the group has committed: an offset is committed
once its file stands on disk. What finds no room there is held, and nothing more is asked for meanwhile.
"""

from __future__ import annotations

import io
import logging
import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa

from qingdun.contract.columns import Table
from qingdun.contract.storage import FULL, sync, write_octets, write_table
from qingdun.contract.tables import FLOWS
from qingdun.errors import ConfigurationError, InputError, MissingExtra
from qingdun.run.receiving.bodies import ARROW, LINES, Sent, lay, read_body, waiting
from qingdun.run.receiving.halves import clear_halves, writer
from qingdun.run.sources.names import known

PROVIDER: Final = "kafka"
GATHER_S: Final = 1.0
"""How long messages are gathered before they land."""
MOST_MESSAGES: Final = 50_000
"""That land together."""
ANSWER_S: Final = 10.0
"""How long a group may take to say what it has committed."""
PAUSE_S: Final = 1.0
"""How long is waited while much waits to be judged, or nothing finds room."""
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


class _Held(NamedTuple):
    """What is to stand on disk next, of one partition: rows, or a message that cannot be read and why."""

    topic: str
    partition: int
    first: int
    last: int
    """Offsets."""
    rows: pa.Table | None
    message: bytes = b""
    why: str = ""
    done_to: int | None = None
    """Whoever reads on begins here once this stands too; None: more is held of the same messages."""


class KafkaReceiver:
    """One member of a consumer group, whose partitions land in one folder."""

    def __init__(self, landing: Path, settings: Settings, most_waiting: int) -> None:
        """Errors: MissingExtra; ConfigurationError for a topic of no flow, and what librdkafka refuses;
        OSError if nothing can land."""
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
        self._held: deque[_Held] = deque()
        self._coming: list[Any] = []
        """Partitions that are ours, of which nobody has said yet where to go on."""
        self._paused, self._full = False, False
        self._writer = writer()
        lay(landing)
        said = {
            "bootstrap.servers": settings.brokers, "group.id": settings.group, "enable.auto.commit": False,
            "auto.offset.reset": "earliest", "isolation.level": "read_committed", **settings.more,
        }  # fmt: skip
        try:
            self._consumer: Any = confluent_kafka.Consumer(said)
            self._consumer.subscribe(list(settings.topics), on_assign=self._assigned, on_revoke=self._revoked)
        except confluent_kafka.KafkaException as error:
            raise ConfigurationError(f"Kafka: {error.args[0].str()}") from error

    def run(self, stopped: Callable[[], bool], rest: Callable[[float], object] = time.sleep) -> None:
        """What comes lands, until `stopped`. A full disk is waited for. Errors: OSError for another fault of
        the disk; nothing is committed of what does not stand there."""
        try:
            while not stopped():
                if self._held or waiting(self._landing) > self._most_waiting:
                    self._wait(rest)
                else:
                    self._hold(self._asked())
                self._land()
        finally:
            self._consumer.close()

    def _wait(self, rest: Callable[[float], object]) -> None:
        """Nothing more is asked for; the group hears of us, or it would give our partitions to others."""
        self._consumer.pause(self._consumer.assignment())
        self._paused = True
        # Partitions that are ours since a moment ago were not paused: what comes of them is held too.
        message = self._consumer.poll(0)
        self._hold([] if message is None else [message])
        rest(PAUSE_S)

    def _asked(self) -> Sequence[Any]:
        """The messages of the next second."""
        if self._coming:
            self._begin()
        if self._paused:
            self._consumer.resume(self._consumer.assignment())
            self._paused = False
        found: Sequence[Any] = self._consumer.consume(MOST_MESSAGES, GATHER_S)
        return found

    def _hold(self, messages: Sequence[Any]) -> None:
        good: dict[tuple[str, int], list[Any]] = {}
        for message in messages:
            if message.error() is not None:
                _log.warning("Kafka: %s", message.error().str())
            else:
                good.setdefault((message.topic(), message.partition()), []).append(message)
        for some in good.values():
            *before, last = self._rows(_FLOWS[self._topics[some[0].topic()]], some)
            self._held += [*before, last._replace(done_to=some[-1].offset() + 1)]

    def _land(self) -> None:
        """What is held stands on disk, and its offsets are committed, as far as there is room."""
        done: dict[tuple[str, int], int] = {}
        try:
            while self._held:
                self._put(one := self._held[0])
                self._held.popleft()
                if one.done_to is not None:
                    done[one.topic, one.partition] = one.done_to
        except OSError as error:
            if error.errno not in FULL:
                raise
            self._say_full(error)
        else:
            if self._full:
                _log.warning("%s: there is room again, and it goes on", self._landing)
            self._full = False
        if done:
            places = [self._kafka.TopicPartition(*key, offset) for key, offset in done.items()]
            with suppress(self._kafka.KafkaException):
                # Not committed, it is read again and known by its name.
                self._consumer.commit(offsets=places, asynchronous=False)

    def _say_full(self, error: OSError) -> None:
        """It is said once, however often it is tried."""
        if self._full:
            return
        self._full = True
        room = os.statvfs(self._landing)
        _log.error(
            "%s: no room on its disk (%s; %s octets and %s files are free); what Kafka sends is held and not "
            "committed, and it goes on when there is room",
            self._landing, error.strerror, f"{room.f_bavail * room.f_frsize:,}", f"{room.f_favail:,}",
        )  # fmt: skip

    def _put(self, one: _Held) -> None:
        """It stands on disk. Errors: OSError, as on a full disk; then put the very same again."""
        if one.rows is not None:
            flow = _FLOWS[self._topics[one.topic]]
            name = f"{PROVIDER}+{one.topic}+{one.partition}+{one.first:020}-{one.last:020}.arrow"
            write_table(flow, one.rows, self._landing / flow.name / name, self._writer)
            sync(self._landing / flow.name)
            self.rows += one.rows.num_rows
            return
        folder = self._landing / "refused"
        folder.mkdir(exist_ok=True)
        place = f"{one.topic}+{one.partition}+{one.first}"
        write_octets(f"{one.why}\n".encode(), folder / f"{place}.message.why")
        write_octets(one.message, folder / f"{place}.message")
        self.unreadable += 1
        _log.error("Kafka, %s, offset %d: %s; kept in %s", one.topic, one.first, one.why, folder)

    def _rows(self, flow: Table, messages: Sequence[Any]) -> Iterator[_Held]:
        """What the messages of one partition come to, whatever cannot be read first: where to go on is read
        from the names of files of rows."""
        place = messages[0].topic(), messages[0].partition()
        values = [message.value() or b"" for message in messages]
        if not any(map(_is_arrow, values)):
            with suppress(InputError):
                # Most senders put one row into a message: read one by one they would cost
                # a hundred times as much.
                table = read_body(Sent(PROVIDER, flow, LINES, "", ""), io.BytesIO(b"\n".join(values)))
                yield _Held(*place, messages[0].offset(), messages[-1].offset(), table)
                return
        found: list[tuple[int, pa.Table]] = []
        for message, value in zip(messages, values, strict=True):
            kind, offset = ARROW if _is_arrow(value) else LINES, message.offset()
            try:
                found.append((offset, read_body(Sent(PROVIDER, flow, kind, "", ""), io.BytesIO(value))))
            except InputError as error:
                yield _Held(*place, offset, offset, None, value, str(error))
        # Senders may write one column in several types, each of them good, that no one file can hold.
        for _schema, some in groupby(found, key=lambda one: one[1].schema):
            same = list(some)
            yield _Held(*place, same[0][0], same[-1][0], pa.concat_tables([table for _offset, table in same]))

    def _assigned(self, _consumer: Any, partitions: Sequence[Any]) -> None:
        """Partitions are ours now."""
        for one in partitions:
            # Whoever was killed left half of a file, which nobody else takes away.
            clear_halves(self._landing, f"{PROVIDER}+{one.topic}+{one.partition}+")
        self._coming = list(partitions)
        self._begin()

    def _begin(self) -> None:
        """The partitions that came are gone on with where what has landed here ends, or else where the group
        has committed. Until the group says where, as while its coordinator moves, they wait."""
        try:
            begin = self._consumer.committed(self._coming, timeout=ANSWER_S)
            fault = next((str(one.error) for one in begin if one.error is not None), "")
        except self._kafka.KafkaException as error:
            fault = error.args[0].str()
        if fault:
            _log.warning("Kafka: what the group has committed is not known (%s); it is asked again", fault)
            self._consumer.assign([])
            return
        landed = landed_to(self._landing)
        for one in begin:
            one.offset = max(one.offset, landed.get((one.topic, one.partition), one.offset - 1) + 1)
        self._consumer.assign(begin)
        self._coming = []

    def _revoked(self, _consumer: Any, partitions: Iterable[Any]) -> None:
        """Others go on with the partitions from what is committed: what is held of them is theirs."""
        gone = {(one.topic, one.partition) for one in partitions}
        self._held = deque(one for one in self._held if (one.topic, one.partition) not in gone)
        self._coming = [one for one in self._coming if (one.topic, one.partition) not in gone]


def _is_arrow(value: bytes) -> bool:
    return value[:4] == b"\xff\xff\xff\xff"


def landed_to(landing: Path) -> dict[tuple[str, int], int]:
    """Of each topic and partition the last offset that has landed here."""
    names = [path.name for flow in _FLOWS for path in (landing / flow).glob(f"{PROVIDER}+*")]
    names += [name for _flow, name in known(landing / "taken")]
    found: dict[tuple[str, int], int] = {}
    for name in names:
        if said := _LANDED.fullmatch(name):
            key = said["topic"], int(said["partition"])
            found[key] = max(found.get(key, -1), int(said["last"]))
    return found
