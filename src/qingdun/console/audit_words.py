"""Words of the audit page: kinds of things, fields, and codes that fields hold. The codes stay in the rows.

A code's word is the one its model's field gives it, as on every other page; where an act writes what is no
field of its subject, `VALUES` names the table the code is from. What has no word is shown as it was written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.codes import CallResult, scam_type_label
from qingdun.console.alerts.rules import checklist, false_alarms
from qingdun.console.assessment.moves import ObjectionState
from qingdun.console.exchange.codes import Form, Kind, Outcome, Proof, RuleState, Tlp
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.templatetags.masks import masked_field
from qingdun.console.lists.codes import HeldState, ListName
from qingdun.console.lists.moves import State as EntryState
from qingdun.console.supervision.codes import WHY
from qingdun.console.wiring import VERBS
from qingdun.contract.codes import scam_types

Words = Mapping[Any, "str | Promise"]

ROLES: Words = {**dict(Role.choices), "system": _("the system")}
"""Roles of audit rows: those of users, and what no user did."""

SUBJECTS: Words = {
    "user": _("user"), "username": _("User name"), "region": _("region"), "city": _("City"),
    "organisation": _("organisation"), "person": _("person"), "number": _("number"), "search": _("search"),
    "export": _("export"), "file": _("file"), "bank": _("bank"), "ledger": _("ledger"),
    "flow_directory": _("flow directory"), "feed": _("feed of the engine"), "filter": _("saved filter"),
    "savedfilter": _("saved filter"), "retention": _("storage terms"),
    "funds_retention": _("storage terms of funds"), "task": _("task"), "alert": _("alert"),
    "entity": _("entity"), "clockrule": _("clock rule"), "lists": _("lists"), "entry": _("entry"),
    "proposal": _("proposal"), "followup": _("follow-up"), "keyperson": _("key-person file"),
    "protection": _("bank protection"), "incident": _("incident"), "cases": _("Cases"), "case": _("case"),
    "caseperson": _("person of a case"), "gang": _("gang"), "campaign": _("campaign"),
    "seizure": _("seizure"), "trip": _("journey"), "graphrecord": _("graph kept as evidence"),
    "import": _("imported file"), "imports_retention": _("storage terms of imported files"),
     "stoppayment": _("stop-payment order"), "freeze": _("freeze"),
    "refund": _("refund"), "document": _("legal document"), "statement": _("bank's reply"),
    "movements": _("bank movements"), "measures": _("measures"), "token": _("token"),
    "whistle": _("whistle"), "alertlist": _("list of alerts"), "message": _("message"),
    "template": _("text"), "text": _("text"), "heldtext": _("held message"),
    "roster": _("roster"), "shift": _("shift"),
    "officernumber": _("number of an officer"), "handover": _("hand-over"), "place": _("place of a visit"),
    "offer": _("offer"), "assignment": _("list for a party"), "restriction": _("restriction"),
    "appeal": _("appeal"), "breach": _("clock that ran out"), "proposalrun": _("automatic proposals"),
    "appcount": _("registrations of a day"), "target": _("target of registrations"),
    "provincerank": _("rank in the province"), "grid": _("grid"), "mailing": _("mailing"),
    "lapse": _("late first-level account"), "notice": _("notice about funds"),
    "finding": _("finding"), "cardcheck": _("second real-name check"), "interview": _("interview"),
    "blacklistentry": _("entry of the blacklist"), "letter": _("letter"),
    "unit": _("member unit"), "ambassador": _("ambassador"), "venue": _("venue"),
    "partner": _("school or enterprise"), "event": _("event"), "eventphoto": _("photo of an event"),
    "pledge": _("pledge"),
    "commendation": _("commendation"), "material": _("material"), "quizsheet": _("sheet of the quiz"),
    "door": _("visit at a door"), "outreach": _("Outreach"),
    "ranking": _("ranking"), "ruling": _("ruling"), "accountability": _("file of accountability"),
    "bulletin": _("bulletin"), "schedule": _("schedule of bulletins"),
    "ruleversion": _("version of the rules"), "scheme": _("scheme of a town"), "assessment": _("Assessment"),
    "commissioner": _("commissioner"), "round": _("round of assignment"),
    "charge": _("place or enterprise under supervision"), "stafffigure": _("figure of staff"),
    "supervision": _("visit of supervision"), "visitphoto": _("photo of a visit of supervision"),
    "shortcoming": _("finding of a visit"),
    "post": _("post"), "command": _("Command"), "provision": _("provision"),
    "undertaking": _("undertaking"), "proof": _("proof"), "peer": _("peer of the exchange"),
}  # fmt: skip
"""What acts are done to."""

FIELDS: Words = {
    "account": _("account"), "accounts": _("accounts"), "accuracy_m": _("accuracy, m"),
    "acts_as": _("acts as"),
    "address": _("address"), "alert": _("alert"), "alerts": _("alerts"), "amount_fen": _("amount"),
    "ambassadors": _("Ambassadors"), "answer": _("answer"), "answers": _("answers"),
    "appointed_on": _("Appointed on"),
    "area": _("kind of town"), "areas": _("areas"), "as": _("form of the file"), "at": _("time of it"),
    "bank": _("bank"), "before": _("before this time"), "begins_on": _("begins on"),
    "branches": _("bank branches"), "by": _("by"), "cards_protected": _("cards protected"),
    "campaign_id": _("campaign"),
    "cases": _("number of cases"), "cells": _("cells"), "changed": _("changed"), "clock": _("clock"),
    "closed": _("closed"), "columns": _("columns"), "consent_at": _("consent given"),
    "context_events": _("events around alerts"), "count": _("count"), "county": _("county no."),
    "day": _("day"), "days": _("days after"), "depth": _("layers"), "digest": _("digest"),
    "deed": _("Commended for"), "document": _("Document"), "heads": _("People who came"),
    "due_at": _("due"), "encoding": _("encoding"), "error_id": _("id of the error"),
    "ended": pgettext_lazy("field", "ended"), "ends_at": _("ends"), "entered_at": _("entered"),
    "entries": _("entries"), "escalation": _("who was told"), "false_blocks": _("false blocks"),
    "returned_fen": _("returned"),
    "finding": _("finding"), "cardcheck": _("second real-name check"), "interview": _("interview"),
    "blacklistentry": _("entry of the blacklist"), "letter": _("letter"),
    "factors": _("second factors"), "failures": _("failures"), "family": _("family contact no."),
    "field": _("Known for"), "joined_on": _("In the leading group since"),
    "matrix_on": _("In the publicity matrix since"), "opened_on": _("Opened on"),
    "fields": _("shown"), "filed_on": _("filed on"), "first": _("the first"), "goal": _("target"),
    "gone": _("gone"),
    "hint": _("hint"), "host": _("Host"), "hits": _("hits"), "how": _("how"), "ids": _("numbers of the rows"),
    "identity": _("identity number"), "incident": _("incident no."), "incidents": _("incidents"),
    "into": _("merged into task"), "is_active": _("account open"), "joined": _("joined"), "key": _("key"),
    "kind": _("kind"), "known": _("known before"), "language": _("language"), "late": _("late"),
    "length_s": _("length, s"), "level": _("level"), "levels": _("levels"), "lists": _("lists"),
    "meanings": _("meanings"), "minutes": _("every so many minutes"),
    "loss_avoided_fen": _("loss avoided"), "loss_fen": _("loss"), "lost": _("contact lost"),
    "missed": _("missed"), "monday": _("week from"), "name": _("name"), "names": _("Names in the register"),
    "new": _("new"),
    "nodes": _("nodes"), "of": _("out of how many"),
    "number": _("number"), "numbers": _("numbers"), "objection": _("objection no."),
    "offer": _("offer no."), "officer": _("officer"), "officers": _("officers"),
    "on": pgettext_lazy("date", "on"), "open": _("open"), "opted_out": _("opted out"),
    "organisation": _("organisation"), "outlook": _("outlook"), "overdue": _("rows over their term"),
    "origin": _("sent by"), "owner": _("officer in charge"), "part": _("part no."),
    "partner": _("School or enterprise"), "partners": _("Schools and enterprises"),
    "people": pgettext_lazy("of a partner", "People"), "place": _("Where it was"),
    "page": _("page"), "parts": _("parts"), "person": _("person no."),
    "persons": _("persons"), "photo": _("photo no."), "photos_removed": _("photos removed"),
    "position": _("position"), "protection": _("protection no."), "protections_ended": _("protections ended"),
    "province": _("province"), "query": _("search words"), "rank": _("Rank"), "right": _("Right answers"),
    "queued": _("waiting to be sent"),
    "reason": _("reason"), "receipt": _("receipt"), "refused": _("refused"), "region": _("region"),
    "regions": _("regions"), "relations": _("relations"), "renewals": _("times continued"),
    "release_due_at": _("release due"), "restriction": _("restriction no."),
    "result": _("result"), "review_due_at": _("next review"), "role": _("role"), "rows": _("rows"),
    "scam_type": _("scam type"), "sha256": _("SHA-256 of the picture"), "shares_fen": _("shares"),
    "share": _("done, of 100"), "shifts": _("shifts"), "shown": _("shown"),
    "signature_sha256": _("SHA-256 of the signature"),
    "since": pgettext_lazy("period", "since"), "size_bytes": _("size, bytes"), "solved_on": _("solved on"),
    "source": _("source"), "span": pgettext_lazy("of a schedule", "span"),
    "stands_still": _("held up because"), "starts_at": _("starts"),
    "state": _("state"), "states": _("states"),
    "station": _("station no."), "stations": _("stations"), "step": _("call no."), "steps": _("steps ticked"),
    "strays": _("stray files"), "taken": pgettext_lazy("rows", "taken in"), "taker": _("taken over by"),
    "task": _("task"), "tasks": _("number of tasks"), "team": _("team"), "text": _("text"),
    "there_fen": _("still there"), "told": _("told"), "too_soon": _("too soon"), "traced_fen": _("traced"),
    "turn": _("turn"), "undone": _("what was undone"), "unmasked": _("unmasked"), "until": _("until"),
    "signed_on": _("Signed on"), "title": _("Title"), "unit": _("Unit"), "venue": _("Venue"),
    "unfounded": _("unfounded"), "username": _("User name"),
    "rulings": _("rulings proposed"), "reported": _("reported"), "passed": _("passed"),
    "renamed": _("name corrected"), "reported_at": _("Reported"),
    "two_cards": _("About phone and bank cards"),
    "valid_from": _("holds from"), "version": _("version"), "way": _("way"), "words": _("words"),
    "years": _("years"),
    "charges": _("under supervision"), "findings": _("findings of the visit"),
    "form": _("form of supervision"),
    "not_put_right": _("not put right"), "put_right": _("put right"), "rules": _("version of the rules"),
    "kinds": _("kinds"), "scam_types": _("scam types"), "ceiling": _("ceiling"),
    "observed": _("what is observed as well"), "proof": _("least evidence"),
    "longest_days": _("longest term, days"), "may_send": _("may send"),
    "staff": _("staff"), "why": _("why it is theirs"),
}  # fmt: skip
"""What audit rows say before and after."""

FACTORS: Words = {
    "totp": _("authenticator app"), "webauthn": _("passkey"), "recovery_codes": _("recovery codes"),
}  # fmt: skip
LANGUAGES: Words = {"zh-hans": "中文", "en": "English"}

VALUES: dict[tuple[str, str], Callable[[], Words]] = {
    ("task", "result"): lambda: dict(CallResult.choices),
    ("task", "steps"): lambda: {step.code: str(step) for group in checklist() for step in group.steps},
    ("task", "reason"): lambda: {code: str(one) for code, one in false_alarms().items()},
    ("task", "undone"): lambda: VERBS,
    ("", "fields"): lambda: FIELDS,
    ("", "shown"): lambda: FIELDS,
    ("", "factors"): lambda: FACTORS,
    ("", "language"): lambda: LANGUAGES,
    ("", "lists"): lambda: dict(ListName.choices),
    ("", "states"): lambda: {**dict(EntryState.choices), **dict(HeldState.choices)},
    ("ruling", "result"): lambda: dict(ObjectionState.choices),
    ("charge", "why"): lambda: WHY,
    ("peer", "kinds"): lambda: dict(Kind.choices),
    ("peer", "scam_types"): lambda: {code: scam_type_label(code) for code in scam_types().names},
    ("peer", "ceiling"): lambda: dict(Tlp.choices),
    ("peer", "proof"): lambda: dict(Proof.choices),
    ("peer", "as"): lambda: dict(Form.choices),
    ("peer", "state"): lambda: {**dict(RuleState.choices), **dict(Outcome.choices)},
    ("", "scam_type"): lambda: {code: scam_type_label(code) for code in scam_types().names},
}
"""Where the word of a code is from if no field of its subject has it; by kind of subject (all by "")."""


def subject_word(kind: str) -> str:
    """What the act was done to."""
    return str(SUBJECTS.get(kind, kind))


def role_word(role: str) -> str:
    """As what somebody acted."""
    return str(ROLES.get(role, role))


def field_word(field: str) -> str:
    """What is told of it."""
    return str(FIELDS.get(field, field))


def value_words(kind: str, field: str, value: object) -> str:
    """The value in words: codes by their tables, lists one after the other, money in yuan, moments in local
    time, personal data masked.
    """
    if isinstance(value, list):
        return gettext(", ").join(value_words(kind, field, one) for one in value) or gettext("none")
    if isinstance(value, dict):
        each = (f"{_one(kind, field, key)}: {_one('', str(key), one)}" for key, one in value.items())
        return gettext(", ").join(each)
    return _one(kind, field, value)


def _one(kind: str, field: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    word = codes(kind, field).get(value) if isinstance(value, str | int) else None
    if word:
        return str(word)
    if field.endswith("_fen") and isinstance(value, int):
        return f"¥{value / 100:,.2f}"
    if field.endswith("_at") or field in ("at", "before"):
        return _moment(str(value))
    return masked_field(value, field)


def codes(kind: str, field: str) -> Words:
    """The words of the codes which that field of such a subject may hold; none if it holds no codes."""
    said = VALUES.get((kind, field)) or VALUES.get(("", field))
    if said is not None:
        return said()
    try:
        return dict(_models()[kind]._meta.get_field(field).flatchoices)  # type: ignore[union-attr]
    except (KeyError, FieldDoesNotExist, AttributeError):
        return {}


@cache
def _models() -> dict[str, type[Model]]:
    return {model._meta.model_name or "": model for model in apps.get_models()}


def _moment(text: str) -> str:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at.tzinfo else text
