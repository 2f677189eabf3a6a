"""Words and figures of the sentences that detectors write, in Chinese and English."""

from __future__ import annotations

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
