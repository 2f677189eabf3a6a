"""Pages of bulletins: parse, one call, render."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.bulletin import actions, booking, printing, queries, writing
from qingdun.console.bulletin.composing import LANGUAGES
from qingdun.console.bulletin.differing import difference
from qingdun.console.bulletin.models import Bulletin
from qingdun.console.bulletin.moves import BulletinState
from qingdun.console.bulletin.numbers import number_of
from qingdun.console.bulletin.periods import Period, Span, last_over
from qingdun.console.bulletin.tables import BULLETINS, TABLES, place_word
from qingdun.console.bulletin.texts import spaced, typed_numbers
from qingdun.console.kernel.entry import calendar_day
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import covers, narrowed, out_of_reach
from qingdun.console.kernel.spreadsheets import XLSX
from qingdun.console.kernel.table_pages import table_file, table_page
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import QingdunError

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMS: dict[str, tuple[str, Callable[[writing.Sheet], Any]]] = {
    "docx": (WORD, lambda sheet: io.BytesIO(printing.as_docx(sheet))),
    "pdf": ("application/pdf", lambda sheet: io.BytesIO(printing.as_pdf(sheet))),
    "xlsx": (XLSX, booking.as_xlsx),
}
"""What a bulletin leaves as."""


@require_safe
@login_required
def board(request: HttpRequest) -> HttpResponse:
    """Every bulletin the viewer may read; who writes them composes one, and sets schedules."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_BULLETINS)
    return _board(request, viewer, {})


@require_POST
@login_required
def compose(request: HttpRequest) -> HttpResponse:
    """A draft of the place and period."""
    viewer, form = viewer_of(request), request.POST
    since, until = calendar_day(form.get("since", "")), calendar_day(form.get("until", ""))
    faults = {}
    if since is None or until is None:
        faults["since" if since is None else "until"] = _("Expected a day such as 2026-06-17.")
    else:
        try:
            made = actions.draft(
                viewer, form.get("region", ""), Period(since, until), form.get("language", "zh")
            )
            return redirect("bulletin:page", made.pk)
        except FieldFaults as wrong:
            faults = wrong.faults
    return _board(request, viewer, faults, 422)


@require_POST
@login_required
def schedule(request: HttpRequest) -> HttpResponse:
    """A schedule is set, or ended."""
    viewer, form = viewer_of(request), request.POST
    try:
        if form.get("end", "").isdecimal():
            actions.end_schedule(viewer, int(form["end"][:18]))
        else:
            language = form.get("language", "zh")
            actions.set_schedule(viewer, form.get("region", ""), form.get("span", ""), language)
    except FieldFaults as wrong:
        messages.error(request, " ".join(wrong.faults.values()))
    return redirect("bulletin:board")


@require_safe
@login_required
def page(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """One bulletin: its text or the draft to be edited, its figures, signatures and files."""
    viewer = viewer_of(request)
    return _page(request, viewer, queries.bulletin(viewer, bulletin_id), {})


@require_safe
@login_required
def compare(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """What differs from the bulletin that was issued before."""
    viewer = viewer_of(request)
    about = queries.bulletin(viewer, bulletin_id)
    context = {"about": about, "found": difference(viewer, about), "number_of": number_of}
    return render(request, "bulletin/compare.html", context)


@require_POST
@login_required
def act(request: HttpRequest, bulletin_id: int, verb: str) -> HttpResponse:
    """Something is done with the bulletin."""
    viewer, form = viewer_of(request), request.POST
    text = form.get("text", "")

    def check() -> None:
        changed = actions.differing(viewer, queries.bulletin(viewer, bulletin_id))
        if changed:
            messages.warning(request, _("The ledgers say otherwise now: %s") % "、".join(changed))
        else:
            messages.success(request, _("The ledgers say the same, figure by figure."))

    acts: dict[str, Callable[[], object]] = {
        "edit": lambda: actions.edit_bulletin(viewer, bulletin_id, form.dict()),
        "recount": lambda: actions.recount_bulletin(viewer, bulletin_id),
        "sign": lambda: actions.sign_bulletin(viewer, bulletin_id),
        "countersign": lambda: actions.countersign_bulletin(viewer, bulletin_id),
        "send_back": lambda: actions.end_bulletin(viewer, bulletin_id, "send_back_bulletin", text),
        "drop": lambda: actions.end_bulletin(viewer, bulletin_id, "drop_bulletin", text),
        "check": check,
    }
    if verb not in acts:
        raise out_of_reach()
    try:
        acts[verb]()
    except FieldFaults as wrong:
        return _page(request, viewer, queries.bulletin(viewer, bulletin_id), wrong.faults, 422)
    except QingdunError as refused:
        messages.error(request, str(refused))
    return redirect("bulletin:page", bulletin_id)


@require_POST
@login_required
def take(request: HttpRequest, bulletin_id: int) -> FileResponse:
    """The bulletin as Word, PDF or XLSX; that it left is on record."""
    form = request.POST.get("form", "")
    form = form if form in FORMS else "docx"
    about = actions.take_bulletin(viewer_of(request), bulletin_id, form)
    kind, make = FORMS[form]
    with override(LANGUAGES[about.language]):
        made = make(writing.sheet_of(about))
    code = about.region_path.rstrip("/").rsplit("/", 1)[-1]
    name = f"bulletin-{code}-{about.since:%Y%m%d}-{about.until:%Y%m%d}.{form}"
    return FileResponse(made, as_attachment=True, filename=name, content_type=kind)


@require_safe
@login_required
def table(request: HttpRequest, code: str) -> HttpResponse:
    """One ledger: its filters, its rows, sorted, a page at a time."""
    _require(viewer_of(request), code)
    shown = table_page(request, TABLES[code], f"bulletin.{code}")
    return render(request, "bulletin/table.html", shown.context, status=shown.status)


@require_POST
@login_required
def file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The rows of the ledger as CSV or XLSX; that they left is on record."""
    _require(viewer_of(request), code)
    return table_file(request, TABLES[code], f"bulletin.{code}")


def _require(viewer: User, code: str) -> None:
    if code not in TABLES:
        raise out_of_reach()
    require(viewer, Permission.SEE_BULLETINS if code == BULLETINS.code else Permission.SEE_ALERTS)


def _board(request: HttpRequest, viewer: User, faults: dict[str, str], status: int = 200) -> HttpResponse:
    shown = table_page(request, BULLETINS, "bulletin.bulletins")
    typed = request.POST
    before = last_over(Span.MONTH, timezone.localdate())
    context = {
        **shown.context,
        "may_write": may(viewer, Permission.WRITE_BULLETINS),
        "place": narrowed(viewer, request.GET.get("region", "")),
        "since": typed.get("since") or f"{before.since}",
        "until": typed.get("until") or f"{before.until}",
        "tongues": Bulletin._meta.get_field("language").choices,
        "spans": Span.choices,
        "schedules": [(one, place_word(one.region_path)) for one in queries.schedules(viewer)],
        "faults": faults,
    }
    return render(request, "bulletin/board.html", context, status=max(status, shown.status))


def _page(
    request: HttpRequest, viewer: User, about: Bulletin, faults: dict[str, str], status: int = 200
) -> HttpResponse:
    writes = may(viewer, Permission.WRITE_BULLETINS) and covers(viewer, about.region_path)
    figures = list(queries.figures(viewer, about))
    edits = writes and about.state == BulletinState.DRAFT
    typed = request.POST if faults else {}
    context = {
        "about": about,
        "place": place_word(about.region_path),
        "number": number_of(about),
        "paragraphs": [
            (number, one["heading"], _parts(number, one, typed, edits), typed.get(f"out{number}"))
            for number, one in enumerate(about.paragraphs)
        ],
        "urls": {one.code: one.url for one in figures},
        "figures": figures,
        "typed_numbers": typed_numbers(about.paragraphs),
        "holds": bool(about.seal) and about.seal == actions.seal_of(about),
        "last": queries.last_issued(viewer, about),
        "edits": edits,
        "may_sign": edits,
        "may_second": writes and about.state == BulletinState.SIGNED and about.first_by_id != viewer.pk,
        "may_send_back": writes and about.state == BulletinState.SIGNED,
        "may_check": writes and about.state in (BulletinState.SIGNED, BulletinState.ISSUED),
        "faults": faults,
        "typed": typed,
    }
    return render(request, "bulletin/page.html", context, status=status)


def _parts(number: int, paragraph: dict[str, Any], typed: Any, edits: bool) -> list[tuple[str, Any]]:
    """The parts with the names of the fields of those that are typed, '' for places of figures."""
    if not edits:
        return [("" if isinstance(part, dict) else "-", part) for part in paragraph["parts"]]
    named: list[tuple[str, Any]] = []
    for place, part in enumerate(spaced(paragraph)):
        name = f"p{number}.{place}"
        named.append(("", part) if isinstance(part, dict) else (name, typed.get(name, part)))
    return named
