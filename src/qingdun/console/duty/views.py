"""Pages of the module: parse, one call, render."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages as said
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.duty import actions, queries
from qingdun.console.duty.posts import monday_of
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import InputError, QingdunError

PAGE = 20


@require_safe
@login_required
def now(request: HttpRequest) -> HttpResponse:
    """Who is on duty now at every post of the region, and who was called last."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ALERTS)
    posts = queries.on_duty_now(viewer, request.GET.get("region", ""))
    manned = sum(bool(post.officers) for post in posts)
    only = request.GET.get("only") == "empty"
    context = {
        "posts": [post for post in posts if not (only and post.officers)],
        "only": only,
        "manned": manned,
        "empty": len(posts) - manned,
        "total": len(posts),
        "calls": queries.calls(viewer)[:10],
    }
    return render(request, "duty/now.html", context)


@require_safe
@login_required
def own_roster(request: HttpRequest) -> HttpResponse:
    """The roster of the viewer's own organisation, or the first they see."""
    viewer = viewer_of(request)
    seen = queries.organisations(viewer)
    own = seen.filter(pk=viewer.organisation_id or 0).first() or seen.filter(region=viewer.region).first()
    if own is None:
        return render(request, "kernel/nothing.html")
    return redirect("duty:roster", own.code)


@require_safe
@login_required
def roster(request: HttpRequest, code: str) -> HttpResponse:
    """One week of one organisation."""
    viewer = viewer_of(request)
    post = queries.organisation(viewer, code)
    monday = _monday(request.GET)
    context = {
        "post": post,
        "posts": queries.organisations(viewer),
        "days": queries.week(viewer, code, monday),
        "monday": monday,
        "sunday": monday + dt.timedelta(days=6),
        "before": monday - dt.timedelta(days=7),
        "after": monday + dt.timedelta(days=7),
        "today": timezone.localdate(),
        "now": timezone.now(),
        "officers": queries.officers(viewer, code),
        "may_write": queries.may_write(viewer, post),
    }
    return render(request, "duty/roster.html", context)


@require_POST
@login_required
def roster_act(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """One act on a roster: add, remove, copy, number."""
    viewer, form = viewer_of(request), request.POST
    monday = _monday(form)
    try:
        if act == "add":
            _add(viewer, code, form)
        elif act == "remove":
            actions.remove_shift(viewer, _whole(form.get("shift")))
        elif act == "copy":
            copied = actions.copy_week(viewer, code, monday)
            words = ngettext("%(count)d shift copied.", "%(count)d shifts copied.", copied)
            said.info(request, words % {"count": copied})
        elif act == "number":
            actions.set_number(viewer, code, _whole(form.get("officer")), form.get("number", ""))
        else:
            raise Http404
    except QingdunError as error:
        said.error(request, str(error))
    return redirect(f"{reverse('duty:roster', args=[code])}?week={monday.isoformat()}")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def handover_list(request: HttpRequest) -> HttpResponse:
    """Hand-overs, and the form for the next one."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ALERTS)
    posts = [post for post in queries.organisations(viewer) if queries.may_write(viewer, post)]
    wanted = request.POST.get("post") or request.GET.get("post", "")
    chosen = next((one for one in posts if one.code == wanted), None)
    if chosen is None:
        own = [one for one in posts if one.pk == viewer.organisation_id or one.region_id == viewer.region_id]
        chosen = next(iter([*own, *posts]), None)
    if request.method == "POST" and chosen:
        try:
            actions.open_handover(
                viewer, chosen.code, _whole(request.POST.get("taker")), request.POST.get("notes", "")
            )
            return redirect("duty:handovers")
        except QingdunError as error:
            said.error(request, str(error))
    context = {
        "posts": posts,
        "chosen": chosen,
        "notes": request.POST.get("notes", ""),
        "colleagues": [one for one, _number in queries.officers(viewer, chosen.code) if one.pk != viewer.pk]
        if chosen
        else [],
        "open_tasks": queries.open_tasks(viewer, chosen.code) if chosen else [],
        "page": Paginator(queries.handovers(viewer), PAGE).get_page(request.GET.get("page")),
        "may_work": may(viewer, Permission.WORK_ALERTS),
    }
    return render(request, "duty/handovers.html", context)


@require_POST
@login_required
def confirm(request: HttpRequest, handover_id: int) -> HttpResponse:
    """The viewer has taken over."""
    try:
        actions.confirm_handover(viewer_of(request), handover_id)
    except QingdunError as error:
        said.error(request, str(error))
    return redirect("duty:handovers")


def _add(viewer: User, code: str, form: QueryDict) -> None:
    try:
        day = dt.date.fromisoformat(form.get("day", ""))
        first, last = (dt.time.fromisoformat(form.get(name, "")) for name in ("from", "to"))
    except ValueError as error:
        raise InputError(_("Give the day and both times.")) from error
    zone = timezone.get_current_timezone()
    starts_at = dt.datetime.combine(day, first, zone)
    # A time that is not after the first belongs to the next morning.
    ends_at = dt.datetime.combine(day + dt.timedelta(days=last <= first), last, zone)
    position = _whole(form.get("position"))
    actions.add_shift(viewer, code, _whole(form.get("officer")), starts_at, ends_at, position)


def _monday(query: QueryDict) -> dt.date:
    """The week asked for, or this one."""
    try:
        day = dt.date.fromisoformat(query.get("week", ""))
    except ValueError:
        day = dt.date.min
    return monday_of(day if 2000 <= day.year < 2100 else timezone.localdate())


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 12 else 0
