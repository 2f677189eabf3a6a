"""Many numbers call from one device.

What it sees: the different numbers that called from one IMEI within a day.
Why it matters: boxes that hold many cards (GOIP) and card-swapping desks are how gangs make calls look local.
What it is blind to: boxes that forge an IMEI per card.
Who looks guilty and isn't: phones with two cards, a handed-down phone, a shop's phone: the mark is well
above two. Sales rooms share devices as well: with `call.fanout` of one group, it makes no suspect until those
called show signs of a scam.
Source: docs/field.md §4, GOIP boxes.
"""

from __future__ import annotations

from qingdun.detect.evidence import DAY_US, Event, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View

_MOST_NUMBERS = 256


class SharedDevice(Pattern):
    """Suspicion of the device and of every number that called from it."""

    code = "call.shared_device"
    flows = ("calls",)
    phases = ("answered", "missed", "busy", "refused", "forwarded", "invalid")

    def observe(self, event: Event, view: View) -> Found:
        """Suspicions once enough numbers have called from the device within a day."""
        crowd = view.memory.traffic.crowd()
        return self._crowded(event, crowd) if crowd else ()

    def _crowded(self, event: Event, crowd: list[tuple[str, int]]) -> Found:
        fresh = sorted(number for number, at in crowd if at > event.at - DAY_US)
        if len(fresh) < self.settings["least_numbers"]:
            return
        millibits = self.bits["many" if len(fresh) >= self.settings["many_numbers"] else "some"]
        zh, en = (
            f"一机多号：设备24小时内使用{len(fresh)}个号码呼出",
            f"{len(fresh)} numbers called from one device in a day",
        )
        device = ("device", event.row.caller_imei)
        yield Suspicion(self.code, event.at, *device, millibits, self.types, zh, en)
        for number in fresh[:_MOST_NUMBERS]:
            yield Suspicion(
                self.code, event.at, "number", number, millibits, self.types, zh, en, tied_to=(device,)
            )
