"""The recent events around persons who are followed (`following`), for the timeline beside an alert.

Nothing is kept of a person on whom there is little evidence, and of sites only banks, meetings and suspected
hosts: nobody's browsing is kept.
"""

from __future__ import annotations

from collections import deque

from qingdun.detect.evidence import DAY_US, ContextEvent, Event
from qingdun.detect.view import View
from qingdun.detect.words import ORIGIN_ZH, PHASE_ZH, quote, yuan, yuan_en

_MOST = 60
_SHOWN_KINDS = {
    "bank": ("打开银行网站", "bank site opened"),
    "payment": ("打开支付网站", "payment site opened"),
    "meeting": ("打开会议软件", "meeting app opened"),
    "screen_share": ("打开屏幕共享/远程控制软件", "screen-sharing app opened"),
    "loan": ("打开贷款网站", "loan site opened"),
    "chat": ("打开境外聊天软件", "foreign chat app opened"),
}


class Context:
    """The last day's events of persons under suspicion of being scammed, at most 60 each."""

    def __init__(self) -> None:
        self._events: dict[str, deque[ContextEvent]] = {}

    def record(self, event: Event, view: View) -> None:
        """The event is kept for those whom it concerns, if they are followed."""
        for person_id, shown in _concerned(event, view):
            kept = self._events.setdefault(person_id, deque(maxlen=_MOST))
            if shown not in kept:
                kept.append(shown)

    def of(self, person_id: str) -> list[ContextEvent]:
        """What is kept on the person, in order of time."""
        return sorted(self._events.get(person_id, ()))

    def forget(self, now: int) -> None:
        """Events older than a day are gone."""
        for person_id, kept in list(self._events.items()):
            while kept and kept[0].at < now - DAY_US:
                kept.popleft()
            if not kept:
                del self._events[person_id]


def _concerned(event: Event, view: View) -> list[tuple[str, ContextEvent]]:
    row = event.row
    if event.flow == "outcomes":
        return []  # the console knows what its officers did
    if event.flow == "calls":
        return _call(event, view)
    if event.flow == "transfers":
        return _transfer(event, view)
    line = view.line(row.recipient if event.flow == "messages" else row.subscriber)
    if line is None or not view.follows(line.person_id):
        return []
    shown = _message(event, view) if event.flow == "messages" else _visit(event, view)
    return [(line.person_id, shown)] if shown else []


def _call(event: Event, view: View) -> list[tuple[str, ContextEvent]]:
    row = event.row
    found: list[tuple[str, ContextEvent]] = []
    for own, other, cell, zh, en in (
        (row.callee, row.caller, row.callee_cell, "来电", "incoming call"),
        (row.caller, row.callee, row.caller_cell, "去电", "outgoing call"),
    ):
        line = view.line(own)
        if line is None or not view.follows(line.person_id):
            continue
        suspicious = view.suspected("number", other) or view.listed("number", other) is not None
        length = f"，时长{row.duration_s // 60}分{row.duration_s % 60}秒" if row.phase == "ended" else ""
        length_en = f", {row.duration_s} s" if row.phase == "ended" else ""
        text_zh = f"{ORIGIN_ZH[row.origin]}{zh}{PHASE_ZH[row.phase]}：{other}{length}"
        shown = ContextEvent(
            event.at,
            "calls",
            row.phase,
            other,
            text_zh,
            f"{en} {row.phase}: {other}{length_en}",
            suspicious,
            row.duration_s,
            cell or "",
        )
        found.append((line.person_id, shown))
    return found


def _message(event: Event, view: View) -> ContextEvent | None:
    row, verdict = event.row, event.verdict
    if verdict.phrases:
        quotes = list(filter(None, map(quote, verdict.phrases)))
        zh, en = f"可疑短信，来自{row.sender}", f"suspicious message from {row.sender}"
        if quotes:
            zh, en = f"{zh}：{'、'.join(quotes)}", f"{en}: {', '.join(quotes)}"
        return ContextEvent(event.at, "messages", "suspicious", row.sender, zh, en, True)
    if verdict.code:
        zh, en = f"收到验证码短信，来自{row.sender}", f"one-time code from {row.sender}"
        return ContextEvent(event.at, "messages", "code", row.sender, zh, en, False)
    return None


def _visit(event: Event, view: View) -> ContextEvent | None:
    host, verdict = event.row.host, event.verdict
    if view.bad_host(host, verdict):
        return ContextEvent(
            event.at, "sites", "suspicious", host, f"访问可疑网站{host}", f"suspicious site {host}", True
        )
    for kind in verdict.kinds:
        if kind in _SHOWN_KINDS:
            zh, en = _SHOWN_KINDS[kind]
            return ContextEvent(event.at, "sites", kind, host, f"{zh}：{host}", f"{en}: {host}", False)
    return None


def _transfer(event: Event, view: View) -> list[tuple[str, ContextEvent]]:
    row = event.row
    found: list[tuple[str, ContextEvent]] = []
    for own, other, zh, en in (
        (row.payer_account, row.payee_account, "转出", "out to"),
        (row.payee_account, row.payer_account, "转入，来自", "in from"),
    ):
        person = view.holder(own)
        if person is None or not view.follows(person):
            continue
        suspicious = view.suspected("account", other) or view.listed("account", other) is not None
        zh = f"{zh}{other} {yuan(row.amount_fen)}（{PHASE_ZH[row.phase]}）"
        en = f"{yuan_en(row.amount_fen)} {en} {other} ({row.phase})"
        shown = ContextEvent(event.at, "money", row.phase, other, zh, en, suspicious)
        found.append((person, shown))
    return found
