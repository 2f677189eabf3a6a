"""Stories of one session in memory: bound, and with a quarantine that works."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from qingdun.intercept.messages import pdu
from tests.intercept.messages.wired import Wired

SCAM = "【平安银行】尊敬的客户，您的账户将于今日冻结，请点击 http://x.example 登录核实身份，逾期失效"
BAD = b"look at http://a.bad.example/x"
ENQUIRE = struct.pack(">IIII", 16, pdu.ENQUIRE, 0, 77)
OUTBIND = pdu.HEAD.pack(16 + 6, pdu.OUTBIND, 0, 8) + b"a\0b\0cd"
UNKNOWN = struct.pack(">IIII", 20, 0x0210, 0, 78) + b"what"


def run(story: Callable[[Wired], Awaitable[None]], folder: Path, **more: object) -> Wired:
    """The story, with a session that is bound."""

    async def told() -> Wired:
        wired = Wired(folder, **more)  # type: ignore[arg-type]
        await wired.bind()
        async with working(wired), asyncio.timeout(20):
            await story(wired)
        return wired

    return asyncio.run(told())


@asynccontextmanager
async def working(wired: Wired) -> AsyncIterator[None]:
    """The quarantine works."""
    task = asyncio.create_task(wired.keeping.run(lambda: wired.proxy.sessions))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
