"""Lengths of time as people say them; frontend/src/clocks.ts says them in the same way."""

from __future__ import annotations

from django.utils.translation import gettext as _


def spoken(length_s: float) -> str:
    """Seconds below a minute; then minutes and seconds, hours and minutes, days and hours, without what is
    nought. A length has no sign.

    >>> from django.utils.translation import override
    >>> with override("en"):
    ...     [spoken(length) for length in (0.7, 73, -73, 3600, 7_500, 266_400)]
    ['0 s', '1 min 13 s', '1 min 13 s', '1 h', '2 h 5 min', '3 d 2 h']
    """
    whole = abs(int(length_s))
    units = ((86_400, _("d")), (3600, _("h")), (60, _("min")), (1, _("s")))
    first = next((index for index, (size, _word) in enumerate(units) if whole >= size), len(units) - 1)
    said: list[str] = []
    for size, word in units[first : first + 2]:
        count, whole = divmod(whole, size)
        if count or not said:
            said.append(f"{count} {word}")
    return " ".join(said)
