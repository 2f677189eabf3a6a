"""What other modules do in outreach: the actor first, one transaction, one audit row."""

from __future__ import annotations

from qingdun.console.kernel.models import User
from qingdun.console.outreach import matrix
from qingdun.console.outreach.codes import PartnerKind
from qingdun.console.outreach.models import Partner


def add_enterprise(actor: User, name: str, region: str) -> Partner:
    """The enterprise is known at the place, named by name or code. Errors: NotPermitted, FieldFaults."""
    typed = {"name": name, "kind": PartnerKind.ENTERPRISE.value, "region": region, "people": 0}
    return matrix.add_partner(actor, typed)
