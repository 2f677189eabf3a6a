"""The text of a draft as it is edited: between the places of figures, and never in them.

Whoever types `{module.figure}` or `{module.figure|rough}` puts a place there; other braces are refused, so
that nothing else passes for a figure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from qingdun.console.bulletin.composing import Paragraph, Part, Writer
from qingdun.console.bulletin.sources import RATES, source_of
from qingdun.console.bulletin.template import ABOUT, Slot, parsed
from qingdun.console.kernel.forms import FieldFaults
from qingdun.errors import InputError

MOST_LETTERS, MOST_PARAGRAPHS = 2000, 120
ADDED = "added"
"""Name of the field for paragraphs to be added."""
SHOWN = ("", "rough", "change", "before")
"""How a place that a person types can show its figure."""
_NUMBER = re.compile(r"\d[\d,.]*%?")


def spaced(paragraph: Paragraph) -> list[Part]:
    """The parts with a text, be it empty, before, between and after all places."""
    parts: list[Part] = [""]
    for part in paragraph["parts"]:
        if isinstance(part, str) and isinstance(parts[-1], str):
            parts[-1] += part
        elif isinstance(part, str):
            parts.append(part)
        else:
            parts += [part, ""] if isinstance(parts[-1], str) else ["", part, ""]
    return parts


def edited(paragraphs: Sequence[Paragraph], typed: Mapping[str, str], writer: Writer) -> list[Paragraph]:
    """The paragraphs with what was typed: `p2.4` is the text at part 4 of paragraph 2, `out2` leaves it out,
    `added` holds further paragraphs, one a line. What was not sent stays.

    Errors: FieldFaults (too long, braces, no such figure).
    """
    faults: dict[str, str] = {}
    made: list[Paragraph] = []
    for number, paragraph in enumerate(paragraphs):
        if typed.get(f"out{number}"):
            continue
        parts: list[Part] = []
        for place, part in enumerate(spaced(paragraph)):
            name = f"p{number}.{place}"
            parts += (
                _read(typed[name], writer, name, faults)
                if isinstance(part, str) and name in typed
                else [part]
            )
        made.append({"heading": paragraph["heading"], "parts": [one for one in parts if one]})
    made += [
        {"heading": False, "parts": _read(line.strip(), writer, ADDED, faults)}
        for line in typed.get(ADDED, "").splitlines()
        if line.strip()
    ]
    if len(made) > MOST_PARAGRAPHS:
        faults[ADDED] = _("A bulletin has at most %(most)d paragraphs.") % {"most": MOST_PARAGRAPHS}
    if faults:
        raise FieldFaults(faults)
    return [one for one in made if one["parts"]]


def recounted(paragraphs: Sequence[Paragraph], writer: Writer) -> list[Paragraph]:
    """The same paragraphs, and in every place what stands there now."""
    return [
        {
            "heading": one["heading"],
            "parts": [part if isinstance(part, str) else writer.slot(_slot(part)) for part in one["parts"]],
        }
        for one in paragraphs
    ]


def typed_numbers(paragraphs: Sequence[Paragraph]) -> list[str]:
    """Numbers that a person has typed: no rows stand behind them."""
    texts = [part for one in paragraphs for part in one["parts"] if isinstance(part, str)]
    return [number for text in texts for number in _NUMBER.findall(text)]


def _slot(part: Mapping[str, Any]) -> Slot:
    return Slot(part["code"], part["show"], part["what"])


def _read(text: str, writer: Writer, name: str, faults: dict[str, str]) -> list[Part]:
    if len(text) > MOST_LETTERS:
        faults[name] = _("At most %(most)d letters.") % {"most": MOST_LETTERS}
        return []
    parts: list[Part] = []
    for part in parsed(" ".join(text.split("\n"))):
        if isinstance(part, str):
            if "{" in part or "}" in part:
                faults[name] = _("Braces hold a figure, such as {cases.solved} or {cases.solved|change}.")
            parts.append(part)
            continue
        try:
            _check(part)
        except InputError as wrong:
            faults[name] = str(wrong)
            continue
        parts.append(writer.slot(part))
    return parts


def _check(slot: Slot) -> None:
    """Nothing happens if a person may type that place. Errors: InputError."""
    if slot.code in ABOUT or slot.code.startswith(f"{RATES}."):
        return
    if slot.what or slot.show not in SHOWN:
        raise InputError(_("Expected {module.figure}, or with |rough, |change or |before behind it."))
    source_of(slot.code)
