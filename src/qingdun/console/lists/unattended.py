"""Entries as people outside the house ask for them, with no viewer."""

from __future__ import annotations

from django.db.models import QuerySet

from qingdun.console.lists.codes import EntityKind, ListName
from qingdun.console.lists.models import Entry
from qingdun.console.lists.moves import State
from qingdun.console.lists.normal import normal


def plain_host(text: str) -> str:
    """The host of what was typed or copied, as lists write it. Errors: InputError says what is expected."""
    return normal(EntityKind.HOST, text)


def blocking(host: str) -> QuerySet[Entry]:
    """Entries in force for which a host is blocked: its own, and those of the domains it lies below."""
    names = [host]
    while names[-1].count(".") > 1:
        names.append(names[-1].partition(".")[2])
    found = Entry.objects.filter(entity_kind=EntityKind.HOST, entity__in=names, state=State.ACTIVE)
    return found.exclude(list_name=ListName.NEVER_BLOCK).order_by("pk")
