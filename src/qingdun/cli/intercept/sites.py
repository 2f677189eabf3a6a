"""The plane of sites."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qingdun.cli.intercept import working

if TYPE_CHECKING:
    from qingdun.intercept.sites.plane import Settings


@click.command()
def sites() -> None:
    """Serve blocked sites to name servers, and the warning page, until stopped."""
    from qingdun.console import serving

    serving.setup()
    from qingdun.intercept.sites import plane

    settings = _settings()
    from qingdun.intercept.sites.zone import all_of, title

    zones = ", ".join(title(one, settings.parts) for one in all_of(settings.parts))
    words = (
        f"zones {zones} below {settings.suffix} on "
        f"{settings.listen.host}:{settings.listen.port}, warning page on {settings.page.host}:"
        f"{settings.page.port}, key in {settings.folder / 'sites.key'}; {working.ENDS}"
    )
    working.until_stopped(
        lambda source, waiter, stop: plane.run(settings, source, waiter, stop, lambda: click.echo(words))
    )


def _settings() -> Settings:
    """What the environment says. Errors: ConfigurationError."""
    from django.conf import settings

    from qingdun.console import environment
    from qingdun.errors import ConfigurationError
    from qingdun.intercept.connections import Address
    from qingdun.intercept.sites.plane import Settings
    from qingdun.intercept.sites.wire import Targets

    targets = environment.ip_addresses("QINGDUN_SITES_TARGET")
    v4, v6 = [ip for ip in targets if ":" not in ip], [ip for ip in targets if ":" in ip]
    if len(v4) != 1 or len(v6) > 1:
        raise ConfigurationError(
            f"QINGDUN_SITES_TARGET: found {', '.join(targets)!r}, expected an IPv4 address, and perhaps "
            "an IPv6 one"
        )
    log = environment.text("QINGDUN_SITES_LOG")
    return Settings(
        folder=working.folder(),
        listen=working.address("QINGDUN_SITES_LISTEN"),
        page=working.address("QINGDUN_SITES_PAGE"),
        targets=Targets(v4[0], v6[0] if v6 else ""),
        suffix=environment.domain("QINGDUN_SITES_ZONE"),
        secondaries=tuple(Address(*it) for it in environment.endpoints("QINGDUN_SITES_SECONDARIES")),
        keyless=tuple(environment.ip_addresses("QINGDUN_SITES_KEYLESS")),
        log=Path(log) if log else None,
        limits=working.limits(),
        appeal=environment.text("QINGDUN_SITES_APPEAL"),
        zone=settings.TIME_ZONE,
        parts=environment.number("QINGDUN_SITES_PARTS"),
    )
