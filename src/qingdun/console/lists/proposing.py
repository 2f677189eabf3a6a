"""Candidates become a proposal: entries for those that may be, refused rows for the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.models import User
from qingdun.console.lists.acting import AT_ONCE, protection
from qingdun.console.lists.candidates import Candidate, Checked, checked
from qingdun.console.lists.codes import ListName, Source
from qingdun.console.lists.models import Entry, EntryEvent, EntryEvidence, Proposal, RefusedRow
from qingdun.console.lists.moves import OPEN, State
from qingdun.console.lists.never import why as never_why
from qingdun.errors import InputError, RefusedError

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a proposal; `fresh` is False if it had been sent before."""

    proposal: Proposal
    entries: list[Entry]
    refused: list[RefusedRow]
    fresh: bool


def take(
    actor: User, candidates: Sequence[Candidate], source: Source, key: str, name: str, limit: int
) -> Made:
    """The proposal stands with an entry or a refused row for every candidate; more than `limit` entries
    need two people.

    Errors: RefusedError if somebody else has used the key. In the caller's transaction.
    """
    now = timezone.now()
    proposal, fresh = Proposal.objects.get_or_create(
        key=key, defaults={"by": actor, "at": now, "source": source, "name": _kept(name)[:255]}
    )
    if not fresh:
        if proposal.by_id != actor.pk:
            raise RefusedError(_("This form was sent before by somebody else."))
        return Made(proposal, list(proposal.entries.order_by("pk")), list(proposal.refused.all()), False)
    good, bad = _sorted(candidates, now)
    entries = _store(actor, proposal, good, now, limit)
    stored = {(entry.entity_kind, entry.entity, entry.list_name) for entry in entries}
    bad += [(item.candidate, _taken()) for item in good if item.key not in stored]
    refused = [
        RefusedRow(
            proposal=proposal,
            number=candidate.row,
            values={_kept(cell): _kept(value) for cell, value in candidate.cells().items()},
            reason=reason,
        )
        for candidate, reason in sorted(bad, key=lambda one: one[0].row)
    ]
    RefusedRow.objects.bulk_create(refused, batch_size=AT_ONCE)
    proposal.size = len(entries)
    proposal.save(update_fields=["size"])
    return Made(proposal, entries, refused, True)


def _sorted(
    candidates: Sequence[Candidate], now: dt.datetime
) -> tuple[list[Checked], list[tuple[Candidate, str]]]:
    """Those that may be proposed, and the others with what is wrong with them."""
    never = protection()
    good: dict[Key, Checked] = {}
    bad: list[tuple[Candidate, str]] = []
    for candidate in candidates:
        try:
            item = checked(candidate, now)
            why = "" if item.candidate.list_name == ListName.NEVER_BLOCK else never_why(never, *item.key[:2])
            if item.key in good:
                why = _("The same entity stands in row %(row)d.") % {"row": good[item.key].candidate.row}
            if why:
                raise InputError(why)
        except InputError as error:
            bad.append((candidate, str(error)))
            continue
        good[item.key] = item
    open_now = set(_open(list(good)))
    bad += [(item.candidate, _taken()) for key, item in good.items() if key in open_now]
    return [item for key, item in good.items() if key not in open_now], bad


def _open(keys: list[Key]) -> Iterator[Key]:
    """Which of the keys an open entry has."""
    wanted = set(keys)
    for cut in range(0, len(keys), AT_ONCE):
        some = [entity for _kind, entity, _list in keys[cut : cut + AT_ONCE]]
        found = Entry.objects.filter(entity__in=some, state__in=OPEN)
        yield from (key for key in found.values_list("entity_kind", "entity", "list_name") if key in wanted)


def _store(
    actor: User, proposal: Proposal, good: Sequence[Checked], now: dt.datetime, limit: int
) -> list[Entry]:
    """The entries that stand; one that somebody else proposed at the same moment is not among them."""
    Entry.objects.bulk_create(
        [
            Entry(
                proposal=proposal,
                entity_kind=item.candidate.kind,
                entity=item.entity,
                sample=_kept(item.sample),
                list_name=item.candidate.list_name,
                reason=_kept(item.reason),
                scam_type=item.candidate.scam_type,
                source=_origin(proposal),
                owner=actor,
                until=item.until,
                needs_two=len(good) > limit,
                proposed_by=actor,
                proposed_at=now,
            )
            for item in good
        ],
        ignore_conflicts=True,
        batch_size=AT_ONCE,
    )
    entries = list(Entry.objects.filter(proposal=proposal).order_by("pk"))
    EntryEvent.objects.bulk_create(
        [
            EntryEvent(entry=entry, at=now, actor=actor, verb="propose", target=State.PROPOSED)
            for entry in entries
        ],
        batch_size=AT_ONCE,
    )
    pieces = {item.key: item.candidate.evidence for item in good}
    EntryEvidence.objects.bulk_create(
        [
            EntryEvidence(
                entry=entry,
                detector=piece.detector,
                text_zh=piece.text_zh,
                text_en=piece.text_en,
                at=piece.at,
                alert_id=piece.alert_id,
            )
            for entry in entries
            for piece in pieces[entry.entity_kind, entry.entity, entry.list_name]
        ],
        batch_size=AT_ONCE,
    )
    return entries


def _origin(proposal: Proposal) -> str:
    """Who says so, for whoever reads the entry later."""
    return proposal.name[:100] or Source(proposal.source).value


def _taken() -> str:
    return _("An entry for it is on this list, or proposed, already.")


def _kept(text: str) -> str:
    """The text as a database can hold it."""
    return text.replace("\x00", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode()
