"""How the planes of this machine stand, and a person's word to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qingdun.cli.intercept.working import folder
from qingdun.errors import InputError, RefusedError

if TYPE_CHECKING:
    from qingdun.intercept.copy import Copy


@click.command()
def status() -> None:
    """Say what each plane holds, how old that is, and whether a change waits for a word."""
    with _copies() as copies:
        for name, copy in copies.items():
            _say(name, copy)


@click.command()
@click.option("--plane", default="", help="This plane alone; otherwise every one that waits.")
def confirm(plane: str) -> None:
    """Let planes follow a change that they stopped at for its size."""
    from qingdun.intercept.feed import confirm as confirmed

    with _copies() as copies:
        if plane and plane not in copies:
            raise InputError(f"--plane: found {plane!r}, expected one of {', '.join(copies)}")
        waiting = [
            name
            for name, copy in copies.items()
            if plane in ("", name) and copy.heard().stopped_at is not None
        ]
        if not waiting:
            raise RefusedError("no change of the lists waits for a word")
        for name in waiting:
            found = confirmed(copies[name])
            click.echo(f"{name}: {found.stopped_size:,} entries up to serial {found.stopped_at} are followed")


def _say(name: str, copy: Copy) -> None:
    from qingdun.intercept import figures

    found = copy.heard()
    click.echo(f"{name}:")
    click.echo(f"  serial: {'none yet' if found.serial is None else found.serial}")
    click.echo(f"  lists answered last: {_ago(found.heard_at)}")
    click.echo(f"  entries held: {found.entries:,}")
    with copy.reading() as db:
        for what, value in figures.told(db).items():
            click.echo(f"  {what.replace('_', ' ')}: {value if isinstance(value, str) else f'{value:,}'}")
    if found.stopped_at is not None:
        click.echo(
            f"  STOPPED: {found.stopped_size:,} entries would change up to serial {found.stopped_at}; look "
            "at the lists, then `qingdun intercept confirm`"
        )


@contextmanager
def _copies() -> Iterator[dict[str, Copy]]:
    """The copies of the planes that run here, or did, by name. Errors: InputError if there are none."""
    from contextlib import ExitStack

    from qingdun.intercept.copy import SUFFIX, Copy

    found: list[Path] = sorted(folder().glob(f"*{SUFFIX}"))
    if not found:
        raise InputError(f"{folder()}: no plane has run here yet; `qingdun intercept sites` starts one")
    with ExitStack() as stack:
        yield {path.stem: stack.enter_context(closing(Copy(path))) for path in found}


def _ago(at: int | None) -> str:
    if at is None:
        return "never"
    from qingdun.contract.columns import moment

    then = moment(at)
    age = round((dt.datetime.now(dt.UTC) - then).total_seconds())
    return f"{then:%Y-%m-%d %H:%M:%S} UTC, {age:,} s ago"
