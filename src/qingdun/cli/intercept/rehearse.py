"""The networks of a demonstration."""

from __future__ import annotations

import click

from qingdun.cli.intercept import working


@click.command(hidden=True)
def rehearse() -> None:
    """Meet entries of the lists as networks would, by lot: for `qingdun serve --demo` alone."""
    from qingdun.console import serving

    serving.setup()
    from django.conf import settings

    from qingdun.console import notices
    from qingdun.console.lists.interception import ConsoleLists
    from qingdun.console.lists.rehearsed import rehearse as rehearsed
    from qingdun.errors import RefusedError

    if not settings.DEMO:
        raise RefusedError("networks are rehearsed in demo mode only; set QINGDUN_DEMO=1 for a demonstration")
    working.until_stopped(
        lambda source, waiter, stop: rehearsed(working.folder(), ConsoleLists, notices.waiter, stop)
    )
