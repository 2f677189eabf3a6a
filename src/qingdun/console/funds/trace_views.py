"""The page on which money is followed."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qingdun.console.cases import queries as cases
from qingdun.console.funds import queries, tracing
from qingdun.console.funds.actions import see_trace
from qingdun.console.funds.freeze_views import noticed
from qingdun.console.funds.freezing import STANDING
from qingdun.console.funds.models import Movement
from qingdun.console.funds.tracing import Place, Traced
from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.masking import mask_account, mask_name
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import InputError
from qingdun.trace.following import Whereabouts

DEPTHS = (3, 4, 5, 6, 8)
RECENT = 12
MOST_PAYMENTS = 50


@require_safe
@login_required
def trace(request: HttpRequest) -> HttpResponse:
    """Payments followed layer by layer: of `?incident=ID`, of `?stop=ID`, or each `?payment=ID`."""
    viewer = viewer_of(request)
    require(viewer, Permission.TRACE_FUNDS)
    incident_id, stop_id = whole(request.GET.get("incident", "")), whole(request.GET.get("stop", ""))
    stop = queries.stop(viewer, stop_id) if stop_id is not None else None
    if stop is not None and incident_id is None:
        incident_id = stop.incident_id
    if incident_id is not None and cases.reported(viewer, incident_id).taken_back_at:
        return redirect("cases:incident", incident_id)  # Which says why there is nothing to trace.
    incident = cases.incident(viewer, incident_id) if incident_id is not None else None
    named = [one for one in map(whole, request.GET.getlist("payment")) if one is not None][:MOST_PAYMENTS]
    depth = whole(request.GET.get("depth", "")) or 5
    depth = depth if depth in DEPTHS else 5
    chosen = named or [one.pk for one in _payments(viewer, incident_id, stop_id)]
    context: dict[str, Any] = {
        "incident": incident,
        "stop": stop,
        "depth": depth,
        "depths": DEPTHS,
        "chosen": chosen,
        "candidates": tracing.candidates(viewer, incident.pk) if incident else [],
        "incidents": [] if incident or chosen else cases.rows(viewer, cases.incidents(viewer)[:RECENT]),
        "standing": _standing(viewer, incident),
        "may_release": may(viewer, Permission.REVIEW_ALERTS),
        "notices": noticed(request),
        "error": "",
    }
    if chosen:
        try:
            traced = see_trace(viewer, chosen, depth, incident_id)
            context |= {"traced": traced, "drawing": json.dumps(drawing(traced)), "kinds": kinds()}
        except InputError as error:
            context["error"] = str(error)
    return render(request, "funds/trace.html", context, status=422 if context["error"] else 200)


def _standing(viewer: User, incident: cases.Incident | None) -> int:
    """How many stops and freezes of the incident stand."""
    if incident is None:
        return 0
    stops = queries.orders_of(viewer, incident).filter(state__in=tracing.STOPPED)
    freezes = queries.freezes(viewer).filter(parts__incident=incident, parts__fen__gt=0, state__in=STANDING)
    return stops.count() + freezes.count()


def _payments(viewer: User, incident_id: int | None, stop_id: int | None) -> list[Movement]:
    if stop_id is not None:
        return tracing.of_stop(viewer, queries.stop(viewer, stop_id))
    return tracing.payments(viewer, incident_id) if incident_id is not None else []


def kinds() -> dict[str, str]:
    """What an account is to the money, in words."""
    return {
        Whereabouts.FOLLOWED.value: _("layer"),
        Whereabouts.MERCHANT.value: _("spent or cashed"),
        Whereabouts.BEYOND.value: _("not followed further"),
        Whereabouts.HOME.value: _("back with the victim"),
    }


def drawing(traced: Traced) -> dict[str, Any]:
    """Nodes and links of the Sankey, masked. Money that comes back to an earlier layer gets a node of its
    own, since the drawing knows no circles.
    """
    level = {place.party.account: place.standing.level for place in traced.places}
    nodes: dict[str, dict[str, Any]] = {}
    links: dict[tuple[str, str], dict[str, Any]] = {}
    words = kinds()

    def node(account: str, at: int, again: bool) -> str:
        name = f"{account}@{at}" if again else account
        if name not in nodes:
            place = traced.place(account)
            here = place if place is not None and not again else None
            kind = (
                here.standing.kind if here else Whereabouts.HOME if at == 0 or again else Whereabouts.BEYOND
            )
            nodes[name] = {
                "id": str(len(nodes)),
                "depth": at,
                "name": _title(here.party.name if here else "", account),
                "kind": "victim" if at == 0 else kind.value,
                "word": _("victim") if at == 0 else words[kind.value],
                "there": here.standing.there_fen / 100 if here and kind == Whereabouts.FOLLOWED else 0,
                "held": _held(here),
            }
        return str(nodes[name]["id"])

    for step in traced.steps:
        hop = step.hop
        payer, payee = step.payer.account, step.payee.account
        at = 0 if payer not in level or hop.level == 1 else level[payer]
        back = level[payee] <= at
        source = node(payer, at, again=at == 0 and payer in level)
        if at == 0:
            _victim(nodes, source, step.payer.name, payer)
        target = node(payee, at + 1 if back else level[payee], again=back)
        link = links.setdefault(
            (source, target), {"source": source, "target": target, "value": 0, "count": 0, "certain": True}
        )
        link["value"] += hop.tainted_fen / 100
        link["count"] += 1
        link["certain"] = link["certain"] and hop.certain
    return {
        "nodes": list(nodes.values()),
        "links": list(links.values()),
        "words": {
            "certain": _("certain"), "estimated": _("estimated"), "there": _("still there"),
            "layer": _("layer"), "transfers": _("transfers"), "cash": _("cash"),
        },
    }  # fmt: skip


def _held(place: Place | None) -> str:
    """Why its money does not leave, in a word; '' if it may."""
    if place is not None and place.is_frozen:
        return _("Frozen")
    return _("stopped") if place is not None and place.stopped else ""


def _victim(nodes: dict[str, dict[str, Any]], ident: str, name: str, account: str) -> None:
    next(one for one in nodes.values() if one["id"] == ident)["name"] = _title(name, account)


def _title(name: str, account: str) -> str:
    if account.startswith("cash:"):
        return _("Cash")
    return " ".join(part for part in (mask_name(name), mask_account(account)) if part)
