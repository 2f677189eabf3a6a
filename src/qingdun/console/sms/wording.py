"""What a text may say: which fields it has, what they are filled with, and what is refused.

Fields in braces: `centre` (who signs), `addressee` (surname and form of address); for calls to duty `task`,
`level`, `town`, and for reminders `due` (how many, of which late), which name nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _

from qingdun.console.kernel.masking import mask_name
from qingdun.console.kernel.models import Person
from qingdun.console.sms.codes import Kind
from qingdun.console.sms.links import find_link
from qingdun.console.sms.parts import MOST_PARTS, split
from qingdun.errors import InputError

FIELDS: dict[Kind, tuple[str, ...]] = {
    Kind.EMERGENCY: ("centre", "addressee"),
    Kind.EDUCATION: ("centre", "addressee"),
    Kind.DUTY: ("centre", "task", "level", "town"),
    Kind.REMINDER: ("centre", "due"),
}
"""What a text of that kind may name. What goes to an officer can name no resident."""
LONGEST = 400
_FIELD = re.compile(r"\{([^{}]*)\}")


def centre() -> str:
    """Who signs: the city's anti-fraud centre."""
    return f"{settings.CITY.name}反诈中心"


def addressee(person: Person | None) -> str:
    """Surname and form of address; a neighbour without a name where none is known.

    Only the surname: the text must be right when somebody else holds the phone.
    """
    surname = (
        mask_name(person.name).rstrip("*") if person and person.name and not person.name.isascii() else ""
    )
    if person is None or not surname:
        return "市民朋友"
    return surname + {"f": "女士", "m": "先生"}.get(person.sex, "先生/女士")


def due(count: int, late: int) -> str:
    """How many, and how many of them are late.

    >>> due(3, 0), due(3, 1), due(3, 3)
    ('3项', '3项（其中1项已逾期）', '3项（均已逾期）')
    """
    if late == count:
        return f"{count}项（均已逾期）"
    return f"{count}项（其中{late}项已逾期）" if late else f"{count}项"


def example(kind: str) -> dict[str, str]:
    """Values for a preview; nobody real."""
    return {
        "centre": centre(), "addressee": "欧阳女士", "task": "20260", "level": "紧急", "town": "演练镇",
        "due": due(3, 1),
    }  # fmt: skip


def render(text: str, kind: str, values: Mapping[str, str]) -> str:
    """The text with its fields filled, fit to be sent. Errors: InputError as `check` says."""
    filled = _FIELD.sub(lambda field: values.get(field[1], field[0]), text)
    _refuse_links(filled)
    _refuse_length(filled)
    return filled


def check(text: str, kind: str) -> str:
    """The text without blanks around it, if it may be a text of that kind.

    Errors: InputError with the place: empty, too long, a field it may not have, anything like a link.
    """
    text = text.strip()
    if not text:
        raise InputError(_("The text is empty."))
    if len(text) > LONGEST:
        raise InputError(
            _("The text has %(found)d characters; at most %(most)d are allowed.")
            % {"found": len(text), "most": LONGEST}
        )
    for field in _FIELD.finditer(text):
        if field[1] not in FIELDS[Kind(kind)]:
            raise InputError(
                _("Character %(at)d: there is no field %(found)s here; allowed: %(allowed)s.")
                % {
                    "at": field.start() + 1,
                    "found": field[0],
                    "allowed": "、".join(f"{{{name}}}" for name in FIELDS[Kind(kind)]),
                }
            )
    lone = re.search(r"[{}]", _FIELD.sub(lambda field: " " * len(field[0]), text))
    if lone:
        raise InputError(_("Character %(at)d: a brace without its partner.") % {"at": lone.start() + 1})
    render(text, kind, example(kind))
    _refuse_links(text)
    return text


def _refuse_links(text: str) -> None:
    link = find_link(text)
    if link:
        raise InputError(
            _("Character %(at)d: “%(found)s” looks like a link. Our messages hold none, ever.")
            % {"at": link.at, "found": link.found}
        )


def _refuse_length(text: str) -> None:
    parts = len(split(text))
    if parts > MOST_PARTS:
        raise InputError(
            _("The text takes %(found)d parts; at most %(most)d are allowed.")
            % {"found": parts, "most": MOST_PARTS}
        )
