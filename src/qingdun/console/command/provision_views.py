"""Pages of the provisions and of what is undertaken for them: parse, one call, render."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.command import proving, queries
from qingdun.console.command import undertaking as acts
from qingdun.console.command.models import Undertaking
from qingdun.console.command.moves import MOVES, VERDICTS, UndertakingState
from qingdun.console.command.tables import whose
from qingdun.console.command.views import tabs
from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import given_day, whole
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.moving import Move
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import narrowed, out_of_reach
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import InputError


@require_safe
@login_required
def provisions(request: HttpRequest) -> HttpResponse:
    """Every provision with how far the undertakings for it have come in the region picked."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_COMMAND)
    region = request.GET.get("region", "")[:12]
    told = queries.progress(viewer, region)
    whole_city = viewer.region is not None and viewer.region.level == Region.Level.CITY
    context = {
        "provisions": [(one, told.get(one.pk, {})) for one in queries.provisions(viewer)],
        "place": narrowed(viewer, region),
        "may_work": may(viewer, Permission.WORK_COMMAND),
        "may_write": whole_city and may(viewer, Permission.WORK_COMMAND),
        "drafted": len(acts.drafted()),
        **tabs("provisions"),
    }
    return render(request, "command/provisions.html", context)


@require_POST
@login_required
def take_drafted(request: HttpRequest) -> HttpResponse:
    """The drafted provisions stand."""
    with telling(request):
        acts.take_drafted(viewer_of(request))
    return redirect("command:provisions")


@require_safe
@login_required
def undertaking(request: HttpRequest, undertaking_id: int) -> HttpResponse:
    """One undertaking: what is to be reached, what was said about it, and its proof."""
    viewer = viewer_of(request)
    about = queries.undertaking(viewer, undertaking_id)
    late = about.state == UndertakingState.OPEN and about.due_on < timezone.localdate()
    context = {
        "one": about,
        "whose": whose(about),
        "late": late,
        "steps": about.steps.select_related("by"),
        "proofs": about.proofs.defer("data").select_related("by"),
        "moves": {move.verb: move for move in _open_moves(viewer, about)},
        "own_report": about.state == UndertakingState.REPORTED and about.reported_by_id == viewer.pk,
        "may_prove": may(viewer, Permission.REPORT_COMMAND)
        and about.state in (UndertakingState.OPEN, UndertakingState.REPORTED),
        "most": proving.MOST,
        "most_mb": proving.MOST_BYTES // 1_000_000,
        **tabs("undertakings"),
    }
    return render(request, "command/undertaking.html", context)


@require_POST
@login_required
def act(request: HttpRequest, undertaking_id: int, verb: str) -> HttpResponse:
    """One move of an undertaking; what is refused is said on its page."""
    if verb not in ACTS:
        raise out_of_reach()
    with telling(request):
        ACTS[verb](viewer_of(request), undertaking_id, request.POST)
    return redirect("command:undertaking", undertaking_id)


@require_POST
@login_required
def add_proof(request: HttpRequest, undertaking_id: int) -> HttpResponse:
    """The undertaking has the proof, if it can be taken."""
    sent = request.FILES.get("file")
    with telling(request):
        if sent is None:
            raise InputError(_("Choose a file."))
        if (sent.size or 0) > proving.MOST_BYTES:
            words = _("A proof has at most %(most)d MB; this one has %(found)s.")
            found = f"{(sent.size or 0) / 1_000_000:.1f} MB"
            raise InputError(words % {"most": proving.MOST_BYTES // 1_000_000, "found": found})
        proving.add_proof(
            viewer_of(request), undertaking_id, sent.name or "", sent.read(), sent.content_type or ""
        )
    return redirect("command:undertaking", undertaking_id)


@require_safe
@login_required
def proof(request: HttpRequest, proof_id: int) -> HttpResponse:
    """The proof as a file."""
    found = queries.proof(viewer_of(request), proof_id)
    answer = HttpResponse(bytes(found.data), content_type=found.media)
    name = f"proof-{found.pk}.{EXTENSIONS.get(found.media, 'jpg')}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
@login_required
def remove_proof(request: HttpRequest, proof_id: int) -> HttpResponse:
    """The proof is gone, if whoever brought it takes it back in time."""
    viewer = viewer_of(request)
    about = queries.proof(viewer, proof_id).undertaking_id
    with telling(request):
        proving.remove_proof(viewer, proof_id)
    return redirect("command:undertaking", about)


def _open_moves(viewer: User, about: Undertaking) -> list[Move]:
    """The moves the viewer may make now."""
    judges = may(viewer, Permission.WORK_COMMAND) and acts.may_judge(viewer, about)
    own = about.reported_by_id == viewer.pk
    return [
        move for move in MOVES
        if about.state in move.sources
        and (judges if move in VERDICTS else may(viewer, Permission.REPORT_COMMAND))
        and not (move.verb == "accept_undertaking" and own)
    ]  # fmt: skip


EXTENSIONS = {media: end[1:] for end, (media, _begins) in proving.DOCUMENTS.items()}


def _postpone(actor: User, undertaking_id: int, typed: Any) -> object:
    due_on = given_day(typed.get("due_on", ""))
    return acts.postpone(actor, undertaking_id, due_on, typed.get("text", ""))


def _share(typed: Any) -> int:
    found = whole(typed.get("share", ""))
    if found is None:
        raise InputError(_("Expected a share from 0 to 100."))
    return found


ACTS: dict[str, Callable[[User, int, Any], object]] = {
    "progress": lambda actor, one, typed: acts.report(actor, one, _share(typed), typed.get("text", "")),
    "done": lambda actor, one, typed: acts.report(actor, one, 100, typed.get("text", ""), done=True),
    "accept": lambda actor, one, typed: acts.accept(actor, one, typed.get("text", "")),
    "return": lambda actor, one, typed: acts.send_back(actor, one, typed.get("text", "")),
    "postpone": _postpone,
    "withdraw": lambda actor, one, typed: acts.withdraw(actor, one, typed.get("text", "")),
}
