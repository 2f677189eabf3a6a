"""What a row of a bank's reply means, once it is known which column is which: a movement, or a fault."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingdun.console.funds import rules
from qingdun.console.kernel.entry import amount_fen, written_time
from qingdun.console.kernel.imports.kinds import Batch, Cells, Column
from qingdun.console.kernel.masking import mask_account, mask_name, mask_text
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.templatetags.console import yuan


def _column(
    name: str, word: str | Promise, mask: Callable[[str], str] = mask_text, must: bool = False
) -> Column:
    return Column(name, word, must=must, headings=tuple(rules.headings()[name]), mask=mask)


COLUMNS = (
    _column("account", gettext_lazy("Account the statement is of"), mask_account, must=True),
    _column("account_name", gettext_lazy("Its holder"), mask_name),
    _column("at", gettext_lazy("Time of the movement"), must=True),
    _column("amount", gettext_lazy("Amount"), must=True),
    _column("direction", gettext_lazy("In or out")),
    _column("other", gettext_lazy("Account on the other side"), mask_account),
    _column("other_name", gettext_lazy("Holder on the other side"), mask_name),
    _column("other_bank", gettext_lazy("Bank on the other side")),
    _column("balance", gettext_lazy("Balance afterwards")),
    _column("serial", gettext_lazy("The bank’s number of the movement")),
    _column("summary", gettext_lazy("Memo")),
)
"""What can be read from a reply."""
CASH = "cash:"
"""What stands before an account for the cash that was taken from it or paid into it."""
_ACCOUNT = re.compile(r"[0-9A-Za-z@._-]{5,40}")


def account_of(text: str) -> str | None:
    """The number of an account as it was written; None if it is none.

    >>> account_of(" 6200 0000 0000 0017 "), account_of("12")
    ('6200000000000017', None)
    """
    plain = text.replace(" ", "")
    return plain if _ACCOUNT.fullmatch(plain) else None


@dataclass(frozen=True, slots=True)
class Line:
    """What one row says."""

    account: str
    account_name: str
    at: dt.datetime
    fen: int
    outgoing: bool
    other: str
    other_name: str
    other_bank: str
    balance_fen: int | None
    serial: str
    summary: str
    to_merchant: bool

    @property
    def key(self) -> str:
        """What tells the movement from every other, whatever file it comes in, but for equal ones: see
        `kernel.imports.kinds.nth_key`.
        """
        told = (
            self.account, "out" if self.outgoing else "in", self.at.isoformat(), self.fen, self.other,
            self.serial or self.balance_fen,
        )  # fmt: skip
        return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()


class Reading:
    """How the rows of one reply are read."""

    def __init__(self, batch: Batch) -> None:
        self.now, self.has_directions = batch.now, "direction" in batch.file.columns

    def line(self, cells: Cells) -> Line:
        """What the row says. Errors: Fault."""
        account = self._account("account", cells["account"])
        summary = cells.get("summary", "")[:120]
        fen, outgoing = self._amount(cells["amount"], cells.get("direction", ""))
        return Line(
            account, cells.get("account_name", "")[:64], self._time(cells["at"]), fen, outgoing,
            self._other(account, cells.get("other", ""), summary), cells.get("other_name", "")[:64],
            cells.get("other_bank", "")[:64], self._balance(cells.get("balance", "")),
            cells.get("serial", "")[:64], summary, outgoing and rules.says("merchant", summary),
        )  # fmt: skip

    def _account(self, field: str, found: str) -> str:
        account = account_of(found)
        if account is None:
            shown = mask_account(found) if found else ""
            raise Fault(field, shown, _("an account of 5 to 40 digits or letters"))
        return account

    def _other(self, account: str, found: str, summary: str) -> str:
        """Who stands on the other side; cash is nobody's account."""
        if found.strip(" -/—"):
            return self._account("other", found)
        if rules.says("cash", summary):
            return f"{CASH}{account}"
        raise Fault("other", "", _("the account on the other side, or a summary of cash"))

    def _amount(self, found: str, word: str) -> tuple[int, bool]:
        plain = found.strip()
        fen = amount_fen(plain.lstrip("+-"))
        if not fen:
            raise Fault("amount", found, _("an amount in yuan such as 67,000.00"))
        outgoing = rules.is_outgoing(word) if word else plain.startswith("-")
        if outgoing is None or (self.has_directions and not word):
            raise Fault("direction", word, _("a word for in or out, such as 进 or 出"))
        if not self.has_directions and plain[0] not in "+-":
            raise Fault("amount", found, _("a sign, or a column that says in or out"))
        return fen, outgoing

    def _balance(self, found: str) -> int | None:
        return amount_fen(found) if found else None

    def _time(self, found: str) -> dt.datetime:
        at = written_time(found)
        if at is None or at > self.now:
            expected = _("a time such as 2026-03-03 10:05:07, not in the future")
            raise Fault("at", found, expected)
        return at


def shown(line: Line) -> dict[str, str]:
    """How the line was understood, masked."""
    return {
        "account": mask_account(line.account),
        "account_name": mask_name(line.account_name),
        "at": f"{timezone.localtime(line.at):%Y-%m-%d %H:%M:%S}",
        "amount": yuan(line.fen),
        "direction": _("out") if line.outgoing else _("in"),
        "other": _("Cash") if line.other.startswith(CASH) else mask_account(line.other),
        "other_name": mask_name(line.other_name),
        "balance": yuan(line.balance_fen),
    }
