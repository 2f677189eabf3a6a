"""The defaults of the module, from `rules.json`; docs/funds.md says what each means."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


def hold_h() -> int:
    """Hours an order holds from the moment the bank has stopped payment."""
    return limit("hold_h")


def most_per_account() -> int:
    """Orders an account may have at most; refused ones do not count."""
    return limit("most_per_account")


def limit(name: str) -> int:
    """One of the numbers of the rules."""
    return int(_rules()[name])


def headings() -> dict[str, list[str]]:
    """By field of a bank's reply, the headings it goes by; the first that fits is meant."""
    found: dict[str, list[str]] = _rules()["words"]
    return found


def is_outgoing(word: str) -> bool | None:
    """Whether the word says that money left the account; None if it says neither.

    >>> is_outgoing("付"), is_outgoing(" CR "), is_outgoing("?")
    (True, False, None)
    """
    plain = word.strip().casefold()
    if plain in _rules()["outgoing"]:
        return True
    return False if plain in _rules()["incoming"] else None


def says(kind: str, summary: str) -> bool:
    """Whether a bank's summary speaks of `cash` or of a `merchant`.

    >>> says("cash", "ATM取现"), says("merchant", "跨行转账")
    (True, False)
    """
    plain = summary.casefold()
    return any(word in plain for word in _rules()[kind])


@cache
def _rules() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(resources.files(__package__).joinpath("rules.json").read_text("utf-8"))
    return raw
