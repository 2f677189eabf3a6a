"""The part of docs/lists.md that is drawn from the table of moves."""

from __future__ import annotations

from django.utils import translation

from qingdun.console.lists.moves import MOVES, State


def moves_section() -> str:
    """Markdown: the diagram of states and the table of moves."""
    with translation.override("en"):
        edges = sorted(
            f"    {source.value} --> {(move.target or source).value}: {move.verb}"
            for move in MOVES
            for source in move.sources
        )
        ended = [state for state in State if not any(state in move.sources for move in MOVES)]
        return "\n".join(
            [
                "```mermaid",
                "stateDiagram-v2",
                "    [*] --> proposed: propose",
                *edges,
                *(f"    {state.value} --> [*]" for state in ended),
                "```",
                "",
                "| verb | from | to | who | reason |",
                "|---|---|---|---|---|",
                *(
                    f"| {move.verb} | {', '.join(s.value for s in move.sources)} "
                    f"| {move.target.value if move.target else 'the same'} "
                    f"| {', '.join(r.value for r in move.roles) or 'follows by itself'} "
                    f"| {'yes' if move.needs_note else '–'} |"
                    for move in MOVES
                ),
            ]
        )
