"""Pages of the module: parse, one call, render."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.alerts import actions, entities, figures, guarding, priorities, queries, timeline
from qingdun.console.alerts.access import may_unmask
from qingdun.console.alerts.codes import CallResult, EntityKind, Level, is_chinese, scam_type_label
from qingdun.console.alerts.disclosure import disclosure, of_rows
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.moves import BY_VERB, DISPATCH, MOVES, next_step
from qingdun.console.alerts.queries import PAGE, Filters
from qingdun.console.alerts.rules import checklist, false_alarms
from qingdun.console.alerts.states import AT_A_DESK, ON_THE_WAY, UNDECIDED, VERDICTS, State
from qingdun.console.alerts.tabling import export_rows
from qingdun.console.alerts.undoing import undoable_until
from qingdun.console.alerts.unmasking import unmasked
from qingdun.console.kernel import queries as kernel_queries
from qingdun.console.kernel.actions import record_export, record_search
from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.maps import map_words
from qingdun.console.kernel.middleware import BACKGROUND_HEADER
from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.kernel.paging import Bounded, shown
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.spreadsheets import CSV, csv_lines
from qingdun.console.kernel.viewer import viewer_of
from qingdun.contract.codes import scam_types
from qingdun.errors import InputError

PHONE_ONLY = frozenset(move.verb for move in MOVES if move.by_owner and move.verb not in DISPATCH) | {
    "report"
}
"""Steps of the officer on the way, done on the phone page with its calls and checklist."""
PHONE_NEXT = ("sign", "meet", "report", "close")
PHONE_VERBS = (
    *PHONE_NEXT,
    "search",
    "lose",
    "find",
    "follow_up",
    "hand_down",
    "hand_back",
    "bounce",
    "out_of_area",
    "escalate",
)
"""What the phone page offers at the bottom; calls and verdicts have places of their own on it."""
AT_ONCE = 1000
"""Tasks of an export that are read together."""


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """The alert desk: queue, task, context."""
    viewer, filters = viewer_of(request), Filters.of(request.GET)
    counts = queries.level_counts(viewer, filters)
    found = None if filters.sort == "priority" else sum(counts[level] for level in filters.level or counts)
    page = Bounded(_listed(viewer, filters), PAGE, found).get_page(filters.page)
    rows = queries.queue(viewer, page.object_list)
    chosen = request.GET.get("task", "")
    first = int(chosen) if whole(chosen) is not None else next((row.task.pk for row in rows), None)
    return render(
        request,
        "alerts/desk.html",
        {
            **(_task(viewer, queries.task(viewer, first)) if first is not None else {}),
            "rows": rows,
            "page": page,
            "filters": filters,
            "selected": first,
            "levels": _in_words(counts),
            "groups": [(code, str(label)) for code, label in _groups()],
            "types": [(code, scam_type_label(code)) for code in scam_types().names],
            "feed": queries.feed(viewer),
            "saved": kernel_queries.saved_filters(viewer, "alerts"),
            "may_dispatch": may(viewer, Permission.DISPATCH_COUNTY),
        },
    )


@require_safe
@login_required
def queue_rows(request: HttpRequest) -> HttpResponse:
    """The queue's rows alone, as the filters ask."""
    viewer, filters = viewer_of(request), Filters.of(request.GET)
    start = (filters.page - 1) * PAGE
    rows = queries.queue(viewer, _listed(viewer, filters)[start : start + PAGE])
    return render(request, "alerts/_rows.html", {"rows": rows, "filters": filters})


@require_safe
@login_required
def levels(request: HttpRequest) -> HttpResponse:
    """How many tasks of each level the filters let through, alone."""
    viewer, filters = viewer_of(request), Filters.of(request.GET)
    counts = queries.level_counts(viewer, filters)
    return render(request, "alerts/_levels.html", {"levels": _in_words(counts), "filters": filters})


@require_safe
@login_required
def strip(request: HttpRequest) -> HttpResponse:
    """The feed strip alone."""
    return render(request, "alerts/_strip.html", {"feed": queries.feed(viewer_of(request))})


@require_safe
@login_required
def pane(request: HttpRequest, task_id: int) -> HttpResponse:
    """The two panes of one task."""
    viewer = viewer_of(request)
    return render(request, "alerts/_panes.html", _task(viewer, queries.task(viewer, task_id)))


@require_safe
@login_required
def task_page(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task on a page of its own."""
    viewer = viewer_of(request)
    return render(request, "alerts/task.html", _task(viewer, queries.task(viewer, task_id)))


@require_safe
@login_required
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The whole filtered queue as a spreadsheet's CSV, masked, sent while it is read."""
    viewer = viewer_of(request)
    listed = _listed(viewer, Filters.of(request.GET))
    count = len(listed) if isinstance(listed, list) else listed.order_by().count()
    record_export(viewer, "tasks", request.GET.urlencode(), count)
    lines = csv_lines(export_rows(_through(viewer, listed)))
    response = StreamingHttpResponse(lines, content_type=CSV)
    name = f"alerts-{timezone.localdate():%Y%m%d}-{count}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@login_required
def visit(request: HttpRequest, task_id: int) -> HttpResponse:
    """The officer's phone page of one task."""
    viewer = viewer_of(request)
    task = queries.task(viewer, task_id)
    kept = queries.visit(viewer, task)
    context = _task(viewer, task) | {
        "checklist": checklist(),
        "ticked": {step.code for step in kept.steps.all()} if kept else set(),
        "visit": kept,
        "results": CallResult.choices,
        "verdicts": [(v.value, v.label) for v in VERDICTS if v is not State.FALSE_ALARM],
        "false_alarms": false_alarms().values(),
        "met": task.state not in ON_THE_WAY,
    }
    if BACKGROUND_HEADER in request.headers:
        context["unmasked"] = None  # what the phone keeps for a dead spot is masked
    return render(request, "alerts/visit.html", context)


@require_safe
@login_required
def wall(request: HttpRequest) -> HttpResponse:
    """The wall display."""
    viewer = viewer_of(request)
    home = reverse("alerts:desk") if may(viewer, Permission.SEE_ALERTS) else ""
    return render(request, "alerts/wall.html", {**_wall(viewer), "home": home})


@require_safe
@login_required
def wall_live(request: HttpRequest) -> HttpResponse:
    """The wall's figures alone."""
    return render(request, "alerts/_wall.html", _wall(viewer_of(request)))


@require_POST
@login_required
def find(request: HttpRequest) -> HttpResponse:
    """The desk with the tasks of who was searched for; what was typed is not in its address."""
    viewer, text = viewer_of(request), request.POST.get("q", "").strip()[:60]
    found = queries.find(viewer, text)
    record_search(viewer, text, {"tasks": len(found)})
    among = ".".join(str(pk) for pk in found) or "0"
    return redirect(f"{reverse('alerts:desk')}?state=all&among={among}")


@require_POST
@login_required
def entrust(request: HttpRequest, task_id: int) -> HttpResponse:
    """The task is with the grid member who was chosen, and its page says so."""
    form = request.POST
    actions.entrust(
        viewer_of(request), task_id, whole(form.get("version", "")), whole(form.get("member", "")) or 0
    )
    return redirect("alerts:task", task_id)


@require_safe
@login_required
def entity_list(request: HttpRequest) -> HttpResponse:
    """The strongest suspects."""
    found = entities.suspects(viewer_of(request))
    context = {"suspects": found, "kinds": EntityKind.choices, "shown": of_rows(found)}
    return render(request, "alerts/entities.html", context)


@login_required
def entity_search(request: HttpRequest) -> HttpResponse:
    """What was typed leads to its page, whose address does not hold it."""
    viewer, text = viewer_of(request), request.POST.get("q", "").strip()[:255]
    if not text:
        return redirect("alerts:entities")
    kind = request.POST.get("kind", "")
    if kind not in EntityKind.values:
        kind = entities.looks_like(text).value
    ref = entities.find(viewer, kind, text)
    record_search(viewer, text, {kind: int(ref is not None)})
    if ref is not None:
        return redirect("alerts:entity", ref)
    return render(request, "alerts/entity.html", _entity(viewer, kind, text))


@require_safe
@login_required
def entity(request: HttpRequest, ref: str) -> HttpResponse:
    """One number, sender, host, account or device."""
    viewer = viewer_of(request)
    return render(request, "alerts/entity.html", _entity(viewer, *entities.named(viewer, ref), ref=ref))


@login_required
def entity_unmask(request: HttpRequest, ref: str) -> HttpResponse:
    """The same with its account or device legible, after the purpose is on record."""
    viewer = viewer_of(request)
    if request.method != "POST":
        return redirect("alerts:entity", ref)
    try:
        kind, value, row = actions.unmask_entity(viewer, ref, request.POST.get("purpose", ""))
    except InputError as error:
        context = _entity(viewer, *entities.named(viewer, ref), ref=ref)
        return render(request, "alerts/entity.html", {**context, "error": str(error)})
    return render(request, "alerts/entity.html", {**_entity(viewer, kind, value, row=row), "ref": ref})


def _entity(
    viewer: User, kind: str, value: str, *, ref: str = "", row: AuditRow | None = None
) -> dict[str, Any]:
    found = entities.entity(viewer, kind, value)
    named = [(kind, value), *((one.entity_kind, one.entity) for one in found.neighbours)]
    people = [victim.person for victim in found.victims if victim.person]
    shown = disclosure(named, people, [value] if row else [])
    return {
        "entity": found,
        "label": shown.label(kind, value),
        "masked": not shown.shows(kind, value),
        "may_unmask": may(viewer, Permission.UNMASK),
        "kinds": EntityKind.choices,
        "shown": shown,
        "ref": ref,
        "row": row,
    }


def _in_words(counts: dict[str, int]) -> list[tuple[str, str]]:
    return [(level, shown(count)) for level, count in counts.items()]


def _listed(viewer: User, filters: Filters) -> Any:
    """Ids of the tasks of the queue in its order, to be cut into pages: what comes before a page is passed
    over by its index, without a look at the rest of each task.
    """
    if filters.sort == "priority":
        return [one.task_id for one in priorities.ranked(viewer, filters)]
    return queries.tasks(viewer, filters).values_list("pk", flat=True)


def _through(viewer: User, listed: Any) -> Iterator[queries.Row]:
    """The rows of all these tasks, read a part at a time: a long export is never whole in memory."""
    ids = iter(listed) if isinstance(listed, list) else listed.iterator(chunk_size=AT_ONCE)
    while part := list(islice(ids, AT_ONCE)):
        yield from queries.queue(viewer, part)


def _task(viewer: User, task: Task) -> dict[str, Any]:
    row = queries.rows(viewer, [task])[0]
    alerts, around = list(queries.alerts(viewer, task)), list(queries.context(viewer, task))
    shown = timeline.may_be_shown(viewer, row.person, alerts, around)
    moves = queries.open_moves(viewer, task)
    ahead = next_step(task.state, task.level, viewer.role)
    station = task.station or timeline.serving(viewer, task)
    return {
        "row": row,
        "task": task,
        "person": row.person,
        "alerts": alerts,
        "shown": shown,
        "waterfall": timeline.waterfall(alerts[0], shown) if alerts else None,
        "sentence": timeline.sentence(row, alerts[0], shown) if alerts else "",
        "context_rows": timeline.told(task, around, alerts, shown),
        "context_gone": timezone.now() - task.received_at > settings.CONTEXT_KEPT,
        "context_days": settings.CONTEXT_KEPT.days,
        "evidence_days": settings.EVIDENCE_KEPT.days,
        "moves": moves,
        "dispatches": any(move.verb in DISPATCH for move in moves),
        "serving": station,
        "history": queries.history(viewer, task),
        "attempts": guarding.attempts(viewer, task),
        "called_lately": guarding.warning(viewer, task),
        "ranked": priorities.of_task(viewer, task),
        "undo_until": undoable_until(viewer, task),
        "clocks": queries.clocks(viewer, task),
        "earlier": queries.earlier(viewer, task),
        "may_unmask": may_unmask(viewer, task),
        "unmasked": unmasked(viewer, task),
        "grid_members": queries.grid_members(viewer, task) if _may_entrust(viewer, task) else [],
        **map_words(),
        "may_merge": viewer.role in BY_VERB["merge"].roles,
        "mergeable": BY_VERB["merge"].sources,
        "mine": task.owner_id == viewer.pk,
        "at_a_desk": AT_A_DESK,
        "phone_only": PHONE_ONLY,
        "on_the_phone": any(move.verb in PHONE_ONLY for move in moves),
        "callable": task.state in (State.SIGNED, State.CALLING, *UNDECIDED),
        "visiting": any(move.target in VERDICTS for move in moves),
        "may_meet": any(move.verb == "meet" for move in moves),
        "phone_verbs": PHONE_VERBS,
        "phone_next": next((verb for verb in PHONE_NEXT if verb in {move.verb for move in moves}), ""),
        "next_open": ahead is not None and ahead in moves,
        "next_verb": ahead.verb if ahead else "",
        "zh": is_chinese(),
    }


def _may_entrust(viewer: User, task: Task) -> bool:
    move = BY_VERB["entrust"]
    mine = task.owner_id == viewer.pk and viewer.role in move.roles
    return mine and task.state in move.sources and task.level in move.levels


def _wall(viewer: User) -> dict[str, Any]:
    return {
        "counties": figures.by_county(viewer),
        "seats": figures.by_town(viewer),
        "may_open": may(viewer, Permission.SEE_ALERTS),
        "waiting": figures.waiting(viewer),
        "outcomes": figures.outcomes(viewer),
        "feed": queries.feed(viewer),
        "levels": Level.choices,
        **map_words(),
    }


def _groups() -> list[tuple[str, Any]]:
    return [
        ("open", _("Open")),
        ("desk", _("To be sent on")),
        ("field", _("In the field")),
        ("review", _("Reported back")),
        ("follow", _("In follow-up")),
        ("suppressed", _("Put aside")),
        ("closed", _("Closed")),
        ("all", _("All")),
    ]
