"""The database for those who go on without it: whoever works beside the console asks again later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connection

from qingdun.errors import Unreachable


@contextmanager
def reached() -> Iterator[None]:
    """Whatever the database fails of is Unreachable, and it is asked again on a connection of its own."""
    try:
        yield
    except Error as error:
        connection.close()
        raise Unreachable(str(error).strip() or type(error).__name__) from error
