"""The desk under load and with processes killed, on PostgreSQL and on SQLite.

`make bench-desk` takes about 20 minutes on two quiet cores; `make bench-desk DESK="--alerts 50000 --officers 500
--browsers 200 --seconds 60 --burst 2000 --rounds 10"` about four. The section says the size it was made with.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
SETTINGS = "-c shared_buffers=1GB -c work_mem=32MB -c max_wal_size=8GB -c track_commit_timestamp=on"
"""What a small server would be given; whatever is committed is on the disk."""
LISTS = {
    "the whole page, as it opens": "/alerts/",
    "list, default filters": "/alerts/rows/",
    "list, page 20": "/alerts/rows/?page=20",
    "list, level": "/alerts/rows/?level=urgent&level=high",
    "list, type": "/alerts/rows/?type=police",
    "list, a county": "/alerts/rows/?region=441881",
    "list, state": "/alerts/rows/?state=station",
    "list, all states": "/alerts/rows/?state=all",
    "list, closed, newest first": "/alerts/rows/?state=closed&sort=newest",
    "list, what saves most": "/alerts/rows/?sort=priority",
}
LIST_MS, ACT_MS, PUSH_S = 200, 100, 1.0
RATE = 61_000 / 3600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("postgresql", "sqlite"))
    parser.add_argument("--alerts", type=int, default=1_000_000)
    parser.add_argument("--sqlite", type=int, default=100_000, help="alerts on SQLite")
    parser.add_argument("--officers", type=int, default=5000)
    parser.add_argument("--browsers", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=300, help="at 61,000 alerts an hour")
    parser.add_argument("--burst", type=int, default=20_000, help="alerts at once")
    parser.add_argument("--loaded", action="store_true", help="QINGDUN_DATABASE holds the city already")
    parser.add_argument("--rounds", type=int, default=40)
    chosen = parser.parse_args()
    if chosen.part:
        _part(chosen)
        return
    from tests.postgres import server

    say(
        f"Asked for: 1,000,000 alerts, 5,000 officers, 1,000 browsers on PostgreSQL, 100,000 alerts on SQLite. This "
        f"run: {chosen.alerts:,} alerts, {chosen.officers:,} officers, {chosen.browsers:,} browsers, {chosen.sqlite:,} "
        f"on SQLite; each list asked {chosen.rounds} times, {chosen.seconds} s at 61,000 alerts an hour, then "
        f"{chosen.burst:,} at once."
    )

    def run(part: str, address: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            env = os.environ | {
                "QINGDUN_DATABASE": address or f"{folder}/desk.sqlite3", "QINGDUN_VAR": folder, "QINGDUN_DEMO": "1",
            }  # fmt: skip
            subprocess.run([sys.executable, __file__, "--part", part, *sys.argv[1:]], env=env, check=True)

    with server(SETTINGS) as address:
        run("postgresql", address)
    run("sqlite", "")


def _part(chosen: argparse.Namespace) -> None:
    from qingdun.console import serving

    serving.setup()
    serving.prepare()
    import _city
    from _console import Served

    part, alerts = chosen.part, chosen.alerts if chosen.part == "postgresql" else chosen.sqlite
    began = time.monotonic()
    counts = _city.load(alerts, chosen.officers) if not chosen.loaded else _city.rows()
    say(f"\n### {'PostgreSQL' if part == 'postgresql' else 'SQLite'}, {alerts:,} alerts\n")
    rows = ", ".join(f"{table.split('_', 1)[1]} {count:,}" for table, count in counts.items() if count)
    say(
        f"Made in {time.monotonic() - began:.0f} s: {rows}; {_city.DAYS} days, the latest 3.5 % of tasks open.\n"
    )
    served = Served()
    try:
        desk = Desk(served, chosen, counts)
        desk.read()
        desk.act(chosen.rounds)
        if part == "postgresql":
            desk.load()
    finally:
        served.stop()


def say(text: str) -> None:
    print(text, flush=True)


def ask(statement: str, most: float = 60) -> list[tuple[Any, ...]]:
    """Rows of a statement, asked again while the database is down."""
    from django.db import Error, connection

    until = time.monotonic() + most
    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        except Error:
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


class Desk:
    """What people do at the desk, and how long it takes."""

    def __init__(self, served: Any, chosen: argparse.Namespace, counts: dict[str, int]) -> None:
        self.served, self.chosen, self.counts = served, chosen, counts
        from qingdun.console.kernel.models import User

        self.users = list(User.objects.filter(pk__gt=1000).select_related("region").order_by("pk"))
        self.sessions = _log_in(self.users)
        self.people: dict[int, Any] = {}
        self.acted: list[tuple[int, str]] = []
        self.sent: list[str] = []
        self.answers: dict[int, int] = {}
        self.city = next(u for u in self.users if u.role == "city_analyst")
        self.county = next(u for u in self.users if u.role == "county_officer")
        self.stations = {u.organisation_id: u for u in self.users if u.role == "station_officer"}
        station = next(iter(self.stations.values()))
        self.viewers = {"city": self.city, "county": self.county, "station": station}
        waiting = ask(
            "SELECT t.id, s.organisation_id, t.version FROM alerts_task t JOIN kernel_organisation_towns s "
            "ON s.region_id = t.town_id WHERE t.state = 'scored' AND t.level IN ('urgent', 'high') ORDER BY t.id"
        )
        held = [row for row in waiting if row[1] in self.stations]
        if not held:
            raise SystemExit("bench desk: no urgent or high task waits for an officer; take more alerts")
        self.tasks = itertools.cycle(held)

    def who(self, user: Any) -> Any:
        from _console import Person

        if user.pk not in self.people:
            self.people[user.pk] = Person(self.served.port, self.sessions[user.pk])
        return self.people[user.pk]

    def read(self) -> None:
        """Every list, by city, county and station."""
        from _console import HEAD, line

        noise = [self.who(self.city).ask("/static/built/pages/desk.js")[2] for _ in range(50)]
        say(
            f"Times are from the request to the whole answer over the loopback; a static file takes "
            f"{sorted(noise)[25]:.1f} ms at the median. Load of the machine: {os.getloadavg()[0]:.1f}.\n"
        )
        say(HEAD)
        cpu, count = self.served.cpu_s("wsgi:application"), 0
        for name, path in LISTS.items():
            for place, user in self.viewers.items():
                person = self.who(user)
                person.ask(path)
                times = [person.ask(path)[2] for _ in range(self.chosen.rounds)]
                count += len(times) + 1
                say(line(f"{name}, {place}", times, LIST_MS))
        city = self.who(self.city)
        say(line("search by number, city", [
            city.ask("/alerts/find/", form=f"q=138{i:08d}&csrfmiddlewaretoken={'b' * 32}")[2] for i in range(1, self.chosen.rounds)
        ], LIST_MS))  # fmt: skip
        ids = [
            row[0]
            for row in ask(
                f"SELECT id FROM alerts_task WHERE state = 'scored' ORDER BY id DESC LIMIT {self.chosen.rounds}"
            )
        ]
        say(line("a task's page, city", [city.ask(f"/alerts/{pk}/")[2] for pk in ids], LIST_MS))
        used = self.served.cpu_s("wsgi:application") - cpu
        say(
            f"\nProcessor time of the pages' process: {1000 * used / (count + 2 * self.chosen.rounds):.0f} ms a request.\n"
        )

    def act(self, rounds: int) -> None:
        """Tasks are dispatched, signed, called about, met and reported."""
        from _console import HEAD, line

        say(HEAD)
        times: dict[str, list[float]] = {}
        for _ in range(rounds):
            self.work(times)
        for verb, taken in times.items():
            say(line(verb, taken, ACT_MS))
        say(line("all of them", [t for taken in times.values() for t in taken], ACT_MS))
        say("")

    def work(self, times: dict[str, list[float]]) -> None:
        """One task from the city's desk to the report; every step is tried until somebody answers."""
        task, station, version = next(self.tasks)
        officer = self.who(self.stations[station])
        api = f"/api/alerts/tasks/{task}"
        steps = (
            ("dispatch", self.who(self.city), f"{api}/dispatch", {}),
            ("sign", officer, f"{api}/move", {"verb": "sign"}),
            ("call", officer, f"{api}/contact", {"result": "answered", "confirmed": True}),
            ("meet", officer, f"{api}/move", {"verb": "meet"}),
            ("visit", officer, f"{api}/visit", {
                "key": f"bench-{task}-key", "verdict": "awakened", "steps": [], "loss_avoided_fen": 100,
            }),
        )  # fmt: skip
        for verb, person, path, body in steps:
            unanswered = False
            while True:
                try:
                    status, text, taken = person.ask(path, {**body, "version": version})
                except (OSError, http.client.HTTPException):
                    self.answers[0] = self.answers.get(0, 0) + 1
                    unanswered = True
                    time.sleep(0.2)
                    continue
                self.answers[status] = self.answers.get(status, 0) + 1
                if status < 500:
                    break
                unanswered = True
                time.sleep(0.2)
            if status == 200:
                times.setdefault(verb, []).append(taken)
                self.acted.append((task, verb))
                version = json.loads(text)["version"]
            elif status == 409 and unanswered and _stands(task, verb):
                # The answer was lost, not the act: what stands is what counts.
                version = ask(f"SELECT version FROM alerts_task WHERE id = {task}")[0][0]
                self.acted.append((task, verb))
            else:
                self.sent.append(f"{verb} {status} {text[:120]!r}")
                return

    def load(self) -> None:
        """Alerts come in, browsers listen, people work; then each process is killed; then everything at once."""
        from _console import HEAD, line
        from _faults import faults

        folder = Path(os.environ["QINGDUN_VAR"])
        of = {
            role: [u for u in self.users if u.role == role]
            for role in ("city_analyst", "county_officer", "station_officer")
        }
        many = self.chosen.browsers
        listening = of["city_analyst"][: many // 50] + of["county_officer"][: many * 8 // 50]
        listening += of["station_officer"][: many - len(listening)]
        sessions, out = folder / "sessions.json", folder / "heard.json"
        sessions.write_text(json.dumps([self.sessions[u.pk] for u in listening]))
        browsers = subprocess.Popen(
            [sys.executable, ROOT / "bench/_browsers.py", str(self.served.port + 1), sessions, out]
        )
        began = time.monotonic()
        while not out.with_suffix(".ready").exists() and time.monotonic() - began < 120:
            time.sleep(0.2)
        say(f"{len(listening)} browsers, connected or given up after {time.monotonic() - began:.0f} s.\n")
        count = round(RATE * self.chosen.seconds)
        feed = Feed(0, count, RATE, self.counts["kernel_person"], folder / "fed")
        times: dict[str, list[float]] = {}
        lists: list[float] = []
        began, started = time.monotonic(), time.time()
        while time.monotonic() - began < self.chosen.seconds / 2:
            feed.keep()
            lists.append(self.who(next(iter_users(self))).ask("/alerts/rows/")[2])
            self.work(times)
        calm_until = time.time()
        say(
            f"While {RATE:.0f} alerts a second come in and browsers listen, load {os.getloadavg()[0]:.1f}:\n\n{HEAD}"
        )
        say(line("list, default filters, all viewers in turn", lists, LIST_MS))
        for verb, taken in times.items():
            say(line(verb, taken, ACT_MS))
        say(line("all actions", [t for taken in times.values() for t in taken], ACT_MS))
        say("")
        faults(self, feed)
        while not feed.done():
            feed.keep()
            self.work(times)
        took = feed.took_s
        say(
            f"\n{count:,} alerts, asked for within {count / RATE:.0f} s, had come in after {took:.0f} s, kills included."
        )
        time.sleep(5)
        ended = time.time()
        browsers.send_signal(signal.SIGTERM)
        browsers.wait(60)
        heard = json.loads(out.read_text())
        from _checks import lost_events, nothing_lost

        lost_events(listening, heard, started, calm_until, ended)
        if self.chosen.burst:
            self.burst(count, folder)
        # Whoever appends while the chain is read makes it look cut off.
        self.served.stop()
        nothing_lost(self, count + self.chosen.burst)

    def burst(self, first: int, folder: Path) -> None:
        """As many as come in an hour, as quick as they go, while people work."""
        from _console import HEAD, line

        feed = Feed(first, self.chosen.burst, 0, self.counts["kernel_person"], folder / "burst")
        times: dict[str, list[float]] = {}
        lists: list[float] = []
        while not feed.done():
            feed.keep()
            lists.append(self.who(self.city).ask("/alerts/rows/")[2])
            self.work(times)
        say(
            f"\n{self.chosen.burst:,} alerts at once were taken in {feed.took_s:.0f} s, "
            f"{self.chosen.burst / feed.took_s:.0f} a second; 61,000 would take {61_000 / self.chosen.burst * feed.took_s / 60:.0f} min. "
            f"Meanwhile, load {os.getloadavg()[0]:.1f}:\n\n{HEAD}"
        )
        say(line("list, default filters, city", lists, LIST_MS))
        say(line("all actions", [t for taken in times.values() for t in taken], ACT_MS))


def iter_users(desk: Desk) -> Any:
    """The three viewers in turn."""
    desk.turn = getattr(desk, "turn", 0) + 1  # type: ignore[attr-defined]
    yield list(desk.viewers.values())[desk.turn % 3]  # type: ignore[attr-defined]


class Feed:
    """The process that hands alerts in, started again when it ends before its time."""

    def __init__(self, first: int, count: int, rate: float, persons: int, file: Path) -> None:
        self._command = [
            sys.executable,
            str(ROOT / "bench/_feed.py"),
            str(first),
            str(count),
            str(rate),
            str(persons),
            str(file),
        ]
        self._began, self.starts, self.took_s = time.monotonic(), 0, 0.0
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        return subprocess.Popen(self._command, stderr=subprocess.DEVNULL)

    def keep(self) -> None:
        """It runs, or is done."""
        code = self.process.poll()
        if code:
            self.process = self._start()
        elif code == 0 and not self.took_s:
            self.took_s = time.monotonic() - self._began

    def done(self) -> bool:
        """Whether every alert was acknowledged."""
        self.keep()
        return bool(self.took_s)


def _stands(task: int, verb: str) -> bool:
    """Whether somebody has made that act on the task."""
    from _checks import KEPT

    found = ask(
        f"SELECT count(*) FROM alerts_taskevent WHERE task_id = {task} AND verb = '{KEPT[verb]}' AND actor_id IS NOT NULL"
    )
    return bool(found[0][0])


def _log_in(users: list[Any]) -> dict[int, str]:
    """A session for each, as logging in makes it, without five thousand hashed passwords."""
    from datetime import timedelta

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from qingdun.console.kernel.middleware import SEEN_AT

    store, now = SessionStore(), timezone.now()
    rows = {}
    for user in users:
        data = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: "qingdun.console.kernel.accounts.ConsoleBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            SEEN_AT: int(now.timestamp()),
        }
        rows[user.pk] = Session(f"bench{user.pk:027d}", store.encode(data), now + timedelta(hours=12))
    Session.objects.bulk_create(rows.values(), ignore_conflicts=True)
    return {pk: row.session_key for pk, row in rows.items()}


if __name__ == "__main__":
    main()
