"""What of funds rests on an incident that somebody means to take back. Parts of that act, which leaves the
audit row and holds the lock of the incident.
"""

from __future__ import annotations

from typing import NamedTuple

from django.utils import timezone

from qingdun.console.funds.freezing import STANDING
from qingdun.console.funds.lapses import Lapse, Notice, NoticeKind
from qingdun.console.funds.models import FreezePart, RefundShare, StopPayment, Taint
from qingdun.console.funds.moves import RefundState
from qingdun.console.funds.tracing import STOPPED


class Rests(NamedTuple):
    """What rests on an incident, wherever it is."""

    holds: bool
    """Something of it is stopped or frozen, or the bank has been asked to."""
    returns: bool
    """Money of it was returned, or a refund of it is under way."""
    documents: bool
    """A legal document was issued about it."""


def rests_on(incident_id: int) -> Rests:
    """What of funds rests on that incident."""
    stops = StopPayment.objects.filter(incident=incident_id)
    parts = FreezePart.objects.filter(incident=incident_id, fen__gt=0, freeze__state__in=STANDING)
    shares = RefundShare.objects.filter(incident=incident_id).exclude(refund__state=RefundState.WITHDRAWN)
    # The taint of an account stays when a freeze of several incidents goes on without this one.
    frozen = Taint.objects.filter(incident=incident_id)
    return Rests(
        stops.filter(state__in=STOPPED).exists() or parts.exists(),
        shares.exists(),
        stops.exists() or frozen.exists(),
    )


def forget_late(incident_id: int) -> None:
    """Nobody is told any more that the account of that incident was not entered in time."""
    Lapse.objects.filter(incident=incident_id).update(tell_at=None)
    told = Notice.objects.filter(kind=NoticeKind.LATE, subject_id=incident_id, seen_at=None)
    told.update(seen_at=timezone.now())
