"""Findings between visits: the place reports, passed deadlines are told exactly once, the city extends."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.outreach.models import Partner
from qingdun.console.supervision import following, queries, ticking
from qingdun.console.supervision.models import Charge, Commissioner, Escalation, Shortcoming
from qingdun.console.supervision.visiting import record_visit
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.conftest import MakeUser
from tests.console.places import COUNTY_B, TOWN_A
from tests.console.supervision.conftest import Publish, days, form, in_force


@pytest.fixture
def found(
    regions: dict[str, Region], analyst: User, publish: Publish, officers: list[Commissioner],
    enterprises: list[Partner],
) -> list[Shortcoming]:  # fmt: skip
    """A finding at the first town, and one at the largest enterprise."""
    publish(1, TOWN_A)
    charges = in_force(analyst).values()
    town = next(one for one in charges if one.region_path == regions[TOWN_A].path and one.kind == "town")
    firm = next(one for one in charges if one.partner == enterprises[0])
    return [
        record_visit(
            one.commissioner.user, one.pk, form(f"visit-{one.pk:08}", "值班表缺签到")
        ).shortcomings.get()
        for one in (town, firm)
    ]


def test_a_deadline_that_passed_is_told_exactly_once(found: list[Shortcoming], cadre: User) -> None:
    town, _firm = found
    on = timezone.now() + dt.timedelta(days=15)
    assert ticking.tell_overdue(on) == 0, "the last day is not over"
    after = on + dt.timedelta(days=1)
    assert [ticking.tell_overdue(after), ticking.tell_overdue(after)] == [2, 0]
    assert ticking.tell_overdue(after + dt.timedelta(days=30)) == 0
    told = Escalation.objects.filter(shortcoming=town).get()
    assert (told.late, told.due_on) == ("place", town.due_on)
    assert AuditRow.objects.filter(verb="escalate_shortcoming").count() == 2
    # The town reports, and nobody looks again in time: that deadline is another one, and told once as well.
    following.answer_shortcoming(cadre, town.pk, "已补齐签到并张贴")
    assert [ticking.tell_overdue(timezone.now() + dt.timedelta(days=8)) for _ in range(2)] == [1, 0]
    assert [one.late for one in town.escalations.order_by("pk")] == ["place", "commissioner"]


def test_overdue_ones_are_seen_where_they_are(
    found: list[Shortcoming], analyst: User, cadre: User, make_user: MakeUser
) -> None:
    Shortcoming.objects.update(due_on=days(-1))
    assert queries.overdue(analyst).count() == 2
    assert set(queries.overdue(cadre)) == {one for one in found if one.region_path == cadre.region_path}
    assert not queries.overdue(make_user(Role.COUNTY_OFFICER, COUNTY_B)).exists()


def test_the_town_itself_reports_and_its_commissioner_for_an_enterprise(
    found: list[Shortcoming], analyst: User, cadre: User, make_user: MakeUser
) -> None:
    town, firm = found
    for actor in (analyst, town.charge.commissioner.user):
        with pytest.raises(NotPermitted):
            following.answer_shortcoming(actor, town.pk, "已整改到位")
    with pytest.raises(InputError):
        following.answer_shortcoming(cadre, town.pk, " 无 ")
    done = following.answer_shortcoming(cadre, town.pk, "已补齐签到并张贴")
    assert (done.state, done.due_on, done.answered_by) == ("answered", days(7), cadre)
    with pytest.raises(IllegalMove):
        following.answer_shortcoming(cadre, town.pk, "已补齐签到并张贴")
    assert (
        following.answer_shortcoming(firm.charge.commissioner.user, firm.pk, "企业已培训").state == "answered"
    )


def test_the_city_extends_or_drops_for_a_reason(found: list[Shortcoming], analyst: User, cadre: User) -> None:
    town, firm = found
    with pytest.raises(NotPermitted):
        following.extend_shortcoming(cadre, town.pk, days(30), "材料未到")
    for day in (days(10), days(400)):
        with pytest.raises(InputError):
            following.extend_shortcoming(analyst, town.pk, day, "施工未完成")
    assert following.extend_shortcoming(analyst, town.pk, days(30), "施工未完成").due_on == days(30)
    assert AuditRow.objects.get(verb="extend_shortcoming").purpose == "施工未完成"
    dropped = following.drop_shortcoming(analyst, firm.pk, "登记有误，不是该企业")
    assert (dropped.state, dropped.reason) == ("dropped", "登记有误，不是该企业")
    with pytest.raises(IllegalMove):
        following.extend_shortcoming(analyst, firm.pk, days(30), "施工未完成")
    assert ticking.tell_overdue(timezone.now() + dt.timedelta(days=20)) == 0


def test_a_place_with_an_overdue_finding_gets_key_supervision(
    found: list[Shortcoming], analyst: User
) -> None:
    _town, firm = found
    last = Charge.objects.filter(kind="enterprise").order_by("-position")[0]
    assert last.form == "key", "three enterprises are all among the first five"
    Shortcoming.objects.filter(pk=firm.pk).update(due_on=days(-1))
    one = next(one for one in in_force(analyst).values() if one.partner_id == firm.charge.partner_id)
    assert one.form_why == ["worst", "overdue"]
