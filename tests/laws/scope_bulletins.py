"""Bulletins of a county for the law of scope."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from qingdun.console.bulletin.models import Bulletin, BulletinFigure, Schedule
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from tests.laws.scope_worlds import kernel


def told(county: str) -> None:
    """Of the county an issued bulletin, a draft of the month after, and a schedule."""
    kernel(county)
    place, now = Region.objects.get(code=county), timezone.now()
    first, second = (
        User.objects.create(
            username=f"teller-{county}-{name}", role=Role.COUNTY_OFFICER, region=place, password="!"
        )
        for name in ("first", "second")
    )
    for month in (5, 6):
        about = Bulletin.objects.create(
            region_path=place.path, since=dt.date(2026, month, 1), until=dt.date(2026, month, 28),
            language="zh", title=f"{county}-{month}", paragraphs=[{"heading": False, "parts": [county]}],
            template="law", by=first, composed_at=now, counted_at=now,
        )  # fmt: skip
        BulletinFigure.objects.create(
            bulletin=about, position=0, code="cases.incidents", word=county, value=month, url="/"
        )
        if month == 5:
            issued = {"state": "signed", "first_by": first, "first_at": now, "seal": "law"}
            Bulletin.objects.filter(pk=about.pk).update(**issued)
            numbered = {"state": "issued", "second_by": second, "second_at": now, "year": 2026, "serial": 1}
            Bulletin.objects.filter(pk=about.pk).update(**numbered)
    Schedule.objects.create(region_path=place.path, span="month", language="zh", by=first, at=now)


def told_in(county: str) -> Bulletin | None:
    """What was issued there."""
    return Bulletin.objects.filter(region_path__contains=f"/{county}/", state="issued").first()


def later_in(county: str) -> Bulletin:
    """The draft that comes after it."""
    found = Bulletin.objects.filter(region_path__contains=f"/{county}/", state="draft").first()
    return found or Bulletin(region_path="nowhere/")
