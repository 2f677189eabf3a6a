"""Forms of the module: parse, one call, and on to the page that shows what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingdun.console.exchange import actions, connecting, exporting
from qingdun.console.exchange.codes import Form
from qingdun.console.exchange.views import peer_page, rule_page
from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.spreadsheets import CSV
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import InputError, QingdunError


@require_POST
@login_required
def propose_rule(request: HttpRequest, peer_id: int) -> HttpResponse:
    """The rule as typed waits for a second person."""
    form = request.POST
    typed: dict[str, Any] = {
        "kinds": form.getlist("kinds"), "scam_types": form.getlist("scam_types"),
        "ceiling": form.get("ceiling", ""), "observed": form.get("observed") == "1",
        "proof": form.get("proof", ""), "longest_days": form.get("longest_days", ""),
        "may_send": form.get("may_send") == "1", "reason": form.get("reason", ""),
    }  # fmt: skip
    wanted = actions.RuleForm(
        tuple(typed["kinds"]), tuple(typed["scam_types"]), typed["ceiling"], typed["observed"],
        typed["proof"], whole(typed["longest_days"]) or 0, typed["may_send"], typed["reason"],
    )  # fmt: skip
    try:
        actions.propose_rule(viewer_of(request), peer_id, wanted)
    except InputError as error:
        context = rule_page(request, peer_id, stands=typed, error=str(error))
        return render(request, "exchange/rule.html", context, status=422)
    messages.success(request, _("Proposed. It is in force once a second person confirms it."))
    return redirect("exchange:peer", peer_id)


@require_POST
@login_required
def decide_rule(request: HttpRequest, peer_id: int, rule_id: int) -> HttpResponse:
    """The rule that waits is confirmed, or not."""
    confirm = request.POST.get("verb") == "confirm"
    return _done(request, peer_id, actions.decide_rule, rule_id, confirm, request.POST.get("note", ""))


@require_POST
@login_required
def end_rule(request: HttpRequest, peer_id: int) -> HttpResponse:
    """Nothing more is shared with the peer."""
    return _done(request, peer_id, actions.end_rule, peer_id, request.POST.get("note", ""))


@require_POST
@login_required
def close(request: HttpRequest, peer_id: int) -> HttpResponse:
    """The exchange with the peer ends."""
    return _done(request, peer_id, actions.close_peer, peer_id, request.POST.get("note", ""))


@require_POST
@login_required
def revoke_key(request: HttpRequest, peer_id: int) -> HttpResponse:
    """The peer's key opens nothing more."""
    return _done(request, peer_id, actions.revoke_key, peer_id)


@require_POST
@login_required
def make_key(request: HttpRequest, peer_id: int) -> HttpResponse:
    """A new key for the peer, shown this once."""
    try:
        _peer, secret = actions.make_key(viewer_of(request), peer_id)
    except QingdunError as error:
        messages.error(request, str(error))
        return redirect("exchange:peer", peer_id)
    answer = render(request, "exchange/peer.html", peer_page(request, peer_id, secret=secret))
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@login_required
def export(request: HttpRequest, peer_id: int) -> HttpResponseBase:
    """What may be shared with the peer, as a file; that it left, and by whose hand, is on record."""
    form = request.POST.get("form", "")
    try:
        peer, upto = actions.hand_over(viewer_of(request), peer_id, form)
    except QingdunError as error:
        messages.error(request, str(error))
        return redirect("exchange:peer", peer_id)
    kind = CSV if form == Form.CSV else "application/json"
    answer = StreamingHttpResponse(exporting.parts(peer, Form(form), upto), content_type=kind)
    name = f"{peer.code}-{form}-{timezone.localdate():%Y%m%d}.{exporting.SUFFIXES[Form(form)]}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
@login_required
def bring(request: HttpRequest, peer_id: int) -> HttpResponse:
    """A file that came from the peer waits to be read."""
    sent = request.FILES.get("file")
    try:
        if sent is None:
            raise InputError(_("Choose a file."))
        received = actions.bring_file(
            viewer_of(request), peer_id, request.POST.get("form", ""), sent.name or "", sent.read()
        )
    except InputError as error:
        context = peer_page(request, peer_id, file_error=str(error))
        return render(request, "exchange/peer.html", context, status=422)
    return redirect("exchange:delivery", received.pk)


@require_POST
@login_required
def server(request: HttpRequest, source_id: int) -> HttpResponse:
    """A peer's own server is asked now, or not any more, or again."""
    verb, viewer = request.POST.get("verb", ""), viewer_of(request)
    with telling(request):
        if verb == "pull":
            connecting.pull_now(viewer, source_id)
        else:
            connecting.stop_source(viewer, source_id, verb == "stop")
    return redirect("exchange:peer", whole(request.POST.get("peer", "")) or 0)


@require_POST
@login_required
def decide_reversal(request: HttpRequest, item_id: int) -> HttpResponse:
    """What a peer takes back is reversed here, or stays."""
    with telling(request):
        actions.decide_reversal(
            viewer_of(request), item_id, request.POST.get("verb") == "reverse", request.POST.get("note", "")
        )
    return redirect("exchange:home")


def _done(request: HttpRequest, peer_id: int, act: Callable[..., Any], *given: Any) -> HttpResponse:
    with telling(request):
        act(viewer_of(request), *given)
    return redirect("exchange:peer", peer_id)
