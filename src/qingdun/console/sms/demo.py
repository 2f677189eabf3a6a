"""A gateway that sends nothing: what it would have sent stands on a page, and receipts are its own."""

from __future__ import annotations

import asyncio

from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone

from qingdun.console.sms.codes import PartState, ReceiptState
from qingdun.console.sms.gateway import GatewayReceipt, Inbox, OutgoingPart
from qingdun.console.sms.models import DemoSms, Part

UNREACHABLE = "13"
"""Numbers with this ending are switched off, so that failures are seen too."""


class DemoGateway:
    """Answers as an operator would, from the database alone."""

    code = "demo"
    demo = True

    def __init__(self) -> None:
        self._owed: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._teller: asyncio.Task[None] | None = None

    async def open(self, inbox: Inbox) -> None:
        """Receipts that an earlier run owed are given first."""
        for gateway_id, number in await sync_to_async(_owed)():
            self._owed.put_nowait((gateway_id, number))
        self._teller = asyncio.create_task(self._tell(inbox))

    async def ready(self) -> None:
        """It always is."""

    async def submit(self, part: OutgoingPart) -> str:
        """The part stands among the demo's."""
        await sync_to_async(_keep)(part.reference)
        gateway_id = f"demo-{part.reference}"
        self._owed.put_nowait((gateway_id, part.recipient))
        return gateway_id

    async def close(self) -> None:
        """What is still owed is told when it is opened again."""
        if self._teller is not None:
            self._teller.cancel()
            await asyncio.wait({self._teller})

    async def _tell(self, inbox: Inbox) -> None:
        while True:
            gateway_id, number = await self._owed.get()
            await inbox.receipt(_receipt(gateway_id, number))


def _receipt(gateway_id: str, number: str) -> GatewayReceipt:
    if number.endswith(UNREACHABLE):
        return GatewayReceipt(gateway_id, ReceiptState.FAILED, "UNDELIV")
    return GatewayReceipt(gateway_id, ReceiptState.DELIVERED, "DELIVRD")


@transaction.atomic
def _keep(part_id: int) -> None:
    DemoSms.objects.get_or_create(part_id=part_id, defaults={"at": timezone.now()})


def _owed() -> list[tuple[str, str]]:
    waiting = Part.objects.filter(gateway=DemoGateway.code, state=PartState.ACCEPTED)
    return list(waiting.values_list("gateway_id", "message__msisdn"))
