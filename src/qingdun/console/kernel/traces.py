"""What stands in the audit log for words that may be personal: the same words leave the same trace."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

_LETTERS = 20


def trace(words: str) -> str:
    """A keyed hash (HMAC-SHA256 under the secret key, 80 bits in hex) of the words without blanks and case.

    Whoever has the log and not the key cannot try numbers or passwords against it.
    """
    plain = "".join(words.split()).casefold()
    return salted_hmac("qingdun.console.kernel.traces", plain, algorithm="sha256").hexdigest()[:_LETTERS]
