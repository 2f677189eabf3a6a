"""What a row of somebody's list means, once it is known which column is which: a line to take, or a fault."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingdun.console.alerts.codes import Level, scam_type_label
from qingdun.console.kernel.entry import e164, written_time
from qingdun.console.kernel.imports.kinds import CELL, WHOLE, Batch, Cells, Column, Meanings
from qingdun.console.kernel.localtime import written
from qingdun.console.kernel.masking import mask_number, mask_text
from qingdun.console.kernel.models import Region
from qingdun.console.kernel.sheets import Fault
from qingdun.console.whistles import rules
from qingdun.contract.codes import scam_types


def _column(name: str, word: str | Promise, must: bool = False) -> Column:
    return Column(name, word, must=must, headings=tuple(rules.words()[name]))


COLUMNS = (
    _column("number", gettext_lazy("Number of the person"), must=True),
    _column("external_id", gettext_lazy("Id of the alert at its source")),
    _column("level", gettext_lazy("Level")),
    _column("scam_type", gettext_lazy("Scam type")),
    _column("raised_at", gettext_lazy("When it was raised")),
    _column("region", gettext_lazy("County or town, for numbers nobody knows")),
    _column("note", gettext_lazy("What is known")),
)
"""What can be read from a list. Only the number must be there."""
LEVELS = Meanings(
    "level", gettext_lazy("What its levels mean"), Level.choices, gettext_lazy("Rows without a level"),
    {"": Level.MEDIUM.value},
)  # fmt: skip
NOTE_LETTERS = 300


@dataclass(frozen=True, slots=True)
class Line:
    """What one row says."""

    key: str
    number: str
    level: str
    level_word: str
    scam_type: str
    raised_at: dt.datetime | None
    region: Region | None
    note: str


class Reading:
    """How the rows of one list are read."""

    def __init__(self, batch: Batch) -> None:
        self.levels: Mapping[str, str] = batch.file.meanings
        """Level by the source's word; '' for rows without one."""
        self.places = places()
        self.now = batch.now
        self.oldest = batch.now - dt.timedelta(hours=settings.LIST_HOURS)
        # Words and times come again and again in a list: each is read once.
        self._known_level, self._known_type = cache(self._level), cache(self._type)
        self._known_time, self._known_place = cache(self._time), cache(self._place)

    def line(self, cells: Cells) -> Line:
        """What the row says. Errors: Fault."""
        return Line(
            _key(cells),
            self._number(cells.get("number", "")),
            self._known_level(cells.get("level", "")),
            cells.get("level", ""),
            self._known_type(cells.get("scam_type", "")),
            self._known_time(cells.get("raised_at", "")),
            self._known_place(cells.get("region", "")),
            cells.get("note", "")[:NOTE_LETTERS],
        )

    def _number(self, found: str) -> str:
        number = e164(found)
        if number is None:
            raise Fault("number", mask_number(found), _("a phone number such as 13800000000"))
        return number

    def _level(self, found: str) -> str:
        level = self.levels.get(found) or rules.level_of(found) or ""
        if not level:
            raise Fault("level", found, _("a word with a level of ours beside it"))
        return level

    def _type(self, found: str) -> str:
        if not found:
            return ""
        for code, name in scam_types().names.items():
            if found in (code, name.en) or name.zh in found or found in name.zh:
                return code
        names = "、".join(name.zh for name in scam_types().names.values())
        raise Fault("scam_type", found, names)

    def _time(self, found: str) -> dt.datetime | None:
        if not found:
            return None
        at = written_time(found)
        if at is None or at > self.now:
            raise Fault("raised_at", found, _("a time such as 2026-03-03 10:05, not in the future"))
        if at < self.oldest:
            hours = _("a time of the last %(hours)d hours: what is older is history and no alert")
            raise Fault("raised_at", found, hours % {"hours": settings.LIST_HOURS})
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
        raise Fault("region", found, expected)


def shown(line: Line) -> dict[str, str]:
    """How the line was understood, masked."""
    return {
        "number": mask_number(line.number),
        "level": str(Level(line.level).label),
        "scam_type": scam_type_label(line.scam_type) if line.scam_type else "",
        "raised_at": written(line.raised_at),
        "region": str(line.region or ""),
        "note": mask_text(line.note),
    }


def _key(cells: Cells) -> str:
    """What tells the row from every other of its source: the source's id, else all of its cells."""
    ident = cells.get("external_id", "")
    told = json.dumps(["id", ident] if ident else ["row", *cells[WHOLE].split(CELL)], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def places() -> dict[str, list[Region]]:
    """Counties and towns by code, name and short name."""
    found: dict[str, list[Region]] = {}
    for region in Region.objects.exclude(level=Region.Level.VILLAGE):
        for name in {region.code, region.name, region.short_name, region.name_en}:
            found.setdefault(name, []).append(region)
    return found
