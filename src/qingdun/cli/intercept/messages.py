"""The plane of messages, and what a person does with what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from qingdun.cli.intercept import working
from qingdun.errors import InputError

if TYPE_CHECKING:
    import ssl

    from qingdun.intercept.messages.plane import Settings
    from qingdun.intercept.messages.quarantine import Quarantine, Text

_SHOWN = 60
"""Characters of a text in the list."""


@click.command()
def messages() -> None:
    """Judge messages between their senders and the message centre (SMPP 3.4), until stopped."""
    from qingdun.console import serving

    serving.setup()
    from qingdun.intercept.messages import plane

    settings = _settings()
    ends = settings.ends
    words = (
        f"ESMEs on {ends.listen.host}:{ends.listen.port}{' over TLS' if ends.tls else ''}, centre at "
        f"{ends.centre.host}:{ends.centre.port}{' over TLS' if ends.centre_tls else ''}, model: "
        f"{settings.model}; {working.ENDS}"
    )
    working.until_stopped(
        lambda source, waiter, stop: plane.run(settings, source, waiter, stop, lambda: click.echo(words)),
        quick=True,
    )


@click.group()
def quarantine() -> None:
    """Messages that wait for a person's word."""


@quarantine.command("list")
def list_() -> None:
    """Show what waits, the oldest first, as far as its text is needed to decide."""
    from qingdun.contract.columns import moment

    with _opened() as store:
        texts = store.waiting()
    for one in texts:
        why = f"model {one.probability:.2f}" if one.entry_id is None else f"entry {one.entry_id}"
        words = one.words.replace("\n", " ")
        line = (
            f"{one.text_id}  {one.state}  {moment(one.at):%Y-%m-%d %H:%M:%S} UTC  {one.system or '-'}  "
            f"{_shown(one.sender)} → {_shown(one.recipient)}  {why}  "
            f"{words[:_SHOWN]}{'…' if len(words) > _SHOWN else ''}"
        )
        click.echo(_legible(line))
    if not texts:
        click.echo("nothing waits")


@quarantine.command()
@click.argument("text_id", type=int)
def show(text_id: int) -> None:
    """Show one text whole."""
    with _opened() as store:
        found = store.get(text_id)
    click.echo(f"{found.state}: {_legible(found.words)}")


@quarantine.command()
@click.argument("text_ids", type=int, nargs=-1, required=True)
def release(text_ids: tuple[int, ...]) -> None:
    """Send texts on: at once if their sender is bound, or when it is again."""
    _each(text_ids, "asked", _released)


@quarantine.command()
@click.argument("text_ids", type=int, nargs=-1, required=True)
def drop(text_ids: tuple[int, ...]) -> None:
    """Let texts go nowhere; their words are deleted."""
    _each(text_ids, "dropped", lambda text: f"{text.text_id}: dropped")


def _shown(address: str) -> str:
    """A person's number masked; what is a company's is everybody's."""
    from qingdun.console.kernel.masking import mask_party

    return mask_party(address)


def _legible(words: str) -> str:
    """The words without what steers a terminal: no sender shall."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in words)


def _released(text: Text) -> str:
    double = (
        "; it was sent before without an answer, so it may arrive twice" if text.state == "unsure" else ""
    )
    return f"{text.text_id}: is sent on{double}"


def _each(text_ids: tuple[int, ...], state: str, words: Callable[[Text], str]) -> None:
    from qingdun.intercept.following import now

    with _opened() as store:
        for text_id in text_ids:
            click.echo(words(store.move(text_id, state, now())))


@contextmanager
def _opened() -> Iterator[Quarantine]:
    """The quarantine of this machine. Errors: InputError if there is none."""
    from qingdun.intercept.messages.quarantine import FILE, Quarantine

    folder = working.folder()
    if not (folder / FILE).exists():
        raise InputError(f"{folder / FILE}: no quarantine yet; `qingdun intercept messages` makes one")
    with closing(Quarantine(folder)) as store:
        yield store


def _settings() -> Settings:
    """What the environment says. Errors: ConfigurationError."""
    from qingdun.console import environment
    from qingdun.intercept.messages.alphabet import GSM
    from qingdun.intercept.messages.plane import Settings
    from qingdun.intercept.messages.proxy import Ends
    from qingdun.intercept.messages.verdict import Model

    ends = Ends(
        working.address("QINGDUN_MESSAGES_LISTEN"),
        working.address("QINGDUN_MESSAGES_CENTRE"),
        environment.number("QINGDUN_MESSAGES_CLIENTS"),
        environment.number("QINGDUN_MESSAGES_STATUS"),
        _listener(environment.text("QINGDUN_MESSAGES_CERTIFICATE"), environment.text("QINGDUN_MESSAGES_KEY")),
        _to_centre(environment.text("QINGDUN_MESSAGES_CENTRE_CA")),
    )
    return Settings(
        folder=working.folder(),
        ends=ends,
        model=Model(_one_of("QINGDUN_MESSAGES_MODEL", [str(one) for one in Model])),
        least=environment.number("QINGDUN_MESSAGES_PERCENT") / 100,
        coding=_one_of("QINGDUN_MESSAGES_CODING", [GSM, "latin-1", "ascii", "gb18030", "utf-8"]),
        hold_s=environment.number("QINGDUN_MESSAGES_HOLD_SECONDS"),
        quarantine_status=environment.number("QINGDUN_MESSAGES_QUARANTINE_STATUS"),
        days=environment.number("QINGDUN_MESSAGES_DAYS"),
        limits=working.limits(),
    )


def _one_of(name: str, known: list[str]) -> str:
    from qingdun.console import environment
    from qingdun.errors import ConfigurationError

    found = environment.text(name)
    if found not in known:
        raise ConfigurationError(f"{name}: found {found!r}, expected one of {', '.join(known)}")
    return found


def _listener(certificate: str, key: str) -> ssl.SSLContext | None:
    import ssl

    from qingdun.errors import ConfigurationError

    if not certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"QINGDUN_MESSAGES_CERTIFICATE, QINGDUN_MESSAGES_KEY: {certificate!r}, {key!r}: expected PEM "
            f"files of a certificate and its key; {error}"
        ) from error
    return context


def _to_centre(authority: str) -> ssl.SSLContext | None:
    import ssl

    from qingdun.errors import ConfigurationError

    if not authority:
        return None
    try:
        return ssl.create_default_context(cafile=None if authority == "system" else authority)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"QINGDUN_MESSAGES_CENTRE_CA: {authority!r}: expected a PEM file, or `system`; {error}"
        ) from error
