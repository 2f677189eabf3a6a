"""Reads of messages and texts: the viewer first, and only what is theirs to see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet
from django.http import QueryDict

from qingdun.console.alerts.access import visible
from qingdun.console.kernel.masking import mask_number
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import in_station, narrowed, within
from qingdun.console.sms import wording
from qingdun.console.sms.codes import Kind, MessageState
from qingdun.console.sms.models import Message, OptOut, Template
from qingdun.console.sms.parts import split

PAGE = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address of the page of messages asks for."""

    state: str = ""
    kind: str = ""
    region: str = ""
    task: int | None = None

    @classmethod
    def of(cls, query: QueryDict) -> Filters:
        """The filters of a query string; what it does not know is left out."""
        state, kind, task = query.get("state", ""), query.get("kind", ""), query.get("task", "")
        return cls(
            state=state if state in MessageState.values else "",
            kind=kind if kind in Kind.values else "",
            region=query.get("region", "")[:12],
            task=int(task) if task.isdecimal() and len(task) < 12 else None,
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as a phone would show it."""

    template: Template
    text: str
    parts: int
    characters: int


def messages(viewer: User, filters: Filters | None = None) -> QuerySet[Message]:
    """Messages of the viewer's region, newest first; in a station, those of its tasks."""
    if not may(viewer, Permission.SEE_ALERTS):
        return Message.objects.none()
    rows = Message.objects.select_related("template", "created_by")
    found = visible(viewer, rows, "task") if in_station(viewer) else within(viewer, rows)
    if filters is None:
        return found
    region = narrowed(viewer, filters.region)
    if region is not None:
        found = found.filter(region_path__startswith=region.path)
    for field in ("state", "kind", "task"):
        wanted = getattr(filters, field)
        if wanted:
            found = found.filter(**{field: wanted})
    return found


def state_counts(viewer: User, filters: Filters) -> dict[str, int]:
    """How many messages of each state the other filters let through."""
    every = Filters(kind=filters.kind, region=filters.region, task=filters.task)
    counts = messages(viewer, every).order_by().values_list("state").annotate(Count("pk"))
    return {**dict.fromkeys(MessageState.values, 0), **dict(counts)}


def texts(viewer: User) -> list[Preview]:
    """Every text in use, with its example."""
    require(viewer, Permission.SEE_ALERTS)
    return _previews(Template.objects.filter(active=True).order_by("kind", "pk"))


def versions(viewer: User, code: str) -> list[Preview]:
    """Every version of one text, the latest first."""
    require(viewer, Permission.SEE_ALERTS)
    return _previews(Template.objects.filter(code=code).select_related("created_by").order_by("-version"))


def opt_outs(viewer: User) -> list[tuple[str, OptOut]]:
    """The latest hundred numbers of the viewer's region that want no education, masked."""
    if not may(viewer, Permission.WORK_ALERTS) or in_station(viewer):
        return []
    found = within(viewer, OptOut.objects.select_related("by"))[:100]
    return [(mask_number(row.msisdn), row) for row in found]


def demo_phones(viewer: User) -> list[Message]:
    """What the demo gateway would have sent last, each as a phone joins its parts; `shown_at` says when."""
    shown = messages(viewer).annotate(shown_at=Max("parts__demo__at"), shown_parts=Count("parts__demo"))
    return list(shown.filter(shown_parts__gt=0).order_by("-shown_at", "-pk")[:PAGE])


def _previews(templates: Iterable[Template]) -> list[Preview]:
    found = []
    for template in templates:
        text = wording.render(template.text_zh, template.kind, wording.example(template.kind))
        found.append(Preview(template, text, len(split(text)), len(text)))
    return found
