"""What commands that play simulated cities are told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from qingdun.cli.terminal import Finite

_Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def first_seed(default: int) -> _Option:
    """Where the seeds begin."""
    return click.option(
        "--first-seed",
        type=click.IntRange(min=1),
        default=default,
        show_default=True,
        help="Seed of the first city; the others follow.",
    )


def population(default: int) -> _Option:
    """How large each is."""
    return click.option(
        "--population",
        type=click.IntRange(min=1000),
        default=default,
        show_default=True,
        help="Persons of a city.",
    )


def attack_rate(default: float) -> _Option:
    """How often scams come."""
    return click.option(
        "--attack-rate",
        type=Finite(0, 1),
        default=default,
        show_default=True,
        help="Share of persons a scam reaches in a day.",
    )
