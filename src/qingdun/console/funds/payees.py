"""To whom the shares of a refund go: each victim's name, and the account that most of their money left."""

from __future__ import annotations

from typing import NamedTuple

from qingdun.console.cases import queries as cases
from qingdun.console.funds import queries, tracing
from qingdun.console.funds.models import Refund
from qingdun.console.kernel.models import User
from qingdun.console.kernel.queries import persons


class Payee(NamedTuple):
    """A victim, legible, with the share in fen; name and account empty where nobody knows them."""

    incident: int
    name: str
    account: str
    fen: int


def payees(viewer: User, about: Refund) -> list[Payee]:
    """Who gets which share of the refund, in the order of incidents: the holder and number of the account
    that most of what they paid has left, else the name the register knows; nobody's of whose incident the
    viewer does not see.
    """
    return [
        _payee(viewer, one.incident_id, one.share_fen)
        for one in queries.refund(viewer, about.pk).shares.all()
        if one.share_fen
    ]


def order_text(viewer: User, about: Refund) -> str:
    """The shares as the order to the bank lists them, a line a victim."""
    return "\n".join(
        f"警情{one.incident}　{one.name or '户名待核'}　{one.account or '账号待核'}　"
        f"返还 {one.fen / 100:,.2f} 元"
        for one in payees(viewer, about)
    )


def _payee(viewer: User, incident_id: int, fen: int) -> Payee:
    incident = cases.incidents(viewer).filter(pk=incident_id).first()
    if incident is None:
        return Payee(incident_id, "", "", fen)
    left: dict[str, int] = {}
    names: dict[str, str] = {}
    for movement in tracing.payments(viewer, incident_id):
        left[movement.payer] = left.get(movement.payer, 0) + movement.amount_fen
        names[movement.payer] = movement.payer_name or names.get(movement.payer, "")
    account = max(left, key=lambda one: (left[one], one), default="")
    person = persons(viewer).filter(pk=incident.person_id).first()
    return Payee(incident_id, names.get(account) or (person.name if person else ""), account, fen)
