"""Synthetic rosters for a demonstration."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qingdun.console.duty.models import OfficerNumber, Shift
from qingdun.console.duty.posts import local_midnight
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Role
from qingdun.errors import NotPermitted

DAYS = 14
"""From yesterday on; whoever starts the demo again gets the days that are missing."""
_KINDS = (Organisation.Kind.STATION, Organisation.Kind.COUNTY_BUREAU, Organisation.Kind.CITY_BUREAU)
_ROLES = (Role.STATION_OFFICER, Role.COUNTY_OFFICER, Role.CITY_ANALYST)
_HOURS = (8, 20)


@transaction.atomic
def create_demo_rosters() -> int:
    """Each demo station and county, and the city, has its demo officer on duty, day and night; how many
    shifts were new.

    Numbers lie in a segment nobody is assigned. Call it after `create_demo_accounts`, as often as one likes.
    Errors: NotPermitted outside demo mode.
    """
    if not settings.DEMO:
        raise NotPermitted("demo rosters exist in demo mode only; set QINGDUN_DEMO=1 for a demonstration")
    officers = User.objects.filter(demo=True, is_active=True, organisation__kind__in=_KINDS, role__in=_ROLES)
    named = officers.select_related("organisation__region").order_by("-username")
    chosen = list({officer.organisation_id: officer for officer in named}.values())
    OfficerNumber.objects.bulk_create(
        [
            OfficerNumber(officer=officer, msisdn=f"+8617258{number:06}")
            for number, officer in enumerate(chosen, start=900_000)
        ],
        ignore_conflicts=True,
    )
    first = timezone.localdate() - dt.timedelta(days=1)
    starts = [
        local_midnight(first + dt.timedelta(days=day)) + dt.timedelta(hours=hour)
        for day in range(DAYS)
        for hour in _HOURS
    ]
    known = set(Shift.objects.filter(starts_at__gte=starts[0]).values_list("organisation", "starts_at"))
    new = [
        Shift(
            organisation=officer.organisation, officer=officer, region_path=officer.organisation.region.path,
            starts_at=start, ends_at=start + dt.timedelta(hours=12), position=1,
        )
        for officer in chosen if officer.organisation
        for start in starts if (officer.organisation_id, start) not in known
    ]  # fmt: skip
    Shift.objects.bulk_create(new, ignore_conflicts=True)
    if new:
        record(None, "copy_week", ("roster", "demo"), None, {"shifts": len(new)})
    return len(new)
