"""What every plane's command does: it reads the settings that all share, and works until it is stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from qingdun.console.lists.interception import ConsoleLists
    from qingdun.intercept.connections import Address
    from qingdun.intercept.feed import Limits
    from qingdun.intercept.following import Waiter

    Work = Callable[[ConsoleLists, Waiter, asyncio.Event], Awaitable[None]]


ENDS = "stop with Ctrl-C"
"""With what a plane's command ends its line, which it says once the plane answers by the lists."""


def until_stopped(work: Work, quick: bool = False) -> None:
    """The plane works on the console's lists until a signal stops it. `quick`: on the loop of libuv."""
    import asyncio
    import signal

    import uvloop

    from qingdun.console import notices
    from qingdun.console.lists.interception import ConsoleLists

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await work(ConsoleLists(), notices.waiter(), stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop if quick else None) as runner:
        runner.run(run())


def folder() -> Path:
    """Where the planes of this machine keep their copies."""
    from qingdun.console import environment, storage

    return storage.folder(environment.text("QINGDUN_VAR")) / "intercept"


def limits() -> Limits:
    """How much may change at once. Errors: ConfigurationError."""
    from qingdun.console import environment
    from qingdun.intercept.feed import Limits

    return Limits(
        environment.number("QINGDUN_INTERCEPT_MOST"), environment.number("QINGDUN_INTERCEPT_PERCENT")
    )


def address(name: str) -> Address:
    """The one address of that setting. Errors: ConfigurationError."""
    from qingdun.console import environment
    from qingdun.errors import ConfigurationError
    from qingdun.intercept.connections import Address

    found = environment.endpoints(name)
    if len(found) != 1:
        raise ConfigurationError(f"{name}: found {len(found)} addresses, expected one")
    return Address(*found[0])
