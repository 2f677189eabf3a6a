"""What comes in by hand: a whistle, and the tokens by which programs send them. The actor first."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts.codes import Level
from qingdun.console.kernel import audit
from qingdun.console.kernel.entry import e164
from qingdun.console.kernel.models import Organisation, Person, Region, User
from qingdun.console.kernel.roles import Permission, Role, require
from qingdun.console.kernel.scope import require_covers
from qingdun.console.whistles import limits, rules
from qingdun.console.whistles.models import Token, Whistle
from qingdun.console.whistles.queries import people
from qingdun.console.whistles.raising import Warned, Warning, person_of, warn
from qingdun.contract.codes import scam_types
from qingdun.errors import InputError, RefusedError

PREFIX = "qdw_"
DETECTOR = "manual.whistle"
TEN_MINUTES_S = 600
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody at a counter or a hotline typed."""

    key: str
    who: str = ""
    """The number, or the name by which `person_id` was found."""
    person_id: str = ""
    """The resident chosen among those the search showed; empty: `who` is a number."""
    scam_type: str = ""
    paying: bool = False
    line: str = ""
    region: str = ""
    """Code of the place of a number that nobody knows; empty: the actor's own."""


class Sent(NamedTuple):
    """The whistle, and whether this very call has sent it."""

    whistle: Whistle
    fresh: bool


def raise_whistle(actor: User, typed: Typed) -> Sent:
    """An alert stands, in the person's open task or a new one. The same key again changes nothing.

    Errors: NotPermitted, InputError (number, type, key, place), RefusedError (the key was used for something
    else), TooOften.
    """
    require(actor, Permission.RAISE_ALERTS)
    again = _sent_before(actor, typed)
    if again is not None:
        return Sent(again, False)
    # Before anybody is looked up: what is refused tells whether there is such a name.
    limits.count(f"whistle {actor.pk}", rules.limit("whistles_per_10_min"), TEN_MINUTES_S)
    _check(typed)
    warned = _warned(actor, typed)
    try:
        return Sent(_raise(actor, typed, warned), True)
    except IntegrityError:
        # The same key was sent in this very moment.
        again = _sent_before(actor, typed)
        if again is None:
            raise
        return Sent(again, False)


@transaction.atomic
def _raise(actor: User, typed: Typed, warned: Warned) -> Whistle:
    now = timezone.now()
    level = Level.URGENT if typed.paying else Level.HIGH
    zh, en = _sentences(actor, typed)
    alert_id = "whistle-" + hashlib.sha256(f"{actor.pk} {typed.key}".encode()).hexdigest()[:40]
    source = actor.organisation.code if actor.organisation else actor.role
    warning = Warning(warned, alert_id, level, typed.scam_type, DETECTOR, source, zh, en, now)
    task, stood = warn(actor, [warning])[alert_id]
    whistle = Whistle.objects.create(
        by=actor, organisation=actor.organisation, key=typed.key, at=now,
        person_id=warned.person_id, msisdn=warned.msisdn, typed=typed.who[:64], region_path=task.region_path,
        scam_type=typed.scam_type, level=level, line=typed.line, task=task, alert_id=alert_id, joined=stood,
    )  # fmt: skip
    after = {"task": task.pk, "alert": alert_id, "level": level, "joined": stood, "key": typed.key}
    audit.record(actor, "raise_whistle", whistle, None, after)
    return whistle


def _sent_before(actor: User, typed: Typed) -> Whistle | None:
    found = Whistle.objects.filter(by=actor, key=typed.key).select_related("task").first()
    if found is None:
        return None
    told = (found.typed, found.scam_type, found.level == Level.URGENT, found.line)
    if told != (typed.who[:64], typed.scam_type, typed.paying, typed.line):
        raise RefusedError(_("This key was used for another whistle; make a new one for each."))
    return found


def _check(typed: Typed) -> None:
    if not 8 <= len(typed.key) <= 64:
        raise InputError(_("key: found %(count)d characters, expected 8 to 64") % {"count": len(typed.key)})
    if typed.scam_type and typed.scam_type not in scam_types().names:
        expected = ", ".join(scam_types().names)
        raise InputError(
            _("scam type: found %(found)s, expected one of %(expected)s")
            % {"found": typed.scam_type, "expected": expected}
        )
    if len(typed.line) > 200 or any(ord(letter) < 32 for letter in typed.line):
        raise InputError(_("The line is longer than 200 characters, or holds signs that are no text."))


def _warned(actor: User, typed: Typed) -> Warned:
    number = e164(typed.who) or ""
    if typed.person_id or not number:
        chosen = _chosen(actor, typed)
        if chosen is not None:
            return Warned(chosen.person_id, number or _first_number(chosen), None)
    if not number:
        raise InputError(
            _("Found nobody named %(found)s; a phone number such as 138 0000 0000 always works.")
            % {"found": typed.who[:24] or "–"}
        )
    region = Region.objects.filter(code=typed.region).first() if typed.region else actor.region
    if region is None:
        raise InputError(
            _("region: found %(found)s, expected the code of a region") % {"found": typed.region}
        )
    if typed.region:
        require_covers(actor, region.path)
    return person_of(number, region)


def _chosen(actor: User, typed: Typed) -> Person | None:
    """The resident who was picked, or the only one of that name. Errors: InputError if several have it."""
    found = people(actor, typed.who)
    if typed.person_id:
        return found.filter(person_id=typed.person_id).first()
    some = list(found[:2])
    if len(some) > 1:
        raise InputError(_("Several persons have that name: choose one, or type the number."))
    return some[0] if some else None


def _first_number(person: Person) -> str:
    return next((held.msisdn for held in person.numbers.all()), "")


def _sentences(actor: User, typed: Typed) -> tuple[str, str]:
    """Who warns, and what they say, in Chinese and English."""
    role = {
        Role.BANK_TELLER: ("银行柜员", "A bank teller"),
        Role.HOTLINE_OPERATOR: ("热线坐席", "A hotline operator"),
    }
    who_zh, who_en = role.get(Role(actor.role), ("民警", "An officer"))
    at = actor.organisation
    zh = f"{who_zh}{f'（{at.name}）' if at else ''}人工报警"
    en = f"{who_en}{f' ({at.name_en or at.name})' if at else ''} raised the alarm by hand"
    if typed.paying:
        zh, en = f"{zh}：正在付款", f"{en}: is paying now"
    if typed.scam_type:
        name = scam_types().names[typed.scam_type]
        zh, en = f"{zh}，疑似{name.zh}", f"{en}, probably {name.en}"
    if typed.line:
        zh, en = f"{zh}。{typed.line}", f"{en}. {typed.line}"
    return zh, en


def account_of_token(secret: str) -> User | None:
    """The account that an open token acts as; None for every other text. The use is counted and kept.

    Errors: TooOften.
    """
    found = Token.objects.select_related("user__organisation", "user__region").filter(
        digest=digest_of(secret), revoked_at=None, user__is_active=True
    )
    known = found.first()
    if known is None:
        return None
    limits.count(f"token {known.pk}", rules.limit("token_per_min"), MINUTE_S)
    Token.objects.filter(pk=known.pk).update(used_at=timezone.now())
    return known.user


@transaction.atomic
def make_token(
    actor: User, organisation: Organisation, name: str, for_lists: bool = False
) -> tuple[Token, str]:
    """A program of the organisation may raise alerts with the token returned, which is shown this once; or
    `for_lists`, if it is a bank's or an operator's, answer the lists that are sent to it.

    It acts as an account of its own in the organisation's region, with which nobody can log in.
    Errors: NotPermitted, InputError (no name, lists for somebody to whom none are sent).
    """
    require(actor, Permission.ASSIGN_ROLES)
    require_covers(actor, organisation.region.path)
    if not 2 <= len(name.strip()) <= 40:
        raise InputError(_("Name the token after what will use it, in 2 to 40 characters."))
    secret = PREFIX + secrets.token_urlsafe(32)
    if for_lists and organisation.kind not in (Organisation.Kind.BANK, Organisation.Kind.OPERATOR):
        raise InputError(_("Lists are sent to banks and operators alone."))
    teller = organisation.kind == Organisation.Kind.BANK
    role = Role.BANK_TELLER if teller else Role.HOTLINE_OPERATOR
    user = User(
        username=f"token-{secrets.token_hex(6)}",
        display_name=name.strip(),
        role=Role.PARTY_OFFICER if for_lists else role,
        region=organisation.region,
        organisation=organisation,
    )
    user.set_unusable_password()
    user.save()
    token = Token.objects.create(
        organisation=organisation, name=name.strip(), digest=digest_of(secret), hint=secret[:12],
        user=user, made_at=timezone.now(), made_by=actor,
    )  # fmt: skip
    after = {
        "organisation": organisation.code,
        "name": token.name,
        "hint": token.hint,
        "acts_as": user.username,
    }
    audit.record(actor, "make_token", token, None, after, region_path=organisation.region.path)
    return token, secret


@transaction.atomic
def revoke_token(actor: User, token_id: int) -> Token:
    """The token opens nothing any more, for good. Errors: NotPermitted, RefusedError (revoked before)."""
    require(actor, Permission.ASSIGN_ROLES)
    token = Token.objects.select_for_update().select_related("organisation__region", "user").get(pk=token_id)
    require_covers(actor, token.organisation.region.path)
    if token.revoked_at is not None:
        raise RefusedError(_("This token was revoked before."))
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    User.objects.filter(pk=token.user_id).update(is_active=False)
    audit.record(
        actor,
        "revoke_token",
        token,
        {"open": True},
        {"open": False},
        region_path=token.organisation.region.path,
    )
    return token


def digest_of(secret: str) -> str:
    """What is kept of a token: it holds 256 random bits, so one plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
