"""What a row of a bank's reply means, once it is known which column is which: a movement, or a fault."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingdun.console.funds import rules
from qingdun.console.kernel.entry import amount_fen, written_time
from qingdun.console.kernel.masking import mask_account
from qingdun.console.kernel.sheets import Fault

FIELDS: dict[str, str | Promise] = {
    "account": gettext_lazy("Account the statement is of"),
    "account_name": gettext_lazy("Its holder"),
    "at": gettext_lazy("Time of the movement"),
    "amount": gettext_lazy("Amount"),
    "direction": gettext_lazy("In or out"),
    "other": gettext_lazy("Account on the other side"),
    "other_name": gettext_lazy("Holder on the other side"),
    "other_bank": gettext_lazy("Bank on the other side"),
    "balance": gettext_lazy("Balance afterwards"),
    "serial": gettext_lazy("The bank’s number of the movement"),
    "summary": gettext_lazy("Memo"),
}
"""What can be read from a reply, and its words on the page."""
REQUIRED = ("account", "at", "amount")
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
        """What tells the movement from every other, whatever file it comes in."""
        told = (
            self.account, "out" if self.outgoing else "in", self.at.isoformat(), self.fen, self.other,
            self.serial or self.balance_fen,
        )  # fmt: skip
        return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()


class Reading:
    """How the rows of one reply are read."""

    def __init__(self, headings: Sequence[str], columns: Mapping[str, str], now: dt.datetime) -> None:
        self.width, self.columns, self.now = len(headings), columns, now
        self.places = {field: headings.index(name) for field, name in columns.items()}

    def line(self, cells: Sequence[str]) -> Line:
        """What the row says. Errors: Fault."""
        if len(cells) > self.width:
            raise Fault("", str(len(cells)), _("%(count)d cells") % {"count": self.width})
        cell = {field: cells[place] for field, place in self.places.items()}
        account = self._account("account", cell["account"])
        summary = cell.get("summary", "")[:120]
        fen, outgoing = self._amount(cell["amount"], cell.get("direction", ""))
        return Line(
            account, cell.get("account_name", "")[:64], self._time(cell["at"]), fen, outgoing,
            self._other(account, cell.get("other", ""), summary), cell.get("other_name", "")[:64],
            cell.get("other_bank", "")[:64], self._balance(cell.get("balance", "")),
            cell.get("serial", "")[:64], summary, outgoing and rules.says("merchant", summary),
        )  # fmt: skip

    def _account(self, field: str, found: str) -> str:
        account = account_of(found)
        if account is None:
            shown = mask_account(found) if found else ""
            raise Fault(self.columns.get(field, ""), shown, _("an account of 5 to 40 digits or letters"))
        return account

    def _other(self, account: str, found: str, summary: str) -> str:
        """Who stands on the other side; cash is nobody's account."""
        if found.strip(" -/—"):
            return self._account("other", found)
        if rules.says("cash", summary):
            return f"{CASH}{account}"
        raise Fault(
            self.columns.get("other", ""), "", _("the account on the other side, or a summary of cash")
        )

    def _amount(self, found: str, word: str) -> tuple[int, bool]:
        plain = found.strip()
        fen = amount_fen(plain.lstrip("+-"))
        if not fen:
            raise Fault(self.columns["amount"], found, _("an amount in yuan such as 67,000.00"))
        outgoing = rules.is_outgoing(word) if word else plain.startswith("-")
        if outgoing is None or ("direction" in self.columns and not word):
            raise Fault(self.columns["direction"], word, _("a word for in or out, such as 进 or 出"))
        if "direction" not in self.columns and plain[0] not in "+-":
            raise Fault(self.columns["amount"], found, _("a sign, or a column that says in or out"))
        return fen, outgoing

    def _balance(self, found: str) -> int | None:
        return amount_fen(found) if found else None

    def _time(self, found: str) -> dt.datetime:
        at = written_time(found)
        if at is None or at > self.now:
            expected = _("a time such as 2026-03-03 10:05:07, not in the future")
            raise Fault(self.columns["at"], found, expected)
        return at


def guessed(headings: Sequence[str]) -> dict[str, str]:
    """Which column is which, as its heading suggests; no column is used twice."""
    columns: dict[str, str] = {}
    plain = {heading: heading.strip().casefold() for heading in headings}
    for field, words in rules.headings().items():
        for word in words:
            fits = [h for h in headings if plain[h] == word and h not in columns.values()]
            if fits:
                columns[field] = fits[0]
                break
    return columns
