"""Rankings again, from the rows they kept."""

from __future__ import annotations

import datetime as dt

import click

from qingdun.cli.terminal import bar
from qingdun.errors import InputError, RefusedError


@click.group()
def ranking() -> None:
    """Rankings of towns and villages."""


@ranking.command("recompute")
@click.option("--level", type=click.Choice(["town", "village"]), help="Only of these.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Only of the period in which the day lies.")
@click.option("--ledger", is_flag=True, help="Also say in how many rows the ledger of today differs.")
def recompute(level: str | None, day: dt.datetime | None, ledger: bool) -> None:
    """Recompute published rankings from the rows, residents and rules they kept; exit code 4 names the first
    value that does not come out again.
    """
    from qingdun.cli.console import setup_prepared

    setup_prepared()
    from qingdun.console.assessment import recomputing, unattended

    found = list(unattended.published(level or "", day.date() if day else None))
    if not found:
        raise InputError("no published ranking: found none, expected one of that level and day")
    said = []
    with bar("recomputing rankings") as told:
        for done, one in enumerate(found):
            told(done / len(found), str(one))
            wrong = recomputing.recompute(one)
            if wrong:
                first = wrong[0]
                place = first.place or "all"
                raise RefusedError(
                    f"ranking {one}: {first.value} of {place}: kept {first.kept}, again {first.again}"
                )
            drift = f", ledger differs in {len(recomputing.drift(one)):,} rows" if ledger else ""
            said.append(
                f"{one}: {one.lines.count():,} lines, every digit the same, seal {one.digest[:12]}{drift}"
            )
    click.echo("\n".join(said))
