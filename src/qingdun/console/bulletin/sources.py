"""Where figures come from: the ledgers that `wiring.FIGURES` names, and the shares of `measures`.

A code is `module.figure`; `module.figure@until` is the same over everything up to the last day.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from django.utils.module_loading import import_string
from django.utils.translation import gettext

from qingdun.console.kernel.figures import Figure, Ledger
from qingdun.errors import InputError

UPTO = "@until"
RATES = "measures"
"""The module whose figures are shares of two counts."""


class Source(NamedTuple):
    """The ledger and the figure in it that a code names."""

    ledger: Ledger
    figure: Figure
    upto: bool


@cache
def ledgers() -> dict[str, Ledger]:
    """Every module's, by its name."""
    # What stands above all modules names them all, this one too.
    from qingdun.console.wiring import FIGURES

    return {name: import_string(dotted) for name, dotted in FIGURES.items()}


def source_of(code: str) -> Source:
    """What the code names. Errors: InputError (nothing)."""
    module, _dot, name = code.removesuffix(UPTO).partition(".")
    ledger = ledgers().get(module)
    if ledger is None or name not in ledger.figures:
        known = ", ".join(
            sorted(f"{one}.{figure}" for one, each in ledgers().items() for figure in each.figures)
        )
        raise InputError(
            gettext("There is no figure “%(found)s”; expected one of %(known)s.")
            % {"found": code[:40], "known": known}
        )
    return Source(ledger, ledger.figures[name], code.endswith(UPTO))


def is_money(figure: Figure) -> bool:
    """Whether it is in fen."""
    return (figure.total or figure.latest or figure.most).endswith("_fen")
