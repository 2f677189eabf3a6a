"""Pages of one row: its facts and what hangs on it; entries that end, are put right or struck out."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.kernel.roles import Role
from qingdun.console.outreach import correcting, facts, matrix
from qingdun.console.outreach.matrix import EventForm
from qingdun.console.outreach.models import Ambassador, Event, Partner, Unit, Venue
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_A, COUNTY_B, TOWN_A

DAY = dt.date(2026, 3, 1)


class World:
    """A unit with an ambassador, a venue and an enterprise at which they held two events."""

    def __init__(self, actor: User) -> None:
        unit = {"name": "市总工会", "kind": "people", "region": "", "joined_on": DAY, "matrix_on": DAY}
        self.unit: Unit = matrix.add_unit(actor, unit)
        self.venue: Venue = matrix.add_venue(
            actor, {"name": "反诈公园", "kind": "park", "region": TOWN_A, "opened_on": DAY}
        )
        self.partner: Partner = matrix.add_partner(
            actor, {"name": "演示企业", "kind": "enterprise", "region": TOWN_A, "people": 90}
        )
        self.person: Ambassador = matrix.appoint(
            actor,
            {"name": "演示甲", "field": "教师", "unit": "市总工会", "region": "", "appointed_on": DAY},
        )
        self.events: list[Event] = [
            matrix.hold_event(
                actor,
                EventForm(
                    f"走进企业{number}", "enterprise", DAY, 40 + number, TOWN_A, "礼堂", "反诈公园",
                    "市总工会", ["演示企业"], ["演示甲"],
                ),
            )
            for number in range(2)
        ]  # fmt: skip
        matrix.sign_pledge(
            actor, {"partner": "演示企业", "signed_on": DAY, "until": None, "document": "责任书"}
        )


@pytest.fixture
def world(publicist: User) -> World:
    return World(publicist)


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_a_name_leads_to_its_facts_and_every_figure_to_its_rows(
    world: World, publicist: User, log_in: LogIn
) -> None:
    client = log_in(publicist)
    rows = {
        "units": (world.unit, [1, 2, 81]),
        "ambassadors": (world.person, [2, 81]),
        "venues": (world.venue, [2, 81]),
        "partners": (world.partner, [2, 81, 1, 0]),
    }
    for code, (row, values) in rows.items():
        address = f"/outreach/r/{code}/{row.pk}/"
        assert address in shown(client, f"/outreach/t/{code}/")
        page = shown(client, address)
        found = facts.facts(publicist, code, row.pk)
        assert [one.value for one in found.figures] == values
        for one in found.figures:
            assert one.url.replace("&", "&amp;") in page
            behind = shown(client, one.url)
            assert one.figure.total or f"{one.value} 行" in behind, one.url
        if code != "ambassadors":
            assert f"/outreach/events/{world.events[0].pk}/" in page
    assert f'href="/outreach/r/units/{world.unit.pk}/"' in shown(
        client, f"/outreach/r/ambassadors/{world.person.pk}/"
    )
    event = shown(client, f"/outreach/events/{world.events[0].pk}/")
    for code, row in (("units", world.unit), ("venues", world.venue), ("partners", world.partner)):
        assert f'href="/outreach/r/{code}/{row.pk}/"' in event
    narrowed = shown(client, f"/outreach/t/events/?unit={world.unit.pk}")
    assert "市总工会" in narrowed
    assert "显示全部" in narrowed


def test_facts_are_of_one_s_own_region(world: World, make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user(Role.COUNTY_OFFICER, COUNTY_B))
    for code, row in (("venues", world.venue), ("partners", world.partner), ("units", world.unit)):
        assert client.get(f"/outreach/r/{code}/{row.pk}/").status_code == 403
    assert client.get("/outreach/r/venues/999/").status_code == 403
    assert client.get("/outreach/r/counts/1/").status_code == 403
    theirs = make_user(Role.COUNTY_OFFICER, COUNTY_A)
    event = shown(log_in(theirs), f"/outreach/events/{world.events[0].pk}/")
    assert "市总工会" in event  # the city's unit is named, and no link leads where they may not go
    assert f"/outreach/r/units/{world.unit.pk}/" not in event
    with pytest.raises(NotPermitted):
        correcting.correct(theirs, "units", world.unit.pk, {})


def test_a_unit_an_ambassador_and_a_venue_end_from_their_pages(
    world: World, publicist: User, make_user: MakeUser, log_in: LogIn
) -> None:
    client, today = log_in(publicist), timezone.localdate()
    ends = (
        ("units", world.unit, "left_on"), ("venues", world.venue, "closed_on"),
        ("ambassadors", world.person, "ended_on"),
    )  # fmt: skip
    for code, row, name in ends:
        page = f"/outreach/r/{code}/{row.pk}/"
        assert f"{page}end/" in shown(client, page)
        assert str(row) in shown(client, f"{page}end/")
        for wrong in (DAY - dt.timedelta(days=1), today + dt.timedelta(days=1)):
            answer = client.post(f"{page}end/", {"on": f"{wrong}"})
            assert answer.status_code == 422
            assert 'id="e-on"' in answer.content.decode()
        assert client.post(f"{page}end/", {"on": f"{today}"})["Location"] == page
        row.refresh_from_db()
        assert getattr(row, name) == today
    assert AuditRow.objects.filter(verb="end_membership").count() == 3
    assert client.get(f"/outreach/r/events/{world.events[0].pk}/end/").status_code == 403
    officer = log_in(make_user(Role.STATION_OFFICER, TOWN_A))
    page = f"/outreach/r/venues/{world.venue.pk}/"
    assert f"{page}end/" not in shown(officer, page)
    assert officer.get(f"{page}end/").status_code == 403


def test_an_entry_is_put_right_and_the_audit_has_both(world: World, publicist: User, log_in: LogIn) -> None:
    client = log_in(publicist)
    event = world.events[0]
    form = f"/outreach/r/events/{event.pk}/correct/"
    page = shown(client, form)
    for said in ("走进企业0", "2026-03-01", "反诈公园", "市总工会", "演示企业", "演示甲"):
        assert said in page
    typed = {
        "title": "走进企业0", "kind": "enterprise", "on": "2026-03-02", "heads": "412", "region": TOWN_A,
        "place": "礼堂", "venue": "", "unit": "市总工会", "partners": "演示企业", "ambassadors": "",
    }  # fmt: skip
    assert client.post(form, typed)["Location"] == f"/outreach/events/{event.pk}/"
    event.refresh_from_db()
    assert (event.heads, event.venue, event.on) == (412, None, dt.date(2026, 3, 2))
    assert not event.ambassadors.exists()
    audited = AuditRow.objects.get(verb="correct_entry")
    assert ("heads", 40, 412) in audited.changes
    assert {name for name, _before, _after in audited.changes} == {"heads", "venue", "on", "ambassadors"}
    assert client.post(form, typed).status_code == 302
    assert AuditRow.objects.filter(verb="correct_entry").count() == 1
    assert client.post(form, {**typed, "unit": "无此单位"}).status_code == 422
    assert client.post(form, {**typed, "title": "走进企业1", "on": "2026-03-01"}).status_code == 422
    for code, row in (("units", world.unit), ("ambassadors", world.person), ("partners", world.partner)):
        assert client.get(f"/outreach/r/{code}/{row.pk}/correct/").status_code == 200


def test_what_was_ended_cannot_have_begun_later(world: World, publicist: User) -> None:
    correcting.end(publicist, "venues", world.venue.pk, DAY + dt.timedelta(days=5))
    with pytest.raises(FieldFaults) as wrong:
        correcting.correct(
            publicist, "venues", world.venue.pk,
            {"name": "反诈公园", "kind": "park", "region": TOWN_A, "opened_on": DAY + dt.timedelta(days=9)},
        )  # fmt: skip
    assert list(wrong.value.faults) == ["opened_on"]


def test_what_nothing_hangs_on_can_be_struck_out_with_a_reason(
    world: World, publicist: User, log_in: LogIn
) -> None:
    with pytest.raises(IllegalMove, match="关联"):
        correcting.strike(publicist, "venues", world.venue.pk, "重复录入")
    event = world.events[1]
    with pytest.raises(InputError):
        correcting.strike(publicist, "events", event.pk, "")
    client = log_in(publicist)
    address = f"/outreach/r/events/{event.pk}/strike/"
    assert client.post(address, {"reason": "重复录入"})["Location"] == "/outreach/t/events/"
    assert not Event.objects.filter(pk=event.pk).exists()
    audited = AuditRow.objects.get(verb="strike_entry")
    assert ("name", "走进企业1", None) in audited.changes
    assert audited.purpose == "重复录入"
    refused = client.post(f"/outreach/r/units/{world.unit.pk}/strike/", {"reason": "重复录入"}, follow=True)
    assert "另有记录与其关联" in refused.content.decode()


def test_of_two_of_one_name_the_near_one_is_meant(world: World, publicist: User) -> None:
    far = matrix.add_partner(
        publicist, {"name": "演示企业", "kind": "enterprise", "region": COUNTY_B, "people": 0}
    )
    near = matrix.hold_event(
        publicist, EventForm("近处", "enterprise", DAY, 5, TOWN_A, partners=["演示企业"])
    )
    assert list(near.partners.all()) == [world.partner]
    with pytest.raises(FieldFaults, match="多个"):
        matrix.hold_event(publicist, EventForm("全市", "enterprise", DAY, 5, partners=["演示企业"]))
    place = str(far.region_path.rstrip("/").rsplit("/", 1)[-1])
    assert place == COUNTY_B
    named = matrix.hold_event(
        publicist, EventForm("全市", "enterprise", DAY, 5, partners=["清城区 演示企业"])
    )
    assert list(named.partners.all()) == [far]


def test_words_typed_above_a_ledger_narrow_its_page_and_its_file(
    world: World, publicist: User, log_in: LogIn
) -> None:
    client = log_in(publicist)
    page = shown(client, "/outreach/t/events/?words=企业1")
    assert "走进企业1" in page
    assert "走进企业0" not in page
    answer = client.post("/outreach/t/events/file/?words=企业1", {"form": "csv"})
    left = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "走进企业1" in left
    assert "走进企业0" not in left
    assert "演示甲" in shown(client, "/outreach/t/ambassadors/?words=教师")
