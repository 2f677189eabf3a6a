"""What of an entry a page may print: accounts, devices, residents' numbers, and in texts numbers and names
are masked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Protocol

from qingdun.console.kernel.masking import mask_account, mask_name, mask_number, mask_text
from qingdun.console.kernel.models import PersonNumber
from qingdun.console.lists.codes import EntityKind
from qingdun.console.lists.models import Entry
from qingdun.detect.text.template import PERSONS, TITLES

PHONES = (EntityKind.NUMBER, EntityKind.SENDER)
_TITLE = re.compile(rf"{TITLES}$")
_BEGINNING = 40
"""Characters of a text in a row of a table."""
_KEY = 8


class Named(Protocol):
    """A row that names an entity."""

    entity_kind: str
    entity: str


def private_numbers(rows: Iterable[Named]) -> frozenset[str]:
    """Which of the rows' numbers a resident holds."""
    return frozenset(held_since(rows))


def held_since(rows: Iterable[Named]) -> dict[str, dt.date]:
    """Of the rows' numbers those a resident holds, and since which day."""
    numbers = [row.entity for row in rows if row.entity_kind in PHONES]
    return dict(PersonNumber.objects.filter(msisdn__in=numbers).values_list("msisdn", "activated_on"))


def is_shown(row: Named, private: frozenset[str]) -> bool:
    """Whether the row's entity is printed as it is."""
    if row.entity_kind == EntityKind.TEXT:
        return masked_sample(row) == _sample(row)
    return row.entity_kind == EntityKind.HOST or (row.entity_kind in PHONES and row.entity not in private)


def label(row: Named, private: frozenset[str]) -> str:
    """The row's entity as pages print it; of a text its beginning."""
    if row.entity_kind == EntityKind.TEXT:
        words = " ".join(masked_sample(row).split()) or f"{row.entity[:_KEY]}…"
        return words if len(words) <= _BEGINNING else f"{words[:_BEGINNING]}…"
    if is_shown(row, private):
        return row.entity
    return mask_number(row.entity) if row.entity_kind in PHONES else mask_account(row.entity)


def masked_sample(row: Named) -> str:
    """The copy of a text that was proposed, with numbers and names masked; empty once it is deleted."""
    return masked_words(_sample(row))


def masked_words(text: str) -> str:
    """A text with numbers and names masked."""
    return mask_text(PERSONS.sub(lambda found: _masked_person(found[0]), text))


def _sample(row: Named) -> str:
    return row.sample if isinstance(row, Entry) else ""


def _masked_person(addressed: str) -> str:
    """A name with its title, or alone."""
    name = _TITLE.sub("", addressed)
    return mask_name(name) + addressed[len(name) :]
