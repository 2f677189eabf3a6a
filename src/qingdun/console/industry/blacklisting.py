"""The blacklist of who may open no more cards or accounts: listed, ended, looked up. The actor first, one
transaction, one audit row.

An identity is never kept: its keyed digest stands in an index, so that a million of them are searched by one
look into the index, and whoever has the database and not the key can try no identity against it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.industry import registers, rules
from qingdun.console.industry.codes import ListedKind
from qingdun.console.industry.models import BlacklistEntry
from qingdun.console.industry.races import seeing_others
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.storing import store
from qingdun.errors import IllegalMove, InputError, NotPermitted

AT_ONCE = 2000
MOST_LOOKED_UP = 1000
_IDENTITY: dict[str, re.Pattern[str]] = {
    ListedKind.PERSON: re.compile(r"\d{17}[0-9X]|\d{15}|[A-Z]{1,2}\d{6,10}"),
    ListedKind.ENTERPRISE: re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{18}"),
}
_FILLING = re.compile(r"[\s\-]+")


@dataclass(frozen=True, slots=True)
class Listing:
    """Somebody to be listed; without a reason or a ground of their own those of the others count."""

    identity: str
    reason: str = ""
    basis: str = ""
    years: int = 0
    kind: str = ""
    digest: str = ""
    """`digest_of` of the two, where whoever read them has asked already."""


def digest_of(kind: str, identity: str) -> str | None:
    """What is kept of an identity: 128 bits of its HMAC-SHA256 under the key of the installation; None if it
    is no identity of that kind.
    """
    plain = _FILLING.sub("", identity).upper()
    form = _IDENTITY.get(kind)
    if form is None or not form.fullmatch(plain):
        return None
    keyed = _keyed(settings.SECRET_KEY).copy()
    keyed.update(f"{kind}:{plain}".encode())
    return keyed.hexdigest()[:32]


@lru_cache(1)
def _keyed(secret: str) -> hmac.HMAC:
    """The HMAC of nothing yet: the key is laid out once for a million identities."""
    key = hashlib.sha256(f"qingdun.industry.blacklist:{secret}".encode()).digest()
    return hmac.new(key, digestmod="sha256")


@seeing_others
def list_identities(
    actor: User, kind: str, listings: Sequence[Listing], basis: str = "", reason: str = "", years: int = 5,
    party: Organisation | None = None, listed_on: dt.date | None = None,
) -> tuple[int, dict[int, str]]:  # fmt: skip
    """Each identity stands on the blacklist for so many years, once; how many are new, and by place in
    `listings` why some are refused. What goes beyond what one person may list alone in a day waits for a
    second one. `kind` '' leaves it to each listing.

    Errors: NotPermitted, FieldFaults (no ground).
    """
    require(actor, Permission.CONFIRM_RESTRICTIONS)
    if basis and basis not in dict(rules.bases()):
        raise FieldFaults({"basis": _("This law is no ground for that.")})
    if not 1 <= years <= rules.limit("blacklist_years"):
        raise FieldFaults({"years": _years_fault()})
    whole = [
        replace(one, kind=kind or one.kind, reason=one.reason.strip() or reason.strip(),
                basis=one.basis or basis, years=one.years or years)
        for one in listings
    ]  # fmt: skip
    digests = [one.digest or digest_of(one.kind, one.identity) for one in whole]
    known = _open([one for one in digests if one])
    seconded = _second_others(actor, known)
    day = listed_on or timezone.localdate()
    faults: dict[int, str] = {}
    fresh: dict[str, Listing] = {}
    for place, (one, digest) in enumerate(zip(whole, digests, strict=True)):
        if digest is None or (fault := _fault(one)):
            faults[place] = _("Expected an identity number.") if digest is None else fault
        elif digest not in known:
            fresh.setdefault(digest, one)
    waits = _too_many_alone(actor, len(fresh), day)
    store(
        BlacklistEntry(
            kind=fresh[digest].kind, digest=digest, reason=fresh[digest].reason[:120], party=party,
            basis=fresh[digest].basis, listed_on=day, until=years_on(day, fresh[digest].years), by=actor,
            waits=waits, region_path=actor.region_path,
        )
        for digest in sorted(fresh)
    )  # fmt: skip
    if fresh or seconded:
        after = {"kind": kind, "rows": len(fresh), "refused": len(faults), "waits": waits,
                 "seconded": seconded}  # fmt: skip
        record(actor, "blacklist", ("blacklistentry", kind), None, after)
    return len(fresh), faults


def _fault(one: Listing) -> str:
    if not one.reason:
        return _("Say why.")
    if one.basis not in dict(rules.bases()):
        return _("This law is no ground for that.")
    return "" if 1 <= one.years <= rules.limit("blacklist_years") else _years_fault()


def _years_fault() -> str:
    return _("At most %(most)d years.") % {"most": rules.limit("blacklist_years")}


def _too_many_alone(actor: User, more: int, day: dt.date) -> bool:
    """Whether the actor lists more than the limit alone that day with these; two of the same person at once
    come one after the other.
    """
    if not more:
        return False
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    alone = BlacklistEntry.objects.filter(by=actor, second_by=None, listed_on=day).order_by()
    most = settings.LISTS_TWO_PERSONS
    return alone[: most + 1].count() + more > most  # Not all of a million: beyond the limit it is one.


@transaction.atomic
def second_entries(actor: User, owner: int, day: dt.date, seen: int, note: str = "") -> int:
    """What that person listed on that day and waits for a second one holds from now on; with a note, none of
    it does. `seen` is how many the actor was told they are; how many they were.

    Errors: NotPermitted (role, the same person), IllegalMove (they are other than were seen).
    """
    require(actor, Permission.CONFIRM_RESTRICTIONS)
    if owner == actor.pk:
        raise NotPermitted(_("You have listed them; a second person must confirm."))
    found = registers.blacklist(actor).order_by().filter(by=owner, listed_on=day, waits=True, ended_on=None)
    rows = found.update(ended_on=timezone.localdate()) if note else _second(actor, found)
    if rows != seen or not rows:
        raise IllegalMove(_("There are %(rows)d by now: look again.") % {"rows": rows})
    why = stated(note) if note else ""
    verb = "refuse_blacklist" if note else "second_blacklist"
    record(actor, verb, ("blacklistentry", f"{day}"), None, {"rows": rows, "by": owner}, why)
    return rows


def _second(actor: User, found: QuerySet[BlacklistEntry]) -> int:
    return found.update(waits=False, second_by=actor)


def _second_others(actor: User, digests: Iterable[str]) -> int:
    """What waits of somebody else and the actor lists too is confirmed by two; how many."""
    wanted, count = sorted(digests), 0
    for cut in range(0, len(wanted), AT_ONCE):
        waiting = BlacklistEntry.objects.filter(digest__in=wanted[cut : cut + AT_ONCE], waits=True)
        count += _second(actor, waiting.filter(ended_on=None).exclude(by=actor))
    return count


def _open(wanted: Sequence[str]) -> set[str]:
    """Which of these digests stand. Entries whose term is over are ended, on the day it was: they may be
    listed again.
    """
    today = timezone.localdate()
    found: set[str] = set()
    over: list[int] = []
    for cut in range(0, len(wanted), AT_ONCE):
        some = BlacklistEntry.objects.filter(digest__in=wanted[cut : cut + AT_ONCE], ended_on=None).order_by()
        for pk, digest, until in some.values_list("pk", "digest", "until"):
            if until is not None and until <= today:
                over.append(pk)
            else:
                found.add(digest)
    for cut in range(0, len(over), AT_ONCE):
        ended = BlacklistEntry.objects.filter(pk__in=over[cut : cut + AT_ONCE], ended_on=None)
        ended.update(ended_on=F("until"))
    return found


def years_on(day: dt.date, years: int) -> dt.date:
    """The same day so many years later; the 28th for a 29th of February that is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


@transaction.atomic
def end_entry(actor: User, entry_id: int, note: str) -> BlacklistEntry:
    """The entry is over, for the reason given. Errors: NotPermitted, InputError (no reason)."""
    require(actor, Permission.CONFIRM_RESTRICTIONS)
    registers.blacklist_entry(actor, entry_id)
    about = BlacklistEntry.objects.select_for_update(of=("self",)).get(pk=entry_id)
    why = stated(note)
    if about.ended_on is None:
        about.ended_on = timezone.localdate()
        about.save(update_fields=["ended_on"])
        record(actor, "end_blacklist_entry", about, None, {"kind": about.kind}, why)
    return about


@transaction.atomic
def look_up(actor: User, kind: str, identities: Sequence[str], purpose: str) -> list[BlacklistEntry | None]:
    """For each identity the entry that holds now, or None; that the actor asked, how often and why is on
    record. Banks and operators ask before they open a card or an account.

    Errors: NotPermitted, InputError (too many, no identity, no purpose).
    """
    if not 1 <= len(identities) <= MOST_LOOKED_UP:
        raise InputError(_("Ask for 1 to %(most)d identities at once.") % {"most": MOST_LOOKED_UP})
    digests = [digest_of(kind, one) for one in identities]
    if None in digests:
        line = digests.index(None) + 1
        raise InputError(_("Line %(line)d: Expected an identity number.") % {"line": line})
    found = {one.digest: one for one in registers.listed(actor, kind, [one for one in digests if one])}
    hits = [found.get(digest or "") for digest in digests]
    after = {"kind": kind, "rows": len(identities), "hits": sum(map(bool, hits))}
    record(actor, "look_up_blacklist", ("blacklistentry", kind), None, after, stated(purpose))
    return hits
