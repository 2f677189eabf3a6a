"""SMPP 3.4 behind the port: Chinese as UCS-2, long texts joined by a header, receipts asked for."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from datetime import timedelta

from aiosmpplib.protocol import DeliverSm, SmppMessage, SubmitSm
from aiosmpplib.state import NPI, TON, PhoneNumber

from qingdun.console.sms.codes import ReceiptState
from qingdun.console.sms.gateway import (
    GatewayLost,
    GatewayReceipt,
    GatewayRefused,
    Inbox,
    OutgoingPart,
    Reply,
)
from qingdun.console.sms.parts import octets
from qingdun.console.sms.smpp_session import OK, Refused, Session, status_name

UDHI = 0x40
"""esm_class: the text begins with a header."""
PASSING = frozenset({0x08, 0x14, 0x58, 0x64, 0x65, 0x0D, 0x04})
"""System error, queue full, throttled, temporary errors, bind trouble: another try may be taken."""
STATES = {
    "DELIVRD": ReceiptState.DELIVERED,
    "EXPIRED": ReceiptState.FAILED,
    "DELETED": ReceiptState.FAILED,
    "UNDELIV": ReceiptState.FAILED,
    "REJECTD": ReceiptState.FAILED,
}
"""What ends a message (SMPP 3.4, appendix B); anything else says that it is on its way."""
BY_NUMBER = {2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 8: "REJECTD"}
RECEIPTED_ID, MESSAGE_STATE = 0x001E, 0x0427
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 60.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SmppAccount:
    """Where the operator listens and who we are there."""

    host: str
    port: int
    system_id: str
    password: str
    sender: str
    """The number or name that recipients see."""


class SmppGateway:
    """Keeps one transceiver bound, however often the line breaks, waiting longer each time up to a minute."""

    code = "smpp"
    demo = False

    def __init__(self, account: SmppAccount) -> None:
        self._account = account
        self._session: Session | None = None
        self._bound = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def open(self, inbox: Inbox) -> None:
        """Connecting goes on by itself from here."""
        self._keeper = asyncio.create_task(self._keep(inbox))

    async def ready(self) -> None:
        """A transceiver is bound."""
        await self._bound.wait()

    async def submit(self, part: OutgoingPart) -> str:
        """The operator's id of the part. Errors: GatewayRefused, GatewayLost."""
        session = self._session
        if session is None or not session.open:
            raise GatewayLost("not_connected", written=False)
        try:
            answer = await session.request(_submit_sm(part, self._account.sender))
        except TimeoutError as error:
            raise GatewayLost("no_answer", written=True) from error
        except OSError as error:
            raise GatewayLost("line_broke", written=True) from error
        if answer.status != OK:
            raise GatewayRefused(status_name(answer.status), answer.status in PASSING)
        return answer.text

    async def close(self) -> None:
        """Unbound and closed."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
        if self._session is not None:
            await self._session.end(unbind=True)
            self._session = None

    async def _keep(self, inbox: Inbox) -> None:
        async def deliver(message: SmppMessage) -> None:
            await _put(message, inbox)

        account, wait_s = self._account, FIRST_WAIT_S
        while True:
            try:
                self._session = await Session.connect(
                    account.host, account.port, account.system_id, account.password, deliver
                )
            except (OSError, TimeoutError, Refused) as error:
                log.warning("smpp: no connection (%s); tried again in %.1f s", error, wait_s)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)
                continue
            self._bound.set()
            await self._session.ended()
            log.warning("smpp: the line broke; connecting again")
            self._bound.clear()
            await self._session.end()
            # A line that broke at once is not tried without a pause.
            await asyncio.sleep(FIRST_WAIT_S)
            wait_s = FIRST_WAIT_S


def _submit_sm(part: OutgoingPart, sender: str) -> SubmitSm:
    alone = part.total == 1
    header = b"" if alone else bytes((5, 0, 3, part.message & 0xFF, part.total, part.number))
    message = SubmitSm(
        short_message=part.text,
        source=PhoneNumber(sender, *_source_type(sender)),
        destination=PhoneNumber(part.recipient.lstrip("+"), TON.INTERNATIONAL, NPI.ISDN),
        esm_class=0 if alone else UDHI,
        encoding="ucs2",
        registered_delivery=1,
        validity_period=timedelta(seconds=part.expires_in_s),
        auto_message_payload=False,
    )
    message.set_encoded_message(header + octets(part.text))
    return message


def _source_type(sender: str) -> tuple[TON, NPI]:
    if sender.isdecimal():
        return TON.NETWORK_SPECIFIC, NPI.ISDN
    return TON.ALPHANUMERIC, NPI.UNKNOWN


async def _put(message: SmppMessage, inbox: Inbox) -> None:
    """The receipt or reply is in the inbox; anything else is nothing."""
    if not isinstance(message, DeliverSm):
        return
    if not message.is_receipt():
        sender = message.source.number
        if message.source.ton == TON.INTERNATIONAL and not sender.startswith("+"):
            sender = f"+{sender}"
        await inbox.reply(Reply(sender, message.short_message))
        return
    said = receipt_of(message.short_message, {one.tag: one.value for one in message.optional_params or ()})
    if said is not None:
        await inbox.receipt(said)


def receipt_of(text: str, extras: dict[int, object]) -> GatewayReceipt | None:
    """What a receipt says, from its text or from the parameters beside it; None if it names no message.

    Operators write dates, counts and error codes in their own ways: only id and state are read, the rest is
    left alone.

    >>> receipt_of("id:7f01 sub:001 submit date:260303 done date: stat:DELIVRD err:0A1 text:", {}).state
    ReceiptState.DELIVERED
    """
    ident = str(extras.get(RECEIPTED_ID) or "") or _field(text, "id")
    state = BY_NUMBER.get(_whole(extras.get(MESSAGE_STATE)), "") or _field(text, "stat").upper()
    if not ident:
        return None
    return GatewayReceipt(ident, STATES.get(state, ReceiptState.ON_ITS_WAY), state)


def _field(text: str, name: str) -> str:
    found = re.search(rf"(?:^|\s){name}:(\S*)", text, re.IGNORECASE)
    return found[1] if found else ""


def _whole(value: object) -> int:
    return value if isinstance(value, int) else -1
