"""Whether an entry may be shared under a rule: pure, in the order in which a person would ask."""

from __future__ import annotations

from collections.abc import Callable

from qingdun.console.exchange.codes import Held, Proof, Tlp
from qingdun.console.exchange.models import Rule
from qingdun.console.exchange.told import Told

_ORDER = {one: place for place, one in enumerate(Tlp)}
_PROOFS = {one: place for place, one in enumerate(Proof)}


def why_held(rule: Rule | None, told: Told) -> Held | None:
    """Why the entry is not shared; None if it is. Without a rule nothing is."""
    if rule is None:
        return Held.NO_RULE
    return next((why for why, holds in _CHECKS if holds(rule, told)), None)


def asked(rule: Rule, told: Told) -> list[tuple[Held, bool]]:
    """Every reason for which it could be held back, in their order, and whether it is."""
    return [(why, holds(rule, told)) for why, holds in _CHECKS]


_CHECKS: tuple[tuple[Held, Callable[[Rule, Told], bool]], ...] = (
    (Held.LIST, lambda rule, told: not told.in_force),
    (Held.NEVER, lambda rule, told: told.protected),
    (Held.TAKEN, lambda rule, told: told.taken),
    (Held.KIND, lambda rule, told: told.kind not in rule.kinds),
    (Held.SCAM, lambda rule, told: bool(told.scam_type) and told.scam_type not in rule.scam_types),
    (Held.TLP, lambda rule, told: _ORDER[told.tlp] > _ORDER[Tlp(rule.ceiling)]),
    (Held.OBSERVED, lambda rule, told: told.networked and not told.enforced and not rule.observed),
    (Held.PROOF, lambda rule, told: _PROOFS[told.proof] < _PROOFS[Proof(rule.proof)]),
    (Held.TERM, lambda rule, told: (told.until - told.since).days > rule.longest_days),
)
