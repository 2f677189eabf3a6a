"""A one-time code arrives while the person is on a site few people know.

What it sees: a message with a verification code within minutes after a visit to an uncommon host, more if
that site or a message had lured the person within the hour.
Why it matters: look-alike sites ask for card and code; the code is the last thing they need.
What it is blind to: codes shown inside apps, and sites that take cards without a code.
Who looks guilty and isn't: people who sign up at small shops; without a lure this is next to nothing.
Source: docs/field.md §4, phishing.
"""

from __future__ import annotations

from qingdun.detect.evidence import HOUR_US, MINUTE_US, Event, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.words import site

_EARLY = ("contact", "lure")


class CodeAtSite(Pattern):
    """Signals about the recipient, on the latest such site."""

    code = "message.code_at_site"
    flows = ("messages",)

    def observe(self, event: Event, view: View) -> Found:
        """A signal if the recipient was on an uncommon site just before."""
        return self._at_site(event, view) if event.verdict.code else ()

    def _at_site(self, event: Event, view: View) -> Found:
        number = event.row.recipient
        line = view.line(number)
        if line is None:
            return
        since = event.at - round(self.settings["within_min"] * MINUTE_US)
        visited = view.little_known_sites(line.person_id, since)
        sites = [host for host in visited if view.memory.is_little_known(host)]
        if not sites:
            return
        lure = view.strongest(
            line.person_id, event.at - HOUR_US, event.at, ("message", "visit"), without=self.code
        )
        lured = (
            lure is not None and lure.stage in _EARLY and lure.millibits >= self.settings["least_bits"] * 1000
        )
        yield Signal(
            self.code,
            event.at,
            line.person_id,
            number,
            "host",
            sites[-1],
            self.bits["lured" if lured else "alone"],
            "control",
            self.types,
            f"访问冷门网站{site(sites[-1])}后收到验证码短信",
            f"a one-time code arrived right after a visit to a little-known site, {site(sites[-1])}",
        )
