"""What of an entry a page may print: accounts, devices and residents' numbers are masked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from qingdun.console.kernel.masking import mask_account, mask_number
from qingdun.console.kernel.models import PersonNumber
from qingdun.console.lists.codes import EntityKind

_PHONES = (EntityKind.NUMBER, EntityKind.SENDER)


class Named(Protocol):
    """A row that names an entity."""

    entity_kind: str
    entity: str


def private_numbers(rows: Iterable[Named]) -> frozenset[str]:
    """Which of the rows' numbers a resident holds."""
    numbers = [row.entity for row in rows if row.entity_kind in _PHONES]
    return frozenset(PersonNumber.objects.filter(msisdn__in=numbers).values_list("msisdn", flat=True))


def is_shown(row: Named, private: frozenset[str]) -> bool:
    """Whether the row's entity is printed as it is."""
    return row.entity_kind == EntityKind.HOST or (row.entity_kind in _PHONES and row.entity not in private)


def label(row: Named, private: frozenset[str]) -> str:
    """The row's entity as pages print it."""
    if is_shown(row, private):
        return row.entity
    return mask_number(row.entity) if row.entity_kind in _PHONES else mask_account(row.entity)
