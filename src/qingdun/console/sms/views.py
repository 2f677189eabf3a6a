"""Pages of the module: parse, one call, render."""

from __future__ import annotations

from django.contrib import messages as said
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.alerts import queries as alerts
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.sms import actions, queries
from qingdun.console.sms.codes import Kind, MessageState
from qingdun.console.sms.configured import gateway_name
from qingdun.console.sms.queries import PAGE, Filters
from qingdun.console.sms.wording import FIELDS
from qingdun.errors import QingdunError


@require_safe
@login_required
def message_list(request: HttpRequest) -> HttpResponse:
    """Messages with their states, filtered by what the address says."""
    viewer, filters = viewer_of(request), Filters.of(request.GET)
    require(viewer, Permission.SEE_ALERTS)
    counts = queries.state_counts(viewer, filters)
    context = {
        "filters": filters,
        "page": Paginator(queries.messages(viewer, filters), PAGE).get_page(request.GET.get("page")),
        "states": [(code, word, counts[code]) for code, word in MessageState.choices],
        "total": sum(counts.values()),
        "kinds": Kind.choices,
        "gateway": gateway_name(),
        "now": timezone.now(),
        "may_undo": may(viewer, Permission.WORK_ALERTS),
        "may_resend": may(viewer, Permission.REVIEW_ALERTS),
    }
    return render(request, "sms/messages.html", context)


@require_safe
@login_required
def text_list(request: HttpRequest) -> HttpResponse:
    """Every text in use as a phone would show it."""
    previews = queries.texts(viewer_of(request))
    kinds = [(word, [one for one in previews if one.template.kind == code]) for code, word in Kind.choices]
    return render(request, "sms/texts.html", {"kinds": [kind for kind in kinds if kind[1]]})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def text_page(request: HttpRequest, code: str) -> HttpResponse:
    """One text with its versions; what is posted becomes the next one."""
    viewer = viewer_of(request)
    context: dict[str, object] = {}
    if request.method == "POST":
        form = request.POST
        try:
            version = int(form["version"]) if form.get("version", "").isdecimal() else 0
            actions.edit_text(viewer, code, form.get("text", ""), version, form.get("purpose", ""))
        except QingdunError as error:
            context = {"error": str(error), "text": form.get("text", ""), "purpose": form.get("purpose", "")}
        else:
            said.success(request, _("The new version is in use from now on."))
            return redirect("sms:text", code)
    found = queries.versions(viewer, code)
    if not found:
        raise Http404
    context = {
        "text": found[0].template.text_zh,
        "versions": found,
        "current": found[0],
        "fields": [f"{{{name}}}" for name in FIELDS[Kind(found[0].template.kind)]],
        "may_edit": may(viewer, Permission.DISPATCH_CITY),
    } | context
    return render(request, "sms/text.html", context, status=422 if "error" in context else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def opt_out_list(request: HttpRequest) -> HttpResponse:
    """Numbers that want no education; one can be put in or taken out."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_ALERTS)
    if request.method == "POST":
        form = request.POST
        act = actions.opt_in if form.get("act") == "in" else actions.opt_out
        try:
            act(viewer, form.get("number", ""), form.get("purpose", ""))
        except QingdunError as error:
            said.error(request, str(error))
        return redirect("sms:opt_outs")
    return render(request, "sms/opt_outs.html", {"rows": queries.opt_outs(viewer)})


@require_safe
@login_required
def demo_phone(request: HttpRequest) -> HttpResponse:
    """What the demo gateway would have sent."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ALERTS)
    return render(request, "sms/demo.html", {"rows": queries.demo_phones(viewer), "gateway": gateway_name()})


@require_safe
@login_required
def of_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """The messages of one task, a part of the page of the task."""
    viewer = viewer_of(request)
    task = alerts.task(viewer, task_id)
    context = {
        "task": task,
        "rows": queries.messages(viewer, Filters(task=task.pk)),
        "now": timezone.now(),
        "may_warn": may(viewer, Permission.WORK_ALERTS) and task.closed_at is None,
    }
    return render(request, "sms/_of_task.html", context)


@require_POST
@login_required
def warn(request: HttpRequest, task_id: int) -> HttpResponse:
    """The person of the task is warned."""
    try:
        actions.warn(viewer_of(request), task_id)
        said.success(request, _("The warning goes in five seconds; until then it can be taken back."))
    except QingdunError as error:
        said.error(request, str(error))
    return _back(request)


@require_POST
@login_required
def undo(request: HttpRequest, message_id: int) -> HttpResponse:
    """The message is taken back."""
    try:
        actions.undo(viewer_of(request), message_id)
    except QingdunError as error:
        said.error(request, str(error))
    return _back(request)


@require_POST
@login_required
def resend(request: HttpRequest, message_id: int) -> HttpResponse:
    """The failed message is queued again."""
    try:
        actions.resend(viewer_of(request), message_id)
    except QingdunError as error:
        said.error(request, str(error))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the page the form was sent from, if it is one of ours."""
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return redirect(address)
    return redirect("sms:messages")
