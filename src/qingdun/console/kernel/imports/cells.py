"""What the text of a cell, or of a field of a form, is read as; each says in words what it expects.

A reader gets a text that is not empty. Errors of all: InputError.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from qingdun.console.kernel.entry import amount_fen, e164, whole, written_time
from qingdun.console.kernel.imports.kinds import LANGUAGES, Batch
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.queries import regions
from qingdun.errors import InputError

MOST_COUNT = 10_000_000
YES = ("1", "on", "是", "yes", "true", "有", "√")
NO = ("0", "off", "否", "no", "false", "无", "×")


def text(most: int) -> Callable[[str], str]:
    """Reads a text of at most so many letters."""

    def read(found: str) -> str:
        if len(found) > most:
            raise InputError(_("At most %(most)d characters.") % {"most": most})
        return found

    return read


def day(found: str) -> dt.date:
    """A day of the calendar, at most ten years ahead."""
    at = written_time(found)
    if at is None:
        raise InputError(_("Expected a day such as 2026-06-17."))
    read = timezone.localtime(at).date()
    if read > timezone.localdate() + dt.timedelta(days=3660):
        raise InputError(_("This day lies too far ahead."))
    return read


def past_day(found: str) -> dt.date:
    """A day up to today."""
    read = day(found)
    if read > timezone.localdate():
        raise InputError(_("This day lies in the future."))
    return read


def moment(found: str) -> dt.datetime:
    """A time, local if it names no zone."""
    read = written_time(found)
    if read is None:
        raise InputError(_("Expected a time such as 2026-06-17 15:29."))
    return read


def money(found: str) -> int:
    """An amount in yuan, as fen."""
    read = amount_fen(found)
    if read is None:
        raise InputError(_("Expected an amount in yuan, such as 67,000 or 6.7万."))
    return read


def count(found: str) -> int:
    """A whole number."""
    read = whole(found.replace(",", ""))
    if read is None or read > MOST_COUNT:
        raise InputError(_("Expected a whole number."))
    return read


def number(found: str) -> str:
    """A phone number in E.164."""
    read = e164(found)
    if read is None:
        raise InputError(_("Expected a phone number such as 138 0000 0000."))
    return read


def yes_or_no(found: str) -> bool:
    """Whether it is so."""
    plain = found.strip().casefold()
    if plain not in YES + NO:
        raise InputError(_("Expected one of: %(expected)s.") % {"expected": "是, 否"})
    return plain in YES


def choice(options: Sequence[tuple[str, Any]]) -> Callable[[str], str]:
    """Reads a code; its word in either language does too, so that files need no codes."""
    by_word: dict[str, str] = {}

    def words() -> dict[str, str]:
        for language in LANGUAGES:
            with override(language):
                for code, word in options:
                    by_word.setdefault(str(code).casefold(), str(code))
                    by_word.setdefault(str(word).casefold(), str(code))
        return by_word

    def read(found: str) -> str:
        code = (by_word or words()).get(found.strip().casefold())
        if code is None:
            raise InputError(_("Expected one of: %(expected)s.") % {"expected": _some(options)})
        return code

    return read


def _some(options: Sequence[tuple[str, Any]]) -> str:
    told = [str(word) for _code, word in options]
    return ", ".join(told[:8]) + (" …" if len(told) > 8 else "")


def place(batch: Batch) -> Callable[[str], str]:
    """Reads a place of the region of whoever brings the file, by name or code, as its path: a `settle`."""
    places = paths_by_name(batch.actor)

    def read(found: str) -> str:
        if found not in places:
            raise InputError(_("Expected a place of your region, by name or code."))
        return places[found]

    return read


def paths_by_name(actor: User) -> Mapping[str, str]:
    """Path by code and by name of the actor's regions down to towns; a name of two places is neither's."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for region in regions(actor).exclude(level=Region.Level.VILLAGE):
        found[region.code] = region.path
        for name in {region.name, region.short_name, region.name_en} - {""}:
            if found.setdefault(name, region.path) != region.path:
                twice.add(name)
    return {name: path for name, path in found.items() if name not in twice}
