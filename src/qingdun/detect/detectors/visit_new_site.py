"""A person opens a site that appeared in this city within the last days and that hardly anybody knows.

What it sees: visits to a registered domain itself (or its www, m, h5 or wap) which nobody in the city had
asked for until a day or two ago, once the city has been watched for as long; whatever the name looks like.
Why it matters: sites of a scam live a few days; by name many are plain, and who goes on to a chat app, a bank
or a shared screen from there is on the way a scam takes.
What it is blind to: scams on platforms and on names below somebody else's domain; the first days of watching.
Who looks guilty and isn't: everybody finds a page of their own now and then: alone it is weak.
Source: docs/field.md §4, sequences of brushing, shopping, loan, game and investment.
"""

from __future__ import annotations

from qingdun.detect.evidence import HOUR_US, Event, HostVerdict
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.waking import NOBODY, YOUNG, Concern
from qingdun.detect.words import site


class NewSite(Pattern):
    """Signals about the subscriber."""

    code = "visit.new_site"
    flows = ("visits",)

    def concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        """Domains of no known kind while they are new here."""
        return NOBODY if common or verdict.well_known or not verdict.own_domain else YOUNG

    def observe(self, event: Event, view: View) -> Found:
        """A signal if the host is new here and few have asked for it."""
        verdict = event.verdict
        return () if verdict.well_known or not verdict.own_domain else self._opened(event, view)

    def _opened(self, event: Event, view: View) -> Found:
        row = event.row
        since = view.new_since()
        if since is None or view.memory.is_common(row.host):
            return
        first = view.host_seen(row.host).first_at
        line = view.line(row.subscriber)
        if line is None or first < since or view.memory.visitors(row.host) > self.settings["most_visitors"]:
            return
        hours = max(0, event.at - first) // HOUR_US
        yield self.led(
            event,
            line.person_id,
            self.bits["opened"],
            ((event.verdict.scam_type, 1.0),) if event.verdict.scam_type else (),
            f"打开{hours}小时前才在本市出现、极少有人访问的网站{site(row.host)}",
            f"the person opened {site(row.host)}, which nobody here had asked for until {hours} hours ago",
        )
