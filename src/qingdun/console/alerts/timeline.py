"""What the charts of a task draw: four lanes of events, the waterfall of bits, two places on a map."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts import queries
from qingdun.console.alerts.access import require_sight
from qingdun.console.alerts.codes import Lane, Stage, is_chinese, scam_type_label
from qingdun.console.alerts.disclosure import KIND_OF_LANE, Disclosure, disclosure
from qingdun.console.alerts.models import Alert, ContextEvent, Evidence, Task
from qingdun.console.alerts.queries import Row
from qingdun.console.kernel.maps import map_words
from qingdun.console.kernel.models import Organisation, Person, User
from qingdun.contract.codes import CallPhase
from qingdun.detect.odds import ALERT_SURE, log_odds, odds_to_probability

LONGEST_CALL = dt.timedelta(hours=3)
"""After that a call is not held to be going on any more, though nobody told of its end."""
LANE_OF_FLOW = {"call": Lane.CALLS, "message": Lane.MESSAGES, "visit": Lane.SITES}
"""By the word before the dot of a detector's code; everything else is about money."""


ROUNDING = 50
"""Thousandths of a bit by which a sum of floats may differ; a piece of evidence is worth more."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the waterfall: bits, the sum so far, and the bar in percent of the drawing's width."""

    label: str
    millibits: int
    total: int
    left: float
    width: float
    evidence: Evidence | None = None
    deleted: bool = False
    """Whether it stands for evidence that was kept for its term and is gone."""

    @property
    def kind(self) -> str:
        """What colours it: for fraud, against it, or the prior."""
        if self.deleted:
            return "deleted"
        return "prior" if self.evidence is None else "for" if self.millibits >= 0 else "against"


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Prior and evidence of one alert in thousandths of a bit, drawn in a width of 100; what is printed of
    them adds up to what is printed of the posterior, and the probability follows from that.

    Evidence that is gone after its term is one bar: what it added to the alert's probability, which stays.
    """

    bars: list[Bar]
    posterior: int
    probability: float
    zero: float


def waterfall(alert: Alert, shown: Disclosure) -> Waterfall:
    """The bars of the alert's evidence in the order of time, starting from the prior."""
    pieces = sorted(alert.evidence.all(), key=lambda piece: (piece.at, piece.position))
    # Whole thousandths, as the engine counts them: rounded floats would not add up.
    totals = [_millibits(alert.prior_bits)]
    for piece in pieces:
        totals.append(totals[-1] + _millibits(piece.bits))
    posterior = _millibits(log_odds(alert.probability, ALERT_SURE))
    gone = abs(posterior - totals[-1]) > ROUNDING
    if gone:
        totals.append(posterior)
    low, high = min(0, *totals), max(0, *totals)
    scale = 100 / ((high - low) or 1)

    def bar(start: int, end: int, evidence: Evidence | None = None, deleted: bool = False) -> Bar:
        left = (min(start, end) - low) * scale
        width = max(abs(end - start) * scale, 0.6)
        label = shown.words(evidence) if evidence else ""
        return Bar(label, end - start, end, round(left, 2), round(width, 2), evidence, deleted)

    bars = [bar(0, totals[0])]
    for before, after, piece in zip(totals, totals[1:], pieces, strict=False):
        bars.append(bar(before, after, piece))
    if gone:
        bars.append(bar(totals[-2], posterior, deleted=True))
    return Waterfall(bars, totals[-1], odds_to_probability(totals[-1]), round(-low * scale, 2))


def _millibits(bits: float) -> int:
    return round(bits * 1000)


def may_be_shown(
    viewer: User, person: Person | None, alerts: Iterable[Alert], events: Iterable[ContextEvent] = ()
) -> Disclosure:
    """What pages about these alerts and events of one person may print."""
    named = [(piece.entity_kind, piece.entity) for alert in alerts for piece in alert.evidence.all()]
    named += [(KIND_OF_LANE[Lane(event.lane)].value, event.entity) for event in events]
    return disclosure(named, [person] if person else [])


def sentence(row: Row, alert: Alert, shown: Disclosure) -> str:
    """What is going on, in one sentence that can be said aloud: who, where, which scam, how far, and why."""
    strongest = sorted(alert.evidence.all(), key=lambda piece: -piece.bits)[:2]
    place = f"{row.county}{row.task.town}" if is_chinese() else f"{row.task.town}, {row.county}"
    return _(
        "%(name)s, %(age)s, of %(place)s is probably caught in “%(scam)s”, at stage “%(stage)s”: %(why)s."
    ) % {
        "name": row.name,
        "age": row.age if row.age is not None else _("age unknown"),
        "place": place if row.task.town else _("a place unknown"),
        "scam": scam_type_label(alert.scam_type),
        "stage": Stage(alert.stage).label,
        "why": ("；" if is_chinese() else "; ").join(shown.words(piece) for piece in strongest)
        or _("the evidence was deleted when its term was over"),
    }


def lanes(viewer: User, task: Task) -> dict[str, Any]:
    """The task's four lanes with their events (`told`), and when its alerts were raised."""
    around, alerts = list(queries.context(viewer, task)), list(queries.alerts(viewer, task))
    shown = may_be_shown(viewer, queries.person(viewer, task), alerts, around)
    return {
        "lanes": [{"code": lane.value, "label": str(lane.label)} for lane in Lane],
        "events": told(task, around, alerts, shown),
        "alerts": [
            {"at": alert.raised_at.timestamp() * 1000, "level": alert.level} for alert in reversed(alerts)
        ],
        "zone": settings.TIME_ZONE,
    }


def told(
    task: Task, around: Sequence[ContextEvent], alerts: Sequence[Alert], shown: Disclosure
) -> list[dict[str, Any]]:
    """Events in time order with lane, words and whether they speak for fraud; times in ms since 1970.
    `alerts` come as `queries.alerts` gives them, the latest first.

    A call that has ended lasted until its row; one that is live lasts until now and goes on.
    """
    now = timezone.now()
    live = _live_call(task, around, now)
    events: list[dict[str, Any]] = [
        {
            "at": begun.timestamp() * 1000,
            "until": (now if event is live else begun + _length(event)).timestamp() * 1000,
            "live": event is live,
            "time": event.at,
            "lane": event.lane,
            "lane_word": event.get_lane_display(),
            "text": shown.event_words(event),
            "suspicious": event.suspicious,
            "bits": None,
        }
        for event in around
        # The report that a call ended is as old as its end.
        for begun in [event.at - _length(event) if event.kind == CallPhase.ENDED else event.at]
    ]
    seen: set[tuple[Any, ...]] = set()
    for alert in reversed(alerts):
        for piece in alert.evidence.all():
            key = (piece.at, piece.detector, piece.entity)
            if key in seen:
                continue
            seen.add(key)
            at = piece.at.timestamp() * 1000
            lane = LANE_OF_FLOW.get(piece.detector.split(".")[0], Lane.MONEY)
            events.append(
                {
                    "at": at, "until": at, "live": False,
                    "time": piece.at,
                    "lane": lane.value,
                    "lane_word": str(lane.label), "text": shown.words(piece),
                    "suspicious": True, "bits": round(piece.bits, 3),
                }
            )  # fmt: skip
    return sorted(events, key=lambda event: event["time"])


def _length(event: ContextEvent) -> dt.timedelta:
    return dt.timedelta(seconds=event.duration_s)


def _live_call(task: Task, around: Sequence[ContextEvent], now: dt.datetime) -> ContextEvent | None:
    """The call that was answered and of which nothing tells that it ended; None if there is none.

    The engine tells of a call's end with the next alert alone, so a later call that was answered, the task's
    own end and the longest a call is held to last end it too. Calls that found the line busy do not.
    """
    calls = [event for event in around if event.kind in (CallPhase.ANSWERED, CallPhase.ENDED)]
    last = max(calls, key=lambda event: event.at, default=None)
    if last is None or last.kind != CallPhase.ANSWERED or task.closed_at is not None:
        return None
    return last if last.at <= now < last.at + LONGEST_CALL else None


def places(viewer: User, task: Task) -> dict[str, Any]:
    """Town and station with coordinates, and the attribution the map must carry."""
    require_sight(viewer, task)
    station = task.station or serving(viewer, task)
    return {
        "town": _point(task.town) if task.town else None,
        "station": _point(station) if station and station.lng is not None else None,
        **map_words(),
    }


def serving(viewer: User, task: Task) -> Organisation | None:
    """The station that serves the town of the task, None if it is not in the viewer's region."""
    return queries.stations(viewer).filter(towns=task.town_id).first() if task.town_id else None


def _point(place: Any) -> dict[str, Any]:
    return {"name": str(place), "lng": place.lng, "lat": place.lat}
