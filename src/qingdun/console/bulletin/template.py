"""What a bulletin says, as data: `template.json` holds sections of sentences with places for figures.

A place is `{module.figure}`, `{module.figure|show}` or `{module.figure|show:what}`; docs/bulletin.md says
what can be shown. `{place}`, `{since}` and `{until}` stand for what the bulletin is about. A sentence is left
out where one of the figures it needs is nought, or, without such, where all of its figures are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

SHOWS = ("", "rough", "before", "change", "rate", "cause", "names", "cell", "day")
ABOUT = ("place", "since", "until")
CLAUSES = "clauses"
_PLACE = re.compile(r"\{([a-z_0-9]+(?:\.[a-z_0-9]+)?(?:@until)?)(?:\|([a-z]+)(?::([a-z_]+))?)?\}")


class Slot(NamedTuple):
    """A place for a figure, or for what the bulletin is about."""

    code: str
    show: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Its parts by language, and the figures it cannot do without."""

    parts: Mapping[str, tuple[str | Slot, ...]]
    need: tuple[str, ...]
    clauses: tuple[Sentence, ...] = ()
    """What stands at `{clauses}`: those that have something to say, joined."""
    join: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading by language, and paragraphs of sentences."""

    code: str
    heading: Mapping[str, str]
    paragraphs: tuple[tuple[Sentence, ...], ...]


@dataclass(frozen=True, slots=True)
class Template:
    """Everything a bulletin may say."""

    version: str
    title: Sentence
    opening: tuple[Sentence, ...]
    sections: tuple[Section, ...]


@cache
def shipped() -> Template:
    """The template of `template.json`."""
    raw: dict[str, Any] = json.loads(
        resources.files(__package__).joinpath("template.json").read_text("utf-8")
    )
    return Template(
        raw["version"],
        _sentence(raw["title"]),
        tuple(_sentence(one) for one in raw["opening"]),
        tuple(
            Section(
                one["code"],
                {"zh": one["zh"], "en": one["en"]},
                tuple(tuple(_sentence(said) for said in paragraph) for paragraph in one["paragraphs"]),
            )
            for one in raw["sections"]
        ),
    )


def parsed(text: str) -> tuple[str | Slot, ...]:
    """The text in parts.

    >>> parsed("共{cases.detained|rough}名")
    ('共', Slot(code='cases.detained', show='rough', what=''), '名')
    """
    parts: list[str | Slot] = []
    end = 0
    for found in _PLACE.finditer(text):
        if found.start() > end:
            parts.append(text[end : found.start()])
        parts.append(Slot(found[1], found[2] or "", found[3] or ""))
        end = found.end()
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)


def _sentence(raw: Mapping[str, Any]) -> Sentence:
    return Sentence(
        {name: parsed(raw[name]) for name in ("zh", "en")},
        tuple(raw.get("need", ())),
        tuple(_sentence(one) for one in raw.get(CLAUSES, ())),
        raw.get("join", {}),
    )


def slots(language: str = "zh") -> list[Slot]:
    """Every place of the template, clauses among them."""

    def of(sentence: Sentence) -> list[Slot]:
        own = [part for part in sentence.parts[language] if isinstance(part, Slot) and part.code != CLAUSES]
        return own + [slot for clause in sentence.clauses for slot in of(clause)]

    found = shipped()
    said = [one for section in found.sections for paragraph in section.paragraphs for one in paragraph]
    return [slot for sentence in (found.title, *found.opening, *said) for slot in of(sentence)]
