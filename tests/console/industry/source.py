"""The rows behind the figures of the source document, written in bulk: numbers and identities of nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import count

from qingdun.console.industry.models import Assignment, BlacklistEntry, Finding, Interview, Restriction
from qingdun.console.industry.moves import State
from qingdun.console.kernel.storing import store
from tests.console.industry.conftest import Trade

DAY = dt.date(2021, 5, 15)
AT = dt.datetime(2021, 5, 15, 2, tzinfo=dt.UTC)
PATH = "441800/"
PART = 50_000
"""Rows made before they are stored."""
SHUT, CONTROLLED, CLEARED = "numbers_shut", "corporate_controlled", "corporate_cleared"


def write_source(trade: Trade, wanted: Mapping[str, int]) -> None:
    """So many rows of each kind stand, all of one day of May 2021."""
    _restrictions(trade, "shut", "number", wanted[SHUT], False)
    _restrictions(trade, "control", "account", wanted[CONTROLLED], True)
    _restrictions(trade, "clear", "account", wanted[CLEARED], True)
    Finding.objects.bulk_create(
        Finding(
            party=trade.operator, kind="number", entity=f"+86172580{number:05}", found_at=AT, pushed_at=AT,
            reason="监测发现", by=trade.caller, region_path=PATH,
        )
        for number in range(wanted["findings"])
    )  # fmt: skip
    for kind, code in (("person", "blacklisted_persons"), ("enterprise", "blacklisted_enterprises")):
        for first in range(0, wanted[code], PART):
            store(
                BlacklistEntry(
                    kind=kind, digest=f"{number:032x}", reason="开卡", basis="act-31", listed_on=DAY,
                    by=trade.city, region_path=PATH,
                )
                for number in range(first, min(first + PART, wanted[code]))
            )  # fmt: skip
    for kind, code in (("bank", "banks_interviewed"), ("department", "departments_interviewed")):
        for number in range(wanted[code]):
            # One of them was called in twice, and is one.
            for _turn in range(2 if number == 0 else 1):
                Interview.objects.create(
                    kind=kind, name=f"{kind}-{number}", held_on=DAY, topic="整改", demands="整改",
                    by=trade.city, region_path=PATH,
                )  # fmt: skip


_ROWS = count(1)


def _restrictions(trade: Trade, kind: str, subject_kind: str, rows: int, corporate: bool) -> None:
    party = trade.operator if subject_kind == "number" else trade.bank
    grounds = {
        "party": party, "kind": kind, "basis": "act-18", "rule_version": "2021", "reason": "涉诈",
        "proposed_at": AT, "confirmed_by": trade.city, "confirmed_at": AT, "region_path": PATH,
    }  # fmt: skip
    made = Assignment.objects.create(
        title=kind, subject_kind=subject_kind, term_days=365,
        source="file", state="sent", rows=rows, needs_two=rows > 1000, answer_h=24, sent_at=AT,
        second_by=trade.second, key=f"source-{kind}", **grounds,
    )  # fmt: skip
    store(
        Restriction(
            assignment=made, row=next(_ROWS), subject_kind=subject_kind, subject=f"{kind}{number}",
            corporate=corporate, term_days=365, state=State.IN_FORCE, since=AT,
            until=AT + dt.timedelta(days=365), **grounds,
        )
        for number in range(rows)
    )  # fmt: skip
