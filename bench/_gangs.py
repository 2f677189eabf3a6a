"""Gangs, cases, persons, victims, things seized and payments stopped: a graph of 5,000 nodes with more than
twice as many ties, all made up, the same every time.
"""

# ruff: noqa: E501

from __future__ import annotations

import datetime as dt
import random

from django.utils import timezone

from qingdun.console.cases.codes import GangKind, PartRole, SeizedKind
from qingdun.console.cases.models import Case, CasePerson, Gang, Incident, Member, Part, Seizure
from qingdun.console.funds.models import StopPayment
from qingdun.console.kernel.models import User

GANGS, CASES, PERSONS, VICTIMS, ACCOUNTS = 60, 420, 1000, 1700, 800
CARDS_A_CASE = 2
DAYS = 300


def load(actor: User) -> None:
    """They stand, of the actor's region."""
    draw = random.Random(7)
    today = timezone.localdate()
    region = {"region_path": actor.region_path, "by": actor}
    people = CasePerson.objects.bulk_create(
        CasePerson(identity=f"BENCH{n:013}", name=f"测试{n}") for n in range(PERSONS)
    )
    cases = Case.objects.bulk_create(
        Case(
            number=f"测立〔2026〕{n}号", name="测试案件", entered_at=timezone.now(),
            filed_on=today - dt.timedelta(days=draw.randrange(DAYS)), **region,
        )
        for n in range(CASES)
    )  # fmt: skip
    incidents = Incident.objects.bulk_create(
        Incident(
            person_id=f"p{n}", msisdn=f"+86138{n:08}", reported_at=timezone.now() - dt.timedelta(days=n % DAYS),
            scam_type="police", loss_fen=draw.randrange(100_000, 90_000_000), key=f"k{n}",
            entered_at=timezone.now(), **region,
        )
        for n in range(VICTIMS)
    )  # fmt: skip
    joined = {(draw.choice(cases).pk, one.pk) for one in incidents for _ in range(2)}
    through = Case.incidents.through
    through.objects.bulk_create(through(case_id=case, incident_id=one) for case, one in sorted(joined))
    roles = list(PartRole.values)
    pairs = {(case, person) for person in people for case in draw.sample(cases, 4)}
    numbers = {person: [f"+8617258{n % 900:06}"] for n, person in enumerate(people)}
    Part.objects.bulk_create(
        Part(
            case=case, person=person, role=draw.choice(roles[:6]), industry="", on=case.filed_on, by=actor,
            numbers=numbers.pop(person, []),
        )
        for case, person in sorted(pairs, key=lambda pair: (pair[0].pk, pair[1].pk))
    )  # fmt: skip
    gangs = [
        Gang.objects.create(
            name=f"测试团伙{n}", kind=GangKind.FRAUD, found_on=today - dt.timedelta(days=n), **region
        )
        for n in range(GANGS)
    ]
    Member.objects.bulk_create(
        Member(gang=gangs[n % GANGS], person=person, role=PartRole.OTHER)
        for n, person in enumerate(people[: GANGS * 12])
    )
    Seizure.objects.bulk_create(
        Seizure(
            case=case, kind=SeizedKind.PHONE_CARD, count=CARDS_A_CASE, on=case.filed_on, by=actor,
            serials=[f"89860{case.pk:08}{n}" for n in range(CARDS_A_CASE)],
        )
        for case in cases
    )  # fmt: skip
    StopPayment.objects.bulk_create(
        StopPayment(
            account=f"62000000{(n * 7) % ACCOUNTS:08}", account_name="测试", amount_fen=draw.randrange(10_000, 9_000_000),
            paid_at=one.reported_at, requested_at=one.reported_at, incident=one, key=f"s{n}{turn}", **region,
        )
        for n, one in enumerate(incidents)
        for turn in range(2)
    )  # fmt: skip
