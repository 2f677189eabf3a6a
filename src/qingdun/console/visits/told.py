"""What a person is told with the receipt, and its fixed sentences, from `receipt.json`."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from qingdun.console.visits.words import Sentence


@cache
def told() -> dict[str, Sentence]:
    """What may be told, by code, in the order of the page."""
    return {one["code"]: Sentence(one["zh"], one["en"]) for one in _load()["told"]}


def sentence(name: str) -> Sentence:
    """A fixed sentence of the receipt: title, statement or refused."""
    return Sentence(**_load()[name])


@cache
def _load() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(resources.files(__package__).joinpath("receipt.json").read_text("utf-8"))
    return raw
