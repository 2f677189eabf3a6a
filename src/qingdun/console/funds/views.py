"""Pages of stop-payment orders, and of accounts entered late: parse, one call, render."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.alerts import queries as alerts
from qingdun.console.cases import queries as cases
from qingdun.console.funds import actions, queries, rules, tables, tracing, unfounded
from qingdun.console.funds.actions import StopForm
from qingdun.console.funds.freeze_views import noticed, papers
from qingdun.console.funds.models import Movement
from qingdun.console.funds.moves import BY_VERB
from qingdun.console.kernel.entry import amount_fen, local_time, whole
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.table_pages import table_file, table_page
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import IllegalMove, InputError


@require_safe
@login_required
def stops(request: HttpRequest) -> HttpResponse:
    """Stop-payment orders of the region picked, and the first-level accounts that are to be entered."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ALERTS)
    page = table_page(request, tables.STOPS, "funds.stops")
    context = {
        **page.context,
        "may_enter": may(viewer, Permission.WORK_ALERTS),
        "to_enter": tracing.to_enter(viewer, timezone.now()),
        "entry_min": rules.limit("entry_min"),
        "notices": noticed(request),
    }
    return render(request, "funds/stops.html", context, status=page.status)


@require_safe
@login_required
def lapses(request: HttpRequest) -> HttpResponse:
    """Losses whose first-level account was not entered in time."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ALERTS)
    page = table_page(request, tables.LAPSES, "funds.lapses", tables.incident_address)
    context = {**page.context, "entry_min": rules.limit("entry_min"), "notices": noticed(request)}
    return render(request, "funds/lapses.html", context, status=page.status)


@require_POST
@login_required
def file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The rows of a table as CSV or XLSX, masked; that they left is on record."""
    table = tables.TABLES.get(code)
    if table is None:
        raise out_of_reach()
    trusted = code in ("freezes", "refunds")
    require(viewer_of(request), Permission.TRACE_FUNDS if trusted else Permission.SEE_ALERTS)
    return table_file(request, table, f"funds.{code}")


@require_safe
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """What the viewer is told, alone: for a page that is open."""
    context = {"notices": noticed(request), "alone": True}
    return render(request, "funds/_notices.html", context)


@require_POST
@login_required
def see(request: HttpRequest, notice_id: int) -> HttpResponse:
    """The notice has been seen."""
    actions.see_notice(viewer_of(request), notice_id)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if safe else "funds:stops")


@require_POST
@login_required
def unfound(request: HttpRequest, incident_id: int) -> HttpResponse:
    """Whatever was stopped and frozen for the incident is released at once."""
    try:
        done = unfounded.release_unfounded(viewer_of(request), incident_id, request.POST.get("note", ""))
    except (InputError, IllegalMove) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request,
            _("Stops released: %(stops)d. Freezes released: %(freezes)d, lessened: %(lessened)d.")
            % done._asdict(),
        )
    return redirect(f"{reverse('funds:trace')}?incident={incident_id}")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enter(request: HttpRequest) -> HttpResponse:
    """The form of one order, about `?task=ID` or `?incident=ID`."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_ALERTS)
    asked = {name: request.POST.get(name) or request.GET.get(name, "") for name in ("task", "incident")}
    task_id, incident_id = whole(asked["task"]), whole(asked["incident"])
    task = alerts.task(viewer, task_id) if task_id is not None else None
    incident = cases.incident(viewer, incident_id) if incident_id is not None else None
    movement = _movement(viewer, request)
    error = ""
    if request.method == "POST":
        try:
            stop = actions.request_stop(viewer, _form(request.POST, task_id, incident_id, movement))
            return redirect("funds:stop", stop.pk)
        except (InputError, IllegalMove) as refused:
            error = str(refused)
    context = {
        "error": error,
        "task": task,
        "incident": incident,
        "movement": movement,
        "row": alerts.rows(viewer, [task])[0] if task else None,
        "typed": request.POST,
        "key": request.POST.get("key") or uuid.uuid4().hex,
        "now": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
        "hold_h": rules.hold_h(),
        "most": rules.most_per_account(),
    }
    return render(request, "funds/enter.html", context, status=422 if error else 200)


@require_safe
@login_required
def stop(request: HttpRequest, stop_id: int) -> HttpResponse:
    """One order, masked, with what may be done."""
    viewer = viewer_of(request)
    about = queries.stop(viewer, stop_id)
    context = {
        "stop": about,
        "moves": queries.open_moves(viewer, about),
        "documents": papers(request, stop=about.pk),
        "may_unmask": may(viewer, Permission.UNMASK),
        "now": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
    }
    return render(request, "funds/stop.html", context)


@require_POST
@login_required
def act(request: HttpRequest, stop_id: int, verb: str) -> HttpResponse:
    """One move of the table, or `unmask`."""
    viewer, note = viewer_of(request), request.POST.get("note", "")
    try:
        if verb == "unmask":
            about = actions.unmask_stop(viewer, stop_id, note)
            shown = {"stop": about, "moves": queries.open_moves(viewer, about), "unmasked": True}
            shown |= {
                "documents": papers(request, stop=about.pk),
                "now": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
            }
            answer = render(request, "funds/stop.html", shown)
            answer["Cache-Control"] = "no-store"
            return answer
        at = local_time(request.POST.get("at", ""))
        actions.move(viewer, stop_id, verb if verb in BY_VERB else "", note, at)
    except (InputError, IllegalMove) as refused:
        messages.error(request, str(refused))
    return redirect("funds:stop", stop_id)


def _movement(viewer: User, request: HttpRequest) -> Movement | None:
    """The movement an order is made out about, if one is named: then nobody types its account."""
    found = whole(request.POST.get("movement") or request.GET.get("movement", ""))
    return queries.movement(viewer, found) if found is not None else None


def _form(
    form: QueryDict, task_id: int | None, incident_id: int | None, movement: Movement | None
) -> StopForm:
    if movement is not None:
        return StopForm(
            key=(form.get("key") or uuid.uuid4().hex)[:64],
            account_name=movement.payee_name or form.get("account_name", ""),
            account=movement.payee, amount_fen=movement.amount_fen, paid_at=movement.at,
            bank=movement.payee_bank or form.get("bank", "")[:64], task=task_id, incident=incident_id,
        )  # fmt: skip
    at, amount = local_time(form.get("paid_at", "")), amount_fen(form.get("amount", ""))
    if at is None:
        raise InputError(_("Say when it was paid."))
    if amount is None:
        raise InputError(_("Say how much was paid."))
    return StopForm(
        key=(form.get("key") or uuid.uuid4().hex)[:64], account_name=form.get("account_name", ""),
        account=form.get("account", ""), amount_fen=amount, paid_at=at, bank=form.get("bank", "")[:64],
        task=task_id, incident=incident_id,
    )  # fmt: skip
