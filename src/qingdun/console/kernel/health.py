"""Whether the console is well: each line one thing, what was found, and whether that is good."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingdun.console.keeping import kept
from qingdun.console.kernel.models import Feed, LedgerHead, LiveEvent, Outbox

FEED_LATE = dt.timedelta(minutes=5)
OUTBOX_LATE = dt.timedelta(minutes=5)
DISK_LEAST_BYTES = 1 << 30
FALL_SHOWN = dt.timedelta(hours=1)
PROCESSES = {"pages": gettext_lazy("pages"), "event stream": gettext_lazy("event stream")}
"""Words for processes that are no command of ours."""


class Line(NamedTuple):
    """One thing looked at."""

    name: str
    good: bool
    found: str


def alive() -> bool:
    """Whether the database answers and its tables are those of this version."""
    try:
        return pending_migrations() == 0
    except DatabaseError:
        return False


def report() -> list[Line]:
    """Everything an administrator should see at a glance."""
    now = timezone.now()
    pending = pending_migrations()
    lines = [
        Line(_("Database"), True, connection.vendor),
        Line(_("Migrations"), pending == 0, _("%(count)d not applied") % {"count": pending}),
        _feed(now),
        _outbox(now),
        _disk(),
        *_processes(now),
    ]
    newest = LiveEvent.objects.order_by("-id").first()
    lines.append(
        Line(
            _("Last event"),
            True,
            f"{newest.id} · {_moment(newest.at)}" if newest else _("none yet"),
        )
    )
    head = LedgerHead.objects.filter(id=1).first()
    lines.append(
        Line(_("Head of the audit chain"), True, f"{head.seq} · {head.hash}" if head else _("none yet"))
    )
    return lines


def pending_migrations() -> int:
    """How many migrations the database still lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _feed(now: dt.datetime) -> Line:
    feed = Feed.objects.order_by("-received_at").first()
    if feed is None:
        return Line(_("Feed"), False, _("no source has reported yet"))
    age = now - feed.received_at
    found = _("%(source)s: %(rows)d rows, last %(age)d s ago") % {
        "source": feed.source,
        "rows": feed.rows,
        "age": age.total_seconds(),
    }
    return Line(_("Feed"), age < FEED_LATE, found)


def _outbox(now: dt.datetime) -> Line:
    waiting = Outbox.objects.filter(sent_at=None)
    oldest = waiting.order_by("created_at").first()
    good = oldest is None or now - oldest.created_at < OUTBOX_LATE
    return Line(_("Outbox"), good, _("%(count)d waiting") % {"count": waiting.count()})


def _processes(now: dt.datetime) -> list[Line]:
    """Each process that `qingdun serve` keeps going here; one that fell lately is worth a look."""
    lines = []
    for name, state in kept(settings.VAR).items():
        if state["pid"]:
            found = _("runs as %(pid)d since %(since)s") % {
                "pid": state["pid"], "since": _moment(dt.datetime.fromisoformat(state["since"])),
            }  # fmt: skip
        else:
            found = _("has done its work") if state["done"] else _("does not run")
        lately = bool(state["fell_at"]) and now - dt.datetime.fromisoformat(state["fell_at"]) < FALL_SHOWN
        if lately:
            found += " · " + _("fell last at %(at)s with %(code)s") % {
                "at": _moment(dt.datetime.fromisoformat(state["fell_at"])), "code": state["code"],
            }  # fmt: skip
        good = bool(state["pid"] or state["done"]) and not lately
        lines.append(Line(_("Process: %(name)s") % {"name": PROCESSES.get(name, name)}, good, found))
    return lines


def _moment(at: dt.datetime) -> str:
    """On the clock of whoever reads it."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")


def _disk() -> Line:
    folder = settings.VAR if settings.VAR.exists() else settings.HERE
    free = shutil.disk_usage(folder).free
    return Line(_("Disk"), free > DISK_LEAST_BYTES, _("%(free).1f GiB free") % {"free": free / (1 << 30)})
