"""What parties find by themselves: pushed to the police, joined with what the engine flagged, decided. The
actor first, one transaction, one audit row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.industry import moves, registers, subjects
from qingdun.console.industry.actions import AT_ONCE, announce
from qingdun.console.industry.codes import PARTY_KINDS, FindingKind
from qingdun.console.industry.models import Finding
from qingdun.console.industry.moves import FINDING_MOVES
from qingdun.console.industry.races import seeing_others
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.entry import YEARS
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach

Flagged = Callable[[str, Collection[str]], Mapping[str, dt.datetime]]
"""When the engine first flagged each of these entities of a kind, as far as it did."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing a party found."""

    kind: str
    entity: str
    found_at: dt.datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """What came of one of them: new, known before, or refused in words."""

    ok: bool
    known: bool = False
    finding: int = 0
    message: str = ""


@seeing_others
def push(actor: User, found: Sequence[Found]) -> list[Pushed]:
    """Each thing that is well said is a finding of the actor's party, once; one outcome a thing, in order.

    Errors: NotPermitted.
    """
    require(actor, Permission.ANSWER_LISTS)
    party = actor.organisation
    if party is None or party.kind not in PARTY_KINDS:
        raise out_of_reach()
    now = timezone.now()
    plain = [subjects.plain(one.kind, one.entity) for one in found]
    faults = [_fault(one, entity, now) for one, entity in zip(found, plain, strict=True)]
    known = _known(party, found, plain)
    fresh: dict[tuple[str, str], Finding] = {}
    for one, entity, fault in zip(found, plain, faults, strict=True):
        key = (one.kind, entity or "")
        if not fault and key not in known and key not in fresh:
            fresh[key] = Finding(
                party=party, kind=one.kind, entity=key[1], found_at=one.found_at, pushed_at=now, by=actor,
                reason=one.reason.strip()[:300], region_path=party.region.path,
            )  # fmt: skip
    made = Finding.objects.bulk_create([fresh[key] for key in sorted(fresh)], batch_size=AT_ONCE)
    ids = known | {(row.kind, row.entity): row.pk for row in made}
    outcomes, told = [], set(known)
    for one, entity, fault in zip(found, plain, faults, strict=True):
        key = (one.kind, entity or "")
        outcomes.append(Pushed(not fault, not fault and key in told, 0 if fault else ids[key], fault))
        told.add(key)
    if made:
        refused = sum(map(bool, faults))
        after = {"rows": len(made), "refused": refused, "organisation": party.code}
        record(actor, "push_findings", party, None, after, region_path=party.region.path)
        announce(party.region.path, "finding", made[0].pk)
    return outcomes


def _fault(one: Found, entity: str | None, now: dt.datetime) -> str:
    if one.kind not in FindingKind.values:
        expected = ", ".join(FindingKind.values)
        return _("kind: found “%(found)s”, expected one of: %(expected)s.") % {
            "found": one.kind[:40], "expected": expected,
        }  # fmt: skip
    if entity is None:
        return _("entity: found “%(found)s”, expected such a number.") % {"found": one.entity[:40]}
    if one.found_at.year not in YEARS or one.found_at > now + dt.timedelta(minutes=5):
        return _("found_at: this time lies in the future, or is none.")
    if not one.reason.strip():
        return _("reason: missing.")
    return ""


def _known(
    party: Organisation, found: Sequence[Found], plain: Sequence[str | None]
) -> dict[tuple[str, str], int]:
    known: dict[tuple[str, str], int] = {}
    for cut in range(0, len(found), AT_ONCE):
        some = [entity for entity in plain[cut : cut + AT_ONCE] if entity]
        rows = Finding.objects.filter(party=party, entity__in=some).values_list("kind", "entity", "pk")
        known.update({(kind, entity): pk for kind, entity, pk in rows})
    return known


@transaction.atomic
def decide_finding(actor: User, finding_id: int, verb: str, note: str = "") -> Finding:
    """The police have confirmed or dismissed it. Errors: NotPermitted, IllegalMove, InputError (no
    reason).
    """
    registers.finding(actor, finding_id)
    about = Finding.objects.select_for_update(of=("self",)).get(pk=finding_id)
    move = moves.check(actor, FINDING_MOVES, verb, about.state)
    before = {"state": about.state}
    about.note = stated(note) if move.needs_note else ""
    about.state, about.decided_by, about.decided_at = str(move.target), actor, timezone.now()
    about.save()
    record(actor, f"finding_{verb}", about, before, {"state": about.state}, about.note)
    announce(about.region_path, verb, about.pk)
    return about


def join(flagged: Flagged) -> int:
    """Findings that the engine flagged as well know when it did; how many are new to it. The party was first
    if it pushed before that time.
    """
    count = 0
    for kind in FindingKind.values:
        # What the engine has never flagged is asked again and again: its suspects come later.
        open_ones, last = Finding.objects.filter(kind=kind, engine_at=None).order_by("pk"), 0
        while some := list(open_ones.filter(pk__gt=last)[:AT_ONCE]):
            last = some[-1].pk
            at = flagged(kind, [one.entity for one in some])
            joined = [one for one in some if one.entity in at]
            for one in joined:
                one.engine_at = at[one.entity]
            count += Finding.objects.bulk_update(joined, ["engine_at"], batch_size=AT_ONCE)
    return count
