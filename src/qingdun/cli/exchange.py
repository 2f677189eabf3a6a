"""The lists exchanged with others, by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from qingdun.cli.terminal import FILE, bar
from qingdun.errors import InputError


@click.group()
def exchange() -> None:
    """The black list exchanged with other cities, operators, banks and communities."""


@exchange.command("export")
@click.option(
    "--peer", "code", required=True, help="Log-in name of the peer, whose rule decides what leaves."
)
@click.option(
    "--format", "form", type=click.Choice(["stix", "misp", "csv"]), default="stix", show_default=True
)
@click.option("--out", type=FILE, help="The file; the terminal without one.")
def export(code: str, form: str, out: Path | None) -> None:
    """Write what may be shared with a peer into a file; the audit trail says that it left."""
    from qingdun.cli.console import setup_prepared

    setup_prepared()
    from qingdun.console.exchange import actions, exporting
    from qingdun.console.exchange.codes import Form
    from qingdun.console.exchange.models import Peer

    found = Peer.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(Peer.objects.values_list("code", flat=True)) or "no peer"
        raise InputError(f"--peer {code}: found no such peer, expected one of: {known}")
    peer, upto = actions.hand_over(None, found.pk, form)
    count = exporting.indicators(peer, upto)
    with bar("writing") as told:
        parts = (part.encode() for part in exporting.parts(peer, Form(form), upto, told))
        if out is None:
            sys.stdout.buffer.writelines(parts)
            return
        with out.open("wb") as file:
            file.writelines(parts)
    click.echo(f"{form}: {count:,} indicators for {code} into {out}")
