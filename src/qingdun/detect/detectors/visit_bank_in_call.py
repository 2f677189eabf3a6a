"""A bank's site or app is opened during a suspicious call.

What it sees: visits to banks by a subscriber in a live call that bears marks or is long and with a stranger;
several different banks weigh more.
Why it matters: being walked through one bank after another on the phone is the last stage before the
transfer.
What it is blind to: apps that do not resolve a bank's own name.
Who looks guilty and isn't: someone who checks a balance while on the phone with an acquaintance.
Source: docs/field.md §3 (urgent trigger) and §4, customer service.
"""

from __future__ import annotations

from qingdun.detect.evidence import Event, HostVerdict
from qingdun.detect.in_call import opened_in_call, suspicious_call
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.waking import IN_CALL, NOBODY, Concern
from qingdun.detect.weights import Weights


class BankInCall(Pattern):
    """Signals about the subscriber."""

    code = "visit.bank_in_call"
    flows = ("visits",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._banks: dict[str, tuple[int, frozenset[str]]] = {}

    def concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        """Banks of those in a call."""
        return IN_CALL if "bank" in verdict.kinds else NOBODY

    def observe(self, event: Event, view: View) -> Found:
        """A signal for each new bank opened in the call."""
        return self._opened(event, view) if "bank" in event.verdict.kinds else ()

    def _opened(self, event: Event, view: View) -> Found:
        row = event.row
        call = suspicious_call(row.subscriber, event.at, view, self.settings["long_min"])
        if call is None:
            return
        during, banks = self._banks.get(row.subscriber, (0, frozenset()))
        banks = (banks if during == call.call else frozenset()) | {".".join(row.host.split(".")[-3:])}
        self._banks[row.subscriber] = (call.call, banks)
        what = (f"{len(banks)}家银行网站", f"{len(banks)} bank(s)")
        yield from opened_in_call(self, event, view, call, "several_" if len(banks) > 1 else "one_", what)

    def forget(self, now: int) -> None:
        """Subscribers whose call is over hold nothing that matters; a running call starts anew."""
        self._banks.clear()
