"""Alerts to somebody else's address, signed, and again until they are taken.

What is to be sent stands on disk under the alert's id before anything else happens: told twice after a
restart, it is sent once more only if nobody had said that it was taken. Receivers know an alert by its id.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import sqlite3
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple

from qingdun.contract.tables import Alert, ClusterMember, Reject, Suspect
from qingdun.detect.evidence import ContextEvent
from qingdun.errors import InputError
from qingdun.run.asking import ask
from qingdun.run.sinks.bodies import body_of

_TABLE = """
CREATE TABLE IF NOT EXISTS queue (
    alert_id TEXT PRIMARY KEY, body BLOB NOT NULL, since REAL NOT NULL, next_at REAL NOT NULL,
    tries INTEGER NOT NULL, done TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS queue_next ON queue (done, next_at);
"""
ANSWER_S = 10.0
"""How long the receiver may take for its whole answer."""
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0
"""Between the first tries and the later ones: each time twice as long."""
GIVEN_UP_S = 86_400.0
"""After so long an alert is of no use to anybody."""
_KEPT_S = 7 * 86_400.0
_AT_ONCE = 100
_SAID_AGAIN_S = 60.0
_LOOK_S = 1.0
_LATER = {408, 425, 429}
"""Answers that say *not now*; of the others below 500, trying again would bring the same."""

_log = logging.getLogger("qingdun.run")


class Standing(NamedTuple):
    """How many alerts wait, were taken, were refused for good, and were given up."""

    waiting: int
    taken: int
    refused: int
    given_up: int


class WebhookSink:
    """POSTs every alert as JSON, in a thread of its own."""

    def __init__(self, url: str, secret: bytes, queue: Path, clock: Callable[[], float] = time.time) -> None:
        """Errors: InputError if the queue cannot be read."""
        self._url, self._secret, self._queue, self._clock = url, secret, queue, clock
        queue.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(self._opened()) as db:
                db.execute("PRAGMA journal_mode=WAL")
                db.executescript(_TABLE)
        except sqlite3.DatabaseError as error:
            raise InputError(
                f"{queue}: what waits for the webhook cannot be read ({error}); make room, or move the file "
                "away: what waited in it is then not sent"
            ) from error
        self._unkept: list[tuple[str, bytes, float, float]] = []
        """What could not be written down yet."""
        self._answered: dict[str, tuple[str, float]] = {}
        """What became of an alert, until that stands on disk: a full disk sends nothing again."""
        self._missed, self._said_at = 0, -math.inf
        """How often it did not take one since that was said, and when it was."""
        self._more, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="webhook", daemon=True)
        self._thread.start()

    def alerts(self, alerts: Sequence[Alert], timelines: Mapping[str, Sequence[ContextEvent]]) -> None:
        """The alerts wait on disk to be sent; those known already stay as they are."""
        now = self._clock()
        # Each a microsecond after the one before it: they are sent as they were decided.
        first = now - len(alerts) / 1e6
        self._unkept += [
            (one.alert_id, body_of(one), now, first + place / 1e6) for place, one in enumerate(alerts)
        ]
        try:
            self._keep()
        except sqlite3.DatabaseError as error:
            _log.error("%s: alerts cannot be written down (%s); they are held", self._queue, error)

    def idle(self) -> None:
        """Nothing."""

    def begin(self, number: int) -> None:
        """Nothing: what comes again is known by its id."""

    def keep(self, number: int) -> None:
        """Every alert that was told stands on disk. Errors: OSError; then it is still held."""
        try:
            self._keep()
        except sqlite3.DatabaseError as error:
            raise OSError(f"{self._queue}: {error}") from error

    def kept(self) -> None:
        """Nothing."""

    def _keep(self) -> None:
        with closing(self._opened()) as db, db:
            db.executemany("INSERT OR IGNORE INTO queue VALUES (?, ?, ?, ?, 0, '')", self._unkept)
        self._unkept = []
        self._more.set()

    def suspects(self, suspects: Sequence[Suspect]) -> None:
        """Nothing."""

    def clusters(self, members: Sequence[ClusterMember]) -> None:
        """Nothing."""

    def rejects(self, rejects: Sequence[Reject]) -> None:
        """Nothing."""

    def progress(self, clock_us: int, counts_by_flow: Mapping[str, int]) -> None:
        """Nothing."""

    def standing(self) -> Standing:
        """How it stands."""
        with closing(self._opened()) as db:
            found = dict(db.execute("SELECT done, count(*) FROM queue GROUP BY done"))
        return Standing(*(found.get(done, 0) for done in ("", "taken", "refused", "given up")))

    def close(self) -> None:
        """What is being sent has been answered; what waits is sent after the next start."""
        self._ending.set()
        self._more.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._ending.is_set():
            self._more.clear()
            try:
                with closing(self._opened()) as db:
                    while not self._ending.is_set() and self._send_some(db):
                        pass
            except sqlite3.Error as error:
                _log.error("%s: what waits for the webhook cannot be read: %s", self._queue, error)
            self._more.wait(_LOOK_S)

    def _send_some(self, db: sqlite3.Connection) -> int:
        now = self._clock()
        rows = db.execute(
            "SELECT alert_id, body, since, tries FROM queue WHERE done = '' AND next_at <= ? "
            "ORDER BY next_at LIMIT ?",
            (now, _AT_ONCE),
        ).fetchall()
        for alert_id, body, since, tries in rows:
            if self._ending.is_set():
                break
            if alert_id not in self._answered:
                self._answered[alert_id] = self._sent(alert_id, body, since, tries)
            done, wait = self._answered[alert_id]
            with db:
                db.execute(
                    "UPDATE queue SET done = ?, tries = tries + 1, next_at = ? WHERE alert_id = ?",
                    (done, self._clock() + wait, alert_id),
                )
            del self._answered[alert_id]
        with db:
            db.execute("DELETE FROM queue WHERE done != '' AND since < ?", (now - _KEPT_S,))
        return len(rows)

    def _sent(self, alert_id: str, body: bytes, since: float, tries: int) -> tuple[str, float]:
        """What became of it, empty if it waits; and for how long."""
        why = self._posted(alert_id, body)
        if why is None:
            return "taken", 0.0
        if isinstance(why, int) and why < 500 and why not in _LATER:
            _log.error("the webhook refused alert %s for good: HTTP %d", alert_id, why)
            return "refused", 0.0
        if self._clock() - since > GIVEN_UP_S:
            _log.error("alert %s was given up after %d tries, last: %s", alert_id, tries + 1, why)
            return "given up", 0.0
        self._say_missed(alert_id, why)
        return "", min(FIRST_WAIT_S * 2**tries, LONGEST_WAIT_S)

    def _say_missed(self, alert_id: str, why: int | str) -> None:
        """A receiver that is away is said once a minute, however many alerts wait for it."""
        self._missed += 1
        if self._clock() - self._said_at < _SAID_AGAIN_S:
            return
        _log.warning(
            "the webhook did not take what it was sent, %d times, the last alert %s (%s); what waits is sent "
            "again",
            self._missed,
            alert_id,
            why,
        )
        self._missed, self._said_at = 0, self._clock()

    def _posted(self, alert_id: str, body: bytes) -> int | str | None:
        """None if it was taken; else the status, or what broke."""
        headers = {
            "Content-Type": "application/json",
            "Qingdun-Alert": alert_id,
            "Qingdun-Signature": signature(self._secret, body, int(self._clock())),
        }
        request = urllib.request.Request(self._url, body, headers, method="POST")
        try:
            status = ask(request, ANSWER_S).status
        except (OSError, ValueError, HTTPException) as error:
            return str(error) or type(error).__name__
        return None if 200 <= status < 300 else status

    def _opened(self) -> sqlite3.Connection:
        return sqlite3.connect(self._queue, timeout=30.0)


def signature(secret: bytes, body: bytes, at: int) -> str:
    """What stands in the header: the moment of sending (seconds since 1970), and HMAC-SHA-256 of that moment,
    a dot and the body.

    >>> signature(b"secret", b"{}", 1_800_000_000)[:16]
    't=1800000000,v1='
    """
    digest = hmac.new(secret, b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
