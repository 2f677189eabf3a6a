"""Words and figures of the sentences that detectors write, in Chinese and English."""

from __future__ import annotations

from typing import Final

from qingdun.detect.sites.hosts import registered_domain
from qingdun.detect.text import fold

_LONGEST_SITE: Final = 40
_LONGEST_QUOTE: Final = 24
_TOKENS: Final = str.maketrans(
    dict.fromkeys(fold.URL + fold.PHONE + fold.NUMBER, "…") | dict.fromkeys('“”「」"')
)

ORIGIN_ZH = {"domestic": "", "overseas": "境外", "voip": "网络电话"}
ORIGIN_EN = {"domestic": "", "overseas": "overseas ", "voip": "internet "}
PHASE_ZH = {
    "answered": "已接通",
    "ended": "已结束",
    "missed": "未接",
    "busy": "忙线",
    "refused": "拒接",
    "forwarded": "呼叫转移",
    "invalid": "空号",
    "requested": "已发起",
    "settled": "已到账",
    "held": "已暂缓",
    "cancelled": "已撤销",
    "returned": "已退回",
}


def yuan(amount_fen: int) -> str:
    """An amount in yuan.

    >>> yuan(6_700_050)
    '67,000.50元'
    """
    return f"{_figure(amount_fen)}元"


def yuan_en(amount_fen: int) -> str:
    """An amount in yuan, in English."""
    return f"{_figure(amount_fen)} yuan"


def _figure(amount_fen: int) -> str:
    return f"{amount_fen // 100:,}" if amount_fen % 100 == 0 else f"{amount_fen / 100:,.2f}"


def site(host: str) -> str:
    """The host as it is written in a sentence: of a long name the end, which says whose it is.

    Whole labels go, but of a registered domain that is too long itself only the beginning.

    >>> site("m.icbc.com.cn")
    'm.icbc.com.cn'
    >>> site("a" * 30 + "." + "b" * 30 + ".example")
    '…bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.example'
    >>> site("b" * 60 + ".com.cn")
    '…bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.com.cn'
    """
    if len(host) <= _LONGEST_SITE:
        return host
    end = host[1 - _LONGEST_SITE :]
    return "…" + (end.partition(".")[2] if len(registered_domain(host)) < len(end) else end)


def quote(words: str) -> str:
    """Somebody else's words, short and marked as theirs, with … where a link or number was; empty if there
    are none to be said.

    >>> quote("点击◎领取\\n红包◇")
    '“点击…领取 红包”'
    """
    plain = " ".join(words.translate(_TOKENS).split()).strip("… ")
    if len(plain) > _LONGEST_QUOTE:
        plain = plain[: _LONGEST_QUOTE - 1] + "…"
    return f"“{plain}”" if plain else ""


def listed_for(reason: str | None) -> tuple[str, str]:
    """Why something is on a list, or that it is not on any but suspected, in Chinese and English."""
    if reason is None:
        return "；其行为可疑", "; what it does is suspicious"
    said = quote(reason)
    return (f"；名单注明{said}", f"; the list says {said}") if said else ("", "")
