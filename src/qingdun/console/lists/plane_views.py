"""The page of all planes, and the rows behind its numbers."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.lists import changes, held, planes, queries, rules
from qingdun.console.lists.masks import private_numbers
from qingdun.console.lists.models import Entry
from qingdun.console.lists.planes import Ask
from qingdun.console.lists.queries import PAGE

_TOP = 10
_LATEST = 5


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Where each plane stands, and what all have met."""
    viewer, ask = viewer_of(request), Ask.of(request.GET)
    hours, standing = planes.hours(viewer, ask), planes.standing(viewer, ask)
    released = list(planes.released(viewer, wrong=False)[:_LATEST])
    top = list(planes.met(viewer, ask)[:_TOP])
    context = {
        "ask": ask,
        "windows": planes.WINDOWS,
        "names": planes.NAMES.items(),
        "standing": standing,
        "head": changes.head(),
        "any": any(one.told or one.observed or one.blocked for one in standing),
        "hours": hours,
        "points": json.dumps([_point(ask, one) for one in hours]),
        "sums": (sum(one.observed for one in hours), sum(one.blocked for one in hours)),
        "types": planes.by_type(viewer, ask),
        "detectors": planes.by_detector(viewer, ask),
        "modes": planes.modes(viewer),
        "held": held.counts(viewer),
        "week": planes.week(viewer),
        "released": [(one, "put_back" in _verbs(viewer, one)) for one in released],
        "now": timezone.now(),
        "within": rules.put_back_within().total_seconds() // 60,
        **_rows(viewer, top, released),
    }
    return render(request, "lists/planes.html", context)


@require_safe
@login_required
def changes_page(request: HttpRequest) -> HttpResponse:
    """The changes of the lists that a plane does not hold yet, or all of them."""
    viewer, ask = viewer_of(request), Ask.of(request.GET)
    found = Paginator(planes.missing(viewer, ask.plane), PAGE).get_page(ask.page)
    private = private_numbers([one.entry for one in found.object_list])
    context = {"ask": ask, "names": planes.NAMES.items(), "page": found, "private": private}
    return render(request, "lists/changes.html", context)


@require_safe
@login_required
def met(request: HttpRequest) -> HttpResponse:
    """The entries behind a number of what was met."""
    viewer, ask = viewer_of(request), Ask.of(request.GET)
    found = Paginator(planes.met(viewer, ask), PAGE).get_page(ask.page)
    hour = next((one for one in planes.hours(viewer, ask) if one.key == ask.at), None)
    return render(request, "lists/met.html", {"ask": ask, "hour": hour, **_listing(viewer, found)})


@require_safe
@login_required
def released(request: HttpRequest) -> HttpResponse:
    """The entries of this week's releases, or of its false blocks alone."""
    viewer, wrong = viewer_of(request), request.GET.get("wrong") == "1"
    found = Paginator(planes.released(viewer, wrong), PAGE).get_page(request.GET.get("page"))
    context = {"wrong": wrong, "page": found, "private": private_numbers(found.object_list)}
    return render(request, "lists/released.html", context)


def _listing(viewer: User, found: Page[Entry]) -> dict[str, Any]:
    return {"page": found, **_rows(viewer, list(found.object_list))}


def _rows(viewer: User, shown: list[Entry], others: list[Entry] | None = None) -> dict[str, Any]:
    said = planes.detectors(viewer, (one.pk for one in shown))
    return {
        "rows": [(one, said.get(one.pk, [])) for one in shown],
        "private": private_numbers([*shown, *(others or [])]),
        "may_approve": may(viewer, Permission.APPROVE_LISTS),
    }


def _verbs(viewer: User, entry: Entry) -> set[str]:
    return {move.verb for move in queries.open_moves(viewer, entry)}


def _point(ask: Ask, one: planes.Hour) -> list[str | int]:
    local = timezone.localtime(one.at)
    form = "%H:%M" if ask.hours <= planes.WINDOWS[0] else "%m-%d %H:%M"
    return [local.strftime(form), one.blocked, one.observed, ask.query(at=one.key)]
