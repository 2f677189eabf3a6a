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
    incident = cases.incident(actor, incident_id)
    stops, freezes = _standing(actor, incident)
    # Whatever is recorded holds the ledger, which others wait for with these locks in hand.
    holding.lock(freezes)
    list(StopPayment.objects.select_for_update().filter(pk__in=stops).order_by("pk"))
    # Some may have ended, or been returned to the victims, until they were locked.
    still_stops, still_frozen = _standing(actor, incident)
    stops = [pk for pk in stops if pk in still_stops]
    freezes = [pk for pk in freezes if pk in still_frozen]
    if not stops and not freezes:
        raise IllegalMove(_("Nothing of this incident is stopped or frozen."))
    lessened = sum(_release(actor, pk, incident, why) for pk in freezes)
    for pk in stops:
        actions.move(actor, pk, "release", why)
    return Released(len(stops), len(freezes) - lessened, lessened)


def _standing(actor: User, incident: cases.Incident) -> tuple[list[int], list[int]]:
    """Ids of the stops and freezes of the incident, and of the stops of the task it came out in. Freezes by
    their parts: one lies where the first of its incidents does, which may be another county.
    """
    stops = queries.orders_of(actor, incident).filter(state__in=tracing.STOPPED)
    mine = FreezePart.objects.filter(incident=incident, fen__gt=0, freeze__state__in=STANDING)
    return sorted(one.pk for one in stops), sorted(mine.values_list("freeze", flat=True))


def _release(actor: User, freeze_id: int, incident: cases.Incident, why: str) -> bool:
    """Whether the freeze goes on for others."""
    freeze = Freeze.objects.select_for_update().get(pk=freeze_id)
    others = freeze.parts.filter(fen__gt=0).exclude(incident=incident).select_related("incident")
    other = others.order_by("incident_id").first()
    if other is None:
        _lay(freeze, incident)
        freezing.move_freeze(actor, freeze_id, "release", why)
        return False
    before = {"amount_fen": freeze.amount_fen}
    holding.withdraw_refunds(actor, freeze, why, timezone.now())
    gone = holding.drop_part(freeze, incident.pk)
    freeze.amount_fen -= gone
    freeze.save(update_fields=["amount_fen"])
    issue(actor, DocumentKind.RELEASE, freeze, why, gone)
    record(actor, "freeze_lessen", freeze, before, {"amount_fen": freeze.amount_fen}, why)
    if freeze.incident_id == incident.pk:
        _lay(freeze, other.incident)
    return True


def _lay(freeze: Freeze, incident: cases.Incident) -> None:
    """The freeze lies where that incident does: whom it is about see it and can release it."""
    if freeze.incident_id != incident.pk:
        freeze.incident, freeze.region_path = incident, incident.region_path
        freeze.save(update_fields=["incident", "region_path"])
