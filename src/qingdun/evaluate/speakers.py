"""Call transcripts without the names of who speaks, which would give the source away."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_SPEAKER = r"(?m)^[ \t]*[\p{L}\p{N}_ ]{1,8}[:：][ \t]*"


def without_speakers(texts: pa.Array) -> Any:
    """The texts with `name:` at the start of each line gone.

    >>> without_speakers(pa.array(["left: 喂\\n客服：您好"])).to_pylist()
    ['喂\\n您好']
    """
    if pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_decode()
    return pc.replace_substring_regex(texts, _SPEAKER, "")
