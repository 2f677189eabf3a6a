"""Entries of nobody's numbers, sites and texts (`demo.json`) that a demonstration's networks have met for a
week: made by the acts of synthetic officers and told as planes tell. `rehearsed` goes on with it.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from importlib import resources
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from qingdun.console.kernel.demo import DutyOfficers, clock_at
from qingdun.console.kernel.models import User
from qingdun.console.lists import actions, demo_held
from qingdun.console.lists.candidates import Candidate, Piece
from qingdun.console.lists.codes import ListName, Source
from qingdun.console.lists.interception import ConsoleLists
from qingdun.console.lists.models import Entry
from qingdun.console.lists.normal import normal
from qingdun.contract.columns import timestamp
from qingdun.contract.lists import Sightings
from qingdun.errors import NotPermitted

KEY = "demo-networks"
FOLDER = "rehearsed"
"""Of what a demonstration's planes keep, below the folder of real ones' copies."""
_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
_OBSERVED = 28 * _HOUR
"""How long an entry was observed before somebody enforced it."""
PLANES_OF = {
    "host": ("sites", "look-ups"), "number": ("calls", "look-ups"), "sender": ("messages",),
    "text": ("messages",),
}  # fmt: skip
"""Which planes meet an entry of a kind."""


class Shown(NamedTuple):
    """An entry of the demonstration."""

    kind: str
    entity: str
    scam_type: str
    reason: str
    detector: str
    days_ago: float
    enforced: bool
    often: int
    """How often a plane meets it in a busy hour."""
    wrong: bool = False
    """Blocked in error: its owner showed their papers, and it was let go."""


ENTRIES = tuple(
    Shown(**one)
    for one in json.loads(resources.files(__package__).joinpath("demo.json").read_text("utf-8"))["entries"]
)


def create_demo_networks() -> int:
    """The entries stand, with a week of sightings; how many are new, none the second time.

    Errors: NotPermitted outside demo mode.
    """
    if not settings.DEMO:
        raise NotPermitted("demo entries exist in demo mode only; set QINGDUN_DEMO=1 for a demonstration")
    if Entry.objects.filter(proposal__key__startswith=KEY).exists():
        return 0
    city, second, now = User.objects.get(username="demo-city"), DutyOfficers().city, timezone.now()
    for number, one in enumerate(sorted(ENTRIES, key=lambda one: -one.days_ago)):
        _list(city, second, f"{KEY}-{number}", one, now - one.days_ago * _DAY)
    _count(now)
    wrong = Entry.objects.filter(entity__in=[one.entity for one in ENTRIES if one.wrong])
    actions.reverse(second, [(one.pk, None) for one in wrong], "经营者出示备案，核实为误报（合成）")
    demo_held.hold(settings.VAR / "intercept" / FOLDER, ConsoleLists())
    return len(ENTRIES)


def _list(city: User, second: User, key: str, one: Shown, at: dt.datetime) -> None:
    """The entry was proposed by one and approved by the other, and perhaps enforced a day later."""
    evidence = (Piece(one.detector, "（合成演示）", "(synthetic)", at),) if one.detector else ()
    wanted = Candidate(one.kind, one.entity, ListName.BLACK, one.reason, one.scam_type, evidence=evidence)
    with clock_at(at):
        made = actions.propose(city, [wanted], Source.HAND, key)
        rows = [(entry.pk, None) for entry in made.entries]
        actions.approve(second, rows)
    if one.enforced:
        with clock_at(at + _OBSERVED):
            actions.enforce(second, rows, "观察一日，未见误报（合成）")


def _count(now: dt.datetime) -> None:
    """What the planes met in the last week, hour by hour, until this hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    often = {normal(one.kind, one.entity): one.often for one in ENTRIES}
    for plane in ("sites", "messages", "calls", "look-ups"):
        found = []
        for entry in Entry.objects.filter(proposal__key__startswith=KEY).order_by("pk"):
            if plane not in PLANES_OF[entry.entity_kind]:
                continue
            dice = random.Random(f"{plane} {entry.pk}")
            most = often[entry.entity]
            for at in (hour - n * _HOUR for n in range(1, 7 * 24)):
                times = round(busy(at) * most * dice.uniform(0.4, 1.0))
                if times and entry.since and at >= entry.since:
                    blocked = entry.enforced_at is not None and at >= entry.enforced_at
                    met = (0, times) if blocked else (times, 0)
                    found.append(Sightings(entry.pk, timestamp(at), *met))
        ConsoleLists().report(plane, found)


def busy(at: dt.datetime) -> float:
    """How busy the hour is, of 1: scammers keep office hours."""
    hour = timezone.localtime(at).hour
    return 0.05 if hour < 7 else 0.45 if hour < 9 or hour > 21 else 0.7 if hour in (12, 13, 18) else 1.0
