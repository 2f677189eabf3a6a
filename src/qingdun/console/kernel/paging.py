"""Pages of a long list, counted as far as anybody cares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import cached_property

if TYPE_CHECKING:
    Pages = Paginator[Any]
else:
    Pages = Paginator  # no generic while it runs

MOST = 10_000
"""Nobody pages through more, nor needs to know how many more there are: counting them takes longer than
reading the page.
"""


def count_up_to_most(rows: QuerySet[Any]) -> int:
    """How many rows there are; `MOST` + 1 stands for any number above."""
    return rows.order_by()[: MOST + 1].count()


def shown(count: int) -> str:
    """Such a count in words.

    >>> shown(10_000), shown(10_001)
    ('10000', '10,000+')
    """
    return f"{MOST:,}+" if count > MOST else str(count)


def count_each(rows: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """The same for several lists, in one statement."""
    counts, asked, values = dict.fromkeys(rows, 0), list[str](), list[Any]()
    for name, found in rows.items():
        try:
            sql, params = found.order_by().values("pk")[: MOST + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        asked.append(f"SELECT %s, count(*) FROM ({sql}) AS found")
        values += [name, *params]
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked), values)
            counts |= dict(cursor.fetchall())
    return counts


class Bounded(Pages):
    """Pages of rows of the database, as far as they are counted; `found` is how many there are, if that is
    known.
    """

    def __init__(self, rows: Any, per_page: int, found: int | None = None) -> None:
        super().__init__(rows, per_page)
        self._known = found

    @cached_property
    def count(self) -> int:
        """How many rows there are, up to `MOST`."""
        return min(MOST, self._found)

    @property
    def shown(self) -> str:
        """The same in words, which say when there are more."""
        return shown(self._found)

    @cached_property
    def _found(self) -> int:
        if self._known is not None:
            return self._known
        rows = self.object_list
        return count_up_to_most(rows) if isinstance(rows, QuerySet) else len(rows)
