"""What somebody wants on a list, before it is checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from qingdun.console.lists import rules
from qingdun.console.lists.codes import EntityKind, ListName
from qingdun.console.lists.normal import is_key, normal
from qingdun.contract.codes import scam_types
from qingdun.errors import InputError

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence to be copied to the entry; times as of the engine."""

    detector: str
    text_zh: str
    text_en: str
    at: dt.datetime
    alert_id: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entity somebody wants on a list."""

    kind: str
    entity: str
    list_name: str
    reason: str
    scam_type: str = ""
    until: dt.datetime | None = None
    """None: the default term of its list and kind."""
    evidence: tuple[Piece, ...] = ()
    row: int = 1
    values: Mapping[str, str] = field(default_factory=dict)
    """The cells it was read from, kept if the row is refused."""
    fault: str = ""
    """What was wrong with the cells already."""

    def cells(self) -> dict[str, str]:
        """What is kept of it if it is refused."""
        if self.values:
            return dict(self.values)
        return {
            "kind": self.kind, "entity": self.entity, "list": self.list_name, "reason": self.reason,
            "scam_type": self.scam_type, "until": self.until.isoformat() if self.until else "",
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """A candidate that is well said: entity normalised, term known."""

    candidate: Candidate
    entity: str
    reason: str
    until: dt.datetime | None

    @property
    def sample(self) -> str:
        """Of a text, the copy of it that was sent."""
        sent = self.candidate.entity.strip()
        return sent if self.candidate.kind == EntityKind.TEXT and not is_key(sent) else ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Kind, entity and list: at most one open entry has them."""
        return self.candidate.kind, self.entity, self.candidate.list_name


def checked(candidate: Candidate, now: dt.datetime) -> Checked:
    """The candidate, well said. Errors: InputError with the first thing that is not."""
    if candidate.fault:
        raise InputError(candidate.fault)
    if candidate.kind not in EntityKind.values:
        raise InputError(_("Kind: found “%(found)s”.") % {"found": candidate.kind[:40]})
    if candidate.list_name not in ListName.values:
        raise InputError(_("List: found “%(found)s”.") % {"found": candidate.list_name[:40]})
    if candidate.scam_type and candidate.scam_type not in scam_types().names:
        raise InputError(_("Scam type: found “%(found)s”.") % {"found": candidate.scam_type[:40]})
    entity = normal(candidate.kind, candidate.entity)
    reason = " ".join(candidate.reason.split())
    if len(reason) < 2:
        raise InputError(_("Give a reason."))
    if len(reason) > LONGEST_REASON:
        raise InputError(_("The reason is longer than %(most)d characters.") % {"most": LONGEST_REASON})
    return Checked(candidate, entity, reason, _end(candidate, now))


def check_end(list_name: str, until: dt.datetime | None, now: dt.datetime) -> None:
    """Nothing happens if an entry of the list may end then. Errors: InputError."""
    if until is not None and until <= now:
        raise InputError(_("The term has ended already."))
    if list_name == ListName.BLACK and (until is None or until > now + rules.longest()):
        raise InputError(_("A black entry ends within %(days)d days.") % {"days": rules.longest().days})


def _end(candidate: Candidate, now: dt.datetime) -> dt.datetime | None:
    until = candidate.until
    if until is None:
        length = rules.term(candidate.list_name, candidate.kind)
        return None if length is None else now + length
    check_end(candidate.list_name, until, now)
    return until
