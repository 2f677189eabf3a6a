"""Peers' own servers: connected by whoever owns the machine, stopped and asked by analysts; the actor first,
one transaction, one audit row.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.exchange.actions import open_peer
from qingdun.console.exchange.fetching import checked_url
from qingdun.console.exchange.models import Source
from qingdun.console.exchange.told import stamp
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import InputError, NotPermitted, RefusedError


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which collection of a peer's own server is read, how, and from when on."""

    url: str
    collection: str
    login: str
    key_file: Path
    every_minutes: int
    since: dt.datetime | None = None


@transaction.atomic
def connect(peer_id: int, wanted: Wanted) -> Source:
    """The peer's own server is read from then on, by whoever owns the machine: it names a file of it. The
    same collection again has its key, name and clock changed; from where it is read on only if that is said.

    Errors: InputError, NotPermitted, RefusedError (the peer is closed).
    """
    peer, now = open_peer(peer_id), timezone.now()
    collection, login = wanted.collection.strip(), wanted.login.strip()
    if not collection.replace("-", "").replace("_", "").isalnum() or not collection.isascii():
        raise InputError(
            _("Collection: expected its id or alias, found “%(found)s”.") % {"found": collection[:60]}
        )
    if not login or ":" in login or len(login) > 100:
        raise InputError(_("Log-in name: expected 1 to 100 characters without a colon."))
    if not 1 <= wanted.every_minutes <= 1440:
        raise InputError(_("A server is read every 1 to 1,440 minutes."))
    values: dict[str, Any] = {
        "login": login, "key_file": str(wanted.key_file), "every_minutes": wanted.every_minutes,
        "due_at": now, "failures": 0, "fault": "", "detail": "", "stopped_at": None, "stopped_by": None,
    }  # fmt: skip
    if wanted.since is not None:
        values |= {"added_after": stamp(wanted.since), "next": "", "last": ""}
    source, made = Source.objects.update_or_create(
        peer=peer, url=checked_url(wanted.url), collection=collection,
        defaults=values, create_defaults={**values, "connected_at": now},
    )  # fmt: skip
    after = {"address": str(source), "username": login, "minutes": wanted.every_minutes}
    record(None, "connect_peer_server", peer, None if made else {"address": str(source)}, after)
    return source


@transaction.atomic
def stop_source(actor: User, source_id: int, stop: bool) -> Source:
    """The peer's server is not asked any more, or again from now on. Errors: NotPermitted, RefusedError."""
    require(actor, Permission.WORK_EXCHANGE)
    source = _source(source_id)
    if (source.stopped_at is not None) == stop:
        raise RefusedError(_("It is so already."))
    now = timezone.now()
    source.stopped_at, source.stopped_by = (now, actor) if stop else (None, None)
    source.due_at, source.failures = now, 0
    source.save(update_fields=["stopped_at", "stopped_by", "due_at", "failures"])
    verb = "stop_peer_server" if stop else "resume_peer_server"
    record(actor, verb, source.peer, {"open": stop}, {"open": not stop, "address": str(source)})
    return source


@transaction.atomic
def pull_now(actor: User, source_id: int) -> Source:
    """The peer's server is asked within the next seconds. Errors: NotPermitted, RefusedError (it is
    stopped).
    """
    require(actor, Permission.WORK_EXCHANGE)
    source = _source(source_id)
    if source.stopped_at is not None:
        raise RefusedError(_("Its server is not asked any more."))
    source.due_at = timezone.now()
    source.save(update_fields=["due_at"])
    record(actor, "pull_from_peer", source.peer, None, {"address": str(source)})
    return source


def _source(source_id: int) -> Source:
    source = Source.objects.select_for_update(of=("self",)).filter(pk=source_id).first()
    if source is None:
        raise NotPermitted(_("Server %(id)s is not there.") % {"id": source_id})
    open_peer(source.peer_id)
    return source
