"""What a form said of a row when it was opened, held against what the row says when it is sent: who is late
overwrites nothing unseen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from qingdun.console.kernel.forms import Choices, Field, FieldFaults

SEEN = "seen"
"""Name of the hidden field that keeps what the form said."""


class Outdated(FieldFaults):
    """Somebody has changed the row since the form was opened: beside each field, what it says now."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A row that a form changes, and what its fields say of it."""

    row: Model
    says: Callable[[Any], Mapping[str, str]]
    """What the fields say of a row of this kind."""
    blind: Collection[str] = ()
    """Fields that do not show what stands: it is typed anew, and only told to be another."""

    def shown(self) -> dict[str, str]:
        """What the fields show before anything is typed."""
        return {name: "" if name in self.blind else text for name, text in self.says(self.row).items()}

    def kept(self) -> str:
        """What the page keeps of what it said; of a blind field no more than tells it from another."""
        said = {name: self._sealed(name, text) for name, text in self.says(self.row).items()}
        return json.dumps(said, ensure_ascii=False)

    def check(
        self, fields: Sequence[Field], seen: str, typed: Mapping[str, str], among: Callable[[str], Choices]
    ) -> None:
        """The row says what the page said, or what was typed; it is locked until the transaction ends.
        `among` is as of `form_page`.

        Errors: Outdated. What keeps nothing, as no page of ours does, is not held against anything.
        """
        known = _read(seen)
        if not known:
            return
        rows = type(self.row)._default_manager.select_for_update()
        now = self.says(rows.get(pk=self.row.pk))
        faults = {}
        for field in fields:
            stands, name = now.get(field.name), field.name
            if stands is None or self._sealed(name, stands) in (
                known.get(name), self._sealed(name, typed.get(name, "")),
            ):  # fmt: skip
                continue
            words = {str(code): str(word) for code, word in among(field.kind) or field.options()}
            faults[name] = (
                _("Somebody has corrected this meanwhile.")
                if name in self.blind
                else _("It said %(was)s; somebody has made it %(now)s meanwhile.")
                % {"was": _word(field, words, known.get(name, "")), "now": _word(field, words, stands)}
            )
        if faults:
            whole = _("Changed since you opened this form. See what it says now, then send it again.")
            raise Outdated({"": whole, **faults})

    def anew(self) -> Standing:
        """The same of the row as it is now."""
        return replace(self, row=type(self.row)._default_manager.get(pk=self.row.pk))

    def merged(self, seen: str, typed: Mapping[str, str]) -> dict[str, str]:
        """What was typed, and in fields that were left as they were what stands."""
        known, now = _read(seen), self.shown()
        return {
            name: now[name] if name in now and text == known.get(name) else text
            for name, text in typed.items()
        }

    def _sealed(self, name: str, text: str) -> str:
        return salted_hmac(f"seen-{name}", text).hexdigest() if name in self.blind else text


def _read(seen: str) -> dict[str, str]:
    """What a page kept; nothing if it is none of ours."""
    try:
        found = json.loads(seen)
    except (ValueError, RecursionError):
        return {}
    return {str(name): str(text) for name, text in found.items()} if isinstance(found, dict) else {}


def _word(field: Field, words: Mapping[str, str], text: str) -> str:
    """A text of the field as a sentence names it."""
    if field.kind == "check":
        return _("yes") if text else _("no")
    return f"“{words.get(text, text)}”" if text else _("empty")
