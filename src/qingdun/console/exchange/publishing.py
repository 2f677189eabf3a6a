"""What a rule lets through stands in its peer's collections, version by version, in the order of commits.

All peers are locked while versions are written: an object has one order of versions whoever gets it, and a
collection one order of what came to it. Objects are made before that, so that nobody waits long.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from qingdun.console.exchange import listing, rules, stix
from qingdun.console.exchange.codes import TAKES_BACK
from qingdun.console.exchange.models import Peer, Share
from qingdun.console.exchange.sharing import why_held
from qingdun.console.exchange.writing import AT_ONCE, Writing, indicator, whole

LOOK_AT_ONCE = 1000


def follow(peer_id: int, now: dt.datetime) -> int:
    """The peer's collections stand by its rule and the lists as they are; how many versions came to them."""
    count = 0
    while (some := _step(peer_id, now)) is not None:
        count += some
    return count


def _step(peer_id: int, now: dt.datetime) -> int | None:
    """One step of it; None if there is nothing to do."""
    peer = Peer.objects.filter(pk=peer_id).first()
    if peer is None:
        return None
    if peer.applied_id != peer.rule_id:
        return _anew(peer, now)
    lines = listing.changed(peer.serial, AT_ONCE) if peer.rule_id else []
    if not lines:
        return None
    ids = [entry for _serial, entry in lines]
    _make_ready(peer, ids)
    with transaction.atomic():
        locked = _locked(peer.pk)
        if (locked.serial, locked.rule_id) != (peer.serial, peer.rule_id):
            return 0
        count = _bring(locked, ids, now)
        locked.serial = lines[-1][0]
        locked.save(update_fields=["serial", "last_seq", "last_added_at"])
    return count


def _anew(peer: Peer, now: dt.datetime) -> int:
    """The whole list is looked at by a rule that was not applied yet; broken off, it begins again."""
    serial, count, after = listing.head(), 0, 0
    here = sorted(_shared_entries(peer))
    while some := listing.in_force(after, AT_ONCE):
        count += _bring_locked(peer, some, now)
        after = some[-1]
    count += _bring_some(peer, here, now)
    with transaction.atomic():
        locked = _locked(peer.pk)
        if locked.rule_id == peer.rule_id:
            locked.applied_id, locked.serial = peer.rule_id, serial
            locked.save(update_fields=["applied", "serial"])
    return count


def _shared_entries(peer: Peer) -> set[int]:
    found = Share.objects.filter(peer=peer, issued__entry_id__isnull=False)
    return _numbers(found)


def _numbers(found: QuerySet[Share]) -> set[int]:
    """The entries of the shares."""
    return {entry for entry in found.values_list("issued__entry_id", flat=True).distinct() if entry}


def _make_ready(peer: Peer, ids: Sequence[int]) -> None:
    """The objects of those of the entries that are shared are made, before anything is locked."""
    for told in listing.told(ids):
        if why_held(peer.rule, told) is None:
            indicator(told, False, whole(told.changed_at))


def _bring_locked(peer: Peer, ids: Sequence[int], now: dt.datetime) -> int:
    _make_ready(peer, ids)
    with transaction.atomic():
        locked = _locked(peer.pk)
        if locked.rule_id != peer.rule_id:
            return 0
        count = _bring(locked, ids, now)
        locked.save(update_fields=["last_seq", "last_added_at"])
        return count


def _locked(peer_id: int) -> Peer:
    everybody = {one.pk: one for one in Peer.objects.select_for_update(of=("self",)).order_by("pk")}
    return everybody[peer_id]


def _bring(peer: Peer, ids: Iterable[int], now: dt.datetime) -> int:
    """The entries stand in the peer's collections as they are, or are withdrawn; how many versions came."""
    tolds = list(listing.told(ids))
    here = _latest(peer, "indicator", [one.entry_id for one in tolds])
    written = Writing(peer, now)
    for told in tolds:
        share, why = here.get(told.entry_id), why_held(peer.rule, told)
        over_at = told.reversed_at or (now if why in TAKES_BACK else None)
        if why is None:
            written.add(told, partial(indicator, told, False), told.changed_at)
        elif share is not None and over_at is not None:
            if share.withdrawn_at is None or share.fetched_at or share.handed_at:
                written.add(told, partial(indicator, told, True), over_at)
        elif share is not None and told.in_force:
            _withdraw(peer, told.entry_id, now)
    return written.keep()


def held_back(peer: Peer, entries: Iterable[int]) -> set[int]:
    """Those of the entries that the rule in force does not let through, and that its peer must not be given
    though they still stand in its collections: a narrower rule holds at once, and withdraws them in a while.
    """
    if peer.applied_id == peer.rule_id:
        return set()
    return {
        told.entry_id
        for told in listing.told(entries)
        if told.in_force and why_held(peer.rule, told) is not None
    }


def look(peer_id: int, now: dt.datetime) -> int:
    """What is shared with the peer is held against the register and against what is never blocked, every
    hour: a new register, or a later version of what ships, changes no entry. How many versions came.
    """
    peer = Peer.objects.filter(pk=peer_id).first()
    every = dt.timedelta(hours=rules.number("look_hours"))
    if peer is None or peer.rule_id is None or (peer.looked_at is not None and now < peer.looked_at + every):
        return 0
    shared = Share.objects.filter(peer=peer, latest=True, issued__object_type="indicator")
    stands = sorted(_numbers(shared.filter(withdrawn_at=None, issued__revoked=False)))
    revoked = sorted(_numbers(shared.filter(issued__revoked=True)))
    count = 0
    for cut in range(0, len(stands), LOOK_AT_ONCE):
        count += _bring_some(peer, listing.to_look_at(stands[cut : cut + LOOK_AT_ONCE]), now)
    for cut in range(0, len(revoked), LOOK_AT_ONCE):
        # Still in force here, it was taken back for a reason that may be over.
        count += _bring_some(peer, sorted(listing.are_open(revoked[cut : cut + LOOK_AT_ONCE])), now)
    Peer.objects.filter(pk=peer.pk, looked_at=peer.looked_at).update(looked_at=now)
    return count


def _bring_some(peer: Peer, ids: Sequence[int], now: dt.datetime) -> int:
    return sum(_bring_locked(peer, ids[cut : cut + AT_ONCE], now) for cut in range(0, len(ids), AT_ONCE))


def sight(peer_id: int, now: dt.datetime) -> int:
    """The peer is told what networks met of the entries in its collections, every few hours; how many."""
    peer = Peer.objects.filter(pk=peer_id).first()
    every = dt.timedelta(hours=rules.number("sightings_hours"))
    if peer is None or (peer.sighted_at is not None and now < peer.sighted_at + every):
        return 0
    since = (peer.sighted_at or now - dt.timedelta(days=3650)) - every
    shared = Share.objects.filter(peer=peer, latest=True, withdrawn_at=None, issued__revoked=False)
    ids = sorted(_numbers(shared.filter(issued__object_type="indicator")))
    count = 0
    for cut in range(0, len(ids), AT_ONCE):
        met = listing.met(ids[cut : cut + AT_ONCE], since)
        if not met:
            continue
        with transaction.atomic():
            locked = _locked(peer.pk)
            written = Writing(locked, now)
            for told in listing.told(met):
                if why_held(locked.rule, told) is None:
                    one = met[told.entry_id]
                    written.add(told, partial(stix.sighting, settings.CITY_CODE, told, one), one.last_at)
            count += written.keep()
            locked.save(update_fields=["last_seq", "last_added_at"])
    Peer.objects.filter(pk=peer.pk).update(sighted_at=now)
    return count


def _latest(peer: Peer, object_type: str, entries: Sequence[int]) -> dict[int, Share]:
    found = Share.objects.filter(
        peer=peer, latest=True, issued__object_type=object_type, issued__entry_id__in=entries
    )
    # Of an entry that was put back the one it is told under now comes last.
    return {share.issued.entry_id or 0: share for share in found.select_related("issued").order_by("pk")}


def _withdraw(peer: Peer, entry_id: int, now: dt.datetime) -> None:
    """Nothing of the entry is given to the peer any more; that it was shared stays on record."""
    Share.objects.filter(peer=peer, issued__entry_id=entry_id, withdrawn_at=None).update(withdrawn_at=now)
