"""A person has opened a site that is fraudulent by its name or by its company.

What it sees: hosts that the site model finds fraudulent and that few people ask for, and hosts suspected
because scam messages name them or because the people who ask for them are being scammed; more when the
person comes back later. A name says more of a host that has appeared in this city hours ago, and less of one
that people have asked for for days; an engine that has just begun to watch calls nothing new.
Why it matters: fake platforms, fake banks and fake shops live a few days on throw-away names, and whoever
falls for one returns to it: for the next task, the next fee, to see the gain.
What it is blind to: fraud on well-known platforms.
Who looks guilty and isn't: new and oddly named ordinary sites; the more people ask for a host the less its
name says.
Source: docs/field.md §4; model card of the site model.
"""

from __future__ import annotations

from collections.abc import Mapping

from qingdun.detect.evidence import DAY_US, HOUR_US, MINUTE_US, Event, HostVerdict, Suspicion, Types
from qingdun.detect.odds import log_odds
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.waking import EVERYBODY, NOBODY, Concern
from qingdun.detect.weights import Weights
from qingdun.detect.words import site


class SuspectHost(Pattern):
    """Signals about the subscriber, and suspicion of the host by its name."""

    code = "visit.suspect_host"
    flows = ("visits",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._first: dict[tuple[str, str], int] = {}

    def concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        """Hosts whose name speaks against them; those under suspicion are watched anyway."""
        suspicious = verdict.probability >= self.settings["least_probability"]
        return EVERYBODY if suspicious and not common else NOBODY

    def observe(self, event: Event, view: View) -> Found:
        """Evidence if the host's name or its company speaks against it."""
        row, verdict = event.row, event.verdict
        if verdict.listed is not None and view.listed("host", row.host, event.at):
            return  # visit.listed_host says it already
        by_name = 0 if view.memory.is_common(row.host) else self._name(verdict.probability)
        suspected = view.was_suspected("host", row.host, event.at) and not verdict.well_known
        if by_name <= 0 and not suspected:
            return
        types: Types = ((verdict.scam_type, 1.0),) if verdict.scam_type else ()
        seen = view.host_seen(row.host)
        age_us = view.now - seen.first_at
        newness = self._newness(age_us, view) if by_name > 0 else 0
        seen_zh, seen_en = _seen(age_us, seen.visitors)
        of_host = min(by_name, self.bits["host_name"]) + newness
        if of_host > 0:
            yield Suspicion(
                self.code,
                event.at,
                "host",
                row.host,
                of_host,
                types,
                f"域名特征可疑（可能性{verdict.probability:.0%}）{seen_zh}",
                f"suspicious by its name ({verdict.probability:.0%}){seen_en}",
            )
            suspected = view.suspected("host", row.host) and not verdict.well_known
        certain = view.suspicion_probability("host", row.host) >= self.settings["strongly"]
        by_company = self.bits["strongly_suspected" if certain else "suspected"] if suspected else 0
        of_visitor = min(round(by_name * self.settings["of_visitor"]), self.bits["name"]) + newness
        millibits = max(by_company, of_visitor)
        line = view.line(row.subscriber)
        if line is None or millibits <= 0:
            return
        first = self._first.setdefault((line.person_id, row.host), event.at)
        again = event.at - first >= self.settings["again_min"] * MINUTE_US
        yield self.led(
            event,
            line.person_id,
            millibits + (self.bits["again"] if again else 0),
            view.suspected_types("host", row.host) or types,
            f"{'再次' if again else ''}访问可疑网站{site(row.host)}{seen_zh}",
            f"the person opened a suspicious site{' again' if again else ''}, {site(row.host)}{seen_en}",
            direct=by_name > 0 or view.suspected("host", row.host, direct_only=True),
        )

    def _name(self, probability: float) -> int:
        """What the name says of the host: the model's odds over the share of fraud it was trained with."""
        if probability < self.settings["least_probability"]:
            return 0
        bits = log_odds(probability) - log_odds(self.settings["base_rate"])
        return max(0, round(bits * 1000 * self.settings["trust"]))

    def _newness(self, age_us: int, view: View) -> int:
        """What it says that the host has been asked for for so long, as far as can be known."""
        if age_us >= self.settings["old_h"] * HOUR_US:
            return self.bits["old"]
        since = view.new_since()
        return self.bits["new"] if since is not None and view.now - age_us >= since else 0

    def forget(self, now: int) -> None:
        """First visits of more than a week ago are gone."""
        for key in [k for k, at in self._first.items() if at < now - 7 * DAY_US]:
            del self._first[key]


def _seen(age_us: int, visitors: Mapping[str, int]) -> tuple[str, str]:
    """How new the host is and how many asked for it before, in Chinese and English."""
    if not visitors:
        return ("；本市首次有人访问", "; nobody here asked for it before") if not age_us else ("", "")
    hours, (hour, day, week) = age_us // HOUR_US, (visitors[name] for name in ("1h", "1d", "7d"))
    return (
        f"；本市有人访问已{hours}小时，此前近1小时{hour}人、1天{day}人、7天{week}人",
        f"; asked for here for {hours} h, before this by {hour} people in the hour, {day} in a day, "
        f"{week} in seven days",
    )
