"""The few figures of a dashboard: what each counts, over exactly the rows its link shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db.models import Count, Sum
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.command.behind import BEHIND
from qingdun.console.command.tables import TABLES
from qingdun.console.kernel.figures import Figure, address, reading
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.tables import Ask, Table

P = Permission


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure on the dashboard, and for whom."""

    figure: Figure
    permission: Permission
    better: str = ""
    """Whether `more` or `less` of it is better; '' if neither."""
    standing: bool = False
    """Whether it is of the moment, and not of a period."""
    unless: Permission | None = None
    """Who has something better to read."""
    by_place: bool = True
    """Whether places below are compared by it."""

    @property
    def money(self) -> bool:
        """Whether it is fen."""
        return self.figure.total.endswith("_fen")

    @property
    def table(self) -> Table:
        """Where its rows stand."""
        return rows_of(self.figure.table)


TILES: tuple[Tile, ...] = (
    Tile(Figure("incidents", _("Incidents"), _("Reported in the period"), "incidents"), P.SEE_WALL, "less"),
    Tile(
        Figure("loss", _("Loss"), _("Sum over these incidents"), "incidents", total="loss_fen"),
        P.SEE_WALL, "less",
    ),
    Tile(
        Figure("ranked", _("Cases"), _("Of the month of the latest ranking, with a loss"), "ranked"),
        P.SEE_ASSESSMENT, standing=True, unless=P.SEE_WALL,
    ),
    Tile(
        Figure("ranked_loss", _("Loss"), _("Sum over these cases"), "ranked", total="loss_fen"),
        P.SEE_ASSESSMENT, standing=True, unless=P.SEE_WALL,
    ),
    Tile(
        Figure("dissuaded", _("People dissuaded"), _("Of the tasks that came in"), "dissuaded"),
        P.SEE_WALL, "more",
    ),
    Tile(
        Figure("avoided", _("Loss avoided"), _("Of these, as officers entered it"), "dissuaded",
               total="loss_avoided_fen"),
        P.SEE_WALL, "more",
    ),
    Tile(
        Figure("stopped", _("Payments stopped"), _("Sum of the orders that banks carried out"), "stopped",
               total="amount_fen"),
        P.SEE_WALL, "more",
    ),
    Tile(
        Figure("frozen", _("Money frozen"), _("Sum of what banks froze"), "frozen", total="amount_fen"),
        P.TRACE_FUNDS, "more",
    ),
    Tile(
        Figure("registered", _("Registrations of the app"), _("Registrations, which are no persons"),
               "registered", total="installed"),
        P.SEE_OUTREACH, "more",
    ),
    Tile(
        Figure("cards", _("Cards and listings in force"), _("Now"), "cards"),
        P.SEE_ASSESSMENT, "less", standing=True,
    ),
    Tile(
        Figure("late", _("Undertakings overdue"), _("Now"), "undertakings", {"late": "1"}),
        P.SEE_COMMAND, "less", standing=True,
    ),
    Tile(
        Figure("accepted", _("Undertakings accepted"), _("Of all that stand"), "undertakings",
               {"state": "accepted"}),
        P.SEE_COMMAND, "more", standing=True, by_place=False,
    ),
    Tile(
        Figure("nobody", _("Posts with nobody there"), _("Of the chain, now"), "posts",
               {"body": "chain", "filled": "nobody"}),
        P.SEE_COMMAND, "less", standing=True, by_place=False,
    ),
)  # fmt: skip
BY_CODE = {tile.figure.code: tile for tile in TILES}
TREND = ("incidents", "loss", "dissuaded", "stopped", "registered", "frozen", "avoided")
"""Figures whose months can be drawn."""
RATED = pgettext_lazy("of a place", "per 10,000")


def rows_of(code: str) -> Table:
    """The table of that code, a ledger's or one behind a figure."""
    return TABLES.get(code) or BEHIND[code]


def usable(user: User) -> Iterator[Tile]:
    """The tiles somebody may read."""
    for tile in TILES:
        if may(user, tile.permission) and not (tile.unless and may(user, tile.unless)):
            yield tile


def asked(tile: Tile, ask: Ask) -> Ask:
    """What its rows are asked: those of the moment know no period."""
    period = Ask(ask.region) if tile.standing else ask
    return replace(period, picks=tile.figure.picks)


def valued(user: User, tile: Tile, ask: Ask) -> int:
    """The figure over its rows; money in fen."""
    return reading(tile.figure, tile.table.rows(user, asked(tile, ask)))


def link(tile: Tile, ask: Ask) -> str:
    """Where exactly these rows are."""
    return address(tile.figure, asked(tile, ask), "command:table")


def by_place(user: User, tile: Tile, ask: Ask, depth: int) -> dict[str, int]:
    """The figure of each place whose path is so long, in one grouped statement."""
    found = tile.table.rows(user, asked(tile, ask)).order_by()
    grouped = found.annotate(below=Substr("region_path", 1, depth)).values("below")
    counted = Sum(tile.figure.total) if tile.figure.total else Count("pk")
    return {row["below"]: int(row["value"] or 0) for row in grouped.annotate(value=counted)}
