"""What the police decide once a list is out: disputes, releases, appeals. The actor first, one transaction,
one audit row.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.industry import moves, outside, queries, rules
from qingdun.console.industry.actions import announce
from qingdun.console.industry.answering import end_answers
from qingdun.console.industry.codes import Clock, LetterKind
from qingdun.console.industry.models import Appeal, Breach, Punishment, Restriction
from qingdun.console.industry.moves import APPEAL_MOVES, MOVES, AppealState, State
from qingdun.console.industry.punishing import issue
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.errors import IllegalMove, NotPermitted

DECISIONS = ("insist", "withdraw", "release")


@transaction.atomic
def decide(actor: User, restriction_id: int, verb: str, note: str, unfounded: bool = False) -> Restriction:
    """The restriction has made that move of the table, for the reason given. What is insisted upon is due to
    be answered anew; a release that says `unfounded` counts as a false block; a punishment that is withdrawn
    before it began has a letter that says so.

    Errors: NotPermitted, IllegalMove, InputError (no reason).
    """
    queries.restriction(actor, restriction_id)
    about = Restriction.objects.select_for_update(of=("self",)).get(pk=restriction_id)
    if verb not in DECISIONS:
        raise IllegalMove(_("Nobody may do that by hand."))
    move = moves.check(actor, MOVES, verb, about.state)
    why, before, now = stated(note), {"state": about.state}, timezone.now()
    about.state = str(move.target)
    if verb == "release":
        _release(about, why, now, unfounded)
    elif verb == "insist":
        about.answer_due_at = now + dt.timedelta(hours=about.assignment.answer_h)
    else:
        about.release_reason = why
    about.save()
    end_answers({about.assignment_id}, now)
    if verb == "withdraw" and (punished := Punishment.objects.filter(restriction=about).first()):
        issue(actor, LetterKind.REVOKE, punished, why)  # Its notice is written, and may be on its way.
    after = {"state": about.state, "unfounded": unfounded, "due_at": about.due_at}
    record(actor, f"restriction_{verb}", about, before, after, why)
    announce(about.region_path, verb, about.pk)
    return about


def _release(about: Restriction, why: str, now: dt.datetime, unfounded: bool) -> None:
    about.release_reason, about.release_due_at = why, now + rules.hours("release_h")
    if unfounded:
        about.unfounded_at = now


@transaction.atomic
def file_appeal(actor: User, restriction_id: int, appellant: str, text: str) -> Appeal:
    """The appeal waits for a decision, which is due by its clock. Whoever sees the restriction may enter it:
    the party hears it from its customer, the police from the person.

    Errors: NotPermitted, FieldFaults, IllegalMove (not in force, or an appeal waits already).
    """
    about = queries.restriction(actor, restriction_id)
    if not may(actor, Permission.ANSWER_LISTS):
        require(actor, Permission.PROPOSE_RESTRICTIONS)
    faults = {name: _("This is needed.") for name, typed in (("appellant", appellant), ("text", text))
              if not typed.strip()}  # fmt: skip
    if faults:
        raise FieldFaults(faults)
    about = Restriction.objects.select_for_update(of=("self",)).get(pk=about.pk)
    if about.state != State.IN_FORCE:
        raise IllegalMove(_("Only what is in force can be appealed."))
    if about.appeals.filter(state=AppealState.FILED).exists():
        raise IllegalMove(_("An appeal against it waits already."))
    now = timezone.now()
    made = Appeal.objects.create(
        restriction=about, appellant=appellant.strip()[:64], text=text.strip()[:500], filed_at=now,
        filed_by=actor, due_at=now + rules.hours("appeal_h"), region_path=about.region_path,
    )  # fmt: skip
    record(actor, "file_appeal", made, None, {"restriction": about.pk, "due_at": made.due_at})
    announce(about.region_path, "appeal", about.pk)
    return made


@transaction.atomic
def decide_appeal(actor: User, appeal_id: int, verb: str, note: str) -> Appeal:
    """The appeal is decided; upheld, the restriction is to be released by its clock and counts as a false
    block. Whoever confirmed the restriction, first or second, does not decide about it.

    Errors: NotPermitted, IllegalMove, InputError (no reason).
    """
    asked = queries.appeal(actor, appeal_id)
    if asked.restriction_id is None:
        return outside.decide(actor, asked, verb, note)
    made = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal_id)
    about = Restriction.objects.select_for_update(of=("self",)).get(pk=asked.restriction_id)
    move = moves.check(actor, APPEAL_MOVES, verb, made.state)
    if actor.pk in (about.confirmed_by_id, about.assignment.second_by_id):
        raise NotPermitted(_("You have confirmed this restriction; somebody else decides the appeal."))
    why, now = stated(note), timezone.now()
    made.state, made.answer, made.decided_by, made.decided_at = str(move.target), why, actor, now
    made.save()
    before = {"state": AppealState.FILED}
    if verb == "uphold":
        about.unfounded_at = about.unfounded_at or now
        if about.state == State.IN_FORCE:  # Its term may have ended while the appeal waited.
            moves.check(actor, MOVES, "release", about.state)
            about.state = State.RELEASING
            _release(about, why, now, unfounded=True)
        about.save()
    Breach.objects.filter(clock=Clock.APPEAL, about=made.pk, ended_at=None).update(ended_at=now)
    if punished := Punishment.objects.filter(restriction=about).first():
        issue(actor, LetterKind.ANSWER, punished, why, made.state)
    after = {"state": made.state, "restriction": about.pk, "release_due_at": about.release_due_at}
    record(actor, f"appeal_{verb}", made, before, after, why)
    announce(about.region_path, verb, about.pk)
    return made


@transaction.atomic
def unmask(actor: User, restriction_id: int, purpose: str) -> Restriction:
    """It is on record that the actor looked at the subject and its holder, and why. Only then may a page show
    them. A party needs no purpose for its own customers, but its look is on record.

    Errors: NotPermitted, InputError (no purpose).
    """
    about = queries.restriction(actor, restriction_id)
    if not may(actor, Permission.ANSWER_LISTS):
        require(actor, Permission.UNMASK)
    record(actor, "unmask_restriction", about, purpose=stated(purpose))
    return about
