"""What the pictures of messages and duty show: `python -m tests.console.duty.seed`."""

from __future__ import annotations

import datetime as dt

import django

django.setup()

from asgiref.sync import async_to_sync  # noqa: E402
from django.utils import timezone  # noqa: E402

from qingdun.console.alerts.models import Task  # noqa: E402
from qingdun.console.duty import actions as duty  # noqa: E402
from qingdun.console.duty import ticking as calling  # noqa: E402
from qingdun.console.kernel.models import Organisation, User  # noqa: E402
from qingdun.console.sms import actions, ticking  # noqa: E402
from qingdun.console.sms.demo import DemoGateway  # noqa: E402
from qingdun.console.sms.models import Message  # noqa: E402
from qingdun.console.sms.worker import Worker  # noqa: E402


def main() -> None:
    """Warnings in several states, a manned station, a call to duty, a hand-over."""
    now = timezone.now()
    city, officer, colleague = (User.objects.get(username=name) for name in ("city", "officer", "colleague"))
    ticking.tick(now)
    for task in Task.objects.filter(level="high")[:2]:
        actions.warn(city, task.pk)
    station = officer.organisation
    assert station is not None
    held = Task.objects.filter(state="station").first()
    for post in filter(None, (station, held and held.station)):
        who = officer if post == station else _officer(post)
        duty.set_number(city, post.code, who.pk, f"+86172589{who.pk:05}")
        for day in range(7):
            start = now.replace(minute=0) + dt.timedelta(days=day - 3, hours=-6)
            duty.add_shift(city, post.code, who.pk, start, start + dt.timedelta(hours=12))
    duty.add_shift(city, station.code, colleague.pk, now, now + dt.timedelta(hours=8), 2)
    calling.tick(now)
    duty.open_handover(officer, station.code, colleague.pk, "夜间注意来电；车钥匙在值班室。")
    actions.opt_out(city, "+8617258019999", "来电要求退订")
    Message.objects.exclude(pk=Message.objects.latest("pk").pk).update(not_before=now)
    Message.objects.filter(pk=Message.objects.earliest("pk").pk).update(msisdn="+8617258019913")
    left = iter(range(40))
    async_to_sync(Worker(DemoGateway(), 1000, lambda: next(left, None) is None, 0.05).run)()


def _officer(post: Organisation) -> User:
    return User.objects.create(
        username=f"seed-{post.pk}", role="station_officer", region=post.region, organisation=post,
        display_name="民警己", password="!",
    )  # fmt: skip


if __name__ == "__main__":
    main()
