"""What an officer says aloud at the door: for every scam type and stage, in both languages, from a data file.

`words.json` ships; a station that wants other words copies it, changes it and names it in
QINGDUN_VISIT_WORDS. A file that lacks something is refused with the place and what was expected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from qingdun.console.alerts.codes import Stage, is_chinese
from qingdun.contract.codes import scam_types
from qingdun.errors import ConfigurationError

QUESTIONS = 3
"""How many questions a scam type has: as many as one remembers at a door."""
LONGEST = 200
_LINK = re.compile(r"https?:|www\.|\d{6}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        """The sentence in the reader's language."""
        return self.zh if is_chinese() else self.en


@dataclass(frozen=True, slots=True)
class Speech:
    """What is said and asked for one scam type at one stage, in this order."""

    opening: tuple[Sentence, ...]
    stage: Sentence
    say: tuple[Sentence, ...]
    ask: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that may be said."""

    opening: tuple[Sentence, ...]
    stages: Mapping[str, Sentence]
    say: Mapping[str, tuple[Sentence, ...]]
    ask: Mapping[str, tuple[Sentence, ...]]

    def speech(self, scam_type: str, stage: str) -> Speech:
        """What to say about a scam of that type that has come to that stage."""
        return Speech(self.opening, self.stages[stage], self.say[scam_type], self.ask[scam_type])


@cache
def load_words(path: str = "") -> Words:
    """The words of the file, of the shipped one if none is named.

    Errors: ConfigurationError names the file, the place in it, what was found and what was expected.
    """
    name = path or "words.json"
    try:
        text = Path(path).read_text("utf-8") if path else _shipped()
        raw = json.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{name}: {error}") from error
    return parse_words(raw, name)


def parse_words(raw: Any, name: str = "words") -> Words:
    """The words, checked. Errors: as `load_words`."""
    top = _keys(raw, {"opening", "stages", "types"}, name)
    stages = _keys(top["stages"], set(Stage.values), f"{name}: stages")
    types = _keys(top["types"], set(scam_types().names), f"{name}: types")
    for code in types:
        _keys(types[code], {"say", "ask"}, f"{name}: types.{code}")
    words = Words(
        _sentences(top["opening"], f"{name}: opening"),
        {code: _sentence(one, f"{name}: stages.{code}") for code, one in stages.items()},
        {code: _sentences(one["say"], f"{name}: types.{code}.say") for code, one in types.items()},
        {code: _sentences(one["ask"], f"{name}: types.{code}.ask") for code, one in types.items()},
    )
    for code, asked in words.ask.items():
        if len(asked) != QUESTIONS:
            raise ConfigurationError(
                f"{name}: types.{code}.ask: found {len(asked)} questions, expected {QUESTIONS}"
            )
    return words


def _shipped() -> str:
    return resources.files(__package__).joinpath("words.json").read_text("utf-8")


def _keys(found: Any, expected: set[str], place: str) -> dict[str, Any]:
    if not isinstance(found, dict) or set(found) != expected:
        what = ", ".join(sorted(found)) if isinstance(found, dict) else repr(found)[:60]
        raise ConfigurationError(f"{place}: found {what}, expected {', '.join(sorted(expected))}")
    return found


def _sentences(found: Any, place: str) -> tuple[Sentence, ...]:
    if not isinstance(found, list) or not found:
        raise ConfigurationError(f"{place}: found {str(found)[:60]!r}, expected a list of sentences")
    return tuple(_sentence(one, f"{place}[{number}]") for number, one in enumerate(found))


def _sentence(found: Any, place: str) -> Sentence:
    both = _keys(found, {"zh", "en"}, place)
    for language, text in both.items():
        if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
            raise ConfigurationError(
                f"{place}.{language}: found {str(text)[:60]!r}, expected 1 to {LONGEST} characters"
            )
        if _LINK.search(text):
            raise ConfigurationError(
                f"{place}.{language}: found {text[:60]!r}, expected no link and no number"
            )
    return Sentence(both["zh"].strip(), both["en"].strip())
