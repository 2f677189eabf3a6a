"""What a peer sends becomes proposals with their provenance; what does not is kept with its cause."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.urls import reverse

from qingdun.console.exchange import actions, rules
from qingdun.console.exchange.models import Received, ReceivedObject
from qingdun.console.lists import actions as lists
from qingdun.console.lists.models import Entry
from qingdun.errors import IllegalMove, InputError
from tests.console.conftest import LogIn
from tests.console.exchange.conftest import Meet, Outside, by_itself
from tests.console.lists.conftest import Listed, People

pytestmark = pytest.mark.django_db
NEXT_MONTH = f"{dt.datetime.now(dt.UTC) + dt.timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"


def indicator(number: int, pattern: str, **more: Any) -> dict[str, Any]:
    at = "2026-11-01T00:00:00.000Z"
    return {
        "type": "indicator", "spec_version": "2.1",
        "id": f"indicator--{number:08d}-0000-4000-8000-000000000000", "created": at, "modified": at,
        "pattern": pattern, "pattern_type": "stix", "valid_from": at, "name": f"no {number}",
        "confidence": 70, **more,
    }  # fmt: skip


def outcomes(outside: Outside, *objects: Any) -> dict[str, tuple[str, str]]:
    """What came of each object that the peer sends for hosts, by its id."""
    answer = outside.send("host", *objects)
    assert answer.status_code == 202, answer.content
    told = answer.json()
    assert (told["status"], told["pending_count"]) == ("pending", len(objects))
    by_itself()
    told = outside.read(f"lists/status/{told['id']}/")
    assert told["status"] == "complete"
    assert told["success_count"] + told["failure_count"] == told["total_count"] == len(objects)
    found = ReceivedObject.objects.filter(received__key=told["id"])
    return {one.object_id or str(one.number): (one.outcome, one.cause) for one in found}


def test_what_is_sent_is_proposed_and_nothing_is_in_force(meet: Meet, people: People, log_in: LogIn) -> None:
    outside = meet()
    sent = indicator(
        1, "[domain-name:value = 'Pay.Example.invalid' OR url:value = 'tel:+86-172-5801-0001']",
        labels=["scam:phishing"], valid_until=NEXT_MONTH,
    )  # fmt: skip
    assert outcomes(outside, sent) == {sent["id"]: ("proposed", "")}
    entries = {(one.entity_kind, one.entity): one for one in Entry.objects.all()}
    assert set(entries) == {("host", "pay.example.invalid"), ("number", "+8617258010001")}
    for one in entries.values():
        assert (one.state, one.scam_type, one.list_name) == ("proposed", "phishing", "black")
        assert one.proposed_by == one.owner == outside.peer.account
        assert sent["id"] in one.evidence.get().text_en
        assert "70/100" in one.evidence.get().text_zh
    entry = entries["host", "pay.example.invalid"]
    page = log_in(people.analyst).get(reverse("lists:entry", args=[entry.pk])).content.decode()
    assert outside.peer.name in page
    assert sent["id"] in page
    came = reverse("exchange:delivery", args=[Received.objects.get().pk])
    page = log_in(people.analyst).get(came).content.decode()
    assert "Pay.Example.invalid" in page, "a person sees what an object names"
    assert "5801" not in page, "numbers masked"
    assert lists.approve(people.analyst, [(entry.pk, None)])[0].ok


def test_each_object_has_its_outcome_and_none_is_lost(meet: Meet, listed: Listed) -> None:
    outside = meet()
    listed("ours.example.invalid")
    by_itself()
    own = outside.read("lists/collections/host/objects/", **{"match[type]": "indicator"})["objects"][0]
    sent = [
        indicator(1, "[domain-name:value = 'new.example.invalid']"),
        indicator(2, "[domain-name:value = 'ours.example.invalid']"),
        indicator(3, "[domain-name:value = 'icbc.com.cn']"),
        indicator(4, "[domain-name:value = 'a.example' AND url:value = 'x']"),
        indicator(5, "[file:name = 'x.apk']"),
        indicator(6, "rule x {}", pattern_type="yara"),
        indicator(7, "[domain-name:value = 'b.example.invalid']", valid_until="2020-01-01T00:00:00Z"),
        indicator(8, "[domain-name:value = 'c.example.invalid']", valid_until="soon"),
        indicator(9, "", revoked=True),
        {"type": "malware", "id": "malware--1"},
        {"type": "identity", "id": "identity--1", "name": "x"},
        {"type": "indicator"},
        "no object",
        own,
        indicator(10, "[domain-name:value = 'new.example.invalid']"),
    ]  # fmt: skip
    found = outcomes(outside, *sent)
    assert list(found.values()) == [
        ("proposed", ""), ("known", ""), ("rejected", "lists"), ("rejected", "pattern"), ("rejected", "kind"),
        ("rejected", "pattern_type"), ("rejected", "lists"), ("rejected", "time"), ("rejected", "stranger"),
        ("rejected", "type"), ("context", ""), ("rejected", "no_id"), ("rejected", "no_id"), ("known", ""),
        ("known", ""),
    ]  # fmt: skip
    never = ReceivedObject.objects.get(object_id=sent[2]["id"])  # type: ignore[index]
    assert "永不封堵" in never.detail or "不" in never.detail
    assert [one.body for one in ReceivedObject.objects.filter(object_type="malware")] == [sent[9]]
    assert outcomes(outside, sent[0]) == {sent[0]["id"]: ("known", "")}  # type: ignore[index]
    assert set(Entry.objects.values_list("entity", "state")) == {
        ("ours.example.invalid", "active"), ("new.example.invalid", "proposed"),
    }  # fmt: skip


def test_what_is_taken_back_waits_for_a_person(meet: Meet, people: People) -> None:
    outside = meet()
    sent = [indicator(n, f"[domain-name:value = 'x{n}.example.invalid']") for n in (1, 2)]
    outcomes(outside, *sent)
    entries = {one.entity: one for one in Entry.objects.all()}
    lists.approve(people.analyst, [(one.pk, None) for one in entries.values()])
    later = [{**one, "revoked": True, "modified": "2026-11-02T00:00:00.000Z"} for one in sent]
    assert {outcome for outcome, _cause in outcomes(outside, *later).values()} == {"reversal"}
    assert set(Entry.objects.values_list("state", flat=True)) == {"active"}
    first, second = ReceivedObject.objects.filter(outcome="reversal").order_by("pk")
    actions.decide_reversal(people.colleague, first.pk, True, "对方已撤回")
    actions.decide_reversal(people.colleague, second.pk, False, "本市另有证据")
    states = dict(Entry.objects.values_list("entity", "state"))
    assert states == {"x1.example.invalid": "reversed", "x2.example.invalid": "active"}
    with pytest.raises(IllegalMove):
        actions.decide_reversal(people.colleague, first.pk, True, "再一次")


def test_files_of_every_form_go_the_same_way(meet: Meet, people: People) -> None:
    peer = meet().peer
    object_ = indicator(1, "[hostname:value = 'f1.example.invalid']")
    bundle = {"type": "bundle", "id": "bundle--1", "objects": [object_]}
    attributes = [
        {"uuid": "u1", "type": "domain", "value": "f2.example.invalid", "to_ids": True, "comment": "kit"},
        {"uuid": "u2", "type": "domain", "value": "f3.example.invalid", "to_ids": False},
        {"uuid": "u3", "type": "md5", "value": "0" * 32, "to_ids": True},
    ]
    within = [{"Attribute": attributes[2:]}]
    event = {"Event": {"uuid": "e", "info": "x", "Attribute": attributes[:2], "Object": within}}
    rows = ("kind,entity,reason,scam_type,until", "host,f4.example.invalid,kit,phishing,", "host,,no,,")
    table = "\n".join([*rows, "host,f5.example.invalid,r,,someday"])
    for form, name, data in (
        ("stix", "b.json", json.dumps(bundle)), ("misp", "e.json", json.dumps({"response": [event]})),
        ("csv", "t.csv", table),
    ):  # fmt: skip
        received = actions.bring_file(people.analyst, peer.pk, form, name, data.encode())
        assert actions.bring_file(people.analyst, peer.pk, form, name, data.encode()) == received
    by_itself()
    found = ReceivedObject.objects.order_by("received_id", "number").values_list("outcome", "cause")
    assert list(found) == [
        ("proposed", ""), ("proposed", ""), ("rejected", "unsure"), ("rejected", "kind"), ("proposed", ""),
        ("rejected", "lists"), ("rejected", "time"),
    ]  # fmt: skip
    assert set(Entry.objects.values_list("proposed_by__username", flat=True)) == {"analyst"}
    for form, data in (("stix", b"{"), ("stix", b"[]"), ("misp", b"{}"), ("csv", b"a,b"), ("yaml", b"x")):
        with pytest.raises(InputError):
            actions.bring_file(people.analyst, peer.pk, form, "x", data)
    assert Received.objects.count() == 3


def test_what_one_delivery_names_is_bounded(meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = meet()
    most, before = 3, rules.number
    monkeypatch.setattr(rules, "number", lambda name: most if name == "most_objects" else before(name))
    many = " OR ".join(f"domain-name:value = 'h{n}.example.invalid'" for n in range(most))
    sent = [indicator(1, f"[{many}]"), indicator(2, "[domain-name:value = 'one.example.invalid']")]
    assert outcomes(outside, *sent) == {sent[0]["id"]: ("proposed", ""), sent[1]["id"]: ("rejected", "lists")}
    assert Entry.objects.count() == most
