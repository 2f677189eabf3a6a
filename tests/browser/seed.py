"""What happens in the browser tests' console: `python -m tests.browser.seed ground|start|alert|…`.

Runs in a process of its own with the live console's settings, as any other process would.
"""

from __future__ import annotations

import datetime as dt
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.alerts import actions, intake, snapshots  # noqa: E402
from qingdun.console.alerts.feed import report_progress  # noqa: E402
from qingdun.console.alerts.models import Clock, FeedProgress, Task  # noqa: E402
from qingdun.console.alerts.sink import ConsoleSink  # noqa: E402
from qingdun.console.alerts.ticking import tick  # noqa: E402
from qingdun.console.kernel.models import Organisation, Region, User  # noqa: E402
from qingdun.console.kernel.roles import Role  # noqa: E402
from tests.console.alerts import world as made  # noqa: E402


def ground() -> None:
    """Places and people, without anything that has an hour."""
    made.build_world()


def start() -> None:
    """On this ground ten open tasks, one dispatched, and what the engine suspects."""
    intake.ingest_alerts(None, made.calm_alerts())
    snapshots.replace_suspects(None, made.suspects())
    analyst = User.objects.get(username="city")
    for task in Task.objects.filter(level="high")[:2]:
        actions.dispatch(analyst, task.pk, None)
    feed()


def alert() -> None:
    """The golden story arrives as an urgent alert with what happened around it."""
    console = ConsoleSink()
    alerts = [made.police_high(), made.police_urgent()]
    console.alerts(alerts, {made.police_urgent().alert_id: made.police_context()})


def feed() -> None:
    """The engine has gone on for two seconds."""
    counts = {"calls": 41_200, "messages": 38_960, "visits": 1_921_400, "transfers": 10_120}
    now = made.us(made.MORNING) + 24 * 60_000_000
    report_progress(now, counts)
    FeedProgress.objects.update(updated_at=timezone.now() - dt.timedelta(seconds=2))
    more = {"calls": 240, "messages": 221, "visits": 11_480, "transfers": 58}
    report_progress(now + 2_000_000, {flow: count + more[flow] for flow, count in counts.items()})


def wall() -> None:
    """Two more persons were visited and dissuaded."""
    for task in Task.objects.filter(state="station"):
        officer = User.objects.create(
            username=f"wall-{task.pk}", role="station_officer", region=task.town, organisation=task.station,
            display_name="民警己",
        )  # fmt: skip
        actions.move(officer, task.pk, None, "sign")
        actions.record_contact(officer, task.pk, None, "answered")
        actions.move(officer, task.pk, None, "meet")
        form = actions.VisitForm(("persuade",), loss_avoided_fen=12_345_600, cards_protected=1)
        actions.save_visit(officer, task.pk, None, f"wall-{task.pk:08}", form, "awakened")


def phone() -> None:
    """The golden story is at the door: signed, called twice in vain, met."""
    task = Task.objects.get(person_id="p00")
    officer = User.objects.get(username="officer")
    actions.dispatch(User.objects.get(username="city"), task.pk, None)
    actions.move(officer, task.pk, None, "sign")
    actions.record_contact(officer, task.pk, None, "busy")
    actions.record_contact(officer, task.pk, None, "forwarded")
    actions.move(officer, task.pk, None, "meet")


def on_the_way() -> None:
    """The officer has signed the golden story and goes there."""
    task = Task.objects.get(person_id="p00")
    actions.dispatch(User.objects.get(username="city"), task.pk, None)
    actions.move(User.objects.get(username="officer"), task.pk, None, "sign")


def breach() -> None:
    """The clocks of the urgent tasks ran out a moment ago, and the tick process has seen it."""
    now = timezone.now()
    late = now - dt.timedelta(seconds=3)
    Clock.objects.filter(task__level="urgent", stopped_at=None).update(due_at=late)
    Task.objects.filter(level="urgent", due_at__gt=late).update(due_at=late)
    tick(now)


def newcomer() -> None:
    """One more person is in danger: a task above all others."""
    episode = f"newcomer-{Task.objects.count()}"
    row = made.alert(11, "urgent", "police", "transfer", made.POLICE_EVIDENCE, 24, episode)
    ConsoleSink().alerts([row], {})


def to_the_officer() -> None:
    """An urgent task lies with the officer's station; one that lies there already takes the new alert."""
    episode = f"officer-{Task.objects.count()}"
    row = made.alert(0, "urgent", "police", "transfer", made.POLICE_EVIDENCE, 24, episode)
    intake.ingest_alerts(None, [row])
    task = Task.objects.get(alerts__alert_id=row.alert_id)
    if task.state != "station":
        actions.dispatch(User.objects.get(username="city"), task.pk, None)


def colleagues() -> None:
    """There are administrators, and an officer of another station of the golden story's county."""
    home = Organisation.objects.get(pk=User.objects.get(username="officer").organisation_id)
    county = home.region.parent
    assert county is not None
    other = Organisation.objects.filter(kind="station", region__parent=county).exclude(pk=home.pk)[0]
    city = Region.objects.get(level="city")
    made.make_user("system", Role.SYSTEM_ADMIN, city, "系统员")
    made.make_user("security", Role.SECURITY_ADMIN, city, "安全员")
    # Their region is the whole county, as that of a station that serves several towns.
    made.make_user("elsewhere", Role.STATION_OFFICER, county, "民警庚", other)


def alone() -> None:
    """An operator of the hotline has called somebody in vain, and a grid member is entrusted with a visit."""
    analyst = User.objects.get(username="city")
    operator = made.make_user("operator", Role.HOTLINE_OPERATOR, Region.objects.get(level="city"), "坐席辛")
    called, entrusted = Task.objects.filter(level="medium", state="scored").order_by("pk")[:2]
    actions.move(operator, called.pk, None, "hotline")
    actions.record_contact(operator, called.pk, None, "no_answer", "响铃无人接")
    assert entrusted.town is not None
    member = made.make_user("member", Role.GRID_MEMBER, entrusted.town, "网格员壬")
    made.make_user("idle", Role.GRID_MEMBER, entrusted.town, "网格员癸")
    actions.move(analyst, entrusted.pk, None, "hotline")
    actions.entrust(analyst, entrusted.pk, None, member.pk)


def calm() -> None:
    """One more person has met a scam whom a call may help."""
    episode = f"calm-{Task.objects.count()}"
    ConsoleSink().alerts(
        [made.alert(11, "medium", "loan", "lure", made.POLICE_EVIDENCE[:2], 24, episode)], {}
    )


def to_the_member() -> None:
    """What the operator called in vain is with the idle grid member now."""
    task = Task.objects.get(owner__username="operator", state="unreachable")
    idle = User.objects.get(username="idle")
    User.objects.filter(pk=idle.pk).update(region=task.town)
    actions.move(User.objects.get(username="operator"), task.pk, None, "hand_down")
    county = made.make_user("idle-county", Role.COUNTY_OFFICER, task.town.parent, "县区员子")
    actions.dispatch(county, task.pk, None)
    actions.move(county, task.pk, None, "sign")
    actions.entrust(county, task.pk, None, idle.pk)


if __name__ == "__main__":
    acts = {
        "ground": ground,
        "start": start,
        "alert": alert,
        "feed": feed,
        "wall": wall,
        "phone": phone,
        "on_the_way": on_the_way,
        "breach": breach,
        "newcomer": newcomer,
        "to_the_officer": to_the_officer,
        "colleagues": colleagues,
        "alone": alone,
        "calm": calm,
        "to_the_member": to_the_member,
    }
    for name in sys.argv[1:]:
        acts[name]()
