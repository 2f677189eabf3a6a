"""Reads of what a visit has kept: the viewer first, and only of tasks they see."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from qingdun.console.alerts.access import require_open, require_sight, visible
from qingdun.console.alerts.queries import Task
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.visits.models import Consent, Photo, Place, Receipt


@dataclass(frozen=True)
class Standing:
    """One thing that is asked, and what holds of it now; None if nobody has asked."""

    kind: str
    label: str
    latest: Consent | None

    @property
    def given(self) -> bool:
        """Whether the person agrees."""
        return self.latest is not None and self.latest.answer == Consent.Answer.YES


@dataclass(frozen=True)
class Record:
    """What is kept of a visit, as the viewer may see it; the place without its coordinates."""

    consents: list[Standing]
    said: list[Consent]
    photos: list[Photo]
    place: Place | None
    receipts: list[Receipt]

    @property
    def photos_allowed(self) -> bool:
        """Whether the person agrees to photos."""
        return any(one.kind == Consent.Kind.PHOTO and one.given for one in self.consents)


def consents(viewer: User, task_id: int) -> QuerySet[Consent]:
    """Everything the person said, in order of time."""
    require(viewer, Permission.SEE_ALERTS)
    return visible(viewer, Consent.objects.filter(task=task_id), "task").select_related("by")


def photos(viewer: User, task_id: int) -> QuerySet[Photo]:
    """The photos that are there, in order of time."""
    require(viewer, Permission.SEE_ALERTS)
    kept = Photo.objects.filter(task=task_id, removed_at=None)
    return visible(viewer, kept, "task").select_related("by")


def photo(viewer: User, photo_id: int) -> Photo:
    """One photo. Errors: NotPermitted if it is not there or not the viewer's to see."""
    require(viewer, Permission.SEE_ALERTS)
    kept = Photo.objects.filter(pk=photo_id, removed_at=None).select_related("task")
    found = visible(viewer, kept, "task").first()
    if found is None:
        raise out_of_reach()
    return found


def place(viewer: User, task_id: int) -> Place | None:
    """Where the visit happened; None when nobody recorded it, and when the task has ended."""
    require(viewer, Permission.SEE_ALERTS)
    kept = Place.objects.filter(task=task_id, task__closed_at=None)
    return visible(viewer, kept, "task").select_related("by").first()


def receipts(viewer: User, task_id: int) -> QuerySet[Receipt]:
    """The receipts of the task, in order of their numbers."""
    require(viewer, Permission.SEE_ALERTS)
    return visible(viewer, Receipt.objects.filter(task=task_id), "task").select_related("by")


def receipt(viewer: User, receipt_id: int) -> Receipt:
    """One receipt. Errors: NotPermitted if it is not there or not the viewer's to see."""
    require(viewer, Permission.SEE_ALERTS)
    kept = Receipt.objects.filter(pk=receipt_id).select_related("task__town", "station", "by")
    found = visible(viewer, kept, "task").first()
    if found is None:
        raise out_of_reach()
    return found


def record(viewer: User, about: Task) -> Record:
    """Everything kept of the task's visit. Errors: NotPermitted if the task is not the viewer's to see."""
    require_open(viewer)
    require_sight(viewer, about)
    task_id = about.pk
    # Of most tasks nothing is kept: one look instead of four.
    kept = (model.objects.filter(task=task_id).order_by().values("task") for model in (Photo, Place, Receipt))
    if not Consent.objects.filter(task=task_id).order_by().values("task").union(*kept).exists():
        return Record(
            [Standing(kind.value, str(kind.label), None) for kind in Consent.Kind], [], [], None, []
        )
    said = list(consents(viewer, task_id))
    latest = {one.kind: one for one in said}
    return Record(
        [Standing(kind.value, str(kind.label), latest.get(kind.value)) for kind in Consent.Kind],
        said,
        list(photos(viewer, task_id)),
        place(viewer, task_id),
        list(receipts(viewer, task_id)),
    )
