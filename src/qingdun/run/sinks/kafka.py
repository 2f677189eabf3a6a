"""Alerts, suspects and clusters to Kafka, at least once: before a snapshot is written the brokers have
acknowledged all that came before it, so whatever is not acknowledged is judged and sent again.

Three topics, `PREFIX.alerts`, `PREFIX.suspects` and `PREFIX.clusters`, of JSON with the contract's columns.
Alerts have the key of their person, so that those of one person are in one partition, in their order; readers
know an alert that comes twice by its id. Suspects and members of clusters have the key of what they are: the
last value of a key is as it stands, and none (a tombstone) says that it stands no more, or, with the header
`too_large`, that it was too large to tell: no older value is left to be taken for it.

What is larger than the brokers take is kept in a folder beside, with the reason, and the rest goes on.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from qingdun.contract.tables import Alert, ClusterMember, Reject, Suspect
from qingdun.detect.evidence import ContextEvent
from qingdun.errors import ConfigurationError, InputError, MissingExtra
from qingdun.run.sinks.aside import Aside, name_of
from qingdun.run.sinks.bodies import body_of

FLUSH_S: Final = 10.0
"""How long a snapshot waits for the brokers."""
ALERTS, SUSPECTS, CLUSTERS = "alerts", "suspects", "clusters"
_SURE: Final = {"enable.idempotence": True, "acks": "all", "message.timeout.ms": 0, "linger.ms": 5}
"""Nothing comes twice or out of order while one process runs, and nothing is given up. How often it is tried
again is librdkafka's: after 0.1 s, then twice as long, at most 10 s."""
_ALONE: Final = {"batch.num.messages": 1}
"""Of a batch that is too large nobody says which message is; one that came alone is meant itself."""
_ASKED_AGAIN_S: Final = 1.0
"""So long while they did not answer in time last time: an engine goes on without its brokers."""
_SAID_AGAIN_S: Final = 60.0
_TABLE = """
CREATE TABLE IF NOT EXISTS told (topic TEXT, key TEXT, PRIMARY KEY (topic, key)) WITHOUT ROWID;
"""

_log = logging.getLogger("qingdun.run")


class Settings(NamedTuple):
    """Which brokers, and how topics are named."""

    brokers: str
    prefix: str = "qingdun"
    more: Mapping[str, str] = {}
    """Of librdkafka, as it names them: security.protocol, sasl.username …"""


class _Message(NamedTuple):
    name: str
    """Of its topic."""
    key: str
    alert: bytes = b""
    alert_id: bytes = b""
    """Of suspects and clusters the value is the one that stands when it is sent, also again."""


class _Large(NamedTuple):
    """A message that is never taken, and what would have been."""

    value: bytes
    expected: str


class KafkaSink:
    """A producer, and what it has not been told to be safe."""

    def __init__(self, settings: Settings, state: Path) -> None:
        """`state` is a file: the keys of which values were told, so that after a restart it is known what is
        gone. Beside it is the folder of what was too large.

        Errors: MissingExtra; InputError if the file cannot be read; ConfigurationError for what librdkafka
        refuses. Brokers that do not answer yet are no error.
        """
        try:
            import confluent_kafka
        except ImportError as error:
            raise MissingExtra("Kafka needs the extra `kafka`: pip install 'qingdun[kafka]'") from error
        self._kafka: Any = confluent_kafka
        self._settings, self._state = settings, state
        self._held: dict[int, _Message] = {}
        """What is not acknowledged, by number, in order."""
        self._waiting: deque[int] = deque()
        """Those of them that the producer has not taken."""
        self._number = 0
        self.fault = ""
        """What went wrong last since all was acknowledged."""
        self._aside = Aside(state.with_name("kafka-too-large"))
        self._large: dict[int, _Large] = {}
        """What of what is held is yet to be put there."""
        self._refused: dict[tuple[str, str], bytes] = {}
        """By topic and key a digest of the value that was put there last: in its place goes a tombstone."""
        self._broken, self._alone, self._patience_s = False, False, FLUSH_S
        self._now: dict[str, Mapping[str, bytes]] = {}
        """By topic the values that stand, by key."""
        self._untold = set[str]()
        """Topics with keys that could not be written down yet."""
        self._told: dict[str, dict[str, bytes | None]] = {name: {} for name in (SUSPECTS, CLUSTERS)}
        """By topic and key a digest of the value that was told last; none: that it is gone."""
        state.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(self._opened()) as db:
                db.executescript(_TABLE)
                for topic, key in db.execute("SELECT topic, key FROM told"):
                    self._told[topic][key] = b"told by a process before"
        except sqlite3.DatabaseError as error:
            raise InputError(
                f"{state}: the keys that Kafka was told cannot be read ({error}); make room, or move the "
                "file away: what has gone since is then not taken back"
            ) from error
        self._producer = self._made()

    def alerts(self, alerts: Sequence[Alert], timelines: Mapping[str, Sequence[ContextEvent]]) -> None:
        """The alerts are on their way."""
        for one in alerts:
            self._hold(_Message(ALERTS, one.person_id, body_of(one), one.alert_id.encode()))
        self._send()

    def suspects(self, suspects: Sequence[Suspect]) -> None:
        """What has changed of them is on its way."""
        self._stand(SUSPECTS, {f"{one.entity_kind} {one.entity}": body_of(one) for one in suspects})

    def clusters(self, members: Sequence[ClusterMember]) -> None:
        """What has changed of them is on its way."""
        keys = (f"{one.cluster_id} {one.entity_kind} {one.entity}" for one in members)
        self._stand(CLUSTERS, dict(zip(keys, map(body_of, members), strict=True)))

    def rejects(self, rejects: Sequence[Reject]) -> None:
        """Nothing."""

    def progress(self, clock_us: int, counts_by_flow: Mapping[str, int]) -> None:
        """What the brokers have said is heard."""
        self._send()

    def idle(self) -> None:
        """What the brokers have said is heard: that none of them is there, too."""
        self._send()

    def begin(self, number: int) -> None:
        """Nothing: what comes again is known by its id or key."""

    def keep(self, number: int) -> None:
        """The brokers have acknowledged all. Errors: OSError if they have not; it is still held, and sent
        again."""
        try:
            self._tell()
        except sqlite3.DatabaseError as error:
            raise OSError(f"{self._state}: {error}") from error
        self._hear(self._patience_s)
        self._send()
        self._patience_s = _ASKED_AGAIN_S if self._held else FLUSH_S
        if self._held:
            why = f"; the last fault: {self.fault}" if self.fault else ""
            raise OSError(
                f"Kafka, {self._settings.brokers}: {len(self._held):,} messages are not acknowledged{why}"
            )
        self.fault = ""

    def kept(self) -> None:
        """Keys that are gone, which the brokers have acknowledged, are known no more."""
        gone = [
            (name, key) for name, told in self._told.items() for key, value in told.items() if value is None
        ]
        try:
            with closing(self._opened()) as db, db:
                db.executemany("DELETE FROM told WHERE topic = ? AND key = ?", gone)
        except sqlite3.DatabaseError as error:
            _log.warning("%s: %s; what is gone is told again after a restart", self._state, error)
        for name, key in gone:
            del self._told[name][key]

    def close(self) -> None:
        """Nothing more comes; what the brokers have not acknowledged comes again after the next start."""
        self._send()
        self._hear(FLUSH_S)
        if self._held:
            _log.error(
                "Kafka: %s messages are not acknowledged; they are judged again", f"{len(self._held):,}"
            )

    @property
    def unacknowledged(self) -> int:
        """How many messages are not known to be safe."""
        return len(self._held)

    @property
    def too_large(self) -> int:
        """How many messages this process has put aside."""
        return self._aside.count

    @property
    def too_large_in(self) -> Path:
        """Where they are."""
        return self._aside.folder

    def _made(self) -> Any:
        said = {"bootstrap.servers": self._settings.brokers, **_SURE, **self._settings.more}
        said |= _ALONE if self._alone else {}
        try:
            return self._kafka.Producer(said | {"error_cb": self._failed, "logger": _seldom_log()})
        except self._kafka.KafkaException as error:
            raise ConfigurationError(f"Kafka: {error.args[0].str()}") from error

    def _failed(self, error: Any) -> None:
        """What librdkafka says of its brokers."""
        self.fault = error.str()

    def _hear(self, wait_s: float) -> None:
        """What the brokers have said is known; up to so long what was sent is waited for.

        librdkafka raises here what a producer cannot go on from, also through what it calls of ours.
        """
        try:
            self._producer.flush(wait_s) if wait_s else self._producer.poll(0)
        except (self._kafka.KafkaException, SystemError) as error:
            self.fault, self._broken = str(error.__cause__ or error), True

    def _hold(self, message: _Message) -> None:
        self._held[self._number] = message
        self._waiting.append(self._number)
        self._number += 1

    def _send(self) -> None:
        """The producer has taken what it has room for, and what was acknowledged is held no more."""
        self._hear(0.0)
        if self._broken:
            self._begin_anew()
        self._take()
        self._hear(0.0)
        self._put_aside()
        self._take()

    def _take(self) -> None:
        while self._waiting and self._is_taken(self._waiting[0]):
            self._waiting.popleft()

    def _is_taken(self, number: int) -> bool:
        """Whether the producer is done with it; if not, a later call goes on here."""
        name, key, alert, alert_id = self._held[number]
        value, headers = (alert, [("alert_id", alert_id)]) if alert else self._standing(name, key)
        try:
            self._producer.produce(
                f"{self._settings.prefix}.{name}", value, key, headers=headers,
                on_delivery=partial(self._delivered, number, self._alone),
            )  # fmt: skip
        except BufferError:
            return False  # it has no room
        except self._kafka.KafkaException as error:
            self._failed(error.args[0])
            if not self._is_size(error.args[0]):
                return False
            most = self._settings.more.get("message.max.bytes", "1000000")
            self._large[number] = _Large(value or b"", f"at most {most}, the producer's message.max.bytes")
        return True

    def _standing(self, name: str, key: str) -> tuple[bytes | None, list[tuple[str, bytes]] | None]:
        """The value and headers of a suspect or member as it stands now."""
        value = self._now[name].get(key)
        refused = self._refused.get((name, key))
        if refused is None or value is None or sha256(value).digest() != refused:
            self._refused.pop((name, key), None)
            return value, None
        return None, [("too_large", name_of(name, key).encode())]

    def _is_size(self, error: Any) -> bool:
        known = self._kafka.KafkaError
        return error.code() in (known.MSG_SIZE_TOO_LARGE, known.RECORD_LIST_TOO_LARGE)

    def _delivered(self, number: int, alone: bool, error: Any, message: Any) -> None:
        """What became of it; `alone`: no other was in its batch."""
        if error is None:
            self._held.pop(number, None)
            return
        self._failed(error)
        if number not in self._held:
            return
        if not self._is_size(error):
            self._waiting.append(number)
        elif alone:
            limits = "max.message.bytes and segment.bytes"
            expected = f"no more than its brokers take, by the topic's {limits} ({error.str()})"
            self._large[number] = _Large(message.value() or b"", expected)
        else:
            self._alone = self._broken = True

    def _put_aside(self) -> None:
        """What is too large stands in its folder and is held no more; on a full disk it still is."""
        for number, (value, expected) in list(self._large.items()):
            name, key, alert, alert_id = self._held[number]
            place = f"{name}-{alert_id.decode()}" if alert else name_of(name, key)
            what = f"alert {alert_id.decode()}" if alert else f"{_kind(name, key)} of {place}"
            try:
                self._aside.put(place, what, key, value, expected)
            except OSError as error:
                self.fault = str(error)
                return
            del self._held[number], self._large[number]
            if value and not alert:
                self._refused[name, key] = sha256(value).digest()
                self._hold(_Message(name, key))

    def _begin_anew(self) -> None:
        """As when brokers have lost what they had acknowledged, or a batch was too large: a producer of an
        identity of its own sends all that is held, in its order."""
        _log.error("Kafka: %s; a new producer sends %s messages again", self.fault, f"{len(self._held):,}")
        why = self.fault
        self._producer.purge(in_flight=False)
        # What is on the wire could be appended after what the next one sends: an older value be the last.
        self._hear(self._patience_s)
        self._producer.purge()
        self._producer, self._broken, self.fault = self._made(), False, why
        self._waiting = deque(number for number in self._held if number not in self._large)

    def _stand(self, name: str, now: Mapping[str, bytes]) -> None:
        self._now[name] = now
        self._untold.add(name)
        try:
            self._tell()
        except sqlite3.DatabaseError as error:
            _log.error("%s: keys cannot be written down (%s); what they say is held", self._state, error)

    def _tell(self) -> None:
        """What has changed of what stands is on its way. New keys are written down before: whoever is killed
        then knows of all that must be taken back once it is gone. Errors: sqlite3.DatabaseError."""
        for name in sorted(self._untold):
            now, told = self._now[name], self._told[name]
            with closing(self._opened()) as db, db:
                fresh = [(name, key) for key in now.keys() - told]
                db.executemany("INSERT OR IGNORE INTO told VALUES (?, ?)", fresh)
            self._untold.remove(name)
            digests: dict[str, bytes | None] = {key: sha256(body).digest() for key, body in now.items()}
            digests |= dict.fromkeys(told.keys() - now)
            for key in [key for key, digest in digests.items() if told.get(key, b"") != digest]:
                self._hold(_Message(name, key))
            told |= digests
        self._send()

    def _opened(self) -> sqlite3.Connection:
        return sqlite3.connect(self._state, timeout=30.0)


class Seldom(logging.Filter):
    """What is said again is let through once a minute: librdkafka says of each attempt that it failed, some
    three times a second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it was not said within the minute, how long the attempt took aside."""
        now = self._clock()
        self._said = {words: at for words, at in self._said.items() if now - at < _SAID_AGAIN_S}
        words = record.getMessage().partition(" (after ")[0]
        if words in self._said:
            return False
        self._said[words] = now
        return True


def _seldom_log() -> logging.Logger:
    found = _log.getChild("librdkafka")
    found.filters = [one for one in found.filters if isinstance(one, Seldom)] or [Seldom()]
    return found


def _kind(name: str, key: str) -> str:
    """What a key of suspects or clusters is of.

    >>> _kind("suspects", "number +8613800138000"), _kind("clusters", "1f0c account 6222020012345678901")
    ('number', 'account')
    """
    return key.split(" ")[0 if name == SUSPECTS else 1]
