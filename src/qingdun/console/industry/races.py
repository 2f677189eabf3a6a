"""Two who write the same thing at once: the database keeps one of them, and the other is told what anybody is
told who comes a minute later.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, transaction

P = ParamSpec("P")
R = TypeVar("R")
MOST_TURNS = 3


def seeing_others(act: Callable[P, R]) -> Callable[P, R]:
    """The act, in one transaction; if somebody else has just written what it writes, it is undone and done
    again, and then sees what was written. What is written is written in one order, or two who write several
    things would wait for each other.

    Errors: those of the act; IntegrityError if it is still refused by then, which is nobody else's doing.
    """

    @wraps(act)
    def around(*args: P.args, **kwargs: P.kwargs) -> R:
        turn = 1
        while True:
            try:
                with transaction.atomic():
                    return act(*args, **kwargs)
            except IntegrityError:
                if turn == MOST_TURNS:
                    raise
                turn += 1

    return around
