"""What people do with tasks: the actor first, one transaction, one audit row, one event on commit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from qingdun.console.alerts import moves, timing
from qingdun.console.alerts.access import out_of_sight, visible
from qingdun.console.alerts.codes import LEVEL_RANK, CallResult, Level
from qingdun.console.alerts.entities import named
from qingdun.console.alerts.models import Contact, Submission, Task, TaskEvent, Visit, VisitStep
from qingdun.console.alerts.moves import State
from qingdun.console.alerts.rules import checklist_codes, failed_calls_before_search, raises_to_urgent
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.events import publish
from qingdun.console.kernel.masking import mask_account
from qingdun.console.kernel.models import AuditRow, Organisation, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import within
from qingdun.errors import IllegalMove, NotPermitted, RefusedError

TOPIC = "alerts"
RESULT_VERBS = {CallResult.ANSWERED: "reach", CallResult.REFUSED: "refuse"}


@dataclass(frozen=True, slots=True)
class VisitForm:
    """What an officer fills in at the door; money in fen."""

    steps: tuple[str, ...] = ()
    place: str = ""
    notes: str = ""
    loss_avoided_fen: int = 0
    loss_suffered_fen: int = 0
    cards_protected: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a bulk action on one row."""

    task_id: int
    ok: bool
    message: str = ""


@dataclass(slots=True)
class _Act:
    """One act under way: the locked task, who acts, when, and the task's face and holders before it."""

    actor: User
    task: Task
    now: dt.datetime
    before: dict[str, Any]
    station_id: int | None
    owner_id: int | None

    def apply(self, verb: str, note: str = "") -> None:
        """The task has made the move `verb`, with its clocks and a line of history; not yet saved."""
        task = self.task
        move = moves.check(verb, task.state, task.level, self.actor.role, note)
        if move.by_owner and task.owner_id != self.actor.pk:
            holder = task.owner.get_username() if task.owner else "nobody yet; sign first"
            raise IllegalMove(f"{verb}: only who signed may, and that is {holder}")
        _log(self, verb, move.target, note)
        task.state = move.target
        timing.run_for(task, move, self.now)
        if verb in ("accept", "recall", "sign"):
            task.owner = self.actor
        elif verb in (*moves.DISPATCH, "bounce", "escalate", "reopen"):
            task.owner = None
        if move.target == State.CLOSED:
            task.closed_at = self.now
            timing.run_clocks(task, tuple(moves.ClockName), (), self.now, kept=False)
        elif verb == "reopen":
            task.closed_at = None

    def finish(self, verb: str, purpose: str = "", **details: Any) -> Task:
        """The task is saved as its next version, audited once, and announced on commit."""
        self.task.version += 1
        self.task.moved_at = self.now
        self.task.save()
        record(self.actor, verb, self.task, self.before, {**face(self.task), **details}, purpose)
        announce(self.task, verb, self.station_id, self.owner_id)
        return self.task


def face(task: Task) -> dict[str, Any]:
    """What an audit row keeps of a task: no personal data."""
    return {
        "state": task.state, "level": task.level, "version": task.version,
        "owner": task.owner.get_username() if task.owner else None,
        "county": task.county_id, "station": task.station_id,
        "loss_avoided_fen": task.loss_avoided_fen, "cards_protected": task.cards_protected,
    }  # fmt: skip


def announce(task: Task, change: str, station_id: int | None = None, owner_id: int | None = None) -> None:
    """Those who see the task hear of the change once it is committed; so do the station and the owner who
    held it before.
    """
    payload = {"task": task.pk, "change": change, "level": task.level, "state": task.state}
    stations = {held for held in (task.station_id, station_id) if held is not None}
    users = {held for held in (task.owner_id, owner_id) if held is not None}
    publish(TOPIC, task.region_path, payload, stations=stations, users=users)


@transaction.atomic
def move(actor: User, task_id: int, version: int | None, verb: str, note: str = "") -> Task:
    """The task has made one move of the table.

    Errors: NotPermitted for a task that is not the actor's to see or a role that may not; IllegalMove for a
    state that forbids it or a task somebody else has moved since `version`.
    """
    act = _take(actor, task_id, version)
    if verb in moves.DISPATCH:
        return _dispatch(act, verb, None, note)
    act.apply(verb, note)
    return act.finish(verb, purpose=note)


@transaction.atomic
def dispatch(
    actor: User, task_id: int, version: int | None, station_id: int | None = None, note: str = ""
) -> Task:
    """The task is with the next organisation down; urgent and high go straight to the station."""
    act = _take(actor, task_id, version)
    open_to = [move.verb for move in moves.legal(act.task.state, act.task.level, actor.role)]
    verb = next((verb for verb in moves.DISPATCH if verb in open_to), None)
    if verb is None:
        found = ", ".join(open_to) or "nothing"
        raise IllegalMove(f"dispatch: the task is {act.task.state}; legal for {actor.role}: {found}")
    return _dispatch(act, verb, station_id, note)


def dispatch_many(actor: User, rows: Iterable[tuple[int, int | None]], note: str = "") -> list[Done]:
    """Each row is dispatched or says why not; rows stand alone, so one refusal stops no other."""
    return [
        _attempt(task_id, partial(dispatch, actor, task_id, version, None, note)) for task_id, version in rows
    ]


@transaction.atomic
def record_contact(actor: User, task_id: int, version: int | None, result: str, note: str = "") -> Task:
    """A call and its result are in the history, and the task stands where the result puts it.

    A failed call is evidence: after a set number of them the task is searching, and a busy or
    forwarded line raises a high task to urgent.
    """
    if result not in CallResult.values:
        raise RefusedError(f"call result: found {result!r}, expected one of {', '.join(CallResult.values)}")
    act = _take(actor, task_id, version)
    task = act.task
    if task.state != State.CALLING:
        act.apply("call")
    Contact.objects.create(
        task=task, region_path=task.region_path, at=act.now, by=actor, result=result, note=note
    )
    act.apply(RESULT_VERBS.get(CallResult(result), "miss"), note or str(CallResult(result).label))
    if task.state == State.UNREACHABLE:
        failed = task.contacts.exclude(result__in=RESULT_VERBS).count()
        if failed >= failed_calls_before_search():
            act.apply("search", f"{failed}")
    if raises_to_urgent(result) and task.level == Level.HIGH:
        raise_level(act.actor, task, Level.URGENT, act.now)
    return act.finish("contact", result=result)


@transaction.atomic
def save_visit(
    actor: User, task_id: int, version: int | None, key: str, form: VisitForm, verdict: str = ""
) -> Task:
    """The visit's switches, notes and sums are kept; with a verdict the task is reported back.

    Sending the same `key` again changes nothing, so a phone may repeat until it hears an answer.
    """
    act = _take(actor, task_id, None)
    task = act.task
    taken, fresh = Submission.objects.get_or_create(
        key=key, defaults={"by": actor, "task": task, "region_path": task.region_path, "at": act.now}
    )
    if not fresh:
        if taken.task_id != task.pk or taken.by_id != actor.pk:
            raise RefusedError("visit: this form was sent before for another task or by somebody else")
        return task
    _same_version(task, version)
    if task.owner_id != actor.pk:
        raise NotPermitted("visit: only the officer who signed the task may write its visit")
    if task.state not in moves.IN_THE_FIELD:
        raise IllegalMove(f"visit: the task is {task.state}; a visit is written from signing to the report")
    _keep_visit(act, form)
    if verdict:
        suffix = "" if task.state == State.MET else "_by_phone"
        act.apply(f"{verdict}{suffix}", form.notes)
        act.apply("report")
    return act.finish(verdict or "visit", steps=sorted(form.steps))


@transaction.atomic
def unmask(actor: User, task_id: int, purpose: str) -> Task:
    """The actor may read the person's name and number for the purpose given, and the audit says so."""
    require(actor, Permission.UNMASK)
    task = visible(actor, Task.objects.all()).filter(pk=task_id).first()
    if task is None:
        raise out_of_sight(task_id)
    record(actor, "unmask_task", task, None, {"fields": ["name", "number", "address"]}, stated(purpose))
    return task


@transaction.atomic
def unmask_entity(actor: User, ref: str, purpose: str) -> tuple[str, str, AuditRow]:
    """The actor may read the account or device that the reference stands for, and the audit says so.

    Kind, value, and the audit row, whose subject tells the same entity again without naming it.
    Errors: NotPermitted, InputError (no purpose).
    """
    require(actor, Permission.UNMASK)
    kind, value = named(actor, ref)
    subject = (kind, salted_hmac("qingdun.entity", f"{kind}:{value}").hexdigest()[:32])
    row = record(actor, "unmask_entity", subject, None, {"shown": mask_account(value)}, stated(purpose))
    return kind, value, row


def raise_level(actor: User | None, task: Task, level: str, now: dt.datetime) -> None:
    """The task has the higher level, no running clock is longer than that level gives; the caller saves."""
    if LEVEL_RANK[level] >= task.level_rank:
        return
    task.level, task.level_rank = level, LEVEL_RANK[level]
    timing.shorten(task, now)
    _write(task, actor, now, "raise_level", task.state, task.state, level)


def _take(actor: User, task_id: int, version: int | None) -> _Act:
    task = visible(actor, Task.objects.select_for_update()).filter(pk=task_id).first()
    if task is None:
        raise out_of_sight(task_id)
    _same_version(task, version)
    return _Act(actor, task, timezone.now(), face(task), task.station_id, task.owner_id)


def _same_version(task: Task, version: int | None) -> None:
    if version is None or version == task.version:
        return
    last = task.events.select_related("actor").last()
    told = f"{last.actor or 'engine'} {last.verb} {last.at:%H:%M:%S} UTC" if last else "it was changed"
    raise IllegalMove(f"somebody was faster: {told}; the task is now {task.state}")


def _dispatch(act: _Act, verb: str, station_id: int | None, note: str) -> Task:
    task = act.task
    county, station = _organisations(act.actor, task, station_id)
    if verb != "dispatch_county" and station is None:
        raise IllegalMove(f"{verb}: no such station serves {task.region_path}; choose one that does")
    act.apply(verb, note)
    task.county = county
    task.station = station if verb != "dispatch_county" else None
    return act.finish(verb, purpose=note)


def _organisations(
    actor: User, task: Task, station_id: int | None
) -> tuple[Organisation | None, Organisation | None]:
    """The county's office and the station for a task: the one chosen, or the one that serves the town."""
    county = Organisation.objects.filter(kind=Organisation.Kind.COUNTY_BUREAU)
    stations = within(actor, Organisation.objects.filter(kind=Organisation.Kind.STATION), "region__path")
    chosen = stations.filter(pk=station_id) if station_id else stations.filter(towns=task.town_id)
    codes = [code for code in task.region_path.split("/") if code]
    # A station whose region does not cover the task could not open it.
    covering = chosen.filter(region__code__in=codes)
    return county.filter(region__code__in=codes).first(), covering.first()


def _attempt(task_id: int, act: Callable[[], Task]) -> Done:
    try:
        act()
    except RefusedError as refused:
        return Done(task_id, False, str(refused))
    return Done(task_id, True)


def _keep_visit(act: _Act, form: VisitForm) -> None:
    task = act.task
    unknown = set(form.steps) - checklist_codes()
    if unknown:
        raise RefusedError(f"visit: unknown steps {', '.join(sorted(unknown))}")
    visit, _ = Visit.objects.get_or_create(
        task=task, defaults={"region_path": task.region_path, "started_at": act.now, "by": act.actor}
    )
    visit.place, visit.notes = form.place, form.notes
    visit.save()
    visit.steps.exclude(code__in=form.steps).delete()
    kept = set(visit.steps.values_list("code", flat=True))
    VisitStep.objects.bulk_create(
        VisitStep(visit=visit, region_path=task.region_path, code=code, at=act.now, by=act.actor)
        for code in form.steps
        if code not in kept
    )
    task.loss_avoided_fen = form.loss_avoided_fen
    task.loss_suffered_fen = form.loss_suffered_fen
    task.cards_protected = form.cards_protected


def _log(act: _Act, verb: str, target: str, note: str) -> None:
    _write(act.task, act.actor, act.now, verb, act.task.state, target, note)


def _write(
    task: Task, actor: User | None, now: dt.datetime, verb: str, source: str, target: str, note: str
) -> None:
    TaskEvent.objects.create(
        task=task, region_path=task.region_path, at=now, actor=actor,
        verb=verb, source=source, target=target, note=note,
    )  # fmt: skip
