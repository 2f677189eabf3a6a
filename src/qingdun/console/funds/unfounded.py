"""What was stopped and frozen for a report that turns out unfounded is released at once."""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.cases import queries as cases
from qingdun.console.funds import actions, freezing, holding, queries, tracing
from qingdun.console.funds.documenting import issue
from qingdun.console.funds.freezing import STANDING
from qingdun.console.funds.models import Freeze, FreezePart, StopPayment
from qingdun.console.funds.moves import DocumentKind
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import IllegalMove


class Released(NamedTuple):
    """How many orders were released, and how many freezes of several incidents were lessened."""

    stops: int
    freezes: int
    lessened: int


@transaction.atomic
def release_unfounded(actor: User, incident_id: int, reason: str) -> Released:
    """Every stop and freeze of the incident is released, each with its document; a freeze that is about
    others as well holds theirs alone from now on.

    Errors: NotPermitted, InputError (no reason), IllegalMove (nothing of the incident is stopped or frozen).
    """
    require(actor, Permission.REVIEW_ALERTS)
    why = stated(reason)
    cases.incident(actor, incident_id)
    stops, freezes = _standing(actor, incident_id)
    # Whatever is recorded holds the ledger, which others wait for with these locks in hand.
    holding.lock(freezes)
    list(StopPayment.objects.select_for_update().filter(pk__in=stops).order_by("pk"))
    # Some may have ended, or been returned to the victims, until they were locked.
    still_stops, still_frozen = _standing(actor, incident_id)
    stops = [pk for pk in stops if pk in still_stops]
    freezes = [pk for pk in freezes if pk in still_frozen]
    if not stops and not freezes:
        raise IllegalMove(_("Nothing of this incident is stopped or frozen."))
    lessened = sum(_release(actor, pk, incident_id, why) for pk in freezes)
    for pk in stops:
        actions.move(actor, pk, "release", why)
    return Released(len(stops), len(freezes) - lessened, lessened)


def _standing(actor: User, incident_id: int) -> tuple[list[int], list[int]]:
    """Ids of the stops and freezes of the incident. Freezes by their parts: one lies where the first of its
    incidents does, which may be another county.
    """
    stops = queries.stops(actor).filter(incident=incident_id, state__in=tracing.STOPPED)
    mine = FreezePart.objects.filter(incident=incident_id, fen__gt=0, freeze__state__in=STANDING)
    return sorted(one.pk for one in stops), sorted(mine.values_list("freeze", flat=True))


def _release(actor: User, freeze_id: int, incident_id: int, why: str) -> bool:
    """Whether the freeze goes on for others."""
    freeze = Freeze.objects.select_for_update().get(pk=freeze_id)
    if not freeze.parts.filter(fen__gt=0).exclude(incident=incident_id).exists():
        freezing.move_freeze(actor, freeze_id, "release", why)
        return False
    before = {"amount_fen": freeze.amount_fen}
    holding.withdraw_refunds(actor, freeze, why, timezone.now())
    gone = holding.drop_part(freeze, incident_id)
    freeze.amount_fen -= gone
    freeze.save(update_fields=["amount_fen"])
    issue(actor, DocumentKind.RELEASE, freeze, why, gone)
    record(actor, "freeze_lessen", freeze, before, {"amount_fen": freeze.amount_fen}, why)
    return True
