"""Tasks and incidents as the system itself reads them, with no viewer, by the names their modules register.

Only the tick and what it calls may use this: whatever a page shows comes through `queries` of those modules.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from qingdun.contract.codes import OutcomeResult

FOLLOWED = (OutcomeResult.AWAKENED.value, OutcomeResult.NOT_AWAKENED.value, OutcomeResult.ALREADY_PAID.value)
"""Verdicts after which the person is asked again."""
FALSE_ALARM = OutcomeResult.FALSE_ALARM.value
ALREADY_PAID = OutcomeResult.ALREADY_PAID.value


def tasks() -> QuerySet[Any]:
    """Every task that was not merged into another one."""
    found: QuerySet[Any] = apps.get_model("alerts", "Task")._default_manager.filter(merged_into=None)
    return found


def losses() -> QuerySet[Any]:
    """Every incident in which money was lost."""
    found: QuerySet[Any] = apps.get_model("cases", "Incident")._default_manager.filter(loss_fen__gt=0)
    return found
