"""The police ring up the person and find the line busy, forwarded, or the talk refused.

What it sees: results of officers' own calls (`busy`, `forwarded`, `refused`) as the console tells them,
weighed by the call the person is in at that moment; more if it happens again within half an hour, or if the
line is forwarded.
Why it matters: victims are kept on the line and told to talk to nobody; the busy tone that stops the officer
is how a scam in progress shows itself, as in the case of Xiniu station.
What it is blind to: scams that talk through chat apps while the line is free, and calls nobody enters.
Who looks guilty and isn't: people are busy for ordinary reasons; a call with somebody they have spoken with
before counts nothing, and a busy tone without any call in sight next to nothing.
Source: docs/field.md §3 (busy tone, forwarding and unanswered calls are evidence of a scam in progress).
"""

from __future__ import annotations

from qingdun.contract.codes import OutcomeResult
from qingdun.contract.tables import Outcome
from qingdun.detect.evidence import MINUTE_US, Event, Signal
from qingdun.detect.memory import LiveCall
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights

_WORDS = {
    OutcomeResult.BUSY: ("占线", "was busy"),
    OutcomeResult.FORWARDED: ("呼叫转移", "was forwarded"),
    OutcomeResult.REFUSED: ("拒绝接听或交谈", "was refused"),
}


class ContactBusy(Pattern):
    """Signals about the person whom the officers could not reach."""

    code = "contact.busy"
    flows = ("outcomes",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._tries: dict[str, tuple[tuple[int, str], ...]] = {}
        """By person, when officers last tried in vain, and what came of it."""

    def observe(self, event: Event, view: View) -> Found:
        """A signal if the result is one of those, worth what the call that is live then makes of it."""
        row = event.row
        if row.result not in _WORDS:
            return
        tries = tuple(sorted({*self._recent(row.person_id, row.at), (row.at, row.result)}))
        self._tries[row.person_id] = tries
        numbers = view.numbers_of(row.person_id)
        if not numbers:
            return
        number, call = _live(numbers, row.at, view)
        again = len({at for at, _ in tries if at <= row.at}) > 1
        millibits = self._worth(row.result, call, again)
        if millibits <= 0:
            return
        yield Signal(
            self.code,
            event.at,
            row.person_id,
            number,
            "number",
            call.other(number) if call else number,
            millibits,
            "control" if call else "contact",
            self.types if call else (),
            *_told(number, row.result, call, len(tries) if again else 1),
        )

    def take_back(self, outcome: Outcome) -> None:
        """The try was entered by mistake and does not count."""
        tries = self._tries.get(outcome.person_id, ())
        # The latest of that result: a feed may have told it with a time of its own.
        last = max((one for one in tries if one[1] == outcome.result), default=None)
        self._tries[outcome.person_id] = tuple(one for one in tries if one != last)

    def forget(self, now: int) -> None:
        """Tries too old to be repeated are gone."""
        for person_id in list(self._tries):
            kept = self._recent(person_id, now)
            if kept:
                self._tries[person_id] = kept
            else:
                del self._tries[person_id]

    def _recent(self, person_id: str, at: int) -> tuple[tuple[int, str], ...]:
        since = at - round(self.settings["again_min"]) * MINUTE_US
        return tuple(one for one in self._tries.get(person_id, ()) if one[0] >= since)

    def _worth(self, result: str, call: LiveCall | None, again: bool) -> int:
        millibits = self.bits[call.grade if call else "alone"]
        if millibits <= 0:
            return 0
        more = (self.bits["again"] if again else 0) + (
            self.bits["forwarded"] if result == OutcomeResult.FORWARDED else 0
        )
        return millibits + more


def _live(numbers: tuple[str, ...], at: int, view: View) -> tuple[str, LiveCall | None]:
    """The number of the person that is in a call at that time, with the call that bears most marks."""
    calls = [
        (number, call) for number in numbers if (call := view.live_call(number)) and call.answered_at <= at
    ]
    if not calls:
        return numbers[0], None
    return max(calls, key=lambda found: (found[1].marks, found[1].stranger, found[0]))


def _told(number: str, result: str, call: LiveCall | None, tries: int) -> tuple[str, str]:
    zh, en = _WORDS[OutcomeResult(result)]
    times_zh, times_en = (
        (f"（半小时内第{tries}次）", f", {tries} times in half an hour") if tries > 1 else ("", "")
    )
    if call is None:
        return (
            f"民警致电{zh}{times_zh}，未见正在进行的通话",
            f"the officer's call {en}{times_en}; no call is in sight",
        )
    other, marks_zh, marks_en = call.other(number), call.marks_zh or "陌生号码", call.marks_en or "a stranger"
    return (
        f"与{marks_zh}{other}通话期间，民警致电{zh}{times_zh}",
        f"the officer's call {en}{times_en} during the call with {other} ({marks_en})",
    )
