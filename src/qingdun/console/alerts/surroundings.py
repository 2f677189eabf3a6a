"""The events around alerts, for the timeline of their task: each once, in its latest form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from qingdun.console.alerts.models import Alert, ContextEvent
from qingdun.contract.columns import moment
from qingdun.detect.evidence import ContextEvent as Around

KEY = ("task_id", "at", "lane", "kind", "entity", "text_zh")
"""What makes two events one."""
VALUES = ("text_en", "suspicious", "duration_s", "cell")
"""What may become known later."""


def keep_timelines(timelines: Mapping[str, Iterable[Around]], now: dt.datetime) -> int:
    """The tasks of the alerts hold these events, by alert id; how many are new or have changed.

    Errors: Alert.DoesNotExist for an alert that was never taken in.
    """
    alerts = Alert.objects.in_bulk(list(timelines))
    once: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    paths: dict[int, str] = {}
    for alert_id, events in timelines.items():
        alert = alerts.get(alert_id)
        if alert is None:
            raise Alert.DoesNotExist(f"alert {alert_id}: never taken in")
        if now - alert.received_at > settings.CONTEXT_KEPT:
            continue  # deleted when its term was over, and handing it in again does not bring it back
        paths[alert.task_id] = alert.region_path
        # One statement may write a row only once.
        for event in events:
            key = (alert.task_id, moment(event.at), event.lane, event.kind, event.entity, event.text_zh)
            once[key] = (event.text_en, event.suspicious, event.duration_s, event.cell)
    if not once:
        return 0
    rows = ContextEvent.objects.filter(task__in=paths).values_list(*KEY, *VALUES)
    stands = {tuple(row[: len(KEY)]): tuple(row[len(KEY) :]) for row in rows}
    changed = {key: values for key, values in once.items() if stands.get(key) != values}
    ContextEvent.objects.bulk_create(
        [
            ContextEvent(
                region_path=paths[key[0]],
                received_at=now,
                **dict(zip(KEY, key, strict=True)),
                **dict(zip(VALUES, values, strict=True)),
            )
            for key, values in changed.items()
        ],
        update_conflicts=True,
        unique_fields=["task", *KEY[1:]],
        update_fields=VALUES,
    )
    return len(changed)
