"""The ledgers of command as tables."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.command import queries
from qingdun.console.command.codes import CHAIN, GROUP, PostKind, Standing
from qingdun.console.command.models import Post, Undertaking
from qingdun.console.command.moves import UndertakingState
from qingdun.console.kernel.localtime import written, written_day
from qingdun.console.kernel.models import User
from qingdun.console.kernel.places import place_code, place_name
from qingdun.console.kernel.tables import Ask, Column, Filter, Table


def where(post: Post) -> str:
    """The place of a post, and its grid if it has one."""
    return f"{place_name(post.region_path)} {post.grid}" if post.grid else place_name(post.region_path)


def whose(row: Undertaking) -> str:
    """Who is to do it: the unit, else the place."""
    return row.unit.name if row.unit else place_name(row.region_path)


def _posts(viewer: User, ask: Ask) -> QuerySet[Post]:
    found = queries.posts(viewer, ask.region)
    body, filled = ask.picks.get("body", ""), ask.picks.get("filled", "")
    if body:
        found = found.filter(kind__in=CHAIN if body == "chain" else GROUP)
    return found.filter(_FILLED[filled]) if filled in _FILLED else found


BODIES = (("chain", _("Chain of responsibility")), ("group", _("Leading group")))
_FILLED = {"held": Q(holder__isnull=False), "vacant": Q(holder=None), "nobody": Q(acting=None)}
FILLED = (
    ("held", pgettext_lazy("of a post", "Held")), ("vacant", _("Vacant")), ("nobody", _("Nobody there now")),
)  # fmt: skip
POSTS = Table(
    "posts",
    _("Posts"),
    _posts,
    (
        Column(pgettext_lazy("office", "Post"), lambda row: row.title, "title"),
        Column(pgettext_lazy("county or town", "Place"), where, "region_path"),
        Column(_("Code of the place"), lambda row: place_code(row.region_path)),
        Column(_("Code of the grid"), lambda row: row.grid.code if row.grid else ""),
        Column(pgettext_lazy("of a post", "Answers as"), lambda row: row.get_kind_display(), "kind"),
        Column(pgettext_lazy("of a post", "Holder"), lambda row: row.holder or str(_("Vacant")), "holder"),
        Column(
            _("There now"),
            lambda row: row.acting or str(_("Nobody")),
            "acting",
        ),
        Column(_("Member unit"), lambda row: str(row.unit or "")),
        Column(_("Since"), lambda row: written_day(row.opened_on), "opened_on"),
    ),
    (
        Filter("body", _("Body"), BODIES),
        Filter("kind", pgettext_lazy("of a post", "Answers as"), PostKind.choices, "kind"),
        Filter("filled", _("Filled"), FILLED),
    ),
    search=("title", "holder", "acting"),
)
TENURES = Table(
    "tenures",
    _("Who held which post"),
    lambda viewer, ask: queries.tenures(viewer, ask.region),
    (
        Column(_("From"), lambda row: written(row.since), "since"),
        Column(_("Until"), lambda row: written(row.until), "until"),
        Column(_("Name"), lambda row: row.name, "name"),
        Column(_("As"), lambda row: row.get_standing_display(), "standing"),
        Column(pgettext_lazy("office", "Post"), lambda row: row.post.title, "post__title"),
        Column(pgettext_lazy("county or town", "Place"), lambda row: where(row.post), "post__region_path"),
        Column(_("Overdue at the hand-over"), lambda row: sum(row.matters.values()), "", "num"),
        Column(_("Entered by"), lambda row: str(row.by)),
    ),
    (
        Filter("standing", _("As"), Standing.choices, "standing"),
        Filter("post", pgettext_lazy("office", "Post"), (), "post", ids=True),
    ),
    "since",
    True,
    search=("name", "post__title"),
)
ABSENCES = Table(
    "absences",
    _("Absences"),
    lambda viewer, ask: queries.absences(viewer, ask.region),
    (
        Column(_("From"), lambda row: written(row.since), "since"),
        Column(_("Until"), lambda row: written(row.until), "until"),
        Column(_("Name"), lambda row: row.tenure.name, "tenure__name"),
        Column(pgettext_lazy("office", "Post"), lambda row: row.tenure.post.title, "tenure__post__title"),
        Column(
            pgettext_lazy("county or town", "Place"),
            lambda row: where(row.tenure.post),
            "tenure__post__region_path",
        ),
        Column(_("Reason"), lambda row: row.reason),
        Column(_("Entered by"), lambda row: str(row.by)),
    ),
    (),
    "since",
    True,
    search=("tenure__name", "reason"),
)


def _undertakings(viewer: User, ask: Ask) -> QuerySet[Undertaking]:
    found = queries.undertakings(viewer, ask.region)
    if ask.picks.get("late"):
        found = found.filter(state=UndertakingState.OPEN, due_on__lt=timezone.localdate())
    return found


def _provisions(viewer: User) -> list[tuple[str, str]]:
    return [(f"{one.pk}", f"{one}") for one in queries.provisions(viewer)]


UNDERTAKINGS = Table(
    "undertakings",
    _("Undertakings"),
    _undertakings,
    (
        Column(_("Undertaking"), lambda row: row.title, "title"),
        Column(_("Provision no."), lambda row: row.provision.number, "provision__number", "num"),
        Column(pgettext_lazy("of an undertaking", "Whose"), whose, "unit__name"),
        Column(_("Code of the place"), lambda row: place_code(row.region_path), "region_path"),
        Column(_("To be done by"), lambda row: written_day(row.due_on), "due_on"),
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        Column(_("Done, of 100"), lambda row: row.share, "share", "num"),
        Column(_("Sent back, times"), lambda row: row.returns, "returns", "num"),
        Column(_("Reported"), lambda row: written(row.reported_at), "reported_at"),
        Column(_("Accepted by"), lambda row: str(row.accepted_by or "")),
        Column(_("What is to be reached"), lambda row: row.goal),
    ),
    (
        Filter("provision", _("Provision"), (), "provision", ids=True, among=_provisions),
        Filter("state", _("State"), UndertakingState.choices, "state"),
        Filter("late", pgettext_lazy("of rows", "Overdue"), (("1", _("yes")),)),
        Filter("unit", _("Member unit"), (), "unit", ids=True),
    ),
    "due_on",
    search=("title", "goal", "unit__name"),
)


def _post(way: str) -> Callable[[Any], str]:
    return lambda row: reverse("command:post", args=[attrgetter(way)(row)])


ADDRESSES: dict[str, Callable[[Any], str]] = {
    "undertakings": lambda row: reverse("command:undertaking", args=[row.pk]),
    "posts": _post("pk"), "tenures": _post("post_id"), "absences": _post("tenure.post_id"),
}  # fmt: skip
"""The page that a row of a ledger opens."""
TABLES: dict[str, Table] = {table.code: table for table in (UNDERTAKINGS, POSTS, TENURES, ABSENCES)}
"""Every ledger of the module by its code."""
TABS = tuple(TABLES)
