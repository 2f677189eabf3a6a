"""The endpoints as TAXII 2.1 says: media types, filters, pages, errors, keys, what is posted."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from qingdun.console.exchange import rules
from qingdun.console.exchange.models import Refusal, Share
from qingdun.console.exchange.ticking import tick
from qingdun.console.kernel.models import AuditRow
from qingdun.console.lists import actions as lists
from qingdun.console.lists.models import Entry
from tests.console.exchange.conftest import RULE, TAXII, Meet, Outside, by_itself
from tests.console.lists.conftest import Listed, People, candidate, propose

pytestmark = pytest.mark.django_db
HOSTS = "lists/collections/host/objects/"


@pytest.fixture
def outside(meet: Meet, listed: Listed) -> Outside:
    """A peer for which three hosts and a number are shared."""
    for name in ("a", "b", "c"):
        listed(f"{name}.example.invalid")
    listed("17258010001", "number")
    found = meet()
    by_itself()
    return found


def indicators(outside: Outside, **query: Any) -> list[dict[str, Any]]:
    return outside.read(HOSTS, **{"match[type]": "indicator", **query}).get("objects", [])


def test_discovery_root_and_collections(outside: Outside) -> None:
    found = outside.read("")
    assert found["api_roots"] == [found["default"]] == ["http://testserver/taxii2/lists/"]
    root = outside.read("lists/")
    assert root["versions"] == [TAXII]
    assert root["max_content_length"] == rules.number("max_content_length")
    known = outside.read("lists/collections/")["collections"]
    reads = {one["alias"]: one["can_read"] for one in known}
    assert reads == {
        "number": True, "sender": True, "host": True, "account": False, "device": False, "text": False,
    }  # fmt: skip
    assert outside.read(f"lists/collections/{known[2]['id']}/") == known[2]
    assert outside.ask("lists/collections/account/objects/").status_code == 403
    assert outside.ask("lists/collections/nothing/").status_code == 404


def test_without_a_rule_there_is_nothing_to_see(meet: Meet, listed: Listed) -> None:
    listed()
    outside = meet("stranger", None)
    by_itself()
    assert outside.read("lists/collections/") == {}
    assert outside.ask(HOSTS).status_code == 404
    assert outside.send("host", {"type": "indicator"}).status_code == 404


def test_filters(outside: Outside, people: People) -> None:
    first = indicators(outside)[0]
    entry = Entry.objects.get(entity="a.example.invalid")
    lists.reverse(people.colleague, [(entry.pk, None)], "误报")
    by_itself()
    ident = {"match[id]": first["id"]}
    (last,) = indicators(outside, **ident)
    assert last["revoked"] is True
    assert indicators(outside, **ident, **{"match[version]": "first"}) == [first]
    assert indicators(outside, **ident, **{"match[version]": "all"}) == [first, last]
    assert indicators(outside, **ident, **{"match[version]": first["modified"]}) == [first]
    assert indicators(outside, **ident, **{"match[version]": "first,last"}) == [first, last]
    assert indicators(outside, **{"match[spec_version]": "2.0"}) == []
    assert len(indicators(outside, **{"match[spec_version]": "2.0,2.1"})) == 3
    assert {one["type"] for one in outside.read(HOSTS, **{"match[type]": "identity"})["objects"]} == {
        "identity"
    }
    path = f"{HOSTS}{first['id']}/"
    assert outside.read(path)["objects"] == [last]
    assert len(outside.read(f"{path}versions/")["versions"]) == 2
    assert outside.ask(f"{HOSTS}indicator--00000000-0000-4000-8000-000000000000/").status_code == 404
    added = outside.ask(HOSTS, data={"limit": 1})
    rest = outside.read(HOSTS, added_after=added.headers["X-TAXII-Date-Added-Last"])["objects"]
    assert len(rest) == len(outside.read(HOSTS)["objects"]) - 1
    manifest = outside.read("lists/collections/host/manifest/", **ident)["objects"]
    assert [one["id"] for one in manifest] == [first["id"]]


def test_pages_give_each_version_once_while_entries_change(outside: Outside, people: People) -> None:
    """Between any two pages an entry is listed and another reversed."""
    open_hosts = list(Entry.objects.filter(entity_kind="host").order_by("pk"))
    seen: list[tuple[str, str]] = []
    after, numbers = "0", itertools.count()
    for _page in range(60):
        told = outside.read(HOSTS, limit=2, next=after)
        seen += [(one["id"], one.get("modified", "")) for one in told.get("objects", [])]
        if not told.get("more"):
            break
        after = told["next"]
        if next(numbers) < 4:
            made = propose(people.analyst, candidate(f"new{after}.example.invalid"))
            lists.approve(people.colleague, [(made.entries[0].pk, None)])
            if open_hosts:
                lists.reverse(people.colleague, [(open_hosts.pop().pk, None)], "误报")
            by_itself()
    assert len(seen) == len(set(seen))
    latest = Share.objects.filter(peer=outside.peer, collection="host", latest=True).select_related("issued")
    assert {one.issued.object_id for one in latest} <= {ident for ident, _version in seen}
    last_told = dict(seen)
    for one in latest:
        assert last_told[one.issued.object_id] == one.issued.body.get("modified", "")


def test_media_types(outside: Outside) -> None:
    for accept in (TAXII, "application/taxii+json", "*/*", "text/html, application/taxii+json; version=2.1"):
        answer = outside.ask(accept=accept)
        assert (answer.status_code, answer["Content-Type"]) == (200, TAXII)
    for accept in ("application/json", "application/taxii+json;version=2.0", "text/html"):
        answer = outside.ask(accept=accept)
        assert (answer.status_code, answer["Content-Type"]) == (406, TAXII)
        assert answer.json()["http_status"] == "406"
    assert outside.send("host", {}, content_type="application/json").status_code == 415
    assert outside.ask("lists/", "post").status_code == 405
    assert outside.ask(f"{HOSTS}{indicators(outside)[0]['id']}/", "delete").status_code == 403
    for query in ({"limit": "0"}, {"limit": "x"}, {"next": "-1"}, {"added_after": "yesterday"}):
        assert outside.ask(HOSTS, data=query).status_code == 400


def test_what_went_is_on_record(outside: Outside) -> None:
    shares = Share.objects.filter(peer=outside.peer, collection="host")
    outside.read("lists/collections/host/manifest/")
    outside.ask(HOSTS, "head")
    assert not shares.exclude(fetched_at=None).exists()
    outside.read(HOSTS, limit=2)
    assert shares.exclude(fetched_at=None).count() == 2


def test_wrong_keys_are_refused_counted_and_on_record(outside: Outside) -> None:
    wrong = Outside(outside.peer, "qdx_wrong", Client())
    assert Client().get("/taxii2/", headers={"Accept": TAXII}).headers["WWW-Authenticate"].startswith("Basic")
    for _time in range(settings.AXES_FAILURE_LIMIT):
        assert wrong.ask().status_code == 401
    answer = outside.ask()
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert Refusal.objects.filter(peer=outside.peer).count() == settings.AXES_FAILURE_LIMIT
    assert AuditRow.objects.filter(verb="refuse_peer_key").count() == settings.AXES_FAILURE_LIMIT
    assert outside.key not in str(list(AuditRow.objects.values_list("before", "after")))
    keyed = {"Accept": TAXII, "Authorization": f"Bearer {outside.key}"}
    assert Client().get("/taxii2/", headers=keyed).status_code == 200


def test_a_name_that_no_database_keeps_is_nobodys(outside: Outside) -> None:
    keyed = base64.b64encode(f"{outside.peer.code}\0:{outside.key}".encode()).decode()
    answer = Client().get("/taxii2/", headers={"Accept": TAXII, "Authorization": f"Basic {keyed}"})
    assert answer.status_code == 401
    assert Refusal.objects.get().peer is None


def test_wrong_keys_from_anywhere_leave_so_many_rows_an_hour_and_a_sum(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = {"failures_an_address": 3, "refusals_an_hour": 5}
    monkeypatch.setattr(rules, "number", lambda name, real=rules.number: numbers.get(name) or real(name))
    wrong = {"Accept": TAXII, "Authorization": "Bearer qdx_wrong"}

    def tried(address: str) -> int:
        return Client(REMOTE_ADDR=address).get("/taxii2/", headers=wrong).status_code

    assert [tried(f"2001:db8::{n:x}") for n in range(5)] == [401] * 3 + [429] * 2, "a /64 is one client"
    assert [tried(f"2001:db8:{n:x}::1") for n in range(1, 10)] == [401] * 9
    assert Refusal.objects.count() == AuditRow.objects.filter(verb="refuse_peer_key").count() == 5
    assert set(Refusal.objects.values_list("ip", flat=True)) > {"2001:db8::/64"}
    told = AuditRow.objects.filter(verb="refuse_peer_keys")
    now = timezone.now()
    tick(now)
    assert not told.exists(), "the hour is not over"
    for _again in range(2):
        tick(now + dt.timedelta(hours=1))
    assert [json.loads(row.after)["count"] for row in told] == [7]
    keyed = {"Accept": TAXII, "Authorization": f"Bearer {outside.key}"}
    assert Client().get("/taxii2/", headers=keyed).status_code == 200


def test_what_is_posted_is_bounded(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    path = HOSTS
    for body, status in (
        (b"{", 400), (b'{"objects": []}', 422), (b"[1]", 422), (b'{"objects": ["\\u0000"]}', 400),
        (b"[" * 100_000, 400),
    ):  # fmt: skip
        assert outside.ask(path, "post", data=body, content_type=TAXII).status_code == status
    numbers = {"max_content_length": 200, "most_objects": 2}
    monkeypatch.setattr(rules, "number", lambda name, real=rules.number: numbers.get(name) or real(name))
    assert outside.ask(path, "post", data=b" " * 201, content_type=TAXII).status_code == 413
    assert outside.send("host", {}, {}, {}).status_code == 413


def test_a_peer_that_may_not_send_is_told_so(meet: Meet) -> None:
    outside = meet("reader", RULE, may_send=False)
    assert outside.send("host", {"type": "indicator"}).status_code == 403
