"""The plane of look-ups, and the tokens of those that ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qingdun.cli.intercept import working

if TYPE_CHECKING:
    from qingdun.intercept.lookups.settings import Settings


@click.command("look-ups")
def look_ups() -> None:
    """Answer whether a number, a host, a sender or a text is listed, until stopped."""
    from qingdun.console import serving

    serving.setup()
    from qingdun.console import environment
    from qingdun.intercept.lookups import plane

    settings = _settings()
    processes = environment.number("QINGDUN_LOOKUPS_PROCESSES")
    http, dns = settings.http, settings.dns
    words = (
        f"look-ups on http://{http.host}:{http.port}/v1/openapi.json and, below {settings.zone}, on "
        f"{dns.host}:{dns.port} over UDP; tokens in {settings.tokens}; {working.ENDS}"
    )
    working.until_stopped(
        lambda source, waiter, stop: plane.run(
            settings, processes, working.limits(), source, waiter, stop, lambda: click.echo(words)
        )
    )


@click.command()
@click.argument("name")
def token(name: str) -> None:
    """Make the token of the client NAME for look-ups, and say it this once."""
    from qingdun.contract import tokens

    settings = _settings()
    made = tokens.make(settings.tokens, name)
    click.echo(made)
    click.echo(f"take the line of {name} out of {settings.tokens} to lock it out", err=True)


def _settings() -> Settings:
    """What the environment says. Errors: ConfigurationError."""
    from qingdun.console import environment
    from qingdun.intercept.lookups.settings import Settings

    return Settings(
        folder=working.folder(),
        http=working.address("QINGDUN_LOOKUPS_HTTP"),
        dns=working.address("QINGDUN_LOOKUPS_DNS"),
        zone=environment.domain("QINGDUN_LOOKUPS_ZONE"),
        clients=tuple(map(str, environment.networks("QINGDUN_LOOKUPS_CLIENTS"))),
        rate=environment.number("QINGDUN_LOOKUPS_RATE"),
    )
