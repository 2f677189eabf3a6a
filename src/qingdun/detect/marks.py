"""How an incoming call presents itself: spoofed, from abroad, over the net, from a listed or suspected
number.
"""

from __future__ import annotations

from collections.abc import Mapping

from qingdun.contract.tables import Call
from qingdun.detect.memory import Marks
from qingdun.detect.view import View
from qingdun.detect.weights import DetectorWeights

_HOME = "+86"


def is_spoofed(row: Call) -> bool:
    """Whether the presented number cannot be the caller's own.

    Forms that no network hands out (+00…, a service code on a call from outside), and numbers that claim to
    be at home on a call from outside while the network knows a foreign one behind them. A foreign number
    that is merely written 0081… is not spoofed.
    """
    shown, behind = _international(row.caller), row.network_number
    if behind and shown == _international(behind):
        return False
    if row.caller.startswith("+00"):
        return True
    if row.origin == "domestic":
        return False
    if not shown.startswith("+"):
        return True
    abroad = behind is not None and not _international(behind).startswith(_HOME)
    return shown.startswith(_HOME) and (abroad or not row.caller.startswith("+"))


def _international(number: str) -> str:
    return "+" + number.lstrip("+0") if number.startswith(("00", "+00")) else number


def marks_of(row: Call, stranger: bool, view: View, weights: DetectorWeights) -> Marks:
    """What speaks against a call, with a stranger or not, before a word is said."""
    bits = weights.millibits
    found = _known_bad([n for n in (row.caller, row.network_number) if n], view, bits)
    if not found:
        found = _known_bad([row.callee], view, bits)
        if found or view.line(row.callee) is None:
            return _marks(found, row.caller)
    if is_spoofed(row):
        found.append((bits["spoofed"], "改号来电", "a spoofed number"))
    elif stranger:
        if row.origin == "overseas":
            found.append((bits["overseas"], "境外陌生号码", "a stranger overseas"))
        elif row.origin == "voip":
            found.append((bits["voip"], "网络电话陌生号码", "a stranger calling over the net"))
    return _marks(found, row.callee)


def _known_bad(numbers: list[str], view: View, bits: Mapping[str, int]) -> list[tuple[int, str, str]]:
    if any(view.listed("number", n) for n in numbers):
        return [(bits["listed"], "名单号码", "a listed number")]
    if any(view.suspected("number", n) for n in numbers):
        return [(bits["suspected"], "可疑号码", "a suspected number")]
    return []


def _marks(found: list[tuple[int, str, str]], victim: str) -> Marks:
    zh, en = "、".join(f[1] for f in found), " and ".join(f[2] for f in found)
    return Marks(sum(f[0] for f in found), zh, en, victim)
