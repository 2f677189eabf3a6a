"""The blacklist of card openers: a million persons listed in SQLite as a file lists them, and confirmed by a
second person; then asked as the console asks, beside a bare indexed SELECT on the same table and a Python
dictionary of the same digests, in one run.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ASKED = 2000
A_PART = 2000
"""Rows of a file that are listed in one transaction."""
AT_ONCE = 1000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--persons", type=int, default=1_000_000)
    persons = options.parse_args().persons
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"QINGDUN_VAR": folder, "QINGDUN_DEMO": "1"}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingdun.console.settings")
        import django

        django.setup()
        _measure(persons, Path(folder))


def _identity(number: int) -> str:
    return f"990000{1950 + number % 60}{number:08}"[:18]


def _measure(persons: int, folder: Path) -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from qingdun.console.industry import registers
    from qingdun.console.industry.blacklisting import (
        Listing,
        digest_of,
        list_identities,
        look_up,
        second_entries,
    )
    from qingdun.console.kernel.loading import load_regions
    from qingdun.console.kernel.models import Region, User
    from qingdun.console.kernel.roles import Role

    call_command("migrate", interactive=False, verbosity=0)
    load_regions(settings.CITY)
    city = Region.objects.get(level="city")
    viewer, second = (
        User.objects.create(username=name, role=Role.CITY_ANALYST, region=city, password="!")
        for name in ("bench", "bench-2")
    )
    began = time.perf_counter()
    digests = [digest_of("person", _identity(number)) or "" for number in range(persons)]
    hashed_s = time.perf_counter() - began
    began = time.perf_counter()
    for first in range(0, persons, A_PART):
        part = range(first, min(persons, first + A_PART))
        told = [Listing(_identity(number), digest=digests[number]) for number in part]
        list_identities(viewer, "person", told, "act-31", "出租电话卡")
    listed_s = time.perf_counter() - began
    began = time.perf_counter()
    waiting = registers.blacklist(viewer).filter(waits=True).count()
    if waiting:
        second_entries(second, viewer.pk, timezone.localdate(), waiting)
    confirmed_s = time.perf_counter() - began
    luck = random.Random(7)
    asked = [_identity(luck.randrange(2 * persons)) for _one in range(ASKED)]
    table = dict.fromkeys(digests, 1)
    plain = sqlite3.connect(str(connection.settings_dict["NAME"]))
    select = (
        "SELECT id FROM industry_blacklistentry WHERE digest = ? AND kind = 'person' AND ended_on IS NULL"
    )

    def console(identity: str) -> bool:
        return registers.listed(viewer, "person", [digest_of("person", identity) or ""]).first() is not None

    def on_record(identity: str) -> bool:
        return look_up(viewer, "person", [identity], "压测核验")[0] is not None

    def bare(identity: str) -> bool:
        return plain.execute(select, (digest_of("person", identity),)).fetchone() is not None

    def dictionary(identity: str) -> bool:
        return digest_of("person", identity) in table

    rows = {name: _each(one, asked) for name, one in (
        ("console", console), ("console, with its row of the audit", on_record),
        ("bare indexed SELECT", bare), ("dictionary", dictionary),
    )}  # fmt: skip
    hits = {name: hits for name, (_times, hits) in rows.items()}
    if len(set(hits.values())) != 1:
        sys.exit(f"bench: they disagree: {hits}")
    many = [digest_of("person", one) or "" for one in asked[:AT_ONCE]]
    began = time.perf_counter()
    found = len(list(registers.listed(viewer, "person", many)))
    many_s = time.perf_counter() - began
    base = statistics.median(rows["bare indexed SELECT"][0])
    print(
        f"{persons:,} persons; {hashed_s:.1f} s to hash all, {listed_s:.1f} s to list them {A_PART:,} at a "
        f"time, each part checked and on record, {confirmed_s:.1f} s for a second person to confirm them; "
        f"{ASKED:,} asked one by one, {hits['console']:,} of them listed.\n\n"
        "| asked through | median, ms | 99 %, ms | ratio to a bare SELECT |\n|---|---|---|---|"
    )
    for name, (times, _hits) in rows.items():
        p99 = sorted(times)[int(len(times) * 0.99)]
        median = statistics.median(times)
        print(f"| {name} | {median * 1000:.3f} | {p99 * 1000:.3f} | {median / base:.2f} |")
    print(f"\n{AT_ONCE:,} at once through the console: {many_s * 1000:.1f} ms, {found:,} listed.")


def _each(ask: Callable[[str], bool], asked: list[str]) -> tuple[list[float], int]:
    """Seconds of each question, and how many were answered with yes."""
    times, hits = [], 0
    for identity in asked:
        began = time.perf_counter()
        hits += ask(identity)
        times.append(time.perf_counter() - began)
    return times, hits


if __name__ == "__main__":
    main()
