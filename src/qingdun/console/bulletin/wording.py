"""How a figure is written. One rule for every number that is written roughly:

from 10,000 on it is rounded down to thousands, from 100 on to hundreds, from 10 on to tens, and below it is
exact; if anything was left over, 余 ("more than") says so. Money is in 万元 from 10,000 yuan on and in 亿元
from 100,000,000 on, rounded down in the same way to one and two digits behind the point; below it is exact.
"""

from __future__ import annotations

import datetime as dt

from qingdun.console.bulletin.counting import PER_RESIDENTS, Shift, Told

WAN, YI, FEN = 10_000, 100_000_000, 100
CAUSES = 2
"""Parts of a change that are named."""


def exact(number: int, chinese: bool) -> str:
    """All of it.

    >>> exact(72221, True), exact(72221, False)
    ('72221', '72,221')
    """
    return f"{number}" if chinese else f"{number:,}"


def rough(number: int, chinese: bool) -> str:
    """The number by the rule.

    >>> [rough(one, True) for one in (1_529_318, 300_412, 300_000, 412, 53, 11, 10, 9)]
    ['152.9万余', '30万余', '30万', '400余', '50余', '10余', '10', '9']
    >>> [rough(one, False) for one in (1_529_318, 412, 300)]
    ['more than 1,529,000', 'more than 400', '300']
    """
    step = next((step for floor, step in ((WAN, WAN // 10), (100, 100), (10, 10)) if number >= floor), 1)
    down = number // step * step
    if not chinese:
        return f"more than {down:,}" if down < number else f"{down:,}"
    said = f"{_point(down / WAN, 1)}万" if down >= WAN else f"{down}"
    return f"{said}余" if down < number else said


def money(fen: int, chinese: bool) -> str:
    """The sum with its unit.

    >>> [money(one, True) for one in (6_700_000, 158_500_000, 123_456_789, 12_345_678_901, 99_950)]
    ['6.7万元', '158.5万元', '123.4万余元', '1.23亿余元', '999.50元']
    >>> money(158_500_000, False)
    '1,585,000 yuan'
    """
    if not chinese:
        return f"{fen // FEN:,} yuan" if fen % FEN == 0 else f"{fen / FEN:,.2f} yuan"
    if fen < WAN * FEN:
        return f"{fen // FEN}元" if fen % FEN == 0 else f"{fen / FEN:.2f}元"
    unit, digits, word = (YI * FEN, 2, "亿") if fen >= YI * FEN else (WAN * FEN, 1, "万")
    step = unit // 10**digits
    down = fen // step * step
    return f"{_point(down / unit, digits)}{word}{'余' if down < fen else ''}元"


def day(on: dt.date | None, chinese: bool, with_year: bool = True) -> str:
    """The day as bulletins write it.

    >>> day(dt.date(2021, 6, 7), True), day(dt.date(2021, 6, 7), True, False), day(dt.date(2021, 6, 7), False)
    ('2021年6月7日', '6月7日', '7 June 2021')
    """
    if on is None:
        return ""
    if not chinese:
        return f"{on.day} {_MONTHS[on.month - 1]}{f' {on.year}' if with_year else ''}"
    return f"{f'{on.year}年' if with_year else ''}{on.month}月{on.day}日"


def rate(told: Told, chinese: bool) -> str:
    """A share in hundredths, or a number for 10,000 residents, with its two counts and its interval; '' over
    nothing."""
    if not told.whole or told.part is None or told.low is None or told.high is None:
        return ""
    counts = f"{exact(told.part, chinese)}/{exact(told.whole, chinese)}"
    if told.code.endswith(PER_RESIDENTS):
        found = WAN * told.part / told.whole
        sure = f"{told.low:.2f}—{told.high:.2f}" if chinese else f"{told.low:.2f} to {told.high:.2f}"
        unit = "" if chinese else " for 10,000 residents"
        return _with(f"{found:.2f}{unit}", counts, sure, chinese)
    found = 100 * told.part / told.whole
    sure = f"{told.low:.1f}%—{told.high:.1f}%" if chinese else f"{told.low:.1f} % to {told.high:.1f} %"
    return _with(f"{found:.1f}%" if chinese else f"{found:.1f} %", counts, sure, chinese)


def change(told: Told, chinese: bool) -> str:
    """Against the period before and against the year before, each where there was something; '' where there
    was nothing.

    >>> change(Told("a.b", "", 120, 100, 0), True), change(Told("a.b", "", 90, 90, 100), True)
    ('（环比上升20.0%）', '（环比持平，同比下降10.0%）')
    """
    said = [
        f"{word}{_moved(told.value or 0, other, chinese)}"
        for word, other in (
            ("环比" if chinese else "against the period before: ", told.before),
            ("同比" if chinese else "against the year before: ", told.year),
        )
        if other
    ]
    if not said:
        return ""
    return f"（{'，'.join(said)}）" if chinese else f" ({'; '.join(said)})"


def causes(shifts: list[Shift], chinese: bool) -> str:
    """The parts that the change is made of most, or '' where nothing changed."""
    total = sum(one.more for one in shifts)
    named = [one for one in shifts if one.more * total > 0][:CAUSES]
    if not total or not named:
        return ""
    if chinese:
        verb = "增加" if total > 0 else "减少"
        return "、".join(f"{one.word}（{verb}{abs(one.more)}）" for one in named)
    verb = "more" if total > 0 else "fewer"
    return ", ".join(f"{one.word} ({abs(one.more):,} {verb})" for one in named)


def names(found: list[str], chinese: bool) -> str:
    """The names one after the other."""
    return ("、" if chinese else ", ").join(found)


def _moved(now: int, then: int, chinese: bool) -> str:
    share = f"{abs(100 * (now - then) / then):.1f}"
    if now == then:
        return "持平" if chinese else "no change"
    if chinese:
        return f"{'上升' if now > then else '下降'}{share}%"
    return f"{'up' if now > then else 'down'} {share} %"


def _with(said: str, counts: str, sure: str, chinese: bool) -> str:
    if chinese:
        return f"{said}（{counts}，95%区间{sure}）"
    return f"{said} ({counts}, 95 % interval {sure})"


def _point(number: float, digits: int) -> str:
    return f"{number:.{digits}f}".rstrip("0").rstrip(".")


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
