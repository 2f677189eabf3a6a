"""Pages of the chain of responsibility, the leading group, and one post: parse, one call, render."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.command import actions, queries
from qingdun.console.command.codes import GROUP, Standing
from qingdun.console.command.models import Post, Tenure
from qingdun.console.command.sources import BY_CODE
from qingdun.console.command.views import tabs
from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import local_time
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import narrowed, out_of_reach
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.outreach import queries as outreach
from qingdun.errors import InputError


@require_safe
@login_required
def chain(request: HttpRequest) -> HttpResponse:
    """Who answers for the place picked at a moment, up to the city; and for each place below it."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_COMMAND)
    place = narrowed(viewer, request.GET.get("region", "")[:12])
    at = local_time(request.GET.get("at", "")) or timezone.now()
    below = list(regions(viewer).filter(parent=place)) if place else []
    here = place.path if place else ""
    standing = queries.answering(viewer, [here, *(one.path for one in below)], at)
    context = {
        "place": place,
        "at": at,
        "chain": standing.get(here, []),
        "below": [(one, [t for t in standing[one.path] if t.post.region_path == one.path]) for one in below],
        "grids": _grids(viewer, place, at),
        "may_work": may(viewer, Permission.WORK_COMMAND),
        **tabs("chain"),
    }
    return render(request, "command/chain.html", context)


@require_safe
@login_required
def group(request: HttpRequest) -> HttpResponse:
    """The leading group: its posts with who holds them, and its member units."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_COMMAND)
    today = timezone.localdate()
    units = outreach.units(viewer).exclude(joined_on=None).filter(joined_on__lte=today)
    context = {
        "posts": queries.posts(viewer).filter(kind__in=GROUP),
        "units": units.exclude(left_on__lte=today),
        "may_work": may(viewer, Permission.WORK_COMMAND),
        **tabs("group"),
    }
    return render(request, "command/group.html", context)


@require_safe
@login_required
def post(request: HttpRequest, post_id: int) -> HttpResponse:
    """One post: who stands at it, who is away, and everybody who has held it."""
    viewer = viewer_of(request)
    about = queries.post(viewer, post_id)
    now = timezone.now()
    history = list(queries.tenures(viewer).filter(post=about))
    current = [one for one in history if one.until is None or one.until > now]
    absences = queries.absences(viewer).filter(tenure__post=about)
    away = {one.tenure_id for one in absences if one.since <= now < one.until}
    turn = sorted(current, key=lambda one: (one.standing != Standing.HOLDER, one.rank, -one.pk))
    began = [one for one in turn if one.since <= now]
    context = {
        "post": about,
        "current": turn,
        "away": away,
        "acting": next((one for one in began if one.pk not in away), None),
        "absences": absences[:20],
        "past": [one for one in history if one not in current],
        "now": now,
        "kinds": {code: one.word for code, one in BY_CODE.items()},
        "may_keep": about.closed_on is None
        and may(viewer, Permission.WORK_COMMAND) and actions.above(viewer, about.region_path),
        "mine": {one.pk for one in current if one.account_id == viewer.pk},
        **tabs("posts"),
    }  # fmt: skip
    return render(request, "command/post.html", context)


@require_POST
@login_required
def act(request: HttpRequest, post_id: int, verb: str) -> HttpResponse:
    """One act at a post; what is refused is said on its page."""
    viewer = viewer_of(request)
    if verb not in ACTS:
        raise out_of_reach()
    with telling(request):
        ACTS[verb](viewer, post_id, request.POST)
    return redirect("command:post", post_id)


def _away(actor: User, _post_id: int, typed: Any) -> None:
    since, until = local_time(typed.get("since", "")), local_time(typed.get("until", ""))
    if since is None or until is None:
        raise InputError(_("Expected from when to when, such as 2026-06-17 15:29."))
    reason = typed.get("reason", "").strip()[:100]
    if not reason:
        raise InputError(_("Say why."))
    actions.record_absence(actor, _ident(typed), since, until, reason)


ACTS: dict[str, Callable[[User, int, Any], object]] = {
    "end": lambda actor, _post, typed: actions.end_tenure(actor, _ident(typed)),
    "away": _away,
    "back": lambda actor, _post, typed: actions.end_absence(actor, _ident(typed)),
    "close": lambda actor, post_id, typed: actions.close_post(actor, post_id, typed.get("reason", "")),
}


def _ident(typed: Any) -> int:
    text = typed.get("id", "")
    return int(text[:18]) if text.isdecimal() else 0


def _grids(viewer: User, place: Region | None, at: dt.datetime) -> list[tuple[Post, Tenure | None]]:
    """The heads of grids of a village."""
    if place is None or place.level != Region.Level.VILLAGE:
        return []
    found = queries.posts(viewer, place.code).filter(region_path=place.path).exclude(grid=None)
    each = []
    for one in found:
        heads = queries.answering(viewer, [place.path], at, one.grid_id)[place.path]
        each.append((one, next((head for head in heads if head.post_id == one.pk), None)))
    return each
