"""What a bank is asked in a file, and what it says of it, whatever the file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

MOST_ROWS = 20_000
"""Answers of one file."""


class Asked(StrEnum):
    """What a bank is asked to do, with the sign its order begins with."""

    STOP = "QD-STOP-"
    FREEZE = "QD-FRZE-"
    REFUND = "QD-RFND-"
    RENEWAL = "QD-RNEW-"
    RELEASE = "QD-RLSE-"

    @property
    def word(self) -> str:
        """What it is called in files for banks, which are Chinese."""
        return _WORDS[self][0]

    @property
    def done(self) -> str:
        """The word with which a bank says that it has done it."""
        return _WORDS[self][1]


_WORDS = {
    Asked.STOP: ("止付", "已止付"), Asked.FREEZE: ("冻结", "已冻结"), Asked.REFUND: ("返还", "已返还"),
    Asked.RENEWAL: ("续冻", "已续冻"), Asked.RELEASE: ("解除", "已解除"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What a bank is asked to do with an account; name, number, amount and time come back with its answer."""

    asked: Asked
    ident: int
    """Of the stop, the freeze or the refund; of what continues or ends one, of its document."""
    paper: str
    """Number of the legal document it rests on."""
    name: str
    account: str
    bank: str
    fen: int
    at: dt.datetime
    """When the money came, for a stop; else when the document was issued."""
    told: tuple[str, ...] = ()
    """What else the bank has to know, line by line."""

    @property
    def reference(self) -> str:
        """What the order is called in files."""
        return f"{self.asked}{self.ident:08}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a bank says of one order: the four things that must match, what it did, and why not."""

    row: int
    order: str
    name: str
    account: str
    fen: int | None
    at: dt.datetime | dt.date | None
    """A message of ISO 20022 tells the day alone."""
    result: str
    """`done`, `refused`, `pending`; empty if it says none of them."""
    told: str
    """The word or code it says it with."""
    reason: str

    @property
    def meant(self) -> tuple[Asked, int] | None:
        """Which order it answers; None if it names none of ours."""
        for asked in Asked:
            ident = self.order.removeprefix(asked)
            if self.order.startswith(asked) and ident.isdecimal() and len(ident) <= 12:
                return asked, int(ident)
        return None
