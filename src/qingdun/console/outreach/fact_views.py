"""Pages of one row of a ledger: its facts, and the forms that end it, put it right or strike it out."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.kernel.form_pages import form_page
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.standing import Standing
from qingdun.console.kernel.tables import Ask
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.outreach import correcting, facts
from qingdun.console.outreach.ledgers import TABLES
from qingdun.console.outreach.matrix_entering import CORRECTIONS, ENDINGS, stands
from qingdun.console.outreach.views import options, tabs
from qingdun.errors import QingdunError


@require_safe
@login_required
def row(request: HttpRequest, code: str, row: int) -> HttpResponse:
    """What is known of one row, and what hangs on it."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_OUTREACH)
    found = facts.facts(viewer, code, row)
    context = {
        "code": code,
        "table": TABLES[code],
        "found": found,
        "may": verbs(code) if may(viewer, Permission.WORK_OUTREACH) else set(),
        **tabs(code),
    }
    return render(request, "outreach/row.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def change(request: HttpRequest, code: str, row: int, verb: str) -> HttpResponse:
    """The form that ends the row or puts it right."""
    viewer = viewer_of(request)
    form = (CORRECTIONS if verb == "correct" else ENDINGS).get(code)
    require(viewer, Permission.WORK_OUTREACH)
    found = TABLES[code].read(viewer, Ask()).filter(pk=row).first() if form else None
    if form is None or found is None:
        raise out_of_reach()
    named = replace(form, word=f"{form.word}: {found}")
    standing = Standing(found, lambda one: stands(one, form)) if verb == "correct" else None
    return form_page(
        request, named, row, facts.page_of(code, row), lambda kind: options(viewer, kind), standing
    )


@require_POST
@login_required
def strike(request: HttpRequest, code: str, row: int) -> HttpResponse:
    """The row is struck out, with a reason."""
    if code not in correcting.READS:
        raise out_of_reach()
    try:
        correcting.strike(viewer_of(request), code, row, request.POST.get("reason", ""))
    except QingdunError as refused:
        messages.error(request, str(refused))
        return redirect(facts.page_of(code, row) or reverse("outreach:table", args=[code]))
    return redirect("outreach:table", code)


def verbs(code: str) -> set[str]:
    """What can be done to rows of that ledger by whoever works on outreach."""
    told = {"end": ENDINGS, "correct": CORRECTIONS, "strike": correcting.READS}
    return {verb for verb, known in told.items() if code in known}
