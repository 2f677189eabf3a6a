"""Call transcripts without the names of who speaks, which would give the source away."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_ROLE = (
    "(?i:(?:人工|智能|在线|ai)?客服|坐席|座席|话务员|客户|用户|顾客|机主|事主|主叫|被叫|对方|玩家|来电[者人]?"
    "|接听[者人]|受害[者人]|骗子|诈骗[者犯]|诈骗分子|嫌疑人|说话人|发言人|speaker|agent|customer|caller|callee"
    "|user|left|right)[ _]?[0-9]{0,2}"
)
_TIME = r"[\[【(（]?[0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?(?:[.,][0-9]+)?[\]】)）]?[ \t]*"
_SPEAKER = rf"(?m)^[ \t]*(?:{_TIME})?(?:(?:[\p{{L}}\p{{N}}_ ]{{1,8}}|{_ROLE})[ \t]*[:：]|{_ROLE}\t)[ \t]*"
"""Who speaks, at the start of a line, with the time before."""
_TAG = rf"\s*[【\[［(（]{_ROLE}[】\]］)）][ \t]*[:：]?[ \t]*"
"""Who speaks, in brackets, wherever a turn begins."""
_AFTER = rf"([。！？!?…~～”\"' \t]){_ROLE}[:：][ \t]*"
"""The name of a role after the end of a sentence, where turns share a line."""


def without_speakers(texts: pa.Array) -> Any:
    """The texts without who speaks: `name:` at the start of a line, and roles wherever a turn begins.

    >>> calls = pa.array(["left: 喂\\n客服：您好", "【坐席】您好【客户】喂", "客服：您好。用户：退货"])
    >>> without_speakers(calls).to_pylist()
    ['喂\\n您好', '您好\\n喂', '您好。\\n退货']
    """
    if pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_decode()
    bare = pc.replace_substring_regex(texts, r"\r\n?", "\n")
    bare = pc.replace_substring_regex(bare, _SPEAKER, "")
    bare = pc.replace_substring_regex(bare, _TAG, "\n")
    return pc.utf8_ltrim_whitespace(pc.replace_substring_regex(bare, _AFTER, "\\1\n"))
