"""Writes of the kernel: the actor first, one transaction, one audit row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from axes.utils import reset
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel import audit
from qingdun.console.kernel.models import AuditRow, Feed, Organisation, Person, Region, SavedFilter, User
from qingdun.console.kernel.queries import persons
from qingdun.console.kernel.roles import Permission, Role, require
from qingdun.console.kernel.scope import in_station, require_covers
from qingdun.console.kernel.traces import trace
from qingdun.errors import InputError, NotPermitted, RefusedError

ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
ORGANISATIONS_OF: dict[Role, tuple[Organisation.Kind, ...]] = {
    Role.STATION_OFFICER: (Organisation.Kind.STATION,),
    Role.PARTY_OFFICER: (Organisation.Kind.BANK, Organisation.Kind.OPERATOR),
}
"""In what kind of organisation officers of these roles work, and see nothing else."""
LONGEST_USER_NAME = 64
LONGEST_DISPLAY_NAME = 64
# A name that begins like a formula would be one in a spreadsheet of the audit log.
_USER_NAME = re.compile(rf"[^\W_][\w.@+-]{{0,{LONGEST_USER_NAME - 1}}}")
_PERSONAL_WORDS = re.compile(r"\d(?:[ .-]?\d){4}|[\u3400-\u9fff]{2}|@")
LEAST_PURPOSE = 4
"""Letters a purpose must have at least, so that it says something."""


def create_user(
    actor: User,
    username: str,
    password: str,
    display_name: str,
    region: Region,
    organisation: Organisation | None = None,
) -> User:
    """A new account stands, as a viewer: what more it may do is the security administrator's to say.

    Errors: NotPermitted, InputError (name taken, password too weak).
    """
    require(actor, Permission.MANAGE_USERS)
    require_covers(actor, region.path)
    username = _free_name(username)
    user = User(username=username, region=region, organisation=organisation)
    user.display_name = _display_name(display_name)
    _give_password(user, password)
    try:
        with transaction.atomic():
            user.save()
            audit.record(actor, "create_user", user, None, _account(user))
    except IntegrityError as error:
        raise _taken(username) from error
    return user


@transaction.atomic
def create_first_administrator(username: str, password: str, role: Role) -> User:
    """The first account of an administrator's role stands; from then on accounts are made in the console.

    Errors: NotPermitted if the role is no administrator's or somebody has it; InputError (name, password).
    """
    if role not in ADMINISTRATORS:
        raise NotPermitted(f"{role}: expected one of {', '.join(ADMINISTRATORS)}")
    if User.objects.filter(role=role, is_active=True, demo=False).exists():
        raise NotPermitted(f"there is a {role} already; further accounts are made in the console")
    username = _free_name(username)
    user = User(username=username, role=role, region=Region.objects.get(level=Region.Level.CITY))
    _give_password(user, password)
    user.save()
    audit.record(None, "create_first_administrator", user, None, _account(user))
    return user


@transaction.atomic
def set_active(actor: User, user: User, active: bool, purpose: str) -> User:
    """The account is open or closed. Errors: NotPermitted, RefusedError (one's own account), InputError (no
    purpose).
    """
    require(actor, Permission.MANAGE_USERS)
    require_covers(actor, user.region_path)
    _not_oneself(actor, user)
    before = _account(user)
    user.is_active = active
    user.save(update_fields=["is_active"])
    audit.record(
        actor, "open_account" if active else "close_account", user, before, _account(user), stated(purpose)
    )
    return user


@transaction.atomic
def assign_role(
    actor: User,
    user: User,
    role: Role,
    region: Region,
    purpose: str,
    organisation: Organisation | None = None,
) -> User:
    """The user has that role in that region; a station officer and a compliance officer, in their
    organisation and its region.

    Errors: NotPermitted, RefusedError (one's own role), InputError (no purpose, no such organisation).
    """
    require(actor, Permission.ASSIGN_ROLES)
    _check_place(role, organisation)
    if organisation is not None:
        region = organisation.region
    require_covers(actor, user.region_path)
    require_covers(actor, region.path)
    _not_oneself(actor, user)
    before = _account(user)
    if organisation is not None or in_station(user) or user.role in ORGANISATIONS_OF:
        user.organisation = organisation
    user.role, user.region = role, region
    user.save(update_fields=["role", "region", "organisation"])
    audit.record(actor, "assign_role", user, before, _account(user), stated(purpose))
    return user


@transaction.atomic
def release_lockout(actor: User, user: User) -> int:
    """The user may try to log in again; how many failures were forgotten is returned. Errors:
    NotPermitted.
    """
    require(actor, Permission.RELEASE_LOCKOUTS)
    require_covers(actor, user.region_path)
    forgotten = int(reset(username=user.username))
    # Rows from before names were counted without regard to capitals.
    twins = AccessAttempt.objects.filter(username__iexact=user.username)
    forgotten += int(twins.delete()[0])
    audit.record(actor, "release_lockout", user, None, {"failures": forgotten})
    return forgotten


@transaction.atomic
def reset_password(actor: User, user: User, password: str, purpose: str) -> User:
    """The user logs in with that password once, and must then choose their own; their sessions have ended.

    Errors: NotPermitted, RefusedError (one's own), InputError (password too weak, no purpose).
    """
    require(actor, Permission.RESET_PASSWORDS)
    require_covers(actor, user.region_path)
    _not_oneself(actor, user)
    purpose = stated(purpose)
    _give_password(user, password)
    user.save(update_fields=["password", "must_change_password"])
    audit.record(actor, "reset_password", user, purpose=purpose)
    return user


@transaction.atomic
def reset_second_factor(actor: User, user: User, purpose: str) -> int:
    """The user has no second factor and must set one up at the next page; how many were taken away is
    returned.

    Errors: NotPermitted, RefusedError (one's own), InputError (no purpose).
    """
    require(actor, Permission.RESET_FACTORS)
    require_covers(actor, user.region_path)
    _not_oneself(actor, user)
    purpose = stated(purpose)
    factors = Authenticator.objects.filter(user=user)
    kinds = sorted(factors.values_list("type", flat=True))
    factors.delete()
    audit.record(actor, "reset_second_factor", user, {"factors": kinds}, {"factors": []}, purpose)
    return len(kinds)


@transaction.atomic
def unmask(actor: User, person: Person, purpose: str) -> AuditRow:
    """It is on record that the actor looked at the person's unmasked data, and why. Only then may a page
    show them.

    Errors: NotPermitted, InputError (no purpose).
    """
    require(actor, Permission.UNMASK)
    if not persons(actor).filter(pk=person.pk).exists():
        raise NotPermitted(_("That person is not in your region or your station's towns."))
    return audit.record(actor, "unmask", person, purpose=stated(purpose))


def record_search(actor: User, text: str, hits: Mapping[str, int]) -> AuditRow | None:
    """It is on record that the actor searched for somebody: the trace of the words, and how many of each
    kind were found. None for words that are nobody's: a command or a beginning, and nothing found.
    """
    if not any(hits.values()) and not _PERSONAL_WORDS.search(text):
        return None
    with transaction.atomic():
        kinds = ",".join(sorted(hits))
        after = {"words": trace(text), "hits": dict(hits)}
        return audit.record(actor, "search_personal", ("search", kinds), None, after)


@transaction.atomic
def record_export(actor: User, kind: str, query: str, rows: int) -> AuditRow:
    """It is on record that the actor took so many masked rows away as a file, and which."""
    return audit.record(actor, "export_masked", ("export", kind), None, {"query": query[:500], "rows": rows})


@transaction.atomic
def record_look(actor: User, person: Person) -> AuditRow:
    """It is on record that the actor opened the page of the person, masked. Errors: NotPermitted."""
    if not persons(actor).filter(pk=person.pk).exists():
        raise NotPermitted(_("That person is not in your region or your station's towns."))
    return audit.record(actor, "see_person", person)


@transaction.atomic
def save_filter(actor: User, page: str, name: str, query: str) -> SavedFilter:
    """The user finds the query string under that name on that page."""
    found = SavedFilter.objects.filter(user=actor, page=page, name=name).first()
    before = {"query": found.query} if found else None
    saved, _created = SavedFilter.objects.update_or_create(
        user=actor, page=page, name=name, defaults={"query": query[:500]}
    )
    audit.record(actor, "save_filter", saved, before, {"page": page, "name": name, "query": saved.query})
    return saved


@transaction.atomic
def set_language(actor: User, language: str) -> None:
    """The user's pages speak that language on every device that has not chosen another one."""
    before = actor.language
    actor.language = language
    actor.save(update_fields=["language"])
    audit.record(actor, "set_language", actor, {"language": before}, {"language": language})


def report_feed(source: str, event_at: datetime, rows: int) -> Feed:
    """It is known how far the source has come: `rows` more rows, the last of them of `event_at`.

    No audit row: this is the pulse of a machine and not an act.
    """
    with transaction.atomic():
        feed, _created = Feed.objects.select_for_update().get_or_create(
            source=source, defaults={"event_at": event_at, "received_at": timezone.now()}
        )
        feed.event_at, feed.received_at, feed.rows = event_at, timezone.now(), feed.rows + rows
        feed.save()
    return feed


def stated(purpose: str) -> str:
    """The purpose without blanks around it. Errors: InputError if it says nothing."""
    words = purpose.strip()
    if len(words) < LEAST_PURPOSE:
        raise InputError(_("State a purpose of at least %(count)d characters.") % {"count": LEAST_PURPOSE})
    return words[:200]


def _free_name(username: str) -> str:
    """The user name in its one form. Errors: InputError if it is none, or taken in whatever case."""
    name = User.normalize_username(username.strip())
    if not _USER_NAME.fullmatch(name):
        raise InputError(
            _("A user name has 1 to %(most)d letters or digits, with . _ - + or @ after the first.")
            % {"most": LONGEST_USER_NAME}
        )
    if User.objects.filter(username__iexact=name).exists():
        raise _taken(name)
    return name


def _taken(username: str) -> InputError:
    return InputError(_("The user name %(name)s is taken.") % {"name": username})


def _display_name(text: str) -> str:
    name = text.strip()
    if len(name) > LONGEST_DISPLAY_NAME or not name.isprintable() or any(sign in name for sign in "<>"):
        raise InputError(
            _("A name has at most %(most)d characters and no line breaks.") % {"most": LONGEST_DISPLAY_NAME}
        )
    return name


def _give_password(user: User, password: str) -> None:
    """The user has a password that somebody else chose. Errors: InputError if it is too weak."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InputError(" ".join(error.messages)) from error
    user.set_password(password)
    user.must_change_password = True


def _check_place(role: Role, organisation: Organisation | None) -> None:
    """Nothing happens if somebody of that role works there. Errors: InputError."""
    kind = organisation.kind if organisation else None
    if kind not in ORGANISATIONS_OF.get(role, (None,)):
        raise InputError(
            _(
                "A station officer needs a station, a compliance officer a bank or an operator; nobody else "
                "has one."
            )
        )


def _not_oneself(actor: User, user: User) -> None:
    if actor.pk == user.pk:
        raise RefusedError(_("Nobody changes their own rights; ask a colleague."))


def _account(user: User) -> dict[str, object]:
    return {
        "username": user.username,
        "role": user.role,
        "region": user.region_id,
        "organisation": user.organisation.code if user.organisation else None,
        "active": user.is_active,
    }
