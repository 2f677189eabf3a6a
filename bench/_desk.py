"""Who works at the desk of the benchmark, what they look at and do, and how long it takes."""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import time
from typing import Any

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
        self._turn = 0
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

        settled = self.served.settle()
        noise = [self.who(self.city).ask("/static/built/pages/desk.js")[2] for _ in range(50)]
        say(
            f"Times are from the request to the whole answer over the loopback; a static file takes "
            f"{sorted(noise)[25]:.1f} ms at the median. What was due at the start was done after {settled:.0f} s. Load of the machine: "
            f"{os.getloadavg()[0]:.1f}.\n"
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

    def turn(self) -> Any:
        """The three viewers, one after the other."""
        self._turn += 1
        return self.who(list(self.viewers.values())[self._turn % 3])

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
