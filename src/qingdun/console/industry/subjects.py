"""Numbers, cards and accounts in the one way they are written here, and as a page shows them."""

from __future__ import annotations

import re

from qingdun.console.industry.codes import SubjectKind
from qingdun.console.kernel.entry import e164
from qingdun.console.kernel.masking import mask_account, mask_number

_FILLING = re.compile(r"[\s\-]+")
_CODE = re.compile(r"[0-9A-Z]{5,40}")


def plain(kind: str, text: str) -> str | None:
    """The subject as it is kept; None if it is no such thing.

    >>> plain("number", "138 0000-1234"), plain("account", "6222 0212 3456 7890"), plain("account", "?")
    ('+8613800001234', '6222021234567890', None)
    """
    if kind == SubjectKind.NUMBER:
        return e164(text)
    code = _FILLING.sub("", text).upper()
    return code if _CODE.fullmatch(code) else None


def masked(kind: str, subject: str) -> str:
    """The subject as everybody sees it who has stated no purpose; of a person nothing, whose name says it."""
    if kind == SubjectKind.PERSON:
        return ""
    return mask_number(subject) if kind == SubjectKind.NUMBER else mask_account(subject)
