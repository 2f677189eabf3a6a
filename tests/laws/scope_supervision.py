"""Data of a county for the law of scope in supervision."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from qingdun.console.assessment.models import Ranking
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.outreach.models import Partner
from qingdun.console.supervision.models import (
    Charge,
    Commissioner,
    Departure,
    Escalation,
    Recheck,
    Round,
    Shortcoming,
    StaffFigure,
    Supervision,
    VisitPhoto,
)
from tests.laws.scope_worlds import CITY, kernel


def supervised(county: str) -> None:
    """One round of the city, in force, and in it of the county: a commissioner at home there, a town and an
    enterprise, what has left, a visit with photo, finding, re-inspection and passed deadline, staff.
    """
    kernel(county)
    city, region = Region.objects.get(level="city"), Region.objects.get(code=county)
    now, today = timezone.now(), timezone.localdate()
    analyst, _fresh = User.objects.get_or_create(
        username="supervision-law", defaults={"role": CITY, "region": city, "password": "!"}
    )
    about = _round(city, analyst)
    user = User.objects.create(
        username=f"commissioner-{county}", role=Role.COMMISSIONER, region=city, password="!"
    )
    owned: dict[str, Any] = {"region_path": region.path, "by": analyst}
    officer = Commissioner.objects.create(user=user, appointed_on=today, at=now, **owned)
    firm = Partner.objects.create(name=f"督导企业{county}", kind="enterprise", people=9, **owned)
    common: dict[str, Any] = {
        "round": about, "region_path": region.path, "position": 1, "measure": 1.0, "change": "new",
        "form": "key", "commissioner": officer, "wanted": 2,
    }  # fmt: skip
    town = Charge.objects.create(kind="town", **common)
    Charge.objects.create(kind="enterprise", partner=firm, **common)
    Departure.objects.create(
        round=about, kind="enterprise", partner=firm, region_path=region.path, position_before=3,
        commissioner=officer,
    )  # fmt: skip
    visit = Supervision.objects.create(
        key=f"law-visit-{county}",
        charge=town,
        form="key",
        visited_at=now,
        notes=f"查看{county}",
        at=now,
        **owned,
    )
    VisitPhoto.objects.create(
        visit=visit,
        key=f"law-photo-{county}",
        picture=b"x",
        sha256=county,
        width=1,
        height=1,
        by=analyst,
        at=now,
    )
    finding = Shortcoming.objects.create(
        visit=visit, charge=town, region_path=region.path, area="duty", text=f"问题{county}", found_at=now,
        due_on=today - dt.timedelta(days=1),
    )  # fmt: skip
    Recheck.objects.create(visit=visit, shortcoming=finding, region_path=region.path, passed=False, at=now)
    Escalation.objects.create(
        shortcoming=finding, region_path=region.path, due_on=finding.due_on, late="place", at=now
    )
    StaffFigure.objects.create(partner=firm, staff=9, as_of=today, source=county, at=now, **owned)


def _round(city: Region, analyst: User) -> Round:
    found = Round.objects.first()
    if found is not None:
        return found
    now, today = timezone.now(), timezone.localdate()
    ranking = Ranking.objects.create(
        region_path=city.path, level="town", since=today, until=today, version=1, state="published",
        rules="2021-1", population="x", digest="x", residents=1, cases=0, loss_fen=0, major_500k=0,
        major_1m=0, estimated=0, unplaced=0, reckoned_at=now, published_by=analyst, published_at=now,
    )  # fmt: skip
    return Round.objects.create(
        region_path=city.path, ranking=ranking, state="confirmed", rules="2021-1", drawn_at=now,
        confirmed_at=now, confirmed_by=analyst,
    )  # fmt: skip


def the_round(_county: str) -> tuple[Any, ...]:
    """The city's round."""
    return (Round.objects.first() or Round(rules="2021-1"),)


def photo_of(county: str) -> tuple[Any, ...]:
    """Id of the photo of the county's visit."""
    found = VisitPhoto.objects.filter(visit__region_path__contains=f"/{county}/").first()
    return (found.pk if found else 0,)


def firm_of(county: str) -> tuple[Any, ...]:
    """Id of the county's enterprise."""
    found = Partner.objects.filter(name=f"督导企业{county}").first()
    return (found.pk if found else 0,)


def path_of(county: str) -> tuple[Any, ...]:
    """The county's path."""
    return (Region.objects.get(code=county).path,)
