"""The forms of the module: their fields, and the action each of them is for."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from qingdun.console.industry import actions, deciding, parties, rules
from qingdun.console.industry.actions import AssignmentForm, Line
from qingdun.console.industry.codes import PARTY_KINDS, SubjectKind
from qingdun.console.industry.models import Assignment
from qingdun.console.industry.register_forms import FORMS as REGISTER_FORMS
from qingdun.console.kernel.forms import Field, Form
from qingdun.console.kernel.models import User

_CELLS = re.compile(r"[,，\t]")
SUBJECTS = [one for one in SubjectKind.choices if one[0] != SubjectKind.PERSON]

NAMES = Field(
    "names", _("Names in the register"), "numbers", False, 2000,
    hint=_("One a line, as the register of persons writes them, if other than the name of the party"),
)  # fmt: skip


def lines_of(text: str, corporate: bool, evidence: tuple[str, ...] = ()) -> list[Line]:
    """One thing a line: the number, and if one likes the holder and a reason, by comma; all on one evidence.

    >>> [(line.subject, line.holder) for line in lines_of("6222 01,甲\\n\\n6222 02", False)]
    [('6222 01', '甲'), ('6222 02', '')]
    """
    found = []
    for raw in text.splitlines():
        if raw.strip():
            cells = [cell.strip() for cell in _CELLS.split(raw, maxsplit=2)] + ["", ""]
            found.append(Line(cells[0], cells[1], corporate, cells[2], evidence))
    return found


def _propose(actor: User, _parent: int, typed: dict[str, Any]) -> Assignment:
    # The same list of another day is another one: what it restricted may have been released since.
    told = json.dumps([actor.pk, timezone.localdate(), typed], sort_keys=True, default=str)
    evidence = tuple(line.strip() for line in typed["evidence"].splitlines() if line.strip())
    form = AssignmentForm(
        f"form-{hashlib.sha256(told.encode()).hexdigest()[:40]}", typed["party"], typed["title"],
        typed["subject_kind"], typed["kind"], typed["basis"], typed["reason"],
        lines_of(typed["lines"], typed["corporate"], evidence), typed["term_days"], typed["answer_h"],
    )  # fmt: skip
    return actions.propose(actor, form)


FORMS: dict[str, Form] = {
    form.code: form
    for form in (
        Form(
            "assignment",
            _("Propose a list"),
            (
                Field("party", _("Bank or operator"), "party"),
                Field("title", _("Title"), most=80),
                Field("subject_kind", _("On what"), "choice", choices=SUBJECTS),
                Field("kind", _("Restriction"), "choice", choices=actions.form_kinds),
                Field("basis", _("Legal basis"), "choice", choices=rules.bases),
                Field("reason", _("Reason"), "long", most=300),
                Field("evidence", _("Evidence"), "long", False, 2000, hint=_("One sentence a line")),
                Field("corporate", _("The holders are enterprises"), "check", False),
                Field("term_days", _("Days it lasts"), "count", False, 5),
                Field("answer_h", _("Hours to answer"), "count", False, 4),
                Field(
                    "lines", _("Rows"), "long", False, 400_000,
                    hint=_("One a line: number, holder, reason. Many come by file, once the list is drafted"),
                ),
            ),
            _propose,
            own="industry:assignment",
        ),
        Form(
            "party",
            _("Register a bank or operator"),
            (
                Field("code", _("Code"), most=32),
                Field("name", _("Name of the party"), most=64),
                Field("kind", _("Kind"), "choice", choices=[(one.value, one.label) for one in PARTY_KINDS]),
                Field("region", _("Place"), "region", required=False),
                NAMES,
            ),
            lambda actor, _parent, typed: parties.register_party(actor, **typed),
            parent="",
            own="",
        ),
        Form(
            "party_name",
            _("Add a name of a party"),
            (Field("party", _("Bank or operator"), "party"), replace(NAMES, required=True)),
            lambda actor, _parent, typed: parties.name_party(actor, typed["party"], typed["names"]),
        ),
        Form(
            "appeal",
            _("Enter an appeal"),
            (
                Field("appellant", _("Appellant"), most=64),
                Field("text", _("What they say"), "long", most=500),
            ),
            lambda actor, parent, typed: deciding.file_appeal(actor, parent, **typed),
            "industry:restriction",
        ),
        *REGISTER_FORMS,
    )
}  # fmt: skip
"""Every form by its code."""
