"""Reads of messages and texts: the viewer first, and only what is theirs to see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.utils import timezone

from qingdun.console.alerts.access import visible
from qingdun.console.kernel.masking import mask_number
from qingdun.console.kernel.models import Person, PersonNumber, User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import in_station, narrowed, residents, within
from qingdun.console.sms import wording
from qingdun.console.sms.codes import BETWEEN_EDUCATION, Kind, MessageState
from qingdun.console.sms.models import LastEducation, Message, OptOut, Template
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


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of some people could be sent education now, and who they are."""

    people: int
    no_number: int
    opted_out: int
    too_soon: int
    reachable: QuerySet[Person]


def reach(viewer: User, people: QuerySet[Person]) -> Reach:
    """Whom of the people in the viewer's region an educational text would reach now: nobody without a number,
    who opted out, or who was sent one within seven days. Errors: NotPermitted.
    """
    require(viewer, Permission.WORK_OUTREACH)
    held = PersonNumber.objects.filter(person=OuterRef("pk")).order_by("-activated_on", "-msisdn")
    lately = LastEducation.objects.filter(person_id=OuterRef("pk"), at__gt=timezone.now() - BETWEEN_EDUCATION)
    found = residents(viewer, people).annotate(latest_number=Subquery(held.values("msisdn")[:1]))
    found = found.annotate(
        stopped=Exists(OptOut.objects.filter(msisdn=OuterRef("latest_number"))), lately=Exists(lately)
    )
    numbered = found.filter(latest_number__isnull=False)
    counts = found.order_by().aggregate(
        people=Count("pk"),
        no_number=Count("pk", filter=Q(latest_number=None)),
        opted_out=Count("pk", filter=Q(latest_number__isnull=False, stopped=True)),
        too_soon=Count("pk", filter=Q(latest_number__isnull=False, stopped=False, lately=True)),
    )
    return Reach(**counts, reachable=numbered.filter(stopped=False, lately=False))


def education_texts(viewer: User) -> list[Preview]:
    """Every educational text in use, with its example. Errors: NotPermitted."""
    require(viewer, Permission.WORK_OUTREACH)
    return _previews(Template.objects.filter(active=True, kind=Kind.EDUCATION).order_by("pk"))


def education_states(viewer: User, message_ids: QuerySet[Any]) -> list[tuple[str, int]]:
    """Where these educational messages of the viewer's region stand, in words, and how many; only numbers.

    Errors: NotPermitted.
    """
    require(viewer, Permission.SEE_OUTREACH)
    found = residents(viewer, Message.objects.filter(kind=Kind.EDUCATION, pk__in=message_ids)).order_by()
    counts = dict(found.values_list("state").annotate(count=Count("pk")))
    return [(str(state.label), counts[state]) for state in MessageState if state in counts]


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
