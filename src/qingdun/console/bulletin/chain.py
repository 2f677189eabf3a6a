"""What a bulletin tells of the chain of responsibility: provisions in force, and who answers for a county."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.command import queries as command
from qingdun.console.kernel.figures import Figure
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.scope import narrowed
from qingdun.console.kernel.tables import Ask, Column, Table


def _provisions(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Provisions of the place that were issued by the last day and stand."""
    place = narrowed(viewer, ask.region)
    found = command.provisions(viewer).filter(since__lte=_last(ask))
    return found.filter(region_path__startswith=place.path) if place else found.none()


def _heads(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Who holds a post of first responsible person of a county at the end of the last day."""
    counties = regions(viewer, Region.Level.COUNTY).values("path")
    end = midnight(_last(ask) + dt.timedelta(days=1))
    found = command.tenures(viewer, ask.region).filter(
        Q(until=None) | Q(until__gte=end), since__lt=end, standing="holder", post__kind="principal",
        post__region_path__in=counties,
    )  # fmt: skip
    return found.order_by("post__region_path", "pk")


def _last(ask: Ask) -> dt.date:
    return ask.until or timezone.localdate()


FIGURES = (
    Figure("provisions", _("Provisions in force"), _("On the last day"), "provisions", standing=True),
    Figure("county_heads", _("Counties whose head answers in person"), _("On the last day, each county once"),
           "county_heads", distinct="post__region_path", standing=True),
)  # fmt: skip
TABLES = (
    Table(
        "provisions",
        _("Provisions in force"),
        _provisions,
        (
            Column(_("Provision no."), lambda row: row.number, "number", "num"),
            Column(_("Provision"), lambda row: row.title, "title"),
            Column(_("What it demands"), lambda row: row.demand),
            Column(_("Issued on"), lambda row: f"{row.since}", "since"),
        ),
    ),
    Table(
        "county_heads",
        _("First responsible persons of counties"),
        _heads,
        (
            Column(pgettext_lazy("office", "Post"), lambda row: row.post.title, "post__title"),
            Column(_("Code of the place"), lambda row: row.post.region_path, "post__region_path"),
            Column(_("Name"), lambda row: row.name, "name"),
            Column(_("From"), lambda row: f"{timezone.localtime(row.since):%Y-%m-%d}", "since"),
        ),
    ),
)
