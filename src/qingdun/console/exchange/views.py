"""Pages of the module: parse, one call, render."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.exchange import actions, queries, rules
from qingdun.console.exchange.codes import CEILINGS, Form, Held, Kind, PeerKind, Proof, RuleState, Tlp
from qingdun.console.exchange.models import Peer
from qingdun.console.exchange.weighing import SHARED
from qingdun.console.kernel import forms
from qingdun.console.kernel.form_pages import form_page
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.lists import queries as listed
from qingdun.contract.codes import scam_types

PAGE = 50
LATEST = 10


def _register(actor: User, _parent: int, values: dict[str, Any]) -> Peer:
    return actions.register_peer(actor, values["code"], values["name"], values["name_en"], values["kind"])


REGISTER = forms.Form(
    "peer",
    _("Register a peer"),
    (
        forms.Field("name", _("Chinese name"), most=80),
        forms.Field("name_en", _("English name"), required=False, most=80),
        forms.Field("kind", _("Kind"), "choice", choices=PeerKind.choices),
        forms.Field(
            "code", _("Log-in name of its program"), most=30,
            hint=_("3 to 30 letters a to z, digits or hyphens. It cannot be changed later."),
        ),
    ),
    _register,
    own="exchange:peer",
)  # fmt: skip


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Peers at a glance, what waits for a decision, and what came last."""
    viewer = viewer_of(request)
    context = {
        "rows": queries.peers(viewer),
        "reversals": queries.reversals(viewer)[:PAGE],
        "deliveries": queries.deliveries(viewer)[:LATEST],
        "refusals": queries.refusals(viewer)[:LATEST],
        "address": request.build_absolute_uri(reverse("taxii:discovery")),
        "may_approve": may(viewer, Permission.APPROVE_LISTS),
    }
    return render(request, "exchange/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def register(request: HttpRequest) -> HttpResponse:
    """The form that registers a peer."""
    require(viewer_of(request), Permission.WORK_EXCHANGE)
    return form_page(request, REGISTER, 0, reverse("exchange:home"), lambda _kind: ())


@require_safe
@login_required
def peer(request: HttpRequest, peer_id: int) -> HttpResponse:
    """One peer: its rule, its key, what was shared with it and what it sent."""
    return render(request, "exchange/peer.html", peer_page(request, peer_id))


def peer_page(request: HttpRequest, peer_id: int, **more: Any) -> dict[str, Any]:
    """What the page of a peer needs."""
    viewer = viewer_of(request)
    found = queries.peer(viewer, peer_id)
    known = list(queries.rules_of(viewer, found)[:LATEST])
    return {
        "peer": found,
        "waiting": next((one for one in known if one.state == "proposed"), None),
        "past": [one for one in known if one.state in ("ended", "refused")],
        "page": Paginator(queries.shares(viewer, found), PAGE).get_page(request.GET.get("page")),
        "deliveries": queries.deliveries(viewer, found)[:LATEST],
        "refusals": queries.refusals(viewer, found)[:LATEST],
        "forms": Form.choices,
        "sources": queries.sources(viewer, found),
        "address": request.build_absolute_uri(reverse("taxii:discovery")),
        "most_mb": rules.number("max_content_length") // 1_000_000,
        **more,
    }


@require_safe
@login_required
def rule(request: HttpRequest, peer_id: int) -> HttpResponse:
    """The form of a rule, as the one in force stands."""
    return render(request, "exchange/rule.html", rule_page(request, peer_id))


def rule_page(request: HttpRequest, peer_id: int, **more: Any) -> dict[str, Any]:
    """What the form of a rule needs; what was typed wins over what is in force."""
    found = queries.peer(viewer_of(request), peer_id)
    stands: dict[str, Any] = (
        found.rule.told() if found.rule else {"proof": Proof.ENFORCED, "ceiling": Tlp.GREEN}
    )
    context = {
        "peer": found,
        "kinds": [(one.value, one.label, rules.marking(one, False).label) for one in Kind],
        "types": [(code, scam_type_label(code)) for code in scam_types().names],
        "ceilings": [(one.value, one.label) for one in CEILINGS],
        "proofs": Proof.choices,
        "stands": {"longest_days": rules.number("longest_days"), **stands},
    }
    return context | more


@require_safe
@login_required
def sharing(request: HttpRequest, peer_id: int) -> HttpResponse:
    """What the peer would get now by a rule, with the entries of each answer."""
    viewer = viewer_of(request)
    found = queries.peer(viewer, peer_id)
    asked = queries.rule_asked(viewer, found, request.GET.get("rule", ""))
    weighed = queries.weighed(viewer, asked)
    why = request.GET.get("why", SHARED)
    if why not in (SHARED, *Held.values):
        why = SHARED
    page = Paginator(weighed.entries.get(why, []), PAGE).get_page(request.GET.get("page"))
    context = {
        "peer": found,
        "rule": asked,
        "others": [one for one in queries.rules_of(viewer, found) if one.state == RuleState.PROPOSED],
        "weighed": weighed,
        "answers": [
            (code, word, len(weighed.entries.get(code, ())))
            for code, word in ((SHARED, _("would be shared")), *Held.choices)
            if code == SHARED or weighed.entries.get(code)
        ],
        "why": why,
        "page": page,
        "rows": queries.told(viewer, page.object_list),
        "labels": listed.labels(viewer, page.object_list),
        "most": rules.number("most_weighed"),
    }
    return render(request, "exchange/sharing.html", context)


@require_safe
@login_required
def why(request: HttpRequest, peer_id: int, entry_id: int) -> HttpResponse:
    """Why one entry is shared with one peer, or held back."""
    viewer = viewer_of(request)
    found = queries.peer(viewer, peer_id)
    told, asked, lines = queries.explained(viewer, found, entry_id)
    context = {
        "peer": found,
        "told": told,
        "rule": asked,
        "lines": lines,
        "first": next((one for one in lines if not one.passes), None),
        "share": queries.stands(viewer, found, entry_id),
        "label": listed.labels(viewer, [entry_id]).get(entry_id, ""),
    }
    return render(request, "exchange/why.html", context)


@require_safe
@login_required
def delivery(request: HttpRequest, received_id: int) -> HttpResponse:
    """What came together, object by object."""
    viewer = viewer_of(request)
    found = queries.delivery(viewer, received_id)
    only = request.GET.get("outcome", "")
    objects = queries.objects(viewer, found)
    if only:
        objects = objects.filter(outcome=only[:10])
    context = {
        "delivery": found,
        "only": only,
        "page": Paginator(objects, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "exchange/delivery.html", context)
