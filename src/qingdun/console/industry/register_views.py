"""Pages of findings, second checks, the blacklist and punishments: parse, one call, render."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.industry import (
    answering,
    blacklisting,
    checking,
    finding,
    letters,
    punishing,
    queries,
    registers,
    rules,
)
from qingdun.console.industry.codes import ListedKind, NoticeWay
from qingdun.console.industry.views import tabs, user_of
from qingdun.console.kernel import printing
from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import calendar_day, whole
from qingdun.console.kernel.roles import Permission, may
from qingdun.errors import InputError

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
@login_required
def finding_page(request: HttpRequest, finding_id: int) -> HttpResponse:
    """One finding, with what the engine knows and what may be done."""
    viewer = user_of(request)
    about = registers.finding(viewer, finding_id)
    context = {
        "finding": about,
        "tells_engine": about.decided_at is not None or not may(viewer, Permission.ANSWER_LISTS),
        "moves": registers.finding_moves(viewer, about),
        **tabs(viewer, "findings"),
    }
    return render(request, "industry/finding.html", context)


@require_POST
@login_required
def decide_finding(request: HttpRequest, finding_id: int) -> HttpResponse:
    """The finding is confirmed or dismissed."""
    viewer, form = user_of(request), request.POST
    with telling(request):
        finding.decide_finding(viewer, finding_id, form.get("verb", ""), form.get("note", ""))
    return redirect("industry:finding", finding_id)


@require_safe
@login_required
def check_page(request: HttpRequest, check_id: int) -> HttpResponse:
    """One second real-name check, with its clock and what may be done."""
    viewer = user_of(request)
    about = registers.card_check(viewer, check_id)
    if may(viewer, Permission.ANSWER_LISTS):
        answering.record_check_look(viewer, check_id)
    context = {
        "check": about,
        "moves": registers.check_moves(viewer, about),
        "is_party": may(viewer, Permission.ANSWER_LISTS),
        "late": queries.breaches(viewer).filter(about=about.pk, clock__in=checking.CHECK_CLOCKS),
        **tabs(viewer, "checks"),
    }
    return render(request, "industry/check.html", context)


@require_POST
@login_required
def move_check(request: HttpRequest, check_id: int) -> HttpResponse:
    """The check makes a move of its table."""
    viewer, form = user_of(request), request.POST
    with telling(request):
        checking.move_check(viewer, check_id, form.get("verb", ""), form.get("note", ""))
    return redirect("industry:check", check_id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def look_up(request: HttpRequest) -> HttpResponse:
    """Whether these persons or enterprises may open cards and accounts. Sent and not asked for: an address
    with an identity in it would stand in logs and histories.
    """
    viewer, form = user_of(request), request.POST
    error, hits = "", None
    typed = [line.strip() for line in form.get("identities", "").splitlines() if line.strip()]
    if request.method == "POST":
        try:
            found = blacklisting.look_up(viewer, form.get("kind", ""), typed, form.get("purpose", ""))
            hits = list(zip(typed, found, strict=True))
        except InputError as mistaken:
            error = str(mistaken)
    context = {
        "error": error,
        "hits": hits,
        "kinds": ListedKind.choices,
        "kind": form.get("kind", ""),
        "purpose": form.get("purpose", ""),
        **tabs(viewer, "look_up"),
    }
    answer = render(request, "industry/look_up.html", context, status=422 if error else 200)
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def blacklist_entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One entry of the blacklist; sent with a reason, it is taken off."""
    viewer = user_of(request)
    about = registers.blacklist_entry(viewer, entry_id)
    if request.method == "POST":
        with telling(request):
            blacklisting.end_entry(viewer, entry_id, request.POST.get("note", ""))
        return redirect("industry:blacklist_entry", entry_id)
    context = {
        "entry": about,
        "basis": dict(rules.bases()).get(about.basis, about.basis),
        **tabs(viewer, "blacklist"),
    }
    return render(request, "industry/blacklist_entry.html", context)


@require_POST
@login_required
def second(request: HttpRequest) -> HttpResponse:
    """What one person has listed on one day is confirmed by a second one, or none of it is, for a reason."""
    viewer, form = user_of(request), request.POST
    owner, seen = (whole(form.get(name, "")) or 0 for name in ("owner", "rows"))
    day = calendar_day(form.get("day", ""))
    note = form.get("note", "").strip()
    with telling(request):
        if day is None or (not note and "refuse" in form):
            raise InputError(_("Say why."))
        count = blacklisting.second_entries(viewer, owner, day, seen, note if "refuse" in form else "")
        messages.success(request, _("%(count)d entries settled.") % {"count": count})
    return redirect("industry:table", "blacklist")


@require_safe
@login_required
def punishment_page(request: HttpRequest, punishment_id: int) -> HttpResponse:
    """One punishment, masked, with its letters and what may be done."""
    viewer = user_of(request)
    about = registers.punishment(viewer, punishment_id)
    moves = {move.verb: move for move in queries.restriction_moves(viewer, about.restriction)}
    steps = [moves[verb] for verb in ("refuse", "serve", "lift") if verb in moves]
    context = {
        "punishment": about,
        "restriction": about.restriction,
        "rule": punishing.rule_words(about.rule),
        "steps": steps,
        "may_order": about.restriction.state == "proposed" and may(viewer, Permission.CONFIRM_RESTRICTIONS),
        "ways": NoticeWay.choices,
        "letters": [(one, punishing.number_of(one)) for one in registers.letters(viewer)
                    .filter(punishment=about)],
        **tabs(viewer, "punishments"),
    }  # fmt: skip
    return render(request, "industry/punishment.html", context)


@require_POST
@login_required
def move_punishment(request: HttpRequest, punishment_id: int) -> HttpResponse:
    """The punishment is confirmed or not, served, or lifted."""
    viewer, form = user_of(request), request.POST
    verb = form.get("verb", "")
    with telling(request):
        if verb == "serve":
            punishing.serve(viewer, punishment_id, form.get("notice_way", ""))
        elif verb == "lift":
            punishing.lift(viewer, punishment_id)
        else:
            punishing.confirm_punishment(viewer, punishment_id, verb, form.get("note", ""))
    return redirect("industry:punishment", punishment_id)


@require_POST
@login_required
def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """A letter as Word or PDF; on record under its number."""
    form = "pdf" if request.POST.get("form") == "pdf" else "docx"
    paper = letters.take_letter(user_of(request), letter_id, form)
    body = printing.as_pdf(paper) if form == "pdf" else printing.as_docx(paper)
    answer = HttpResponse(body, content_type="application/pdf" if form == "pdf" else DOCX)
    answer["Content-Disposition"] = f'attachment; filename="letter-{letter_id}.{form}"'
    answer["Cache-Control"] = "no-store"
    return answer
