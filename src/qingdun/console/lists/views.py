"""Pages of the module: parse, one call, render."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qingdun.console.exchange import queries as exchange
from qingdun.console.kernel import queries as kernel_queries
from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.lists import actions, enforcing, queries, rules
from qingdun.console.lists.codes import EntityKind, ListName, scam_type_label
from qingdun.console.lists.masks import private_numbers
from qingdun.console.lists.models import Entry
from qingdun.console.lists.normal import LONGEST
from qingdun.console.lists.queries import PAGE, Filters
from qingdun.contract.codes import scam_types
from qingdun.errors import InputError

REVIEW_PAGE = 30


@require_safe
@login_required
def review(request: HttpRequest) -> HttpResponse:
    """Suspects that wait for a decision."""
    viewer = viewer_of(request)
    kind = request.GET.get("kind", "")
    page = Paginator(queries.to_review(viewer, kind), REVIEW_PAGE).get_page(request.GET.get("page"))
    rows = queries.suspect_rows(viewer, page.object_list)
    context = {
        "page": page,
        "rows": rows,
        "kind": kind,
        "kinds": [choice for choice in EntityKind.choices if choice[0] != EntityKind.TEXT],
        "lists": [choice for choice in ListName.choices if choice[0] != ListName.NEVER_BLOCK],
        "private": private_numbers(row.suspect for row in rows),
        "key": _key(),
        **_rights(viewer),
    }
    return render(request, "lists/review.html", context)


@require_safe
@login_required
def entries(request: HttpRequest) -> HttpResponse:
    """Entries as the filters in the address ask."""
    viewer, filters = viewer_of(request), Filters.of(request.GET)
    page = Paginator(queries.entries(viewer, filters), PAGE).get_page(filters.page)
    counts = queries.counts(viewer, filters)
    groups = (("waiting", _("Waiting")), ("active", _("In force")), ("ended", _("Ended")), ("all", _("All")))
    context = {
        "page": page,
        "filters": filters,
        "groups": [(code, word, counts[code]) for code, word in groups],
        "kinds": EntityKind.choices,
        "lists": ListName.choices,
        "longest_text": LONGEST,
        "types": [(code, scam_type_label(code)) for code in scam_types().names],
        "private": private_numbers(page.object_list),
        "saved": kernel_queries.saved_filters(viewer, "lists"),
        **_rights(viewer),
    }
    return render(request, "lists/entries.html", context)


@require_safe
@login_required
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One entry with its evidence, history and what may be done with it."""
    viewer = viewer_of(request)
    return render(request, "lists/entry.html", _entry_page(viewer, queries.entry(viewer, entry_id)))


@login_required
def unmask(request: HttpRequest, entry_id: int) -> HttpResponse:
    """The entry with its entity legible, after the purpose is on record."""
    viewer = viewer_of(request)
    if request.method != "POST":
        return redirect("lists:entry", entry_id)
    try:
        row = actions.unmask(viewer, entry_id, request.POST.get("purpose", ""))
    except InputError as error:
        messages.error(request, str(error))
        return redirect("lists:entry", entry_id)
    return render(request, "lists/entry.html", _entry_page(viewer, queries.entry(viewer, entry_id), row))


def _entry_page(viewer: User, about: Entry, row: AuditRow | None = None) -> dict[str, Any]:
    """What the page of an entry needs; `row` is the audit row of an unmasking."""
    evidence = queries.evidence(viewer, about)
    moves = queries.open_moves(viewer, about)
    return {
        "entry": about,
        "evidence": evidence,
        "hidden": about.evidence.count() - len(evidence),
        "tasks": queries.task_of(viewer, (piece.alert_id for piece in evidence)),
        "history": queries.history(viewer, about),
        "others": [
            one for one in queries.of_entity(viewer, about.entity_kind, about.entity) if one.pk != about.pk
        ],
        "moves": moves,
        "verbs": {move.verb for move in moves},
        "sighted": queries.sighted(viewer, about),
        "exchanged": exchange.of_entry(viewer, about.pk),
        "private": private_numbers([about]),
        "row": row,
        "longest": timezone.localdate() + rules.longest(),
        "today": timezone.localdate(),
        "second_wanted": about.wants_second,
        **_rights(viewer),
    }


@require_safe
@login_required
def enforce(request: HttpRequest) -> HttpResponse:
    """Observed entries that are proposed for enforcement."""
    viewer = viewer_of(request)
    found = enforcing.proposed(viewer)
    page = Paginator(found.entries, PAGE).get_page(request.GET.get("page"))
    context = {"proposed": found, "page": page, "private": private_numbers(page.object_list)}
    return render(request, "lists/enforce.html", context)


@require_safe
@login_required
def propose(request: HttpRequest) -> HttpResponse:
    """The forms for a proposal by hand or by file."""
    viewer = viewer_of(request)
    require(viewer, Permission.PROPOSE_LISTS)
    return render(request, "lists/propose.html", propose_page())


def propose_page() -> dict[str, Any]:
    """What the page of the two forms needs."""
    return {
        "key": _key(),
        "kinds": EntityKind.choices,
        "longest_text": LONGEST,
        "lists": ListName.choices,
        "types": [(code, scam_type_label(code)) for code in scam_types().names],
        "most_rows": rules.most_rows(),
        "today": timezone.localdate(),
        "longest": timezone.localdate() + rules.longest(),
    }


@require_safe
@login_required
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """What came of a proposal: its entries, and the rows that made none."""
    viewer = viewer_of(request)
    found = queries.proposal(viewer, proposal_id)
    refused = Paginator(queries.refused_rows(viewer, found), PAGE).get_page(request.GET.get("page"))
    filters = Filters(state="all", proposal=proposal_id)
    sample = list(queries.entries(viewer, filters)[:20])
    context = {
        "proposal": found,
        "page": refused,
        "entries": sample,
        "counts": queries.counts(viewer, filters),
        "waiting": len(queries.waiting(viewer, proposal_id)),
        "private": private_numbers(sample),
        **_rights(viewer),
    }
    return render(request, "lists/proposal.html", context)


def _rights(viewer: User) -> dict[str, Any]:
    return {
        "may_propose": may(viewer, Permission.PROPOSE_LISTS),
        "may_approve": may(viewer, Permission.APPROVE_LISTS),
        "may_unmask": may(viewer, Permission.UNMASK),
        "limit": settings.LISTS_TWO_PERSONS,
    }


def _key() -> str:
    return secrets.token_hex(16)
