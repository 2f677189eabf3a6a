"""The lists exchanged with others, by hand."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qingdun.cli.terminal import FILE, bar
from qingdun.errors import InputError, RefusedError

if TYPE_CHECKING:
    from qingdun.console.exchange.models import Source


@click.group()
def exchange() -> None:
    """The black list exchanged with other cities, operators, banks and communities."""


@exchange.command("export")
@click.option(
    "--peer", "code", required=True, help="Log-in name of the peer, whose rule decides what leaves."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["stix", "misp", "csv"]),
    default="stix",
    show_default=True,
    help="Of the file.",
)
@click.option("--out", type=FILE, help="The file; the terminal without one.")
def export(code: str, form: str, out: Path | None) -> None:
    """Write what may be shared with a peer into a file; the audit trail says that it left."""
    from qingdun.cli.console import setup_prepared

    setup_prepared()
    from django.utils.translation import override

    from qingdun.console.exchange import actions, exporting
    from qingdun.console.exchange.codes import Form

    with override("en"):
        peer, upto = actions.hand_over(None, _peer_id(code), form)
    count = exporting.indicators(peer, upto)
    with bar("writing") as told:
        parts = (part.encode() for part in exporting.parts(peer, Form(form), upto, told))
        if out is None:
            sys.stdout.buffer.writelines(parts)
            return
        with out.open("wb") as file:
            file.writelines(parts)
    click.echo(f"{form}: {count:,} indicators for {code} into {out}")


@exchange.command("connect")
@click.option("--peer", "code", required=True, help="Log-in name of the peer here.")
@click.option("--url", required=True, help="The API root of its TAXII 2.1 server, https://…/")
@click.option("--collection", required=True, help="The collection’s id or alias there.")
@click.option("--login", required=True, help="The name we log in with there.")
@click.option(
    "--key-file", type=FILE, required=True, help="Holds the key alone; nobody but its owner may read it."
)
@click.option("--since", type=click.DateTime(), help="Read what was added after this moment (UTC); else all.")
@click.option("--every", type=click.IntRange(1, 1440), default=15, show_default=True, help="Minutes.")
def connect(
    code: str, url: str, collection: str, login: str, key_file: Path, since: dt.datetime | None, every: int
) -> None:
    """Read a collection of a peer's own server from now on, by the clock; what comes is reviewed."""
    from qingdun.cli.console import setup_prepared

    setup_prepared()
    from django.utils.translation import override

    from qingdun.console.exchange import connecting

    moment = since.replace(tzinfo=dt.UTC) if since else None
    wanted = connecting.Wanted(url, collection, login, key_file.resolve(), every, moment)
    with override("en"):
        source = connecting.connect(_peer_id(code), wanted)
    click.echo(f"{source}: read every {every} minutes, while `qingdun serve` or `qingdun tick` runs")


@exchange.command("pull")
@click.option("--peer", "code", help="Of this peer alone.")
def pull(code: str | None) -> None:
    """Ask the servers of peers now, due or not; exit code 4 if one gives nothing."""
    from qingdun.cli.console import setup_prepared

    setup_prepared()
    from django.utils.translation import override

    from qingdun.console.exchange import pulling

    peer = _peer_id(code) if code else None
    with override("en"), bar("asking") as told:
        done = pulling.pull_all(peer, lambda count: told(0.0, f"{count:,} objects"))
        lines = [f"{one.peer.code} {one}: {_standing(one)}" for one in done]
    if not done:
        raise InputError("no server is connected; see `qingdun exchange connect --help`")
    click.echo("\n".join(lines))
    if any(one.fault for one in done):
        raise RefusedError("not every server was read")


def _standing(one: Source) -> str:
    if one.fault:
        return f"{one.get_fault_display()} {one.detail}".strip()
    return f"{one.objects_read:,} objects so far, up to {one.last or one.added_after or 'the beginning'}"


def _peer_id(code: str) -> int:
    """The peer of that name. Errors: InputError."""
    from qingdun.console.exchange.models import Peer

    found = Peer.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(Peer.objects.values_list("code", flat=True)) or "no peer"
        raise InputError(f"--peer {code}: found no such peer, expected one of: {known}")
    return found.pk
