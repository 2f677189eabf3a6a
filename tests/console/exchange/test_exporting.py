"""Files for those who do not speak TAXII: read by OASIS's library, by MISP's, and by ourselves."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import pytest
import stix2
from click.testing import CliRunner
from django.urls import reverse
from pymisp import MISPEvent

from qingdun.cli.exchange import exchange
from qingdun.console.exchange import exporting
from qingdun.console.exchange.actions import hand_over
from qingdun.console.exchange.codes import Form
from qingdun.console.exchange.models import Share
from qingdun.console.exchange.reading import items_of, read
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import AuditRow
from qingdun.console.lists import actions as lists
from qingdun.console.lists.models import Entry
from qingdun.errors import RefusedError
from tests.console.conftest import LogIn
from tests.console.exchange.conftest import RULE, Meet, Outside, by_itself
from tests.console.lists.conftest import Listed, People

pytestmark = pytest.mark.django_db
LISTED = (
    ("number", "+8617258010001"), ("number", "+85251234567"), ("sender", "+10690001"),
    ("host", "a.example.invalid"), ("host", "192.0.2.7"), ("account", "6200000000000017"),
    ("device", "860000000000001"),
)  # fmt: skip


@pytest.fixture
def outside(meet: Meet, listed: Listed, people: People) -> Outside:
    """A peer that is given every kind; one entry was reversed after it was shared."""
    for kind, entity in LISTED:
        listed(entity, kind)
    gone = listed("gone.example.invalid")
    found = meet("all", RULE, kinds=(*RULE.kinds, "account", "device"), ceiling="amber")
    by_itself()
    lists.reverse(people.colleague, [(gone.pk, None)], "误报")
    by_itself()
    return found


def written(outside: Outside, form: Form) -> str:
    peer, upto = hand_over(None, outside.peer.pk, form)
    return "".join(exporting.parts(peer, form, upto))


def test_a_bundle_is_read_strictly_and_twice_the_same(outside: Outside) -> None:
    text = written(outside, Form.STIX)
    assert text == written(outside, Form.STIX)
    bundle = stix2.parse(text, version="2.1")
    kinds = [one["type"] for one in json.loads(text)["objects"]]
    assert kinds.count("indicator") == len(LISTED) + 1
    ids = [one["id"] for one in json.loads(text)["objects"]]
    assert len(ids) == len(set(ids))
    revoked = [one for one in bundle.objects if one["type"] == "indicator" and one.get("revoked")]
    assert [one["pattern"] for one in revoked] == ["[domain-name:value = 'gone.example.invalid']"]
    back = [read(Form.STIX, one.body) for one in items_of(Form.STIX, "b", text.encode())]
    assert {named for one in back for named in one.named} == set(LISTED)


def test_an_event_loads_in_misp_s_own_library(outside: Outside) -> None:
    text = written(outside, Form.MISP)
    assert text == written(outside, Form.MISP)
    event = MISPEvent()
    event.load(json.loads(text))
    assert len(event.attributes) == len(LISTED) + 1
    gone = [one for one in event.attributes if one.deleted]
    assert [one.value for one in gone] == ["gone.example.invalid"]
    types = {one.value: one.type for one in event.attributes}
    assert types["+8617258010001"] == "phone-number"
    assert types["192.0.2.7"] == "ip-dst"
    assert all(any(tag.name.startswith("tlp:") for tag in one.tags) for one in event.attributes)


def test_a_table_is_what_the_lists_take_in(outside: Outside, people: People) -> None:
    new_year = midnight(dt.date(2027, 1, 1))
    whole_days = Entry.objects.get(entity="a.example.invalid")
    lists.extend(people.colleague, [(whole_days.pk, None)], new_year, "到年底")
    by_itself()
    text = written(outside, Form.CSV)
    assert ",2026-12-31," in text
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert len(rows) == len(LISTED)
    back = [read(Form.CSV, one.body) for one in items_of(Form.CSV, "t.csv", text.encode())]
    assert {named for one in back for named in one.named} == set(LISTED)
    until = {one.entity: one.until for one in Entry.objects.all()}
    for one in back:
        assert one.until == until[one.named[0][1]].replace(microsecond=0), "its time of day is kept"


def test_who_exported_what_is_on_record(outside: Outside, people: People, log_in: LogIn) -> None:
    assert not Share.objects.exclude(handed_at=None).exists()
    answer = log_in(people.analyst).post(reverse("exchange:export", args=[outside.peer.pk]), {"form": "csv"})
    assert answer["Content-Disposition"].startswith('attachment; filename="all-csv-')
    assert b"6200000000000017" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    row = AuditRow.objects.get(verb="export_to_peer")
    assert (row.actor, json.loads(row.after)["rows"]) == ("analyst", len(LISTED) + 1)
    assert Share.objects.filter(handed_at=None, issued__object_type="indicator", latest=True).count() == 0
    entry = Entry.objects.get(entity="a.example.invalid")
    page = log_in(people.officer).get(reverse("lists:entry", args=[entry.pk])).content.decode()
    assert outside.peer.name in page
    peer = log_in(people.analyst).get(reverse("exchange:peer", args=[outside.peer.pk])).content.decode()
    assert not entry.scam_type
    assert f">QD-{entry.pk}<" in peer


def test_without_a_rule_nothing_leaves(meet: Meet) -> None:
    with pytest.raises(RefusedError):
        written(meet("none", None), Form.STIX)
    done = CliRunner().invoke(exchange, ["export", "--peer", "none"])
    assert str(done.exception) == "No rule is in force: nothing may be shared with this peer."
