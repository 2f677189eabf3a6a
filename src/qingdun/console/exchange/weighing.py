"""What a rule would share of the lists as they are, and why it holds back the rest: counted before anything
is written, and explained entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.exchange import listing, rules
from qingdun.console.exchange.codes import Held, Kind, Proof, Tlp
from qingdun.console.exchange.models import Rule
from qingdun.console.exchange.sharing import asked, why_held
from qingdun.console.exchange.told import Told
from qingdun.contract.codes import scam_types

SHARED = "shared"
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Weighed:
    """Entries in force by what a rule says of them: `shared`, or the code of a reason."""

    entries: dict[str, list[int]]
    whole: bool
    """Whether all entries in force were looked at, or only as many as one look takes."""

    @property
    def count(self) -> int:
        """How many were looked at."""
        return sum(map(len, self.entries.values()))


class Line(NamedTuple):
    """One thing a rule asks of an entry."""

    why: Held
    passes: bool
    question: str
    found: str
    allowed: str


def weigh(rule: Rule | None) -> Weighed:
    """What the rule says of every black entry in force, the oldest first."""
    most, after, count = rules.number("most_weighed"), 0, 0
    entries: dict[str, list[int]] = {}
    while count < most and (ids := listing.in_force(after, min(_AT_ONCE, most - count))):
        for told in listing.told(ids):
            entries.setdefault(why_held(rule, told) or SHARED, []).append(told.entry_id)
        after, count = ids[-1], count + len(ids)
    return Weighed(entries, not listing.in_force(after, 1))


def explain(rule: Rule, told: Told) -> list[Line]:
    """Everything the rule asks of the entry, in its order: what was found and what is allowed."""
    return [
        Line(why, not holds, str(_QUESTIONS[why]), *(_SAID[why](rule, told) if why in _SAID else ("", "")))
        for why, holds in asked(rule, told)
    ]


_QUESTIONS: dict[Held, str | Promise] = {
    Held.LIST: gettext_lazy("In force on the black list"),
    Held.NEVER: gettext_lazy("Not among what is never blocked"),
    Held.TAKEN: gettext_lazy("No resident has come to hold the number since it was listed"),
    Held.KIND: gettext_lazy("Its kind is shared"),
    Held.SCAM: gettext_lazy("Its scam type is shared"),
    Held.TLP: gettext_lazy("Its marking is not above the ceiling"),
    Held.OBSERVED: gettext_lazy("Networks block it, or what is observed is shared"),
    Held.PROOF: gettext_lazy("Enough speaks for it"),
    Held.TERM: gettext_lazy("Its term is not too long"),
}


def _kinds(rule: Rule, told: Told) -> tuple[str, str]:
    return str(Kind(told.kind).label), _(", ").join(str(Kind(kind).label) for kind in rule.kinds)


def _scams(rule: Rule, told: Told) -> tuple[str, str]:
    found = scam_type_label(told.scam_type) if told.scam_type else _("none")
    every = len(rule.scam_types) == len(scam_types().names)
    return found, _("all") if every else _(", ").join(map(scam_type_label, rule.scam_types))


def _marking(rule: Rule, told: Told) -> tuple[str, str]:
    held = _("%(tlp)s, because a resident holds the number") % {"tlp": told.tlp.label}
    return held if told.held else told.tlp.label, Tlp(rule.ceiling).label


def _observed(rule: Rule, told: Told) -> tuple[str, str]:
    if not told.networked:
        found = _("no network could block it")
    else:
        found = _("blocked in networks") if told.enforced else _("only observed")
    return found, _("shared as well") if rule.observed else _("not shared")


def _term(rule: Rule, told: Told) -> tuple[str, str]:
    return _days((told.until - told.since).days), _days(rule.longest_days)


def _days(n: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", n) % {"n": n}


_SAID: dict[Held, Callable[[Rule, Told], tuple[str, str]]] = {
    Held.KIND: _kinds,
    Held.SCAM: _scams,
    Held.TLP: _marking,
    Held.OBSERVED: _observed,
    Held.PROOF: lambda rule, told: (str(told.proof.label), str(Proof(rule.proof).label)),
    Held.TERM: _term,
}
