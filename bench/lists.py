"""How long after an entry is approved the engine uses it, and after a reversal still does.

Run by hand: ``python -m bench lists``; ``python bench/lists.py --rounds 3`` for a look.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _databases import PARTS, on_each

ASKED_S = 1.0
A_SECOND = 20
"""Visits to the host, each by somebody else."""
ROUND_S = 8
"""Seconds of flows for a round, with room: what is left over is not read."""
LISTED_S = 1.0
QUIET_S = 2.0
"""So long after a reversal without another alert, none comes any more."""
GIVEN_UP_S = 60.0
HOST, DETECTOR = "shop.rare.invalid", "visit.listed_host"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--rounds", type=int, default=20)
    chosen = parser.parse_args()
    if chosen.part:
        _part(chosen.part, chosen.rounds)
        return
    print(
        f"{A_SECOND} persons a second open one host, `qingdun ingest` judges them at real time in a process of its own. The host is "
        f"listed and reversed {chosen.rounds} times at uneven moments. *Listed*: from the approval to the first alert on the desk that "
        "rests on the entry. *Reversed*: from the reversal to the last such alert; 0 if none came after it. Both hold the wait for the "
        "next visit, the judging and the way to the desk.\n\n"
        "| database | what | rounds | least s | median s | p95 s | longest s | asked for s | kept |\n"
        "|---|---|---:|---:|---:|---:|---:|---:|---|",
        flush=True,
    )
    on_each(__file__)


def _part(part: str, rounds: int) -> None:
    from qingdun.console import serving

    serving.setup()
    serving.prepare()
    with tempfile.TemporaryDirectory() as folder:
        flows = _flows(Path(folder), A_SECOND * ROUND_S * (rounds + 3))
        command = [sys.executable, "-m", "qingdun.cli", "ingest", str(flows), "--replay", "1"]
        engine = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            took = _measure(engine, rounds)
        finally:
            engine.kill()
            engine.wait()
    for what in ("listed", "reversed"):
        found = sorted(took[what])
        p95 = found[max(0, round(0.95 * len(found)) - 1)]
        kept = "yes" if found[-1] < ASKED_S else "no"
        print(
            f"| {part} | {what} | {len(found)} | {found[0]:.2f} | {statistics.median(found):.2f} | {p95:.2f} "
            f"| {found[-1]:.2f} | {ASKED_S:g} | {kept} |",
            flush=True,
        )


def _flows(folder: Path, persons: int) -> Path:
    """Everybody got one spoofed call; then they open the same host one after the other."""
    from tests.run.world import START, S, World

    world = World(persons)
    for person in range(persons):
        world.call(START + person * 1000, "+00861110", world.number(person), 5, "overseas")
        world.visit(START + 10 * S + person * (S // A_SECOND), world.number(person), HOST)
    return world.write(folder)


def _measure(engine: subprocess.Popen[bytes], rounds: int) -> dict[str, list[float]]:
    from django.utils import timezone

    from qingdun.console.alerts.models import Evidence, FeedProgress
    from qingdun.console.kernel.models import Region
    from qingdun.console.kernel.roles import Role
    from qingdun.console.lists import actions
    from qingdun.console.lists.candidates import Candidate
    from qingdun.console.lists.codes import Source
    from tests.console.alerts.world import make_user
    from tests.run.world import START, S

    analyst = make_user("bench-city", Role.CITY_ANALYST, Region.objects.get(level="city"), "演练值班员")
    luck = random.Random(1)
    took: dict[str, list[float]] = {"listed": [], "reversed": []}

    def alerts(since: dt.datetime) -> Any:
        """When alerts that rest on the entry came to the desk since then, in order."""
        found = Evidence.objects.filter(detector=DETECTOR, alert__received_at__gt=since)
        return found.order_by("alert__received_at").values_list("alert__received_at", flat=True)

    def wait_for(found: Any) -> Any:
        until = time.monotonic() + GIVEN_UP_S
        while time.monotonic() < until:
            if answer := found():
                return answer
            if engine.poll() is not None:
                raise RuntimeError("the engine's process ended")
            time.sleep(0.01)
        raise TimeoutError(f"{GIVEN_UP_S} s, and it has not happened")

    begun = dt.datetime.fromtimestamp(START / S + 11, dt.UTC)
    wait_for(lambda: FeedProgress.objects.filter(clock_at__gt=begun).exists())
    for number in range(rounds):
        time.sleep(luck.uniform(0.2, 1.2))
        wanted = [Candidate("host", HOST, "black", "演练名单")]
        (entry,) = actions.propose(analyst, wanted, Source.HAND, f"bench-lists-{number}").entries
        actions.approve(analyst, [(entry.pk, None)])
        entry.refresh_from_db()
        first = wait_for(alerts(entry.approved_at).first)
        took["listed"].append((first - entry.approved_at).total_seconds())
        time.sleep(LISTED_S + luck.uniform(0, 0.5))
        actions.reverse(analyst, [(entry.pk, None)], "演练撤销")
        entry.refresh_from_db()
        at = entry.reversed_at
        wait_for(lambda at=at: (timezone.now() - (alerts(at).last() or at)).total_seconds() > QUIET_S)
        took["reversed"].append(((alerts(at).last() or at) - at).total_seconds())
    return took


if __name__ == "__main__":
    main()
