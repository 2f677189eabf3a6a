"""A synthetic year of supervision for a demonstration, made by the module's own acts at their time."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from importlib import resources
from itertools import count
from random import Random
from typing import Any

from django.conf import settings
from django.utils import timezone
from PIL import Image, ImageDraw

from qingdun.console.assessment import queries as assessment
from qingdun.console.kernel.demo import DutyOfficers, cadre_of, clock_at
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.outreach import actions as outreach
from qingdun.console.supervision import queries
from qingdun.console.supervision.actions import appoint, confirm_round, draw_round
from qingdun.console.supervision.codes import Kind
from qingdun.console.supervision.following import answer_shortcoming, escalate
from qingdun.console.supervision.models import Charge, Round, Shortcoming, StaffFigure
from qingdun.console.supervision.moves import ShortcomingState
from qingdun.console.supervision.planning import latest_ranking
from qingdun.console.supervision.visiting import Found, Rechecked, VisitForm, add_photo, record_visit
from qingdun.errors import NotPermitted

COMMISSIONERS, ROUNDS, ENTERPRISES, PICTURED = 10, 12, 28, 12
MADE, FOUND, ANSWERED, PASSED = 0.92, 0.4, 0.85, 0.8
"""Shares: of wanted visits that are made, of visits with a finding, of findings that are answered in time, of
re-inspections that find it put right.
"""
TEXTS: dict[str, Any] = json.loads(resources.files(__package__).joinpath("demo.json").read_text("utf-8"))
DAY = dt.timedelta(days=1)


@dataclass
class Year:
    """What is still to come, in order of time."""

    duty: User
    random: Random
    until: dt.datetime
    coming: list[tuple[dt.datetime, int, str, Any]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    def add(self, at: dt.datetime, what: str, about: Any) -> None:
        """It happens then, if that is not to come yet."""
        if at < self.until:
            heappush(self.coming, (at, next(self._numbers), what, about))


def create_demo_supervision() -> int:
    """A year of rounds, visits and findings stands over the demonstration's rankings; how many rounds are
    new, none the second time. Call it after `create_demo_assessment`. Errors: NotPermitted outside demo mode.
    """
    if not settings.DEMO:
        raise NotPermitted("a demo of supervision exists in demo mode only; set QINGDUN_DEMO=1 for it")
    if Round.objects.exists():
        return 0
    year = Year(DutyOfficers().city, Random(7), timezone.now())
    published = assessment.rankings(year.duty, "town").filter(state="published").order_by("since")
    rankings: list[tuple[dt.datetime, Any]] = [
        (one.published_at, one) for one in published if one.published_at is not None
    ][-ROUNDS:]
    if not rankings:
        return 0
    morning = rankings[0][0]
    _appoint(year, morning - 10 * DAY)
    _staff(year, [at for at, _ranking in rankings])
    for at, ranking in rankings:
        year.add(min(at + dt.timedelta(hours=2), year.until - DAY), "round", ranking)
    while morning < year.until:
        year.add(morning, "morning", None)
        morning += DAY
    while year.coming:
        at, _number, what, about = heappop(year.coming)
        with clock_at(at):
            ACTS[what](year, at, about)
    return Round.objects.count()


def _appoint(year: Year, at: dt.datetime) -> None:
    """Ten of them, the first of whom can log in; at home in the counties by turns."""
    city = Region.objects.get(level=Region.Level.CITY)
    counties = list(Region.objects.filter(level=Region.Level.COUNTY).order_by("code"))
    with clock_at(at):
        for number in range(COMMISSIONERS):
            name = "demo-commissioner" if not number else f"duty-commissioner-{number + 1:02}"
            user, fresh = User.objects.get_or_create(
                username=name,
                defaults={
                    "role": Role.COMMISSIONER, "region": city,
                    "display_name": f"督导专员{number + 1}（合成）",
                },
            )  # fmt: skip
            if fresh:
                user.set_unusable_password()
                user.save()
            home = counties[number % len(counties)]
            appoint(year.duty, name, home.code, timezone.localdate(at))


def _staff(year: Year, published: list[dt.datetime]) -> None:
    """Figures at the beginning and in the middle of the year; some grow, some shrink."""
    towns = list(Region.objects.filter(level=Region.Level.TOWN).order_by("path"))
    known = list(queries.enterprises(year.duty).order_by("pk"))
    known += [
        outreach.add_enterprise(year.duty, f"{name}（演示）", year.random.choice(towns).code)
        for name in TEXTS["enterprises"][: max(0, ENTERPRISES - len(known))]
    ]
    sizes = {one.pk: round(4200 * 0.9**number) for number, one in enumerate(known)}
    for at in (published[0], published[len(published) // 2]):
        on = timezone.localdate(at) - 3 * DAY
        StaffFigure.objects.bulk_create(
            StaffFigure(
                partner=one, region_path=one.region_path, staff=max(20, sizes[one.pk]), as_of=on,
                source="演示员工数（合成）", by=year.duty, at=midnight(on),
            )
            for one in known
        )  # fmt: skip
        for one in known:
            sizes[one.pk] = round(sizes[one.pk] * year.random.uniform(0.75, 1.3))


def _round(year: Year, at: dt.datetime, ranking: Any) -> None:
    """Drawn and confirmed; its visits come in the month that follows, at working hours."""
    if ranking != latest_ranking():
        return
    made = confirm_round(year.duty, draw_round(None).pk)
    for charge in Charge.objects.filter(round=made).order_by("pk"):
        for turn in range(charge.wanted):
            if year.random.random() < MADE:
                first = 1 + 13 * turn
                on = timezone.localdate(at) + year.random.randint(first, first + 11) * DAY
                begins = dt.timedelta(hours=9, minutes=year.random.randint(0, 420))
                year.add(midnight(on) + begins, "visit", charge)


def _visit(year: Year, at: dt.datetime, charge: Charge) -> None:
    charge = Charge.objects.select_related("commissioner__user", "round").get(pk=charge.pk)
    if charge.round.ended_at is not None:
        return
    actor, about = charge.commissioner.user, "town" if charge.kind == Kind.TOWN else "enterprise"
    due = Shortcoming.objects.filter(charge.same_subject())
    ready = due.filter(state=ShortcomingState.ANSWERED)
    late = due.filter(state=ShortcomingState.OPEN, due_on__lt=timezone.localdate())
    rechecks = []
    for one in ready.order_by("pk"):
        good = year.random.random() < PASSED
        rechecks.append(Rechecked(one.pk, good, TEXTS["passed" if good else "failed"]))
    rechecks += [Rechecked(one.pk, False, TEXTS["failed"]) for one in late.order_by("pk")]
    found = [Found(*year.random.choice(TEXTS[about]))] if year.random.random() < FOUND else []
    key = f"demo-visit-{charge.pk}-{at:%m%d%H%M}"
    notes = f"（合成演示）{year.random.choice(TEXTS['notes'])}"
    form = VisitForm(key, charge.form, notes, found, rechecks, None, at)
    made = record_visit(actor, charge.pk, form)
    if found and made.pk % 10 == 0 and made.pk <= 10 * PICTURED:
        add_photo(actor, key, f"demo-photo-{made.pk}", _picture(made.pk), "image/png")
    open_ = due.filter(state=ShortcomingState.OPEN)
    for one in open_.order_by("pk"):
        days = (one.due_on - timezone.localdate()).days
        prompt = year.random.random() < ANSWERED
        later = year.random.randint(2, max(2, days - 1)) if prompt else days + year.random.randint(3, 25)
        year.add(at + later * DAY, "answer", one.pk)


def _answer(year: Year, _at: dt.datetime, pk: int) -> None:
    one = Shortcoming.objects.select_related("charge__commissioner__user").get(pk=pk)
    if one.state != ShortcomingState.OPEN:
        return
    actor = one.charge.commissioner.user
    if one.charge.kind == Kind.TOWN:
        actor = cadre_of(Region.objects.get(path=one.region_path))
    answer_shortcoming(actor, pk, f"（合成演示）{year.random.choice(TEXTS['answers'])}")


def _morning(_year: Year, at: dt.datetime, _about: None) -> None:
    escalate(at)


ACTS: dict[str, Callable[[Year, dt.datetime, Any], None]] = {
    "round": _round, "visit": _visit, "answer": _answer, "morning": _morning,
}  # fmt: skip
"""What happens, by its name."""


def _picture(number: int) -> bytes:
    """A drawing that nobody takes for a photo of a place."""
    image = Image.new("RGB", (640, 420), ("#dfe9e8", "#e9e4d8", "#dde3ee")[number % 3])
    draw = ImageDraw.Draw(image)
    for row in range(6):
        draw.rectangle((60, 60 + 52 * row, 580, 96 + 52 * row), outline="#57706f", width=3)
        draw.line(
            (80, 78 + 52 * row, 200 + 53 * ((number + row) % 7), 78 + 52 * row), fill="#57706f", width=6
        )
    draw.text((60, 20), f"DEMO {number}", fill="#57706f")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
