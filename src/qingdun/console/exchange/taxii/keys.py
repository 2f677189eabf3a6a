"""Who comes with which key; wrong ones are refused, counted and on record."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.exchange import rules
from qingdun.console.exchange.models import Peer, Refusal, RefusalRest, digest_of
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.origin import client_ip
from qingdun.console.kernel.plain_text import is_text
from qingdun.console.kernel.traces import trace
from qingdun.errors import TooOften

_LONGEST = 200
_TOUCH = dt.timedelta(minutes=1)


def peer_of(request: HttpRequest) -> Peer | None:
    """The peer whose key it is (`Basic name:key`, or `Bearer key`, `Token key`); None for any other, which is
    counted. Errors: TooOften after as many wrong keys as the log-in page takes, for as long as it waits.
    """
    name, key = _said(request.headers.get("Authorization", ""))
    if not key:
        return None
    now, address = timezone.now(), network(client_ip(request))
    _check_limit(name, address, now)
    peer = _known(name, key)
    if peer is None:
        _refuse(name, address, now)
        return None
    if peer.contact_at is None or now - peer.contact_at > _TOUCH:
        # Written once a minute at most: a write for each request would make every reader a writer.
        Peer.objects.filter(pk=peer.pk).update(contact_at=now)
    return peer


def network(address: str) -> str:
    """Who is one client: an address, of IPv6 the network of 64 bits, which anybody has as a whole.

    >>> network("192.0.2.1"), network("2001:db8:1:2::3"), network("::ffff:192.0.2.1"), network("unknown")
    ('192.0.2.1', '2001:db8:1:2::/64', '192.0.2.1', 'unknown')
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    return str(found if found.version == 4 else IPv6Network((int(found), 64), strict=False))


def tell_rest(now: dt.datetime) -> int:
    """What was refused in hours that are over beyond what was kept one by one is on record, a row an hour."""
    over = RefusalRest.objects.filter(told_at=None, hour_at__lt=_hour(now))
    for rest in over:
        with transaction.atomic():
            if RefusalRest.objects.filter(pk=rest.pk, told_at=None).update(told_at=now):
                rest.refresh_from_db()
                told = {"at": rest.hour_at.isoformat(), "count": rest.count}
                record(None, "refuse_peer_keys", ("peer", "#"), None, told)
    return len(over)


def _said(header: str) -> tuple[str, str]:
    """Name and key of the header; the name '' where only a key is said."""
    scheme, _blank, rest = header[:1000].partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return "", rest.strip()[:_LONGEST]
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _between, key = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "?", "?"
    if not is_text(name):
        return "?", "?"
    return name.strip().lower()[:_LONGEST], key[:_LONGEST]


def _known(name: str, key: str) -> Peer | None:
    digest = digest_of(key)
    found = Peer.objects.select_related("rule").filter(closed_at=None)
    peer = found.filter(code=name).first() if name else found.filter(digest=digest).first()
    if peer is None or not peer.digest or not hmac.compare_digest(peer.digest, digest):
        return None
    return peer


def _tried(name: str) -> str:
    """The name, if it is a peer's; else a trace of it: people type keys into the wrong field."""
    return name if Peer.objects.filter(code=name).exists() else f"#{trace(name)}"


def _check_limit(name: str, address: str, now: dt.datetime) -> None:
    waits = settings.AXES_COOLOFF_TIME
    lately = Refusal.objects.filter(ip=address, at__gt=now - waits)
    of_all = rules.number("failures_an_address")
    if lately.count() >= of_all or lately.filter(name=_tried(name)).count() >= settings.AXES_FAILURE_LIMIT:
        last = lately.latest("at").at
        wait_s = max(1, int((last + waits - now).total_seconds()))
        raise TooOften(_("Too many wrong keys: wait %(wait)d seconds.") % {"wait": wait_s}, wait_s)


def _refuse(name: str, address: str, now: dt.datetime) -> None:
    hour = _hour(now)
    if Refusal.objects.filter(at__gte=hour).count() >= rules.number("refusals_an_hour"):
        # Whoever has networks without end shall not fill the ledger: the rest is a number.
        rest, _made = RefusalRest.objects.get_or_create(hour_at=hour)
        RefusalRest.objects.filter(pk=rest.pk).update(count=F("count") + 1)
        return
    tried = _tried(name)
    peer = Peer.objects.filter(code=name).first()
    with transaction.atomic():
        Refusal.objects.create(peer=peer, name=tried[:64], ip=address, at=now)
        record(None, "refuse_peer_key", peer or ("peer", tried[:64]), None, {"account": peer is not None})


def _hour(at: dt.datetime) -> dt.datetime:
    return at.replace(minute=0, second=0, microsecond=0)
