"""Files of accountability open by themselves, collect what touched a case, and keep it when closed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.alerts import actions as alerting
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import Task
from qingdun.console.assessment import closing, collecting, opening, queries
from qingdun.console.assessment.models import Accountability
from qingdun.console.cases.models import Incident
from qingdun.console.funds.models import StopPayment
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Role
from qingdun.errors import IllegalMove, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World


def lose(world: World, person: str, yuan: int, ago: dt.timedelta, path: str = "") -> Incident:
    at = timezone.now() - ago
    return Incident.objects.create(
        person_id=person, msisdn=made.number(1), region_path=path or world.town.path, reported_at=at,
        scam_type="police", loss_fen=yuan * 100, key=f"{person}-{yuan}-{ago}", by=world.analyst,
        entered_at=at,
    )  # fmt: skip


def test_files_open_for_a_large_loss_and_for_whoever_is_hit_again(world: World) -> None:
    day = dt.timedelta(days=1)
    first = lose(world, "p01", 3_000, 9 * day)
    large = lose(world, "p02", 500_000, 8 * day)
    lose(world, "p03", 499_999, 7 * day)
    again = lose(world, "p01", 10, 2 * day)
    assert opening.open_new(timezone.now()) == 2
    assert opening.open_new(timezone.now()) == 0
    found = dict(Accountability.objects.values_list("incident", "why"))
    assert found == {large.pk: "loss", again.pk: "again"}
    assert first.pk not in found


def test_a_file_opens_for_whoever_was_dissuaded_and_paid_after_all(world: World) -> None:
    ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    Task.objects.filter(pk=task.pk).update(
        verdict="awakened", verdict_at=timezone.now() - dt.timedelta(days=12)
    )
    paid = lose(world, task.person_id, 8_000, dt.timedelta(days=1))
    assert opening.open_new(timezone.now()) == 1
    assert Accountability.objects.get().why == "dissuaded"
    assert Accountability.objects.get().incident_id == paid.pk


@pytest.fixture
def file(world: World) -> Accountability:
    """A file of somebody with an alert that was worked on, and an order to a bank."""
    ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    alerting.dispatch(world.analyst, task.pk, None)
    alerting.move(world.officer, task.pk, None, "sign")
    alerting.record_contact(world.officer, task.pk, None, "busy")
    incident = lose(world, task.person_id, 600_000, dt.timedelta(minutes=5))
    StopPayment.objects.create(
        account="6222020000000004321", account_name="某某", bank="演练银行", amount_fen=60_000_000,
        paid_at=incident.reported_at, requested_at=timezone.now(), region_path=world.town.path,
        incident=incident, key="stop", by=world.officer, turn=1,
    )  # fmt: skip
    opening.open_new(timezone.now())
    return Accountability.objects.get()


def test_it_collects_every_alert_clock_contact_and_touch_of_a_bank(
    world: World, file: Accountability
) -> None:
    found = collecting.touches(world.analyst, file)
    told = {str(one.kind) for one in found}
    assert {"报警", "预警", "时限", "步骤", "拨打", "止付"} <= told
    assert [one.at for one in found] == sorted(one.at for one in found)
    stop = next(one for one in found if one.kind == "止付")
    assert "6222020000000004321" not in stop.what
    assert "4321" in stop.what


def test_only_who_may_see_alerts_there_sees_the_file(world: World, file: Accountability) -> None:
    cadre = User.objects.create(username="cadre", role=Role.TOWN_CADRE, region=world.town, password="!")
    assert not queries.accountabilities(cadre).exists()
    assert not queries.accountabilities(world.other_county).exists()
    assert queries.accountabilities(world.county).get() == file
    with pytest.raises(NotPermitted):
        closing.close_accountability(world.county, file.pk, "县区不能结案")


def test_a_closed_file_keeps_what_was_collected(world: World, file: Accountability) -> None:
    before = [(one.at, one.kind, one.what) for one in collecting.touches(world.analyst, file)]
    closing.close_accountability(world.analyst, file.pk, "忙线后未立即转入上门，已要求整改。")
    StopPayment.objects.all().delete()
    kept = Accountability.objects.get()
    assert [(one.at, one.kind, one.what) for one in collecting.touches(world.analyst, kept)] == before
    with pytest.raises(IllegalMove):
        closing.close_accountability(world.analyst, file.pk, "再结一次")
