"""A call whose presented number cannot be the caller's own has been answered.

What it sees: presented numbers of a form that no network hands out (+00…), service codes such as 110 on
calls that come from abroad or over the net, and home numbers behind which the network knows another number
abroad.
Why it matters: impersonated police, courts, banks and shops show a trusted number.
What it is blind to: spoofing that the network itself does not notice.
Who looks guilty and isn't: switchboards that present one number for many lines at home, and roaming
subscribers whose own number is what the network knows too.
Source: docs/field.md §4, spoofed origin; RFC 8226 on the difference between presented and asserted numbers.
"""

from __future__ import annotations

from qingdun.detect.evidence import Event, Signal, Suspicion
from qingdun.detect.marks import is_spoofed
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View


class Spoofed(Pattern):
    """Signals about the subscriber who answered."""

    code = "call.spoofed"
    flows = ("calls",)
    phases = ("answered",)

    def observe(self, event: Event, view: View) -> Found:
        """A signal if the call was answered by a subscriber and its number is false."""
        row = event.row
        line = view.line(row.callee)
        if line is None or not is_spoofed(row):
            return
        # +00852… may be a foreign number badly written; +0086… on a call from outside cannot be true.
        foreign = row.caller.startswith("+00") and not row.caller.startswith("+0086")
        if row.caller.startswith(("+00", "00")) and not foreign:
            # A form nobody else can have; a presented 110 or bank code is somebody's true number.
            yield Suspicion(
                self.code,
                event.at,
                "number",
                row.caller,
                self.bits["number"],
                self.types,
                "改号来电所显示的号码",
                "presented by spoofed calls",
            )
        real = row.network_number
        zh, en = (f"，实际号码{real}", f", but was {real} in truth") if real else ("", "")
        yield Signal(
            self.code,
            event.at,
            line.person_id,
            row.callee,
            "number",
            row.caller,
            self.bits["odd_form" if foreign else "spoofed"],
            "contact",
            self.types,
            f"接听改号来电：显示{row.caller}{zh}",
            f"the person answered a spoofed call, which showed {row.caller}{en}",
        )
