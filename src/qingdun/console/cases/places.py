"""Where and when something is that somebody enters or brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.queries import regions


def placed(actor: User, region: str) -> str:
    """Path of the region of the actor's named by code or name; empty: their own. Errors: FieldFaults."""
    if not region:
        return actor.region_path
    found = regions(actor).exclude(level=Region.Level.VILLAGE)
    place = found.filter(code=region).first() or found.filter(name=region).first()
    if place is None:
        raise FieldFaults({"region": _("Expected a place of your region, by name or code.")})
    return place.path


def past(row: Mapping[str, Any], *names: str) -> None:
    """None of these days is ahead. Errors: FieldFaults."""
    today = timezone.localdate()
    for name in names:
        if row[name] and row[name] > today:
            raise FieldFaults({name: _("This day lies in the future.")})
