"""A person has opened a listed site.

What it sees: visits to hosts on the watchlist, and to hosts below a listed domain, while the listing is in
force.
Why it matters: listed sites are confirmed; whoever opens one is being led there.
What it is blind to: sites not listed yet.
Who looks guilty and isn't: somebody who follows a link out of curiosity; one visit decays.
Source: domain.md §3 and §4.
"""

from __future__ import annotations

from qingdun.detect.evidence import Event, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View


class ListedHost(Pattern):
    """Signals about the subscriber."""

    code = "visit.listed_host"
    flows = ("visits",)

    def observe(self, event: Event, view: View) -> Found:
        """A signal if the host or a parent domain is listed now."""
        if event.verdict.listed is None:
            return
        row = event.row
        entry, line = view.listed("host", row.host), view.line(row.subscriber)
        if entry is None or line is None:
            return
        yield Signal(
            self.code,
            event.at,
            line.person_id,
            row.subscriber,
            "host",
            row.host,
            self.bits["listed"],
            "lure",
            view.suspected_types("host", row.host),
            f"访问名单网站{row.host}：{entry.reason}",
            f"opened a listed site, {row.host}",
        )
