"""How long after an order the message to the officer on duty is handed to the gateway, urgent and high.

Run by hand: ``python -m bench duty``; ``python bench/duty.py --orders 6`` for a look.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Collection
from typing import Any

from _databases import PARTS, on_each

LEVELS = ("urgent", "high")
ASKED_S = 5.0
GIVEN_UP_S = 90.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--orders", type=int, default=40, help="of each level")
    chosen = parser.parse_args()
    if chosen.part:
        _part(chosen.part, chosen.orders)
        return
    print(
        f"{chosen.orders} orders of each level at uneven moments to a station with an officer on duty; `qingdun tick` and "
        "`qingdun send` as processes of their own, the demo gateway. From the order, as its history has it, to the "
        "message standing with the gateway. A high order can be taken back for five seconds and is not told before.\n\n"
        "| database | level | orders | least s | median s | p95 s | longest s | told before it was final |\n"
        "|---|---|---:|---:|---:|---:|---:|---:|",
        flush=True,
    )
    on_each(__file__, QINGDUN_SMS_RATE="50")


def _part(part: str, orders: int) -> None:
    from qingdun.console import serving

    serving.setup()
    serving.prepare()
    people = _people(2 * orders + 1)
    processes = [subprocess.Popen([sys.executable, "-m", "qingdun.cli", name]) for name in ("tick", "send")]
    try:
        took = _order(people)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)
    for level in LEVELS:
        found = sorted(took[level])
        early = sum(one < ASKED_S for one in found) if level == "high" else "–"
        p95 = found[max(0, round(0.95 * len(found)) - 1)]
        print(
            f"| {part} | {level} | {len(found)} | {found[0]:.3f} | {statistics.median(found):.3f} | {p95:.3f} "
            f"| {found[-1]:.3f} | {early} |",
            flush=True,
        )


def _people(count: int) -> Any:
    """The analyst, and as many residents of a town whose station has an officer on duty."""
    from django.utils import timezone

    from qingdun.console.duty import actions as duty
    from qingdun.console.kernel.models import Organisation, Person, Region
    from qingdun.console.kernel.roles import Role
    from tests.console.alerts.world import make_user

    city = Region.objects.get(level=Region.Level.CITY)
    town = Region.objects.filter(level=Region.Level.TOWN).order_by("code")[0]
    station, _ = Organisation.objects.get_or_create(
        code="bench-station",
        defaults={"kind": Organisation.Kind.STATION, "name": "演练派出所", "region": town},
    )
    station.towns.add(town)
    analyst = make_user("bench-city", Role.CITY_ANALYST, city, "演练值班员")
    officer = make_user("bench-officer", Role.STATION_OFFICER, town, "演练民警", station)
    start = timezone.now() - dt.timedelta(hours=1)
    duty.set_number(analyst, station.code, officer.pk, "+8617258900001")
    duty.add_shift(analyst, station.code, officer.pk, start, start + dt.timedelta(hours=8), 1)
    Person.objects.bulk_create(
        Person(
            person_id=f"bench-{n}", name="演练", birth_year=1980, sex="f", floating=False,
            region=town, region_path=town.path,
        )
        for n in range(count)
    )  # fmt: skip
    return analyst, [f"bench-{n}" for n in range(count)]


def _order(people: Any) -> dict[str, list[float]]:
    from django.utils import timezone

    from qingdun.console.alerts import actions
    from qingdun.console.alerts.models import Task, TaskEvent
    from qingdun.console.sms.models import DemoSms
    from qingdun.contract.tables import Alert

    analyst, residents = people
    luck, level_of = random.Random(1), {}

    def order(n: int, level: str) -> int:
        person, now_us = residents[n], round(timezone.now().timestamp() * 1_000_000)
        row = Alert(person, person, person, f"+86172590{n:05}", "police", level, "control", 0.9, now_us, ())
        actions.ingest_alerts(None, [row])
        task = Task.objects.get(person_id=person)
        actions.move(analyst, task.pk, None, "dispatch_straight")
        return task.pk

    def told_of(tasks: Collection[int]) -> dict[int, dt.datetime]:
        """When the officer was told of each first, once of all."""
        until = time.monotonic() + GIVEN_UP_S
        while time.monotonic() < until:
            told: dict[int, dt.datetime] = {}
            for task_id, at in DemoSms.objects.order_by("at").values_list("part__message__task", "at"):
                told.setdefault(task_id, at)
            if told.keys() >= set(tasks):
                return told
            time.sleep(0.2)
        raise TimeoutError(f"{GIVEN_UP_S} s, and the officer was not told of every order")

    # Once a first order was called about, both processes have started; it is not counted.
    told_of([order(0, "urgent")])
    for n in range(1, len(residents)):
        level = LEVELS[n % 2]
        level_of[order(n, level)] = level
        time.sleep(luck.uniform(0.3, 1.7))
    told = told_of(level_of)
    ordered = dict(TaskEvent.objects.filter(verb="dispatch_straight").values_list("task", "at"))
    took: dict[str, list[float]] = {level: [] for level in LEVELS}
    for task_id, level in level_of.items():
        took[level].append((told[task_id] - ordered[task_id]).total_seconds())
    return took


if __name__ == "__main__":
    main()
