"""Whether the number that a call presents can be the caller's own: what the network knows may speak against
it, or the way it came in.

Each rule is off, observed (the call passes and is counted) or enforced, by itself; all begin observed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from qingdun.intercept.calls.numbers import NOBODY, Number, presented
from qingdun.intercept.calls.sip import Request

INTERNATIONAL = "international"
"""What a trunk is called over which calls come in from abroad."""


class Spoof(StrEnum):
    """The rules, each with what it says."""

    TRUNK = "trunk"
    """A number of this country, or one that no network hands out, came in over an international trunk."""
    ASSERTED = "asserted"
    """From names another number than P-Asserted-Identity, or Remote-Party-ID where there is none."""
    NETWORK = "network"
    """A number of this country is presented, and the network knows a foreign one behind it."""


class Caller(NamedTuple):
    """Who calls, by everything that the request says of it."""

    shown: Number
    """From: what the callee sees."""
    asserted: Number
    """P-Asserted-Identity, or Remote-Party-ID: what the network before says of it."""
    network: Number
    """What our own network knows behind it, by a header of the operator's."""
    trunk: str
    forwarded: bool
    """Whether Diversion or History-Info says that somebody else was called first."""


def caller_of(request: Request, trunk: str, network_header: str) -> Caller:
    """Who calls; `network_header`: lower case, empty if the operator has none."""
    headers = request.headers
    asserted = headers.get("p-asserted-identity") or headers.get("remote-party-id")
    network = headers.get(network_header) if network_header else None
    return Caller(
        presented(headers.get("from", "")),
        presented(asserted) if asserted else NOBODY,
        _bare(network) if network else NOBODY,
        trunk,
        "diversion" in headers or "history-info" in headers,
    )


def spoofs(caller: Caller) -> list[Spoof]:
    """The rules that speak against the origin, the surest first; none if nothing does.

    A caller who shows no number claims none. Of a forwarded call the asserted number may be another's.
    """
    shown = caller.shown
    if not shown.shown:
        return []
    found = []
    # Our own network knows the number to be the caller's: a subscriber who is abroad.
    known = caller.network.e164 == shown.e164
    if not known and caller.trunk == INTERNATIONAL and (shown.domestic or shown.shown.startswith("+00")):
        found.append(Spoof.TRUNK)
    if shown.domestic and caller.network.foreign:
        found.append(Spoof.NETWORK)
    if caller.asserted.shown and caller.asserted.e164 != shown.e164 and not caller.forwarded:
        found.append(Spoof.ASSERTED)
    return found


def _bare(value: str) -> Number:
    """A header of the operator's holds an address or the bare digits."""
    found = presented(value)
    return found if found.shown else Number.of(value.strip())
