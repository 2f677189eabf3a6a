"""Forms of findings, second checks, the blacklist, interviews and punishments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.industry import (
    blacklisting,
    checking,
    finding,
    interviewing,
    punishing,
    registers,
    rules,
)
from qingdun.console.industry.blacklisting import Listing
from qingdun.console.industry.codes import FindingKind, Interviewed, ListedKind
from qingdun.console.industry.finding import Found
from qingdun.console.industry.models import CardCheck, Finding, Punishment
from qingdun.console.industry.punishing import PunishmentForm
from qingdun.console.industry.subjects import plain
from qingdun.console.kernel.forms import Field, FieldFaults, Form
from qingdun.console.kernel.models import User

_YEARS = [(str(years), str(years)) for years in (2, 3, 5)]


def _blacklist(actor: User, _parent: int, typed: dict[str, Any]) -> None:
    listings = [Listing(line.strip()) for line in typed["identities"].splitlines() if line.strip()]
    _new, faults = blacklisting.list_identities(
        actor, typed["kind"], listings, typed["basis"], typed["reason"], typed["years"] or 5
    )
    if faults:
        wrong = [gettext("Line %(line)d: %(why)s") % {"line": place + 1, "why": why}
                 for place, why in faults.items()]  # fmt: skip
        raise FieldFaults({"identities": " ".join(wrong[:20])})


def _check(actor: User, _parent: int, typed: dict[str, Any]) -> CardCheck:
    return checking.flag_card(actor, **typed)


def _punish(actor: User, _parent: int, typed: dict[str, Any]) -> Punishment:
    evidence = [line.strip() for line in typed["evidence"].splitlines() if line.strip()]
    form = PunishmentForm(**{**typed, "years": int(typed["years"]), "evidence": evidence})
    return punishing.propose_punishment(actor, form).punishment


def _find(actor: User, _parent: int, typed: dict[str, Any]) -> Finding:
    if plain(typed["kind"], typed["entity"]) is None:
        raise FieldFaults({"entity": gettext("Expected such a number.")})
    if typed["found_at"] > timezone.now():
        raise FieldFaults({"found_at": gettext("This time lies in the future.")})
    (told,) = finding.push(actor, [Found(**typed)])
    if not told.ok:
        raise FieldFaults({"": told.message})
    return registers.finding(actor, told.finding)


FORMS: Sequence[Form] = (
    Form(
        "finding",
        _("Push a finding"),
        (
            Field("kind", _("On what"), "choice", choices=FindingKind.choices),
            Field("entity", _("Number or account"), most=64),
            Field("found_at", _("Found at"), "moment", most=40, hint=_("Such as 2026-06-17 15:29")),
            Field("reason", _("Reason"), "long", most=300),
        ),
        _find,
        own="industry:finding",
    ),
    Form(
        "check",
        _("Flag a card"),
        (
            Field("number", _("Phone number"), most=24),
            Field("party", _("Operator"), "operator", False),
            Field("holder", _("Holder"), required=False, most=64),
            Field("risk", _("Risk"), "long", most=300),
        ),
        _check,
        own="industry:check",
    ),
    Form(
        "blacklist",
        _("Put on the blacklist"),
        (
            Field("kind", _("Whom it is about"), "choice", choices=ListedKind.choices),
            Field("basis", _("Legal basis"), "choice", choices=rules.bases),
            Field("reason", _("Reason"), most=120),
            Field("years", _("Years"), "count", False, 2),
            Field(
                "identities", _("Identity documents"), "long", most=200_000,
                hint=_("One a line. They are not kept: only a keyed digest of each is."),
            ),
        ),
        _blacklist,
    ),
    Form(
        "punishment",
        _("Propose a punishment"),
        (
            Field("identity", _("Identity document"), most=32),
            Field("name", _("Name"), most=64),
            Field(
                "deed_on", _("Day of the deed"), "past_day",
                hint=_("The rule of that day counts, or today’s if it is milder"),
            ),
            Field("years", _("Years"), "choice", choices=_YEARS),
            Field("reason", _("Reason"), "long", most=300),
            Field("evidence", _("Evidence"), "long", False, 2000, hint=_("One sentence a line")),
            Field(
                "decided_on", _("Decided on"), "past_day", False,
                hint=_("Today, if left out; what was decided earlier has a number"),
            ),
            Field("document", _("Number of the earlier decision"), required=False, most=64),
        ),
        _punish,
        own="industry:punishment",
    ),
    Form(
        "interview",
        _("Enter an interview"),
        (
            Field("kind", _("Kind"), "choice", choices=Interviewed.choices),
            Field("name", _("Who was called in"), most=64),
            Field("held_on", _("Held on"), "date"),
            Field("topic", _("Topic"), most=200),
            Field("demands", _("Demands"), "long", most=500),
        ),
        lambda actor, _parent, typed: interviewing.record_interview(actor, **typed),
    ),
)  # fmt: skip
