"""Two sets of weights over the same flows: what both alert, what one alone, how right, and who is earlier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import ALERTS, OUTCOMES, TRUTH, Alert, Outcome, Truth
from qingdun.evaluate.figures import Share
from qingdun.evaluate.measures import EPISODE_US, LEVELS, read_results
from qingdun.evaluate.verdicts import by_outcome, by_truth

Judge = Callable[[Alert], bool | None]
"""Whether an alert was right; None if nobody knows."""


@dataclass(frozen=True, slots=True)
class Told:
    """Episodes, by what is known of them."""

    right: int
    false: int
    unknown: int

    @property
    def precision(self) -> Share:
        """Of those of which it is known."""
        return Share(self.right, self.right + self.false)

    def json(self) -> dict[str, Any]:
        """All of it."""
        return {"right": self.right, "false": self.false, "unknown": self.unknown}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Champion and challenger. Episodes on one person that began within 72 h of each other are the same."""

    by: str
    """What judged: `outcomes`, `truth` or `nothing`."""
    champion: Told
    challenger: Told
    both: Told
    champion_alone: Told
    challenger_alone: Told
    levels: dict[str, tuple[int, int]]
    """Episodes that reached that level and no higher, of either."""
    earlier: int
    """Episodes of both that the challenger began earlier."""
    later: int
    median_s: float | None
    """By how much earlier, of those that are not at the same moment; negative for later."""
    before_payment: tuple[Share, Share] | None
    """Of paid scams those alerted before the first transfer, of either; None without truth."""

    def json(self) -> dict[str, Any]:
        """All of it, ready for a file."""
        sides = ("champion", "challenger", "both", "champion_alone", "challenger_alone")
        plain = ("by", "levels", "earlier", "later", "median_s")
        recall = [share.json() for share in self.before_payment] if self.before_payment else None
        return {
            **{name: getattr(self, name).json() for name in sides},
            **{name: getattr(self, name) for name in plain},
            "before_payment": recall,
        }

    def text(self) -> str:
        """For a person."""
        rows = [f"{'episodes, judged by ' + self.by:32} {'right':>8} {'false':>8} {'unknown':>8}  precision"]
        for title, side in (
            ("champion", self.champion),
            ("challenger", self.challenger),
            ("  both", self.both),
            ("  champion alone", self.champion_alone),
            ("  challenger alone", self.challenger_alone),
        ):
            rows.append(
                f"{title:32} {side.right:8,} {side.false:8,} {side.unknown:8,}  {side.precision.text()}"
            )
        rows += [
            f"episodes at {level:20} champion {one:,}, challenger {other:,}"
            for level, (one, other) in self.levels.items()
        ]
        shift = "" if self.median_s is None else f", by {self.median_s:,.0f} s in the median"
        rows.append(f"of both, the challenger is earlier in {self.earlier:,}, later in {self.later:,}{shift}")
        if self.before_payment is not None:
            one, other = self.before_payment
            rows.append(f"paid scams alerted before: champion {one.text()}, challenger {other.text()}")
        return "\n".join(rows)


def compare(champion: Path, challenger: Path, flows: Path | None = None) -> Comparison:
    """The alerts in two folders of results, of the same rows, judged by the outcomes in `flows` or, without
    any, by its truth. What the challenger alone alerts nobody has looked at: without truth it stays unknown.

    Errors: MissingFile without alerts; those of `FlowDirectory`.
    """
    one: list[Alert] = read_results(ALERTS, champion)
    other: list[Alert] = read_results(ALERTS, challenger)
    outcomes: list[Outcome] = []
    truth: list[Truth] = []
    if flows is not None:
        directory = FlowDirectory(flows, ())
        outcomes = OUTCOMES.to_rows(directory.reference(OUTCOMES))
        truth = TRUTH.to_rows(directory.reference(TRUTH)) if (flows / "truth.parquet").exists() else []
    return compare_alerts(one, other, outcomes, truth)


def compare_alerts(
    champion: Sequence[Alert],
    challenger: Sequence[Alert],
    outcomes: Sequence[Outcome],
    truth: Sequence[Truth],
) -> Comparison:
    """The same of rows in hand."""
    told = by_outcome([*champion, *challenger], outcomes)
    by = "outcomes" if told else "truth" if truth else "nothing"
    if by == "truth":
        told = by_truth([*champion, *challenger], truth)

    def right(alert: Alert) -> bool | None:
        verdict = told.get(alert.alert_id)
        return None if verdict is None else verdict.right

    ours, theirs = _episodes(champion), _episodes(challenger)
    pairs = _paired(ours, theirs)
    known, met = {id(one) for one, _ in pairs}, {id(other) for _, other in pairs}
    shifts = [(one[0].raised_at - other[0].raised_at) / 1e6 for one, other in pairs]
    moved = [shift for shift in shifts if shift]
    highest = [
        Counter(min(e, key=lambda a: LEVELS.index(a.level)).level for e in side) for side in (ours, theirs)
    ]
    return Comparison(
        by=by,
        champion=_told(ours, right),
        challenger=_told(theirs, right),
        both=_told([one for one, _ in pairs], right),
        champion_alone=_told([e for e in ours if id(e) not in known], right),
        challenger_alone=_told([e for e in theirs if id(e) not in met], right),
        levels={level: (highest[0][level], highest[1][level]) for level in LEVELS},
        earlier=sum(shift > 0 for shift in shifts),
        later=sum(shift < 0 for shift in shifts),
        median_s=median(moved) if moved else None,
        before_payment=(_before(champion, truth), _before(challenger, truth)) if truth else None,
    )


def _episodes(alerts: Sequence[Alert]) -> list[list[Alert]]:
    """The rows of each episode in order of time."""
    found: dict[str, list[Alert]] = {}
    for alert in sorted(alerts, key=lambda a: (a.raised_at, a.alert_id)):
        found.setdefault(alert.episode_id, []).append(alert)
    return list(found.values())


def _paired(ours: list[list[Alert]], theirs: list[list[Alert]]) -> list[tuple[list[Alert], list[Alert]]]:
    """Episodes of one person that began within 72 h, each with the first that is free."""
    free: dict[str, list[list[Alert]]] = {}
    for episode in theirs:
        free.setdefault(episode[0].person_id, []).append(episode)
    pairs = []
    for one in ours:
        near = [
            e for e in free.get(one[0].person_id, ()) if abs(e[0].raised_at - one[0].raised_at) < EPISODE_US
        ]
        if near:
            free[one[0].person_id].remove(near[0])
            pairs.append((one, near[0]))
    return pairs


def _told(episodes: Sequence[list[Alert]], right: Judge) -> Told:
    """An episode is as right as the last of its rows of which it is known."""
    counts = Counter(
        next((found for alert in reversed(episode) if (found := right(alert)) is not None), None)
        for episode in episodes
    )
    return Told(counts[True], counts[False], counts[None])


def _before(alerts: Sequence[Alert], truth: Sequence[Truth]) -> Share:
    paid = [row for row in truth if row.first_transfer_at is not None]
    by_person: dict[str, list[int]] = {}
    for alert in alerts:
        by_person.setdefault(alert.person_id, []).append(alert.raised_at)
    found = sum(
        any(
            row.first_contact_at <= at < (row.first_transfer_at or 0)
            for at in by_person.get(row.person_id, ())
        )
        for row in paid
    )
    return Share(found, len(paid))
