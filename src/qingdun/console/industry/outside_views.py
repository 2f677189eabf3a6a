"""Pages for people outside the house, who log in to nothing: appeal against the block of a site, and read the
answer by the receipt.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from qingdun.console.industry import rules
from qingdun.console.industry.outside import Plea, appeal_by_receipt, appeal_from_outside
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.origin import client_ip
from qingdun.console.kernel.submissions import KEY, new_key
from qingdun.errors import NotPermitted, TooOften

FIELDS = ("host", "appellant", "text")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest) -> HttpResponse:
    """The form; once it was sent without a fault, the page of its receipt."""
    asked = request.POST if request.method == "POST" else request.GET
    faults: dict[str, str] = {}
    status, wait_s = 200, 0
    if request.method == "POST":
        host, appellant, text = (request.POST.get(name, "")[:2000] for name in FIELDS)
        plea = Plea(host, appellant, text, client_ip(request), request.POST.get(KEY, "")[:64])
        try:
            return redirect("industry:outside_answer", appeal_from_outside(plea).written_receipt)
        except FieldFaults as wrong:
            faults, status = wrong.faults, 422
        except TooOften as refused:
            faults, status, wait_s = {"": str(refused)}, 429, refused.wait_s
    elif receipt := request.GET.get("receipt", "").strip():
        try:
            return redirect("industry:outside_answer", appeal_by_receipt(receipt).written_receipt)
        except NotPermitted as unknown:
            faults, status = {"receipt": str(unknown)}, 422
    context = {
        "typed": {name: asked.get(name, "") for name in (*FIELDS, "receipt")},
        "faults": faults,
        "other_fault": faults.get("", ""),
        "key": request.POST.get(KEY, "") or new_key(),
    }
    page = _form(request, context, status)
    if wait_s:
        page["Retry-After"] = str(wait_s)
    return page


@never_cache
@require_safe
def answer(request: HttpRequest, receipt: str) -> HttpResponse:
    """What became of the appeal, to whoever has its receipt."""
    try:
        return render(request, "industry/outside_answer.html", {"appeal": appeal_by_receipt(receipt)})
    except NotPermitted as unknown:
        context = {"faults": {"receipt": str(unknown)}, "typed": {"receipt": receipt[:40]}, "key": new_key()}
        return _form(request, context, 404)


def _form(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    hours = int(rules.hours("appeal_h").total_seconds() // 3600)
    told = {**context, "key_name": KEY, "hours": hours}
    return render(request, "industry/outside.html", told, status=status)
