"""The port to whoever carries messages: SMPP today, CMPP or an operator's web interface tomorrow.

Nothing here names a protocol: numbers are E.164, texts are strings, answers are ids, errors say what the
sender may do. `demo.py` ships for demonstrations, `smpp.py` speaks SMPP 3.4. A CMPP adapter maps a part onto
one CMPP_SUBMIT (total, number and reference are its pk_total, pk_number and the header's octet) and
CMPP_DELIVER onto the inbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from qingdun.console.sms.codes import ReceiptState


@dataclass(frozen=True, slots=True)
class OutgoingPart:
    """One part of a message, ready for the air."""

    reference: int
    """Our id of the part: never sent, for a gateway's own books."""
    message: int
    """Our id of the message: parts of one message are joined by it (its low eight bits go on the air)."""
    number: int
    """Counted from 1."""
    total: int
    recipient: str
    """E.164 with its plus."""
    text: str
    """At most 70 UTF-16 units alone, 67 among several."""
    expires_in_s: int
    """After that many seconds the operator may forget it."""


@dataclass(frozen=True, slots=True)
class GatewayReceipt:
    """What the operator says has become of a part."""

    gateway_id: str
    state: ReceiptState
    code: str = ""
    """The operator's own word, as DELIVRD or UNDELIV."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody has written back."""

    sender: str
    """E.164 with its plus where the operator gives the country."""
    text: str


class Inbox(Protocol):
    """Where a gateway puts what comes back. It acknowledges to the operator once a call has returned, so that
    what was not kept is sent again.
    """

    async def receipt(self, said: GatewayReceipt) -> None:
        """The receipt is kept; a second time changes nothing."""

    async def reply(self, said: Reply) -> None:
        """The reply is kept or acted upon; a second time changes nothing."""


class GatewayRefused(Exception):
    """The operator has answered no: the part was not taken."""

    def __init__(self, code: str, passing: bool) -> None:
        super().__init__(code)
        self.code = code
        """The operator's own word."""
        self.passing = passing
        """Whether it may say yes later: throttled, full, out of order."""


class GatewayLost(Exception):
    """There was no answer."""

    def __init__(self, reason: str, written: bool) -> None:
        super().__init__(reason)  # a code of codes.REASONS
        self.written = written
        """Whether the part may have reached the operator: then nobody knows if it was taken."""


class SmsGateway(Protocol):
    """Carries parts to an operator over one connection. A part is handed in by itself, because each is
    answered by itself, and what was answered must be written down before the next one goes.
    """

    code: str
    """Short name that messages keep: the ids of one gateway mean nothing to another."""
    demo: bool
    """Whether nothing really leaves."""

    async def open(self, inbox: Inbox) -> None:
        """The gateway connects, keeps its connection by itself and fills the inbox."""

    async def ready(self) -> None:
        """The connection stands. Waits as long as it does not."""

    async def submit(self, part: OutgoingPart) -> str:
        """The operator has taken the part; what it calls it is returned.

        Errors: GatewayRefused, GatewayLost.
        """

    async def close(self) -> None:
        """The connection is given up in good order; nothing more is put into the inbox."""
