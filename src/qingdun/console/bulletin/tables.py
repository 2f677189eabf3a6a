"""The ledgers that the bulletin counts itself: people on whom warning and dissuasion was carried out.

Those of every other figure are tables of the module that keeps them.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.codes import Level, scam_type_label
from qingdun.console.alerts.queries import Filters
from qingdun.console.alerts.states import State
from qingdun.console.bulletin import chain, queries
from qingdun.console.bulletin.moves import BulletinState
from qingdun.console.bulletin.numbers import number_of
from qingdun.console.kernel.localtime import written
from qingdun.console.kernel.masking import mask_number
from qingdun.console.kernel.models import User, region_name
from qingdun.console.kernel.tables import Ask, Column, Filter, Table

VERDICTS = (State.AWAKENED, State.NOT_AWAKENED, State.FALSE_ALARM, State.ALREADY_PAID)


def _worked(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Tasks whose person was called or met, or on whom a verdict stands; merged ones count with the other."""
    tasks = alerts.tasks(viewer, Filters(state="all", region=ask.region)).filter(merged_into=None)
    called = tasks.order_by().filter(contacts__isnull=False, contacts__withdrawn_at=None).values("pk")
    return tasks.filter(~Q(verdict="") | Q(pk__in=called)).order_by("-received_at", "-pk")


def _saved(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Of these the ones with a loss avoided; a false alarm avoided none."""
    return _worked(viewer, ask).filter(loss_avoided_fen__gt=0).exclude(verdict=State.FALSE_ALARM)


def _rescues(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Of these the ones dissuaded whose cards were protected and whose money is known; the first is the one
    that a bulletin tells.
    """
    saved = _worked(viewer, ask).filter(verdict=State.AWAKENED, cards_protected__gt=0, loss_avoided_fen__gt=0)
    return saved.order_by("-cards_protected", "-loss_avoided_fen", "-received_at", "-pk")


def place_word(path: str) -> str:
    """The name of the place at the end of the path, in the reader's language."""
    place = settings.CITY.places.get(path.rstrip("/").rsplit("/", 1)[-1])
    return region_name(place.name, place.name_en) if place else path


def _period(row: Any) -> str:
    return f"{row.since} – {row.until}"


BULLETINS = Table(
    "bulletins",
    _("Bulletins"),
    queries.bulletins,
    (
        Column(_("Title"), lambda row: row.title, "title"),
        Column(_("Period"), _period, "since"),
        Column(
            pgettext_lazy("county or town", "Place"), lambda row: place_word(row.region_path), "region_path"
        ),
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        Column(pgettext_lazy("of a bulletin", "No."), lambda row: number_of(row)),
        Column(_("Composed"), lambda row: written(row.composed_at), "composed_at"),
        Column(pgettext_lazy("of a bulletin", "First signature"), lambda row: str(row.first_by or "")),
        Column(pgettext_lazy("of a bulletin", "Second signature"), lambda row: str(row.second_by or "")),
        Column(pgettext_lazy("of a bulletin", "Issued"), lambda row: written(row.second_at), "second_at"),
    ),
    (Filter("state", _("State"), BulletinState.choices, "state"),),
    "until",
    False,
    "bulletin:page",
    search=("title",),
)
COLUMNS = (
    Column("#", lambda row: row.pk),
    Column(_("Came in"), lambda row: written(row.received_at), "received_at"),
    Column(pgettext_lazy("county or town", "Place"), lambda row: str(row.town or ""), "town"),
    Column(_("Station"), lambda row: str(row.station or ""), "station"),
    Column(_("Number"), lambda row: mask_number(row.msisdn)),
    Column(_("Level"), lambda row: row.get_level_display(), "level_rank"),
    Column(_("Scam type"), lambda row: scam_type_label(row.scam_type), "scam_type"),
    Column(_("Verdict"), lambda row: row.get_verdict_display(), "verdict"),
    Column(_("Loss avoided, yuan"), lambda row: row.loss_avoided_fen / 100, "loss_avoided_fen", "money"),
    Column(_("Cards protected"), lambda row: row.cards_protected, "cards_protected", "num"),
)
FILTERS = (
    Filter("verdict", _("Verdict"), [(one.value, one.label) for one in VERDICTS], "verdict"),
    Filter("level", _("Level"), Level.choices, "level"),
)
TABLES: dict[str, Table] = {
    table.code: table
    for table in (
        BULLETINS,
        *chain.TABLES,
        Table(
            "worked", _("People warned and dissuaded"), _worked, COLUMNS, FILTERS, "received_at", True,
            "alerts:task",
        ),
        Table(
            "saved",
            _("Tasks with loss avoided"),
            _saved,
            COLUMNS,
            FILTERS,
            "received_at",
            True,
            "alerts:task",
        ),
        Table(
            "rescues", _("Dissuaded with cards protected"), _rescues, COLUMNS, FILTERS, "received_at", True,
            "alerts:task",
        ),
    )
}  # fmt: skip
"""Every table of the module by its code."""
