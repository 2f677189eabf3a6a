"""Answers to offers: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts import actions as alerts
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.events import publish
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.offers.models import Offer
from qingdun.errors import IllegalMove

TOPIC = "offers"


@transaction.atomic
def take(actor: User, offer_id: int) -> Offer:
    """The actor holds the task, with their station; the others who were asked are told that it is taken.

    Taken again by the same officer, nothing changes. Errors: NotPermitted (not offered to the actor),
    IllegalMove (somebody was faster, its time is over, the person is met).
    """
    require(actor, Permission.WORK_ALERTS)
    own, all_asked = _locked(actor, offer_id)
    now = timezone.now()
    winner = next((one for one in all_asked if one.state == Offer.State.TAKEN), None)
    if winner is not None and winner.pk == own.pk:
        return own
    if winner is not None:
        raise IllegalMove(_("%(who)s was faster and has taken this task.") % {"who": winner.officer})
    _require_open(own, now)
    alerts.take_over(actor, own.task_id, offer=own.pk, km=round(own.km, 1))
    others = [one for one in all_asked if one.state == Offer.State.OPEN and one.pk != own.pk]
    end(others, Offer.State.OVER, now)
    end([own], Offer.State.TAKEN, now)
    return own


@transaction.atomic
def decline(actor: User, offer_id: int) -> Offer:
    """The actor cannot go; when all who were asked have said so, the next nearest are asked at once.

    Errors: NotPermitted (not offered to the actor), IllegalMove (its time is over).
    """
    require(actor, Permission.WORK_ALERTS)
    own, _all = _locked(actor, offer_id)
    _require_open(own, timezone.now())
    end([own], Offer.State.DECLINED, timezone.now())
    record(actor, "decline_offer", own.task, None, {"offer": own.pk}, region_path=own.region_path)
    return own


def end(offers: Iterable[Offer], state: str, now: dt.datetime) -> None:
    """The offers have ended so, and their officers hear of it; part of an act that leaves the audit row."""
    for one in offers:
        one.state, one.ended_at = state, now
        one.save(update_fields=["state", "ended_at"])
        tell(one, state)


def tell(offer: Offer, change: str) -> None:
    """The officer's open pages ask for the offer again."""
    publish(TOPIC, offer.region_path, {"offer": offer.pk, "change": change}, users=[offer.officer_id])


def _locked(actor: User, offer_id: int) -> tuple[Offer, list[Offer]]:
    """The actor's offer and all of that search, locked: of two who take at once the second sees the first."""
    found = Offer.objects.filter(pk=offer_id, officer=actor).first()
    if found is None:
        raise out_of_reach()
    same = Offer.objects.select_for_update(of=("self",)).select_related("officer", "task")
    rows = list(same.filter(task=found.task_id, search_at=found.search_at).order_by("pk"))
    return next(one for one in rows if one.pk == offer_id), rows


def _require_open(offer: Offer, now: dt.datetime) -> None:
    if offer.state != Offer.State.OPEN:
        raise IllegalMove(_("This offer is over: %(state)s") % {"state": offer.get_state_display()})
    if offer.expires_at <= now:
        raise IllegalMove(_("This offer is over: %(state)s") % {"state": Offer.State.LAPSED.label})
