"""Mailings of a demonstration: one that was read, one that is being read, one that waits; all marked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.utils import timezone

from qingdun.console.kernel.demo import clock_at
from qingdun.console.kernel.models import Region, User
from qingdun.console.outreach import mailing, ticking
from qingdun.console.outreach.audience import Wanted, size
from qingdun.console.outreach.codes import Arm, Outcome
from qingdun.console.outreach.models import Mailing, Recipient
from qingdun.console.outreach.moves import MailingState

DAY = dt.timedelta(days=1)
WEEKS = 3
READ_BEFORE, RUNNING, WAITING = 63, 2, 0
"""How many days ago each of the mailings was prepared."""
PLACES = 2
Meanwhile = Callable[[Mapping[str, Sequence[str]], dt.datetime, dt.datetime], object]
"""What the people of the two groups, by group, met with between two times."""


def create_demo_mailings(meanwhile: Meanwhile) -> int:
    """A mailing to the floating population of two counties of nine weeks ago has been read for its three
    weeks, in which `meanwhile` happened; one of the day before yesterday to new network users is being read,
    one waits for approval. How many were made, none the second time nor outside demo mode. Messages of the
    past have long expired and are not made. Call it after the register of persons and `create_demo_outreach`.
    """
    actor = User.objects.filter(demo=True, username="demo-city").first()
    publicist = User.objects.filter(demo=True, username="demo-publicist").first()
    if not settings.DEMO or actor is None or publicist is None or Mailing.objects.exists():
        return 0
    floating, new = Wanted("floating", _largest()), Wanted("new_number")
    made = 0
    for wanted, name, text, held, days in (
        (floating, "演示：流动人口防诈提醒", "education.other", 20, READ_BEFORE),
        (new, "演示：新入网用户防诈提醒", "education.customer_service", 30, RUNNING),
        (Wanted("floating"), "演示：流动人口防冒充公检法", "education.police", 20, WAITING),
    ):
        at = timezone.now() - days * DAY
        with clock_at(at):
            if not size(publicist, wanted).left:
                continue
            form = mailing.MailingForm(f"demo-mailing-{days}", name, wanted, text, held, WEEKS)
            one = mailing.prepare(publicist, form)
            if days:
                _sent(actor, one, at)
        made += 1
        if days > 7 * WEEKS:
            meanwhile(_groups(one), at, at + 7 * WEEKS * DAY)
            for day in range(1, 7 * WEEKS + 1):
                ticking.read_effects(at + day * DAY)
    return made


def _sent(actor: User, one: Mailing, at: dt.datetime) -> None:
    """The mailing was approved and everybody of the one group had it."""
    mailing.approve(actor, one.pk)
    one.recipients.filter(arm=Arm.SENT).update(outcome=Outcome.QUEUED)
    Mailing.objects.filter(pk=one.pk).update(state=MailingState.SENT, done_at=at)


def _groups(one: Mailing) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for arm, person in Recipient.objects.filter(mailing=one).order_by("pk").values_list("arm", "person_id"):
        found.setdefault(arm, []).append(person)
    return found


def _largest() -> tuple[str, ...]:
    """The counties with the most residents."""
    counties = Region.objects.filter(level=Region.Level.COUNTY).order_by("-population", "code")
    return tuple(counties.values_list("code", flat=True)[:PLACES])
