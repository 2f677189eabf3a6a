"""The page of texts that planes hold for a person, and of one of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.lists import deciding, held, planes
from qingdun.console.lists.acts import back, marked_rows, tell
from qingdun.console.lists.held import Ask
from qingdun.console.lists.models import HeldText
from qingdun.console.lists.queries import PAGE
from qingdun.errors import InputError

_LATELY = 10
_PLANE = "messages"
"""The plane that holds texts."""


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """What is held, in groups, and what was decided lately."""
    viewer, ask = viewer_of(request), Ask.of(request.GET)
    found = Paginator(held.texts(viewer, ask), PAGE).get_page(ask.page)
    counts = held.counts(viewer)
    words = {
        "waiting": _("To review"), "moving": _("On the way"), "done": _("Done with"), "all": _("All"),
    }  # fmt: skip
    standing = {one.name: one for one in planes.standing(viewer, planes.Ask())}
    context = {
        "ask": ask,
        "page": found,
        "groups": [(name, words[name], counts[name], ask.query(name)) for name in held.GROUPS],
        "lately": held.lately(viewer)[:_LATELY],
        "plane": standing[_PLANE],
        "decidable": held.DECIDABLE,
        **_rights(viewer),
    }
    return render(request, "lists/held.html", context)


@require_safe
@login_required
def one(request: HttpRequest, held_id: int) -> HttpResponse:
    """One text, masked, why it is held, what was decided of it and what may be."""
    viewer = viewer_of(request)
    return render(request, "lists/held_text.html", _of(viewer, held.text(viewer, held_id)))


@login_required
def unmask(request: HttpRequest, held_id: int) -> HttpResponse:
    """The same, legible, after the purpose is on record."""
    viewer = viewer_of(request)
    if request.method != "POST":
        return redirect("lists:held_text", held_id)
    try:
        row = deciding.unmask(viewer, held_id, request.POST.get("purpose", ""))
    except InputError as error:
        messages.error(request, str(error))
        return redirect("lists:held_text", held_id)
    return render(request, "lists/held_text.html", _of(viewer, held.text(viewer, held_id), row))


@require_POST
@login_required
def decide(request: HttpRequest) -> HttpResponse:
    """The marked texts are released or dropped, with the reason."""
    viewer, form = viewer_of(request), request.POST
    verb = form.get("verb", "")
    try:
        done = deciding.decide(viewer, marked_rows(form.getlist("text")), verb, form.get("note", ""))
    except InputError as error:
        messages.error(request, str(error))
    else:
        tell(request, done, verb)
    return redirect(back(request, "lists:held"))


def _of(viewer: User, about: HeldText, row: AuditRow | None = None) -> dict[str, Any]:
    return {
        "text": about,
        "row": row,
        "decisions": held.decisions(viewer, about),
        "verbs": held.verbs(viewer, about),
        "now": timezone.now(),
        **_rights(viewer),
    }


def _rights(viewer: User) -> dict[str, Any]:
    return {
        "may_approve": may(viewer, Permission.APPROVE_LISTS),
        "may_unmask": may(viewer, Permission.UNMASK),
    }
