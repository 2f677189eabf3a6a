"""What leaves of funds as tables: asked for, on record, masked unless for a purpose. The actor first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.funds import queries
from qingdun.console.funds.columns import CASH
from qingdun.console.funds.models import Movement
from qingdun.console.funds.queries import Filters
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.masking import mask_account, mask_name, mask_text
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require

AT_ONCE = 2000


def movement_lines(actor: User, filters: Filters, form: str, purpose: str | None) -> Iterator[list[Any]]:
    """Headings, then a line a movement; legible if a purpose is stated, which goes on record.

    Errors: NotPermitted, InputError (an empty purpose).
    """
    require(actor, Permission.TRACE_FUNDS)
    if purpose is not None:
        require(actor, Permission.UNMASK)
        purpose = stated(purpose)
    found = queries.movements(actor, filters)
    with transaction.atomic():
        after = {"rows": found.count(), "as": form, "unmasked": purpose is not None}
        record(actor, "export_movements", ("movements", ""), None, after, purpose or "")
    return _lines(found.iterator(chunk_size=AT_ONCE), legible=purpose is not None)


def _lines(found: Iterator[Movement], legible: bool) -> Iterator[list[Any]]:
    def plain(text: str) -> str:
        return text

    account: Callable[[str], str] = plain if legible else mask_account
    name: Callable[[str], str] = plain if legible else mask_name
    words = plain if legible else mask_text
    yield [
        _("Time"), _("Payer"), _("Its holder"), _("Bank"), _("Payee"), _("Its holder"), _("Bank"),
        _("Amount, yuan"), _("Balance afterwards, yuan"), _("Bank’s number"), _("Memo"),
    ]  # fmt: skip
    for one in found:
        yield [
            f"{timezone.localtime(one.at):%Y-%m-%d %H:%M:%S}",
            *(_side(one.payer, account), name(one.payer_name), one.payer_bank),
            *(_side(one.payee, account), name(one.payee_name), one.payee_bank),
            one.amount_fen / 100,
            "" if one.balance_fen is None else one.balance_fen / 100,
            words(one.serial),
            words(one.summary),
        ]


def _side(account: str, shown: Callable[[str], str]) -> str:
    return _("Cash") if account.startswith(CASH) else shown(account)
