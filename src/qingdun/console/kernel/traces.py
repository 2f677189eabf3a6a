"""What stands in the audit log for words that may be personal: the same words leave the same trace."""

from __future__ import annotations

from functools import cache
from hmac import HMAC

from django.conf import settings
from django.utils.crypto import salted_hmac

_LETTERS = 20


def trace(words: str) -> str:
    """A keyed hash (HMAC-SHA256 under the secret key, 80 bits in hex) of the words without blanks and case.

    Whoever has the log and not the key cannot try numbers or passwords against it.
    """
    hashed = _keyed(settings.SECRET_KEY).copy()
    hashed.update("".join(words.split()).casefold().encode())
    return hashed.hexdigest()[:_LETTERS]


@cache
def _keyed(secret: str) -> HMAC:
    """The hash of no words yet: the key is derived once for the thousands of a graph."""
    return salted_hmac("qingdun.console.kernel.traces", "", secret=secret, algorithm="sha256")
