"""What is typed, field by field: the same table makes a form and reads a row of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from qingdun.console.kernel.imports import cells
from qingdun.console.kernel.models import User
from qingdun.errors import InputError, NotPermitted

Choices = Sequence[tuple[Any, Any]]


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
    """text, long, date (today, unless another is typed), past_day, moment, money, count, number, numbers,
    choice, check; region, campaign and part are chosen among what the viewer sees."""
    required: bool = True
    most: int = 100
    choices: Choices | Callable[[], Choices] = ()
    hint: str | Promise = ""
    offered: bool = False
    """Whether its choices are offered beside what else may be typed, and not the only ones."""

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
    ledger: str = ""
    """Which ledger what it makes stands in, where the address of that page names it before the id."""


def beside(name: str, act: Callable[..., Any], *given: Any) -> Any:
    """What `act` gives. Errors: FieldFaults at the field `name`, where it refuses what was named there."""
    try:
        return act(*given)
    except NotPermitted as refused:
        raise FieldFaults({name: str(refused)}) from refused


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


def reader_of(field: Field) -> Callable[[str], Any]:
    """What reads a text of the field that is not empty. Errors of it: InputError."""
    if field.kind == "choice":
        return cells.choice(field.options())
    whole, read = cells.text(field.most), _READERS.get(field.kind, str)
    return lambda text: read(whole(text))


def empty_of(field: Field) -> Any:
    """What stands for nothing typed; called if it can be."""
    return _EMPTY.get(field.kind, "")


def _value(field: Field, text: str) -> Any:
    if field.kind == "check":
        return text.lower() in cells.YES
    if text:
        return reader_of(field)(text)
    if field.required:
        raise InputError(_("This is needed."))
    empty = empty_of(field)
    return empty() if callable(empty) else empty


def _ident(text: str) -> str:
    return str(cells.count(text))


def _numbers(text: str) -> list[str]:
    """Numbers or names of things, one a line or by comma of either script; none twice."""
    parts = text.translate(_COMMAS).split(",")
    return list(dict.fromkeys(part.strip()[:60] for part in parts if part.strip()))


_COMMAS = str.maketrans("，、；;\n", ",,,,,")
_READERS: dict[str, Callable[[str], Any]] = {
    "date": cells.day,
    "past_day": cells.past_day,
    "moment": cells.moment,
    "money": cells.money,
    "count": cells.count,
    "number": cells.number,
    "numbers": _numbers,
    "check": cells.yes_or_no,
    "part": _ident,
    "campaign": _ident,
}
_EMPTY: dict[str, Any] = {
    "date": None, "past_day": None, "money": 0, "count": 0, "numbers": list, "check": False,
}  # fmt: skip
