"""Proposals of the engine: suspects it is sure of, as lists for the bank or operator that serves them.

They are proposals and nothing else: a person confirms each list. A week in which too many restrictions
proved wrong has no more of them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import transaction

from qingdun.console.industry import rules
from qingdun.console.industry.actions import AssignmentForm, Line, propose
from qingdun.console.industry.codes import PARTY_KINDS, Kind, Source, SubjectKind
from qingdun.console.industry.finding import Flagged, join
from qingdun.console.industry.models import ProposalRun, Restriction
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.models import Organisation, PersonAccount, PersonNumber

STEPS = {
    SubjectKind.NUMBER: (Kind.SHUT, "act-11"),
    SubjectKind.ACCOUNT: (Kind.CONTROL, "act-18"),
}
"""What is proposed for what the engine suspects, and on what ground."""


Sure = Callable[[str, float], Any]
"""The suspects of a kind that the engine holds with at least that score, the surest first."""


def tick(now: dt.datetime, sure: Sure, flagged: Flagged) -> int:
    """If it is time for another run, it has been made and findings are joined with what the engine flagged;
    how many restrictions it proposed.
    """
    gap = dt.timedelta(minutes=rules.automatic("every_min"))
    if ProposalRun.objects.filter(at__gt=now - gap).exists():
        return 0
    join(flagged)  # Before the ledger is locked: whoever decides a finding locks it first.
    with transaction.atomic():
        locked_head()  # Two processes at once make one run.
        if ProposalRun.objects.filter(at__gt=now - gap).exists():
            return 0
        return run(now, sure)


def run(now: dt.datetime, sure: Sure) -> int:
    """One run, in the caller's transaction: how many restrictions it proposed, none if the week's budget of
    false blocks is spent.
    """
    spent = Restriction.objects.filter(unfounded_at__gte=rules.week_begin(now)).count()
    halted = spent >= rules.limit("false_blocks_per_week")
    before = ProposalRun.objects.first()
    count = 0 if halted else _propose(now, sure)
    made = ProposalRun.objects.create(at=now, proposed=count, false_blocks=spent, halted=halted)
    if halted and (before is None or not before.halted):
        record(None, "halt_proposals", made, None, {"false_blocks": spent},
               region_path=f"{settings.CITY_CODE}/")  # fmt: skip
    return count


def _propose(now: dt.datetime, sure: Sure) -> int:
    by_list: dict[tuple[int, str], list[Line]] = defaultdict(list)
    parties = {party.pk: party for party in Organisation.objects.filter(kind__in=PARTY_KINDS)}
    for suspected in STEPS:
        kind = str(suspected)
        found = sure(kind, rules.automatic("least_score"))
        decided = Restriction.objects.filter(subject_kind=kind, kind=STEPS[suspected][0])
        new = found.exclude(entity__in=decided.values("subject"))[: int(rules.automatic("most_at_once"))]
        served = _served(kind, [one.entity for one in new], parties.values())
        for one in new:
            if one.entity in served:
                said = tuple(str(reason) for reason in one.reasons)
                by_list[served[one.entity], kind].append(Line(one.entity, evidence=said))
    for (party, kind), lines in sorted(by_list.items()):
        step, basis = STEPS[SubjectKind(kind)]
        form = AssignmentForm(
            f"engine-{party}-{kind}-{now:%Y%m%d%H%M%S}", parties[party].code, f"模型建议 {now:%Y-%m-%d}",
            str(kind), step, basis, "模型研判为涉诈，待人工确认", lines, source=Source.ENGINE,
        )  # fmt: skip
        propose(None, form, parties[party])
    return sum(map(len, by_list.values()))


def _served(kind: str, entities: list[str], parties: Iterable[Organisation]) -> dict[str, int]:
    """By entity the party that serves it, as far as the register knows."""
    names = {name: party.pk for party in parties for name in (party.name, party.name_en, party.code) if name}
    register = (
        PersonNumber.objects.filter(msisdn__in=entities).values_list("msisdn", "carrier")
        if kind == SubjectKind.NUMBER
        else PersonAccount.objects.filter(account__in=entities).values_list("account", "bank")
    )
    return {entity: names[name] for entity, name in register if name in names}
