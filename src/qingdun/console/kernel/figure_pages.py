"""The page of a module's figures: each in a place and period, and each number leads to its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from qingdun.console.kernel.entry import calendar_day
from qingdun.console.kernel.models import User
from qingdun.console.kernel.scope import narrowed
from qingdun.console.kernel.tables import Ask
from qingdun.console.kernel.viewer import viewer_of


def figure_page(
    request: HttpRequest,
    counted: Callable[[User, Ask], object],
    template: str,
    more: Mapping[str, Any],
    since: dt.date | None = None,
) -> HttpResponse:
    """What `counted` finds in the place and period of the address, as `figures`; from `since` and up to today
    where the address names no day.
    """
    viewer, asked = viewer_of(request), request.GET
    days = calendar_day(asked.get("since", "")) or since, calendar_day(asked.get("until", ""))
    ask = Ask(asked.get("region", "")[:12], days[0], days[1] or timezone.localdate())
    context = {"figures": counted(viewer, ask), "ask": ask, "place": narrowed(viewer, ask.region), **more}
    return render(request, template, context)


def this_year() -> dt.date:
    """The year's first day."""
    return timezone.localdate().replace(month=1, day=1)
