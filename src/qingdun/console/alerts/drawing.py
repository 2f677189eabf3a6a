"""The page docs/moves.md, drawn from the table of moves."""

from __future__ import annotations

from django.utils import translation

from qingdun.console.alerts.moves import ALL_LEVELS, MOVES, ClockName, Move
from qingdun.console.alerts.rules import clock_length_s


def moves_page() -> str:
    """Markdown: the diagram of states, the table of moves, the clocks."""
    with translation.override("en"):
        lines = [
            "# Life of a task",
            "",
            "Drawn from `moves.py` and `rules.json` of `console/alerts` by `python -m django draw_moves`.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> new",
            *sorted({line for move in MOVES for line in _edges(move)}),
            "    closed --> [*]",
            "```",
            "",
            "## Moves",
            "",
            "| verb | from | to | levels | who | stops | starts | reason |",
            "|---|---|---|---|---|---|---|---|",
            *(_line(move) for move in MOVES),
            "",
            "Moves marked * belong to the officer who signed: nobody is called by two levels about one task.",
            "",
            "## Clocks",
            "",
            "Seconds from the move that starts the clock; – means no clock.",
            "",
            "| level | sign | call | meet, urban | meet, rural |",
            "|---|---|---|---|---|",
            *(_clocks(level) for level in ALL_LEVELS),
        ]
    return "\n".join(lines) + "\n"


def _edges(move: Move) -> list[str]:
    return [f"    {source.value} --> {move.target.value}: {move.verb}" for source in move.sources]


def _line(move: Move) -> str:
    cells = (
        move.verb + (" *" if move.by_owner else ""),
        ", ".join(state.value for state in move.sources),
        move.target.value,
        "all" if move.levels == ALL_LEVELS else ", ".join(move.levels),
        ", ".join(role.value for role in move.roles),
        ", ".join(clock.value for clock in move.stops) or "–",
        ", ".join(clock.value for clock in move.starts) or "–",
        "yes" if move.needs_note else "–",
    )
    return f"| {' | '.join(cells)} |"


def _clocks(level: str) -> str:
    lengths = (
        clock_length_s(level, ClockName.SIGN, True),
        clock_length_s(level, ClockName.CALL, True),
        clock_length_s(level, ClockName.MEET, True),
        clock_length_s(level, ClockName.MEET, False),
    )
    return f"| {level} | {' | '.join('–' if length is None else str(length) for length in lengths)} |"
