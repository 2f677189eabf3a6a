"""Accounts for looking around, in demo mode only."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from qingdun.console.kernel import audit
from qingdun.console.kernel.models import Organisation, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.storage import write_secret
from qingdun.errors import NotPermitted

_CITY_ROLES = (
    ("demo-city", Role.CITY_ANALYST, "市级研判员"),
    ("demo-viewer", Role.VIEWER, "大屏"),
    ("demo-system", Role.SYSTEM_ADMIN, "系统管理员"),
    ("demo-security", Role.SECURITY_ADMIN, "安全管理员"),
    ("demo-audit", Role.AUDIT_ADMIN, "审计管理员"),
)


def create_demo_accounts() -> str:
    """One account a role, county and station stands with one password, which is returned; the same one
    every time.

    User names: demo-city, demo-viewer, demo-system, demo-security, demo-audit, demo-county-CODE,
    demo-station-CODE. Errors: NotPermitted outside demo mode.
    """
    if not settings.DEMO:
        raise NotPermitted("demo accounts exist in demo mode only; set QINGDUN_DEMO=1 for a demonstration")
    password = _password(settings.VAR)
    city = Region.objects.get(level=Region.Level.CITY)
    bureaus = {o.region_id: o for o in Organisation.objects.exclude(kind=Organisation.Kind.STATION)}
    stations = Organisation.objects.filter(kind=Organisation.Kind.STATION).select_related("region")
    counties = Region.objects.filter(level=Region.Level.COUNTY)
    wanted = [
        *((name, role, city, bureaus.get(city.code), label) for name, role, label in _CITY_ROLES),
        *(
            (f"demo-county-{c.code}", Role.COUNTY_OFFICER, c, bureaus.get(c.code), f"{c.short_name}民警")
            for c in counties
        ),
        *((f"demo-station-{s.code}", Role.STATION_OFFICER, s.region, s, f"{s.name}民警") for s in stations),
    ]
    # One hash for all: hashing 90 times would take a minute, and they share the password anyway.
    hashed = User()
    hashed.set_password(password)
    with transaction.atomic():
        existing = set(User.objects.values_list("username", flat=True))
        new = [
            User(
                username=name,
                role=role,
                region=region,
                organisation=organisation,
                display_name=label,
                demo=True,
                password=hashed.password,
            )
            for name, role, region, organisation, label in wanted
            if name not in existing
        ]
        stale = User.objects.filter(demo=True).first()
        if stale and not stale.check_password(password):
            User.objects.filter(demo=True).update(password=hashed.password)
        if new:
            User.objects.bulk_create(new)
            audit.record(None, "create_demo_accounts", ("city", city.code), None, {"accounts": len(new)})
    return password


class Doors(NamedTuple):
    """Demo accounts the log-in page offers together; without a county they are of several."""

    county: str
    accounts: list[User]


def doors() -> list[Doors]:
    """Every demo account: first those of city and counties, then the stations of each county in turn."""
    found = User.objects.filter(demo=True).select_related("region", "organisation").order_by("username")
    counties = {place.path: str(place) for place in Region.objects.filter(level=Region.Level.COUNTY)}
    above = [user for user in found if user.role != Role.STATION_OFFICER]
    # The order of the tree is city first, then county: an account's work begins above it.
    groups = [Doors("", sorted(above, key=lambda user: user.username.startswith("demo-county-")))]
    for path, name in counties.items():
        inside = [u for u in found if u.role == Role.STATION_OFFICER and u.region_path.startswith(path)]
        if inside:
            groups.append(Doors(name, inside))
    return groups


def _password(folder: Path) -> str:
    path = folder / "demo-password"
    kept = path.read_text().strip() if path.exists() else ""
    if kept:
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(9)
    write_secret(path, password)
    return password
