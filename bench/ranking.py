"""The month of 85 towns and a week of 1,235 villages out of five years of incidents and alerts, beside one plain
sum over the same rows by the database.

Asked: five years of 5,000,000 incident and alert rows recompute under 10 s on two cores. Run by hand:
``python -m bench ranking``; ``python bench/ranking.py --rows 200000 --rounds 1`` for a look. SQLite, one process.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))
YEARS, ASKED_S, PART = 5, 10.0, 100_000


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=5_000_000)
    asked.add_argument("--incidents", type=float, default=0.4, help="Share of the rows that are incidents.")
    asked.add_argument("--rounds", type=int, default=5)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"QINGDUN_VAR": folder, "QINGDUN_DEMO": "1"}
        from qingdun.console import serving

        serving.setup()
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        incidents = int(given.rows * given.incidents)
        _fill(incidents, given.rows - incidents)
        _measure(given.rounds, incidents, given.rows - incidents)


def _fill(incidents: int, alerts: int) -> None:
    """Incidents with losses and alerts of five years, over all villages by their residents."""
    from qingdun.console.alerts.models import Alert, Task
    from qingdun.console.cases.models import Incident
    from qingdun.console.kernel.models import Region, User
    from qingdun.console.kernel.storing import store
    from tests.console.alerts import world

    world.build_world()
    actor = User.objects.get(username="city")
    villages = list(Region.objects.filter(level="village", population__gt=0).order_by("code"))
    paths, weights = [one.path for one in villages], [one.population for one in villages]
    dice, now = Random(1), dt.datetime.now(dt.UTC)
    seconds = YEARS * 365 * 86_400
    task = Task.objects.create(
        episode_id="bench", person_id="p00", msisdn="", region_path=paths[0], scam_type="police", level="low",
        level_rank=3, stage="lure", probability=0.1, raised_at=now, received_at=now, moved_at=now, expected_loss_fen=1,
    )  # fmt: skip

    def losses(count: int, first: int) -> Iterator[Incident]:
        for number, path in enumerate(dice.choices(paths, weights, k=count), start=first):
            at = now - dt.timedelta(seconds=dice.randrange(seconds))
            yield Incident(
                person_id=f"b{number}", msisdn="", region_path=path, reported_at=at, scam_type="brushing",
                loss_fen=int(min(2e8, dice.lognormvariate(9.4, 1.3) * 100)) + 1, key=f"b{number}", by=actor, entered_at=at,
            )  # fmt: skip

    def raised(count: int, first: int) -> Iterator[Alert]:
        for number, path in enumerate(dice.choices(paths, weights, k=count), start=first):
            at = now - dt.timedelta(seconds=dice.randrange(seconds))
            yield Alert(
                alert_id=f"b{number}", task=task, episode_id=f"b{number}", person_id=f"b{number}", msisdn="",
                region_path=path, scam_type="police", level="low", stage="lure", probability=0.1, prior_bits=-13.0,
                raised_at=at, received_at=at,
            )  # fmt: skip

    for made, whole in ((losses, incidents), (raised, alerts)):
        for first in range(0, whole, PART):
            store(made(min(PART, whole - first), first))


def _measure(rounds: int, incidents: int, alerts: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from qingdun.console.assessment import actions, reckoning, recomputing
    from qingdun.console.assessment.periods import last_over
    from qingdun.console.kernel.models import User

    analyst, today = User.objects.get(username="city"), timezone.localdate()
    month, week = last_over("town", today), last_over("village", today)
    made: dict[str, Any] = {}

    def plain() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT substr(region_path, 1, 24), count(*), sum(loss_fen) FROM cases_incident WHERE loss_fen > 0 GROUP BY 1"
            )
            cursor.fetchall()

    def reckon(level: str, day: dt.date) -> None:
        made[level] = actions.reckon(analyst, level, day)

    acts: dict[str, Callable[[], None]] = {
        "reckon the month of towns from the ledger": lambda: reckon("town", month.since),
        "reckon the week of villages from the ledger": lambda: reckon("village", week.since),
        "recompute the month from its kept rows": lambda: _none(recomputing.recompute(made["town"])),
        "recompute the week from its kept rows": lambda: _none(recomputing.recompute(made["village"])),
        "read the month's rows alone": lambda: _some(reckoning.ledger_rows("town", month)),
        "one sum over all incidents by the database": plain,
    }
    took: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(rounds):
        for name, act in acts.items():
            began = time.perf_counter()
            act()
            took[name].append(time.perf_counter() - began)
    print(
        f"{incidents:,} incidents with a loss and {alerts:,} alerts of {YEARS} years; the month and the two it is compared "
        f"with hold {made['town'].rows.count():,} incidents, {made['town'].lines.count()} towns; the weeks "
        f"{made['village'].rows.count():,}, {made['village'].lines.count():,} villages. SQLite, one process.\n"
    )
    print("| act | rounds | median s | least | longest |\n|---|---:|---:|---:|---:|")
    for name, times in took.items():
        print(
            f"| {name} | {len(times)} | {statistics.median(times):.2f} | {min(times):.2f} | {max(times):.2f} |"
        )
    both = [a + b for a, b in zip(*list(took.values())[:2], strict=True)]
    print(
        f"\nMonth of towns and week of villages together: {statistics.median(both):.2f} s, longest {max(both):.2f}; asked under {ASKED_S:.0f} s: {'yes' if max(both) < ASKED_S else 'no'}."
    )


def _none(found: list[Any]) -> None:
    if found:
        sys.exit(f"recomputed otherwise: {found[:3]}")


def _some(found: list[Any]) -> None:
    if not found:
        sys.exit("no rows were read")


if __name__ == "__main__":
    main()
