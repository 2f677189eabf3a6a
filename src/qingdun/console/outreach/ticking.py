"""What happens to mailings with nobody's click: they are queued, their effect is read, groups are counted."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from qingdun.console.alerts import unattended as alerts
from qingdun.console.cases import unattended as cases
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import Person
from qingdun.console.outreach.audience import HIT_DAYS, band_of, held_now
from qingdun.console.outreach.codes import READ_LATE, Arm, Outcome, StandsStill
from qingdun.console.outreach.models import HitGroup, Mailing, Reading, Recipient
from qingdun.console.outreach.moves import MailingState
from qingdun.console.sms.actions import educate_each
from qingdun.errors import NotPermitted, QingdunError

BATCH = 200
"""Messages that are queued in one transaction."""
HIT_WITHIN = dt.timedelta(days=HIT_DAYS)
_CHUNK = 500


def tick(_now: dt.datetime) -> int:
    """Messages that are due are queued; effects and groups have ticks of their own."""
    return queue_messages()


def queue_messages() -> int:
    """Of each approved mailing so many more are in the queue of messages, which checks the weekly guard and
    opt-outs again; how many rows were dealt with.
    """
    waiting = Mailing.objects.filter(state=MailingState.APPROVED).order_by("approved_at", "pk")
    return sum(_queued(pk) for pk in list(waiting.values_list("pk", flat=True)))


def _queued(mailing_id: int) -> int:
    """As many as were queued; a mailing that cannot be says why, and the others go on."""
    try:
        return _queue_some(mailing_id)
    except QingdunError as refused:
        return _stand_still(mailing_id, refused)


@transaction.atomic
def _stand_still(mailing_id: int, refused: QingdunError) -> int:
    """The reason stands on the mailing's page, and in the audit once."""
    mailing = Mailing.objects.select_for_update().get(pk=mailing_id)
    why = StandsStill.APPROVER if isinstance(refused, NotPermitted) else StandsStill.TEXT
    if mailing.state != MailingState.APPROVED or mailing.stands_still == why:
        return 0
    before, mailing.stands_still = mailing.stands_still, why
    mailing.save(update_fields=["stands_still"])
    record(None, "hold_up_mailing", mailing, {"stands_still": before}, {"stands_still": why.value})
    return 1


@transaction.atomic
def _queue_some(mailing_id: int) -> int:
    mailing = Mailing.objects.select_for_update().get(pk=mailing_id)
    if mailing.state != MailingState.APPROVED or mailing.approved_by is None:
        return 0
    waiting = mailing.recipients.filter(arm=Arm.SENT, outcome=Outcome.WAITING).order_by("pk")
    rows = list(waiting[:BATCH])
    if not rows:
        return _finish(mailing)
    people = [row.person_id for row in rows]
    elsewhere = set(held_now().filter(person_id__in=people).values_list("person_id", flat=True))
    free = [one for one in people if one not in elsewhere]
    made = educate_each(mailing.approved_by, mailing.template, f"m{mailing.pk}", free)
    for row in rows:
        one = made.get(row.person_id)
        row.message = one.message if one else None
        if row.person_id in elsewhere:
            row.outcome = Outcome.ELSEWHERE
        elif one is None:
            row.outcome = Outcome.OUTSIDE
        else:
            row.outcome = Outcome.QUEUED if one.message else one.why
    Recipient.objects.bulk_update(rows, ["outcome", "message"])
    if mailing.stands_still:
        mailing.stands_still = ""
        mailing.save(update_fields=["stands_still"])
    return len(rows)


def _finish(mailing: Mailing) -> int:
    mailing.state, mailing.done_at, mailing.stands_still = MailingState.SENT, timezone.now(), ""
    mailing.save(update_fields=["state", "done_at", "stands_still"])
    found = Counter(mailing.recipients.filter(arm=Arm.SENT).values_list("outcome", flat=True))
    after = {"state": mailing.state, "queued": found[Outcome.QUEUED], "too_soon": found[Outcome.TOO_SOON],
             "opted_out": found[Outcome.OPTED_OUT]}  # fmt: skip
    record(None, "finish_mailing", mailing, {"state": "approved"}, after)
    return 1


def read_effects(now: dt.datetime) -> int:
    """Every mailing that is being read has its numbers of today, and those of its last day with what has been
    entered late; how many readings are new or anew.

    What was read by a clock that ran ahead is not believed once the clock is right.
    """
    Reading.objects.filter(at__gt=now).delete()
    told = 0
    running = Mailing.objects.exclude(approved_at=None).exclude(state=MailingState.STOPPED)
    running = running.annotate(read=Coalesce(Max("readings__days"), 0), read_at=Max("readings__at"))
    running = running.filter(Q(read__lt=7 * F("weeks")) | Q(ends_at__gt=now - READ_LATE))
    for mailing in running:
        assert mailing.approved_at is not None
        days = min((now - mailing.approved_at).days, 7 * mailing.weeks)
        anew = mailing.read_at is not None and mailing.read_at <= now - dt.timedelta(days=1)
        if days > mailing.read or (anew and days == mailing.read):
            _read(mailing, days, now)
            told += 1
    return told


@transaction.atomic
def _read(mailing: Mailing, days: int, now: dt.datetime) -> None:
    assert mailing.approved_at is not None
    since, until = mailing.approved_at, mailing.approved_at + dt.timedelta(days=days)
    alerted = alerts.tasks().filter(received_at__gte=since, received_at__lt=until).values("person_id")
    lost = cases.losses().filter(reported_at__gte=since, reported_at__lt=until).values("person_id")
    others = Recipient.objects.filter(
        Q(mailing__done_at=None) | Q(mailing__done_at__gt=since), outcome=Outcome.QUEUED,
        mailing__approved_at__lt=until,
    ).exclude(mailing=mailing)  # fmt: skip
    numbers: dict[str, int] = {}
    for arm in (Arm.SENT, Arm.HELD):
        group: QuerySet[Recipient] = mailing.recipients.filter(arm=arm)
        numbers |= {
            arm.value: group.count(),
            f"{arm.value}_alerts": group.filter(person_id__in=alerted).count(),
            f"{arm.value}_cases": group.filter(person_id__in=lost).count(),
            f"{arm.value}_others": group.filter(person_id__in=others.values("person_id")).count(),
        }
    Reading.objects.update_or_create(mailing=mailing, days=days, defaults={**numbers, "at": now})


def count_groups(now: dt.datetime) -> int:
    """Once a day the groups of every county are counted anew; how many rows there are."""
    today = timezone.localtime(now).date()
    if HitGroup.objects.filter(day=today).exists() or not Person.objects.exists():
        return 0
    rows = _groups(now, today)
    with transaction.atomic():
        HitGroup.objects.all().delete()
        HitGroup.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    return len(rows)


def _groups(now: dt.datetime, today: dt.date) -> list[HitGroup]:
    of_person: dict[tuple[str, str, str, bool], int] = Counter()
    alike = Person.objects.order_by().values_list("region_path", "birth_year", "sex", "floating")
    for path, year, sex, floating, count in alike.annotate(count=Count("pk")).iterator(chunk_size=_CHUNK):
        of_person[_county(path), band_of(year, today), sex, floating] += count
    lately = alerts.tasks().filter(received_at__gte=now - HIT_WITHIN)
    pairs = lately.order_by().values_list("person_id", "scam_type").distinct().iterator(chunk_size=_CHUNK)
    hit: dict[tuple[str, str, str, str, bool], int] = Counter()
    while some := list(islice(pairs, _CHUNK)):
        known = Person.objects.in_bulk({person for person, _type in some})
        for person_id, scam_type in some:
            if person := known.get(person_id):
                county, band = _county(person.region_path), band_of(person.birth_year, today)
                hit[county, scam_type, band, person.sex, person.floating] += 1
    return list(_rows(of_person, hit, today))


def _rows(
    of_person: dict[tuple[str, str, str, bool], int],
    hit: dict[tuple[str, str, str, str, bool], int],
    today: dt.date,
) -> Iterator[HitGroup]:
    for (county, band, sex, floating), count in of_person.items():
        yield HitGroup(
            region_path=county, band=band, sex=sex, floating=floating, hit=0, residents=count, day=today
        )
    for (county, scam_type, band, sex, floating), count in hit.items():
        whole = of_person.get((county, band, sex, floating), 0)
        yield HitGroup(
            region_path=county, scam_type=scam_type, band=band, sex=sex, floating=floating, hit=count,
            residents=whole, day=today,
        )  # fmt: skip


def _county(path: str) -> str:
    """The path of the county; of the city for who lives in none."""
    return "".join(f"{code}/" for code in path.split("/")[:2] if code)
