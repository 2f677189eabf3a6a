"""Pages of whistles and tokens: parse, one call, render."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.kernel import queries as kernel_queries
from qingdun.console.kernel.entry import e164, whole
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.whistles import actions, limits, queries, rules
from qingdun.contract.codes import scam_types
from qingdun.errors import InputError, QingdunError, TooOften

PAGE_ROWS = 20


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def raise_page(request: HttpRequest) -> HttpResponse:
    """The page on which somebody at a counter or a hotline raises an alert, and what they have raised."""
    viewer = viewer_of(request)
    require(viewer, Permission.RAISE_ALERTS)
    form, error, status, people = request.POST, "", 200, _people(viewer, "", "")
    if request.method == "POST":
        typed = actions.Typed(
            key=form.get("key", ""), who=form.get("who", "").strip()[:64],
            person_id=form.get("person", ""), scam_type=form.get("type", ""),
            paying=form.get("paying") == "1", line=form.get("line", "").strip(),
            region=form.get("region", ""),
        )  # fmt: skip
        try:
            sent = actions.raise_whistle(viewer, typed)
            return redirect(f"{reverse('whistles:raise')}?sent={sent.whistle.pk}")
        except InputError as refused:
            error, status = str(refused), 422
            people = _people(viewer, form.get("who", ""), form.get("person", ""))
        except TooOften as refused:
            error, status = str(refused), 422
    mine = queries.whistles(viewer)
    sent_id = request.GET.get("sent", "")
    context = {
        "error": error,
        "typed": form,
        "key": form.get("key") or uuid.uuid4().hex,
        "sent": mine.filter(by=viewer, pk=sent_id).first() if whole(sent_id) is not None else None,
        "page": Paginator(mine, PAGE_ROWS).get_page(request.GET.get("page")),
        "opens_tasks": may(viewer, Permission.SEE_ALERTS),
        "keyed": [(code, scam_type_label(code), str(n)) for n, code in enumerate(rules.keys(), start=1)],
        "unkeyed": [(c, scam_type_label(c)) for c in scam_types().names if c not in (*rules.keys(), "other")],
        **people,
    }
    return render(request, "whistles/raise.html", context, status=status)


@require_safe
@login_required
def people(request: HttpRequest) -> HttpResponse:
    """Who may be meant by what was typed, masked; for a number nobody holds, the choice of a place."""
    viewer, text = viewer_of(request), request.GET.get("who", "").strip()[:64]
    require(viewer, Permission.RAISE_ALERTS)
    if text:
        try:
            limits.count(f"lookup {viewer.pk}", rules.limit("lookups_per_10_min"), actions.TEN_MINUTES_S)
        except TooOften as often:
            return render(request, "whistles/_people.html", {"often": str(often)})
    return render(request, "whistles/_people.html", _people(viewer, text, ""))


@require_safe
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens of organisations, with what the security administrator may do."""
    viewer = viewer_of(request)
    require(viewer, Permission.ASSIGN_ROLES)
    return render(request, "whistles/tokens.html", _tokens(viewer))


@require_POST
@login_required
def make_token(request: HttpRequest) -> HttpResponse:
    """A new token, shown this once."""
    viewer = viewer_of(request)
    require(viewer, Permission.ASSIGN_ROLES)
    organisation = get_object_or_404(queries.organisations(viewer), code=request.POST.get("organisation", ""))
    try:
        token, secret = actions.make_token(
            viewer, organisation, request.POST.get("name", ""), request.POST.get("use") == "lists"
        )
    except InputError as error:
        messages.error(request, str(error))
        return redirect("whistles:tokens")
    answer = render(request, "whistles/tokens.html", {**_tokens(viewer), "made": token, "secret": secret})
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@login_required
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """The token opens nothing any more."""
    viewer = viewer_of(request)
    get_object_or_404(queries.tokens(viewer), pk=token_id)
    try:
        actions.revoke_token(viewer, token_id)
    except QingdunError as error:
        messages.error(request, str(error))
    return redirect("whistles:tokens")


def _people(viewer: User, text: str, chosen: str) -> dict[str, object]:
    found = queries.matches(viewer, text) if text else []
    context: dict[str, object] = {"text": text, "found": found, "is_number": e164(text) is not None}
    context["chosen"] = chosen or (found[0].person_id if len(found) == 1 else "")
    if text and not found and context["is_number"]:
        context["regions"] = kernel_queries.regions(viewer).exclude(level=Region.Level.VILLAGE)
    return context


def _tokens(viewer: User) -> dict[str, object]:
    return {"tokens": queries.tokens(viewer), "organisations": queries.organisations(viewer)}
