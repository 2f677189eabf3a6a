"""The industry's part of the ledger of 2021: numbers shut, accounts controlled and cleared away, findings,
the blacklist and interviews, as many as were published.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from django.db import transaction

from qingdun.console.industry import parties, rules
from qingdun.console.industry.codes import Interviewed, Kind, ListedKind, Source, SubjectKind
from qingdun.console.industry.models import Assignment, BlacklistEntry, Finding, Interview, Restriction
from qingdun.console.industry.moves import AssignmentState, FindingState, State
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.demo_2021 import MARK, Plan, spread
from qingdun.console.kernel.models import Organisation
from qingdun.console.kernel.storing import store
from qingdun.contract.progress import Share, unheard

AT_ONCE = 20_000
PARTIES = (
    ("demo-2021-operator-1", f"{MARK}移动", "operator"), ("demo-2021-operator-2", f"{MARK}电信", "operator"),
    ("demo-2021-operator-3", f"{MARK}联通", "operator"), ("demo-2021-bank-1", f"{MARK}银行", "bank"),
    ("demo-2021-bank-2", f"{MARK}农商行", "bank"),
)  # fmt: skip
LISTS = 6
"""Lists a party, over which its rows are spread."""
REASON = f"{MARK}数据（合成）"
YEAR = dt.timedelta(days=365)
"""The term of every restriction; it is long over, and so it ended."""


class _Kind(NamedTuple):
    """One kind of restriction: its total, what it does to what, for which trade, how its numbers begin."""

    total: str
    subject: str
    kind: str
    trade: str
    mark: str
    corporate: bool


RESTRICTED = (
    _Kind("numbers_shut", SubjectKind.NUMBER, Kind.SHUT, "operator", "+8617261", False),
    _Kind("corporate_controlled", SubjectKind.ACCOUNT, Kind.CONTROL, "bank", "62009921", True),
    _Kind("corporate_cleared", SubjectKind.ACCOUNT, Kind.CLEAR, "bank", "62009922", True),
)
INTERVIEWED = (
    ("banks_interviewed", Interviewed.BANK, "银行"),
    ("departments_interviewed", Interviewed.DEPARTMENT, "行业主管部门"),
    ("universities_interviewed", Interviewed.UNIVERSITY, "高校"),
    ("enterprises_interviewed", Interviewed.ENTERPRISE, "企业"),
)  # fmt: skip


@transaction.atomic
def create_2021(plan: Plan, told: Share = unheard) -> int:
    """The rows stand; how many."""
    for code, name, kind in PARTIES:
        if not Organisation.objects.filter(code=code).exists():
            parties.register_party(plan.actor, code, name, kind)
    known = Organisation.objects.filter(code__in=[code for code, *_rest in PARTIES])
    trades = {kind: [one for one in known if one.kind == kind] for kind in ("operator", "bank")}
    made = sum(_restrict(plan, one, trades[one.trade]) for one in RESTRICTED)
    told(0.15)
    made += store(_findings(plan, trades["operator"]))
    made += _blacklist(plan, ListedKind.ENTERPRISE, plan.totals["blacklisted_enterprises"], unheard)
    made += store(_interviews(plan))
    told(0.2)
    people = plan.totals["blacklisted_persons"]
    made += _blacklist(plan, ListedKind.PERSON, people, lambda share: told(0.2 + 0.8 * share))
    record(None, "propose_assignment", ("ledger", "demo-2021"), None, {"rows": made})
    return made


def _restrict(plan: Plan, what: _Kind, known: list[Organisation]) -> int:
    """Lists that were confirmed by two people, and carried out."""
    lists = spread(plan.totals[what.total], len(known) * LISTS)
    number = 0
    for place, rows in enumerate(lists):
        if not rows:
            continue
        day = plan.day(last=plan.until - dt.timedelta(days=1))
        at = plan.moment(day)
        about = Assignment.objects.create(
            party=known[place % len(known)], title=f"{MARK}清单 2021-{what.kind}-{place + 1}",
            subject_kind=what.subject, kind=what.kind, term_days=365, basis=_basis(), answer_h=24,
            rule_version=rules.version(), reason=REASON, source=Source.FILE, state=AssignmentState.SENT,
            rows=rows, needs_two=True, proposed_by=plan.actor, proposed_at=at, confirmed_by=plan.actor,
            confirmed_at=at, second_by=plan.second, sent_at=at, due_at=at + dt.timedelta(hours=24),
            key=f"demo-2021-{what.kind}-{place}", region_path=plan.actor.region_path,
        )  # fmt: skip
        store(_rows(plan, what, about, at, number, rows))
        number += rows
    return number


def _rows(
    plan: Plan, what: _Kind, about: Assignment, at: dt.datetime, first: int, rows: int
) -> Iterator[Restriction]:
    for row in range(rows):
        since = at + dt.timedelta(minutes=plan.random.randint(20, 300))
        yield Restriction(
            assignment=about, row=row + 1, party=about.party, subject_kind=what.subject,
            subject=f"{what.mark}{first + row:06}",
            holder=f"{MARK}商贸{first + row}部" if what.corporate else "",
            corporate=what.corporate, kind=what.kind, basis=about.basis, rule_version=about.rule_version,
            reason=REASON, evidence=[], term_days=365, state=State.RELEASED, proposed_at=at,
            confirmed_by=plan.actor, confirmed_at=at, answered_by=plan.actor, answered_at=since,
            notice_way="sms", noticed_at=since, since=since, until=since + YEAR,
            released_at=since + YEAR, release_reason=f"{MARK}：期满解除", region_path=about.region_path,
        )  # fmt: skip


def _findings(plan: Plan, operators: list[Organisation]) -> Iterator[Finding]:
    for number in range(plan.totals["findings"]):
        pushed = plan.moment(plan.day())
        yield Finding(
            party=operators[number % len(operators)], kind="number", entity=f"+8617262{number:06}",
            found_at=pushed - dt.timedelta(hours=2), reason=REASON, state=FindingState.PUSHED,
            pushed_at=pushed, by=plan.actor, region_path=plan.actor.region_path,
        )  # fmt: skip


def _blacklist(plan: Plan, kind: str, rows: int, told: Share) -> int:
    """Digests of nobody, listed by one person and confirmed by another."""
    for first in range(0, rows, AT_ONCE):
        store(
            BlacklistEntry(
                kind=kind, digest=hashlib.sha256(f"demo-2021-{kind}-{number}".encode()).hexdigest()[:32],
                reason=REASON, basis=_basis(), listed_on=plan.day(), by=plan.actor, second_by=plan.second,
                region_path=plan.actor.region_path,
            )
            for number in range(first, min(rows, first + AT_ONCE))
        )  # fmt: skip
        told(min(rows, first + AT_ONCE) / rows)
    return rows


def _interviews(plan: Plan) -> Iterator[Interview]:
    for total, kind, word in INTERVIEWED:
        for number in range(plan.totals[total]):
            yield Interview(
                kind=kind, name=f"{MARK}{word} {number + 1}", held_on=plan.day(),
                topic=f"{MARK}：宣防管控责任", demands=f"{MARK}：守土有责、守土尽责",
                by=plan.actor, region_path=plan.actor.region_path,
            )  # fmt: skip


def _basis() -> str:
    code, _words = rules.bases(Kind.SHUT)[0]
    return code
