"""The dashboard: parse, one call, render."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from qingdun.console.command import board as boards
from qingdun.console.command import wall as wall_tables
from qingdun.console.command.figures import BY_CODE, TREND, usable
from qingdun.console.command.views import tabs
from qingdun.console.kernel.entry import calendar_day
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.table_pages import table_page
from qingdun.console.kernel.tables import Ask
from qingdun.console.kernel.viewer import viewer_of

PRESETS = {
    "month": _("This month"), "last": _("Last month"), "quarter": _("90 days"), "year": _("This year"),
}  # fmt: skip


@require_safe
@login_required
def wall(request: HttpRequest, code: str) -> HttpResponse:
    """The rows behind a figure of the wall; each opens for who may open it."""
    viewer, shown = viewer_of(request), wall_tables.TABLES.get(code)
    require(viewer, Permission.SEE_WALL)
    if shown is None:
        raise out_of_reach()
    own = None if may(viewer, Permission.SEE_ALERTS) else lambda _row: ""
    page = table_page(request, shown, f"command.wall.{code}", own)
    return render(request, "command/wall_rows.html", page.context, status=page.status)


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The dashboard of the region picked."""
    viewer, asked = viewer_of(request), request.GET
    since, until = calendar_day(asked.get("since", "")), calendar_day(asked.get("until", ""))
    trend = asked.get("trend", "")
    found = boards.board(viewer, Ask(asked.get("region", "")[:12], since, until), trend)
    may_read = {tile.figure.code for tile in usable(viewer)}
    context = {
        "board": found,
        "presets": [(PRESETS[code], period) for code, period in boards.presets()],
        "trends": [BY_CODE[code] for code in TREND if code in may_read],
        **tabs("home"),
    }
    return render(request, "command/board.html", context)
