"""Reads of the desk, the task and the phone page: the viewer first, and only what is theirs to see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from qingdun.console.alerts import moves
from qingdun.console.alerts.access import may_open, out_of_sight, require_open, sees, visible
from qingdun.console.alerts.codes import LEVEL_RANK, Level
from qingdun.console.alerts.models import (
    Alert,
    Clock,
    Contact,
    ContextEvent,
    FeedProgress,
    TaskEvent,
    Visit,
)
from qingdun.console.alerts.models import Task as Task  # what other modules call the type of a task
from qingdun.console.alerts.moves import word as word  # what other modules call a line of history by
from qingdun.console.alerts.moving import Move
from qingdun.console.alerts.states import AT_A_DESK, ENDED, ON_THE_WAY, SETTLED, VERDICTS, State
from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.masking import mask_name, mask_number
from qingdun.console.kernel.models import Organisation, Person, PersonNumber, User
from qingdun.console.kernel.paging import count_each
from qingdun.console.kernel.roles import Permission, Role, may, require
from qingdun.console.kernel.scope import narrowed, within
from qingdun.contract.codes import scam_types

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Seen:
    """The cell a person's phone was in during a call, and when."""

    cell: str
    at: dt.datetime


PAGE = 50
RELATED = ("town__parent", "owner", "station", "county")
LISTED = ("town", "owner")
"""What a line of the queue names beside the task."""
GROUPS: dict[str, tuple[str, ...]] = {
    "open": tuple(s for s in State.values if s not in (*ENDED, State.FOLLOW_UP)),
    "desk": tuple(s.value for s in (*AT_A_DESK,)),
    "field": tuple(s.value for s in (State.STATION, *ON_THE_WAY, State.MET, *VERDICTS)),
    "review": (State.FEEDBACK.value, State.REVIEWED.value),
    "follow": (State.FOLLOW_UP.value,),
    "suppressed": (State.SUPPRESSED.value,),
    "closed": (State.CLOSED.value, State.MERGED.value),
    "all": tuple(State.values),
}
"""What the filter `state` may name: a group of states, or one state."""
AVOIDED = Q(loss_avoided_fen__gt=0) & ~Q(verdict=State.FALSE_ALARM)
"""Tasks in which a loss was avoided, wherever that is counted: nobody loses anything to a false alarm."""
SORTS: dict[str, tuple[Any, ...]] = {
    "urgency": ("level_rank", F("due_at").asc(nulls_last=True), "-raised_at"),
    "newest": ("-received_at",),
    "loss": ("-expected_loss_fen",),
    "clock": (F("due_at").asc(nulls_last=True), "level_rank"),
    # Of these `priorities` ranks the first few hundred.
    "priority": ("level_rank", "-expected_loss_fen"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a desk's address asks for; every field is a parameter of its query string.

    `among` are ids of tasks, by points: what a search has found, without what was searched for.
    """

    state: str = "open"
    level: tuple[str, ...] = ()
    type: str = ""
    region: str = ""
    owner: str = ""
    late: bool = False
    lost: bool = False
    among: tuple[int, ...] = ()
    sort: str = "urgency"
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> Filters:
        """The filters of a query string; what it does not know falls back to the default."""
        state, sort, page = query.get("state", ""), query.get("sort", ""), query.get("page", "")
        return cls(
            state=state if state in GROUPS or state in State.values else "open",
            level=tuple(level for level in query.getlist("level") if level in Level.values),
            type=query.get("type", "") if query.get("type") in scam_types().names else "",
            region=query.get("region", "")[:12],
            owner=query.get("owner", "") if query.get("owner") in ("me", "none") else "",
            late=query.get("late") == "1",
            lost=query.get("lost") == "1",
            among=tuple(int(pk) for pk in query.get("among", "").split(".")[:PAGE] if whole(pk) is not None),
            sort=sort if sort in SORTS else "urgency",
            page=int(page) if 0 < (whole(page) or 0) < 10_000 else 1,
        )


@dataclass(frozen=True)
class Row:
    """A task as the viewer may read it: personal data masked."""

    task: Task
    person: Person | None
    now: dt.datetime
    clock_from: dt.datetime | None = None
    """When the first running clock was started."""

    @property
    def name(self) -> str:
        """Surname and stars."""
        return (
            mask_name(self.person.name) if self.person and self.person.name else mask_number(self.task.msisdn)
        )

    @property
    def number(self) -> str:
        """The number with its middle hidden."""
        return mask_number(self.task.msisdn)

    @property
    def age(self) -> int | None:
        """Years, by year of birth."""
        return self.task.raised_at.year - self.person.birth_year if self.person else None

    @property
    def settled(self) -> bool:
        """Whether the officer is done, so that nothing burns any more."""
        return self.task.state in SETTLED

    @property
    def late(self) -> bool:
        """Whether the first running clock has run out."""
        return self.task.due_at is not None and self.task.due_at < self.now

    @cached_property
    def county(self) -> Any:
        """The town's county."""
        return self.task.town.parent if self.task.town else None


def tasks(viewer: User, filters: Filters) -> QuerySet[Task]:
    """Tasks of the viewer's region that the filters let through, in the order asked for."""
    require_open(viewer)
    region = narrowed(viewer, filters.region)
    states = GROUPS.get(filters.state, (filters.state,))
    found = visible(viewer, Task.objects.all()).filter(state__in=states)
    if not set(states) & set(ENDED):
        # Says the same once more: so the indexes of what is not over serve, which is little beside the rest.
        found = found.filter(closed_at=None)
    if region is not None and region.path != viewer.region_path:
        found = found.filter(region_path__startswith=region.path)
    if filters.level:
        # By rank, as the indexes have it.
        found = found.filter(level_rank__in=[LEVEL_RANK[level] for level in filters.level])
    if filters.type:
        found = found.filter(scam_type=filters.type)
    if filters.owner == "me":
        found = found.filter(owner=viewer)
    elif filters.owner == "none":
        found = found.filter(owner=None)
    if filters.late:
        found = found.filter(due_at__lt=timezone.now())
    if filters.lost:
        found = found.exclude(lost_at=None)
    if filters.among:
        found = found.filter(pk__in=filters.among)
    return found.select_related(*RELATED).order_by(*SORTS[filters.sort], "pk")


def counted(viewer: User) -> QuerySet[Task]:
    """Every task that figures count for the viewer: those they may see, and for who shows the wall and opens
    no task, those of their region. Errors: NotPermitted.
    """
    if not may(viewer, Permission.SEE_WALL):
        require(viewer, Permission.SEE_ALERTS)
    return visible(viewer, Task.objects.all())


def queue(viewer: User, task_ids: Iterable[int]) -> list[Row]:
    """The lines of the queue for those of the tasks that the viewer sees, in the order of their ids here."""
    place = {pk: number for number, pk in enumerate(task_ids)}
    found = visible(viewer, Task.objects.filter(pk__in=place)).select_related(*LISTED)
    return rows(viewer, sorted(found, key=lambda task: place[task.pk]))


def find(viewer: User, text: str) -> list[int]:
    """Ids of the tasks of the person with exactly that number or name, the latest first.

    Parts find nothing: whoever could try them out would read through the mask.
    """
    require_open(viewer)
    compact = text.replace(" ", "")
    if not compact:
        return []
    numbers = (compact, f"+86{compact}")
    # Each looked up by itself: one condition over all of them would walk through every person and task.
    people = {
        compact,
        *Person.objects.filter(name=text).values_list("pk", flat=True),
        *PersonNumber.objects.filter(msisdn__in=numbers).values_list("person_id", flat=True),
    }
    theirs = Q(msisdn__in=numbers) | Q(person_id__in=people)
    found = visible(viewer, Task.objects.filter(theirs)).order_by("-raised_at", "-pk")
    return list(found.values_list("pk", flat=True)[:PAGE])


def held_by(viewer: User, post: Organisation) -> QuerySet[Task]:
    """The tasks that wait at the bureau or station and have not ended, most urgent first."""
    # A task that was taken back or sent back keeps the station it was with, but waits at a desk.
    held = Q(station=post) & ~Q(state__in=AT_A_DESK)
    at_county = Q(state=State.COUNTY) | Q(state=State.BOUNCED, county__isnull=False)
    if post.kind == Organisation.Kind.COUNTY_BUREAU:
        held = Q(county=post) & at_county
    elif post.kind == Organisation.Kind.CITY_BUREAU:
        held = Q(state__in=AT_A_DESK) & ~at_county
    require_open(viewer)
    found = visible(viewer, Task.objects.filter(held, closed_at=None))
    return found.order_by("level_rank", "due_at", "pk")


def rows(viewer: User, found: Iterable[Task]) -> list[Row]:
    """Those of the tasks that the viewer sees, with their persons, masked."""
    listed = [task for task in found if sees(viewer, task)]
    people = Person.objects.in_bulk({task.person_id for task in listed})
    now = timezone.now()
    running = Clock.objects.filter(task__in=[task.pk for task in listed], stopped_at=None)
    # Of several the first due is the last.
    started = dict(running.order_by("-due_at").values_list("task", "started_at"))
    return [Row(task, people.get(task.person_id), now, started.get(task.pk)) for task in listed]


def level_counts(viewer: User, filters: Filters) -> dict[str, int]:
    """How many tasks of each level the filters let through, were every level asked for; as far as counted."""
    found = tasks(viewer, replace(filters, level=()))
    return count_each({level: found.filter(level_rank=rank) for level, rank in LEVEL_RANK.items()})


def task(viewer: User, task_id: int) -> Task:
    """One task. Errors: NotPermitted if it is not there or not the viewer's to see."""
    require_open(viewer)
    found = visible(viewer, Task.objects.select_related(*RELATED)).filter(pk=task_id).first()
    if found is None:
        raise out_of_sight(task_id)
    return found


def history(viewer: User, about: Task) -> QuerySet[TaskEvent]:
    """Every move of the task, the latest first."""
    return _about(viewer, TaskEvent.objects.filter(task=about)).select_related("actor").order_by("-at", "-pk")


def contacts(viewer: User, about: Task) -> QuerySet[Contact]:
    """Every attempt to speak with the person about the task, the latest first."""
    return _about(viewer, Contact.objects.filter(task=about)).select_related("by").order_by("-at")


def clocks(viewer: User, about: Task) -> QuerySet[Clock]:
    """The task's clocks as they were started; of those started at once, the first due first."""
    return _about(viewer, Clock.objects.filter(task=about)).order_by("started_at", "due_at", "pk")


def alerts(viewer: User, about: Task) -> QuerySet[Alert]:
    """The alerts merged in the task with their evidence, the latest first."""
    return (
        _about(viewer, Alert.objects.filter(task=about)).prefetch_related("evidence").order_by("-raised_at")
    )


def context(viewer: User, about: Task) -> QuerySet[ContextEvent]:
    """What happened around the task's alerts, in order of time."""
    return _about(viewer, ContextEvent.objects.filter(task=about))


def last_seen(viewer: User, about: Task) -> Seen | None:
    """Where the person's phone was in the last call before the task's latest alert; for `whereabouts` alone,
    which asks for a purpose.
    """
    call = _about(viewer, ContextEvent.objects.filter(task=about)).exclude(cell="").order_by("-at").first()
    return Seen(call.cell, call.at) if call else None


def visit(viewer: User, about: Task) -> Visit | None:
    """The visit as kept so far."""
    return _about(viewer, Visit.objects.filter(task=about)).prefetch_related("steps").first()


def earlier(viewer: User, about: Task) -> QuerySet[Task]:
    """Other tasks of the same person, the latest first."""
    return (
        _about(viewer, Task.objects.filter(person_id=about.person_id), "")
        .exclude(pk=about.pk)
        .order_by("-raised_at")
    )


def person(viewer: User, about: Task) -> Person | None:
    """The person of the task, if the register knows them."""
    return Person.objects.filter(pk=about.person_id).first() if sees(viewer, about) else None


def home(viewer: User, about: Task) -> str:
    """The address of the task's person, for whoever has said why, while the task is open; nothing after."""
    known = person(viewer, about) if about.closed_at is None else None
    return known.home_address if known else ""


def _about(viewer: User, rows: QuerySet[M], task: str = "task") -> QuerySet[M]:
    """Those of the rows whose task the viewer sees, if they may see alerts at all."""
    return visible(viewer, rows, task) if may_open(viewer) else rows.none()


def open_moves(viewer: User, about: Task) -> list[Move]:
    """The moves the viewer may make now, the most sensible first."""
    if not sees(viewer, about):
        return []
    options = [
        move
        for move in moves.legal(about.state, about.level, viewer.role)
        if viewer.is_active
        and (not move.by_owner or about.owner_id == viewer.pk)
        and not move.apart
        and move.fits(about.lost_at is not None)
    ]
    first = moves.next_step(about.state, about.level, viewer.role)
    return sorted(options, key=lambda move: move is not first)


def stations(viewer: User) -> QuerySet[Organisation]:
    """The stations the viewer may dispatch to."""
    return within(viewer, Organisation.objects.filter(kind=Organisation.Kind.STATION), "region__path")


def grid_members(viewer: User, about: Task) -> QuerySet[User]:
    """Who may be entrusted with a visit to the person of the task: the active grid members of their town."""
    members = User.objects.filter(role=Role.GRID_MEMBER, is_active=True)
    if about.town is None or not sees(viewer, about):
        return members.none()
    return members.filter(region__path__startswith=about.town.path).order_by("region__path", "username")


def feed(viewer: User) -> FeedProgress | None:
    """How far the engine is; counts by flow name no person and no place."""
    return FeedProgress.objects.filter(pk=1).first() if viewer.is_authenticated else None
