"""A bank or an operator sees what was addressed to it and nothing else: every read of the console is asked by
a party's officer.
"""

from __future__ import annotations

from collections import defaultdict

import pytest
from django.utils import timezone

from qingdun.console.kernel.loading import load_regions
from qingdun.console.kernel.models import Organisation, Region, User
from qingdun.console.kernel.roles import Role
from tests.console.conftest import station_for
from tests.console.places import CITY, small_city
from tests.console.places import COUNTY_A as OURS
from tests.console.places import COUNTY_B as THEIRS
from tests.laws.scope_samples import SAMPLES
from tests.laws.test_scope import LEFT, analyst, ask, is_nothing

OF_NOBODY = {
    "alerts.timeline.may_be_shown": "what of nothing may be printed",
    "alerts.timeline.lanes": "four empty lanes",
    "cases.case_views.tabs": "names of tabs",
    "industry.views.tabs": "names of tabs",
    "industry.queries.parties": "the party itself",
    "industry.tables.party_choices": "the party itself",
    "industry.queries.budget": "how many false blocks a week may have",
    "cases.figures.counted": "figures, each of them nought",
    "industry.figures.counted": "figures, each of them nought",
    "outreach.figures.counted": "figures, each of them nought",
    "outreach.figures.parted": "figures, each of them nought",
    "outreach.standing.board": "the residents of the census, and noughts",
    "assessment.figures.counted": "figures, each of them nought",
    "command.wall.money": "figures, each of them nought",
    "assessment.views.tabs": "names of tabs",
    "supervision.figures.counted": "figures, each of them nought",
    "supervision.views.tabs": "names of tabs",
    "industry.registers.listed": "whether an identity that it knows already is listed",
    "kernel.imports.queries.usable_kinds": "the kinds of files it may bring",
    "kernel.queries.search_pages": "the names of pages it may open",
}
"""Reads whose answer holds nothing of anybody, and what it does hold."""
BY_DATA: dict[str, list[str]] = defaultdict(list)
for _name in sorted(LEFT):
    BY_DATA[SAMPLES[_name].populate.__name__].append(_name)


@pytest.fixture
def nobodys(db: None, monkeypatch: pytest.MonkeyPatch) -> User:
    """The officer of a bank to which nothing was sent, whose region is the whole city."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    load_regions(small_city())
    analyst()
    for town in Region.objects.filter(level=Region.Level.TOWN):
        station_for(town)
    city = Region.objects.get(code=CITY)
    bank = Organisation.objects.create(code="nobody", kind="bank", name="无关银行", region=city)
    return User.objects.create(
        username="nobody", role=Role.PARTY_OFFICER, region=city, organisation=bank, password="!"
    )


@pytest.mark.parametrize("data", sorted(BY_DATA))
def test_a_party_to_which_nothing_was_sent_sees_nothing(data: str, nobodys: User) -> None:
    names = BY_DATA[data]
    SAMPLES[names[0]].populate(OURS)
    seen = [name for name in names if not is_nothing(ask(LEFT[name], nobodys, SAMPLES[name], OURS))]
    assert [name for name in seen if name not in OF_NOBODY] == []


def test_what_a_party_sees_does_not_depend_on_what_was_sent_to_others(nobodys: User) -> None:
    reads = [name for name in sorted(LEFT) if name.startswith("industry.")]
    SAMPLES["industry.queries.restrictions"].populate(OURS)
    officer = User.objects.get(username=f"compliance-{OURS}")
    officer.region = nobodys.region
    officer.save()
    before = {name: ask(LEFT[name], officer, SAMPLES[name], OURS) for name in reads}
    assert not is_nothing(before["industry.queries.restrictions"])
    SAMPLES["industry.queries.restrictions"].populate(THEIRS)
    assert {name: ask(LEFT[name], officer, SAMPLES[name], OURS) for name in reads} == before
    named = [name for name in reads if SAMPLES[name].names_something]
    assert len(named) >= 5
    for name in named:
        assert is_nothing(ask(LEFT[name], officer, SAMPLES[name], THEIRS)), name
