"""Punishment over cards (惩戒): by the rule of the day, capped, served with a letter. The actor first, one
transaction, one audit row.

A punishment is the restriction of a person: it is proposed, confirmed by a human, served, appealed and lifted
like every other one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingdun.console.industry import moves, registers, rules
from qingdun.console.industry.actions import announce
from qingdun.console.industry.blacklisting import digest_of, years_on
from qingdun.console.industry.codes import Kind, LetterKind, ListedKind, NoticeWay, Source, SubjectKind
from qingdun.console.industry.models import Assignment, Letter, Punishment, Restriction
from qingdun.console.industry.moves import MOVES, OPEN, State
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import IllegalMove, InputError

BASIS = "act-31"


@dataclass(frozen=True, slots=True)
class PunishmentForm:
    """What is typed about a punishment."""

    identity: str
    name: str
    years: int
    deed_on: dt.date
    reason: str
    evidence: Sequence[str] = ()
    decided_on: dt.date | None = None
    """Today, if it is decided here; a day before that needs the number under which it was decided then."""
    document: str = ""


class Grounds(NamedTuple):
    """What follows from a form: the digest of who it is about, the rule that counts, the day of decision."""

    digest: str
    rule: str
    decided_on: dt.date


def rule_on(day: dt.date) -> dict[str, Any]:
    """The version of the rule that was in force on that day. Errors: InputError (none was)."""
    for version in punishment_rules()["versions"]:
        until = version["until"]
        if version["from"] <= f"{day}" and (until is None or f"{day}" <= until):
            found: dict[str, Any] = version
            return found
    raise InputError(_("No rule of punishment was in force on that day."))


def rule_for(deed_on: dt.date, decided_on: dt.date) -> dict[str, Any]:
    """The version of the rule that counts: that of the day of the deed, or that of the day of the decision if
    it is milder. Errors: InputError (on one of the days none was in force).
    """
    found: dict[str, Any] = min(
        (rule_on(decided_on), rule_on(deed_on)), key=lambda version: max(version["years"])
    )
    return found


def rule_words(code: str) -> str:
    """The name of a version of the rule, in the language that is active."""
    language = "en" if get_language() == "en" else "zh"
    return next((str(one[language]) for one in punishment_rules()["versions"] if one["code"] == code), code)


@transaction.atomic
def propose_punishment(actor: User, form: PunishmentForm) -> Restriction:
    """The punishment waits for its confirmation; the version of the rule that counts stays with it.

    Errors: NotPermitted, FieldFaults (identity, years that the rule does not know, a day without a rule, an
    old decision without its number, a deed that is punished or proposed to be already).
    """
    require(actor, Permission.PROPOSE_RESTRICTIONS)
    grounds = check_punishment(form)
    if _of_deed(grounds.digest, form.deed_on, OPEN):
        raise FieldFaults({"deed_on": _twice()})
    (row,) = _proposed(actor, [(form, grounds)])
    after = {"years": form.years, "version": grounds.rule, "deed_on": form.deed_on,
             "decided_on": grounds.decided_on}  # fmt: skip
    record(actor, "propose_punishment", row, None, after, form.document.strip())
    announce(row.region_path, "propose", row.pk)
    return row


def propose_punishments(actor: User, forms: Sequence[PunishmentForm]) -> None:
    """Each of these, as from a file, waits for its own confirmation, in the transaction of the caller, who
    writes the audit row. Errors: NotPermitted, FieldFaults.
    """
    require(actor, Permission.PROPOSE_RESTRICTIONS)
    for row in _proposed(actor, [(form, check_punishment(form)) for form in forms])[:1]:
        announce(row.region_path, "propose", row.pk)


def check_punishment(form: PunishmentForm) -> Grounds:
    """Whom the punishment is about, by which rule and when it was decided. Errors: FieldFaults (identity,
    years that the rule does not know, a day without a rule, an old decision without its number).
    """
    faults: dict[str, str] = {}
    digest = digest_of(ListedKind.PERSON, form.identity)
    if digest is None:
        faults["identity"] = _("Expected an identity number.")
    for field in ("name", "reason"):
        if not str(getattr(form, field)).strip():
            faults[field] = _("This is needed.")
    today = timezone.localdate()
    decided_on, document = form.decided_on or today, form.document.strip()
    faults |= _day_faults(form.deed_on, decided_on, document, today)
    rule: dict[str, Any] = {"code": "", "years": []}
    if not {"deed_on", "decided_on"} & faults.keys():
        rule = rule_for(form.deed_on, decided_on)
    if rule["years"] and form.years not in rule["years"]:
        words = ", ".join(map(str, rule["years"]))
        faults["years"] = _("The rule that counts knows these years: %(years)s.") % {"years": words}
    if faults or digest is None:
        raise FieldFaults(faults)
    return Grounds(digest, rule["code"], decided_on)


def _day_faults(deed_on: dt.date, decided_on: dt.date, document: str, today: dt.date) -> dict[str, str]:
    faults = {}
    if decided_on > today:
        faults["decided_on"] = _("This day lies in the future.")
    if deed_on > decided_on:
        faults["deed_on"] = _("The deed lies behind the decision.")
    for name, day in (("deed_on", deed_on), ("decided_on", decided_on)):
        try:
            rule_on(day)
        except InputError as none:
            faults.setdefault(name, str(none))
    if decided_on < today and not document:
        faults["document"] = _("What was decided before today has a number: give it.")
    return faults


def _of_deed(person: str, deed_on: dt.date, states: Sequence[State]) -> bool:
    """Whether a punishment of that person for a deed of that day stands in one of the states."""
    same = Punishment.objects.filter(deed_on=deed_on, restriction__subject=person)
    return same.filter(restriction__state__in=states).exists()


def _twice() -> str:
    return _("This person is punished, or proposed to be, for the deed of that day already.")


def _proposed(actor: User, told: Sequence[tuple[PunishmentForm, Grounds]]) -> list[Restriction]:
    """Each as a list of one without a party, its restriction and what is particular to it."""
    now, word = timezone.now(), _("Punishment over cards")
    common = {"kind": Kind.PUNISH, "basis": BASIS, "region_path": actor.region_path, "proposed_at": now,
              "subject_kind": SubjectKind.PERSON}  # fmt: skip
    own = [
        {**common, "rule_version": f"{rules.version()}/{grounds.rule}", "term_days": form.years * 365,
         "reason": form.reason.strip()[:300]}
        for form, grounds in told
    ]  # fmt: skip
    made = Assignment.objects.bulk_create(
        Assignment(
            title=word, source=Source.HAND, rows=1, needs_two=False, answer_h=0, proposed_by=actor,
            key=f"punish-{grounds.digest[:24]}-{now:%Y%m%d%H%M%S%f}-{number}", **values,
        )
        for number, ((_form, grounds), values) in enumerate(zip(told, own, strict=True))
    )  # fmt: skip
    rows = Restriction.objects.bulk_create(
        Restriction(
            assignment=one, row=1, subject=grounds.digest, holder=form.name.strip()[:64],
            evidence=list(form.evidence), **values,
        )
        for one, (form, grounds), values in zip(made, told, own, strict=True)
    )  # fmt: skip
    Punishment.objects.bulk_create(
        Punishment(
            restriction=row, identity="".join(form.identity.split()).upper()[:32], years=form.years,
            rule=grounds.rule, deed_on=form.deed_on, decided_on=grounds.decided_on,
            document=form.document.strip()[:64],
        )
        for row, (form, grounds) in zip(rows, told, strict=True)
    )  # fmt: skip
    return rows


@transaction.atomic
def confirm_punishment(actor: User, punishment_id: int, verb: str, note: str = "") -> Punishment:
    """The punishment is ordered and its letter written, or it is not confirmed, for a reason. Who proposed it
    does not confirm it; of two that were proposed for one deed only the first is ordered.

    Errors: NotPermitted, IllegalMove, InputError (no reason).
    """
    about, row = _locked(actor, punishment_id)
    require(actor, Permission.CONFIRM_RESTRICTIONS)
    if verb not in ("order", "refuse"):
        raise IllegalMove(_("Nobody may do that by hand."))
    if verb == "order" and row.assignment.proposed_by_id == actor.pk:
        raise IllegalMove(_("You have proposed it; somebody else confirms it."))
    moves.check(None if verb == "order" else actor, MOVES, verb, row.state)
    now, before = timezone.now(), {"state": row.state}
    if verb == "order":
        locked_head()  # Of two who confirm at once the second one sees what the first has ordered.
        if _of_deed(row.subject, about.deed_on, [one for one in OPEN if one != State.PROPOSED]):
            raise IllegalMove(_twice())
        row.state, row.confirmed_by, row.confirmed_at = State.ORDERED, actor, now
        row.save()
        Assignment.objects.filter(pk=row.assignment_id).update(
            state="sent", confirmed_by=actor, confirmed_at=now, sent_at=now
        )
        issue(actor, LetterKind.NOTICE, about)
    else:
        row.state, row.answer_note = State.REFUSED, stated(note)
        row.save()
        Assignment.objects.filter(pk=row.assignment_id).update(state="cancelled")
    record(actor, f"restriction_{verb}", row, before, {"state": row.state}, row.answer_note)
    announce(row.region_path, verb, row.pk)
    return about


@transaction.atomic
def serve(actor: User, punishment_id: int, way: str) -> Punishment:
    """The letter was served, and the punishment runs from the day on which an earlier one ends, else from
    today; one that was decided before it came into the ledger, from that day. All that a person has to bear
    ends at most the cap of years later.

    Errors: NotPermitted, IllegalMove, InputError (no way).
    """
    about, row = _locked(actor, punishment_id)
    moves.check(actor, MOVES, "serve", row.state)
    if way not in NoticeWay.values:
        raise InputError(_("Say how the holder was told."))
    now, today = timezone.now(), timezone.localdate()
    running = Punishment.objects.filter(
        restriction__subject=row.subject, restriction__state=State.IN_FORCE, ends_on__gt=today
    )
    first = about.decided_on if about.document else today
    last = None if about.document else running.aggregate(last=Max("ends_on"))["last"]
    about.starts_on = max(first, last or first)
    most = years_on(first, int(punishment_rules()["cap_years"]))
    wanted = years_on(about.starts_on, about.years)
    about.ends_on, about.capped = min(wanted, most), wanted > most
    if about.ends_on <= about.starts_on:
        raise IllegalMove(_("The punishments before it reach the cap of years already."))
    about.save()
    row.state, row.until = State.IN_FORCE, midnight(about.ends_on)
    row.since = midnight(first) if about.document else now
    row.noticed_at, row.notice_way, row.answered_by, row.answered_at = now, way, actor, now
    row.save()
    after = {"state": row.state, "until": f"{about.ends_on}", "capped": about.capped}
    record(actor, "restriction_serve", row, {"state": State.ORDERED}, after)
    announce(row.region_path, "serve", row.pk)
    return about


@transaction.atomic
def lift(actor: User, punishment_id: int) -> Punishment:
    """Every bank and operator was told that the punishment is over; the letter that says so is written.

    Errors: NotPermitted, IllegalMove.
    """
    about, row = _locked(actor, punishment_id)
    require(actor, Permission.CONFIRM_RESTRICTIONS)
    moves.check(actor, MOVES, "lift", row.state)
    row.state, row.released_at = State.RELEASED, timezone.now()
    row.save()
    issue(actor, LetterKind.RELEASE, about, row.release_reason)
    record(actor, "restriction_lift", row, {"state": State.RELEASING}, {"state": row.state})
    announce(row.region_path, "lift", row.pk)
    return about


def issue(actor: User, kind: LetterKind, about: Punishment, text: str = "", verdict: str = "") -> Letter:
    """A letter of the next number of its kind and year stands, in the caller's transaction."""
    locked_head()  # Numbers follow one another without a gap, whoever is at it at once.
    now = timezone.now()
    year = timezone.localtime(now).year
    last = Letter.objects.filter(kind=kind, year=year).aggregate(last=Max("serial"))["last"]
    return Letter.objects.create(
        kind=kind, year=year, serial=(last or 0) + 1, punishment=about, text=text[:500],
        verdict=verdict, at=now, by=actor,
    )  # fmt: skip


def number_of(letter: Letter) -> str:
    """The number as it stands on the letter."""
    mark = "演示" if settings.DEMO else "公"
    word = punishment_rules()["letters"][letter.kind]["mark"]
    city = settings.CITY.name.removesuffix("市")
    return f"{city}{mark}（{word}）字〔{letter.year}〕{letter.serial:05}号"


def _locked(actor: User, punishment_id: int) -> tuple[Punishment, Restriction]:
    registers.punishment(actor, punishment_id)
    about = Punishment.objects.select_for_update(of=("self",)).get(pk=punishment_id)
    row = Restriction.objects.select_for_update(of=("self",)).get(pk=about.restriction_id)
    return about, row


@cache
def punishment_rules() -> dict[str, Any]:
    """The rules of punishment with their versions, and the texts of the letters."""
    text = resources.files(__package__).joinpath("punishments.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
