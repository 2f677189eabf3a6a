"""Pages of key-person files: parse, one call, render."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.alerts import queries as alerts_queries
from qingdun.console.care import filing, queries
from qingdun.console.care.models import KeyPerson, Protection, Review
from qingdun.console.care.relatives import Relative
from qingdun.console.kernel.entry import local_time, whole
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import IllegalMove, InputError

PAGE_ROWS = 50
VIEWS = ("open", "late", "mine", "closed")


@require_safe
@login_required
def key_persons(request: HttpRequest) -> HttpResponse:
    """Key-person files of the region picked, the review that is due first on top."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ALERTS)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "open"
    region = request.GET.get("region", "")[:12]
    page = Paginator(queries.key_files(viewer, region, view), PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "view": view,
        "page": page,
        "lines": queries.file_lines(viewer, page.object_list),
        "counts": {one: queries.key_files(viewer, region, one).count() for one in VIEWS[:3]},
    }
    return render(request, "care/key_persons.html", context)


@require_safe
@login_required
def key_person(request: HttpRequest, file_id: int) -> HttpResponse:
    """One file, masked, with everything that is known of the person."""
    viewer = viewer_of(request)
    return render(request, "care/key_person.html", _file(viewer, queries.key_file(viewer, file_id)))


@require_POST
@login_required
def unmask(request: HttpRequest, file_id: int) -> HttpResponse:
    """The same file, legible, after the purpose is on record."""
    viewer = viewer_of(request)
    try:
        file, family = filing.unmask_file(viewer, file_id, request.POST.get("purpose", ""))
    except InputError as error:
        messages.error(request, str(error))
        return redirect("care:key_person", file_id)
    answer = render(request, "care/key_person.html", _file(viewer, file, family))
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@login_required
def act(request: HttpRequest, file_id: int, verb: str) -> HttpResponse:
    """One act on the file."""
    if verb not in ACTS:
        return HttpResponseNotFound()
    try:
        ACTS[verb](viewer_of(request), file_id, request.POST)
    except (InputError, IllegalMove) as refused:
        messages.error(request, str(refused))
    return redirect("care:key_person", file_id)


def _review(viewer: User, file_id: int, form: QueryDict) -> object:
    due_at = local_time(form.get("due_at", ""))
    return filing.review(viewer, file_id, form.get("outlook", ""), form.get("note", ""), due_at)


def _protect(viewer: User, file_id: int, form: QueryDict) -> object:
    consent_at = local_time(form.get("consent_at", ""))
    fields = (form.get("bank", ""), form.get("what", ""), form.get("how", ""))
    return filing.protect(viewer, file_id, *fields, consent_at)


ACTS: dict[str, Callable[[User, int, QueryDict], object]] = {
    "review": _review,
    "protect": _protect,
    "end": lambda viewer, file_id, form: filing.end_protection(
        viewer, whole(form.get("protection", "")) or 0, form.get("reason", "")
    ),
    "officer": lambda viewer, file_id, form: filing.name_officer(
        viewer, file_id, whole(form.get("officer", "")) or 0, form.get("reason", "")
    ),
    "family": lambda viewer, file_id, form: filing.choose_family(viewer, file_id, form.get("relative", "")),
    "close": lambda viewer, file_id, form: filing.close_file(viewer, file_id, form.get("reason", "")),
}


def _file(viewer: User, file: KeyPerson, family: list[Relative] | None = None) -> dict[str, Any]:
    (line,) = queries.file_lines(viewer, [file])
    tasks = list(queries.tasks_of(viewer, file)[:50])
    return {
        "line": line,
        "file": file,
        "unmasked": family is not None,
        "family": family if family is not None else queries.family(viewer, file),
        "tasks": tasks,
        "about": alerts_queries.person(viewer, tasks[0]) if tasks else None,
        "reviews": file.reviews.select_related("by"),
        "protections": file.protections.select_related("by", "ended_by"),
        "officers": queries.officers(viewer, file),
        "outlooks": Review.Outlook.choices,
        "ways": Protection.How.choices,
        "may_work": may(viewer, Permission.WORK_ALERTS) and file.closed_at is None,
        "may_unmask": may(viewer, Permission.UNMASK),
        "now": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
    }
