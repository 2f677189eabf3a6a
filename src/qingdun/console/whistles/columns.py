"""What a row of somebody's list means, once it is known which column is which: a line to take, or a fault."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingdun.console.kernel.entry import e164, written_time
from qingdun.console.kernel.masking import mask_number
from qingdun.console.kernel.models import Region
from qingdun.console.kernel.sheets import Fault
from qingdun.console.whistles import rules
from qingdun.contract.codes import scam_types

FIELDS: dict[str, str | Promise] = {
    "number": gettext_lazy("Number of the person"),
    "external_id": gettext_lazy("Id of the alert at its source"),
    "level": gettext_lazy("Level"),
    "scam_type": gettext_lazy("Scam type"),
    "raised_at": gettext_lazy("When it was raised"),
    "region": gettext_lazy("County or town, for numbers nobody knows"),
    "note": gettext_lazy("What is known"),
}
"""What can be read from a list, and its words on the page. Only the number must be there."""
NOTE_LETTERS = 300


@dataclass(frozen=True, slots=True)
class Line:
    """What one row says."""

    number: str
    level: str
    level_word: str
    scam_type: str
    raised_at: dt.datetime | None
    region: Region | None
    note: str


@dataclass(frozen=True)
class Reading:
    """How the rows of one list are read."""

    headings: Sequence[str]
    columns: Mapping[str, str]
    """Heading by field."""
    levels: Mapping[str, str]
    """Level by the source's word; '' for rows without one."""
    places: Mapping[str, list[Region]]
    """Regions by code and by every name."""
    now: dt.datetime

    def line(self, cells: Sequence[str]) -> Line:
        """What the row says. Errors: Fault."""
        if len(cells) > len(self.headings):
            raise Fault("", str(len(cells)), _("%(count)d cells") % {"count": len(self.headings)})
        cell = {field: cells[self.headings.index(name)] for field, name in self.columns.items()}
        return Line(
            self._number(cell["number"]),
            self._level(cell.get("level", "")),
            cell.get("level", ""),
            self._type(cell.get("scam_type", "")),
            self._time(cell.get("raised_at", "")),
            self._place(cell.get("region", "")),
            cell.get("note", "")[:NOTE_LETTERS],
        )

    def key(self, cells: Sequence[str]) -> str:
        """What tells the row from every other of its source: the source's id, else all of its cells."""
        name = self.columns.get("external_id")
        ident = cells[self.headings.index(name)] if name else ""
        told = ["id", ident] if ident else ["row", *cells]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()

    def _number(self, found: str) -> str:
        number = e164(found)
        if number is None:
            raise Fault(self.columns["number"], mask_number(found), _("a phone number such as 13800000000"))
        return number

    def _level(self, found: str) -> str:
        level = self.levels.get(found) or rules.level_of(found) or ""
        if not level:
            raise Fault(self.columns.get("level", ""), found, _("a word with a level of ours beside it"))
        return level

    def _type(self, found: str) -> str:
        if not found:
            return ""
        for code, name in scam_types().names.items():
            if found in (code, name.en) or name.zh in found or found in name.zh:
                return code
        names = "、".join(name.zh for name in scam_types().names.values())
        raise Fault(self.columns["scam_type"], found, names)

    def _time(self, found: str) -> dt.datetime | None:
        if not found:
            return None
        at = written_time(found)
        expected = _("a time such as 2026-03-03 10:05, not in the future")
        if at is None or at > self.now:
            raise Fault(self.columns["raised_at"], found, expected)
        return at

    def _place(self, found: str) -> Region | None:
        if not found:
            return None
        fitting = self.places.get(found, [])
        if len(fitting) == 1:
            return fitting[0]
        expected = "、".join(place.code for place in fitting) or _(
            "a county or town of the city, or its code"
        )
        raise Fault(self.columns["region"], found, expected)


def guessed(headings: Sequence[str]) -> dict[str, str]:
    """Which column is which, as its heading suggests; no column is used twice."""
    columns: dict[str, str] = {}
    plain = {heading: heading.strip().casefold() for heading in headings}
    for field, words in rules.words().items():
        for word in words:
            fits = [h for h in headings if plain[h] == word and h not in columns.values()]
            if fits:
                columns[field] = fits[0]
                break
    return columns


def recalled(columns: Mapping[str, str], headings: Sequence[str]) -> dict[str, str]:
    """The columns remembered for such headings, by their names in this file, which may differ in capitals."""
    names = {heading.casefold(): heading for heading in headings}
    return {field: names[name.casefold()] for field, name in columns.items() if name.casefold() in names}


def places() -> dict[str, list[Region]]:
    """Counties and towns by code, name and short name."""
    found: dict[str, list[Region]] = {}
    for region in Region.objects.exclude(level=Region.Level.VILLAGE):
        for name in {region.code, region.name, region.short_name, region.name_en}:
            found.setdefault(name, []).append(region)
    return found
