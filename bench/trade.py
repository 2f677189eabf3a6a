"""Lists of 100,000 rows to a bank and files of 100,000 rows from it and from the police: how long each takes from
the click to its end at the pace of the tick process, how often the page could tell how far it is, which rows were
refused; and how long pages and the interface take over such a list.

Run by hand: ``python -m bench trade``; ``python bench/trade.py --rows 5000`` for a look.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from _databases import PARTS, on_each

WRONG_EVERY = 100
"""Every so many rows one is no such thing."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--on", choices=("both", "postgresql", "sqlite"), default="both")
    parser.add_argument("--rows", type=int, default=100_000)
    chosen = parser.parse_args()
    if chosen.part:
        _part(chosen.rows, chosen.part)
        return
    say(
        f"Files of {chosen.rows:,} rows in UTF-8, every {WRONG_EVERY}th of them no such thing. *Received* is the file read and "
        "stored in parts; *done* is the time from the click to the last row at the pace of the tick process, which works a "
        "second and rests as long; *told* is how often its page could say how far it is. Pages are asked in process, through "
        "all middleware."
    )
    on_each(__file__, [part for part in PARTS if chosen.on in ("both", part)])


def _part(rows: int, part: str) -> None:
    from qingdun.console import serving

    serving.setup()
    serving.prepare()
    from qingdun.console.industry import actions, parties
    from qingdun.console.industry.actions import AssignmentForm, Line
    from qingdun.console.kernel.models import Organisation, Region, User
    from qingdun.console.kernel.roles import Role

    say(f"\n### {'PostgreSQL' if part == 'postgresql' else 'SQLite'}\n")
    city = Region.objects.get(level=Region.Level.CITY)

    def user(name: str, role: Role, party: Organisation | None = None) -> User:
        return User.objects.create(username=name, role=role, region=city, organisation=party, password="!")

    police, second = user("bench", Role.CITY_ANALYST), user("bench-2", Role.CITY_ANALYST)
    bank = parties.register_party(police, "bench-bank", "演练银行（压测）", "bank")
    officer = user("bench-bank", Role.PARTY_OFFICER, bank)
    form = AssignmentForm(
        "bench", bank.code, "压测清单", "account", "control", "act-18", "涉案", [Line("6200000000000000")]
    )
    drafted = actions.propose(police, form)
    say(
        "| file | received, s | done, s | processor, s | told | taken | refused |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    _file("rows of a list", "industry_lines", police, _lines(rows), drafted.pk)
    _file("blacklist", "industry_blacklist", police, _identities(rows))
    _file("findings", "industry_findings", officer, _findings(rows))
    drafted.refresh_from_db()
    began = time.perf_counter()
    actions.move_assignment(police, drafted.pk, "confirm", seen=drafted.rows)
    confirmed = time.perf_counter()
    actions.move_assignment(second, drafted.pk, "second", seen=drafted.rows)
    sent = time.perf_counter()
    ids = list(drafted.restrictions.order_by("pk").values_list("pk", flat=True))
    _file("answers", "industry_answers", officer, _answers(ids))
    say(
        f"\nA list of {drafted.rows:,} rows confirmed in {confirmed - began:.1f} s, by the second person and sent in {sent - confirmed:.1f} s."
    )
    _pages(police, officer, drafted.pk)
    _interface(officer)


def _file(word: str, kind: str, actor: Any, lines: Iterator[str], about: int | None = None) -> None:
    from django.utils import timezone

    from qingdun.console.kernel.imports import actions
    from qingdun.console.kernel.imports.models import Import
    from qingdun.console.kernel.imports.taking import take_some

    data = "\n".join(lines).encode()
    began = time.perf_counter()
    file = actions.receive(actor, kind, "bench.csv", data, about=about)
    received = time.perf_counter()
    actions.begin(actor, file.pk)
    cpu, told = time.process_time(), 0
    while Import.objects.get(pk=file.pk).state == "running":
        tick = time.monotonic()
        take_some(timezone.now())
        told += 1
        took = time.monotonic() - tick
        time.sleep(max(took, 1 - took))
    done = time.perf_counter()
    file.refresh_from_db()
    assert (file.state, file.known) == ("done", 0), (file.state, file.known)
    say(
        f"| {word} | {received - began:.1f} | {done - received:.1f} | {time.process_time() - cpu:.1f} | {told} "
        f"| {file.taken:,} | {file.refused:,} |"
    )


def _wrong(number: int) -> bool:
    return number % WRONG_EVERY == WRONG_EVERY - 1


def _lines(rows: int) -> Iterator[str]:
    yield "账号,户名,企业账户,理由"
    for n in range(1, rows):  # one row stands already
        yield f"{'?' if _wrong(n) else f'62000000{n:08}'},演练商贸,是,入账后十分钟内转空"


def _identities(rows: int) -> Iterator[str]:
    yield "类别,证件号码,理由,法律依据,年限"
    for n in range(rows):
        yield f"开卡人,{'?' if _wrong(n) else f'990000{1950 + n % 60}{n:08}'},出租电话卡,act-31,5"


def _findings(rows: int) -> Iterator[str]:
    yield "类型,账号,发现时间,理由"
    for n in range(rows):
        yield f"银行账户,{'?' if _wrong(n) else f'63000000{n:08}'},2026-06-17 15:29,快进快出"


def _answers(ids: list[int]) -> Iterator[str]:
    yield "管控编号,处置结果,异议理由"
    for n, ident in enumerate(ids):
        wrong = _wrong(n)
        yield f"{ident},{'有异议' if wrong or n % 7 == 0 else '已管控'},{'' if wrong else '代发工资账户'}"


def _pages(police: Any, officer: Any, list_id: int) -> None:
    from django.test import Client

    say("\n| page | of | median, ms | longest, ms |\n|---|---|---:|---:|")
    for viewer, word in ((police, "police"), (officer, "bank")):
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(viewer, backend="qingdun.console.kernel.accounts.ConsoleBackend")
        addresses = {
            "home": "/industry/", "the list": f"/industry/lists/{list_id}/", "its last page": f"/industry/lists/{list_id}/?page=9999",
            "restrictions": "/industry/tables/restrictions/", "findings": "/industry/tables/findings/", "figures": "/industry/figures/",
        }  # fmt: skip
        if viewer is police:
            addresses["blacklist"] = "/industry/tables/blacklist/"
        for name, address in addresses.items():
            times = [_timed(lambda c=client, a=address: _ok(c.get(a))) for _one in range(5)]  # type: ignore[misc]
            say(f"| {name} | {word} | {statistics.median(times) * 1000:,.0f} | {max(times) * 1000:,.0f} |")
        seconds = _timed(
            lambda c=client: b"".join(
                c.post("/industry/tables/restrictions/file/", {"form": "csv"}).streaming_content
            )
        )  # type: ignore[misc]
        say(f"| restrictions as CSV | {word} | {seconds * 1000:,.0f} | |")


def _ok(answer: Any) -> None:
    assert answer.status_code == 200, answer.status_code


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _interface(officer: Any) -> None:
    """Reads every row of the list a thousand at a time, as a program of the bank's does."""
    from qingdun.console.industry import api

    began, last, taken = time.perf_counter(), 0, 0
    request: Any = type("Asked", (), {"auth": officer})()
    while some := api.rows(request, after=last, state="in_force", limit=1000):
        last, taken = some[-1]["id"], taken + len(some)
    say(
        f"\nThe bank’s program reads {taken:,} rows that are in force in {time.perf_counter() - began:.1f} s, 1,000 at a time."
    )


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
