"""Dashboards of a city, a county and a town, the page of everything overdue and the wall, over ledgers of a large city.

Asked: a mayor reads the month in two minutes, so no page may be waited for. Run by hand: ``python -m bench command``;
``python bench/command.py --share 0.05`` for a look. Processor time of the server (PostgreSQL: of its own process as
well), so that a busy machine changes little.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))
from _databases import PARTS, on_each  # noqa: E402

ROWS = {
    "tasks": 500_000, "incidents": 300_000, "stops": 150_000, "freezes": 20_000, "registrations": 300_000,
    "follow_ups": 300_000, "restrictions": 200_000, "undertakings": 20_000,
}  # fmt: skip
YEARS, PART, PAGES = 2, 50_000, 5
OPEN = 0.02
"""Share of what is not over: of these a third is overdue."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--part", choices=PARTS)
    asked.add_argument("--share", type=float, default=1.0, help="of the rows")
    given = asked.parse_args()
    if given.part:
        _part(given.part, given.share)
        return
    rows = ", ".join(f"{int(count * given.share):,} {name.replace('_', ' ')}" for name, count in ROWS.items())
    print(
        f"{rows} of {YEARS} years, one in fifty not over. Median of {PAGES} pages by the test client, after one that "
        "is not counted; processor time of the pages' process and of PostgreSQL's own, and by the clock.\n\n"
        "| database | page | pages ms | database ms | by the clock ms | statements | rows waiting |\n"
        "|---|---|---:|---:|---:|---:|---:|",
        flush=True,
    )
    on_each(__file__, QINGDUN_ALLOWED_HOSTS="testserver")


def _part(part: str, share: float) -> None:
    from qingdun.console import serving

    serving.setup()
    serving.prepare()
    _Fill(share).all()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    _measure(part)


class _Fill:
    def __init__(self, share: float) -> None:
        from django.utils import timezone

        from qingdun.console.kernel.models import Region
        from tests.console.alerts import world

        world.build_world()
        from qingdun.console.kernel.models import User

        self.share, self.dice, self.now = share, Random(5), timezone.now()
        self.actor = User.objects.get(username="city")
        places = list(Region.objects.filter(level="village", population__gt=0).order_by("code"))
        self.paths, self.weights = [one.path for one in places], [one.population or 1 for one in places]
        self.towns = {one.path: one for one in Region.objects.filter(level="town")}

    def all(self) -> None:
        from qingdun.console.kernel.storing import store

        for name, count in ROWS.items():
            whole = int(count * self.share)
            for first in range(0, whole, PART):
                store(getattr(self, name)(first, min(PART, whole - first)))

    def at(self) -> dt.datetime:
        """Any time of the years."""
        return self.now - dt.timedelta(seconds=self.dice.randrange(60, YEARS * 365 * 86_400))

    def due(self) -> dt.datetime:
        """Of what waits a third is overdue, the rest comes within ten days."""
        return self.now + dt.timedelta(seconds=self.dice.randrange(-5 * 86_400, 10 * 86_400))

    def places(self, first: int, count: int) -> Iterable[tuple[int, str]]:
        """So many numbers from the first on, each with a village."""
        return enumerate(self.dice.choices(self.paths, self.weights, k=count), start=first)

    def waits(self) -> bool:
        """Whether this one is not over."""
        return self.dice.random() < OPEN

    def tasks(self, first: int, count: int) -> Iterator[Any]:
        from qingdun.console.alerts.models import Task

        for number, path in self.places(first, count):
            level, rank = self.dice.choice((("high", 1), ("medium", 2), ("low", 3)))
            waits, at = self.waits(), self.at()
            yield Task(
                episode_id=f"b{number}", person_id=f"b{number}", msisdn="", region_path=path, town=self.towns.get(path[:24]),
                scam_type=self.dice.choice(("police", "brushing", "loan")), level=level, level_rank=rank, stage="lure",
                probability=0.5, state="station" if waits else "closed", raised_at=at, received_at=at, moved_at=at,
                due_at=self.due() if waits else None, due_clock="sign" if waits else "", expected_loss_fen=100_000,
                closed_at=None if waits else at + dt.timedelta(days=1),
                verdict="" if waits else self.dice.choice(("awakened", "false_alarm", "awakened")),
                verdict_at=None if waits else at, loss_avoided_fen=0 if waits else 500_000,
            )  # fmt: skip

    def incidents(self, first: int, count: int) -> Iterator[Any]:
        from qingdun.console.cases.models import Incident

        for number, path in self.places(first, count):
            at = self.at()
            yield Incident(
                person_id=f"b{number}", msisdn="", region_path=path, reported_at=at, scam_type="brushing",
                loss_fen=int(min(2e8, self.dice.lognormvariate(9.4, 1.3) * 100)) + 1, key=f"b{number}", by=self.actor,
                entered_at=at,
            )  # fmt: skip

    def stops(self, first: int, count: int) -> Iterator[Any]:
        from qingdun.console.funds.models import StopPayment

        for number, path in self.places(first, count):
            at, waits = self.at(), self.waits()
            yield StopPayment(
                account=f"62009{number:09}", account_name="某某", bank="演练银行", amount_fen=700_000, paid_at=at,
                requested_at=at, held_at=at, ends_at=self.due() if waits else at + dt.timedelta(hours=48),
                state="held" if waits else "expired", turn=1, region_path=path, key=f"b{number}", by=self.actor,
                ended_at=None if waits else at + dt.timedelta(hours=48),
            )  # fmt: skip

    def freezes(self, first: int, count: int) -> Iterator[Any]:
        from qingdun.console.cases.models import Incident
        from qingdun.console.funds.models import Freeze

        about = Incident.objects.order_by("pk").first()
        for number, path in self.places(first, count):
            at, waits = self.at(), self.waits()
            yield Freeze(
                account=f"62008{number:09}", account_name="某某", bank="演练银行", amount_fen=500_000, traced_fen=600_000,
                certain=True, requested_at=at, frozen_at=at, ends_at=self.due() if waits else at, region_path=path,
                state="frozen" if waits else "expired", incident=about, key=f"b{number}", by=self.actor,
            )  # fmt: skip

    def registrations(self, first: int, count: int) -> Iterator[Any]:
        from qingdun.console.outreach.models import AppCount

        for number, path in self.places(first, count):
            yield AppCount(
                key=f"b{number}", day=self.at().date(), region_path=path, won_at="door", installed=5, real_name=4,
                warning_on=3, by=self.actor, at=self.now,
            )  # fmt: skip

    def follow_ups(self, first: int, count: int) -> Iterator[Any]:
        from qingdun.console.alerts.models import Task
        from qingdun.console.care.models import FollowUp

        tasks = Task.objects.order_by("pk").values_list("pk", "region_path")[first : first + count]
        for task, path in tasks:
            at, waits = self.at(), self.waits()
            yield FollowUp(
                task_id=task, region_path=path, person_id=f"b{task}", day=1, verdict_at=at,
                due_at=self.due() if waits else at, state="open" if waits else "done",
                result="" if waits else "well", done_at=None if waits else at, done_by=None if waits else self.actor,
            )  # fmt: skip

    def restrictions(self, first: int, count: int) -> Iterator[Any]:
        from qingdun.console.industry.models import Assignment, Restriction
        from qingdun.console.kernel.models import Organisation, Region

        party, _new = Organisation.objects.get_or_create(
            code="bench",
            defaults={"kind": "operator", "name": "bench", "region": Region.objects.get(level="city")},
        )
        about, _new = Assignment.objects.get_or_create(
            key="bench", defaults={
                "party": party,
                "title": "bench", "subject_kind": "number", "kind": "shut", "basis": "act-11", "rule_version": "b",
                "reason": "b", "source": "hand", "rows": 1, "answer_h": 24, "needs_two": False, "term_days": 30, "proposed_by": self.actor,
                "proposed_at": self.now, "region_path": "441800/", "due_at": self.now, "state": "sent",
                "sent_at": self.now, "confirmed_by": self.actor, "confirmed_at": self.now,
            },
        )  # fmt: skip
        for number, path in self.places(first, count):
            at, waits = self.at(), self.waits()
            yield Restriction(
                assignment=about, row=number + 1, party=party, subject_kind="number", subject=f"+861725{number:07}", kind="shut",
                basis="act-11", rule_version="b", reason="b", term_days=30, proposed_at=at, confirmed_by=self.actor,
                confirmed_at=at, answer_due_at=self.due() if waits else None, since=None if waits else at,
                until=None if waits else at + dt.timedelta(days=30), state="ordered" if waits else "in_force",
                answered_by=None if waits else self.actor, answered_at=None if waits else at, region_path=path,
                notice_way="" if waits else "sms", noticed_at=None if waits else at,
            )  # fmt: skip

    def undertakings(self, first: int, count: int) -> Iterator[Any]:
        from qingdun.console.command.provision_models import Provision, Undertaking

        about, _new = Provision.objects.get_or_create(
            number=1, region_path="441800/",
            defaults={"title": "bench", "demand": "b", "system": "command", "since": self.now.date(), "by": self.actor},
        )  # fmt: skip
        for number, path in self.places(first, count):
            waits = self.dice.random() < 0.3
            yield Undertaking(
                provision=about, region_path=path, title=f"b{number}", goal="b", due_on=self.due().date(),
                state="open" if waits else "accepted", set_by=self.actor, set_at=self.now,
                accepted_by=None if waits else self.actor, accepted_at=None if waits else self.now, share=0 if waits else 100,
            )  # fmt: skip


def _measure(part: str) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from qingdun.console.command import overdue
    from qingdun.console.kernel.models import Region, User
    from qingdun.console.kernel.roles import Role
    from tests.console.alerts.world import make_user

    city = Region.objects.get(level="city")
    county = Region.objects.filter(level="county").order_by("code")[0]
    town = Region.objects.filter(level="town").order_by("code")[0]
    make_user("leader", Role.LEADER, city, "leader")
    pages = {
        "dashboard of the city": ("city", "/command/"),
        "dashboard of the city, a year": (
            "city",
            "/command/?since=%s" % (timezone.localdate() - dt.timedelta(days=365)),
        ),
        "dashboard of a county": ("city", f"/command/?region={county.code}"),
        "dashboard of a town": ("city", f"/command/?region={town.code}"),
        "dashboard of the city, for a leader": ("leader", "/command/"),
        "all that is overdue": ("city", "/command/overdue/"),
        "the same, its hundredth page": ("city", "/command/overdue/?page=100"),
        "due within a week, by place": ("city", "/command/overdue/?span=week&order=place"),
        "all that is overdue in a town": ("city", f"/command/overdue/?region={town.code}"),
        "wall": ("viewer", "/wall/"),
    }
    for name, (who, path) in pages.items():
        user = User.objects.get(username=who)
        client = Client()
        client.force_login(user)
        took = [_once(part, lambda client=client, path=path: _got(client, path)) for _ in range(PAGES + 1)][
            1:
        ]
        with CaptureQueriesContext(connection) as said:
            _got(client, path)
        wanted = overdue.Wanted(span="week" if "week" in path else "late")
        waiting = (
            f"{sum(overdue.counts(user, wanted).values()):,}"
            if "overdue" in path and "region" not in path
            else ""
        )
        cells = " | ".join(f"{1000 * statistics.median(column):,.0f}" for column in zip(*took, strict=True))
        print(f"| {part} | {name} | {cells} | {len(said)} | {waiting} |", flush=True)


def _got(client: Any, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        sys.exit(f"{path}: {answer.status_code} {answer.headers.get('Location', '')}")


def _once(part: str, act: Callable[[], None]) -> tuple[float, float, float]:
    """Seconds of processor time of this process and of the database's, and by the clock."""
    own, other, began = time.process_time(), _of_database(part), time.perf_counter()
    act()
    return time.process_time() - own, _of_database(part) - other, time.perf_counter() - began


def _of_database(part: str) -> float:
    """Seconds its process for this connection has worked; SQLite works in ours."""
    if part != "postgresql":
        return 0.0
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
