"""The demonstration's chain, provisions and undertakings: something of everything, made once."""

from __future__ import annotations

from collections import Counter

import pytest
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.command import overdue, queries
from qingdun.console.command.demo import create_demo_command
from qingdun.console.command.models import Absence, Post, Tenure, Undertaking
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.outreach.models import Grid, Unit
from qingdun.errors import NotPermitted


@pytest.mark.django_db(transaction=True)  # as `serve` makes it: no transaction is there before
def test_the_chain_has_something_of_everything_once(regions: dict[str, Region], settings: Settings) -> None:
    with pytest.raises(NotPermitted):
        create_demo_command()
    settings.DEMO = True
    city = regions["441800"]
    viewer = User.objects.create(
        username="demo-city", demo=True, role=Role.CITY_ANALYST, region=city, password="!"
    )
    today = timezone.localdate()
    for number in range(20):
        Unit.objects.create(
            name=f"单位{number}", kind="party", region_path=city.path, joined_on=today, by=viewer
        )
    villages = [one for one in regions.values() if one.level == "village"]
    Grid.objects.create(code="g", name="网格", region_path=villages[0].path)
    assert create_demo_command() == Post.objects.count() > len(regions)
    assert create_demo_command() == 0
    now = timezone.now()
    standing = queries.answering(viewer, [one.path for one in villages], now)
    assert all(len(one) >= 4 for one in standing.values())
    assert any(one.standing == "deputy" for found in standing.values() for one in found)
    assert Tenure.objects.exclude(until=None).exists()
    assert Tenure.objects.exclude(note="").exists()
    assert Absence.objects.exists()
    assert queries.posts(viewer).filter(holder=None).exists()
    assert queries.provisions(viewer).count() == 16
    states = Counter(Undertaking.objects.values_list("state", flat=True))
    assert set(states) == {"open", "reported", "accepted"}
    assert Undertaking.objects.filter(returns=1).exists()
    assert Undertaking.objects.exclude(proofs=None).count() == Undertaking.objects.count()
    late = overdue.counts(viewer, overdue.Wanted())
    assert late["undertakings"]
    assert late["acceptances"]
    assert all(name.startswith("演示") for name in Tenure.objects.values_list("name", flat=True))
    assert verify_chain().intact
