"""Rounds: drawn by the published ranking and by staff, explained, confirmed by a person."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.outreach.models import Partner
from qingdun.console.supervision import actions, queries, ticking
from qingdun.console.supervision.models import Charge, Commissioner, Round
from qingdun.console.supervision.rules import rule_on
from qingdun.console.supervision.visiting import record_visit
from qingdun.errors import ConfigurationError, IllegalMove, InputError, NotPermitted
from tests.console.conftest import MakeUser
from tests.console.places import COUNTY_A, COUNTY_B
from tests.console.supervision.conftest import Publish, form, in_force, month_back, towns_of

Regions = dict[str, Region]


def test_a_round_takes_the_worst_towns_and_the_largest_enterprises(
    regions: Regions, analyst: User, publish: Publish, officers: list[Commissioner],
    enterprises: list[Partner], few: None,
) -> None:  # fmt: skip
    a, b, *_rest = towns_of(regions, COUNTY_A)
    (c, *_others) = towns_of(regions, COUNTY_B)
    publish(1, c, a, b)
    draft = actions.draw_round(analyst)
    found = list(draft.charges.order_by("-kind", "position"))
    assert [(one.kind, one.region_path, one.position) for one in found[:2]] == [
        ("town", regions[c].path, 1), ("town", regions[a].path, 2),
    ]  # fmt: skip
    assert [one.partner for one in found[2:]] == enterprises[:2]
    assert [one.measure for one in found[2:]] == [900, 800]
    assert [one.form for one in found] == ["key", "reminder", "key", "reminder"]
    assert [one.wanted for one in found] == [2, 1, 2, 1]
    by_town = {one.region_path: one for one in found[:2]}
    assert by_town[regions[c].path].commissioner == officers[1]
    assert by_town[regions[c].path].why == ["county"]
    assert by_town[regions[a].path].commissioner == officers[0]
    loads = {one.pk: 0 for one in officers}
    for one in found:
        loads[one.commissioner_id] += 2 if one.form == "key" else 1
    assert max(loads.values()) - min(loads.values()) <= 2


def test_nothing_holds_until_a_person_of_the_city_confirms_it(
    regions: Regions, analyst: User, make_user: MakeUser, publish: Publish, officers: list[Commissioner]
) -> None:
    a, *_rest = towns_of(regions, COUNTY_A)
    cadre = make_user(Role.TOWN_CADRE, a)
    publish(1, a)
    draft = actions.draw_round(analyst)
    assert not queries.charges(cadre).exists()
    assert not queries.rounds(make_user(Role.COUNTY_OFFICER, COUNTY_A)).exists()
    with pytest.raises(NotPermitted):
        actions.confirm_round(officers[0].user, draft.pk)
    again = actions.draw_round(analyst)
    assert not Round.objects.filter(pk=draft.pk).exists()
    actions.confirm_round(analyst, again.pk)
    assert [one.region_path for one in queries.charges(cadre)] == [regions[a].path]
    with pytest.raises(IllegalMove):
        actions.confirm_round(analyst, again.pk)


def test_the_next_month_explains_who_came_who_left_and_who_is_held(
    regions: Regions, analyst: User, publish: Publish, officers: list[Commissioner], few: None
) -> None:
    a, b, *_rest = towns_of(regions, COUNTY_A)
    c, d, *_others = towns_of(regions, COUNTY_B)
    publish(2, a, b)
    first = {one.region_path: one for one in in_force(analyst).values()}
    held = first[regions[b].path]
    record_visit(held.commissioner.user, held.pk, form("held-key-1", "值班表缺签到"))
    publish(1, c, a, d)
    second = in_force(analyst)
    now = {one.region_path: one for one in second.values()}
    assert set(now) == {regions[c].path, regions[a].path, regions[b].path}
    assert (now[regions[c].path].change, now[regions[a].path].change) == ("new", "stays")
    assert (now[regions[a].path].position_before, now[regions[a].path].position) == (1, 2)
    assert now[regions[a].path].commissioner == first[regions[a].path].commissioner
    assert (now[regions[b].path].change, now[regions[b].path].form_why) == ("held", ["held"])
    assert not queries.departures(analyst).exists()
    assert Round.objects.filter(state="confirmed").count() == 1
    queries.shortcomings(analyst).update(state="passed", closed_at=timezone.now())
    third = actions.draw_round(analyst)
    (gone,) = queries.departures(analyst).filter(round=third)
    assert (gone.region_path, gone.commissioner) == (regions[b].path, held.commissioner)
    assert gone.position is not None
    assert gone.position > 2


def test_who_leaves_leaves_nothing_behind(
    regions: Regions, analyst: User, publish: Publish, officers: list[Commissioner]
) -> None:
    publish(1, *towns_of(regions, COUNTY_B))
    in_force(analyst)
    assert Charge.objects.filter(commissioner=officers[1]).exists()
    draft = actions.draw_round(analyst)
    actions.end_appointment(analyst, officers[1].pk, timezone.localdate())
    with pytest.raises(IllegalMove, match="离任"):
        actions.confirm_round(analyst, draft.pk)
    with pytest.raises(IllegalMove):
        actions.end_appointment(analyst, officers[1].pk, timezone.localdate())
    found = in_force(analyst)
    assert {one.commissioner for one in found.values()} == {officers[0]}
    assert ["ended", "county"] in [one.why for one in found.values()] or ["ended", "least"] in [
        one.why for one in found.values()
    ]


def test_by_hand_it_is_anothers_for_a_reason(
    regions: Regions, analyst: User, publish: Publish, officers: list[Commissioner]
) -> None:
    a, *_rest = towns_of(regions, COUNTY_A)
    publish(1, a)
    one = next(one for one in in_force(analyst).values() if one.region_path == regions[a].path)
    other = next(each for each in officers if each != one.commissioner)
    with pytest.raises(InputError):
        actions.reassign(analyst, one.pk, other.user.username, "oversight", "")
    with pytest.raises(InputError):
        actions.reassign(analyst, one.pk, "nobody", "oversight", "回避")
    changed = actions.reassign(analyst, one.pk, other.user.username, "oversight", "亲属在该镇任职，回避")
    assert (changed.commissioner, changed.why, changed.form, changed.wanted) == (
        other,
        ["hand"],
        "oversight",
        1,
    )
    row = AuditRow.objects.get(verb="reassign_charge")
    assert row.purpose == "亲属在该镇任职，回避"
    assert ("form", "key", "oversight") in row.changes


def test_the_tick_draws_once_for_each_ranking_and_confirms_nothing(
    regions: Regions, analyst: User, publish: Publish, make_user: MakeUser
) -> None:
    now = timezone.now()
    assert ticking.tick(now) == 0
    publish(2, *towns_of(regions, COUNTY_A))
    assert ticking.tick(now) == 0, "nobody is in office"
    make_user(Role.COMMISSIONER, name="com-c")
    actions.appoint(analyst, "com-c", COUNTY_A, month_back(3))
    assert [ticking.tick(now), ticking.tick(now)] == [1, 0]
    draft = Round.objects.get()
    assert (draft.state, draft.drawn_by) == ("draft", None)
    publish(1, *towns_of(regions, COUNTY_B))
    assert [ticking.tick(now), ticking.tick(now)] == [1, 0]
    assert Round.objects.get().ranking.since > draft.ranking.since


def test_only_commissioners_are_appointed_once(
    analyst: User, make_user: MakeUser, officers: list[Commissioner]
) -> None:
    today = timezone.localdate()
    make_user(Role.PUBLICIST, name="no-commissioner")
    for name, county in (("no-commissioner", COUNTY_A), ("com-a", "nowhere"), ("com-a", COUNTY_B)):
        with pytest.raises(InputError):
            actions.appoint(analyst, name, county, today)
    with pytest.raises(NotPermitted):
        actions.appoint(officers[0].user, "com-b", COUNTY_A, today)
    with pytest.raises(InputError):
        actions.end_appointment(analyst, officers[0].pk, today + dt.timedelta(days=1))


def test_a_later_figure_of_staff_counts(
    regions: Regions, analyst: User, publish: Publish, officers: list[Commissioner],
    enterprises: list[Partner], few: None,
) -> None:  # fmt: skip
    publish(1, *towns_of(regions, COUNTY_A))
    actions.enter_staff(analyst, "企业2", 5000, month_back(2), "统计局")
    actions.enter_staff(analyst, "企业0", 100, month_back(2), "企业申报")
    found = [one for one in in_force(analyst).values() if one.kind == "enterprise"]
    assert [(str(one), one.measure) for one in found] == [("企业2", 5000), ("企业1", 800)]
    assert [one.staff for one in queries.enterprises(analyst)] == [5000, 800, 100]
    for name, staff in (("无此企业", 5), ("企业1", 0)):
        with pytest.raises(InputError):
            actions.enter_staff(analyst, name, staff, month_back(2), "统计局")


def test_rules_that_cannot_be_are_refused_with_their_place(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "wrong.json"
    file.write_text('{"versions": [{"version": "x", "valid_from": "2021-01-01", "towns": 0}]}', "utf-8")
    settings.SUPERVISION_RULES = str(file)
    with pytest.raises(ConfigurationError, match=r"wrong\.json"):
        rule_on(timezone.localdate())
