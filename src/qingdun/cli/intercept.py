"""Interception: the planes that enforce the lists, each a process of its own."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qingdun.errors import InputError

if TYPE_CHECKING:
    from qingdun.intercept.copy import Copy
    from qingdun.intercept.sites.plane import Settings


@click.group()
def intercept() -> None:
    """What enforces the lists in networks."""


@intercept.command()
def sites() -> None:
    """Serve blocked sites to name servers, and the warning page, until stopped."""
    import asyncio
    import signal

    from qingdun.console import serving

    serving.setup()
    from qingdun.console import notices
    from qingdun.console.lists.interception import ConsoleLists
    from qingdun.intercept.sites import plane

    settings = _settings()

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await plane.run(settings, ConsoleLists(), notices.waiter(), stop)

    click.echo(
        f"zones {', '.join(f'{name}.{settings.suffix}' for name in ('block', 'observe'))} on "
        f"{settings.listen.host}:{settings.listen.port}, warning page on {settings.page.host}:"
        f"{settings.page.port}, key in {settings.folder / 'sites.key'}; stop with Ctrl-C"
    )
    asyncio.run(run())


@intercept.command()
def status() -> None:
    """Say what the plane of sites holds, how old that is, and whether a change waits for a word."""
    from qingdun.intercept.sites import zone

    copy = _copy()
    found = copy.heard()
    with copy.reading() as db:
        click.echo(f"serial: {'none yet' if found.serial is None else found.serial}")
        click.echo(f"lists answered last: {_ago(found.heard_at)}")
        click.echo(f"entries held: {found.entries:,}")
        for one in zone.Zone:
            click.echo(
                f"sites in {one.name.lower()}: {zone.size(db, one):,}, serial {zone.serial_of(db, one)}"
            )
        for why, count in zone.refused(db).items():
            click.echo(f"refused ({why}): {count:,}")
    if found.stopped_at is not None:
        click.echo(
            f"STOPPED: {found.stopped_size:,} entries would change up to serial {found.stopped_at}; look at "
            "the lists, then `qingdun intercept confirm`"
        )


@intercept.command()
def confirm() -> None:
    """Let the plane follow a change that it stopped at for its size."""
    from qingdun.intercept.feed import confirm as confirmed

    found = confirmed(_copy())
    click.echo(f"{found.stopped_size:,} entries up to serial {found.stopped_at} are followed")


def _settings() -> Settings:
    """What the environment says. Errors: ConfigurationError."""
    from django.conf import settings

    from qingdun.console import environment
    from qingdun.errors import ConfigurationError
    from qingdun.intercept.feed import Limits
    from qingdun.intercept.sites.plane import Address, Settings
    from qingdun.intercept.sites.wire import Targets

    def one(name: str) -> Address:
        found = environment.endpoints(name)
        if len(found) != 1:
            raise ConfigurationError(f"{name}: found {len(found)} addresses, expected one")
        return Address(*found[0])

    targets = environment.ip_addresses("QINGDUN_SITES_TARGET")
    v4, v6 = [ip for ip in targets if ":" not in ip], [ip for ip in targets if ":" in ip]
    if len(v4) != 1 or len(v6) > 1:
        raise ConfigurationError(
            f"QINGDUN_SITES_TARGET: found {', '.join(targets)!r}, expected an IPv4 address, and perhaps "
            "an IPv6 one"
        )
    log = environment.text("QINGDUN_SITES_LOG")
    return Settings(
        folder=_folder(),
        listen=one("QINGDUN_SITES_LISTEN"),
        page=one("QINGDUN_SITES_PAGE"),
        targets=Targets(v4[0], v6[0] if v6 else ""),
        suffix=environment.domain("QINGDUN_SITES_ZONE"),
        secondaries=tuple(Address(*it) for it in environment.endpoints("QINGDUN_SITES_SECONDARIES")),
        keyless=tuple(environment.ip_addresses("QINGDUN_SITES_KEYLESS")),
        log=Path(log) if log else None,
        limits=Limits(
            environment.number("QINGDUN_INTERCEPT_MOST"), environment.number("QINGDUN_INTERCEPT_PERCENT")
        ),
        appeal=environment.text("QINGDUN_SITES_APPEAL"),
        zone=settings.TIME_ZONE,
    )


def _folder() -> Path:
    from qingdun.console import environment, storage

    return storage.folder(environment.text("QINGDUN_VAR")) / "intercept"


def _copy() -> Copy:
    """The copy of the plane that runs here, or did. Errors: InputError if there is none."""
    from qingdun.intercept.sites.plane import copy_of

    if not (_folder() / "sites.sqlite3").exists():
        raise InputError(f"{_folder()}: no plane has run here yet; `qingdun intercept sites` starts it")
    return copy_of(_folder())


def _ago(at: int | None) -> str:
    if at is None:
        return "never"
    from qingdun.contract.columns import moment

    then = moment(at)
    age = round((dt.datetime.now(dt.UTC) - then).total_seconds())
    return f"{then:%Y-%m-%d %H:%M:%S} UTC, {age:,} s ago"
