"""What a history says besides its verbs: codes in words, everything else masked."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts import moves
from qingdun.console.alerts.codes import CallResult, Level
from qingdun.console.alerts.models import Escalation, TaskEvent
from qingdun.console.alerts.moves import VERDICT_OF
from qingdun.console.alerts.rules import false_alarms
from qingdun.console.alerts.states import ClockName, State
from qingdun.console.kernel.masking import mask_text
from qingdun.console.kernel.models import Person

CODES: dict[str, str | Promise] = {
    **dict((*Level.choices, *ClockName.choices, *CallResult.choices)),
    **{one.name.lower(): one.label for one in Escalation},
    "warned": _("warned by message, and nothing came since"),
}
"""Codes that the system writes into a note: a note holds codes and what people typed, no words of ours."""


def note_words(line: TaskEvent, person: Person | None) -> str:
    """What a line of history says besides its verb: codes of the system in words; all else masked, the
    names of the person and of those around them too.
    """
    if line.verb == "undo":
        return moves.word(line.note)
    names = person.names_around if person else ()
    first, _blank, rest = line.note.partition(" ")
    if VERDICT_OF.get(line.verb) == State.FALSE_ALARM and first in false_alarms():
        return f"{false_alarms()[first]} {mask_text(rest, names=names)}".strip()
    if first in CODES and (line.actor_id is None or not rest):
        return f"{CODES[first]} {rest}".strip()
    return mask_text(line.note, names=names)
