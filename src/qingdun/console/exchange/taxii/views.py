"""The endpoints of TAXII 2.1: parse, one call, answer."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from qingdun.console.exchange import actions, reading, rules
from qingdun.console.exchange.codes import SETTLED_WELL, Form, Outcome, Way
from qingdun.console.exchange.models import Peer, Received, ReceivedObject
from qingdun.console.exchange.taxii.answers import (
    MEDIA_TYPE,
    TaxiiError,
    check_content_type,
    endpoint,
    resource,
    stamp,
)
from qingdun.console.exchange.taxii.collections import (
    STIX,
    Asked,
    Page,
    collection,
    collections,
    fetched,
    has,
    page,
    readable,
)
from qingdun.errors import InputError


@endpoint("GET")
def discovery(request: HttpRequest, peer: Peer) -> HttpResponse:
    """Where the one root is."""
    root = request.build_absolute_uri(reverse("taxii:root"))
    return resource({"title": f"Qingdun {settings.CITY.name_en}", "default": root, "api_roots": [root]})


@endpoint("GET")
def root(request: HttpRequest, peer: Peer) -> HttpResponse:
    """What the root takes."""
    return resource({
        "title": f"Lists of {settings.CITY.name_en}", "versions": [MEDIA_TYPE],
        "max_content_length": rules.number("max_content_length"),
    })  # fmt: skip


@endpoint("GET")
def all_collections(request: HttpRequest, peer: Peer) -> HttpResponse:
    """The collections of the peer."""
    found = collections(peer)
    return resource({"collections": found} if found else {})


@endpoint("GET")
def one_collection(request: HttpRequest, peer: Peer, name: str) -> HttpResponse:
    """One collection."""
    return resource(collection(peer, name))


@endpoint("GET")
def manifest(request: HttpRequest, peer: Peer, name: str) -> HttpResponse:
    """What stands in a collection, without the objects themselves."""
    found = page(peer, readable(peer, name), _asked(request))
    rows = [
        {
            "id": one.issued.object_id, "date_added": stamp(one.added_at),
            "version": stamp(one.issued.version), "media_type": STIX,
        }
        for one in found.shares
    ]  # fmt: skip
    return _paged(found, {"objects": rows} if rows else {})


@endpoint("GET", "POST")
def objects(request: HttpRequest, peer: Peer, name: str) -> HttpResponse:
    """The objects of a collection, or more of the peer's for it."""
    if request.method == "POST":
        return _take(request, peer, name)
    return _given(request, page(peer, readable(peer, name), _asked(request)))


@endpoint("GET", "DELETE")
def one_object(request: HttpRequest, peer: Peer, name: str, object_id: str) -> HttpResponse:
    """The versions asked for of one object; nobody but us deletes one."""
    kind = readable(peer, name)
    has(peer, kind, object_id)
    if request.method == "DELETE":
        raise TaxiiError(403, "Objects are taken back by those who listed them, and are revoked then")
    return _given(request, page(peer, kind, _asked(request), object_id))


@endpoint("GET")
def versions(request: HttpRequest, peer: Peer, name: str, object_id: str) -> HttpResponse:
    """When each version of one object is of."""
    kind = readable(peer, name)
    has(peer, kind, object_id)
    query = {"match[version]": "all", **request.GET.dict()}
    found = page(peer, kind, Asked.of(query), object_id)
    rows = [stamp(one.issued.version) for one in found.shares]
    return _paged(found, {"versions": rows} if rows else {})


@endpoint("GET")
def status(request: HttpRequest, peer: Peer, key: str) -> HttpResponse:
    """What came of what the peer has sent."""
    found = Received.objects.filter(key=key, peer=peer, way=Way.TAXII).first()
    if found is None:
        raise TaxiiError(404, "There is no such status for this account")
    return resource(_status(found))


def _asked(request: HttpRequest) -> Asked:
    return Asked.of(request.GET.dict())


def _given(request: HttpRequest, found: Page) -> HttpResponse:
    """The objects in an envelope; that they went is on record before they do."""
    if request.method == "GET":
        fetched(found.shares)
    bodies = [one.issued.body for one in found.shares]
    return _paged(found, {"objects": bodies} if bodies else {})


def _paged(found: Page, told: dict[str, Any]) -> HttpResponse:
    if found.next is not None:
        told = {"more": True, "next": str(found.next), **told}
    answer = resource(told)
    if found.shares:
        answer["X-TAXII-Date-Added-First"] = stamp(found.shares[0].added_at)
        answer["X-TAXII-Date-Added-Last"] = stamp(found.shares[-1].added_at)
    return answer


def _take(request: HttpRequest, peer: Peer, name: str) -> HttpResponse:
    """What was sent stands as it came and waits to be read."""
    if not collection(peer, name)["can_write"]:
        raise TaxiiError(403, "This account may not write to the collection")
    items = sent(request)
    with transaction.atomic():
        received = actions.keep(peer, str(uuid.uuid4()), Form.STIX, Way.TAXII, items)
    return resource(_status(received), 202)


def sent(request: HttpRequest) -> list[reading.Item]:
    """The objects that the request brings. Errors: TaxiiError; InputError if it cannot be read."""
    check_content_type(request)
    envelope = _envelope(request)
    try:
        return reading.bounded(list(reading.items_of_objects(envelope)))
    except InputError as error:
        raise TaxiiError(413, str(error)) from error


def _envelope(request: HttpRequest) -> list[Any]:
    most = rules.number("max_content_length")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or len(length) > 18 or int(length) > most:
        raise TaxiiError(413, f"At most {most} octets are taken")
    found = reading.json_of(request.read(most + 1))
    sent = found.get("objects") if isinstance(found, dict) else None
    if not isinstance(sent, list) or not sent:
        raise TaxiiError(422, "What was sent is no envelope of TAXII: it has no objects")
    return sent


def _status(received: Received) -> dict[str, Any]:
    """The status resource of a delivery."""
    told: dict[str, list[dict[str, str]]] = {"successes": [], "failures": [], "pendings": []}
    for one in received.items.order_by("number"):
        told[_fate(one.outcome)].append(_detail(one))
    counts = {f"{word}_count": len(told[f"{plural}"]) for word, plural in _WORDS.items()}
    return {
        "id": received.key, "status": "complete" if received.read_at else "pending",
        "request_timestamp": stamp(received.at), "total_count": sum(counts.values()), **counts,
        **{plural: rows for plural, rows in told.items() if rows},
    }  # fmt: skip


_WORDS = {"success": "successes", "failure": "failures", "pending": "pendings"}


def _fate(outcome: str) -> str:
    if outcome in SETTLED_WELL:
        return "successes"
    return "pendings" if outcome == Outcome.PENDING else "failures"


def _detail(one: ReceivedObject) -> dict[str, str]:
    told = {"id": one.object_id or f"object {one.number}", "version": one.version or "unknown"}
    if one.outcome == Outcome.REJECTED:
        told["message"] = ": ".join(filter(None, (str(one.get_cause_display()), one.detail)))
    elif one.outcome != Outcome.PENDING:
        told["message"] = str(one.get_outcome_display())
    return told
