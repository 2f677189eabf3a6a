"""The desk under load and with processes killed, on PostgreSQL and on SQLite.

`make bench-desk` takes about 20 minutes on two quiet cores; `make bench-desk DESK="--alerts 50000 --officers 500
--browsers 200 --seconds 60 --burst 2000 --rounds 10"` about four. The section says the size it was made with.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from _databases import PARTS, on_each

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
SETTINGS = "-c shared_buffers=1GB -c work_mem=32MB -c max_wal_size=8GB -c track_commit_timestamp=on"
"""What a small server would be given; whatever is committed is on the disk."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS)
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
    from _desk import say

    say(
        f"Asked for: 1,000,000 alerts, 5,000 officers, 1,000 browsers on PostgreSQL, 100,000 alerts on SQLite. This "
        f"run: {chosen.alerts:,} alerts, {chosen.officers:,} officers, {chosen.browsers:,} browsers, {chosen.sqlite:,} "
        f"on SQLite; each list asked {chosen.rounds} times, {chosen.seconds} s at 61,000 alerts an hour, then "
        f"{chosen.burst:,} at once."
    )

    on_each(__file__, settings=SETTINGS)


def _part(chosen: argparse.Namespace) -> None:
    from qingdun.console import serving

    serving.setup()
    serving.prepare()
    import _city
    from _console import Served
    from _desk import Desk, say
    from _load import load

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
            load(desk)
    finally:
        served.stop()


if __name__ == "__main__":
    main()
