"""The different parties that one party has called or written to since its first row of the day."""

from __future__ import annotations

from typing import Any, Final

from qingdun.compiled import njit
from qingdun.detect.tiles import speaking
from qingdun.detect.tiles.layout import (
    ABROAD,
    ALL_PEOPLE,
    ANSWERED,
    AT,
    ATTEMPTS,
    BACK,
    CALLEES,
    DAY,
    EMPTY,
    ENDED,
    FANS,
    FRESH,
    INVALID,
    JUDGED_AT,
    LEAST_ABROAD,
    LEAST_CALLEES,
    LIVE,
    MAILED_SINCE,
    MAILS,
    NEVER,
    ONE,
    ORIGIN,
    OTHER,
    OVERSEAS,
    OVERSEAS_CALL,
    PAIR,
    PEOPLE,
    PHASE,
    RECIPIENTS,
    SINCE,
    SUSPECTED,
    SUSPICIOUS,
    SWEPT,
    TAKEN,
    VOIP,
    VOIP_CALL,
)
from qingdun.detect.tiles.open_tables import KEY, MARK, WHEN, Ints, join, place_of

MOST_CALLEES: Final = 400
MOST_RECIPIENTS: Final = 200
GROWN: Final = 1.25
"""Times the callees at which a caller was weighed last, it is weighed again."""


@njit(cache=True, nogil=True)
def key_of(one: int, other: int) -> Any:
    """The key of what one party did to another."""
    return (one << 32 | other) + 1


def parties_of(rows: Ints) -> tuple[Ints, Ints]:
    """The two parties of each row of a table of such keys."""
    keys = rows[:, KEY] - 1
    return keys >> 32, keys & 0xFFFF_FFFF


def rename(rows: Ints, places: Ints) -> None:
    """The rows name parties by their new places."""
    one, other = parties_of(rows)
    rows[:, KEY] = (places[one] << 32 | places[other]) + 1


@njit(cache=True, nogil=True)
def _counts(cells: Any, since: int) -> bool:
    """Whether what is counted since then is not forgotten."""
    return bool(since != NEVER and since >= cells[SWEPT] - DAY)


@njit(cache=True, nogil=True)
def fan_out(cells: Any, row: Any, parties: Any, fans: Any, spoken: Any) -> bool:
    """The call counts for its caller; whether so many more were called that the caller is weighed."""
    one, other, at = row[ONE], row[OTHER], row[AT]
    if _counts(cells, parties[other, SINCE]):
        back = place_of(fans, key_of(other, one))
        if fans[back, KEY] and fans[back, WHEN] == parties[other, SINCE] and not fans[back, MARK]:
            fans[back, MARK] = 1
            parties[other, BACK] += 1
    if row[PHASE] == ENDED:
        return False
    if not _counts(cells, parties[one, SINCE]) or at - parties[one, SINCE] > DAY:
        parties[one, SINCE:LIVE] = 0
        parties[one, SINCE] = at
    parties[one, ATTEMPTS] += 1
    parties[one, TAKEN] += row[PHASE] == ANSWERED
    parties[one, EMPTY] += row[PHASE] == INVALID
    parties[one, OVERSEAS] += row[ORIGIN] == OVERSEAS_CALL
    parties[one, VOIP] += row[ORIGIN] == VOIP_CALL
    if parties[one, CALLEES] < MOST_CALLEES:
        fan = join(fans, cells[FANS : FANS + 1], key_of(one, other), parties[one, SINCE])
        parties[one, CALLEES] += fan >= 0
        if fan >= 0 and row[ORIGIN] == OVERSEAS_CALL:
            parties[one, ABROAD] += not speaking.have_spoken(cells, spoken, row[PAIR])
    count = parties[one, CALLEES]
    many = count >= cells[LEAST_CALLEES] or parties[one, ABROAD] >= cells[LEAST_ABROAD]
    if not many or count < parties[one, JUDGED_AT] * GROWN:
        return False
    parties[one, JUDGED_AT] = count
    return True


@njit(cache=True, nogil=True)
def mail(cells: Any, row: Any, parties: Any, mails: Any) -> None:
    """The message counts for its sender."""
    one, at = row[ONE], row[AT]
    if not _counts(cells, parties[one, MAILED_SINCE]) or at - parties[one, MAILED_SINCE] > DAY:
        parties[one, MAILED_SINCE], parties[one, RECIPIENTS], parties[one, SUSPECTED] = at, 0, 0
    if parties[one, RECIPIENTS] >= MOST_RECIPIENTS:
        return
    place = join(mails, cells[MAILS : MAILS + 1], key_of(one, row[OTHER]), parties[one, MAILED_SINCE])
    parties[one, RECIPIENTS] += place >= 0
    place = place if place >= 0 else -1 - place
    if row[SUSPICIOUS] and not mails[place, MARK]:
        mails[place, MARK] = 1
        parties[one, SUSPECTED] += 1
        cells[FRESH], cells[PEOPLE], cells[ALL_PEOPLE] = 1, parties[one, SUSPECTED], parties[one, RECIPIENTS]
