"""The desk's queue as a table for spreadsheets, as masked as the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.alerts.queries import Row


def export_rows(rows: Iterable[Row]) -> Iterator[list[Any]]:
    """Headings, then a line a task."""
    yield [
        _("Task"),
        _("Level"),
        _("State"),
        _("Name"),
        _("Number"),
        _("Town"),
        _("Type"),
        _("Stage"),
        _("Raised"),
        _("Expected loss, fen"),
        _("Loss avoided, fen"),
    ]
    for row in rows:
        task = row.task
        yield [
            task.pk,
            task.get_level_display(),
            task.get_state_display(),
            row.name,
            row.number,
            str(task.town or ""),
            scam_type_label(task.scam_type),
            task.get_stage_display(),
            timezone.localtime(task.raised_at).isoformat(),
            task.expected_loss_fen,
            task.loss_avoided_fen,
        ]
