"""Who is told what about funds: a notice that stays until they have seen it, pushed to their pages at once.

Part of acts of the clock, which leave the audit row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse

from qingdun.console.funds.lapses import Notice, NoticeKind, Told
from qingdun.console.kernel.events import publish
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Role

TOPIC = "funds"
DESKS = {Told.COUNTY: Role.COUNTY_OFFICER, Told.CITY: Role.CITY_ANALYST}


def people(region_path: str, step: Told, holder_id: int = 0) -> list[User]:
    """Who hears of it at that step, for a row of that place: whoever holds it, the county's officers, the
    city's analysts. A step at which nobody is left goes to the one above.
    """
    active = User.objects.filter(is_active=True).order_by("pk")
    if step == Told.HOLDER:
        found = active.filter(pk=holder_id)
    else:
        places = [code for code in region_path.split("/") if code]
        found = active.filter(role=DESKS[step], region__in=places)
    if found.exists() or step == Told.CITY:
        return list(found)
    return people(region_path, Told(step + 1))


def tell(
    told: Sequence[User], kind: NoticeKind, subject_id: int, due_at: dt.datetime, region_path: str,
    now: dt.datetime,
) -> None:  # fmt: skip
    """Each of them has the notice, once; an open page of theirs shows it as soon as it is committed."""
    if not told:
        return
    Notice.objects.bulk_create(
        (Notice(to=user, kind=kind, subject_id=subject_id, due_at=due_at, at=now) for user in told),
        ignore_conflicts=True,
    )
    ids = [user.pk for user in told]
    payload = {"kind": kind.value, "subject": subject_id, "to": ids, "page": reverse("funds:stops")}
    publish(TOPIC, region_path, payload, users=ids)
