"""What freezes hold of victims' money: taken within the taint, given up with the freeze. Parts of acts, which
leave the audit row and hold the lock of the freeze.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db.models import F

from qingdun.console.funds.models import Freeze, FreezePart, Refund, Taint
from qingdun.console.funds.moves import OPEN_REFUNDS, RefundState
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.trace.shares import lessened


def locked_taints(account: str, incidents: Sequence[int]) -> dict[int, Taint]:
    """The taint of the account by incident, locked until the transaction ends: two at once do not freeze the
    same money twice. Taken in the order of incidents, before any other lock.
    """
    for incident in incidents:
        Taint.objects.get_or_create(account=account, incident_id=incident, defaults={"traced_fen": 0})
    rows = Taint.objects.select_for_update().filter(account=account, incident__in=incidents)
    return {one.incident_id: one for one in rows.order_by("incident_id")}


def take(freeze: Freeze, traced: Mapping[int, int], parts: Mapping[int, int]) -> None:
    """The freeze has its parts, and so much more of each taint is frozen; the database refuses more than what
    was traced there.
    """
    FreezePart.objects.bulk_create(
        FreezePart(freeze=freeze, incident_id=incident, fen=fen) for incident, fen in parts.items()
    )
    for incident, fen in parts.items():
        if fen:
            mine = Taint.objects.filter(account=freeze.account, incident=incident)
            mine.update(traced_fen=traced[incident], frozen_fen=F("frozen_fen") + fen)


def let_go(freeze: Freeze) -> None:
    """What the freeze held may be frozen anew; its parts stay, as what it was about."""
    for part in freeze.parts.order_by("incident_id"):
        _less(freeze, part.incident_id, part.fen)


def came_off(freeze: Freeze, returned: Mapping[int, int]) -> dict[int, int]:
    """What a return of so much to each takes of each part: its own, and what that lacks off the others."""
    parts = {str(one.incident_id): one.fen for one in freeze.parts.order_by("incident_id")}
    left = lessened(parts, {str(incident): fen for incident, fen in returned.items()})
    return {int(incident): fen - left[incident] for incident, fen in parts.items()}


def shrink(freeze: Freeze, off: Mapping[int, int]) -> None:
    """The parts hold so much less."""
    for part in freeze.parts.order_by("incident_id"):
        _less(freeze, part.incident_id, off[part.incident_id])
        part.fen -= off[part.incident_id]
        part.save(update_fields=["fen"])


def drop_part(freeze: Freeze, incident: int) -> int:
    """The freeze is not about that incident any more, nor is any refund of it; how many fen were."""
    part = freeze.parts.get(incident=incident)
    part.delete()
    _less(freeze, incident, part.fen)
    return part.fen


def lock(freezes: Sequence[int]) -> None:
    """These freezes and what they hold, locked in one order before anything is put on record."""
    found = list(Freeze.objects.select_for_update().filter(pk__in=freezes).order_by("pk"))
    about = FreezePart.objects.filter(freeze__in=found).values("incident")
    accounts = {one.account for one in found}
    held = Taint.objects.select_for_update().filter(account__in=accounts, incident__in=about)
    list(held.order_by("account", "incident_id"))


def withdraw_refunds(
    actor: User | None, freeze: Freeze, note: str, now: dt.datetime,
    states: Sequence[RefundState] = OPEN_REFUNDS,
) -> None:  # fmt: skip
    """Whatever refund of the freeze is under way is given up with it, each with its audit row."""
    for refund in Refund.objects.select_for_update().filter(freeze=freeze, state__in=states):
        before = {"state": refund.state}
        refund.state, refund.ended_at, refund.note = RefundState.WITHDRAWN, now, note[:500]
        refund.save(update_fields=["state", "ended_at", "note"])
        record(actor, "refund_withdraw", refund, before, {"state": refund.state}, note)


def _less(freeze: Freeze, incident: int, fen: int) -> None:
    if fen:
        mine = Taint.objects.filter(account=freeze.account, incident=incident)
        mine.update(frozen_fen=F("frozen_fen") - fen)
