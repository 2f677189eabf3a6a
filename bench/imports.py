"""How fast files are taken in, beside the same rows written into a plain table by the database alone.

Run by hand: ``python -m bench imports``; ``python bench/imports.py --rows 20000 --rounds 1`` for a look.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import datetime as dt
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

HEADS = {
    "movements": "交易卡号,交易户名,交易时间,交易金额,收付标志,交易对手账卡号,对手户名,对手开户银行,交易余额,交易流水号,摘要说明",
    "alerts": "预警编号,联系电话,预警等级,诈骗类型,预警时间,所属镇街,预警内容",
    "cases": "案件编号,案件名称,诈骗类型,两卡,立案日期,所属镇街",
    "app_counts": "日期,镇街,网格编号,场景,注册数,实名数,开启预警数",
    "outreach_doors": "入户时间,网格编号,门牌,走访结果,宣传人数,注册数,实名数,开启预警数,发放资料",
    "outreach_events": "活动名称,活动类型,活动日期,参与人数,镇街,主办单位,参与学校企业",
}  # fmt: skip

GRIDS = 500
"""Grids of which the visits at doors are."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("postgresql", "sqlite"))
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if chosen.part:
        _part(chosen)
        return
    sys.path.insert(0, os.getcwd())
    from tests.postgres import server

    def run(part: str, address: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            env = os.environ | {
                "QINGDUN_DATABASE": address or f"{folder}/imports.sqlite3", "QINGDUN_VAR": folder,
                "QINGDUN_DEMO": "1",
            }  # fmt: skip
            subprocess.run([sys.executable, __file__, "--part", part, *sys.argv[1:]], env=env, check=True)

    say(
        f"Files of {chosen.rows:,} rows in UTF-8, {chosen.rounds} rounds, each kind's rows new in every round. *Received* is a "
        "file read, stored in parts and its columns guessed; *taken in* is every part read, checked, looked up "
        "and stored by its module in transactions with their audit rows, one process, without the rests of the "
        "tick process. *Bare* is the same cells written as text into a plain table in one transaction, by COPY "
        "(PostgreSQL) or executemany (SQLite)."
    )
    with server("") as address:
        run("postgresql", address)
    run("sqlite", "")


def _part(chosen: argparse.Namespace) -> None:
    from qingdun.console import serving

    serving.setup()
    serving.prepare()
    from _rounds import rounds

    from qingdun.console.kernel.models import Region, User
    from qingdun.console.kernel.roles import Role

    city = Region.objects.get(level=Region.Level.CITY)
    actor = User.objects.create(username="bench", role=Role.CITY_ANALYST, region=city, password="!")
    _matrix(actor)
    say(f"\n### {'PostgreSQL' if chosen.part == 'postgresql' else 'SQLite'}\n")
    for kind in HEADS:
        say(rounds(_ways(kind, chosen, actor), chosen.rounds).table("rows") + "\n")
    _paced(chosen.rows, actor)
    _workbook(chosen.rows, actor)


def _ways(kind: str, chosen: argparse.Namespace, actor: Any) -> dict[str, Callable[[], int]]:
    files = [_file(kind, chosen.rows, number) for number in range(chosen.rounds)]
    begun: list[int] = []
    bare, received = _bare(kind, chosen), _received(kind, files, actor, begun)
    return {
        f"{kind}: bare": lambda: next(bare),
        f"{kind}: received": lambda: next(received),
        f"{kind}: taken in": lambda: _take(begun.pop()),
    }


def _lines(kind: str, rows: int, number: int) -> Iterator[list[str]]:
    base = number * rows
    now = dt.datetime.now(dt.UTC).astimezone() - dt.timedelta(hours=2)
    for n in range(base, base + rows):
        if kind == "movements":
            at = dt.datetime(2026, 3, 1) + dt.timedelta(seconds=n)  # noqa: DTZ001
            yield [
                f"62{n % 5000:014}", "演练甲", f"{at:%Y-%m-%d %H:%M:%S}", f"{n % 90_000 + 1:,}.50",
                "进" if n % 3 else "出", f"63{n % 7919:014}", "演练乙", "演练银行", f"{n % 500_000}.00", f"S{n:010}", "转账",
            ]  # fmt: skip
        elif kind == "alerts":
            yield [
                f"A-{n}", f"1725{n % 10_000_000:07}", ("红色", "橙色", "黄色", "蓝色")[n % 4], "冒充公检法",
                f"{now:%Y-%m-%d %H:%M}", "", "演练：接听境外电话",
            ]  # fmt: skip
        elif kind == "app_counts":
            day = dt.date(2026, 11, 1) - dt.timedelta(days=n // 680)
            ways = (
                "疫苗接种点",
                "核酸检测排队点",
                "入户走访",
                "校园",
                "企业",
                "摆摊咨询",
                "自行注册",
                "其他",
            )
            yield [f"{day}", _towns()[n // 8 % 85], "", ways[n % 8], f"{n % 90}", f"{n % 70}", f"{n % 50}"]
        elif kind == "outreach_doors":
            at = dt.datetime(2026, 3, 1, 18) + dt.timedelta(minutes=n % 200_000)  # noqa: DTZ001
            yield [
                f"{at:%Y-%m-%d %H:%M}", f"g-{n % GRIDS}", f"{n}栋101", "见到人", "2", "1", "1", "0", "是" if n % 3 else "",
            ]  # fmt: skip
        elif kind == "outreach_events":
            yield [
                f"演练活动{n}", "摆摊咨询", "2026-06-17", f"{n % 300}", _towns()[n % 85], f"演练单位{n % 50}", f"演练企业{n % 900}",
            ]  # fmt: skip
        else:
            yield [f"A4418{n:010}", f"演练案{n}", "", "是" if n % 5 else "", "2026-06-17", ""]


@cache
def _towns() -> list[str]:
    from qingdun.console.kernel.models import Region

    return list(
        Region.objects.filter(level=Region.Level.TOWN).order_by("code").values_list("code", flat=True)
    )


def _matrix(actor: Any) -> None:
    """Grids, units and enterprises that files of outreach name."""
    from qingdun.console.kernel.models import Region
    from qingdun.console.outreach.models import Grid, Partner, Unit

    path = Region.objects.filter(level=Region.Level.VILLAGE).order_by("code")[0].path
    owned = {"region_path": actor.region_path, "by": actor}
    Grid.objects.bulk_create(Grid(code=f"g-{n}", name=f"演练网格{n}", region_path=path) for n in range(GRIDS))
    Unit.objects.bulk_create(
        Unit(name=f"演练单位{n}", kind="other", joined_on="2026-01-01", **owned) for n in range(50)
    )
    Partner.objects.bulk_create(Partner(name=f"演练企业{n}", kind="enterprise", **owned) for n in range(900))


def _file(kind: str, rows: int, number: int) -> bytes:
    # Amounts hold commas: a cell of money is quoted, as programs write it.
    lines = (
        ",".join(f'"{cell}"' if "," in cell else cell for cell in line) for line in _lines(kind, rows, number)
    )
    return "\n".join([HEADS[kind], *lines]).encode()


def _bare(kind: str, chosen: argparse.Namespace) -> Iterator[int]:
    """Writes the rows as text into a plain table, made anew each time."""
    from django.db import connection, transaction

    width = len(HEADS[kind].split(","))
    columns = ", ".join(f"c{n} text" for n in range(width))
    for number in range(chosen.rounds):
        lines = list(_lines(kind, chosen.rows, number))
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
        yield chosen.rows


def _received(kind: str, files: list[bytes], actor: Any, begun: list[int]) -> Iterator[int]:
    from qingdun.console.kernel.imports import actions

    for data in files:
        file = actions.receive(actor, kind, "bench.csv", data, "演练来源")
        actions.begin(actor, file.pk)
        begun.append(file.pk)
        yield file.rows_total


def _take(file_id: int) -> int:
    from django.utils import timezone

    from qingdun.console.kernel.imports.models import Import
    from qingdun.console.kernel.imports.taking import take_part

    while take_part(timezone.now()) is not None:
        pass
    file = Import.objects.get(pk=file_id)
    assert (file.state, file.taken) == ("done", file.rows_total), (
        file.state,
        file.taken,
        file.known,
        file.refused,
    )
    return file.rows_total


def _paced(rows: int, actor: Any) -> None:
    """How long a file takes from the click to its end, as the tick process rests, and how often it tells."""
    from django.utils import timezone

    from qingdun.console.kernel.imports.models import Import
    from qingdun.console.kernel.imports.taking import take_some

    for kind in HEADS:
        begun: list[int] = []
        next(_received(kind, [_file(kind, rows, 90)], actor, begun))
        wall, cpu, told = time.perf_counter(), time.process_time(), 0
        while Import.objects.get(pk=begun[0]).state == "running":
            began = time.monotonic()
            take_some(timezone.now())
            told += 1
            took = time.monotonic() - began
            time.sleep(max(took, 1 - took))
        say(
            f"- {kind}, {rows:,} rows at the pace of the tick process, which rests as long as it works: "
            f"{time.perf_counter() - wall:.0f} s, {time.process_time() - cpu:.0f} s of this process; progress told {told} times"
        )


def _workbook(rows: int, actor: Any) -> None:
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate([HEADS["movements"].split(","), *_lines("movements", rows, 95)]):
            sheet.write_row(number, 0, line)
    wall = time.perf_counter()
    next(_received("movements", [file.getvalue()], actor, []))
    say(f"- the same {rows:,} movements as XLSX received in {time.perf_counter() - wall:.0f} s")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
