"""What becomes of a call, by the lists in memory and by its origin. What fails here lets the call pass."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import NamedTuple, Protocol

from qingdun.intercept.calls.numbers import Number, emergency
from qingdun.intercept.calls.origin import INTERNATIONAL, Caller, Spoof, caller_of, spoofs
from qingdun.intercept.calls.sip import Request
from qingdun.intercept.known import Rule
from qingdun.intercept.never import dialled, service

PHRASES = {603: "Decline", 607: "Unwanted", 608: "Rejected"}
"""What a call can be refused with (RFC 3261, 8197, 8688)."""
_SOURCES_KEPT = 4096
_SAID_S = 1.0

_log = logging.getLogger("qingdun.intercept")


class Mode(StrEnum):
    """What a rule of origin does."""

    OFF = "off"
    OBSERVE = "observe"
    ENFORCE = "enforce"


class Policy(NamedTuple):
    """What the operator has settled."""

    listed: int = 608
    """With what a listed caller is refused."""
    spoofed: int = 603
    """And a spoofed one."""
    rules: Mapping[Spoof, Mode] = dict.fromkeys(Spoof, Mode.OBSERVE)
    trunks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Addresses from which international calls come in."""
    trunk_header: str = ""
    """A header, lower case, that names the trunk; whoever stands before us takes it off what is sent."""
    network_header: str = ""
    """A header, lower case, with the number the network knows behind the caller."""
    card: str = ""
    """Where a refused caller finds whom to ask: a signed jCard (RFC 8688); empty: nowhere."""


class Verdict(NamedTuple):
    """What becomes of a call."""

    status: int
    """0: it passes."""
    phrase: str
    card: str
    """The value of Call-Info; empty: none."""


PASSES = Verdict(0, "", "")


class Lists(Protocol):
    """Whoever knows the lists in memory."""

    def find(self, kind: str, entity: str) -> Rule | None:
        """The rule that holds for the entity now."""
        ...


class Judge:
    """Says what becomes of each call, and counts it."""

    def __init__(self, lists: Lists, met: Callable[[Rule], None], policy: Policy) -> None:
        self._lists, self._met, self._policy = lists, met, policy
        self._from_abroad: dict[str, bool] = {}
        self._said_at = -_SAID_S
        card = f"<{policy.card}>;purpose=jwscard" if policy.card else ""
        self._listed = Verdict(policy.listed, PHRASES[policy.listed], card)
        self._spoofed = Verdict(policy.spoofed, PHRASES[policy.spoofed], card)
        self.counts: Counter[str] = Counter()
        """Calls that passed, were refused, were judged spoofed by each rule; what failed."""

    def of(self, request: Request, source: str, trunk: str = "") -> Verdict:
        """What becomes of the call, which came from the address `source`, over that trunk if one is named."""
        try:
            verdict = self._judged(request, source, trunk)
        except Exception:
            self.counts["failed_open"] += 1
            now = time.monotonic()
            if now - self._said_at > _SAID_S:
                self._said_at = now
                _log.exception("a call could not be judged, and passes")
            return PASSES
        self.counts["refused" if verdict.status else "passed"] += 1
        return verdict

    def _judged(self, request: Request, source: str, trunk: str) -> Verdict:
        if emergency(request.uri):
            # Whoever calls for help is heard, whatever is known or shown of them.
            self.counts["emergency"] += 1
            return PASSES
        policy = self._policy
        if not trunk and policy.trunk_header:
            trunk = request.headers.get(policy.trunk_header, "").lower()
        if not trunk and policy.trunks and self._is_from_abroad(source):
            trunk = INTERNATIONAL
        caller = caller_of(request, trunk, policy.network_header)
        if caller.forwarded:
            self.counts["forwarded"] += 1
        listed = self._listed_as(caller)
        if listed:
            return listed
        return self._origin(caller)

    def _listed_as(self, caller: Caller) -> Verdict | None:
        """What the lists say of its numbers; an entry that blocks before one that observes."""
        found: list[Rule] = []
        for number in (caller.shown, caller.asserted, caller.network):
            rule = self._rule(number, caller.trunk) if number.shown else None
            if rule is not None and rule not in found:
                found.append(rule)
        if not found:
            return None
        blocks = next((rule for rule in found if rule.enforced), None)
        for rule in [blocks] if blocks else found:
            self._met(rule)
        self.counts["listed" if blocks else "observed_listed"] += 1
        return self._listed if blocks else None

    def _rule(self, number: Number, trunk: str) -> Rule | None:
        find = self._lists.find
        found = find("number", number.e164)
        if found is None and number.shown != number.e164:
            # Lists may hold a number of no known form as it was presented.
            found = find("number", number.shown)
        if found is not None and trunk != INTERNATIONAL and service(dialled(number.e164)):
            # From abroad +8695588 imitates a bank and may be listed; at home a network writes the bank so.
            return None
        return found

    def _origin(self, caller: Caller) -> Verdict:
        refused = False
        for spoof in spoofs(caller):
            mode = self._policy.rules.get(spoof, Mode.OFF)
            if mode is Mode.OFF:
                continue
            enforced = mode is Mode.ENFORCE
            self.counts[f"spoofed_{spoof}" if enforced else f"observed_{spoof}"] += 1
            refused = refused or enforced
        return self._spoofed if refused else PASSES

    def _is_from_abroad(self, source: str) -> bool:
        known = self._from_abroad.get(source)
        if known is None:
            at = ip_address(source.strip("[]"))
            # So an address of IPv4 looks where both are listened for.
            at = getattr(at, "ipv4_mapped", None) or at
            known = any(at in one for one in self._policy.trunks)
            if len(self._from_abroad) >= _SOURCES_KEPT:
                self._from_abroad.clear()
            self._from_abroad[source] = known
        return known
