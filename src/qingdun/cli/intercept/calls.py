"""The plane of calls, and what a person may ask of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from qingdun.cli.intercept import working
from qingdun.errors import ConfigurationError, InputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qingdun.intercept.calls.plane import Settings
    from qingdun.intercept.calls.verdicts import Policy

ANSWER_S = 5.0
"""How long the plane may take to say what came of an announcement."""


@click.command()
def calls() -> None:
    """Answer Kamailio and whoever asks the redirect server about calls, until stopped."""
    from qingdun.console import serving

    serving.setup()
    from qingdun.console.alerts.interception import ConsoleAlerts
    from qingdun.intercept.calls import plane

    settings = _settings()
    listens = f"redirects on {settings.listen.host}:{settings.listen.port}" if settings.listen else ""
    asked = ", ".join(f"{host}:{port}" for host, port in settings.kamailios)
    words = f"{'; '.join(filter(None, (listens, asked and f'answers Kamailio at {asked}')))}; {working.ENDS}"
    urgent = ConsoleAlerts()
    working.until_stopped(
        lambda source, waiter, stop: plane.run(
            settings, source, waiter, stop, urgent, lambda: click.echo(words)
        ),
        quick=True,
    )


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="CALL-ID | PROTECTED OTHER")
def announce(names: Sequence[str]) -> None:
    """End a live call, or send the protected side of it to the announcement: by its Call-ID, or by the number
    that is protected and the other one.
    """
    from qingdun.intercept.calls import announcing, plane
    from qingdun.intercept.calls.numbers import Number

    if len(names) > 2:
        raise InputError(f"found {len(names)} names, expected a Call-ID, or two numbers")
    if not (working.folder() / f"{plane.NAME}.sqlite3").exists():
        raise InputError(f"{working.folder()}: no plane of calls has run here; `qingdun intercept calls`")
    copy = plane.copy_of(working.folder())
    now = time.time_ns() // 1000
    with copy.writing() as db:
        if len(names) == 1:
            asked = announcing.ask(db, now, call_id=names[0])
        else:
            protected, other = (Number.of(one).e164 for one in names)
            if not protected or not other:
                raise InputError(f"found {' '.join(names)!r}, expected two numbers")
            asked = announcing.ask(db, now, protected=protected, other=other)
    end = time.monotonic() + ANSWER_S
    found = ""
    while not found and time.monotonic() < end:
        time.sleep(0.05)
        with copy.reading() as db:
            found = announcing.outcome(db, asked)
    copy.close()
    said = {
        announcing.Outcome.DONE: "the call was announced",
        announcing.Outcome.NOT_LIVE: "no such call is live",
        announcing.Outcome.FAILED: "the call is live, and Kamailio did not do it",
        announcing.Outcome.PROTECTED: "the call is to a number that is never blocked, and goes on",
        announcing.Outcome.LAPSED: "it was not done within a minute, and is not done any more",
        announcing.Outcome.OFF: "live calls are left alone: QINGDUN_CALLS_ANNOUNCE is empty",
    }
    if found != announcing.Outcome.DONE:
        why = said[announcing.Outcome(found)] if found else "the plane of calls does not answer"
        raise RefusedError(why)
    click.echo(said[announcing.Outcome.DONE])


def _settings() -> Settings:
    """What the environment says. Errors: ConfigurationError."""
    from qingdun.console import environment
    from qingdun.intercept.calls.plane import HANG_UP, Settings
    from qingdun.intercept.connections import Address

    listen = environment.text("QINGDUN_CALLS_LISTEN")
    kamailios = tuple(Address(*it) for it in environment.endpoints("QINGDUN_CALLS_KAMAILIO"))
    if not listen and not kamailios:
        raise ConfigurationError(
            "QINGDUN_CALLS_LISTEN, QINGDUN_CALLS_KAMAILIO: found neither, expected an address of one at least"
        )
    announcement = environment.text("QINGDUN_CALLS_ANNOUNCE")
    if announcement not in ("", HANG_UP):
        _checked_address("QINGDUN_CALLS_ANNOUNCE", announcement)
    onward = environment.text("QINGDUN_CALLS_ONWARD")
    _checked_address("QINGDUN_CALLS_ONWARD", onward.replace("{user}", "0"))
    return Settings(
        folder=working.folder(),
        listen=working.address("QINGDUN_CALLS_LISTEN") if listen else None,
        onward=onward,
        kamailios=kamailios,
        policy=_policy(),
        announce=announcement,
        limits=working.limits(),
    )


def _policy() -> Policy:
    """How calls are judged. Errors: ConfigurationError."""
    from qingdun.console import environment
    from qingdun.intercept.calls.origin import Spoof
    from qingdun.intercept.calls.verdicts import PHRASES, Mode, Policy

    def status(name: str) -> int:
        found = environment.number(name)
        if found not in PHRASES:
            raise ConfigurationError(f"{name}: found {found}, expected {', '.join(map(str, PHRASES))}")
        return found

    def mode(name: str) -> Mode:
        found = environment.text(name)
        if found not in tuple(Mode):
            raise ConfigurationError(f"{name}: found {found!r}, expected {', '.join(Mode)}")
        return Mode(found)

    card = environment.text("QINGDUN_CALLS_CARD")
    if card and (not card.startswith("https://") or any(one in card for one in '<>|" ')):
        raise ConfigurationError(f"QINGDUN_CALLS_CARD: found {card!r}, expected an address with https://")
    return Policy(
        listed=status("QINGDUN_CALLS_LISTED"),
        spoofed=status("QINGDUN_CALLS_SPOOFED"),
        rules={
            Spoof.TRUNK: mode("QINGDUN_CALLS_RULE_TRUNK"),
            Spoof.ASSERTED: mode("QINGDUN_CALLS_RULE_ASSERTED"),
            Spoof.NETWORK: mode("QINGDUN_CALLS_RULE_NETWORK"),
        },
        trunks=tuple(environment.networks("QINGDUN_CALLS_TRUNKS")),
        trunk_header=environment.text("QINGDUN_CALLS_TRUNK_HEADER").lower(),
        network_header=environment.text("QINGDUN_CALLS_NETWORK_HEADER").lower(),
        card=card,
    )


def _checked_address(name: str, found: str) -> None:
    """Errors: ConfigurationError if it is no address that a header can hold."""
    bare = found.isascii() and found.isprintable()
    if not (bare and found.startswith(("sip:", "sips:"))) or any(one in found for one in '<>|" '):
        raise ConfigurationError(f"{name}: found {found!r}, expected such as sip:192.0.2.1:5080")
