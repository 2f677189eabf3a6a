"""Roles, regions, and acts on accounts and persons."""

from __future__ import annotations

import pytest

from qingdun.console.kernel import actions, audit, queries, scope
from qingdun.console.kernel.models import AuditRow, Person, PersonNumber, Region
from qingdun.console.kernel.roles import PERMISSIONS, Permission, Role, may
from qingdun.errors import InputError, NotPermitted, RefusedError
from tests.console.conftest import PASSWORD, LogIn, MakeUser, station_for
from tests.console.places import CITY, COUNTY_A, COUNTY_B, TOWN_A

pytestmark = pytest.mark.django_db
Regions = dict[str, Region]


@pytest.fixture
def resident(regions: Regions) -> Person:
    person = Person.objects.create(
        person_id="p-1", name="张小明", birth_year=1980, sex="f", floating=False,
        region=regions[TOWN_A], region_path=regions[TOWN_A].path, home_address="英城街道和平路12号",
    )  # fmt: skip
    PersonNumber.objects.create(
        msisdn="+8619999990001",
        person=person,
        carrier="移动",
        virtual_operator=False,
        activated_on="2020-01-01",
    )
    return person


def test_three_administrators_share_no_power_over_each_other() -> None:
    system, security, auditor = (
        PERMISSIONS[r] for r in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
    )
    shared = (system & security) | (system & auditor) | (security & auditor)
    assert shared == {Permission.SEE_ACCOUNTS, Permission.SEE_HEALTH}
    assert not {Permission.UNMASK, Permission.SEE_PERSONS} & (system | security | auditor)


def test_every_role_stands_in_the_table_and_every_permission_is_given_to_somebody() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert frozenset().union(*PERMISSIONS.values()) == set(Permission)


def test_rules_answer_as_the_table_does(make_user: MakeUser) -> None:
    for role in Role:
        user = make_user(role, name=role.value)
        for permission in Permission:
            assert user.has_perm(f"qingdun.{permission.value}") == may(user, permission)


def test_closed_account_may_nothing(make_user: MakeUser) -> None:
    user = make_user(Role.CITY_ANALYST)
    user.is_active = False
    assert not any(may(user, permission) for permission in Permission)


def test_everybody_sees_their_own_subtree(make_user: MakeUser, regions: Regions) -> None:
    county = make_user(Role.COUNTY_OFFICER, COUNTY_A)
    seen = set(queries.regions(county).values_list("code", flat=True))
    assert TOWN_A in seen
    assert seen == {code for code, region in regions.items() if COUNTY_A in region.path.split("/")}
    assert queries.regions(make_user(Role.CITY_ANALYST)).count() == len(regions)


def test_user_without_region_sees_nothing(make_user: MakeUser) -> None:
    user = make_user(Role.CITY_ANALYST)
    user.region = None
    assert not queries.regions(user).exists()
    assert not scope.covers(user, "")


def test_region_picked_outside_the_subtree_falls_back_to_ones_own(make_user: MakeUser) -> None:
    county = make_user(Role.COUNTY_OFFICER, COUNTY_A)
    assert scope.narrowed(county, TOWN_A).code == TOWN_A
    assert scope.narrowed(county, COUNTY_B).code == COUNTY_A
    assert scope.narrowed(county, None).code == COUNTY_A


def test_account_is_made_by_one_administrator_and_given_its_role_by_another(
    make_user: MakeUser, regions: Regions
) -> None:
    system, security = make_user(Role.SYSTEM_ADMIN), make_user(Role.SECURITY_ADMIN)
    user = actions.create_user(system, "officer", PASSWORD, "新民警", regions[COUNTY_A])
    assert user.role == Role.VIEWER
    with pytest.raises(NotPermitted):
        actions.assign_role(system, user, Role.COUNTY_OFFICER, regions[COUNTY_A], "新到任")
    actions.assign_role(security, user, Role.COUNTY_OFFICER, regions[COUNTY_A], "新到任的民警")
    user.refresh_from_db()
    assert user.role == Role.COUNTY_OFFICER
    row = AuditRow.objects.get(verb="assign_role")
    assert ("role", "viewer", "county_officer") in row.changes
    assert row.purpose == "新到任的民警"


def test_a_station_officer_has_a_station_and_nobody_else_has_one(
    make_user: MakeUser, regions: Regions
) -> None:
    security, user = make_user(Role.SECURITY_ADMIN), make_user(Role.VIEWER)
    station = station_for(regions[TOWN_A])
    for role, where in ((Role.STATION_OFFICER, None), (Role.COUNTY_OFFICER, station)):
        with pytest.raises(InputError):
            actions.assign_role(security, user, role, regions[COUNTY_A], "新到任的民警", where)
    actions.assign_role(security, user, Role.STATION_OFFICER, regions[CITY], "新到任的民警", station)
    user.refresh_from_db()
    assert (user.organisation, user.region) == (station, regions[TOWN_A])
    actions.assign_role(security, user, Role.COUNTY_OFFICER, regions[COUNTY_A], "调往县公安局")
    user.refresh_from_db()
    assert (user.organisation, user.region) == (None, regions[COUNTY_A])


def test_a_station_sees_the_residents_of_its_towns_only(
    make_user: MakeUser, resident: Person, regions: Regions
) -> None:
    officer = make_user(Role.STATION_OFFICER, TOWN_A)
    assert list(queries.persons(officer)) == [resident]
    other = next(r for r in regions.values() if r.parent_id == COUNTY_A and r.code != TOWN_A)
    stranger = make_user(Role.STATION_OFFICER, other.code)
    stranger.region = regions[COUNTY_A]
    assert not queries.persons(stranger).exists()
    with pytest.raises(NotPermitted):
        actions.unmask(stranger, resident, "别所辖区的人")


def test_account_with_a_taken_name_or_a_weak_password_is_refused(
    make_user: MakeUser, regions: Regions
) -> None:
    system = make_user(Role.SYSTEM_ADMIN)
    actions.create_user(system, "officer", PASSWORD, "甲", regions[CITY])
    with pytest.raises(InputError, match="officer"):
        actions.create_user(system, "officer", PASSWORD, "乙", regions[CITY])
    with pytest.raises(InputError):
        actions.create_user(system, "other", "12345678", "丙", regions[CITY])
    assert audit.verify_chain().intact


def test_nobody_changes_their_own_rights(make_user: MakeUser, regions: Regions) -> None:
    security = make_user(Role.SECURITY_ADMIN)
    with pytest.raises(RefusedError):
        actions.assign_role(security, security, Role.CITY_ANALYST, regions[CITY], "给自己加权限")


def test_unmask_needs_a_purpose_and_leaves_an_audit_row(make_user: MakeUser, resident: Person) -> None:
    officer = make_user(Role.STATION_OFFICER, TOWN_A)
    for purpose in ("", "   ", "看"):
        with pytest.raises(InputError):
            actions.unmask(officer, resident, purpose)
    actions.unmask(officer, resident, "上门劝阻前核实身份")
    row = AuditRow.objects.get(verb="unmask")
    assert (row.subject_id, row.purpose, row.region_path) == (
        "p-1",
        "上门劝阻前核实身份",
        resident.region_path,
    )
    with pytest.raises(NotPermitted):
        actions.unmask(make_user(Role.COUNTY_OFFICER, COUNTY_B), resident, "辖区以外的人")
    with pytest.raises(NotPermitted):
        actions.unmask(make_user(Role.SYSTEM_ADMIN), resident, "没有这个权限")


def test_page_shows_a_person_masked_until_unmasked(
    make_user: MakeUser, log_in: LogIn, resident: Person
) -> None:
    client = log_in(make_user(Role.COUNTY_OFFICER, COUNTY_A))
    masked = client.get("/persons/p-1/").content.decode()
    assert "张**" in masked
    assert "+86 199****0001" in masked
    assert not any(secret in masked for secret in ("张小明", "19999990001", "12号"))
    refused = client.post("/persons/p-1/unmask/", {"purpose": " "}).content.decode()
    assert "张小明" not in refused
    plain = client.post("/persons/p-1/unmask/", {"purpose": "核实身份"}).content.decode()
    assert all(secret in plain for secret in ("张小明", "+8619999990001"))
    # Where somebody lives is told inside a task alone.
    assert "12号" not in plain
    assert "张小明" not in client.get("/persons/p-1/").content.decode()


def test_person_of_another_county_is_not_found(make_user: MakeUser, log_in: LogIn, resident: Person) -> None:
    client = log_in(make_user(Role.COUNTY_OFFICER, COUNTY_B))
    assert client.get("/persons/p-1/").status_code == 404
    assert client.post("/persons/p-1/unmask/", {"purpose": "核实身份"}).status_code == 404


def test_search_finds_whole_numbers_and_nothing_by_parts(make_user: MakeUser, resident: Person) -> None:
    officer = make_user(Role.COUNTY_OFFICER, COUNTY_A)
    for text in ("19999990001", "+8619999990001", "+86 199 9999 0001", "p-1"):
        assert [hit.title for hit in queries.search_persons(officer, text)] == ["张**"]
    for text in ("1999999000", "0001", "张小明"):
        assert queries.search_persons(officer, text) == []


def test_saved_filters_are_their_users_own(make_user: MakeUser) -> None:
    one, other = make_user(Role.CITY_ANALYST), make_user(Role.COUNTY_OFFICER)
    actions.save_filter(one, "alerts", "紧急", "level=urgent")
    actions.save_filter(one, "alerts", "紧急", "level=urgent&stage=transfer")
    assert [f.query for f in queries.saved_filters(one, "alerts")] == ["level=urgent&stage=transfer"]
    assert not queries.saved_filters(other, "alerts").exists()
