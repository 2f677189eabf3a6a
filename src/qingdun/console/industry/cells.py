"""What the module's tables say again and again: filters, times."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from qingdun.console.industry import queries
from qingdun.console.industry.codes import PARTY_KINDS
from qingdun.console.kernel.forms import Choices
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.tables import Filter

_PARTS = re.compile(r"[;；\n]")
YES_NO: Choices = (("1", _("yes")), ("0", _("no")))
TRADES: Choices = [(kind.value, kind.label) for kind in PARTY_KINDS]


def _trades(viewer: User) -> Choices:
    """The industries to choose from; a party is of one."""
    return [] if may(viewer, Permission.ANSWER_LISTS) else TRADES


TRADE = Filter("trade", _("Industry"), TRADES, "party__kind", among=_trades)


def _parties(viewer: User) -> Choices:
    """The banks and operators that the viewer sees, by id, if there is more than one to choose from."""
    found = [(str(party.pk), str(party)) for party in queries.parties(viewer)]
    return found if len(found) > 1 else []


PARTY = Filter("party", _("Bank or operator"), lambda: (), "party", ids=True, among=_parties)


def sentences(text: str) -> tuple[str, ...]:
    """What a cell says in several sentences, parted by semicolons or lines.

    >>> sentences("供述；通话记录")
    ('供述', '通话记录')
    """
    return tuple(part.strip() for part in _PARTS.split(text) if part.strip())
