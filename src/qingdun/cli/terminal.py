"""What commands share: kinds of paths, and a bar that shows how far a long one is."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from qingdun.contract.progress import Told


class Finite(click.FloatRange):
    """A number between bounds; `nan` and `inf` are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number. Errors: BadParameter."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a valid number.", param, ctx)
        return number


class Writable(click.Path):
    """A file written at the end of what may take long: whoever mistypes its folder hears it at once."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path. Errors: BadParameter."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            self.fail(f"{path.parent}: no such folder", param, ctx)
        return path


FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)
NEW_FILE = Writable(dir_okay=False, path_type=Path)


@contextmanager
def bar(title: str, shown: bool = True, logged: bool = False) -> Iterator[Told]:
    """A progress bar on the terminal's error stream; what it yields takes the share done, 0 to 1, and words
    for what is being done.

    Not `shown` for what has no end to wait for. `logged`: where no terminal is, a line says what begins.
    """
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    console = Console(stderr=True)
    if logged and not console.is_terminal:
        click.echo(f"{title} …", err=True)
    with Progress(
        *columns, console=console, transient=True, disable=not (shown and console.is_terminal)
    ) as progress:
        task = progress.add_task(escape(title), total=1.0)

        def told(share: float, words: str = "") -> None:
            said = f"{title}: {words}" if words else title
            progress.update(task, completed=share, description=escape(said))

        yield told


def leave() -> NoReturn:
    """The process has ended well, at once.

    For commands whose server has threads of its own that nobody can wait for: an interpreter that is taken
    down under one of them aborts.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def hours(told: Told) -> Callable[[int, int, int], None]:
    """The bar's share for those who tell hours done, hours in all and rows."""
    return lambda done, total, _rows: told(done / total)
