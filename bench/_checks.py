"""What was acknowledged, and what was heard, compared with what stands in the database."""

# ruff: noqa: E501
from __future__ import annotations

from collections import Counter
from typing import Any

KEPT = {"dispatch": "dispatch_straight", "sign": "sign", "call": "reach", "meet": "meet", "visit": "awakened"}


def lost_events(
    listening: list[Any], heard: list[dict[str, Any]], since: float, until: float, ended: float
) -> None:
    """Says how long each event took from its commit to its browsers, and how many never came.

    What was committed in the last second before the browsers `ended`, or later, may still have been on its way.
    """
    from _console import spread
    from _desk import PUSH_S, ask, say

    from qingdun.console.kernel import stream
    from qingdun.console.kernel.models import LiveEvent, User
    from qingdun.console.kernel.roles import PERMISSIONS, Role
    from qingdun.console.kernel.scope import in_station

    committed = dict(
        ask("SELECT id, extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM kernel_liveevent")
    )
    events = [
        stream.Event(e.id, e.topic, e.region_path, e.payload, tuple(e.stations), tuple(e.users))
        for e in LiveEvent.objects.order_by("id")
    ]
    users = User.objects.select_related("region", "organisation").in_bulk([u.pk for u in listening])
    latencies, lost, doubled, due = [], 0, 0, 0
    for one, kept in zip(listening, heard, strict=True):
        user = users[one.pk]
        listener = stream.Listener(
            user.pk, PERMISSIONS[Role(user.role)], user.region_path, in_station(user), user.organisation_id
        )
        got = Counter(pk for pk, _ in kept["got"])
        doubled += sum(count - 1 for count in got.values())
        start = int(kept["start"] or 10**15)
        wanted = [
            event.id
            for event in events
            if event.id > start and float(committed[event.id]) < ended - PUSH_S and listener.hears(event)
        ]
        due += len(wanted)
        lost += sum(pk not in got for pk in wanted)
        latencies += [
            at - float(committed[pk]) for pk, at in kept["got"] if since < at < until and pk in committed
        ]
    p50, p95, p99, longest = spread(latencies)
    say(
        f"\nPush, before the kills: {len(latencies):,} receipts; from commit to receipt {1000 * p50:.0f} ms median, "
        f"{1000 * p95:.0f} ms p95, {1000 * p99:.0f} ms p99, {1000 * longest:.0f} ms longest; "
        f"median asked for under {PUSH_S:.0f} s: {'yes' if latencies and p50 < PUSH_S else 'no'}.\n"
        f"Push, kills included: {due:,} were due, {lost:,} never came, {doubled:,} came twice, "
        f"{sum(k['breaks'] for k in heard):,} streams broke off and came back, "
        f"{sum(k['resets'] for k in heard):,} were told to load the page anew."
    )


def nothing_lost(desk: Any, alerts: int) -> None:
    """Says whether every acknowledged alert and act stands once, and whether the audit chain is whole."""
    from _desk import ask, say

    from qingdun.console.kernel.audit import verify_chain

    stand = ask("SELECT count(*), count(DISTINCT alert_id) FROM alerts_alert WHERE alert_id LIKE 'n%'")[0]
    bare = ask(
        "SELECT count(*) FROM alerts_alert a WHERE alert_id LIKE 'n%' AND (SELECT count(*) FROM alerts_evidence e "
        "WHERE e.alert_id = a.alert_id) <> 2"
    )[0][0]
    two = ask(
        "SELECT count(*) FROM (SELECT t.person_id FROM alerts_task t JOIN alerts_alert a ON a.task_id = t.id "
        "WHERE a.alert_id LIKE 'n%' AND t.state NOT IN ('closed', 'merged') AND t.episode_id LIKE 'ne%' "
        "GROUP BY t.person_id HAVING count(DISTINCT t.id) > 1) x"
    )[0][0]
    lines = Counter(
        {
            (task, verb): count
            for task, verb, count in ask(
                "SELECT task_id, verb, count(*) FROM alerts_taskevent WHERE actor_id IS NOT NULL GROUP BY 1, 2"
            )
        }
    )
    gone = [act for act in desk.acted if lines[act[0], KEPT[act[1]]] == 0]
    twice = [act for act in desk.acted if lines[act[0], KEPT[act[1]]] > 1]
    verdict = verify_chain()
    say(
        f"\n| nothing lost | found | kept |\n|---|---|---|\n"
        f"| alerts handed in and standing, each once | {stand[1]:,} of {alerts:,} | {_yes(stand == (alerts, alerts))} |\n"
        f"| alerts without all their evidence | {bare:,} | {_yes(not bare)} |\n"
        f"| persons with two open tasks out of these | {two:,} | {_yes(not two)} |\n"
        f"| acts acknowledged and not there | {len(gone):,} of {len(desk.acted):,} | {_yes(not gone)} |\n"
        f"| acts there twice | {len(twice):,} | {_yes(not twice)} |\n"
        f"| audit chain whole | {verdict.rows:,} rows {verdict.reason} | {_yes(verdict.intact)} |\n"
    )
    other = ", ".join(f"{count} × {status or 'no answer'}" for status, count in sorted(desk.answers.items()))
    say(
        f"Answers to acts: {other}. Acts given up: {len(desk.sent)}{': ' + desk.sent[0] if desk.sent else ''}."
    )


def _yes(kept: bool) -> str:
    return "yes" if kept else "no"
