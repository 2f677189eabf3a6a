"""Second real-name checks of phone cards: flagged, told, checked, suspended, objected, restored. The actor
first, one transaction, one audit row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.industry import moves, queries, registers, rules
from qingdun.console.industry.actions import announce
from qingdun.console.industry.codes import Clock, Kind
from qingdun.console.industry.models import Breach, CardCheck
from qingdun.console.industry.moves import CHECK_MOVES, CheckState
from qingdun.console.industry.parties import known_names
from qingdun.console.industry.races import seeing_others
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.entry import e164
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import Organisation, PersonNumber, User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.storing import store
from qingdun.errors import QingdunError

C = CheckState
CLOCKS: dict[str, tuple[Clock, str]] = {
    C.FLAGGED: (Clock.NOTICE, "notice_h"),
    C.NOTICED: (Clock.CHECK, "check_h"),
    C.OBJECTED: (Clock.OBJECTION, "objection_h"),
    C.RESTORING: (Clock.RESTORE, "release_h"),
}
"""Which clock runs in which state, and the rule that says how long."""
CHECK_CLOCKS = [clock.value for clock, _rule in CLOCKS.values()]
OPEN = moves.CHECK_OPEN
TERM_RUNS = tuple(one.value for move in CHECK_MOVES if move.verb == "expire" for one in move.sources)
"""States of a card that is suspended and whose term ends by the clock."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a check, as a program tells it."""

    check: int
    verb: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """A card of high risk as a file tells it: its number in E.164; a party need not name itself."""

    number: str
    risk: str
    party: str = ""
    holder: str = ""


@seeing_others
def flag_card(actor: User, number: str, risk: str, party: str = "", holder: str = "") -> CardCheck:
    """The card is to be checked a second time: its operator has to tell the holder. Operators flag their own
    cards, the police those of any.

    Errors: NotPermitted, FieldFaults (no number, no risk, no operator, under check already).
    """
    is_party = may(actor, Permission.ANSWER_LISTS)
    if not is_party:
        require(actor, Permission.PROPOSE_RESTRICTIONS)
    operators = queries.parties(actor).filter(kind=Organisation.Kind.OPERATOR)
    operator = operators.first() if is_party else operators.filter(code=party).first()
    plain, faults = e164(number), {}
    foreign = is_party and plain is not None and plain in _of_others([plain], operator)
    if plain is None:
        faults["number"] = _("Expected a phone number such as 138 0000 0000.")
    elif foreign:
        faults["number"] = _not_yours()
    elif CardCheck.objects.filter(number=plain, state__in=OPEN).exists():
        own = registers.card_checks(actor).filter(number=plain, state__in=OPEN).exists()
        faults["number"] = _("This card is being checked already.") if own else _not_yours()
    if operator is None:
        faults["party"] = _("Expected an operator.")
    if not risk.strip():
        faults["risk"] = _("This is needed.")
    if faults or plain is None or operator is None:
        raise FieldFaults(faults)
    made = _flagged(actor, operator, Flag(plain, risk, holder=holder), timezone.now())
    made.save()
    record(actor, "flag_card", made, None, {"organisation": operator.code,
                                            "due_at": made.due_at})  # fmt: skip
    announce(made.region_path, "check", made.pk)
    return made


@seeing_others
def flag_cards(actor: User, flags: Sequence[Flag]) -> dict[int, str]:
    """Each of these cards, as from a file, is to be checked a second time, in the transaction of the caller,
    who writes the audit row; by place in `flags`, why some are not.

    Errors: NotPermitted.
    """
    is_party = may(actor, Permission.ANSWER_LISTS)
    if not is_party:
        require(actor, Permission.PROPOSE_RESTRICTIONS)
    operators = {one.code: one for one in queries.parties(actor).filter(kind=Organisation.Kind.OPERATOR)}
    own = next(iter(operators.values()), None) if is_party else None
    numbers = [one.number for one in flags]
    closed = set(
        CardCheck.objects.filter(number__in=numbers, state__in=OPEN).values_list("number", flat=True)
    )
    closed |= _of_others(numbers, own) if is_party else set()
    now, faults = timezone.now(), {}
    fresh: list[CardCheck] = []
    for place, one in enumerate(flags):
        operator = own if is_party else operators.get(one.party)
        if operator is None:
            faults[place] = _("Expected an operator.")
        elif one.number in closed:
            faults[place] = _not_yours()
        else:
            fresh.append(_flagged(actor, operator, one, now))
    fresh.sort(key=lambda one: one.number)
    if store(fresh):
        announce(actor.region_path, "check", 0)
    return faults


def _flagged(actor: User, operator: Organisation, told: Flag, now: dt.datetime) -> CardCheck:
    return CardCheck(
        party=operator, number=told.number, holder=told.holder.strip()[:64], risk=told.risk.strip()[:300],
        basis="act-11", rule_version=rules.version(), flagged_at=now, flagged_by=actor,
        due_at=now + rules.hours("notice_h"), region_path=actor.region_path,
    )  # fmt: skip


def _not_yours() -> str:
    return _("This number is not to be flagged by you.")


@transaction.atomic
def move_check(actor: User, check_id: int, verb: str, note: str = "") -> CardCheck:
    """The check has made one move of the table, and the clock of its new state runs. A late step ends its
    breach.

    Errors: NotPermitted, IllegalMove, InputError (no reason).
    """
    registers.card_check(actor, check_id)
    about = CardCheck.objects.select_for_update(of=("self",)).get(pk=check_id)
    move = moves.check(actor, CHECK_MOVES, verb, about.state)
    before, now = {"state": about.state}, timezone.now()
    why = stated(note) if move.needs_note else ""
    Breach.objects.filter(clock__in=_clock(about), about=about.pk, ended_at=None).update(ended_at=now)
    about.state, about.due_at = str(move.target), _due(str(move.target), now)
    if why:
        about.note = why
    if verb == "notify":
        about.noticed_at = now
    if verb in ("pass", "suspend"):
        about.checked_at, about.checked_by = now, actor
    if verb == "suspend":
        about.until = now + dt.timedelta(days=rules.term_days(Kind.SUSPEND))
    if verb == "object":
        about.objected_at = now
    if about.state in (C.PASSED, C.RESTORED):
        about.ended_at = now
    about.save()
    after = {"state": about.state, "due_at": about.due_at}
    record(actor, f"check_{verb}", about, before, after, why)
    announce(about.region_path, verb, about.pk)
    return about


@transaction.atomic
def take_steps(actor: User, steps: Sequence[Step]) -> list[str]:
    """Each step that may be is made; of each, in their order, '' or why it is not. All checks are locked
    before the first is moved, so that nobody waits for one while the ledger is held.

    Errors: NotPermitted.
    """
    require(actor, Permission.ANSWER_LISTS)
    own = registers.card_checks(actor).filter(pk__in={one.check for one in steps}).order_by().values("pk")
    list(CardCheck.objects.select_for_update(of=("self",)).filter(pk__in=own).order_by("pk"))
    told = []
    for one in steps:
        try:
            with transaction.atomic():
                move_check(actor, one.check, one.verb, one.note)
        except QingdunError as refused:
            told.append(str(refused))
        else:
            told.append("")
    return told


@transaction.atomic
def end_suspension(check_id: int, now: dt.datetime) -> bool:
    """The term of the suspension is over, and its operator is to restore the card; whether it was."""
    due = CardCheck.objects.filter(pk=check_id, state__in=TERM_RUNS, until__lte=now)
    about = due.select_for_update(of=("self",)).first()
    if about is None:
        return False
    Breach.objects.filter(clock__in=_clock(about), about=about.pk, ended_at=None).update(ended_at=now)
    before = {"state": about.state}
    about.state, about.due_at = C.RESTORING, _due(C.RESTORING, now)
    about.save()
    record(None, "check_expire", about, before, {"state": about.state, "due_at": about.due_at})
    announce(about.region_path, "expire", about.pk)
    return True


def _of_others(numbers: Sequence[str], operator: Organisation | None) -> set[str]:
    """Those of the numbers for which the register knows another operator's carrier."""
    names = known_names(Organisation.Kind.OPERATOR)
    known: dict[str, set[int]] = {}
    stand = PersonNumber.objects.filter(msisdn__in=numbers).values_list("msisdn", "carrier")
    for number, carrier in stand:
        if carrier in names:
            known.setdefault(number, set()).add(names[carrier])
    return {number for number, parties in known.items() if operator is None or operator.pk not in parties}


def _clock(about: CardCheck) -> list[str]:
    return [CLOCKS[about.state][0]] if about.state in CLOCKS else []


def _due(state: str, now: dt.datetime) -> dt.datetime | None:
    return now + rules.hours(CLOCKS[state][1]) if state in CLOCKS else None
