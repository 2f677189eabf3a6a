"""Versions of objects and where they stand: a version is written once, and again only if it says something
else; in a peer's collection it has a number that rises by one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from django.conf import settings

from qingdun.console.exchange import stix
from qingdun.console.exchange.codes import Tlp
from qingdun.console.exchange.models import Issued, Peer, Share
from qingdun.console.exchange.told import Told, own_id

Make = Callable[[dt.datetime], stix.Body]
"""Gives an object as of a version."""
AT_ONCE = 100
"""Entries that are written in one transaction."""
_TICK = dt.timedelta(microseconds=1)
_STEP = dt.timedelta(milliseconds=1)
"""The least between two versions of an object: STIX writes thousandths of a second."""


@lru_cache(maxsize=4 * AT_ONCE)
def indicator(told: Told, revoked: bool, at: dt.datetime) -> stix.Body:
    """The entry's indicator, made once for all peers; nobody changes what it gives."""
    return stix.indicator(settings.CITY_CODE, told, at, revoked)


def whole(at: dt.datetime) -> dt.datetime:
    """The moment to the thousandth of a second, as versions are written."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class _Wanted(NamedTuple):
    """An object that shall stand in a collection: what makes it, and as of when it is if it is new."""

    collection: str
    entry_id: int | None
    make: Make
    at: dt.datetime


class Writing:
    """New versions of objects, for one peer, which the caller's transaction has locked."""

    def __init__(self, peer: Peer, now: dt.datetime) -> None:
        self._peer = peer
        self._now = now
        self._wanted: list[_Wanted] = []
        self._markings: set[tuple[str, Tlp]] = set()

    def add(self, told: Told, make: Make, at: dt.datetime) -> None:
        """The object that `make` gives for a version shall stand there, as of `at` if it is new."""
        self._wanted.append(_Wanted(told.kind, told.entry_id, make, whole(at)))
        self._markings.add((told.kind, told.tlp))

    def keep(self) -> int:
        """What was added stands, after what it refers to; how many versions came."""
        wanted = [*self._context(), *self._wanted]
        issued = _issue(wanted)
        here = self._here([one.object_id for one in issued])
        new: list[Share] = []
        for one, version in zip(wanted, issued, strict=True):
            standing = here.get((one.collection, version.object_id))
            if standing is not None and standing.withdrawn_at is None and standing.issued_id == version.pk:
                continue
            share = self._next(one.collection, version, standing is None or standing.withdrawn_at is not None)
            here[one.collection, version.object_id] = share
            new.append(share)
        replaced = Share.objects.filter(peer=self._peer, latest=True)
        for collection in {one.collection for one in new}:
            names = [one.issued.object_id for one in new if one.collection == collection]
            replaced.filter(collection=collection, issued__object_id__in=names).update(latest=False)
        Share.objects.bulk_create(new)
        return len(new)

    def _context(self) -> Iterator[_Wanted]:
        """What the objects refer to, in each of their collections."""
        for collection, tlp in sorted(self._markings):
            for body in stix.context(settings.CITY_CODE, settings.CITY.name, tlp):
                yield _Wanted(collection, None, partial(_same, body), stix.version_of(body))

    def _here(self, names: Sequence[str]) -> dict[tuple[str, str], Share]:
        """The last share of each object by its collection, withdrawn or not."""
        found = Share.objects.filter(peer=self._peer, latest=True, issued__object_id__in=set(names))
        return {(one.collection, one.issued.object_id): one for one in found.select_related("issued")}

    def _next(self, collection: str, version: Issued, first: bool) -> Share:
        peer = self._peer
        peer.last_seq += 1
        peer.last_added_at = max(self._now, (peer.last_added_at or self._now - _TICK) + _TICK)
        return Share(
            peer=peer, seq=peer.last_seq, collection=collection, issued=version,
            added_at=peer.last_added_at, first=first,
        )  # fmt: skip


def _issue(wanted: Sequence[_Wanted]) -> list[Issued]:
    """For each the version that says what the object says now: the last one, or one after it."""
    named = _Names(wanted)
    bodies = [named(one.make(one.at), one) for one in wanted]
    found = Issued.objects.filter(object_id__in={body["id"] for body in bodies}).order_by("version")
    last = {one.object_id: one for one in found}
    chosen, fresh = [], []
    for one, body in zip(wanted, bodies, strict=True):
        known, digest, at, said = last.get(body["id"]), stix.digest(body), one.at, body
        if known is None or (known.digest != digest and one.entry_id is not None):
            if known is not None and known.version >= at:
                at = known.version + _STEP
                said = named(one.make(at), one)
            known = Issued(
                object_id=body["id"], object_type=body["type"], version=at, entry_id=one.entry_id,
                revoked=bool(body.get("revoked")), digest=digest, body=said,
            )  # fmt: skip
            last[body["id"]] = known
            fresh.append(known)
        chosen.append(known)
    Issued.objects.bulk_create(fresh)
    return chosen


class _Names:
    """Under which id an entry is told now: what was revoked has no later version (STIX 2.1), so that an
    entry that was reversed and put back is told under another one.
    """

    def __init__(self, wanted: Sequence[_Wanted]) -> None:
        entries = {one.entry_id for one in wanted if one.entry_id is not None}
        found = Issued.objects.filter(entry_id__in=entries, object_type="indicator").order_by("version", "pk")
        self._ids: dict[int | None, dict[str, bool]] = {}
        """Of each entry the ids it had, the first one first, and whether each is revoked."""
        for entry, name, revoked in found.values_list("entry_id", "object_id", "revoked"):
            self._ids.setdefault(entry, {})[name] = revoked

    def __call__(self, body: stix.Body, one: _Wanted) -> stix.Body:
        """The object under the id that holds, or about it."""
        ids = self._ids.get(one.entry_id)
        if not ids:
            return body
        last = list(ids)[-1]
        if body["type"] == "sighting":
            return body | {"sighting_of_ref": last}
        if ids[last] and not body.get("revoked"):
            last = f"indicator--{own_id(settings.CITY_CODE, 'again', body['id'], len(ids))}"
        return body | {"id": last}


def _same(body: stix.Body, _at: dt.datetime) -> stix.Body:
    """What has one version alone."""
    return body
