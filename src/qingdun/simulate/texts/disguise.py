"""How senders hide words from filters: full-width digits, look-alikes, split words, signs."""

from __future__ import annotations

import random

_WIDE = {ord(c): ord(c) + 0xFEE0 for c in "0123456789"}
_SWAPS = {
    "微信": ("薇信", "葳❤", "V信", "威♥", "卫星", "WX", "V❤"),
    "加": ("➕", "＋", "伽", "家"),
    "返利": ("返L", "fan利", "反利", "返🔥利"),
    "贷款": ("贷 款", "岱款", "dai款", "代.款"),
    "投资": ("投 资", "tou资", "投-资", "鎶资"),
    "兼职": ("兼 职", "jian职", "兼/职", "廉职"),
    "股票": ("gu票", "股*票", "古票"),
    "客服": ("客 服", "KF", "愘服"),
    "免费": ("免 费", "免F", "冕费"),
    "银行": ("银 行", "yin行", "银.行"),
}


def disguise(text: str, rng: random.Random, keep: str = "") -> str:
    """The text with some of these tricks played on it; what is in `keep`, a host, stays readable."""
    if keep and keep in text:
        before, after = text.split(keep, 1)
        return disguise(before, rng) + keep + disguise(after, rng)
    if len(text) < 2:
        return text
    for word, forms in _SWAPS.items():
        if word in text and rng.random() < 0.6:
            text = text.replace(word, rng.choice(forms))
    if rng.random() < 0.3:
        text = text.translate(_WIDE)
    if rng.random() < 0.25:
        spot = rng.randrange(1, max(2, len(text)))
        text = text[:spot] + rng.choice((" ", "·", "～", "*", "｜")) + text[spot:]
    if rng.random() < 0.15:
        text = text.replace("，", " ").replace("。", " ")
    return text
