"""A number calls many strangers, is not called back, and dials numbers nobody has.

What it sees: per caller and day from its first call on, how many different people it calls, how many answer,
how many call back, how many numbers are empty, and where the calls come from; from abroad a few strangers
are enough. Besides, how many it called in the last ten minutes, hour and seven days, whether its talks are
cut short but for one that went on, and whether the line slept for months before.
Why it matters: gangs work through lists; people who are not scammers are called back.
What it is blind to: callers that use a number for a handful of calls.
Who looks guilty and isn't: couriers, clinics, drivers: they are called back, call at home from an old line,
and nobody dials empty numbers from a delivery slip. Sales rooms work through lists too, so what only shows a
list is worth `list` at the most and makes no suspect: the number must also come from abroad, or those it
called must show signs of a scam (`person.shared_contact`).
Source: docs/field.md §4, signals of scam callers; "frequency alone fails".
"""

from __future__ import annotations

from collections.abc import Mapping

from qingdun.detect.evidence import DAY_US, HOUR_US, Event, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.tiles.traffic import FanOut
from qingdun.detect.tiles.windows import Figures
from qingdun.detect.view import View


class Fanout(Pattern):
    """Suspicion of numbers that work through lists of strangers."""

    code = "call.fanout"
    flows = ("calls",)

    def observe(self, event: Event, view: View) -> Found:
        """A suspicion each time the number of different people called has grown by a quarter."""
        caller = view.memory.traffic.fanned_out()
        return self._fanned_out(event, caller, view) if caller else ()

    def _fanned_out(self, event: Event, caller: FanOut, view: View) -> Found:
        row = event.row
        millibits = self._weigh(row.caller, caller, view)
        if millibits > 0:
            pace_zh, pace_en = _pace(view.memory.traffic.pace(row.caller, view.now))
            hours = (event.at - caller.since) // HOUR_US + 1
            zh = (
                f"{hours}小时内呼叫{caller.callees}个不同号码，"
                f"接通{caller.answered}次，"
                f"回拨{caller.called_back}人，空号{caller.invalid}次{pace_zh}"
            )
            en = (
                f"called {caller.callees} different numbers within {hours} h, {caller.answered} answered, "
                f"{caller.called_back} called back, {caller.invalid} empty numbers{pace_en}"
            )
            yield Suspicion(self.code, event.at, "number", row.caller, millibits, self.types, zh, en)

    def _weigh(self, number: str, caller: FanOut, view: View) -> int:
        bits, settings = self.bits, self.settings
        count = caller.callees
        rate = caller.called_back / count
        back = rate > settings["called_back_rate"]
        if count < settings["least_callees"]:
            several = caller.strangers_abroad >= settings["several_abroad"]
            total = bits["several_abroad" if several else "few_abroad"] + bits["called_back"] * back
        else:
            total = bits["many"] if count >= settings["many_callees"] else bits["some"]
            total += bits["called_back"] if back else bits["not_called_back"]
            total += self._pace(view.memory.traffic.pace(number, view.now))
        if caller.invalid >= 2 and caller.invalid / caller.attempts > settings["invalid_rate"]:
            total += bits["empty_numbers"]
        if caller.answered / caller.attempts < settings["answer_rate"]:
            total += bits["rarely_answered"]
        total = min(total, bits["list"])
        if caller.overseas / caller.attempts > 0.5:
            total += bits["overseas"]
        elif caller.voip / caller.attempts > 0.5:
            total += bits["voip"]
        line = view.line(number)
        if line is not None:
            age = view.now // DAY_US - line.activated_day
            total += bits["young_line"] if age < settings["young_days"] else bits["old_line"]
            if line.last_active_day is not None:
                asleep = caller.since // DAY_US - line.last_active_day >= settings["dormant_days"]
                total += bits["dormant"] * asleep
        return total

    def _pace(self, windows: Mapping[str, Figures]) -> int:
        """What dense calling, and many talks cut short beside one that went on, add."""
        bits, settings, talks = self.bits, self.settings, windows["1d"]
        total = bits["dense"] if windows["10min"].met >= settings["dense_callees"] else 0
        if talks.measured and talks.most >= settings["long_min"] * 60 and talks.mean <= settings["short_s"]:
            total += bits["short_but_one"]
        return total


def _pace(windows: Mapping[str, Figures]) -> tuple[str, str]:
    """How fast it goes and how long its talks are, in Chinese and English."""
    lately, hour, week = windows["10min"].met, windows["1h"].met, windows["7d"]
    zh = f"；近10分钟{lately}个、1小时{hour}个、7天{week.met}个"
    en = f"; {lately} in the last ten minutes, {hour} in the hour, {week.met} in seven days"
    if week.measured:
        zh += f"，7天内通话{week.least}至{week.most}秒，平均{week.mean:.0f}秒"
        en += f", whose talks took {week.least} to {week.most} s, {week.mean:.0f} s on average"
    return zh, en
