"""OASIS's own client against the real server: it finds, pages, posts and waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.db import connection
from taxii2client.v21 import ApiRoot, Collection, Server, as_pages

from qingdun.console.exchange.models import Share
from qingdun.console.lists import actions as lists
from qingdun.console.lists.models import Entry
from tests.console.exchange.conftest import Meet, Outside, by_itself
from tests.console.exchange.test_taking import indicator
from tests.console.lists.conftest import Listed, People, candidate, propose

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def outside(meet: Meet, people: People) -> Outside:
    made = propose(people.analyst, *(candidate(f"h{n}.example.invalid", row=n + 2) for n in range(25)))
    lists.approve(people.colleague, [(one.pk, None) for one in made.entries])
    found = meet()
    by_itself()
    return found


@pytest.fixture
def hosts(outside: Outside, live_server: Any) -> Iterator[Collection]:
    """The collection of hosts, found from the discovery."""
    server = Server(f"{live_server.url}/taxii2/", user=outside.peer.code, password=outside.key)
    root: ApiRoot = server.default
    assert root.max_content_length > 0
    (found,) = (one for one in root.collections if one.alias == "host")
    yield found
    server.close()


def test_the_client_reads_pages_posts_and_waits(
    hosts: Collection, outside: Outside, people: People, listed: Listed
) -> None:
    seen: list[tuple[str, str]] = []
    entries = list(Entry.objects.order_by("pk"))
    for number, page in enumerate(as_pages(hosts.get_objects, per_request=6, type="indicator")):
        seen += [(one["id"], one["modified"]) for one in page["objects"]]
        if number < 3:
            lists.reverse(people.colleague, [(entries[number].pk, None)], "误报")
            listed(f"late{number}.example.invalid")
            by_itself()
    assert len(seen) == len(set(seen))
    assert {ident for ident, _version in seen} == set(
        Share.objects.filter(issued__object_type="indicator").values_list("issued__object_id", flat=True)
    )
    assert len({ident for ident, _version in seen}) == 28
    ident = seen[0][0]
    assert hosts.get_object(ident)["objects"][0]["revoked"] is True
    assert len(hosts.object_versions(ident)["versions"]) == 2
    assert hosts.get_manifest(id=ident)["objects"][0]["id"] == ident

    sent = [
        indicator(1, "[domain-name:value = 'posted.example.invalid']"),
        indicator(2, "[x:y = 'z' AND a:b = 'c']"),
    ]
    status = hosts.add_objects({"objects": sent}, wait_for_completion=False)
    assert (status.status, status.pending_count) == ("pending", 2)
    by_itself()
    status.refresh()
    assert (status.status, status.success_count, status.failure_count) == ("complete", 1, 1)
    assert Entry.objects.get(entity="posted.example.invalid").state == "proposed"
    with pytest.raises(requests.HTTPError, match="401"):
        Collection(hosts.url, user=outside.peer.code, password="qdx_wrong").refresh()


def test_two_processes_that_publish_at_once_write_everything_once(meet: Meet, people: People) -> None:
    peer = meet().peer
    made = propose(people.analyst, *(candidate(f"h{n}.example.invalid", row=n + 2) for n in range(150)))
    lists.approve(people.colleague, [(one.pk, None) for one in made.entries])

    def publish() -> None:
        try:
            by_itself()
        finally:
            connection.close()

    threads = [threading.Thread(target=publish) for _process in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    by_itself()
    shares = Share.objects.filter(peer=peer)
    told = list(shares.filter(issued__object_type="indicator").values_list("issued__object_id", flat=True))
    assert len(told) == len(set(told)) == 150
    assert sorted(shares.values_list("seq", flat=True)) == list(range(1, shares.count() + 1))
