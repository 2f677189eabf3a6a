"""What a peer is given: collections by kind, their objects and versions in the order in which they came.

A page begins after the last object of the one before, by a number that rises with every version in the order
of commits: what is listed, changed or reversed meanwhile comes at the end, and nothing is skipped or given
twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from qingdun.console.exchange import rules
from qingdun.console.exchange.codes import KINDS
from qingdun.console.exchange.models import Peer, Share
from qingdun.console.exchange.publishing import held_back
from qingdun.console.exchange.taxii.answers import TaxiiError
from qingdun.console.exchange.told import own_id

STIX = "application/stix+json;version=2.1"
_TITLES = {
    "number": "Numbers", "sender": "Senders of messages", "host": "Hosts", "account": "Accounts",
    "device": "Devices", "text": "Templates of texts",
}  # fmt: skip
_LONGEST = 4000
"""Characters of a filter."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request filters by."""

    added_after: dt.datetime | None
    after: int
    limit: int
    ids: frozenset[str]
    types: frozenset[str]
    versions: frozenset[str]
    specs: frozenset[str]

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """The filters of a query string. Errors: TaxiiError 400."""
        added, after = query.get("added_after", ""), query.get("next", "0")
        limit = query.get("limit", str(rules.number("page")))
        if not after.isdecimal() or len(after) > 18:
            raise TaxiiError(400, f"next: found “{after[:40]}”, expected what an answer has given")
        if not limit.isdecimal() or len(limit) > 9 or int(limit) < 1:
            raise TaxiiError(400, f"limit: found “{limit[:40]}”, expected a number from 1 on")
        return cls(
            moment("added_after", added) if added else None, int(after),
            min(int(limit), rules.number("page")),
            *(_set(query.get(f"match[{name}]", "")) for name in ("id", "type", "version", "spec_version")),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Shares in their order, and after which number more follow, if any do."""

    shares: tuple[Share, ...]
    next: int | None


def collection_id(kind: str) -> str:
    """The id of the collection of a kind."""
    return str(own_id(settings.CITY_CODE, "collection", kind))


def collections(peer: Peer) -> list[dict[str, Any]]:
    """The collections that the peer may read or write; none without a rule."""
    if peer.rule is None:
        return []
    held = set(
        Share.objects.filter(peer=peer, withdrawn_at=None).order_by().values_list("collection", flat=True)
    )
    found = []
    for kind in KINDS:
        reads = kind in peer.rule.kinds or kind in held
        if reads or peer.rule.may_send:
            found.append({
                "id": collection_id(kind), "title": _TITLES[kind], "alias": kind, "can_read": reads,
                "can_write": peer.rule.may_send, "media_types": [STIX],
            })  # fmt: skip
    return found


def collection(peer: Peer, name: str) -> dict[str, Any]:
    """The collection of that id or alias. Errors: TaxiiError 404."""
    for one in collections(peer):
        if name in (one["id"], one["alias"]):
            return one
    raise TaxiiError(404, "There is no such collection for this account")


def readable(peer: Peer, name: str) -> str:
    """The kind of the collection, which the peer may read. Errors: TaxiiError 404, 403."""
    found = collection(peer, name)
    if not found["can_read"]:
        raise TaxiiError(403, "This account may not read the collection")
    return str(found["alias"])


def page(peer: Peer, kind: str, asked: Asked, object_id: str = "") -> Page:
    """The shares asked for, as many as the page holds."""
    found = Share.objects.filter(peer=peer, collection=kind, withdrawn_at=None).filter(_matches(asked))
    if object_id:
        found = found.filter(issued__object_id=object_id)
    if asked.added_after is not None:
        found = found.filter(added_at__gt=asked.added_after)
    rows = list(found.filter(seq__gt=asked.after).order_by("seq").select_related("issued")[: asked.limit + 1])
    here = rows[: asked.limit]
    held = held_back(peer, {one.issued.entry_id for one in here if one.issued.entry_id is not None})
    given = tuple(one for one in here if one.issued.entry_id not in held)
    return Page(given, here[-1].seq if len(rows) > asked.limit else None)


def has(peer: Peer, kind: str, object_id: str) -> None:
    """Nothing happens if the object is there for the peer. Errors: TaxiiError 404."""
    shown = Share.objects.filter(peer=peer, collection=kind, withdrawn_at=None)
    if not shown.filter(issued__object_id=object_id).exists():
        raise TaxiiError(404, "There is no such object in the collection")


def fetched(shares: tuple[Share, ...]) -> None:
    """It is on record that the shares went to their peer, and when first."""
    new = [one.pk for one in shares if one.fetched_at is None]
    if new:
        went: QuerySet[Share] = Share.objects.filter(pk__in=new, fetched_at=None)
        went.update(fetched_at=timezone.now())


def moment(name: str, text: str) -> dt.datetime:
    """A moment as TAXII writes it. Errors: TaxiiError 400."""
    try:
        at = dt.datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(text)
        return at.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise TaxiiError(
            400, f"{name}: found “{text[:40]}”, expected a time such as 2026-11-29T01:02:03Z"
        ) from error


def _matches(asked: Asked) -> Q:
    wanted = Q()
    if asked.specs and "2.1" not in asked.specs:
        return Q(pk__in=())
    if asked.ids:
        wanted &= Q(issued__object_id__in=asked.ids)
    if asked.types:
        wanted &= Q(issued__object_type__in=asked.types)
    versions = asked.versions or {"last"}
    if "all" in versions:
        return wanted
    either = Q(pk__in=())
    for version in sorted(versions):
        if version == "last":
            either |= Q(latest=True)
        elif version == "first":
            either |= Q(first=True)
        else:
            either |= Q(issued__version=moment("match[version]", version))
    return wanted & either


def _set(text: str) -> frozenset[str]:
    if len(text) > _LONGEST:
        raise TaxiiError(400, f"A filter has at most {_LONGEST} characters")
    return frozenset(part.strip() for part in text.split(",") if part.strip())
