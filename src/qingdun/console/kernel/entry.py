"""What people type into fields of numbers, money and time, as values."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.errors import InputError

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0(\d{9,11})")
INTERNATIONAL = re.compile(r"\+[1-9]\d{4,14}")
_FILLING = re.compile(r"[\s\-()（）.]+")
YEARS = range(1900, 2200)
"""Of whatever is entered; beyond them a day more, or another zone, may be no time a database keeps."""
_WIDE = str.maketrans("０１２３４５６７８９＋", "0123456789+")
_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T ]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?秒?|分)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[T ]*(\d\d):?(\d\d)(?::?(\d\d))?)?")
_MONEY = re.compile(r"\d{1,12}(?:\.\d{1,2})?")


def e164(text: str) -> str | None:
    """The subscriber's number that was typed, in E.164; None if it is none.

    >>> e164("138 0000-1234"), e164("0086 13800001234"), e164("0763-3360000"), e164("12345")
    ('+8613800001234', '+8613800001234', '+867633360000', None)
    """
    plain = _FILLING.sub("", text.translate(_WIDE))
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    if INTERNATIONAL.fullmatch(plain):
        return plain
    if MOBILE.fullmatch(plain):
        return f"+86{plain}"
    if plain.startswith("86") and MOBILE.fullmatch(plain[2:]):
        return f"+{plain}"
    landline = LANDLINE.fullmatch(plain)
    return f"+86{landline[1]}" if landline else None


def amount_fen(text: str) -> int | None:
    """Yuan as typed, in fen; 万 stands for ten thousand. None if it is no amount.

    >>> amount_fen("67,000"), amount_fen("6.7万"), amount_fen("¥0.5"), amount_fen("-3")
    (6700000, 6700000, 50, None)
    """
    plain = re.sub(r"[\s,，¥￥元]", "", text)
    times = 1_000_000 if plain.endswith("万") else 100
    plain = plain.removesuffix("万")
    return int(Decimal(plain) * times) if _MONEY.fullmatch(plain) else None


def local_time(text: str) -> dt.datetime | None:
    """A local date and time as a browser's field sends it; None if it is none, or of no year of ours."""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.year not in YEARS:
        return None
    return timezone.make_aware(at) if timezone.is_naive(at) else at


def calendar_day(text: str) -> dt.date | None:
    """A day as a browser's field sends it; None if it is none, or of no year of ours.

    >>> calendar_day("2026-03-03"), calendar_day("0001-01-01"), calendar_day("9999-12-31")
    (datetime.date(2026, 3, 3), None, None)
    """
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def given_day(text: str) -> dt.date:
    """The same, of a field that must be filled in. Errors: InputError."""
    day = calendar_day(text)
    if day is None:
        raise InputError(_("Expected a day such as 2026-06-17."))
    return day


def written_time(text: str) -> dt.datetime | None:
    """A local date, with or without a time, as people and programs write it in tables; None if it is none,
    or of no year of ours.

    >>> f"{written_time('2026年3月3日 10:05'):%H:%M}", written_time("3.3.2026")
    ('10:05', None)
    >>> written_time("0001-01-01 00:00:00")  # what some programs write for no time at all
    >>> f"{written_time('20260303100507'):%d %H:%M:%S}"
    '03 10:05:07'
    """
    plain = text.replace("\u00a0", " ").strip()
    matched = _TIME.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if matched is None or int(matched[1]) not in YEARS:
        return None
    try:
        return timezone.make_aware(dt.datetime(*(int(part or 0) for part in matched.groups())))  # type: ignore[arg-type]  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None


def whole(text: str) -> int | None:
    """A whole number of at most 18 digits; None if it is none."""
    return int(text) if text.isdecimal() and len(text) <= 18 else None
