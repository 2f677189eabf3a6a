"""How the points of a line came about, part by part, so that a town can reckon it by hand."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingdun.console.assessment.models import Line
from qingdun.console.assessment.rules import Rule
from qingdun.ranking.rates import PER


@dataclass(frozen=True, slots=True)
class Part:
    """One indicator: its value raw and as it counts, the city's, and the points it gives."""

    word: str | Promise
    raw: float
    used: float
    city: float
    weight: float
    cap: float
    points: float
    picks: str
    """What narrows the counted rows to its own."""
    money: bool = False

    @property
    def times(self) -> float:
        """How many times the city's value."""
        return self.used / self.city if self.city else 0.0


def broken_down(line: Line, rule: Rule) -> list[Part]:
    """The three indicators of the line, in the order of the rules."""
    about, weights = line.ranking, rule.weights
    return [
        Part(
            _("Cases per 10,000 residents"), line.raw, line.shrunk, PER * about.cases / about.residents,
            weights.cases, weights.cap, line.cases_points, "",
        ),
        Part(
            _("Mean loss of a case"), line.loss_fen / line.cases if line.cases else 0.0, line.loss_used,
            about.loss_fen / about.cases if about.cases else 0.0, weights.mean_loss, weights.cap,
            line.loss_points, "", True,
        ),
        Part(
            _("Major cases per 10,000 residents"), PER * line.major_500k / line.residents, line.major_used,
            PER * about.major_500k / about.residents, weights.major, weights.cap, line.major_points,
            "&major=low",
        ),
    ]  # fmt: skip
