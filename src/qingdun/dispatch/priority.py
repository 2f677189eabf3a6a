"""Who goes first: what a contact begun now saves on average, by the minutes of work it costs.

What it saves is the probability that the person is being scammed × the expected further loss × the chance
that a contact still helps when it gets there. Dividing by the work keeps one far visit from costing three
near ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from qingdun.dispatch.helping import Helping, shipped_helping

_MINUTE_US = 60_000_000
_VISITED = ("urgent", "high")
"""Levels whose task is taken to the door if the call does not settle it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the engine has put out about one person, by its latest alert; nothing else enters the rule."""

    probability: float
    scam_type: str
    stage: str
    level: str
    alerted_at_us: int


@dataclass(frozen=True, slots=True)
class Effort:
    """What one contact takes and how often it succeeds: assumptions, see the table of docs/dispatch.md."""

    call_min: float = 4.0
    visit_min: float = 30.0
    settled_by_call: float = 0.22
    """Share of calls that are answered and persuade."""
    at_home: float = 0.80
    settled_at_the_door: float = 0.68
    """Share of visits that find the person and persuade."""


@dataclass(frozen=True, slots=True)
class Priority:
    """The rank of a task with the factors it is made of."""

    probability: float
    expected_loss_fen: int
    chance: float
    """That a contact begun now persuades, and in time: by the call, else at the door; 0 to 1."""
    minutes: float
    """From the alert to the end of the call."""
    way_min: float
    work_min: float
    """What the contact takes on average, the way included."""

    @property
    def saves_fen(self) -> float:
        """What a contact begun now saves on average, in fen."""
        return self.probability * self.expected_loss_fen * self.chance

    @property
    def fen_per_min(self) -> float:
        """The rank: what a minute of work on it saves, in fen."""
        return self.saves_fen / self.work_min

    def text_zh(self) -> str:
        """The reckoning in Chinese, to be checked by hand."""
        return (
            f"正在受骗的概率 {self.probability:.0%} × 预计还会损失 {_yuan(self.expected_loss_fen)} 元 × "
            f"现在联系仍能劝阻的可能 {self.chance:.0%} = {_yuan(self.saves_fen)} 元；"
            f"约需 {self.work_min:.0f} 分钟（路程 {self.way_min:.0f} 分钟），"
            f"每分钟 {_yuan(self.fen_per_min)} 元"
        )

    def text_en(self) -> str:
        """The reckoning in English, to be checked by hand."""
        return (
            f"being scammed {self.probability:.0%} × further loss ¥{_yuan(self.expected_loss_fen)} × "
            f"a contact now still helps {self.chance:.0%} = ¥{_yuan(self.saves_fen)}; "
            f"about {self.work_min:.0f} min of work ({self.way_min:.0f} on the way), "
            f"¥{_yuan(self.fen_per_min)} a minute"
        )


def priority(
    known: Known,
    now_us: int,
    way_min: float = 0.0,
    helping: Helping | None = None,
    effort: Effort | None = None,
) -> Priority:
    """The rank of a task for an officer who begins at `now_us` and has `way_min` minutes to the door."""
    table, cost = helping or shipped_helping(), effort or Effort()
    after_call = max(0.0, (now_us - known.alerted_at_us) / _MINUTE_US) + cost.call_min
    chance = cost.settled_by_call * table.chance(known.scam_type, after_call)
    work = cost.call_min
    if known.level in _VISITED:
        unsettled = 1.0 - cost.settled_by_call
        chance += unsettled * cost.settled_at_the_door * table.chance(known.scam_type, after_call + way_min)
        work += unsettled * (way_min + cost.at_home * cost.visit_min)
    loss_fen = table.expected_loss_fen(known.scam_type, known.stage)
    return Priority(known.probability, loss_fen, chance, after_call, way_min, work)


def _yuan(fen: float) -> str:
    return f"{fen / 100:,.0f}"
