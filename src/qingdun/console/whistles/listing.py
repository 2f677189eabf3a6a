"""Lists that others send: every row is an alert once in all files of its source. See `kernel.imports`."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts import unattended
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Group, Kind
from qingdun.console.kernel.models import Region
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.whistles import rules
from qingdun.console.whistles.columns import COLUMNS, LEVELS, Line, Reading, shown
from qingdun.console.whistles.models import ListSource
from qingdun.console.whistles.raising import Warning, give, persons_of
from qingdun.contract.codes import scam_types

DETECTOR = "manual.list"


def known(batch: Batch, lines: Sequence[Fresh[Line]]) -> Collection[str]:
    """The keys of those that are alerts already."""
    source = _source(batch)
    by_id = {_alert_id(source, one.row): one.key for one in lines}
    return [by_id[alert_id] for alert_id in unattended.tasks_of(by_id)]


def take(batch: Batch, lines: Sequence[Fresh[Line]]) -> Mapping[int, Fault]:
    """Each line is an alert of its person and belongs to a task."""
    source = _source(batch)
    places: dict[str, Region | None] = {}
    for one in lines:
        places[one.row.number] = places.get(one.row.number) or one.row.region
    warned = persons_of(places)
    give(
        batch.actor,
        [
            Warning(
                warned[one.row.number], _alert_id(source, one.row), one.row.level, one.row.scam_type,
                DETECTOR, source.name, *_sentences(source.name, one.row), one.row.raised_at or batch.now,
            )
            for one in lines
        ],
    )  # fmt: skip
    return {}


LISTS = Group(
    code="lists",
    title=_("Lists sent to us"),
    kinds=(
        Kind(
            code="alerts",
            word=_("Alerts of a list"),
            permission=Permission.DISPATCH_CITY,
            columns=COLUMNS,
            reader=lambda batch: Reading(batch).line,
            key=lambda line: line.key,
            known=known,
            take=take,
            show=shown,
            meanings=LEVELS,
            origin=_("Who sent it"),
            at_once=rules.limit("rows_at_once"),
            most_rows=rules.limit("most_rows"),
            most_bytes=rules.limit("most_bytes"),
        ),
    ),
    empty=_("No list yet. Province and ministry send them as files; each row becomes an alert here."),
)
"""The page of the lists."""


def _source(batch: Batch) -> ListSource:
    return ListSource.objects.get_or_create(name=batch.file.origin)[0]


def _alert_id(source: ListSource, line: Line) -> str:
    ident = hashlib.sha256(f"{source.pk} {line.key}".encode()).hexdigest()
    return f"list-{ident[:40]}"


def _sentences(source: str, line: Line) -> tuple[str, str]:
    """What the evidence says, in Chinese and in English."""
    zh, en = f"{source}下发预警", f"An alert sent by {source}"
    if line.level_word:
        zh, en = f"{zh}（{line.level_word}）", f"{en} ({line.level_word})"
    if line.scam_type:
        name = scam_types().names[line.scam_type]
        zh, en = f"{zh}：{name.zh}", f"{en}: {name.en}"
    if line.note:
        zh, en = f"{zh}。{line.note}", f"{en}. {line.note}"
    return zh, en
