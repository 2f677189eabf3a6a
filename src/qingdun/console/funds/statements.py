"""Banks' replies: every row is a movement once in all replies of its region. See `kernel.imports`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from qingdun.console.cases import queries as cases
from qingdun.console.funds import rules
from qingdun.console.funds.columns import COLUMNS, Line, Reading, shown
from qingdun.console.funds.models import Movement
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Group, Kind
from qingdun.console.kernel.imports.models import Import
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store

KIND = "movements"


def known(batch: Batch, lines: Sequence[Fresh[Line]]) -> Collection[str]:
    """The keys of those the region was told already."""
    told = Movement.objects.filter(region_path=batch.file.region_path, key__in=[one.key for one in lines])
    return told.order_by().values_list("key", flat=True)


def take(batch: Batch, lines: Sequence[Fresh[Line]]) -> Mapping[int, Fault]:
    """Each line is a movement of the region."""
    store(_movement(batch.file, one) for one in lines)
    return {}


def _movement(file: Import, one: Fresh[Line]) -> Movement:
    line = one.row
    own = (line.account, line.account_name, file.origin)
    other = (line.other, line.other_name, line.other_bank)
    payer, payee = (own, other) if line.outgoing else (other, own)
    return Movement(
        statement=file, line=one.line, key=one.key, at=line.at, payer=payer[0], payee=payee[0],
        of_payer=line.outgoing, payer_name=payer[1], payee_name=payee[1], payer_bank=payer[2],
        payee_bank=payee[2], amount_fen=line.fen, balance_fen=line.balance_fen,
        to_merchant=line.to_merchant, serial=line.serial, summary=line.summary,
        region_path=file.region_path,
    )  # fmt: skip


def _place_of_incident(actor: User, incident_id: int) -> str:
    return cases.incident(actor, incident_id).region_path


def _rows_at(file: Import) -> str:
    return f"{reverse('funds:movements')}?reply={file.pk}"


REPLIES = Group(
    code="replies",
    title=_("Banks’ replies"),
    kinds=(
        Kind(
            code=KIND,
            word=_("Movements"),
            permission=Permission.TRACE_FUNDS,
            columns=COLUMNS,
            reader=lambda batch: Reading(batch).line,
            key=lambda line: line.key,
            known=known,
            take=take,
            repeats=lambda line: not line.serial and line.balance_fen is None,
            show=shown,
            origin=_("Bank that replied"),
            about=_place_of_incident,
            about_name="incident",
            about_word=_("Incident"),
            rows_at=_rows_at,
            most_rows=rules.limit("most_rows"),
            most_bytes=rules.limit("most_bytes"),
        ),
    ),
    empty=_("No reply yet. Banks send the movements of an account as a file; money is traced over them."),
    tabs="funds/_tabs.html",
    around=lambda _viewer: {"tab": "replies"},
)
"""The page of banks' replies."""
