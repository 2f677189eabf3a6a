"""What becomes of an entry later: it ends, it is put right, it is struck out. The actor first, one
transaction, one audit row with before and after.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach, require_covers
from qingdun.console.outreach import queries
from qingdun.console.outreach.matrix import BEGINS, settled
from qingdun.console.outreach.places import place_code
from qingdun.errors import IllegalMove

READS: dict[str, Any] = {
    "units": queries.units, "ambassadors": queries.ambassadors, "venues": queries.venues,
    "partners": queries.partners, "events": queries.events, "pledges": queries.pledges,
    "commendations": queries.commendations, "materials": queries.materials,
}  # fmt: skip
"""What can be put right, by the code of its ledger."""
ENDS = {"units": "left_on", "ambassadors": "ended_on", "venues": "closed_on"}
NAME = {"events": "title", "materials": "title", "pledges": "signed_on"}
"""What tells rows of one place apart, where it is not a name."""


@transaction.atomic
def end(actor: User, code: str, pk: int, on: dt.date) -> Any:
    """A unit has left, an ambassador or a venue has ended, on that day.

    Errors: NotPermitted, FieldFaults (before it began, or in the future).
    """
    found = _locked(actor, code, pk)
    if on > timezone.localdate():
        raise FieldFaults({"on": _("This day lies in the future.")})
    began: dt.date = _of(found, BEGINS) or found.matrix_on
    if on < began:
        raise FieldFaults({"on": _("It began after this day, on %(day)s.") % {"day": began}})
    name = ENDS[code]
    before = getattr(found, name)
    setattr(found, name, on)
    found.save(update_fields=[name])
    record(actor, "end_membership", found, {"until": before}, {"until": on})
    return found


@transaction.atomic
def correct(actor: User, code: str, pk: int, typed: Mapping[str, Any]) -> Any:
    """The entry says what was typed; what it said before is in the audit. The same again changes nothing.

    Errors: NotPermitted, FieldFaults.
    """
    found = _locked(actor, code, pk)
    values, tied = settled(actor, type(found), typed)
    before, after = _changed(found, values, tied)
    ended = getattr(found, ENDS[code]) if code in ENDS else None
    begins = BEGINS.get(type(found).__name__, "")
    if ended and values.get(begins) and values[begins] > ended:
        raise FieldFaults({begins: _("It ended before this day, on %(day)s.") % {"day": ended}})
    if not after:
        return found
    for name, value in values.items():
        setattr(found, name, value)
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError as error:
        raise FieldFaults({NAME.get(code, "name"): _("This stands already.")}) from error
    for name, rows in tied.items():
        getattr(found, name).set(rows)
    record(actor, "correct_entry", found, before, after, region_path=found.region_path)
    return found


@transaction.atomic
def strike(actor: User, code: str, pk: int, reason: str) -> None:
    """The entry is gone, with its photos or versions; the audit says what it was, and why.

    Errors: NotPermitted, IllegalMove (other rows hang on it), InputError (no reason).
    """
    found = _locked(actor, code, pk)
    why = stated(reason)
    before = {"name": str(found), "on": _of(found, BEGINS)}
    record(actor, "strike_entry", found, before, None, why, region_path=found.region_path)
    try:
        found.delete()
    except ProtectedError as error:
        kinds = {str(one._meta.verbose_name) for one in error.protected_objects}
        raise IllegalMove(
            _("Other rows hang on it: %(kinds)s. End it or put it right instead.")
            % {"kinds": ", ".join(sorted(kinds))}
        ) from error


def _locked(actor: User, code: str, pk: int) -> Any:
    """The row, locked. Errors: NotPermitted, also if it is not there or not theirs."""
    require(actor, Permission.WORK_OUTREACH)
    seen = READS[code](actor).filter(pk=pk)
    row = seen.first()
    if row is None:
        raise out_of_reach()
    require_covers(actor, row.region_path)
    return seen.model._default_manager.select_for_update().get(pk=pk)


def _of(found: Any, names: Mapping[str, str]) -> Any:
    name = names.get(type(found).__name__, "")
    return getattr(found, name) if name else None


def _changed(
    found: Any, values: Mapping[str, Any], tied: Mapping[str, list[Model]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs, as it was and as it will be, as the audit writes it."""
    was: dict[str, Any] = {name: getattr(found, name) for name in values}
    was |= {name: sorted(str(one) for one in getattr(found, name).all()) for name in tied}
    will = dict(values) | {name: sorted(map(str, rows)) for name, rows in tied.items()}
    differs = [name for name, value in will.items() if was[name] != value]
    return {_key(one): _told(was[one]) for one in differs}, {_key(one): _told(will[one]) for one in differs}


def _key(name: str) -> str:
    return "region" if name == "region_path" else name


def _told(value: Any) -> Any:
    """A row by its name, a place by its code."""
    if isinstance(value, Model):
        return str(value)
    return place_code(value) if isinstance(value, str) and value.endswith("/") else value
