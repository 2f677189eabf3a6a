"""What became of alerts: by the outcomes that officers report, or by the truth of a simulated city."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from qingdun.contract.tables import Alert, Outcome, Truth
from qingdun.evaluate.measures import scam_behind

_CONFIRMED = {"awakened", "not_awakened", "already_paid"}
_REFUTED = {"false_alarm"}


class Verdict(NamedTuple):
    """What became of an alert; of a false alarm also why."""

    right: bool
    reason: str | None = None


def by_outcome(alerts: Sequence[Alert], outcomes: Sequence[Outcome]) -> dict[str, Verdict]:
    """The last verdict on each alert; a verdict on one alert of an episode holds for its last one."""
    verdicts: dict[str, Verdict] = {}
    for outcome in sorted(outcomes, key=lambda o: o.at):
        if outcome.result in _CONFIRMED | _REFUTED:
            right = outcome.result in _CONFIRMED
            verdict = Verdict(right, None if right else outcome.reason)
            verdicts[outcome.person_id] = verdicts[outcome.alert_id] = verdict
    found = ((a.alert_id, verdicts.get(a.alert_id) or verdicts.get(a.person_id)) for a in alerts)
    return {alert_id: verdict for alert_id, verdict in found if verdict is not None}


def by_truth(alerts: Sequence[Alert], truth: Sequence[Truth]) -> dict[str, Verdict]:
    """Whether a scam was behind each alert."""
    by_person: dict[str, list[Truth]] = {}
    for row in truth:
        by_person.setdefault(row.person_id, []).append(row)
    return {a.alert_id: Verdict(scam_behind(a, by_person) is not None) for a in alerts}
