"""The text of a bulletin, composed from figures: the same rows give the same text.

A paragraph is kept as a list of parts: texts, which a person may edit, and places of figures, which nobody
types: what stands there is written by `written` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import translation

from qingdun.console.bulletin import wording
from qingdun.console.bulletin.counting import PER_RESIDENTS, Reader, Told
from qingdun.console.bulletin.periods import Period
from qingdun.console.bulletin.template import ABOUT, CLAUSES, Sentence, Slot, shipped
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import require_covers
from qingdun.contract.progress import Share, unheard

LANGUAGES = {"zh": "zh-hans", "en": "en"}
"""Languages a bulletin is written in, and what Django calls them."""
NUMERALS = "一二三四五六七八九十"
Part = str | dict[str, str]
Paragraph = dict[str, Any]
"""`heading`: whether it is one; `parts`: the list of parts."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A bulletin before anybody has edited it."""

    title: str
    paragraphs: list[Paragraph]
    figures: list[Told]
    template: str


def compose(
    viewer: User, region: Region, period: Period, language: str = "zh", told: Share = unheard
) -> Composed:
    """The bulletin of the place and period as the ledgers are now, over the rows the viewer sees.

    Errors: NotPermitted (role, or a place outside the viewer's region).
    """
    require(viewer, Permission.WRITE_BULLETINS)
    require_covers(viewer, region.path)
    reader, template = Reader(viewer, region, period), shipped()
    writer = Writer(reader, language)
    with translation.override(LANGUAGES[language]):
        title = text_of({"parts": writer.paragraph((template.title,))})
        paragraphs: list[Paragraph] = [{"heading": False, "parts": writer.paragraph(template.opening)}]
        number = 0
        for done, section in enumerate(template.sections):
            told(done / len(template.sections))
            says = [parts for one in section.paragraphs if (parts := writer.paragraph(one))]
            if not says:
                continue
            mark = f"{NUMERALS[number]}、" if language == "zh" else ""
            paragraphs.append({"heading": True, "parts": [f"{mark}{section.heading[language]}"]})
            paragraphs += [{"heading": False, "parts": parts} for parts in says]
            number += 1
    return Composed(title, paragraphs, reader.figures, template.version)


def text_of(paragraph: Paragraph) -> str:
    """The paragraph as it is read."""
    return "".join(part if isinstance(part, str) else part["text"] for part in paragraph["parts"])


class Writer:
    """Writes sentences over what a reader counts, in a language."""

    def __init__(self, reader: Reader, language: str) -> None:
        self._reader, self._chinese, self._language = reader, language == "zh", language

    def paragraph(self, sentences: tuple[Sentence, ...]) -> list[Part]:
        """The parts of those sentences that have something to say, texts beside each other joined."""
        parts: list[Part] = []
        for sentence in sentences:
            if not self._says(sentence):
                continue
            for part in self._expanded(sentence):
                made = part if isinstance(part, str) else self.slot(part)
                if isinstance(made, str) and parts and isinstance(parts[-1], str):
                    parts[-1] += made
                elif made and (isinstance(made, str) or made["text"]):
                    parts.append(made)
        return parts

    def _expanded(self, sentence: Sentence) -> list[str | Slot]:
        """The parts of the sentence, with its clauses in their place."""
        said = [clause for clause in sentence.clauses if self._says(clause)]
        parts: list[str | Slot] = []
        for part in sentence.parts[self._language]:
            if not isinstance(part, Slot) or part.code != CLAUSES:
                parts.append(part)
                continue
            for number, clause in enumerate(said):
                parts += [sentence.join[self._language]] if number else []
                parts += clause.parts[self._language]
        return parts

    def slot(self, slot: Slot) -> dict[str, str]:
        """The place with what stands there."""
        return {"code": slot.code, "show": slot.show, "what": slot.what, "text": self.written(slot)}

    def written(self, slot: Slot) -> str:
        """What stands in the place."""
        reader, zh = self._reader, self._chinese
        if slot.code in ABOUT:
            if slot.code == "place":
                return reader.region.name if zh else str(reader.region)
            return wording.day(getattr(reader.period, slot.code), zh)
        if slot.show == "names":
            found = reader.cells(slot.code, slot.what)
            return wording.names([one.replace(" ", "") for one in found] if zh else found, zh)
        if slot.show == "cell":
            return reader.cell(slot.code, slot.what)
        if slot.show == "day":
            on = reader.day(slot.code, slot.what)
            return wording.day(on, zh, on is not None and on.year != reader.period.until.year)
        if slot.show == "cause":
            return wording.causes(reader.shifts(slot.code, slot.what), zh)
        if slot.show == "rate":
            return wording.rate(reader.told(f"{slot.code}{PER_RESIDENTS}"), zh)
        return self._number(reader.told(slot.code), slot.show)

    def _number(self, told: Told, show: str) -> str:
        if told.whole is not None:
            return wording.rate(told, self._chinese)
        if show == "change":
            return wording.change(told, self._chinese)
        value = (told.before if show == "before" else told.value) or 0
        if told.money:
            return wording.money(value, self._chinese)
        return (wording.rough if show == "rough" else wording.exact)(value, self._chinese)

    def _says(self, sentence: Sentence) -> bool:
        if any(self._reader.told(code).is_nought for code in sentence.need):
            return False
        if sentence.clauses:
            return any(self._says(clause) for clause in sentence.clauses)
        parts = sentence.parts[self._language]
        slots = [one for one in parts if isinstance(one, Slot) and one.code not in ABOUT]
        if not all(self.written(one) for one in slots if one.show == "cause"):
            return False
        counted = [one.code for one in slots if one.show in ("", "rough")]
        if sentence.need or not counted:
            return True
        return not all(self._reader.told(code).is_nought for code in counted)
