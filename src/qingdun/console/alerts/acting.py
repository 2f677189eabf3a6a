"""How an act on a task is made: the task is locked, moved by the table, saved, audited and announced, in one
transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts import moves, outcomes, timing
from qingdun.console.alerts.access import locked, waits_for_the_hotline
from qingdun.console.alerts.codes import LEVEL_RANK
from qingdun.console.alerts.models import LastAct, Task, TaskEvent
from qingdun.console.alerts.moves import VERDICT_OF
from qingdun.console.alerts.moving import Move
from qingdun.console.alerts.snapshot import snapshot
from qingdun.console.alerts.states import ENDED
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.events import Notice, publish_all
from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission
from qingdun.errors import IllegalMove, Overtaken

TOPIC = "alerts"
TAKEN_BY = ("accept", "recall", "sign", "hotline", "take_over")
LET_GO_BY = (
    *moves.DISPATCH,
    "hand_back",
    "bounce",
    "escalate",
    "reopen",
    "out_of_area",
    "suppress",
    "unsuppress",
)


@dataclass(slots=True)
class Act:
    """One act under way: the locked task, who acts, when, and what was found before it."""

    actor: User
    task: Task
    now: dt.datetime
    before: dict[str, Any]
    found: dict[str, Any]
    station_id: int | None
    owner_id: int | None
    results: list[str] = field(default_factory=list)
    """Results and verdicts that the engine is told of."""
    reason: str = ""
    """Why it was a false alarm, if that is the verdict."""

    def apply(self, verb: str, note: str = "") -> None:
        """The task has made the move `verb`. Errors: IllegalMove, NotPermitted."""
        task = self.task
        move = moves.check(verb, task.state, task.level, self.actor.role, note)
        if not move.fits(task.lost_at is not None):
            if move.lost:
                raise IllegalMove(_("The contact is marked as lost already."))
            raise IllegalMove(_("The contact is not marked as lost."))
        if move.by_owner and task.owner_id != self.actor.pk:
            raise IllegalMove(_not_the_owner(task, move))
        carry_out(task, move, self.actor, self.now, note)
        if verb in VERDICT_OF:
            self.results.append(VERDICT_OF[verb].value)

    def finish(self, verb: str, purpose: str = "", undoable: bool = True, **details: Any) -> Task:
        """The task is saved as its next version, audited once, and announced on commit."""
        task = self.task
        task.version += 1
        task.moved_at = self.now
        task.save()
        if undoable:
            # One statement, where looking for it first takes five.
            LastAct.objects.bulk_create(
                [
                    LastAct(
                        task=task, by=self.actor, at=self.now, verb=verb,
                        version=task.version, found=self.found,
                    )
                ],
                update_conflicts=True,
                unique_fields=["task"],
                update_fields=["by", "at", "verb", "version", "found"],
            )  # fmt: skip
        told = [
            outcomes.line(task, self.now, result, self.actor.get_username(), self.reason)
            for result in self.results
        ]
        head = locked_head()
        record(self.actor, verb, task, self.before, {**face(task), **details}, purpose, head=head)
        outcomes.keep(told)
        waited = waits_for_the_hotline(self.before["state"], self.before["level"])
        publish_all([_notice(task, verb, waited, self.station_id, self.owner_id, task.version)], head=head)
        return task


def take(actor: User, task_id: int, version: int | None) -> Act:
    """The act on a task that is locked and the actor's to see, and that nobody has moved since `version`."""
    task = locked(actor, task_id)
    require_version(task, version)
    return Act(actor, task, timezone.now(), face(task), snapshot(task), task.station_id, task.owner_id)


def require_version(task: Task, version: int | None) -> None:
    """Nothing happens if nobody has moved the task since `version`. Errors: Overtaken, who has and how."""
    if version is None or version == task.version:
        return
    last = task.events.select_related("actor").exclude(verb__in=moves.BY_THE_CLOCK).last()
    raise Overtaken(
        _("Somebody was faster: %(who)s, %(at)s, %(did)s. The task stands at: %(state)s")
        % {
            "who": (last.actor if last else None) or _("the system"),
            "at": f"{timezone.localtime(last.at if last else task.moved_at):%H:%M:%S}",
            "did": moves.word(last.verb if last else ""),
            "state": task.get_state_display(),
        }
    )


def _not_the_owner(task: Task, move: Move) -> str:
    if task.owner is None:
        return _("%(move)s: nobody has signed the task yet; sign it first") % {"move": move.label}
    return _("%(move)s: only for whoever signed the task, and that is %(owner)s") % {
        "move": move.label,
        "owner": task.owner,
    }


def carry_out(task: Task, move: Move, actor: User | None, now: dt.datetime, note: str = "") -> None:
    """The task has made the move, with its clocks, its holder and a line of history; the caller saves the
    rest of it.
    """
    write_line(task, actor, now, move.verb, task.state, move.target or task.state, note)
    if move.target is not None:
        task.state = move.target
        task.save(update_fields=["state"])  # one by one: the database checks every single move
        task.closed_at = now if move.target in ENDED else None
    timing.run_for(task, move, now)
    if move.lost is not None:
        task.lost_at = now if move.lost else None
    if move.verb in VERDICT_OF:
        task.verdict, task.verdict_at = VERDICT_OF[move.verb], now
    if move.verb in TAKEN_BY:
        task.owner = actor
    elif move.verb in LET_GO_BY:
        task.owner = None


def by_engine(task: Task, verb: str, now: dt.datetime, note: str = "") -> None:
    """The task has made a move that the system makes by itself; the caller saves.

    Errors: IllegalMove if it is no such move, or not legal now.
    """
    move = moves.BY_VERB[verb]
    if not move.by_engine or task.state not in move.sources or task.level not in move.levels:
        raise IllegalMove(f"{verb}: not the engine's to make from {task.state} at level {task.level}")
    carry_out(task, move, None, now, note)


def raise_level(actor: User | None, task: Task, level: str, now: dt.datetime) -> None:
    """The task has the higher level, no running clock is longer than that level gives; the caller saves."""
    if LEVEL_RANK[level] >= task.level_rank:
        return
    task.level, task.level_rank = level, LEVEL_RANK[level]
    timing.shorten(task, now)
    write_line(task, actor, now, "raise_level", task.state, task.state, level)


def face(task: Task) -> dict[str, Any]:
    """What an audit row keeps of a task: no personal data."""
    return {
        "state": task.state, "level": task.level, "version": task.version,
        "owner": task.owner.get_username() if task.owner else None,
        "county": task.county_id, "station": task.station_id,
        "loss_avoided_fen": task.loss_avoided_fen, "cards_protected": task.cards_protected,
        "lost": task.lost_at is not None, "escalation": task.escalation,
    }  # fmt: skip


def announce(task: Task, change: str) -> None:
    """Those who see the task hear of the change once it is committed."""
    publish_all([_notice(task, change)])


def announce_all(changes: Sequence[tuple[Task, str, bool]]) -> None:
    """The same for many at once; with each, whether it waited for the hotline before the change."""
    publish_all([_notice(task, change, waited) for task, change, waited in changes])


def _notice(
    task: Task,
    change: str,
    waited: bool = False,
    station_id: int | None = None,
    owner_id: int | None = None,
    version: int | None = None,
) -> Notice:
    """What is told of the change to those who see the task, and to the station, the owner and the hotline
    that had it before; with the `version` that it made, so that a page which shows it is not loaded again.
    """
    payload: dict[str, Any] = {
        "task": task.pk, "change": change, "level": task.level, "state": task.state,
        "escalation": task.escalation,
    }  # fmt: skip
    if waited or waits_for_the_hotline(task.state, task.level):
        payload["open_to"] = [Permission.CALL_HOTLINE]
    if version is not None:
        payload["version"] = version
    stations = {held for held in (task.station_id, station_id) if held is not None}
    users = {held for held in (task.owner_id, owner_id) if held is not None}
    return Notice(TOPIC, task.region_path, payload, stations, users)


def write_line(
    task: Task, actor: User | None, now: dt.datetime, verb: str, source: str, target: str, note: str = ""
) -> TaskEvent:
    """The task's history has one more line; `actor` None means the system."""
    one = line(task, actor, now, verb, source, target, note)
    one.save()
    return one


def line(
    task: Task, actor: User | None, now: dt.datetime, verb: str, source: str, target: str, note: str = ""
) -> TaskEvent:
    """The same line of a task that stands, not saved yet."""
    return TaskEvent(**line_values(task, actor, now, verb, source, target, note))


def line_values(
    task: Task, actor: User | None, now: dt.datetime, verb: str, source: str, target: str, note: str = ""
) -> dict[str, Any]:
    """The same line as plain values by column."""
    return {
        "task_id": task.pk, "region_path": task.region_path, "at": now,
        "actor_id": actor.pk if actor else None, "verb": verb, "source": source, "target": target,
        "note": note,
    }  # fmt: skip
