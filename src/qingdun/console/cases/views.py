"""The form of an incident: parse, one call, render."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.cases import actions, retracting_incidents
from qingdun.console.cases.actions import IncidentForm
from qingdun.console.kernel import queries as kernel_queries
from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import amount_fen, e164, local_time, whole
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import Region
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.submissions import new_key, stamp
from qingdun.console.kernel.viewer import viewer_of
from qingdun.contract.codes import scam_types


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enter(request: HttpRequest) -> HttpResponse:
    """The form of one incident; `?task=ID` takes person and place from the task."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_ALERTS)
    task_id = whole(request.POST.get("task") or request.GET.get("task", ""))
    task = alerts.task(viewer, task_id) if task_id is not None else None
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            incident = actions.report_incident(viewer, _form(request.POST, task_id))
            if "stop" in request.POST:
                return redirect(f"{reverse('funds:enter')}?incident={incident.pk}")
            return redirect("cases:incidents")
        except FieldFaults as wrong:
            faults = wrong.faults
    context = {
        "faults": faults,
        "task": task,
        "row": alerts.rows(viewer, [task])[0] if task else None,
        "typed": request.POST,
        "key": request.POST.get("key") or new_key(),
        "now": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
        "types": [(code, scam_type_label(code)) for code in scam_types().names],
        "type": request.POST.get("type") or (task.scam_type if task else ""),
        "loss": request.POST.get("loss", ""),
        "regions": kernel_queries.regions(viewer).exclude(level=Region.Level.VILLAGE),
    }
    return render(request, "cases/enter.html", context, status=422 if faults else 200)


@require_POST
@login_required
def retract(request: HttpRequest, incident_id: int) -> HttpResponse:
    """An incident that was entered by mistake is taken back, or asked to be; a second person agrees, or keeps
    it.
    """
    viewer, verb, reason = viewer_of(request), request.POST.get("verb", ""), request.POST.get("reason", "")
    with telling(request):
        if verb == "agree":
            retracting_incidents.agree(viewer, incident_id)
        elif verb == "keep":
            retracting_incidents.keep(viewer, incident_id, reason)
        else:
            retracting_incidents.take_back(viewer, incident_id, reason)
    return redirect("cases:incident", incident_id)


def _form(form: QueryDict, task_id: int | None) -> IncidentForm:
    """What was typed. Errors: FieldFaults."""
    at = local_time(form.get("reported_at", ""))
    loss = amount_fen(form.get("loss", ""))
    number = e164(form.get("number", "")) or ""
    faults = {}
    if at is None:
        faults["reported_at"] = _("Say when it was reported.")
    if loss is None:
        faults["loss"] = _("Say how much was lost, in yuan; 0 if nothing.")
    if task_id is None and not number:
        faults["number"] = _("Type the number of the person who reported.")
    if at is None or loss is None or faults:
        raise FieldFaults(faults)
    typed = {name: form.get(name, "") for name in form if name not in ("csrfmiddlewaretoken", "stop")}
    return IncidentForm(
        key=stamp(form.get("key") or new_key(), typed), reported_at=at, scam_type=form.get("type", ""),
        loss_fen=loss,
        how=form.get("how", "").strip()[:4000], task=task_id, number=number,
        region=form.get("region", "")[:12],
    )  # fmt: skip
