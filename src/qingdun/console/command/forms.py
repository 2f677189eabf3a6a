"""Forms of posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.console.command import actions, overdue
from qingdun.console.command.codes import PostKind, System
from qingdun.console.command.queries import post
from qingdun.console.command.undertaking import (
    ProvisionForm,
    UndertakingForm,
    set_undertakings,
    write_provision,
)
from qingdun.console.kernel.forms import Field, FieldFaults, Form, beside
from qingdun.console.kernel.models import User
from qingdun.console.kernel.queries import regions
from qingdun.console.outreach.queries import units


def place_of(actor: User, typed: str) -> str:
    """The path of the place, by code or by a name that only one place has. Errors: FieldFaults."""
    inside = regions(actor)
    found = list(inside.filter(code=typed)[:1]) or list(inside.filter(name=typed)[:2])
    if len(found) != 1:
        words = gettext("Expected a place of your region, by code or by a name of its own.")
        raise FieldFaults({"place": words})
    return found[0].path


def overdue_by_kind(actor: User, path: str) -> dict[str, int]:
    """What is overdue there, by kind, for who takes a post over."""
    code = path.rstrip("/").rsplit("/", 1)[-1]
    return {kind: count for kind, count in overdue.counts(actor, overdue.Wanted(code)).items() if count}


def _open(actor: User, _parent: int, typed: dict[str, Any]) -> Any:
    form = actions.PostForm(
        typed["title"], typed["kind"], place_of(actor, typed["place"]), typed["grid"], typed["rank"] or 1
    )
    return beside("place", actions.open_post, actor, form)


def _hand_over(actor: User, parent: int, typed: dict[str, Any]) -> Any:
    form = actions.Appointment(typed["name"], typed["since"], typed["note"], typed["account"])
    return actions.hand_over(actor, parent, form, overdue_by_kind(actor, post(actor, parent).region_path))


def _deputy(actor: User, parent: int, typed: dict[str, Any]) -> Any:
    form = actions.Appointment(typed["name"], typed["since"], "", typed["account"])
    return actions.name_deputy(actor, parent, form, typed["rank"] or 1)


_NAME = Field("name", _("Name"), most=40)
_SINCE = Field("since", _("From"), "moment", hint=_("Such as 2026-06-17 15:29."))
_ACCOUNT = Field("account", _("User name of their account"), required=False, most=150)
POST = Form(
    "post",
    _("Open a post"),
    (
        Field(
            "title",
            pgettext_lazy("office", "Post"),
            most=60,
            hint=_("Such as: secretary of the town’s party committee."),
        ),
        Field("kind", pgettext_lazy("of a post", "Answers as"), "choice", choices=PostKind.choices),
        Field("place", _("Place, by name or code"), most=64),
        Field("grid", _("Code of the grid"), required=False, most=20),
        Field("rank", _("Order at the place"), "count", required=False, most=2),
    ),
    _open,
    own="command:post",
)
HAND_OVER = Form(
    "hand-over",
    _("Hand the post over"),
    (
        Field("name", _("Who takes it over"), most=40),
        _SINCE,
        Field("note", _("What is handed over"), "long", required=False, most=1000),
        _ACCOUNT,
    ),
    _hand_over,
    parent="command:post",
)
DEPUTY = Form(
    "deputy",
    _("Name a deputy"),
    (_NAME, _SINCE, Field("rank", _("Stands in as number"), "count", required=False, most=2), _ACCOUNT),
    _deputy,
    parent="command:post",
)


def whose(actor: User, names: Sequence[str]) -> tuple[list[int], list[str]]:
    """The member units and the places of those names or codes: ids and paths. Errors: FieldFaults, naming
    what is neither.
    """
    known = {one.name: one.pk for one in units(actor)}
    found: list[int] = [known[name] for name in names if name in known]
    paths, wrong = [], []
    for name in names:
        if name in known:
            continue
        try:
            paths.append(place_of(actor, name))
        except FieldFaults:
            wrong.append(name)
    if wrong:
        words = gettext("Found no member unit and no place of your region: %(found)s.")
        raise FieldFaults({"to": words % {"found": "、".join(wrong)[:200]}})
    return found, paths


def _undertake(actor: User, _parent: int, typed: dict[str, Any]) -> Any:
    found, paths = whose(actor, typed["to"])
    provision = int(typed["provision"]) if typed["provision"].isdecimal() else 0
    form = UndertakingForm(provision, typed["title"], typed["goal"], typed["due_on"], found, paths)
    made = beside("to", set_undertakings, actor, form)
    if not made:
        raise FieldFaults({"to": gettext("They have this undertaking already.")})
    return made[0]


def _provision(actor: User, _parent: int, typed: dict[str, Any]) -> Any:
    return write_provision(actor, ProvisionForm(**typed))


UNDERTAKING = Form(
    "undertaking",
    _("Set an undertaking"),
    (
        Field("provision", _("Provision"), "provision"),
        Field("title", _("Undertaking"), most=80),
        Field("goal", _("What is to be reached"), "long", most=1000),
        Field("due_on", _("To be done by"), "date"),
        Field(
            "to", _("Whose it is"), "numbers", most=4000,
            hint=_("Member units or places, by name or code, one a line: each gets its own."),
        ),
    ),
    _undertake,
    own="command:undertaking",
)  # fmt: skip
PROVISION = Form(
    "provision",
    _("Write a provision"),
    (
        Field("number", _("Provision no."), "count", most=2),
        Field("title", _("Title"), most=60),
        Field("demand", _("What it demands"), "long", most=1000),
        Field("system", _("System"), "choice", choices=System.choices),
        Field("lead", _("Unit that leads it"), required=False, most=60),
    ),
    _provision,
)
FORMS: dict[str, Form] = {form.code: form for form in (POST, HAND_OVER, DEPUTY, UNDERTAKING, PROVISION)}
BACK = {"undertaking": "undertakings", "post": "posts"}
"""The ledger that a form comes from; a provision's own page else."""
