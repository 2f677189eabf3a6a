"""How an entity is written: one way for each, so that a list and a flow mean the same thing."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from qingdun.console.lists.codes import EntityKind
from qingdun.detect.sites.hosts import host_of
from qingdun.errors import InputError

_SEPARATORS = re.compile(r"[\s\-()/.·]+")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_NUMBER = re.compile(r"\+?\d{3,24}")
_SENDER = re.compile(r"\+?[0-9A-Za-z_#*]{3,24}")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_ACCOUNT = re.compile(r"[0-9A-Za-z@._+-]{4,40}")
_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_DEVICE = re.compile(r"[0-9A-Za-z:._-]{4,64}")


def normal(kind: str, text: str) -> str:
    """The entity as lists and flows write it. Errors: InputError says what was found and expected.

    >>> normal("number", "172 5801-0001"), normal("host", "https://Pay.Example.INVALID:8443/a?b=c")
    ('+8617258010001', 'pay.example.invalid')
    >>> normal("account", "6222 0212 3456 7890")
    '6222021234567890'
    """
    # A spreadsheet keeps long numbers whole behind an apostrophe; it is no part of them.
    plain = unicodedata.normalize("NFKC", text).strip().lstrip("'").strip()
    if not plain:
        raise InputError(_("The entity is missing."))
    if _ROUNDED.fullmatch(plain):
        raise InputError(_("A spreadsheet has rounded this number: format its column as text."))
    return _FORMS[EntityKind(kind)](plain)


def _number(text: str) -> str:
    digits = _SEPARATORS.sub("", text)
    if _MOBILE.fullmatch(digits) or re.fullmatch(rf"86{_MOBILE.pattern}", digits):
        return f"+86{digits[-11:]}"
    if not _NUMBER.fullmatch(digits):
        raise InputError(_("A number has 3 to 24 digits, perhaps after a plus."))
    return digits


def _sender(text: str) -> str:
    compact = re.sub(r"[\s-]+", "", text)
    if compact.lstrip("+").isdecimal():
        return _number(compact)
    if not _SENDER.fullmatch(compact):
        raise InputError(_("A sender has 3 to 24 letters or digits."))
    return compact


def _host(text: str) -> str:
    try:
        # Flows carry names as they go over the line: what is not ASCII is in Punycode there.
        name = host_of(text).encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    labels = name.split(".")
    if _ADDRESS.fullmatch(name):
        return name
    if len(labels) < 2 or len(name) > 253 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdecimal():
        raise InputError(
            _("A host is a name such as a.example.com; an address of a page is cut to its host.")
        )
    return name


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


_FORMS = {
    EntityKind.NUMBER: _number,
    EntityKind.SENDER: _sender,
    EntityKind.HOST: _host,
    EntityKind.ACCOUNT: _account,
    EntityKind.DEVICE: _device,
}
