"""What the engine remembers of everybody: live calls, who has spoken with whom, who has paid whom."""

from __future__ import annotations

from typing import NamedTuple

from qingdun.detect.evidence import HOUR_US
from qingdun.detect.tiles.codes import UNKNOWN
from qingdun.detect.tiles.money import Money
from qingdun.detect.tiles.touches import Touches
from qingdun.detect.tiles.traffic import Traffic, call_digest
from qingdun.detect.waking import IN_CALL, Waking

_MARKED = 3000
"""Thousandths of a bit from which a call is suspicious for more than coming from abroad or over the net."""
_OUTSIDE = 1500
"""Thousandths of a bit from which a call is suspicious for more than coming over the net."""
_LONGEST_CALL_US = 6 * HOUR_US


class Marks(NamedTuple):
    """Thousandths of a bit that the way a call comes about speaks for a scam, in words, and who would be
    its victim.
    """

    millibits: int
    zh: str
    en: str
    victim: str


class LiveCall(NamedTuple):
    """A call that was answered and has not ended."""

    call: int
    """A digest of its id."""
    caller: str
    callee: str
    answered_at: int
    stranger: bool
    """Whether the two had not spoken before the last day, as far as the engine has watched."""
    marks: int
    """Thousandths of a bit that the way the call came in speaks for a scam."""
    marks_zh: str
    marks_en: str
    victim: str
    """The party that may be a victim: the called, or the caller of a suspicious number."""

    @property
    def grade(self) -> str:
        """How suspicious the call is by the way it came: `marked`, `outside` (from abroad), `net` (over the
        net, as many firms call), `stranger` or `known`."""
        if self.marks >= _MARKED:
            return "marked"
        if self.marks:
            return "outside" if self.marks >= _OUTSIDE else "net"
        return "stranger" if self.stranger else "known"

    def is_of(self, call_id: str) -> bool:
        """Whether it is the call of that id."""
        return self.call == call_digest(call_id)

    def other(self, number: str) -> str:
        """The party at the other end."""
        return self.callee if number == self.caller else self.caller


class Memory:
    """Facts that several detectors need; each is brought up to date after the detectors have seen the event,
    except live calls, which are known from the answer on."""

    def __init__(self, touches: Touches, traffic: Traffic, money: Money) -> None:
        self.touches = touches
        """Who has asked for which host and touched what."""
        self.traffic = traffic
        """Who has called, written to and spoken with whom."""
        self.money = money
        """Who has paid whom, and what passed through accounts."""
        self.waking = Waking()
        self._marks: dict[int, Marks] = {}
        """Of live calls that were looked at when they were answered."""
        self.started_at: int | None = None
        """When the engine began to watch."""

    def is_common(self, host: str) -> bool:
        """Whether too many people ask for the host for it to be a scam's own."""
        return self.touches.is_common(host)

    def is_little_known(self, host: str) -> bool:
        """Whether hardly anybody asks for the host."""
        return not self.is_common(host) and self.visitors(host) < self.touches.rarity.few

    def visitors(self, host: str) -> int:
        """How many subscribers have asked for an uncommon host."""
        return self.touches.visitors(host)

    def live_call(self, number: str, now: int) -> LiveCall | None:
        """The call this number is in, or None; a call whose end never came is over after six hours."""
        live = self.traffic.live(number)
        if live is None or now - live.answered_at > _LONGEST_CALL_US:
            return None
        marks = self._marks.get(live.call)
        if marks is None:  # nothing spoke against it
            known = self.touches.number(live.callee) != UNKNOWN
            marks = Marks(0, "", "", live.callee if known else live.caller)
        return LiveCall(*live, *marks)

    def have_spoken(self, one: str, other: str) -> bool:
        """Whether the two numbers had a call with each other before the last day.

        Calls of the same day make nobody an acquaintance: a scam's second call follows soon after its first.
        """
        return self.traffic.have_spoken(one, other)

    def mark(self, call_id: str, marks: Marks) -> None:
        """That speaks against the call, which has just been answered."""
        self._marks[call_digest(call_id)] = marks

    def has_paid(self, payer: str, payee: str) -> bool:
        """Whether money was ordered from one account to the other before."""
        return self.money.has_paid(payer, payee)

    def forget(self, now: int) -> None:
        """Calls whose end never came and touches of long ago are gone."""
        self.traffic.forget(now, _LONGEST_CALL_US)
        # Of a row that was told again, or came after its end, the batch had said that it begins a call.
        self.waking.set_all(IN_CALL, self.traffic.lines_in_calls(), anew=True)
        live = self.traffic.live_calls() if self._marks else ()
        self._marks = {call: marks for call, marks in self._marks.items() if call in live}
        self.money.forget(now)
        self.touches.forget(now)
