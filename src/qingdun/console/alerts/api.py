"""The module's JSON interface, for its pages and for other programs. Errors are {"message": …}."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, NinjaAPI, Schema
from ninja.security import django_auth

from qingdun.console.alerts import actions, priorities, queries, timeline
from qingdun.console.alerts.merging import merge as merge_tasks
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.moves import word
from qingdun.console.alerts.unmasking import Unmasked, mask_again, unmasked
from qingdun.console.kernel.answers import answer_errors
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import InputError

api = NinjaAPI(
    title="Qingdun alerts",
    version="1",
    urls_namespace="alerts-api",
    auth=django_auth,
    docs_decorator=login_required,
    docs_url=None,  # the page would load its scripts from elsewhere, which the policy forbids
)
answer_errors(api)


class MoveIn(Schema):
    """One move by its verb, of the version the caller has seen; a dispatch may choose the station."""

    verb: str
    version: int
    note: str = Field("", max_length=500)
    confirmed: bool = False
    station: int | None = None


class DispatchIn(Schema):
    """The dispatch that level and state ask for, to the station chosen or the one that serves the town."""

    version: int
    station: int | None = None
    note: str = Field("", max_length=500)


class RowIn(Schema):
    """One row of a bulk action."""

    task: int
    version: int


class BulkIn(Schema):
    """Rows to dispatch; each is checked by itself."""

    rows: list[RowIn] = Field(max_length=200)
    note: str = Field("", max_length=500)


class ContactIn(Schema):
    """A call and what came of it."""

    result: str
    version: int
    note: str = Field("", max_length=500)
    confirmed: bool = False


class MergeIn(Schema):
    """The task that another one of the same person becomes a part of."""

    into: int
    version: int


class NextOut(Schema):
    """The task to take up now, if any waits."""

    task: int | None


class VisitIn(Schema):
    """The visit as filled in on a phone; `key` makes it safe to send again; money in fen."""

    key: str = Field(min_length=8, max_length=64)
    version: int
    verdict: str = ""
    steps: list[str] = Field(default=[], max_length=60)
    place: str = Field("", max_length=200)
    notes: str = Field("", max_length=4000)
    loss_avoided_fen: int = Field(0, ge=0, le=10**13)
    loss_suffered_fen: int = Field(0, ge=0, le=10**13)
    cards_protected: int = Field(0, ge=0, le=100)
    reason: str = Field("", max_length=32)
    reason_words: str = Field("", max_length=200)


class UndoIn(Schema):
    """The version that the act to be taken back has made."""

    version: int


class PurposeIn(Schema):
    """Why personal data is to be seen."""

    purpose: str = Field(max_length=200)


class TaskOut(Schema):
    """Where a task stands after an act."""

    id: int
    state: str
    level: str
    version: int


class DoneOut(Schema):
    """What came of one row of a bulk action; `label` is the word of the move that was made."""

    task_id: int
    ok: bool
    message: str
    verb: str
    label: str

    @staticmethod
    def resolve_label(done: actions.Done) -> str:
        """As on the button and in the audit."""
        return word(done.verb) if done.verb else ""


class PersonOut(Schema):
    """Personal data, unmasked."""

    name: str
    number: str
    address: str
    until: dt.datetime


class MaskedOut(Schema):
    """Whether the person is masked for the caller."""

    masked: bool


@api.post("/tasks/{task_id}/move", response=TaskOut)
def move(request: HttpRequest, task_id: int, body: MoveIn) -> Task:
    """Make one move of the table: the one that is named, or none."""
    return actions.move(
        viewer_of(request), task_id, body.version, body.verb, body.note, body.confirmed, body.station
    )


@api.post("/tasks/{task_id}/undo", response=TaskOut)
def undo(request: HttpRequest, task_id: int, body: UndoIn) -> Task:
    """Take back one's own last move, within five seconds."""
    return actions.undo(viewer_of(request), task_id, body.version)


@api.post("/tasks/{task_id}/merge", response=TaskOut)
def merge(request: HttpRequest, task_id: int, body: MergeIn) -> Task:
    """Make the task a part of another one of the same person; answers with the other one."""
    return merge_tasks(viewer_of(request), task_id, body.version, body.into)


@api.get("/next", response=NextOut)
def next_task(request: HttpRequest) -> NextOut:
    """The task whose next step is the viewer's and saves most by the minute: looked at, given to nobody."""
    found = priorities.next_task(viewer_of(request))
    return NextOut(task=found.pk if found else None)


@api.post("/next", response=NextOut)
def take_next(request: HttpRequest) -> NextOut:
    """The same task, given to the caller: for a minute nobody else is given it."""
    found = actions.take_next(viewer_of(request))
    return NextOut(task=found.pk if found else None)


@api.post("/tasks/{task_id}/dispatch", response=TaskOut)
def dispatch(request: HttpRequest, task_id: int, body: DispatchIn) -> Task:
    """Send the task to the next organisation down."""
    return actions.dispatch(viewer_of(request), task_id, body.version, body.station, body.note)


@api.post("/dispatch", response=list[DoneOut])
def dispatch_many(request: HttpRequest, body: BulkIn) -> list[actions.Done]:
    """Send many; the answer says of each row whether it went and why not."""
    return actions.dispatch_many(
        viewer_of(request), [(row.task, row.version) for row in body.rows], body.note
    )


@api.post("/tasks/{task_id}/contact", response=TaskOut)
def contact(request: HttpRequest, task_id: int, body: ContactIn) -> Task:
    """Record a call."""
    return actions.record_contact(
        viewer_of(request), task_id, body.version, body.result, body.note, body.confirmed
    )


@api.post("/tasks/{task_id}/visit", response=TaskOut)
def visit(request: HttpRequest, task_id: int, body: VisitIn) -> Task:
    """Keep the visit; with a verdict, report it."""
    form = actions.VisitForm(
        tuple(body.steps), body.place, body.notes,
        body.loss_avoided_fen, body.loss_suffered_fen, body.cards_protected, body.reason, body.reason_words,
    )  # fmt: skip
    return actions.save_visit(viewer_of(request), task_id, body.version, body.key, form, body.verdict)


@api.post("/tasks/{task_id}/unmask", response=PersonOut)
def unmask(request: HttpRequest, task_id: int, body: PurposeIn) -> Unmasked | None:
    """Show the person's name, number and address to the caller, on this task, for a quarter of an hour and
    for a purpose, which is audited.
    """
    viewer = viewer_of(request)
    return unmasked(viewer, actions.unmask(viewer, task_id, body.purpose))


@api.post("/tasks/{task_id}/mask", response=MaskedOut)
def mask(request: HttpRequest, task_id: int) -> MaskedOut:
    """Mask the person again for the caller, before the time is over."""
    mask_again(viewer_of(request), task_id)
    return MaskedOut(masked=True)


@api.get("/tasks/{task_id}/timeline")
def task_timeline(request: HttpRequest, task_id: int) -> dict[str, Any]:
    """Events and evidence around the task in four lanes."""
    viewer = viewer_of(request)
    return timeline.lanes(viewer, queries.task(viewer, task_id))


@api.get("/tasks/{task_id}/map")
def task_map(request: HttpRequest, task_id: int) -> dict[str, Any]:
    """The person's town and the station that serves it; nobody's home."""
    viewer = viewer_of(request)
    return timeline.places(viewer, queries.task(viewer, task_id))


@api.get("/boundary/{name}")
def boundary(request: HttpRequest, name: str, response: HttpResponse) -> dict[str, Any]:
    """A layer of the city's map as GeoJSON: city, counties or towns_schematic."""
    if name not in ("city", "counties", "towns_schematic"):
        raise InputError(
            _("Layer: found “%(found)s”, expected city, counties or towns_schematic.") % {"found": name[:40]}
        )
    response["Cache-Control"] = "private, max-age=86400"
    found: dict[str, Any] = settings.CITY.boundary(name)
    return found
