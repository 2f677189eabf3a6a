"""Pages of the kernel: parse, one call, render."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qingdun.console import wiring
from qingdun.console.kernel import actions, audit, queries
from qingdun.console.kernel import health as condition
from qingdun.console.kernel.models import Person, Region, User
from qingdun.console.kernel.roles import Permission, Role, may, require
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import QingdunError

PAGE_ROWS = 50


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The first page of the user's role, else of the rail as they may use it, with the region they picked."""
    user = viewer_of(request)
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    if user.role in wiring.HOMES:
        return redirect(reverse(wiring.HOMES[user.role]) + query)
    for entry in (*wiring.SYSTEMS, *wiring.TOOLS):
        if may(user, entry.permission):
            return redirect(reverse(entry.url_name) + query)
    return render(request, "kernel/nothing.html")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """For machines: whether the console is alive, and nothing else."""
    alive = condition.alive()
    return JsonResponse({"status": "ok" if alive else "failing"}, status=200 if alive else 503)


@require_safe
@login_required
def health_page(request: HttpRequest) -> HttpResponse:
    """For administrators: every line of the health report."""
    require(viewer_of(request), Permission.SEE_HEALTH)
    return render(request, "kernel/health.html", {"lines": condition.report()})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """This browser speaks that language from now on, and so does the user elsewhere."""
    code = request.POST.get("language", "")
    response = redirect(_back(request))
    if code in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, code, max_age=31_536_000, samesite="Lax", secure=settings.HTTPS
        )
        if isinstance(request.user, User) and request.user.language != code:
            actions.set_language(request.user, code)
    return response


@login_required
def search(request: HttpRequest) -> HttpResponse:
    """What the text names: pages, regions, persons, and what the modules add.

    Sent and not asked for: an address with a number in it would stand in logs and histories.
    """
    text = request.POST.get("q", "").strip()
    hits = []
    if text:
        viewer, personal = viewer_of(request), {}
        for name in wiring.SEARCHES:
            found = import_string(name)(viewer, text)
            hits += found
            if kind := wiring.PERSONAL_SEARCHES.get(name):
                personal[kind] = len(found)
        actions.record_search(viewer, text, personal)
    template = "kernel/search_hits.html" if request.headers.get("HX-Request") else "kernel/search.html"
    return render(request, template, {"hits": hits, "text": text})


@require_POST
@login_required
def filters(request: HttpRequest) -> HttpResponse:
    """The query string is saved under a name."""
    page, name = request.POST.get("page", ""), request.POST.get("name", "").strip()
    if page and name:
        actions.save_filter(viewer_of(request), page[:40], name[:40], request.POST.get("query", ""))
    return redirect(_back(request))


@require_safe
@login_required
def person(request: HttpRequest, person_id: str) -> HttpResponse:
    """One resident, masked; the look is on record."""
    found = _person(request, person_id)
    actions.record_look(viewer_of(request), found)
    return render(request, "kernel/person.html", {"person": found})


@login_required
def person_unmask(request: HttpRequest, person_id: str) -> HttpResponse:
    """The same resident, unmasked, after the purpose is on record."""
    if request.method != "POST":
        return redirect("person", person_id)
    found = _person(request, person_id)
    context: dict[str, object] = {"person": found}
    try:
        context["row"] = actions.unmask(viewer_of(request), found, request.POST.get("purpose", ""))
    except QingdunError as error:
        context["error"] = str(error)
    return render(request, "kernel/person.html", context)


@require_safe
@login_required
def audit_log(request: HttpRequest) -> HttpResponse:
    """Who did what, filtered by what the address says."""
    viewer = viewer_of(request)
    require(viewer, Permission.READ_AUDIT)
    wanted = {name: request.GET.get(name, "").strip() for name in ("actor", "verb", "subject")}
    picked = queries.regions(viewer).filter(code=request.GET.get("region", "")).first()
    rows = queries.audit_rows(viewer, **wanted, region_path=picked.path if picked else "")
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {"page": page, "wanted": wanted, "verbs": queries.verb_choices(viewer, wanted["verb"])}
    return render(request, "kernel/audit.html", context)


@require_POST
@login_required
def audit_verify(request: HttpRequest) -> HttpResponse:
    """The whole chain was walked; the verdict stands on the page."""
    require(viewer_of(request), Permission.READ_AUDIT)
    return render(request, "kernel/audit_verdict.html", {"verdict": audit.verify_chain()})


@require_safe
@login_required
def users(request: HttpRequest) -> HttpResponse:
    """Accounts, with what this administrator may do to each."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ACCOUNTS)
    found = queries.users(viewer).filter(username__contains=request.GET.get("q", ""))
    context = {
        "page": Paginator(found, PAGE_ROWS).get_page(request.GET.get("page")),
        "roles": Role.choices,
        "regions": queries.regions(viewer).exclude(level=Region.Level.VILLAGE),
        "workplaces": queries.workplaces(viewer),
    }
    return render(request, "kernel/users.html", context)


@require_POST
@login_required
def user_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One act on one account (0 is a new one): create, open, close, role, password, factor, release."""
    viewer, form = viewer_of(request), request.POST
    region = queries.regions(viewer).filter(code=form.get("region", "")).first()
    user = queries.users(viewer).filter(pk=pk).first()
    try:
        if act == "create" and region:
            actions.create_user(
                viewer,
                form.get("username", ""),
                form.get("password", ""),
                form.get("display_name", ""),
                region,
            )
        elif user is None:
            raise Http404
        elif act in ("open", "close"):
            actions.set_active(viewer, user, act == "open", form.get("purpose", ""))
        elif act == "role" and region and form.get("role") in Role.values:
            place = queries.workplaces(viewer).filter(code=form.get("station", "")).first()
            actions.assign_role(viewer, user, Role(form["role"]), region, form.get("purpose", ""), place)
        elif act == "password":
            actions.reset_password(viewer, user, form.get("password", ""), form.get("purpose", ""))
            messages.success(
                request, _("%(name)s must choose a password at the next log-in.") % {"name": user}
            )
        elif act == "factor":
            actions.reset_second_factor(viewer, user, form.get("purpose", ""))
            messages.success(
                request, _("%(name)s must set up a second factor at the next page.") % {"name": user}
            )
        elif act == "release":
            actions.release_lockout(viewer, user)
        else:
            raise Http404
    except QingdunError as error:
        messages.error(request, str(error))
    return redirect("users")


@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """One click and one is that demo user; only in demo mode, only demo accounts."""
    from allauth.account.adapter import get_adapter

    user = (
        get_user_model()
        .objects.filter(username=request.POST.get("username", ""), demo=True, is_active=True)
        .first()
    )
    if not settings.DEMO or user is None:
        raise Http404
    get_adapter().login(request, user)
    return redirect("home")


def _person(request: HttpRequest, person_id: str) -> Person:
    try:
        return queries.person(viewer_of(request), person_id)
    except Person.DoesNotExist as error:
        raise Http404 from error


def _back(request: HttpRequest) -> str:
    """The page the form was sent from, if it is one of ours."""
    address = request.POST.get("next") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return address
    return "/"
