"""Forms of the module: parse, one call, and on to the page that shows what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.kernel.actions import record_export, record_search
from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.spreadsheets import CSV
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.lists import actions, queries, reviewing, tabling
from qingdun.console.lists.candidates import Candidate
from qingdun.console.lists.codes import ListName, Source
from qingdun.console.lists.masks import label, private_numbers
from qingdun.console.lists.models import Entry
from qingdun.console.lists.normal import LONGEST
from qingdun.console.lists.proposing import Made
from qingdun.console.lists.queries import Filters
from qingdun.console.lists.reading import COLUMNS, HEADINGS, read_candidates
from qingdun.console.lists.views import propose_page
from qingdun.errors import InputError

MOST_EXPORTED = 50_000
_SHOWN = 3


@require_POST
@login_required
def review(request: HttpRequest) -> HttpResponse:
    """The marked suspects are put on a list, or refused."""
    viewer, form = viewer_of(request), request.POST
    marked = [int(text) for text in form.getlist("suspect") if whole(text) is not None]
    try:
        made, done = reviewing.review(
            viewer, marked, form.get("verdict", ""), form.get("list", ListName.BLACK), form.get("reason", ""),
            form.get("key", "")[:64],
        )  # fmt: skip
    except InputError as error:
        messages.error(request, str(error))
        return redirect(back(request, "lists:review"))
    if done:
        tell(request, done, form.get("verdict", ""))
    else:
        count = len(made.entries)
        messages.success(request, ngettext("%(n)d proposed", "%(n)d proposed", count) % {"n": count})
    for row in made.refused[:_SHOWN]:
        messages.error(request, row.reason)
    return redirect(back(request, "lists:review"))


@require_POST
@login_required
def act(request: HttpRequest) -> HttpResponse:
    """The marked entries, or all that wait of a proposal, are approved, refused, reversed or extended."""
    viewer, form = viewer_of(request), request.POST
    note, verb = form.get("note", ""), form.get("verb", "")
    rows = list(marked_rows(form.getlist("entry")))
    if whole(form.get("proposal", "")) is not None:
        rows += queries.waiting(viewer, int(form["proposal"]))
    try:
        if verb == "extend":
            done = actions.extend(viewer, rows, _day(form.get("until", "")), note)
        elif verb in ("approve", "second"):
            done = actions.approve(viewer, rows, note)
        elif verb == "put_back":
            done = actions.put_back(viewer, rows)
        elif verb in ("refuse", "reverse", "enforce"):
            done = getattr(actions, verb)(viewer, rows, note)
        else:
            raise InputError(_("There is no act “%(found)s”.") % {"found": verb[:40]})
    except InputError as error:
        messages.error(request, str(error))
    else:
        tell(request, done, verb)
    return redirect(back(request, "lists:entries"))


@require_POST
@login_required
def find(request: HttpRequest) -> HttpResponse:
    """The entries of what was typed; the address does not hold it."""
    viewer, text = viewer_of(request), request.POST.get("q", "").strip()[: LONGEST + 1]
    found = queries.find(viewer, text)
    record_search(viewer, text, {"entries": len(found)})
    among = ".".join(str(pk) for pk in found) or "0"
    return redirect(f"{reverse('lists:entries')}?{urlencode({'state': 'all', 'among': among})}")


@login_required
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as a file: masked, or legible after a purpose is on record."""
    viewer, filters = viewer_of(request), Filters.of(request.GET)
    found = list(queries.entries(viewer, filters)[:MOST_EXPORTED])
    hidden = private_numbers(found)
    legible = request.method == "POST"
    if legible:
        try:
            actions.export(viewer, request.GET.urlencode(), len(found), request.POST.get("purpose", ""))
        except InputError as error:
            messages.error(request, str(error))
            return redirect(f"{reverse('lists:entries')}?{request.GET.urlencode()}")
    else:
        record_export(viewer, "entries", request.GET.urlencode(), len(found))

    def name(one: Entry) -> str:
        return (one.sample or one.entity) if legible else label(one, hidden)

    form = (request.POST if legible else request.GET).get("form", "csv")
    return _file("lists", form, tabling.entry_rows(found, name))


@require_POST
@login_required
def propose_by_hand(request: HttpRequest) -> HttpResponse:
    """One entity is proposed as typed."""
    viewer, form = viewer_of(request), request.POST
    fields = {name: form.get(name, "").strip() for name in ("kind", "entity", "list", "reason", "scam_type")}
    try:
        until = _day(form.get("until", ""))
        candidate = Candidate(
            fields["kind"],
            fields["entity"][: LONGEST + 1],
            fields["list"],
            fields["reason"],
            fields["scam_type"],
            until,
        )
        made = actions.propose(viewer, [candidate], Source.HAND, form.get("key", "")[:64])
    except InputError as error:
        context = {**propose_page(), "typed": form, "hand_error": str(error)}
        return render(request, "lists/propose.html", context, status=422)
    if not made.entries:
        context = {**propose_page(), "typed": form, "hand_error": made.refused[0].reason}
        return render(request, "lists/propose.html", context, status=422)
    return _proposed(request, viewer, made)


@require_POST
@login_required
def propose_by_file(request: HttpRequest) -> HttpResponse:
    """Every row of a file is proposed, or kept with what is wrong with it."""
    viewer, sent = viewer_of(request), request.FILES.get("file")
    require(viewer, Permission.PROPOSE_LISTS)
    try:
        if sent is None:
            raise InputError(_("Choose a file."))
        name = sent.name or ""
        candidates = read_candidates(name, sent.read(), request.POST.get("list", ListName.BLACK))
        made = actions.propose(viewer, candidates, Source.FILE, request.POST.get("key", "")[:64], name)
    except InputError as error:
        return render(request, "lists/propose.html", {**propose_page(), "file_error": str(error)}, status=422)
    return redirect("lists:proposal", made.proposal.pk)


@require_POST
@login_required
def propose_entity(request: HttpRequest, ref: str) -> HttpResponse:
    """The entity of a page is proposed with its evidence."""
    viewer, form = viewer_of(request), request.POST
    made = reviewing.propose_entity(
        viewer, ref, form.get("list", ListName.BLACK), form.get("reason", ""), form.get("key", "")[:64]
    )
    if not made.entries:
        for row in made.refused:
            messages.error(request, row.reason)
        return redirect(back(request, "lists:entries"))
    return _proposed(request, viewer, made)


@require_safe
@login_required
def template(request: HttpRequest) -> HttpResponse:
    """A file to fill in, with a row that shows how."""
    example = ["网站", "a.example.invalid", "黑名单", "仿冒银行网站，核实于工单", "钓鱼仿冒网站", ""]
    return _file("template", "csv", [[HEADINGS[column] for column in COLUMNS], example])


@require_safe
@login_required
def refused(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """The rows of a proposal that made no entry, to be mended and sent again."""
    viewer = viewer_of(request)
    rows = queries.refused_rows(viewer, queries.proposal(viewer, proposal_id))
    return _file(f"refused-{proposal_id}", "csv", tabling.refused_rows(rows))


def _proposed(request: HttpRequest, viewer: User, made: Made) -> HttpResponse:
    messages.success(request, _("Proposed. It is in force once it is approved."))
    return redirect("lists:entry", made.entries[0].pk)


def tell(request: HttpRequest, done: list[actions.Done], verb: str) -> None:
    """How many went, and the first reasons of those that did not."""
    good = [one for one in done if one.ok]
    bad = [one for one in done if not one.ok]
    if good or not bad:
        messages.success(request, _("Done: %(good)d of %(all)d") % {"good": len(good), "all": len(done)})
    for message in list(dict.fromkeys(one.message for one in bad))[:_SHOWN]:
        count = sum(one.message == message for one in bad)
        messages.error(request, f"{message} ×{count}" if count > 1 else message)


def marked_rows(texts: Iterable[str]) -> Iterator[actions.Row]:
    """`12:3` is entry 12 as of version 3."""
    for text in texts:
        pk, _colon, version = text.partition(":")
        if pk.isdecimal() and len(pk) < 19:
            yield int(pk), int(version) if version.isdecimal() and len(version) < 10 else None


def _day(text: str) -> dt.datetime | None:
    """The end of that day in the city's time; None for nothing typed. Errors: InputError."""
    if not text.strip():
        return None
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(
            _("Date: found “%(found)s”, expected as in 2026-12-31.") % {"found": text[:40]}
        ) from error
    return midnight(day) + dt.timedelta(days=1)


def back(request: HttpRequest, otherwise: str) -> str:
    """The address a form asks to be led to, or the page of that name."""
    address = request.POST.get("next", "")
    hosts = {request.get_host()}
    if address and url_has_allowed_host_and_scheme(address, hosts, request.is_secure()):
        return address
    return reverse(otherwise)


def _file(name: str, form: str, rows: Iterable[list[str]]) -> HttpResponse:
    day = f"{timezone.localdate():%Y%m%d}"
    if form == "xlsx":
        kind, data = (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            tabling.as_xlsx(rows),
        )
    else:
        form, kind, data = "csv", CSV, tabling.as_csv(rows)
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}-{day}.{form}"'
    return response
