"""Urgent alerts for what can end a live call in a network (`qingdun.intercept.calls.announcing.Urgent`), and
what came of it on the timeline of their tasks.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F

from qingdun.console.alerts.codes import LEVEL_RANK, EntityKind, Level
from qingdun.console.alerts.intake import ingest_context
from qingdun.console.alerts.models import Alert, Evidence
from qingdun.console.kernel.reaching import reached
from qingdun.contract.calls import Announced, UrgentCall
from qingdun.contract.columns import moment, timestamp
from qingdun.detect.evidence import ContextEvent

_WORDS = {
    "done": ("网络已结束与该号码的通话：{}", "the network ended the call with {}"),
    "failed": ("网络未能结束与该号码的通话：{}", "the network could not end the call with {}"),
}
"""What is told of; where no call was live, or it was too late, there is nothing to tell."""


class ConsoleAlerts:
    """The alerts in the console's database."""

    def since(self, at: int) -> Sequence[UrgentCall]:
        """Urgent alerts of open tasks that came since then and name numbers among their evidence."""
        found: dict[str, UrgentCall] = {}
        pieces = Evidence.objects.filter(
            # By the rank, as the index of tasks has it: few are urgent and open.
            alert__task__level_rank=LEVEL_RANK[Level.URGENT],
            alert__task__closed_at=None,
            alert__level=Level.URGENT,
            alert__received_at__gte=moment(at),
            entity_kind=EntityKind.NUMBER,
        ).exclude(entity=F("alert__msisdn"))
        rows = pieces.order_by("alert__received_at", "alert_id", "position").values_list(
            "alert_id", "alert__received_at", "alert__msisdn", "entity"
        )
        with reached():
            for alert_id, received_at, msisdn, number in rows:
                one = found.get(alert_id) or UrgentCall(alert_id, timestamp(received_at), msisdn, ())
                if number not in one.numbers:
                    found[alert_id] = one._replace(numbers=(*one.numbers, number))
        return list(found.values())

    def told(self, found: Sequence[Announced]) -> None:
        """The timelines of the tasks say what came of them, each once; of alerts that are gone nothing."""
        with reached():
            stored = set(
                Alert.objects.filter(alert_id__in={one.alert_id for one in found}).values_list(
                    "alert_id", flat=True
                )
            )
            for one in found:
                words = _WORDS.get(one.outcome)
                if words and one.alert_id in stored:
                    zh, en = (text.format(one.number) for text in words)
                    event = ContextEvent(one.done_at, "calls", "announced", one.number, zh, en, True)
                    ingest_context(None, one.alert_id, [event])
