"""The page docs/moves.md, drawn from the table of moves."""

from __future__ import annotations

from django.utils import translation

from qingdun.console.alerts.moves import MOVES
from qingdun.console.alerts.moving import ALL_LEVELS, Move
from qingdun.console.alerts.rules import clock_length_s
from qingdun.console.alerts.states import ClockName, State, Timed

_LOST = {None: "", True: ", contact lost", False: ", contact found"}
_NOTES = """\
An alert opens a task as `new`, and the engine's score makes it `scored` at once. A later alert of the same person
joins the task that is worked on, and one that is settled within 72 hours, and leaves a line in its history; `merged` is a task joined to another one by hand.
`suppressed` is a low alert on a person whose last task of that type was a false alarm.

**Lost contact** is no state: location work, banks, family and the operator run beside whatever the officer does,
so it is a mark on the task (`lost_at`) that `lose` sets and `find`, `reach` and `meet` take away.

The database refuses every change of state that is not in this table (a trigger, on SQLite and PostgreSQL).
For five seconds whoever moved a task may take the move back; the history keeps both lines.

A clock that runs out is *breached* once: the duty officer of whoever holds the task is told, after a further span
the county, then the city (`escalation` 1, 2, 3), until the step is done.
"""  # noqa: E501


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
            *(f"    {state.value} --> [*]" for state in (State.CLOSED, State.MERGED)),
            "```",
            "",
            _NOTES,
            "## Moves",
            "",
            "| verb | from | to | levels | who | stops | starts | reason |",
            "|---|---|---|---|---|---|---|---|",
            *(_line(move) for move in MOVES),
            "",
            "Moves marked * belong to the officer who signed: nobody is called by two levels about one task. "
            "The engine makes its moves by itself too, with nobody's name on them.",
            "",
            "## Clocks",
            "",
            "Seconds from the move that starts the clock; – means no clock. These are the defaults: the city",
            "sets others by level and region on the page *Clock rules*.",
            "",
            "| level | sign | call | meet, urban | meet, rural | meet at the latest | above told after "
            "| no second call within | set aside within |",
            "|---|---|---|---|---|---|---|---|---|",
            *(_clocks(level) for level in ALL_LEVELS),
        ]
    return "\n".join(lines) + "\n"


def _edges(move: Move) -> list[str]:
    return [f"    {source.value} --> {(move.target or source).value}: {move.verb}" for source in move.sources]


def _line(move: Move) -> str:
    cells = (
        move.verb + (" *" if move.by_owner else ""),
        ", ".join(state.value for state in move.sources),
        (move.target.value if move.target else "where it is") + _LOST[move.lost],
        "all" if move.levels == ALL_LEVELS else ", ".join(move.levels),
        ", ".join((*(role.value for role in move.roles), *(["the engine"] if move.by_engine else []))),
        ", ".join(clock.value for clock in move.stops) or "–",
        _starts(move),
        "yes" if move.needs_note else "–",
    )
    return f"| {' | '.join(cells)} |"


def _starts(move: Move) -> str:
    always = ", ".join(clock.value for clock in move.starts)
    calm = ", ".join(clock.value for clock in move.starts_calm)
    return f"{always}; medium and low: {calm}" if calm else always or "–"


def _clocks(level: str) -> str:
    lengths = (
        clock_length_s(level, ClockName.SIGN, True),
        clock_length_s(level, ClockName.CALL, True),
        clock_length_s(level, ClockName.MEET, True),
        clock_length_s(level, ClockName.MEET, False),
        clock_length_s(level, Timed.CAP, True),
        clock_length_s(level, Timed.ESCALATE, True),
        clock_length_s(level, Timed.QUIET, True),
        clock_length_s(level, Timed.SUPPRESS, True),
    )
    return f"| {level} | {' | '.join('–' if length is None else str(length) for length in lengths)} |"
