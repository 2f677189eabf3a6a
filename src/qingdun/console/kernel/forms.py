"""What is typed, field by field: the same table makes a form and reads a row of a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from qingdun.console.kernel.entry import amount_fen, e164, whole, written_time
from qingdun.console.kernel.models import User
from qingdun.errors import InputError

Choices = Sequence[tuple[Any, Any]]
YES = ("1", "on", "是", "yes", "true")


class FieldFaults(InputError):
    """What is wrong, by field: a page says it beside the field, a file beside the row."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, its word, how it is read."""

    name: str
    word: str | Promise
    kind: str = "text"
    """text, long, date, moment, money, count, number, numbers, choice, check; region, campaign and part are
    chosen among what the viewer sees."""
    required: bool = True
    most: int = 100
    choices: Choices | Callable[[], Choices] = ()
    hint: str | Promise = ""

    def options(self) -> Choices:
        """What can be chosen, now."""
        return self.choices() if callable(self.choices) else self.choices


Act = Callable[[User, int, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Form:
    """One form: what it is about, its fields, what it does with (actor, id of its parent, values)."""

    code: str
    word: str | Promise
    fields: tuple[Field, ...]
    act: Act
    parent: str = ""
    """Name of the page of what it belongs to, by its id; '' if it stands alone."""
    own: str = ""
    """Name of the page of what it makes, by its id; '' to go back to the parent, else whence it came."""


def settled(fields: Sequence[Field]) -> list[Field]:
    """The fields with their choices as plain words, looked up once for a great many rows."""
    return [replace(one, choices=[(str(code), str(word)) for code, word in one.options()]) for one in fields]


def read(fields: Sequence[Field], typed: Mapping[str, str]) -> dict[str, Any]:
    """A value for every field. Errors: FieldFaults with every field that is wrong."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for field in fields:
        text = typed.get(field.name, "").strip()
        try:
            values[field.name] = _value(field, text)
        except InputError as wrong:
            faults[field.name] = str(wrong)
    if faults:
        raise FieldFaults(faults)
    return values


def _value(field: Field, text: str) -> Any:
    if field.kind == "check":
        return text.lower() in YES
    if not text:
        if field.required:
            raise InputError(_("This is needed."))
        return _EMPTY.get(field.kind, "")
    if field.kind == "choice":
        return _chosen(field, text)
    if len(text) > field.most:
        raise InputError(_("At most %(most)d characters.") % {"most": field.most})
    return _READERS.get(field.kind, _text)(text)


def _chosen(field: Field, text: str) -> str:
    """A code; its word in the reader's language does too, so that files need no codes."""
    for code, word in field.options():
        if text in (str(code), str(word)):
            return str(code)
    words = [str(word) for _code, word in field.options()]
    expected = ", ".join(words[:8]) + (" …" if len(words) > 8 else "")
    raise InputError(_("Expected one of: %(expected)s.") % {"expected": expected})


def _text(text: str) -> str:
    return text


def _day(text: str) -> dt.date:
    at = written_time(text)
    if at is None:
        raise InputError(_("Expected a day such as 2026-06-17."))
    found = timezone.localtime(at).date()
    if found > timezone.localdate() + dt.timedelta(days=3660):
        raise InputError(_("This day lies too far ahead."))
    return found


def _moment(text: str) -> dt.datetime:
    found = written_time(text)
    if found is None:
        raise InputError(_("Expected a time such as 2026-06-17 15:29."))
    return found


def _money(text: str) -> int:
    found = amount_fen(text)
    if found is None:
        raise InputError(_("Expected an amount in yuan, such as 67,000 or 6.7万."))
    return found


def _count(text: str) -> int:
    found = whole(text.replace(",", ""))
    if found is None or found > 10_000_000:
        raise InputError(_("Expected a whole number."))
    return found


def _ident(text: str) -> str:
    return str(_count(text))


def _number(text: str) -> str:
    found = e164(text)
    if found is None:
        raise InputError(_("Expected a phone number such as 138 0000 0000."))
    return found


def _numbers(text: str) -> list[str]:
    """Numbers of things, one a line or by comma; none twice."""
    parts = text.replace("，", ",").replace("\n", ",").split(",")
    return list(dict.fromkeys(part.strip()[:40] for part in parts if part.strip()))


_READERS: dict[str, Callable[[str], Any]] = {
    "date": _day,
    "moment": _moment,
    "money": _money,
    "count": _count,
    "number": _number,
    "numbers": _numbers,
    "part": _ident,
    "campaign": _ident,
}
_EMPTY: dict[str, Any] = {"date": None, "money": 0, "count": 0, "numbers": []}
