"""What a party answers to lists, row by row, each checked by itself. The actor first, one transaction, one
audit row.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qingdun.console.industry import moves, queries, registers
from qingdun.console.industry.actions import AT_ONCE, announce
from qingdun.console.industry.codes import Clock, NoticeWay
from qingdun.console.industry.models import Breach, Restriction
from qingdun.console.industry.moves import CHECK_OPEN, MOVES, OPEN, State
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.localtime import written
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.errors import IllegalMove, InputError, QingdunError

VERBS = ("control", "dispute", "lift")
AFTER = {"control": State.IN_FORCE, "dispute": State.DISPUTED, "lift": State.RELEASED}
_MOST_IDS = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """What a party says about one restriction: done, disputed with a reason, or released."""

    restriction: int
    verb: str
    note: str = ""
    notice_way: str = NoticeWay.SMS


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one answer: new, known before, or refused in words."""

    restriction: int
    ok: bool
    known: bool = False
    message: str = ""


@transaction.atomic
def answer(actor: User, answers: Sequence[Answer]) -> list[Told]:
    """Each answer that may be is kept; one sent again is known and changes nothing; the others are told with
    their reason, in the order they came. Errors: NotPermitted.
    """
    require(actor, Permission.ANSWER_LISTS)
    mine = _locked(actor, [one.restriction for one in answers])
    now, told, done = timezone.now(), [], []
    for one in answers:
        about = mine.get(one.restriction)
        try:
            if about is None:
                raise out_of_reach()
            if about.state == AFTER.get(one.verb) and about.answered_by_id is not None:
                told.append(Told(one.restriction, True, known=True))
                continue
            _apply(actor, about, one, now)
        except QingdunError as refused:
            told.append(Told(one.restriction, False, message=str(refused)))
            continue
        done.append((about, one.verb))
        told.append(Told(one.restriction, True))
    if done:
        _keep(actor, done, len(told) - len(done), now)
    return told


@transaction.atomic
def record_look(actor: User, assignment_id: int) -> None:
    """It is on record that the party opened the list, which shows it legible what it is to act on."""
    require(actor, Permission.ANSWER_LISTS)
    about = queries.assignment(actor, assignment_id)
    record(actor, "open_assignment", about, None, {"rows": about.rows})


@transaction.atomic
def record_row_look(actor: User, restriction_id: int) -> None:
    """It is on record that the party opened one row, which shows it legible."""
    require(actor, Permission.ANSWER_LISTS)
    record(actor, "open_restriction", queries.restriction(actor, restriction_id))


@transaction.atomic
def take_list(actor: User, assignment_id: int, form: str) -> Iterator[list[Any]]:
    """Headings, then the rows of the list that are not over, legible, with columns for the answers: once they
    are filled in, the file is one that `files` takes. That it was taken is on record.

    Errors: NotPermitted.
    """
    require(actor, Permission.ANSWER_LISTS)
    about = queries.assignment(actor, assignment_id)
    found = queries.restrictions(actor).filter(assignment=about, state__in=OPEN).order_by("row")
    record(actor, "take_list", about, None, {"rows": found.count(), "as": form})
    return chain([_headings()], map(_line, found.iterator(chunk_size=2000)))


@transaction.atomic
def take_checks(actor: User, form: str) -> Iterator[list[Any]]:
    """Headings, then the checks of the party's cards that are not over, legible, with columns for the next
    step: once they are filled in, the file is one that `check_files` takes. That it was taken is on record.

    Errors: NotPermitted.
    """
    require(actor, Permission.ANSWER_LISTS)
    found = registers.card_checks(actor).filter(state__in=CHECK_OPEN).order_by("pk")
    if actor.organisation is None:
        raise out_of_reach()
    path = actor.organisation.region.path
    record(
        actor, "take_checks", actor.organisation, None, {"rows": found.count(), "as": form}, region_path=path
    )
    told = [_("Number of the check"), _("Phone number"), _("Holder"), _("Risk"), _("State"), _("Due")]
    return chain(
        [[*told, pgettext("of a check", "Step"), _("Reason")]],
        map(_check_line, found.iterator(chunk_size=2000)),
    )


def _check_line(row: Any) -> list[Any]:
    told = [row.number, row.holder, row.risk, str(row.get_state_display()), written(row.due_at)]
    return [row.pk, *told, "", ""]


def _headings() -> list[str]:
    """Of a list as a file; the first and the last three are what an answer by file is read from."""
    told = [
        _("Number of the restriction"),
        _("Number or account"),
        _("Holder"),
        _("Restriction"),
        _("Ground"),
    ]
    return [*told, _("State"), _("Due"), _("Answer"), _("Why it is disputed"), _("The holder was told")]


def _line(row: Restriction) -> list[Any]:
    told = [row.subject, row.holder, row.get_kind_display(), row.reason, row.state_word, written(row.due_at)]
    return [row.pk, *map(str, told), "", "", ""]


@transaction.atomic
def record_read(actor: User, verb: str, ids: Sequence[int], assignment_id: int = 0) -> None:
    """It is on record that the party's program took so many legible rows, of which list, up to which id."""
    require(actor, Permission.ANSWER_LISTS)
    if ids and actor.organisation is not None:
        after = {"rows": len(ids), "list": assignment_id, "last": ids[-1]}
        party = actor.organisation
        record(actor, verb, party, None, after, region_path=party.region.path)


@transaction.atomic
def record_check_look(actor: User, check_id: int) -> None:
    """It is on record that the party opened the check, which shows it the number."""
    require(actor, Permission.ANSWER_LISTS)
    record(actor, "open_check", registers.card_check(actor, check_id))


def _apply(actor: User, about: Restriction, one: Answer, now: dt.datetime) -> None:
    if one.verb not in VERBS:
        raise IllegalMove(_("Expected one of: %(expected)s.") % {"expected": ", ".join(VERBS)})
    move = moves.check(actor, MOVES, one.verb, about.state)
    note = stated(one.note) if move.needs_note else ""
    if one.verb == "control":
        if one.notice_way not in NoticeWay.values:
            raise InputError(_("Say how the holder was told."))
        about.notice_way, about.noticed_at = one.notice_way, now
        about.since, about.until = now, now + dt.timedelta(days=about.term_days)
    if one.verb == "dispute":
        about.answer_note = note
    if one.verb == "lift":
        about.released_at = now
    about.state = str(move.target)
    about.answered_by, about.answered_at = actor, now


_ANSWERED = (
    "state", "answer_note", "answered_by_id", "answered_at", "notice_way", "noticed_at", "since", "until",
    "released_at",
)  # fmt: skip
"""What an answer may change."""


def _locked(actor: User, ids: Sequence[int]) -> dict[int, Restriction]:
    """The party's own among these restrictions, locked in the order of their ids."""
    own = queries.restrictions(actor).order_by().values("pk")
    ordered, found = sorted(set(ids)), {}
    for cut in range(0, len(ordered), AT_ONCE):
        some = Restriction.objects.select_for_update(of=("self",)).filter(pk__in=ordered[cut : cut + AT_ONCE])
        found.update({one.pk: one for one in some.filter(pk__in=own).order_by("pk")})
    return found


def _keep(actor: User, done: Sequence[tuple[Restriction, str]], refused: int, now: dt.datetime) -> None:
    rows = list({about.pk: about for about, _verb in done}.values())
    # Most of a list are answered alike: one statement for all that end alike, not a case for each.
    alike: dict[tuple[Any, ...], list[int]] = {}
    for about in rows:
        alike.setdefault(tuple(getattr(about, name) for name in _ANSWERED), []).append(about.pk)
    for values, ids in alike.items():
        for cut in range(0, len(ids), AT_ONCE):
            some = Restriction.objects.filter(pk__in=ids[cut : cut + AT_ONCE])
            some.update(**dict(zip(_ANSWERED, values, strict=True)))
    end_answers({about.assignment_id for about in rows}, now)
    lifted = [about.pk for about, verb in done if verb == "lift"]
    Breach.objects.filter(clock=Clock.RELEASE, about__in=lifted, ended_at=None).update(ended_at=now)
    after = {
        "rows": len(done), "refused": refused, "ids": [about.pk for about in rows[:_MOST_IDS]],
        "answers": Counter(verb for _about, verb in done),
    }  # fmt: skip
    record(actor, "answer_list", rows[0].assignment, None, after)
    for path in sorted({about.region_path for about in rows}):
        announce(path, "answer", rows[0].assignment_id)


def end_answers(assignment_ids: set[int], now: dt.datetime) -> None:
    """Breaches of lists are over of which no row waits any more that was due by then."""
    waiting = Restriction.objects.filter(
        Q(answer_due_at=OuterRef("due_at")) | Q(answer_due_at=None, assignment__due_at=OuterRef("due_at")),
        assignment=OuterRef("about"), state=State.ORDERED,
    )  # fmt: skip
    late = Breach.objects.filter(clock=Clock.ANSWER, about__in=assignment_ids, ended_at=None)
    late.filter(~Exists(waiting)).update(ended_at=now)
