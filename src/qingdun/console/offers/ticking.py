"""Searches are offered to the nearest free officers, and unanswered offers widen to the next.

What is offered: tasks in searching, and urgent ones that their station has not signed in time. Everything is
a row: a restart, a second process or a clock that jumps finds who was asked.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qingdun.console.alerts import unattended as tasks
from qingdun.console.alerts.queries import Task
from qingdun.console.alerts.states import State
from qingdun.console.duty import unattended as rosters
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import Organisation
from qingdun.console.offers import rules
from qingdun.console.offers.actions import end, tell
from qingdun.console.offers.models import Offer
from qingdun.console.sms.actions import tell_officer
from qingdun.console.whereabouts import unattended as places
from qingdun.contract.columns import timestamp
from qingdun.dispatch.offering import Ask, Candidate, nearest, next_asked, position
from qingdun.dispatch.way import Point, way_min

AT_ONCE = 50
"""Searches that one tick asks about at most: the next comes a second later."""
UNDELAYED = ("urgent",)
"""Levels of which nothing waits for a move to be final."""
Search = tuple[int, dt.datetime]
"""Id of a task and since when it is searched for: what makes it the same search."""


def tick(now: dt.datetime) -> int:
    """Offers whose time or task is over have ended, and who is next has been asked; how much that was."""
    waiting = {*tasks.searching(), *tasks.unsigned_in_time(("urgent",))}
    done = _end_what_is_over(waiting, now)
    on_duty = rosters.on_duty_in_stations(now) if waiting else []
    return done + sum(_ask(search, on_duty, now) for search in _turn(_unanswered(waiting, on_duty), now))


def _unanswered(waiting: set[Search], on_duty: list[rosters.Post]) -> list[Search]:
    """Those whom nobody has taken or still has time to take, and about which somebody can yet be asked."""
    made: dict[Search, set[int]] = {}
    settled = set()
    rows = Offer.objects.filter(task__in=[task_id for task_id, _ in waiting])
    for task_id, since, officer, state in rows.values_list("task_id", "search_at", "officer_id", "state"):
        made.setdefault((task_id, since), set()).add(officer)
        if state in (Offer.State.OPEN, Offer.State.TAKEN):
            settled.add((task_id, since))
    officers = {post.officer_id for post in on_duty}
    return sorted(one for one in waiting if one not in settled and officers - made.get(one, set()))


def _turn(searches: list[Search], now: dt.datetime) -> list[Search]:
    """As many as one tick asks about; each has its turn, also after those for whom nobody is found."""
    if len(searches) <= AT_ONCE:
        return searches
    first = int(now.timestamp()) * AT_ONCE % len(searches)
    return (searches[first:] + searches[:first])[:AT_ONCE]


def _end_what_is_over(waiting: set[Search], now: dt.datetime) -> int:
    rows = Offer.objects.filter(state=Offer.State.OPEN).values_list(
        "pk", "task_id", "search_at", "expires_at", "officer_id"
    )
    open_ones = list(rows)
    held = tasks.visiting({officer for *_, officer in open_ones}) if open_ones else {}
    over = [
        (pk, Offer.State.LAPSED if needed else Offer.State.OVER)
        for pk, task, since, expires, officer in open_ones
        if not (needed := (task, since) in waiting and officer not in held) or expires <= now
    ]
    return sum(_end(pk, state, now) for pk, state in over)


@transaction.atomic
def _end(offer_id: int, state: str, now: dt.datetime) -> bool:
    offer = Offer.objects.select_for_update().filter(pk=offer_id, state=Offer.State.OPEN).first()
    if offer is None:
        return False  # answered meanwhile
    end([offer], state, now)
    after = {"offer": offer.pk, "officer": offer.officer.username}
    record(None, f"{state}_offer", offer.task, None, after, region_path=offer.region_path)
    return True


@transaction.atomic
def _ask(search: Search, on_duty: list[rosters.Post], now: dt.datetime) -> int:
    """The next nearest free officers are asked, unless somebody still has time to answer; how many were."""
    task_id, since = search
    task = tasks.locked(task_id)
    if task is None or task.state not in (State.SEARCHING, State.STATION):
        return 0
    if task.level not in UNDELAYED and tasks.may_be_undone(task, now):
        return 0  # messages cannot be taken back: a search that may be is told a tick later
    made = list(Offer.objects.filter(task=task_id, search_at=since))
    if any(one.state in (Offer.State.OPEN, Offer.State.TAKEN) for one in made):
        return 0  # another process was faster
    asks = _next(task, on_duty, {one.officer_id for one in made}, now)
    posts = {post.officer_id: post for post in on_duty}
    step = max((one.step for one in made), default=-1) + 1
    for ask in asks:
        offer = Offer.objects.create(
            task=task, region_path=task.region_path, search_at=since, step=step, officer_id=ask.officer,
            station_id=posts[ask.officer].station_id, km=ask.km, way_min=ask.way_min, offered_at=now,
            expires_at=now + rules.stands(),
        )  # fmt: skip
        tell(offer, Offer.State.OPEN)
        if number := posts[ask.officer].msisdn:
            tell_officer(task, "duty.offer", f"offer:{offer.pk}", number, now)
    if asks:
        names = [posts[ask.officer].username for ask in asks]
        record(
            None, "offer_task", task, None, {"officers": names, "step": step}, region_path=task.region_path
        )
    return len(asks)


def _next(task: Task, on_duty: list[rosters.Post], asked: set[int], now: dt.datetime) -> list[Ask]:
    target = places.likely(task, now)
    if target is None:
        return []
    at = _positions(on_duty, now)
    held = tasks.visiting(
        [*(post.officer_id for post in on_duty), *([task.owner_id] if task.owner_id else [])]
    )
    busy = {officer for officer, visits in held.items() if visits - {task.pk}}
    # Nobody is asked about two searches at a time.
    waiting = set(Offer.objects.filter(state=Offer.State.OPEN).values_list("officer_id", flat=True))
    free = [
        Candidate(post.officer_id, where)
        for post in on_duty
        if post.officer_id not in busy | waiting | {task.owner_id}
        and (where := at[post.officer_id]) is not None
    ]
    urban = task.town is not None and bool(task.town.urban)
    holder = None
    if task.owner_id is not None and task.owner_id not in busy:
        holder = at.get(task.owner_id) or _stands(task.station)
    limit = way_min(holder, target, urban) if holder is not None else None
    return next_asked(nearest(target, free, urban), asked, rules.at_once(), limit)


def _positions(on_duty: list[rosters.Post], now: dt.datetime) -> dict[int, Point | None]:
    visits = tasks.last_visits([post.officer_id for post in on_duty], now - rules.fresh())
    fresh_us = round(rules.fresh().total_seconds() * 1_000_000)
    found = {}
    for post in on_duty:
        at, place = visits.get(post.officer_id, (now, None))
        found[post.officer_id] = position(place, timestamp(at), post.at, timestamp(now), fresh_us)
    return found


def _stands(station: Organisation | None) -> Point | None:
    if station is None or station.lng is None or station.lat is None:
        return None
    return Point(station.lng, station.lat)
