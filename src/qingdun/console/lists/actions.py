"""What people do with entries: the actor first, one transaction, one audit row, changes in the feed.

An act on many checks every row by itself: what is legal is done, the rest is told with its reason.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.masking import mask_account
from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.lists import moves, rules
from qingdun.console.lists.acting import Act, announce, by_list, locked, protection
from qingdun.console.lists.candidates import LONGEST_REASON, Candidate, check_end
from qingdun.console.lists.codes import EntityKind, ListName, Source, What
from qingdun.console.lists.models import Entry
from qingdun.console.lists.moves import State
from qingdun.console.lists.never import why as never_why
from qingdun.console.lists.proposing import Made, take
from qingdun.detect.sites.hosts import parents
from qingdun.errors import IllegalMove, NotPermitted, QingdunError, RefusedError
from qingdun.intercept.never import NeverBlock

DAY = dt.timedelta(days=1)
_MOST_IDS = 50

Row = tuple[int, int | None]
"""Id of an entry and the version the actor has seen; None for whatever it is now."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act on one entry."""

    entry_id: int
    ok: bool
    message: str = ""


@transaction.atomic
def propose(actor: User, candidates: Sequence[Candidate], source: Source, key: str, name: str = "") -> Made:
    """Every candidate that is well said, not protected and not open already is a proposed entry; the others
    are kept with their reason. The same key again changes nothing and tells what came of it.

    Errors: NotPermitted; RefusedError if somebody else has used the key.
    """
    require(actor, Permission.PROPOSE_LISTS)
    return _propose(actor, candidates, source, key, name)


@transaction.atomic
def receive(account: User, candidates: Sequence[Candidate], key: str, name: str) -> Made:
    """The same of what a peer of the exchange has sent. `account` is the peer's, with which nobody logs in
    and which may do nothing else: that it may send is a rule of the exchange.
    """
    return _propose(account, candidates, Source.PEER, key, name)


def _propose(actor: User, candidates: Sequence[Candidate], source: Source, key: str, name: str) -> Made:
    made = take(actor, candidates, source, key, name, settings.LISTS_TWO_PERSONS)
    if made.fresh:
        after = {
            "source": source, "entries": len(made.entries), "refused": len(made.refused),
            "ids": [entry.pk for entry in made.entries[:_MOST_IDS]], "lists": by_list(made.entries),
        }  # fmt: skip
        record(actor, "propose_entries", made.proposal, None, after)
        announce("propose", len(made.entries))
    return made


def approve(actor: User, rows: Iterable[Row], note: str = "") -> list[Done]:
    """Each row that may be is approved, and in force if nothing is missing: its time has come, and where
    two people are needed two different ones have approved.
    """
    return _bulk(actor, "approve", rows, note, _Approval())


def refuse(actor: User, rows: Iterable[Row], note: str) -> list[Done]:
    """Each row that may be is refused, with the reason."""
    return _bulk(actor, "refuse", rows, note, _move)


def reverse(actor: User, rows: Iterable[Row], note: str) -> list[Done]:
    """Each row that may be is off its list at once, with the reason."""
    return _bulk(actor, "reverse", rows, note, _reverse)


def extend(actor: User, rows: Iterable[Row], until: dt.datetime | None, note: str) -> list[Done]:
    """Each row that may be ends at `until`, earlier or later than before; None is without an end."""

    def end(act: Act, entry: Entry) -> None:
        check_end(entry.list_name, until, act.now)
        if entry.until == until:
            raise IllegalMove(_("That is its term already."))
        _move(act, entry)
        act.set(entry, until=until)
        act.changed.append((entry, What.EXTENDED))

    return _bulk(actor, "extend", rows, note, end)


@transaction.atomic
def unmask(actor: User, entry_id: int, purpose: str) -> AuditRow:
    """The actor may read the entry's entity for the purpose given, and the audit says so."""
    require(actor, Permission.SEE_PERSONS)
    require(actor, Permission.UNMASK)
    entry = Entry.objects.filter(pk=entry_id).first()
    if entry is None:
        raise _absent(entry_id)
    keyed = salted_hmac("qingdun.entity", f"{entry.entity_kind}:{entry.entity}").hexdigest()[:32]
    shown = {"entity": keyed, "shown": mask_account(entry.entity)}
    return record(actor, "unmask_entry", entry, None, shown, stated(purpose))


@transaction.atomic
def export(actor: User, query: str, rows: int, purpose: str) -> None:
    """It is on record that the actor takes a list out of the house, legible, and why."""
    require(actor, Permission.SEE_PERSONS)
    require(actor, Permission.UNMASK)
    told = {"filters": query[:500], "rows": rows}
    record(actor, "export_entries", ("lists", "export"), None, told, stated(purpose))


def enforce(actor: User, rows: Iterable[Row], note: str) -> list[Done]:
    """Each row that may be is blocked by networks from now on, where they only observed it before."""

    def begin(act: Act, entry: Entry) -> None:
        if entry.is_bare_address:
            raise IllegalMove(_("No network blocks a bare IP address: many sites may share it."))
        if not entry.may_be_enforced:
            raise IllegalMove(
                _("Only numbers, senders, hosts and texts of the black list are enforced, each once.")
            )
        _move(act, entry)
        act.set(entry, enforced_by=act.actor, enforced_at=act.now)
        act.changed.append((entry, What.ENFORCED))

    return _bulk(actor, "enforce", rows, note, begin)


def put_back(actor: User, rows: Iterable[Row]) -> list[Done]:
    """Each row that the actor has only just reversed is on its list as before: an undo."""
    never: list[NeverBlock] = []

    def back(act: Act, entry: Entry) -> None:
        _move(act, entry)
        if not entry.may_be_put_back(actor.pk, act.now):
            raise IllegalMove(
                _("Only whoever reversed it puts it back, within %(minutes)d minutes and its term.")
                % {"minutes": rules.put_back_within().total_seconds() // 60}
            )
        same = Entry.objects.filter(
            entity_kind=entry.entity_kind,
            entity=entry.entity,
            list_name=entry.list_name,
            state__in=moves.OPEN,
        )
        if same.exists():
            raise RefusedError(_("An entry for it is on this list, or proposed, already."))
        if not never:
            # As with approvals: what somebody protects or lists meanwhile is seen.
            locked_head()
            never.append(protection())
        if entry.list_name == ListName.NEVER_BLOCK:
            _check_unblocked(entry.entity_kind, entry.entity)
        elif why := never_why(never[0], entry.entity_kind, entry.entity):
            raise RefusedError(why)
        act.set(entry, reversed_by=None, reversed_at=None, reversal_reason="")
        act.changed.append((entry, What.LISTED))

    return _bulk(actor, "put_back", rows, "", back)


class _Approval:
    """Approves one entry after the other; remembers what is protected, and what the actor has put on lists
    today without anybody else.
    """

    def __init__(self) -> None:
        self.never: NeverBlock | None = None
        self.blocked: set[tuple[str, str]] = set()
        self.alone: int | None = None

    def __call__(self, act: Act, entry: Entry) -> None:
        if entry.wants_second and entry.approved_by_id == (act.actor.pk if act.actor else None):
            raise NotPermitted(_("You have approved it; a second person must."))
        verb = "second" if entry.wants_second else "approve"
        moves.check(verb, entry.state, act.actor.role if act.actor else "")
        check_end(entry.list_name, entry.until, act.now)
        self._still_right(entry)
        source = entry.state
        act.set(entry, state=State.APPROVED)
        if verb == "second":
            act.set(entry, second_by=act.actor, second_at=act.now)
        else:
            two = entry.needs_two or self._too_many_alone(act, entry)
            act.set(entry, approved_by=act.actor, approved_at=act.now, needs_two=two)
        act.log(entry, verb, source)
        if entry.wants_second:
            return
        act.start(entry)
        if entry.list_name == ListName.NEVER_BLOCK:
            self.never = NeverBlock.of({*self._never().own, (entry.entity_kind, entry.entity)})
        else:
            self.blocked.add((entry.entity_kind, entry.entity))

    def _never(self) -> NeverBlock:
        if self.never is None:
            # Approvals come one after the other, so that what one protects another does not block meanwhile.
            locked_head()
            self.never = protection()
        return self.never

    def _still_right(self, entry: Entry) -> None:
        """What has become protected since it was proposed is not blocked, nor the other way round."""
        kind, entity = entry.entity_kind, entry.entity
        why = never_why(self._never(), kind, entity)
        if entry.list_name != ListName.NEVER_BLOCK:
            if why:
                raise RefusedError(why)
            return
        own = NeverBlock.of([(kind, entity)])
        _check_unblocked(kind, entity, any(own.group(*one) == "own" for one in self.blocked))

    def _too_many_alone(self, act: Act, entry: Entry) -> bool:
        """Whether the actor, who proposed it too, has by now put more than the limit on lists alone in a
        day: a bulk cut into pieces is still a bulk.
        """
        if act.actor is None or entry.proposed_by_id != act.actor.pk:
            return False
        if self.alone is None:
            own = Entry.objects.filter(proposed_by=act.actor, approved_by=act.actor, needs_two=False)
            self.alone = own.filter(approved_at__gt=act.now - DAY).count()
        self.alone += 1
        return bool(self.alone > settings.LISTS_TWO_PERSONS)


def _check_unblocked(kind: str, entity: str, just_now: bool = False) -> None:
    """Nothing stands on another list that would be protected with the entity: for a host what lies below it
    and above it. Errors: RefusedError.
    """
    is_host = kind == EntityKind.HOST
    hit = Q(entity__in=list(parents(entity)) if is_host else [entity])
    hit |= Q(entity__endswith=f".{entity}") if is_host else Q()
    stands = Entry.objects.filter(hit, entity_kind=kind, state=State.ACTIVE)
    if just_now or stands.exclude(list_name=ListName.NEVER_BLOCK).exists():
        raise RefusedError(_("It is on the black or grey list now: reverse that first."))


def _move(act: Act, entry: Entry) -> None:
    move = moves.check(act.verb, entry.state, act.actor.role if act.actor else "", act.note)
    source = entry.state
    if move.target is not None:
        act.set(entry, state=move.target)
    act.log(entry, act.verb, source)


def _reverse(act: Act, entry: Entry) -> None:
    _move(act, entry)
    act.set(entry, reversed_by=act.actor, reversed_at=act.now, reversal_reason=act.note)
    act.changed.append((entry, What.UNLISTED))


@transaction.atomic
def _bulk(
    actor: User, verb: str, rows: Iterable[Row], note: str, apply: Callable[[Act, Entry], None]
) -> list[Done]:
    require(actor, Permission.APPROVE_LISTS)
    wanted = dict(rows)
    act = Act(actor, verb, " ".join(note.split())[:LONGEST_REASON], timezone.now())
    entries, done = locked(wanted), []
    before: Counter[str] = Counter()
    for entry_id, version in wanted.items():
        entry = entries.get(entry_id)
        try:
            if entry is None:
                raise _absent(entry_id)
            stood = entry.state
            if version not in (None, entry.version):
                raise IllegalMove(
                    _("Somebody was faster: it is “%(state)s” now.") % {"state": entry.get_state_display()}
                )
            apply(act, entry)
        except QingdunError as refused:
            done.append(Done(entry_id, False, str(refused)))
            continue
        before[stood] += 1
        act.moved.append(entry)
        done.append(Done(entry_id, True))
    if act.moved:
        act.keep()
        after = {
            "entries": len(act.moved), "ids": [entry.pk for entry in act.moved[:_MOST_IDS]],
            "states": Counter(entry.state for entry in act.moved), "lists": by_list(act.moved),
            "refused": len(done) - len(act.moved),
        }  # fmt: skip
        subject = act.moved[0] if len(wanted) == 1 else ("lists", verb)
        record(actor, f"{verb}_entries", subject, {"states": before}, after, act.note[:200])
        announce(verb, len(act.moved))
    return done


def _absent(entry_id: int) -> NotPermitted:
    return NotPermitted(_("Entry %(id)s is not there.") % {"id": entry_id})
