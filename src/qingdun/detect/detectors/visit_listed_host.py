"""A person has opened a listed site.

What it sees: visits to hosts on the watchlist, and to hosts below a listed domain, while the listing is in
force; more when the person comes back later.
Why it matters: listed sites are confirmed; whoever opens one is being led there.
What it is blind to: sites not listed yet.
Who looks guilty and isn't: somebody who follows a link out of curiosity: one visit decays and is not enough
alone.
Source: docs/field.md §3 and §4.
"""

from __future__ import annotations

from qingdun.detect.evidence import DAY_US, MINUTE_US, Event, HostVerdict
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.waking import EVERYBODY, NOBODY, Concern
from qingdun.detect.weights import Weights
from qingdun.detect.words import listed_for, site


class ListedHost(Pattern):
    """Signals about the subscriber."""

    code = "visit.listed_host"
    flows = ("visits",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._first: dict[tuple[str, str], int] = {}

    def concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        """Whoever asks for what is, was or will be listed."""
        return NOBODY if verdict.listed is None else EVERYBODY

    def observe(self, event: Event, view: View) -> Found:
        """A signal if the host or a parent domain was listed when it was asked for."""
        return () if event.verdict.listed is None else self._opened(event, view)

    def _opened(self, event: Event, view: View) -> Found:
        row = event.row
        entry, line = view.listed("host", row.host, event.at), view.line(row.subscriber)
        if entry is None or line is None:
            return
        first = self._first.setdefault((line.person_id, row.host), event.at)
        again = event.at - first >= self.settings["again_min"] * MINUTE_US
        why_zh, why_en = listed_for(entry.reason)
        yield self.led(
            event,
            line.person_id,
            self.bits["again" if again else "listed"],
            view.suspected_types("host", row.host),
            f"{'再次' if again else ''}访问名单网站{site(row.host)}{why_zh}",
            f"the person opened a listed site{' again' if again else ''}, {site(row.host)}{why_en}",
        )

    def forget(self, now: int) -> None:
        """First visits of more than a week ago are gone."""
        for key in [k for k, at in self._first.items() if at < now - 7 * DAY_US]:
            del self._first[key]
