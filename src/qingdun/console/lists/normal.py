"""How an entity is written: one way for each, so that a list and a flow mean the same thing."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from qingdun.console.lists.codes import EntityKind
from qingdun.detect import entities
from qingdun.detect.text.template import SIGNIFICANT, template_key
from qingdun.errors import InputError

_ACCOUNT = re.compile(r"[0-9A-Za-z@._+-]{4,40}")
_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_DEVICE = re.compile(r"[0-9A-Za-z:._-]{4,64}")
_KEY = re.compile(r"[0-9a-f]{32}")
LONGEST = 5000
"""Characters of the longest text that can be listed: no phone shows a longer message."""


def normal(kind: str, text: str) -> str:
    """The entity as lists and flows write it. Errors: InputError says what was found and expected.

    >>> normal("number", "172 5801-0001"), normal("host", "https://Pay.Example.INVALID:8443/a?b=c")
    ('+8617258010001', 'pay.example.invalid')
    >>> normal("account", "6222 0212 3456 7890")
    '6222021234567890'
    """
    plain = entities.plain(text)
    if not plain:
        raise InputError(_("The entity is missing."))
    if _ROUNDED.fullmatch(plain):
        raise InputError(_("A spreadsheet has rounded this number: format its column as text."))
    return _FORMS[EntityKind(kind)](plain)


def _number(text: str) -> str:
    return _found(entities.number(text), _("A number has 3 to 24 digits, perhaps after a plus."))


def _sender(text: str) -> str:
    if re.sub(r"[\s+-]+", "", text).isdecimal():
        return _number(text)
    return _found(entities.sender(text), _("A sender has 3 to 24 letters or digits."))


def _host(text: str) -> str:
    return _found(
        entities.host(text),
        _("A host is a name such as a.example.com; an address of a page is cut to its host."),
    )


def _found(entity: str | None, expected: str) -> str:
    if entity is None:
        raise InputError(expected)
    return entity


def _account(text: str) -> str:
    compact = re.sub(r"\s+", "", text)
    compact = compact.replace("-", "") if compact.replace("-", "").isdecimal() else compact
    if not _ACCOUNT.fullmatch(compact):
        raise InputError(_("An account has 4 to 40 digits, letters or @ . _ + -."))
    return compact


def _device(text: str) -> str:
    compact = re.sub(r"\s+", "", text)
    if not _DEVICE.fullmatch(compact):
        raise InputError(_("A device has 4 to 64 digits, letters or : . _ -."))
    return compact


def is_key(text: str) -> bool:
    """Whether a text stands there by its key: its words are no longer kept."""
    return _KEY.fullmatch(text.strip()) is not None


def _text(text: str) -> str:
    if is_key(text):
        return text
    if len(text) > LONGEST:
        raise InputError(_("The text is longer than %(most)d characters.") % {"most": LONGEST})
    key = template_key(text)
    if not key:
        raise InputError(
            _(
                "The text is too short: beside numbers, links and names it needs %(least)d characters, "
                "or it would hit what everybody writes."
            )
            % {"least": SIGNIFICANT}
        )
    return key


_FORMS = {
    EntityKind.NUMBER: _number,
    EntityKind.SENDER: _sender,
    EntityKind.HOST: _host,
    EntityKind.ACCOUNT: _account,
    EntityKind.DEVICE: _device,
    EntityKind.TEXT: _text,
}
