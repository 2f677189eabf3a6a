"""How fast files of every kind are taken in, beside the same rows written into a plain table by the database.

Run by hand: ``python -m bench imports``; ``python bench/imports.py --rows 20000 --kinds alerts`` for a look.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from typing import Any

from _databases import PARTS, on_each
from _import_files import City, FileKind, file_of, kinds, lines_of, prepare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--kinds", nargs="*", default=[])
    parser.add_argument("--paced", nargs="*", default=["movements", "persons", "alerts"])
    chosen = parser.parse_args()
    if chosen.part:
        _part(chosen)
        return
    say(
        f"A file of {chosen.rows:,} rows of each kind, all new, in UTF-8; seconds by the clock, and in brackets of this process's CPU "
        "(on PostgreSQL the server's own come on top). *Received* is a file read, stored in parts and its columns guessed; *taken in* is every part read, checked, looked up "
        "and stored by its module in transactions with their audit rows, one process, without the rests of the "
        "tick process. *Bare* is the same cells written as text into a plain table in one transaction, by COPY "
        "(PostgreSQL) or executemany (SQLite)."
    )
    on_each(__file__)


def _part(chosen: argparse.Namespace) -> None:
    from qingdun.console import serving

    serving.setup()
    serving.prepare()
    say(f"\n### {'PostgreSQL' if chosen.part == 'postgresql' else 'SQLite'}\n")
    city = prepare(chosen.rows)
    known = kinds(city)
    say("| kind | rows | bare | received | taken in | a row, ms of CPU | taken in of bare |")
    say("|---|---:|---:|---:|---:|---:|---:|")
    for code in chosen.kinds or known:
        _row(code, known[code], city, chosen.rows)
    say("")
    for code in chosen.paced:
        _paced(code, known[code], city, chosen.rows)
    _workbook(known["movements"], city, chosen.rows)


def _row(code: str, kind: FileKind, city: City, rows: int) -> None:
    count = rows - 10 if code == "industry_lines" else rows  # what its module's limit leaves
    bare = _timed(lambda: _bare(kind, count))
    data, begun = file_of(kind, count, 0), list[int]()
    received = _timed(lambda: begun.append(_begun(code, kind, city, data)))
    taken = _timed(lambda: _take(begun[0]))
    say(
        f"| {code} | {count:,} | {_told(bare)} | {_told(received)} | {_told(taken)} | {taken[1] / count * 1000:.3f} "
        f"| {taken[0] / bare[0]:.0f} |"
    )


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _told(times: tuple[float, float]) -> str:
    return f"{times[0]:.1f} ({times[1]:.1f})"


def _bare(kind: FileKind, rows: int) -> None:
    """Writes the rows as text into a plain table, made anew each time."""
    from django.db import connection, transaction

    width = len(kind.head.split(","))
    columns = ", ".join(f"c{n} text" for n in range(width))
    lines = list(lines_of(kind, rows, 0))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(f"CREATE TABLE bare ({columns})")
        if connection.vendor == "postgresql":
            with cursor.copy("COPY bare FROM STDIN") as copy:
                for line in lines:
                    copy.write_row(line)
        else:
            marks = ", ".join(["%s"] * width)
            cursor.executemany(f"INSERT INTO bare VALUES ({marks})", lines)


def _begun(code: str, kind: FileKind, city: City, data: bytes) -> int:
    from qingdun.console.kernel.imports import actions

    actor = city.users[kind.by]
    file = actions.receive(actor, code, "bench.csv", data, "演练来源", city.about.get(kind.about))
    actions.begin(actor, file.pk)
    return file.pk


def _take(file_id: int) -> None:
    from django.utils import timezone

    from qingdun.console.kernel.imports.models import Import
    from qingdun.console.kernel.imports.taking import take_part

    while take_part(timezone.now()) is not None:
        pass
    file = Import.objects.get(pk=file_id)
    counts = (file.state, file.taken, file.known, file.refused)
    assert counts == ("done", file.rows_total, 0, 0), (counts, list(file.faults.values()[:3]))


def _paced(code: str, kind: FileKind, city: City, rows: int) -> None:
    """How long a file takes from the click to its end, as the tick process rests, and how often it tells."""
    from django.utils import timezone

    from qingdun.console.kernel.imports.models import Import
    from qingdun.console.kernel.imports.taking import take_some
    from qingdun.console.ticking import rest_s

    begun = _begun(code, kind, city, file_of(kind, rows, 90))
    wall, cpu, told = time.perf_counter(), time.process_time(), 0
    while Import.objects.get(pk=begun).state == "running":
        began = time.monotonic()
        take_some(timezone.now())
        told += 1
        time.sleep(rest_s("qingdun.console.kernel.imports.ticking.tick", time.monotonic() - began))
    say(
        f"- {code}, {rows:,} rows at the pace of the tick process, with its rests: "
        f"{time.perf_counter() - wall:.0f} s, {time.process_time() - cpu:.0f} s of this process; progress told {told} times"
    )


def _workbook(kind: FileKind, city: City, rows: int) -> None:
    """How long the request that brings a workbook takes, and the tick process to read it."""
    import xlsxwriter
    from django.utils import timezone

    from qingdun.console.kernel.imports import actions
    from qingdun.console.kernel.imports.unpacking import read_next

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate([kind.head.split(","), *lines_of(kind, rows, 95)]):
            sheet.write_row(number, 0, line)
    data, actor = file.getvalue(), city.users[kind.by]
    brought = _timed(lambda: actions.receive(actor, "movements", "bench.xlsx", data, "演练来源"))
    read = _timed(lambda: _check(read_next(timezone.now()), rows))
    say(
        f"- the same {rows:,} movements as XLSX ({len(data) / 1e6:.0f} MB): the request that brings it {_told(brought)}, read by the tick "
        f"process {_told(read)}"
    )


def _check(found: Any, expected: Any) -> None:
    assert found == expected, (found, expected)


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
