"""Rankings again, from the rows they kept; and how often chance alone decides them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from qingdun.cli.terminal import Finite, bar
from qingdun.errors import InputError, RefusedError

if TYPE_CHECKING:
    from qingdun.evaluate.carding import Carded, Share


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


@click.command("evaluate-cards")
@click.option("--city", "code", default="441800", show_default=True, help="Code of the city.")
@click.option(
    "--years", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many are played."
)
@click.option(
    "--cases",
    type=Finite(0, min_open=True),
    default=12.0,
    show_default=True,
    help="Of the city, per 10,000 residents and year.",
)
@click.option(
    "--spread",
    type=Finite(0, 2),
    default=0.35,
    show_default=True,
    help="Of the logarithm of the towns' risks, where they differ.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="The same seed plays the same years.",
)
def evaluate_cards(code: str, years: int, cases: float, spread: float, seed: int) -> None:
    """Play years of towns whose risk is known: how often chance alone gives them a card or lists them, under
    plain ways of ranking and under ours.
    """
    from qingdun.evaluate.carding import played
    from qingdun.regions.city import load_city

    city = load_city(code)
    worlds = {"all towns alike": 0.0, f"risks differing (log-normal, {spread:g})": spread}
    with bar("playing years") as told:
        for number, (name, width) in enumerate(worlds.items()):
            part = partial(_part, told, number, len(worlds))
            lines = played(city, width, cases, years, seed, part)
            click.echo("\n".join(_told_of(name, years, lines)))


def _part(told: Callable[[float], None], number: int, of: int, share: float) -> None:
    told((number + share) / of)


def _told_of(world: str, years: int, lines: Sequence[Carded]) -> Iterator[str]:
    yield (
        f"{world}: {years} years; {lines[0].yellow.whole:,} ordinary town-years and "
        f"{lines[0].found.whole:,} high ones. Shares with at least one of it, 95 % intervals\n"
    )
    yield "| way | yellow by chance | red by chance | listed by chance | high towns found |"
    yield "|---|---:|---:|---:|---:|"
    for one in lines:
        cells = " | ".join(_printed(share) for share in (one.yellow, one.red, one.listed, one.found))
        yield f"| {one.policy} | {cells} |"
    yield ""


def _printed(share: Share) -> str:
    sure = share.interval
    if sure is None:
        return "–"
    return f"{100 * share.value:.1f} % ({100 * sure.low:.1f}–{100 * sure.high:.1f})"
