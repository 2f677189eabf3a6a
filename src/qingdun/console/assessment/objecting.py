"""A town objects, and is answered: the actor first, one transaction, one audit row. Who decided does not
answer the objection to it.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.assessment import queries
from qingdun.console.assessment.actions import require_whole_city
from qingdun.console.assessment.codes import RulingKind
from qingdun.console.assessment.deciding import face, locked_ruling, months_on, said
from qingdun.console.assessment.models import Objection, Ruling
from qingdun.console.assessment.moves import MOVES, ObjectionState, RulingState
from qingdun.console.assessment.rules import rule_named
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.moving import check
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.errors import IllegalMove

OPEN_TO_OBJECTION = (
    RulingKind.YELLOW, RulingKind.RED, RulingKind.LISTING, RulingKind.EXTENSION, RulingKind.NAMING,
)  # fmt: skip


@transaction.atomic
def object_to(actor: User, ruling_id: int, text: str) -> Objection:
    """The objection of the town waits for an answer, which is due by the rules.

    Errors: NotPermitted, IllegalMove (too late, a second one, not in force), InputError (nothing said).
    """
    require(actor, Permission.ANSWER_ASSESSMENT)
    ruling = locked_ruling(actor, ruling_id)
    today = timezone.localdate()
    if ruling.kind not in OPEN_TO_OBJECTION or ruling.state != RulingState.CONFIRMED:
        raise IllegalMove(_("There is nothing in force to object to."))
    if ruling.object_until is None or today > ruling.object_until:
        raise IllegalMove(_("The time to object is over."))
    if ruling.objections.exists():
        raise IllegalMove(_("An objection was entered already."))
    made = Objection.objects.create(
        ruling=ruling, region_path=ruling.region_path, text=said(text), by=actor, at=timezone.now(),
        due_on=today + rule_named(ruling.rules).days("answer"),
    )  # fmt: skip
    record(actor, "object_to_ruling", ruling, None, {"objection": made.pk, "due_at": f"{made.due_on}"})
    return made


@transaction.atomic
def answer_to(actor: User, objection_id: int, verb: str, text: str) -> Objection:
    """The objection is answered in words; if it is upheld, the ruling is withdrawn, and a listing that was
    extended goes back to its term.

    Errors: NotPermitted, IllegalMove (answered, or the actor decided the ruling), InputError (no words).
    """
    require_whole_city(actor)
    if verb not in ("uphold_objection", "dismiss_objection"):
        raise IllegalMove(_("Nobody may do that by hand."))
    if not queries.objections(actor).filter(pk=objection_id).exists():
        raise out_of_reach()
    seen = Objection.objects.get(pk=objection_id)
    ruling = locked_ruling(actor, seen.ruling_id)
    objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection_id)
    move = check(MOVES, verb, objection.state)
    if ruling.decided_by_id == actor.pk:
        raise IllegalMove(_("You have decided it; somebody else answers the objection."))
    objection.state, objection.answer = move.target, said(text)
    objection.answered_by, objection.answered_at = actor, timezone.now()
    objection.save()
    before = face(ruling)
    if objection.state == ObjectionState.UPHELD:
        _withdraw(ruling)
    after = {**face(ruling), "objection": objection.pk, "result": objection.state}
    record(actor, verb, ruling, before, after)
    return objection


def _withdraw(ruling: Ruling) -> None:
    ruling.state, ruling.ended_at = check(MOVES, "withdraw_ruling", ruling.state).target, timezone.now()
    ruling.save(update_fields=["state", "ended_at"])
    listing = ruling.listing
    if ruling.kind == RulingKind.EXTENSION and listing is not None and listing.ends_on is not None:
        months = rule_named(ruling.rules).cards.listed_months
        listing.ends_on = months_on(listing.ends_on, -months)
        listing.save(update_fields=["ends_on"])
