"""Mailings of a demonstration: one that was read, one that is being read, one that waits; all marked."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from qingdun.console.kernel.demo import clock_at
from qingdun.console.kernel.models import Person, User
from qingdun.console.outreach import mailing, ticking
from qingdun.console.outreach.audience import Wanted, size
from qingdun.console.outreach.codes import Arm, Outcome
from qingdun.console.outreach.models import Mailing
from qingdun.console.outreach.moves import MailingState


def create_mailings(actor: User) -> None:
    """A mailing to the floating population of nine weeks ago has been read for its three weeks, one of
    yesterday to new network users is being read, one waits for approval. Messages of the past have long
    expired and are not made.
    """
    publicist = User.objects.filter(demo=True, username="demo-publicist").first()
    if publicist is None or not Person.objects.filter(floating=True).exists():
        return
    floating, new = Wanted("floating"), Wanted("new_number")
    for wanted, name, text, held, days in (
        (floating, "演示：流动人口防诈提醒", "education.other", 20, 63),
        (new, "演示：新入网用户防诈提醒", "education.customer_service", 30, 2),
        (floating, "演示：流动人口防冒充公检法", "education.police", 20, 0),
    ):
        now = timezone.now()
        with clock_at(now - dt.timedelta(days=days)):
            if not size(publicist, wanted).left:
                continue
            form = mailing.MailingForm(f"demo-mailing-{days}", name, wanted, text, held, 3)
            made = mailing.prepare(publicist, form)
            if days:
                mailing.approve(actor, made.pk)
                made.recipients.filter(arm=Arm.SENT).update(outcome=Outcome.QUEUED)
                Mailing.objects.filter(pk=made.pk).update(state=MailingState.SENT, done_at=timezone.now())
    ticking.read_effects(timezone.now())
