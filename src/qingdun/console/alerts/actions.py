"""What people do with tasks: the actor first, one transaction, one audit row, one event on commit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from qingdun.console.alerts import moves, states
from qingdun.console.alerts.acting import (
    Act,
    announce,
    by_engine,
    face,
    raise_level,
    require_version,
    take,
)
from qingdun.console.alerts.claiming import take_next
from qingdun.console.alerts.codes import CallResult, Level
from qingdun.console.alerts.entities import named
from qingdun.console.alerts.guarding import require_quiet
from qingdun.console.alerts.handing import county_of, entrust, hand_back, take_over
from qingdun.console.alerts.intake import ingest_alerts, take_turn
from qingdun.console.alerts.models import Contact, Submission, Task, Visit, VisitStep
from qingdun.console.alerts.moving import UNDO_FOR
from qingdun.console.alerts.outcomes import tell_of_loss, withdraw_loss
from qingdun.console.alerts.rules import (
    checklist_codes,
    failed_calls_before_search,
    false_alarms,
    raises_to_urgent,
)
from qingdun.console.alerts.states import State
from qingdun.console.alerts.undoing import undo
from qingdun.console.alerts.unmasking import unmask
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.masking import mask_account
from qingdun.console.kernel.models import AuditRow, Organisation, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import within
from qingdun.errors import IllegalMove, NotPermitted, RefusedError

__all__ = [
    "UNDO_FOR",
    "announce",
    "entrust",
    "ingest_alerts",
    "raise_level",
    "take_next",
    "take_over",
    "take_turn",
    "tell_of_loss",
    "undo",
    "unmask",
    "withdraw_loss",
]

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
    reason: str = ""
    """Code of `rules.false_alarms`, for that verdict."""
    reason_words: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a bulk action on one row: the move that was made, or why none was."""

    task_id: int
    ok: bool
    message: str = ""
    verb: str = ""


@transaction.atomic
def move(
    actor: User,
    task_id: int,
    version: int | None,
    verb: str,
    note: str = "",
    confirmed: bool = False,
    station_id: int | None = None,
) -> Task:
    """The task has made the move `verb` of the table, and no other one; a dispatch goes to the station
    chosen, or to the one that serves the town.

    Errors: NotPermitted for a task that is not the actor's to see or a role that may not; IllegalMove for a
    state that forbids it or a task somebody else has moved since `version`; Unconfirmed for a call to
    somebody who was called lately, unless it is `confirmed`.
    """
    act = take(actor, task_id, version)
    if verb in moves.DISPATCH:
        return _send_on(act, verb, station_id, note)
    if verb == "hand_back":
        return hand_back(act, note)
    if verb in moves.BY_VERB and moves.BY_VERB[verb].apart:
        raise IllegalMove(_("%(move)s: this step has a form of its own") % {"move": moves.word(verb)})
    act.apply(verb, note)
    if verb == "call":
        require_quiet(act.task, actor, act.now, confirmed)
    return act.finish(verb, purpose=note)


@transaction.atomic
def dispatch(
    actor: User, task_id: int, version: int | None, station_id: int | None = None, note: str = ""
) -> Task:
    """The task is with the next organisation down; urgent and high go straight to the station."""
    act = take(actor, task_id, version)
    return _send_on(act, _way_down(act), station_id, note)


def dispatch_many(actor: User, rows: Iterable[tuple[int, int | None]], note: str = "") -> list[Done]:
    """Each row is sent to the next organisation down and says by which move, or why not; rows stand alone, so
    one refusal stops no other.
    """
    return [_attempt(partial(_dispatch, actor, task_id, version, note), task_id) for task_id, version in rows]


@transaction.atomic
def record_contact(
    actor: User, task_id: int, version: int | None, result: str, note: str = "", confirmed: bool = False
) -> Task:
    """A call and its result are in the history, and the task stands where the result puts it.

    A failed call is evidence: after a set number of them the task is searching, and a busy or
    forwarded line raises a high task to urgent. Errors: as `move`.
    """
    if result not in CallResult.values:
        known = ", ".join(CallResult.values)
        raise RefusedError(
            _("call result: found %(found)s, expected one of %(known)s")
            % {"found": result[:20], "known": known}
        )
    act = take(actor, task_id, version)
    task = act.task
    if task.state != State.CALLING:
        act.apply("call")
        require_quiet(task, actor, act.now, confirmed)
    Contact.objects.create(
        task=task, region_path=task.region_path, at=act.now, by=actor, result=result, note=note
    )
    act.results.append(result)
    act.apply(RESULT_VERBS.get(CallResult(result), "miss"), note or result)
    if task.state == State.UNREACHABLE:
        failed = task.contacts.filter(withdrawn_at=None).exclude(result__in=RESULT_VERBS).count()
        if failed >= failed_calls_before_search():
            act.apply("search", f"{failed}")
    if raises_to_urgent(result) and task.level == Level.HIGH:
        raise_level(act.actor, task, Level.URGENT, act.now)
    return act.finish("contact", result=result)


def let_rest(task: Task, now: dt.datetime) -> None:
    """The task of a low level is closed by itself: its person was warned, and nothing else came.

    For `sms` alone, which knows the warning; part of an act that holds the task's lock. Errors: IllegalMove.
    """
    before = face(task)
    by_engine(task, "dismiss", now, "warned")
    task.version += 1
    task.moved_at = now
    task.save()
    record(None, "dismiss", task, before, face(task))
    announce(task, "dismiss")


@transaction.atomic
def save_visit(
    actor: User, task_id: int, version: int | None, key: str, form: VisitForm, verdict: str = ""
) -> Task:
    """The visit's switches, notes and sums are kept; with a verdict the task is reported back.

    Sending the same `key` again changes nothing, so a phone may repeat until it hears an answer.
    """
    act = take(actor, task_id, None)
    task = act.task
    if not _sent_first(act, key):
        return task
    require_version(task, version)
    if task.owner_id != actor.pk:
        raise NotPermitted(_("Only the officer who signed the task may write its visit."))
    if task.state not in states.IN_THE_FIELD:
        raise IllegalMove(
            _("A visit is written from signing to the report; the task stands at: %(state)s")
            % {"state": task.get_state_display()}
        )
    _keep_visit(act, form)
    note = form.notes
    if verdict == State.FALSE_ALARM:
        act.reason, note = _reason(form)
    if verdict:
        suffix = "" if task.state == State.MET else "_by_phone"
        act.apply(f"{verdict}{suffix}", note)
        act.apply("report")
    return act.finish(verdict or "visit", undoable=bool(verdict), steps=sorted(form.steps), reason=act.reason)


@transaction.atomic
def meet(actor: User, task_id: int, key: str) -> Task:
    """The officer stands before the person. Sending the same `key` again changes nothing: a phone enters it
    where there is no line, and repeats it until it hears an answer.

    It is a fact, whatever came to the task that its officer could not see there: no version is asked for.
    Errors: as `move`.
    """
    act = take(actor, task_id, None)
    if not _sent_first(act, key):
        return act.task
    act.apply("meet")
    return act.finish("meet")


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


@transaction.atomic
def _dispatch(actor: User, task_id: int, version: int | None, note: str) -> str:
    act = take(actor, task_id, version)
    verb = _way_down(act)
    _send_on(act, verb, None, note)
    return verb


def _way_down(act: Act) -> str:
    """The dispatch that the task's level and state ask for."""
    task = act.task
    open_to = [move.verb for move in moves.legal(task.state, task.level, act.actor.role)]
    verb = next((verb for verb in moves.DISPATCH if verb in open_to), None)
    if verb is None:
        raise moves.impossible(_("Dispatch"), task.state, [moves.BY_VERB[verb] for verb in open_to])
    return verb


def _send_on(act: Act, verb: str, station_id: int | None, note: str) -> Task:
    task = act.task
    to_a_station = moves.BY_VERB[verb].target == State.STATION
    station = _station(act.actor, task, station_id) if to_a_station else None
    if to_a_station and station is None:
        raise IllegalMove(
            _("No station serves %(place)s; choose one that does.")
            % {"place": task.town or task.region_path.strip("/").split("/")[-1]}
        )
    act.apply(verb, note)
    task.county, task.station = county_of(task), station
    return act.finish(verb, purpose=note)


def _station(actor: User, task: Task, station_id: int | None) -> Organisation | None:
    """The station for a task: the one chosen, or the one that serves the town."""
    stations = within(actor, Organisation.objects.filter(kind=Organisation.Kind.STATION), "region__path")
    chosen = stations.filter(pk=station_id) if station_id else stations.filter(towns=task.town_id)
    # A station whose region does not cover the task could not open it.
    return chosen.filter(region__in=[code for code in task.region_path.split("/") if code]).first()


def _attempt(act: Callable[[], str], task_id: int) -> Done:
    try:
        verb = act()
    except RefusedError as refused:
        return Done(task_id, False, str(refused))
    return Done(task_id, True, verb=verb)


def _sent_first(act: Act, key: str) -> bool:
    """Whether nothing was sent with this key before. Errors: RefusedError for the key of something else."""
    task, actor = act.task, act.actor
    new = Submission(key=key, by=actor, task=task, region_path=task.region_path, at=act.now)
    try:
        # Hardly any comes twice: it is not looked for first.
        with transaction.atomic():
            new.save(force_insert=True)
    except IntegrityError:
        taken = Submission.objects.get(key=key)
        if taken.task_id != task.pk or taken.by_id != actor.pk:
            raise RefusedError(
                _("This report was sent before, for another task or by somebody else.")
            ) from None
        return False
    return True


def _reason(form: VisitForm) -> tuple[str, str]:
    """Why it is a false alarm, and the note in the history: code and words."""
    reason = false_alarms().get(form.reason)
    if reason is None:
        known = ", ".join(false_alarms())
        raise RefusedError(
            _("A false alarm needs its reason: found “%(found)s”, expected one of %(known)s.")
            % {"found": form.reason, "known": known}
        )
    words = form.reason_words.strip()
    if reason.needs_words and not words:
        raise RefusedError(_("Say the reason in your own words."))
    return reason.code, f"{reason.code} {words}".strip()


def _keep_visit(act: Act, form: VisitForm) -> None:
    task = act.task
    unknown = set(form.steps) - checklist_codes()
    if unknown:
        raise RefusedError(_("visit: unknown steps %(steps)s") % {"steps": ", ".join(sorted(unknown))})
    visit = Visit(
        task=task,
        region_path=task.region_path,
        started_at=act.now,
        by=act.actor,
        place=form.place,
        notes=form.notes,
    )
    # One statement, where looking for it first takes five.
    Visit.objects.bulk_create(
        [visit], update_conflicts=True, unique_fields=["task"], update_fields=["place", "notes"]
    )
    kept = set(visit.steps.values_list("code", flat=True))
    if kept - set(form.steps):
        visit.steps.exclude(code__in=form.steps).delete()
    VisitStep.objects.bulk_create(
        VisitStep(visit=visit, region_path=task.region_path, code=code, at=act.now, by=act.actor)
        for code in form.steps
        if code not in kept
    )
    task.loss_avoided_fen = form.loss_avoided_fen
    task.loss_suffered_fen = form.loss_suffered_fen
    task.cards_protected = form.cards_protected
