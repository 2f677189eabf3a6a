"""Accounts for looking around, in demo mode only."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from qingdun.console.kernel import audit
from qingdun.console.kernel.models import Organisation, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.storage import write_secret
from qingdun.errors import NotPermitted

_CITY_ROLES = (
    ("demo-city", Role.CITY_ANALYST, "市级研判员"),
    ("demo-deputy", Role.CITY_ANALYST, "市级复核员"),
    ("demo-hotline", Role.HOTLINE_OPERATOR, "96110坐席"),
    ("demo-teller", Role.BANK_TELLER, "银行柜员"),
    ("demo-leader", Role.LEADER, "市领导"),
    ("demo-publicist", Role.PUBLICIST, "宣传专员"),
    ("demo-commissioner", Role.COMMISSIONER, "督导专员"),
    ("demo-viewer", Role.VIEWER, "大屏"),
    ("demo-system", Role.SYSTEM_ADMIN, "系统管理员"),
    ("demo-security", Role.SECURITY_ADMIN, "安全管理员"),
    ("demo-audit", Role.AUDIT_ADMIN, "审计管理员"),
)
_DUTY = {
    Organisation.Kind.CITY_BUREAU: Role.CITY_ANALYST,
    Organisation.Kind.COUNTY_BUREAU: Role.COUNTY_OFFICER,
    Organisation.Kind.STATION: Role.STATION_OFFICER,
}


def create_demo_accounts() -> str:
    """One account a role, county and station stands with one password, which is returned; the same one
    every time.

    User names: demo-city, demo-deputy, demo-leader, demo-hotline, demo-teller, demo-publicist,
    demo-commissioner, demo-viewer, demo-system, demo-security, demo-audit, demo-county-CODE,
    demo-station-CODE, demo-grid, demo-town, demo-cadre.
    Errors: NotPermitted outside demo mode.
    """
    _require_demo()
    password = _password(settings.VAR)
    city = Region.objects.get(level=Region.Level.CITY)
    bureaus = {o.region_id: o for o in Organisation.objects.exclude(kind=Organisation.Kind.STATION)}
    stations = Organisation.objects.filter(kind=Organisation.Kind.STATION).select_related("region")
    counties = Region.objects.filter(level=Region.Level.COUNTY)
    wanted = [
        *(
            # A teller is no officer of the city's.
            (name, role, city, None if role == Role.BANK_TELLER else bureaus.get(city.code), label)
            for name, role, label in _CITY_ROLES
        ),
        *(
            (f"demo-county-{c.code}", Role.COUNTY_OFFICER, c, bureaus.get(c.code), f"{c.short_name}民警")
            for c in counties
        ),
        *((f"demo-station-{s.code}", Role.STATION_OFFICER, s.region, s, f"{s.name}民警") for s in stations),
        *(("demo-grid", Role.GRID_MEMBER, town, None, f"{town.short_name}网格员") for town in _grid_town()),
        *(("demo-town", Role.PUBLICIST, town, None, f"{town.short_name}宣传干部") for town in _grid_town()),
        *(("demo-cadre", Role.TOWN_CADRE, town, None, f"{town.short_name}镇街干部") for town in _grid_town()),
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


def _grid_town() -> Iterator[Region]:
    """The first town that has villages: its grids are those of the demonstration."""
    village = Region.objects.filter(level=Region.Level.VILLAGE).order_by("path").first()
    if village is not None and village.parent is not None:
        yield village.parent


class DutyOfficers:
    """The synthetic officers who work a demonstration's tasks: one for the city, each county and station.

    Their user names begin with `duty-`, their names say what they are, and they have no password.
    Errors: NotPermitted outside demo mode.
    """

    def __init__(self) -> None:
        _require_demo()
        city = Region.objects.get(level=Region.Level.CITY)
        bodies = Organisation.objects.filter(kind__in=_DUTY).select_related("region")
        wanted = [
            User(
                username=f"duty-{body.code}",
                role=_DUTY[Organisation.Kind(body.kind)],
                region=body.region,
                organisation=body,
                display_name=f"{body.name}值班员（合成）",
                password=make_password(None),
            )
            for body in bodies
        ]
        User.objects.bulk_create(wanted, ignore_conflicts=True)
        found = User.objects.filter(username__startswith="duty-").select_related("region", "organisation")
        self._by_body = {user.organisation_id: user for user in found}
        self.city = next(user for user in self._by_body.values() if user.region_id == city.code)
        self.ids = {user.pk for user in self._by_body.values()}

    def of(self, body: Organisation | None) -> User:
        """The officer of that bureau or station. Errors: NotPermitted if it has none."""
        if body is None or body.pk not in self._by_body:
            raise NotPermitted("no synthetic officer works there")
        return self._by_body[body.pk]


def cadre_of(town: Region) -> User:
    """Who speaks for the town: the demonstration's cadre of it, else a synthetic one with no password.

    Errors: NotPermitted outside demo mode.
    """
    _require_demo()
    own = User.objects.filter(role=Role.TOWN_CADRE, region=town).first()
    if own is not None:
        return own
    made = User(
        username=f"duty-town-{town.code}", role=Role.TOWN_CADRE, region=town,
        display_name=f"{town.short_name}镇街干部（合成）",
    )  # fmt: skip
    made.set_unusable_password()
    made.save()
    return made


@contextmanager
def clock_at(at: dt.datetime) -> Iterator[None]:
    """Meanwhile this process takes `at` for the time, in every action it calls: how a demonstration's past is
    written. One thread alone may do so. Errors: NotPermitted outside demo mode.
    """
    _require_demo()
    real = timezone.now
    timezone.now = lambda: at
    try:
        yield
    finally:
        timezone.now = real


def _require_demo() -> None:
    if not settings.DEMO:
        raise NotPermitted("demo accounts exist in demo mode only; set QINGDUN_DEMO=1 for a demonstration")


class Doors(NamedTuple):
    """Demo accounts the log-in page offers together; without a county they are of several."""

    county: str
    accounts: list[User]


def doors() -> list[Doors]:
    """Every demo account, in the order in which an alert passes: the city's, the counties', who looks on and
    who keeps the house, then the stations of each county in turn.
    """
    found = User.objects.filter(demo=True).select_related("region", "organisation").order_by("username")
    counties = {place.path: str(place) for place in Region.objects.filter(level=Region.Level.COUNTY)}
    above = [user for user in found if user.role != Role.STATION_OFFICER]
    order = (Role.CITY_ANALYST, Role.COUNTY_OFFICER, Role.VIEWER)
    groups = [Doors("", sorted(above, key=lambda user: order.index(user.role) if user.role in order else 9))]
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
