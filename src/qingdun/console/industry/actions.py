"""Lists for banks and operators: proposed, confirmed by people, sent. The actor first, one transaction, one
audit row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.industry import moves, queries, rules, subjects
from qingdun.console.industry.codes import KINDS_OF, Kind, Source, SubjectKind
from qingdun.console.industry.models import Assignment, Restriction
from qingdun.console.industry.moves import ASSIGNMENT_MOVES, MOVES, OPEN, AssignmentState, State
from qingdun.console.industry.races import seeing_others
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.events import publish
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.errors import IllegalMove, InputError, NotPermitted

TOPIC = "industry"
DAY = dt.timedelta(days=1)
AT_ONCE = 500
SHOWN_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to be restricted. Without a reason of its own, that of the list counts."""

    subject: str
    holder: str = ""
    corporate: bool = False
    reason: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AssignmentForm:
    """A list as it is proposed."""

    key: str
    party: str
    title: str
    subject_kind: str
    kind: str
    basis: str
    reason: str
    lines: Sequence[Line] = field(default_factory=list)
    term_days: int = 0
    answer_h: int = 0
    source: str = Source.HAND


@seeing_others
def propose(actor: User | None, form: AssignmentForm, party: Organisation | None = None) -> Assignment:
    """The list waits for its confirmation, every line of it a proposed restriction; more may come by file.
    The same key again changes nothing. `actor` None is the engine, whose `party` is handed in.

    Errors: NotPermitted, FieldFaults by field; the faults of lines stand together under `lines`.
    """
    return draft(actor, form, party)


def draft(actor: User | None, form: AssignmentForm, party: Organisation | None = None) -> Assignment:
    """The same in the caller's transaction, who sees to whatever somebody else writes meanwhile."""
    if actor is not None:
        require(actor, Permission.PROPOSE_RESTRICTIONS)
        party = queries.parties(actor).filter(code=form.party).first()
    known = Assignment.objects.filter(key=form.key).first()
    if known is not None:
        if known.proposed_by_id != (actor.pk if actor else None):
            raise out_of_reach()
        return known
    lines = _checked(form, party)
    now = timezone.now()
    made = Assignment.objects.create(
        party=party, title=form.title.strip()[:80], subject_kind=form.subject_kind, kind=form.kind,
        term_days=form.term_days or rules.term_days(form.kind), basis=form.basis,
        rule_version=rules.version(), reason=form.reason.strip()[:300], source=form.source, rows=len(lines),
        needs_two=len(lines) > settings.LISTS_TWO_PERSONS,
        answer_h=form.answer_h or rules.limit("answer_h"), proposed_by=actor, proposed_at=now, key=form.key,
        region_path=actor.region_path if actor else f"{settings.CITY_CODE}/",
    )  # fmt: skip
    add_lines(made, lines)
    after = {"kind": made.kind, "rows": made.rows, "source": made.source, "organisation": _code(made)}
    record(actor, "propose_assignment", made, None, after)
    announce(made.region_path, "propose", made.pk)
    return made


def add_lines(made: Assignment, lines: Sequence[Line], after: int = 0) -> None:
    """Each line is a proposed restriction of the list, behind its row `after`. The lines are checked, and
    written in the order of their subjects (see `seeing_others`).
    """
    numbered = sorted(enumerate(lines, start=after + 1), key=lambda one: one[1].subject)
    Restriction.objects.bulk_create(
        (
            Restriction(
                assignment=made, row=number, party=made.party, subject_kind=made.subject_kind,
                subject=line.subject, holder=line.holder[:64], corporate=line.corporate, kind=made.kind,
                basis=made.basis, rule_version=made.rule_version, reason=(line.reason or made.reason)[:300],
                evidence=list(line.evidence), term_days=made.term_days, proposed_at=made.proposed_at,
                region_path=made.region_path,
            )
            for number, line in numbered
        ),
        batch_size=AT_ONCE,
    )  # fmt: skip


@seeing_others
def extend(actor: User, assignment_id: int, lines: Sequence[Line]) -> dict[int, str]:
    """The drafted list has these lines as well; by place in `lines`, why some are refused. More than the
    limit, and two persons must confirm it.

    Errors: NotPermitted, InputError (confirmed or sent already, too many lines).
    """
    require(actor, Permission.PROPOSE_RESTRICTIONS)
    queries.assignment(actor, assignment_id)
    about = Assignment.objects.select_for_update(of=("self",)).get(pk=assignment_id)
    if about.state != AssignmentState.DRAFTED:
        raise InputError(_("The list is confirmed: draft another one."))
    if about.source == Source.ENGINE:
        raise InputError(_("What the engine proposed stays as it is: draft another list."))
    last = about.restrictions.aggregate(row=Max("row"))["row"] or 0
    if last + len(lines) > rules.limit("most_rows_by_file"):
        most = rules.limit("most_rows_by_file")
        raise InputError(_("A list has at most %(most)d lines.") % {"most": most})
    form = AssignmentForm("", "", "", about.subject_kind, about.kind, about.basis, about.reason, lines)
    taken, fresh, faults = _open_subjects(form), [], {}
    for place, line in enumerate(lines):
        subject = subjects.plain(about.subject_kind, line.subject)
        if subject is None:
            faults[place] = _("Expected such a number.")
        elif subject in taken:
            faults[place] = _("It is restricted so already.")
        else:
            taken.add(subject)
            fresh.append(replace(line, subject=subject))
    add_lines(about, fresh, last)
    about.rows += len(fresh)
    about.needs_two = about.needs_two or about.rows > settings.LISTS_TWO_PERSONS
    about.save(update_fields=["rows", "needs_two"])
    if fresh:
        after = {"rows": about.rows, "added": len(fresh), "refused": len(faults)}
        record(actor, "extend_assignment", about, {"rows": about.rows - len(fresh)}, after)
    return faults


def _checked(form: AssignmentForm, party: Organisation | None) -> list[Line]:
    """The lines with their subjects as they are kept. Errors: FieldFaults."""
    faults: dict[str, str] = {}
    if party is None:
        faults["party"] = _("Expected a bank or an operator that you may send lists to.")
    if not form.title.strip():
        faults["title"] = _("This is needed.")
    if form.subject_kind not in (SubjectKind.NUMBER, SubjectKind.CARD, SubjectKind.ACCOUNT):
        faults["subject_kind"] = _("This is needed.")
    elif form.kind not in KINDS_OF[form.subject_kind]:
        faults["kind"] = _("This cannot be done to such a thing.")
    if form.basis not in dict(rules.bases(form.kind)):
        faults["basis"] = _("This law is no ground for that.")
    if not form.reason.strip():
        faults["reason"] = _("This is needed.")
    if not 0 <= form.term_days <= rules.limit("most_days"):
        faults["term_days"] = _("At most %(most)d days.") % {"most": rules.limit("most_days")}
    if not 0 <= form.answer_h <= 24 * 30:
        faults["answer_h"] = _("At most %(most)d hours.") % {"most": 24 * 30}
    lines, wrong = [], []
    taken = _open_subjects(form)
    for number, line in enumerate(form.lines, start=1):
        subject = subjects.plain(form.subject_kind, line.subject)
        if subject is None:
            wrong.append(_("Line %(line)d: found “%(found)s”, expected such a number.")
                         % {"line": number, "found": line.subject[:40]})  # fmt: skip
        elif subject in taken:
            wrong.append(_("Line %(line)d: it is restricted so already, or stands twice.") % {"line": number})
        else:
            taken.add(subject)
            lines.append(Line(subject, line.holder.strip(), line.corporate, line.reason, line.evidence))
    if len(form.lines) > rules.limit("most_rows"):
        wrong.append(_("A list has at most %(most)d lines.") % {"most": rules.limit("most_rows")})
    if wrong:
        faults["lines"] = " ".join(wrong[:SHOWN_FAULTS])
    if faults:
        raise FieldFaults(faults)
    return lines


def _open_subjects(form: AssignmentForm) -> set[str]:
    wanted = [subjects.plain(form.subject_kind, line.subject) or "" for line in form.lines]
    found: set[str] = set()
    for cut in range(0, len(wanted), AT_ONCE):
        some = Restriction.objects.filter(
            subject_kind=form.subject_kind, kind=form.kind, state__in=OPEN,
            subject__in=wanted[cut : cut + AT_ONCE],
        )  # fmt: skip
        found.update(some.values_list("subject", flat=True))
    return found


@transaction.atomic
def move_assignment(
    actor: User, assignment_id: int, verb: str, note: str = "", seen: int | None = None
) -> Assignment:
    """The list has made one move of the table; sent, its restrictions are ordered of the party, which has
    until `due_at` to answer. `seen` is how many rows it had when the actor looked at it.

    Errors: NotPermitted (role, region, the same person twice), IllegalMove (also: it has grown since),
    InputError (no reason).
    """
    queries.assignment(actor, assignment_id)
    about = Assignment.objects.select_for_update(of=("self",)).get(pk=assignment_id)
    move = moves.check(actor, ASSIGNMENT_MOVES, verb, about.state)
    if verb != "cancel" and seen is not None and seen != about.rows:
        raise IllegalMove(_("The list has %(rows)d rows by now: look at it again.") % {"rows": about.rows})
    before, now = {"state": about.state}, timezone.now()
    why = stated(note) if move.needs_note else ""
    if verb != "cancel" and not about.restrictions.filter(state=State.PROPOSED).exists():
        raise IllegalMove(_("The list has no line."))
    if verb == "send" and (about.needs_two or _too_many_alone(actor, about, now)):
        about.needs_two = True
        about.save(update_fields=["needs_two"])
        move = moves.check(actor, ASSIGNMENT_MOVES, "confirm", about.state)
    if verb == "second" and about.confirmed_by_id == actor.pk:
        raise NotPermitted(_("You have confirmed it; a second person must."))
    if move.verb in ("send", "confirm"):
        about.confirmed_by, about.confirmed_at = actor, now
    if move.verb == "second":
        about.second_by = actor
    about.state = move.target
    if about.state == AssignmentState.SENT:
        about.sent_at, about.due_at = now, now + dt.timedelta(hours=about.answer_h)
    about.save()
    rows = about.restrictions.filter(state=State.PROPOSED)
    if about.state == AssignmentState.SENT:
        rows.update(state=State.ORDERED, confirmed_by=about.confirmed_by, confirmed_at=now)
    elif about.state == AssignmentState.CANCELLED:
        Assignment.objects.filter(pk=about.pk).update(key=f"cancelled-{about.pk}")  # It may be typed again.
        rows.update(state=State.REFUSED, answer_note=why)
    record(actor, f"assignment_{move.verb}", about, before, {"state": about.state, "rows": about.rows}, why)
    announce(about.region_path, move.verb, about.pk)
    return about


def _too_many_alone(actor: User, about: Assignment, now: dt.datetime) -> bool:
    """Whether the actor has by now sent more than the limit alone in a day: a bulk cut into pieces is still a
    bulk. Two of the same person at once come one after the other.
    """
    # Not FOR UPDATE: whoever holds the ledger may be writing a row that names this person.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    own = Assignment.objects.filter(confirmed_by=actor, second_by=None, sent_at__gt=now - DAY)
    sent: int = own.aggregate(rows=Sum("rows"))["rows"] or 0
    return bool(sent + about.rows > settings.LISTS_TWO_PERSONS)


@transaction.atomic
def refuse_lines(actor: User, assignment_id: int, restriction_ids: Iterable[int], note: str) -> int:
    """These lines of a list that is not sent yet are not confirmed; how many they were.

    Errors: NotPermitted, IllegalMove (sent already), InputError (no reason).
    """
    about = queries.assignment(actor, assignment_id)
    moves.check(actor, MOVES, "refuse", State.PROPOSED)
    why = stated(note)
    if about.state not in (AssignmentState.DRAFTED, AssignmentState.CONFIRMED):
        raise IllegalMove(_("The list has been sent: withdraw its lines one by one."))
    wanted = Restriction.objects.filter(assignment=about, pk__in=list(restriction_ids), state=State.PROPOSED)
    count = wanted.update(state=State.REFUSED, answer_note=why)
    if count:
        record(actor, "refuse_lines", about, None, {"rows": count}, why)
    return count


def announce(region_path: str, change: str, about: int) -> None:
    """Open pages of the police hear that something has changed; what, they ask."""
    publish(TOPIC, region_path, {"change": change, "about": about})


def _code(made: Assignment) -> str:
    return made.party.code if made.party else ""


def form_kinds() -> list[tuple[Any, Any]]:
    """What a list for a party may ask for."""
    return [(one.value, one.label) for one in Kind if one != Kind.PUNISH]
