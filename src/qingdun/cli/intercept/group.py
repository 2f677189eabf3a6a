"""The group of commands: the planes, each a process of its own, and what is said to them."""

from __future__ import annotations

import click

from qingdun.cli.intercept import calls, lookups, messages, rehearse, sites, standing


@click.group()
def intercept() -> None:
    """What enforces the lists in networks."""


for _command in (
    sites.sites,
    calls.calls,
    calls.announce,
    messages.messages,
    messages.quarantine,
    lookups.look_ups,
    lookups.token,
    rehearse.rehearse,
    standing.status,
    standing.confirm,
):
    intercept.add_command(_command)
