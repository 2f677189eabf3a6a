"""What detectors of things done during a suspicious call have alike: which call, and what they say of it."""

from __future__ import annotations

from collections.abc import Iterator

from qingdun.detect.evidence import MINUTE_US, Event, Signal, Suspicion
from qingdun.detect.memory import LiveCall
from qingdun.detect.pattern import Pattern
from qingdun.detect.view import View
from qingdun.detect.words import site


def suspicious_call(number: str, at: int, view: View, stranger_min: float = 0) -> LiveCall | None:
    """The live call of the number if it bears marks or has been with a stranger for so many minutes."""
    call = view.live_call(number)
    if call is None or at < call.answered_at:
        return None
    long_enough = at - call.answered_at >= round(stranger_min) * MINUTE_US
    return call if call.marks or (call.stranger and long_enough) else None


def opened_in_call(
    pattern: Pattern,
    event: Event,
    view: View,
    call: LiveCall,
    weight: str,
    what: tuple[str, str],
    urgent_grades: tuple[str, ...] = ("marked", "outside"),
) -> Iterator[Signal | Suspicion]:
    """The signal about a subscriber who opened `what` (Chinese, English) in the call; and one of the caller.

    `weight` names the bits but for the grade of the call, such as `share_`; in calls of `urgent_grades` it
    shows money about to move.
    """
    row, other, (zh, en) = event.row, call.other(event.row.subscriber), what
    line = view.line(row.subscriber)
    if line is None:
        return
    if call.marks and other.startswith("+"):
        yield Suspicion(
            pattern.code,
            event.at,
            "number",
            other,
            pattern.bits["number"],
            pattern.types,
            f"通话中诱导打开{zh}",
            f"{en} opened during its call",
        )
    yield Signal(
        pattern.code,
        event.at,
        line.person_id,
        row.subscriber,
        "number",
        other,
        pattern.bits[weight + call.grade],
        "control",
        pattern.types,
        f"与{call.marks_zh or '陌生号码'}{other}通话中打开{zh}{site(row.host)}",
        f"the person opened {en}, {site(row.host)}, during the call with {other} "
        f"({call.marks_en or 'a stranger'})",
        urgent=call.grade in urgent_grades,
    )
