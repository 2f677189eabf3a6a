"""Texts grown from rules: `{rule}` stands for any of its alternatives, `[a|b]` for a or b.

A rule file is TOML: each table is a kind of message with its alternatives under `text` and its own
rules beside it. A rule is looked for in the kind, then in the file's `shared` table. `{dN}` is N digits;
`{n:a-b}` a number from a to b. Slots handed in by the caller (`grow(…, host=…)`) come before rules.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources

from qingdun.errors import ConfigurationError

Part = str | Callable[[random.Random, Mapping[str, str]], str]
_TOKEN = re.compile(r"\{([^{}]+)\}|\[([^\[\]]*)\]")
"""A slot, or a choice, whose options may hold slots."""


class Grammar:
    """The kinds of one rule file."""

    def __init__(self, rules: Mapping[str, Mapping[str, list[str]]]) -> None:
        """Compile every rule.

        Errors: ConfigurationError names a rule that is used and not there.
        """
        self._shared = rules.get("shared", {})
        self._rules = rules
        self._compiled: dict[tuple[str, str], list[list[Part]]] = {}
        for kind in rules:
            for rule, alternatives in rules[kind].items():
                self._compiled[kind, rule] = [self._parts(kind, text) for text in alternatives]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of messages."""
        return tuple(kind for kind in self._rules if kind != "shared")

    def grow(self, kind: str, rng: random.Random, **slots: str) -> str:
        """A text of that kind; `slots` are filled in as given."""
        return self._expand(kind, "text", rng, slots)

    def _expand(self, kind: str, rule: str, rng: random.Random, slots: Mapping[str, str]) -> str:
        alternatives = self._compiled.get((kind, rule)) or self._compiled["shared", rule]
        return _joined(alternatives[int(rng.random() * len(alternatives))], rng, slots)

    def _parts(self, kind: str, text: str) -> list[Part]:
        parts: list[Part] = []
        end = 0
        for token in _TOKEN.finditer(text):
            parts.append(text[end : token.start()])
            end = token.end()
            name, choice = token.groups()
            parts.append(self._choice(kind, choice) if name is None else self._slot(kind, name))
        parts.append(text[end:])
        return [part for part in parts if part != ""]

    def _choice(self, kind: str, text: str) -> Part:
        options = [self._parts(kind, option) for option in text.split("|")]
        return lambda rng, slots: _joined(options[int(rng.random() * len(options))], rng, slots)

    def _slot(self, kind: str, name: str) -> Part:
        digits = re.fullmatch(r"d(\d+)", name)
        if digits:
            low, high = 10 ** (int(digits[1]) - 1), 10 ** int(digits[1])
            return lambda rng, slots: str(low + int(rng.random() * (high - low)))
        span = re.fullmatch(r"n:(\d+)-(\d+)", name)
        if span:
            low, high = int(span[1]), int(span[2]) + 1
            return lambda rng, slots: str(low + int(rng.random() * (high - low)))
        known = name in self._rules.get(kind, {}) or name in self._shared

        def fill(rng: random.Random, slots: Mapping[str, str]) -> str:
            if name in slots:
                return slots[name]
            if not known:
                raise ConfigurationError(
                    f"texts: kind {kind} uses {{{name}}}, which is neither a rule nor given"
                )
            return self._expand(kind, name, rng, slots)

        return fill


def _joined(parts: list[Part], rng: random.Random, slots: Mapping[str, str]) -> str:
    return "".join(part if isinstance(part, str) else part(rng, slots) for part in parts)


@cache
def grammar(name: str) -> Grammar:
    """The grammar of the rule file `name.toml`."""
    text = resources.files("qingdun.simulate.texts").joinpath(f"{name}.toml").read_text("utf-8")
    return Grammar(tomllib.loads(text))
