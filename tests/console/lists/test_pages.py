"""The pages: what each role gets, the review, masks, files, the keys of forms."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from qingdun.console.alerts import intake, snapshots
from qingdun.console.alerts.models import Suspect
from qingdun.console.kernel.models import AuditRow, Person, PersonNumber, Region
from qingdun.console.lists import queries, reviewing
from qingdun.console.lists.models import Entry
from qingdun.console.lists.reading import read_candidates
from qingdun.contract.tables import ClusterMember
from tests.console.alerts import world
from tests.console.conftest import LogIn
from tests.console.lists.conftest import Listed, People, candidate, propose
from tests.console.places import COUNTY_B, TOWN_A

pytestmark = pytest.mark.django_db
ACCOUNT = "6200000000000017"


@pytest.fixture
def suspects(people: People) -> list[Suspect]:
    """Two suspects of the engine, one tied to a third, with a victim in the officer's town."""
    town = Region.objects.get(code=TOWN_A)
    Person.objects.create(
        person_id="p00", name="郑晓岚", birth_year=1960, sex="f", floating=False, region=town,
        region_path=town.path,
    )  # fmt: skip
    intake.ingest_alerts(None, [world.police_urgent()])
    snapshots.replace_suspects(None, world.suspects())
    at = world.us(world.MORNING)
    snapshots.replace_clusters(
        None,
        [
            ClusterMember("c1", "number", world.CALLER, at, 0.9),
            ClusterMember("c1", "account", ACCOUNT, at, 0.8),
        ],
    )
    return list(Suspect.objects.order_by("-score"))


def post(client: Client, name: str, data: dict[str, Any], *args: Any) -> str:
    response = client.post(reverse(name, args=args), data, follow=True)
    assert response.status_code == 200, response.content[:300]
    return response.content.decode()


def test_suspects_are_reviewed_with_score_victims_and_cluster(
    people: People, suspects: list[Suspect], log_in: LogIn
) -> None:
    page = log_in(people.analyst).get(reverse("lists:review")).content.decode()
    assert world.CALLER in page
    row = queries.suspect_rows(people.analyst, suspects)[0]
    assert (row.victims, row.cluster) == (1, 2)
    far = people.county
    far.region = Region.objects.get(code=COUNTY_B)
    far.save()
    assert [one.victims for one in queries.suspect_rows(far, suspects)] == [0, 0]


def test_a_city_analyst_lists_a_suspect_with_one_key(
    people: People, suspects: list[Suspect], log_in: LogIn
) -> None:
    client = log_in(people.analyst)
    data = {"suspect": suspects[0].pk, "verdict": "list", "list": "black", "key": "k-1"}
    post(client, "lists:decide", data)
    entry = Entry.objects.get()
    assert (entry.entity, entry.state, entry.scam_type) == (world.CALLER, "active", "police")
    assert entry.reason == world.suspects()[0].reasons[0]
    assert {piece.detector for piece in entry.evidence.all()} >= {"", "call.overseas", "call.long_live"}
    assert {piece.alert_id for piece in entry.evidence.exclude(detector="")} == {
        world.police_urgent().alert_id
    }
    assert [one.pk for one in queries.to_review(people.analyst)] == [suspects[1].pk]
    post(client, "lists:decide", data)
    assert Entry.objects.count() == 1


def test_a_county_officer_proposes_and_refusing_is_not_theirs(
    people: People, suspects: list[Suspect], log_in: LogIn
) -> None:
    client = log_in(people.county)
    post(client, "lists:decide", {"suspect": suspects[0].pk, "verdict": "list", "list": "grey", "key": "k-1"})
    assert Entry.objects.get().state == "proposed"
    data = {"suspect": suspects[1].pk, "verdict": "refuse", "reason": "误报", "key": "k-2"}
    assert client.post(reverse("lists:decide"), data).status_code == 403


def test_a_refused_suspect_leaves_the_review_and_is_marked_when_it_returns(
    people: People, suspects: list[Suspect], log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = log_in(people.analyst)
    data = {"suspect": [one.pk for one in suspects], "verdict": "refuse", "list": "black", "key": "k-1"}
    post(client, "lists:decide", data)
    assert queries.to_review(people.analyst).count() == 2  # no reason was given
    post(client, "lists:decide", {**data, "reason": "本地快递"})
    assert not queries.to_review(people.analyst).exists()
    from qingdun.console.lists import rules

    monkeypatch.setattr(rules, "review_again", lambda: rules.longest() * 0)
    back = queries.suspect_rows(people.analyst, queries.to_review(people.analyst))
    assert [row.refused for row in back] == [True, True]


def test_evidence_of_an_entry_is_of_whoever_sees_its_alert(
    people: People, suspects: list[Suspect], log_in: LogIn
) -> None:
    made, _done = reviewing.review(people.analyst, [suspects[0].pk], "list", "black", "", "k-1")
    about = made.entries[0]
    assert any(piece.alert_id for piece in queries.evidence(people.county, about))
    people.county.region = Region.objects.get(code=COUNTY_B)
    people.county.save()
    seen = queries.evidence(people.county, about)
    assert seen
    assert not any(piece.alert_id for piece in seen)
    page = log_in(people.county).get(reverse("lists:entry", args=[about.pk])).content.decode()
    assert "通话已持续" not in page


def test_accounts_and_residents_numbers_are_masked_everywhere(
    people: People, listed: Listed, regions: dict[str, Region], log_in: LogIn
) -> None:
    person = Person.objects.create(
        person_id="r1", birth_year=1980, sex="m", floating=False, region=regions[TOWN_A],
        region_path=regions[TOWN_A].path,
    )  # fmt: skip
    PersonNumber.objects.create(
        msisdn="+8617258010009", person=person, carrier="x", virtual_operator=False, activated_on="2020-01-01"
    )
    account, own = listed(ACCOUNT, "account"), listed("+8617258010009", "number")
    host = listed("bad.example.invalid")
    client = log_in(people.analyst)
    addresses = [
        reverse("lists:entries"),
        *(reverse("lists:entry", args=[one.pk]) for one in (account, own, host)),
        reverse("lists:proposal", args=[account.proposal_id]),
        reverse("lists:export") + "?form=csv",
    ]
    pages = "".join(client.get(address).content.decode() for address in addresses)
    assert ACCOUNT not in pages
    assert "+8617258010009" not in pages
    assert "****0017" in pages
    assert "bad.example.invalid" in pages
    post(client, "lists:find", {"q": ACCOUNT})
    found = client.post(reverse("lists:find"), {"q": "6200 0000 0000 0017"})
    assert found["Location"].endswith(f"among={account.pk}")
    shown = post(client, "lists:unmask", {"purpose": "核实涉案账户"}, account.pk)
    assert ACCOUNT in shown
    assert AuditRow.objects.filter(verb="unmask_entry", purpose="核实涉案账户").exists()


def test_a_legible_export_needs_a_purpose_on_record(people: People, listed: Listed, log_in: LogIn) -> None:
    listed(ACCOUNT, "account")
    client = log_in(people.analyst)
    address = reverse("lists:export") + "?state=active"
    assert ACCOUNT not in client.post(address, {"purpose": "", "form": "csv"}, follow=True).content.decode()
    out = client.post(address, {"purpose": "移交运营商处置", "form": "csv"})
    assert ACCOUNT in out.content.decode()
    assert AuditRow.objects.get(verb="export_entries").purpose == "移交运营商处置"
    assert client.get(address + "&form=xlsx").content[:2] == b"PK"


def test_a_file_is_read_with_errors_by_row(people: People, log_in: LogIn) -> None:
    client = log_in(people.officer)
    text = "类型,对象,理由\n域名,ok.example.invalid,仿冒\n号码,110,误\n"
    page = post(client, "lists:propose_by_file", {
        "file": SimpleUploadedFile("提报.csv", text.encode("gb18030")), "list": "black", "key": "f-1",
    })  # fmt: skip
    assert "提报.csv" in page
    assert re.search(r"<b>3</b>", page)
    proposal = Entry.objects.get().proposal
    out = client.get(reverse("lists:refused", args=[proposal.pk])).content.decode("utf-8-sig")
    assert "110" in out
    wrong = client.post(reverse("lists:propose_by_file"), {"list": "black", "key": "f-2"})
    assert wrong.status_code == 422
    blank = client.get(reverse("lists:template")).content
    assert blank.startswith(b"\xef\xbb\xbf")
    (example,) = read_candidates("t.csv", blank, "grey")
    assert (example.list_name, example.scam_type) == ("black", "phishing"), "what it shows is taken back"


def test_by_hand_says_what_is_wrong_and_keeps_what_was_typed(people: People, log_in: LogIn) -> None:
    client = log_in(people.officer)
    form = {"kind": "host", "entity": "mp.weixin.qq.com", "list": "black", "reason": "群发链接", "key": "h-1"}
    refused = client.post(reverse("lists:propose_by_hand"), form)
    assert refused.status_code == 422
    assert "群发链接" in refused.content.decode()
    post(
        client,
        "lists:propose_by_hand",
        {**form, "entity": "a.example.invalid", "key": "h-2", "until": "2026-13-01"[:0]},
    )
    assert Entry.objects.get().entity == "a.example.invalid"
    bad_day = client.post(reverse("lists:propose_by_hand"), {**form, "until": "soon", "key": "h-3"})
    assert bad_day.status_code == 422


def test_entries_are_decided_one_by_one_in_bulk_and_by_proposal(people: People, log_in: LogIn) -> None:
    made = propose(people.county, *(candidate(f"h{n}.example.invalid") for n in range(3)))
    client = log_in(people.analyst)
    first = made.entries[0]
    post(client, "lists:act", {"verb": "approve", "entry": f"{first.pk}:{first.version}"})
    post(client, "lists:act", {"verb": "approve", "proposal": made.proposal.pk})
    assert Entry.objects.filter(state="active").count() == 3
    page = post(client, "lists:act", {"verb": "reverse", "entry": f"{first.pk}:1", "note": "误"})
    assert Entry.objects.filter(state="active").count() == 3, "an old version is not acted on"
    assert "data-tone" in page
    post(
        client, "lists:act", {"verb": "extend", "entry": str(first.pk), "note": "续期", "until": "2027-12-31"}
    )
    post(client, "lists:act", {"verb": "reverse", "entry": str(first.pk), "note": "误报"})
    assert Entry.objects.filter(state="reversed").count() == 1
    assert client.get(reverse("lists:entry", args=[first.pk])).status_code == 200


def test_the_page_of_an_entity_tells_its_lists_and_proposes(
    people: People, suspects: list[Suspect], log_in: LogIn
) -> None:
    client = log_in(people.officer)
    address = reverse("alerts:entity", args=[f"s{suspects[0].pk}"])
    post(client, "lists:propose_entity", {"list": "black", "reason": "", "key": "e-1"}, f"s{suspects[0].pk}")
    entry = Entry.objects.get()
    assert entry.proposal.source == "entity"
    assert [one.pk for one in queries.of_entity(people.officer, "number", world.CALLER)] == [entry.pk]
    assert client.get(address).status_code == 200


def test_a_listed_domain_is_told_on_the_pages_of_its_hosts(people: People, listed: Listed) -> None:
    entry = listed("example.invalid")
    assert [one.pk for one in queries.of_entity(people.officer, "host", "a.b.example.invalid")] == [entry.pk]


def test_search_finds_whole_entities_alone(people: People, listed: Listed) -> None:
    listed(ACCOUNT, "account")
    (hit,) = queries.search_entries(people.analyst, "6200 0000 0000 0017")
    assert hit.title == "****0017"
    assert not queries.search_entries(people.analyst, "62000000")
    assert not queries.search_entries(people.viewer, ACCOUNT)


@pytest.mark.parametrize("name", ["lists:review", "lists:entries", "lists:propose"])
def test_who_may_see_the_pages(people: People, log_in: LogIn, name: str) -> None:
    address = reverse(name)
    assert Client().get(address).status_code == 302
    assert log_in(people.viewer).get(address).status_code == 403
    for user in (people.officer, people.county, people.analyst):
        assert log_in(user).get(address).status_code == 200


def test_filters_of_the_address(people: People, listed: Listed, log_in: LogIn) -> None:
    listed("bad.example.invalid")
    listed(ACCOUNT, "account", "grey")
    client = log_in(people.analyst)
    for query, count in (
        ("", 2), ("list=grey", 1), ("kind=host", 1), ("state=waiting", 0), ("type=police", 0), ("mine=1", 2),
        ("state=nonsense&page=-3&sort=ending&list=purple&proposal=9", 0), ("among=0", 0),
    ):  # fmt: skip
        page = client.get(reverse("lists:entries") + f"?{query}").content.decode()
        assert page.count("<tr data-row>") == count, query
