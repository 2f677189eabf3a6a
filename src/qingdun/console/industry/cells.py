"""What the module's tables say again and again: filters, times."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from qingdun.console.industry import queries
from qingdun.console.industry.codes import PARTY_KINDS
from qingdun.console.kernel.forms import Choices
from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Filter

YES_NO: Choices = (("1", _("yes")), ("0", _("no")))
TRADE = Filter("trade", _("Industry"), [(kind.value, kind.label) for kind in PARTY_KINDS], "party__kind")


def _parties(viewer: User) -> Choices:
    """The banks and operators that the viewer sees, by id, if there is more than one to choose from."""
    found = [(str(party.pk), str(party)) for party in queries.parties(viewer)]
    return found if len(found) > 1 else []


PARTY = Filter("party", _("Bank or operator"), lambda: (), "party", ids=True, among=_parties)


def moment(at: dt.datetime | None) -> str:
    """A time as a cell of a table has it."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
