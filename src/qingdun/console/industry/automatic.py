"""Proposals of the engine: suspects it is sure of, as lists for the bank or operator that serves them.

They are proposals and nothing else: a person confirms each list. A week in which too many restrictions
proved wrong has no more of them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from qingdun.console.industry import rules
from qingdun.console.industry.actions import AssignmentForm, Line, draft
from qingdun.console.industry.codes import Kind, Source, SubjectKind
from qingdun.console.industry.finding import Flagged, join
from qingdun.console.industry.models import ProposalRun, Restriction
from qingdun.console.industry.parties import known_names
from qingdun.console.industry.races import seeing_others
from qingdun.console.industry.subjects import plain
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.models import Organisation, PersonAccount, PersonNumber

STEPS = {
    SubjectKind.NUMBER: (Kind.SHUT, "act-11"),
    SubjectKind.ACCOUNT: (Kind.CONTROL, "act-18"),
}
"""What is proposed for what the engine suspects, and on what ground."""

SERVED: dict[SubjectKind, tuple[type[PersonNumber | PersonAccount], str]] = {
    SubjectKind.NUMBER: (PersonNumber, "carrier"),
    SubjectKind.ACCOUNT: (PersonAccount, "bank"),
}
"""In which table of the register each stands, by its key, and the field that names who serves it."""
Sure = Callable[[str, float], Any]
"""The suspects of a kind that the engine holds with at least that score, the surest first."""


def tick(now: dt.datetime, sure: Sure, flagged: Flagged) -> int:
    """If it is time for another run, it has been made and findings are joined with what the engine flagged;
    how many restrictions it proposed.
    """
    gap = dt.timedelta(minutes=rules.automatic("every_min"))
    if ProposalRun.objects.filter(at__gt=now - gap).exists():
        return 0
    join(flagged)
    run = _begin(now, gap)
    if run is None or run.halted:
        return 0
    return sum(_propose(run, *one) for one in _lists(sure))


@transaction.atomic
def _begin(now: dt.datetime, gap: dt.timedelta) -> ProposalRun | None:
    """The run of this turn, halted if the week's budget of false blocks is spent; None if another process
    has begun it. It stands before anything is proposed: rows are not written under the ledger's lock.
    """
    locked_head()
    if ProposalRun.objects.filter(at__gt=now - gap).exists():
        return None
    spent = Restriction.objects.filter(unfounded_at__gte=rules.week_begin(now)).count()
    halted = spent >= rules.limit("false_blocks_per_week")
    before = ProposalRun.objects.first()
    made = ProposalRun.objects.create(at=now, proposed=0, false_blocks=spent, halted=halted)
    if halted and (before is None or not before.halted):
        record(None, "halt_proposals", made, None, {"false_blocks": spent},
               region_path=f"{settings.CITY_CODE}/")  # fmt: skip
    return made


def _lists(sure: Sure) -> Iterator[tuple[Organisation, str, list[Line]]]:
    """What is to be proposed to whom, by kind: the surest whom a registered party serves, and no others."""
    names = known_names()
    parties = Organisation.objects.in_bulk(set(names.values()))
    for suspected, (step, _basis) in STEPS.items():
        kind = str(suspected)
        by_party: dict[int, list[Line]] = defaultdict(list)
        decided = Restriction.objects.filter(subject_kind=kind, kind=step)
        known, server = SERVED[suspected]
        served = known.objects.filter(**{f"{server}__in": names})
        found = sure(kind, rules.automatic("least_score")).exclude(entity__in=decided.values("subject"))
        found = found.filter(entity__in=served.values(known._meta.pk.name))
        written = (one for one in found.iterator() if plain(kind, one.entity) == one.entity)
        new = list(islice(written, int(rules.automatic("most_at_once"))))
        by_entity = dict(served.filter(pk__in=[one.entity for one in new]).values_list("pk", server))
        for one in new:
            said = tuple(str(reason) for reason in one.reasons)
            by_party[names[by_entity[one.entity]]].append(Line(one.entity, evidence=said))
        for party, lines in sorted(by_party.items()):
            yield parties[party], kind, lines


@seeing_others
def _propose(run: ProposalRun, party: Organisation, kind: str, lines: Sequence[Line]) -> int:
    """One list of the run is proposed, without what somebody has restricted or proposed meanwhile; how many
    rows it has.
    """
    step, basis = STEPS[SubjectKind(kind)]
    wanted = [line.subject for line in lines]
    stand = Restriction.objects.filter(subject_kind=kind, kind=step, subject__in=wanted)
    decided = set(stand.values_list("subject", flat=True))
    new = [line for line in lines if line.subject not in decided]
    if not new:
        return 0
    form = AssignmentForm(
        f"engine-{party.pk}-{kind}-{run.at:%Y%m%d%H%M%S}", party.code, f"模型建议 {run.at:%Y-%m-%d}",
        kind, step, basis, "模型研判为涉诈，待人工确认", new, source=Source.ENGINE,
    )  # fmt: skip
    draft(None, form, party)
    ProposalRun.objects.filter(pk=run.pk).update(proposed=F("proposed") + len(new))
    return len(new)
