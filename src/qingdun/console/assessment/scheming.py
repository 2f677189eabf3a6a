"""A town sets its own scheme for its areas: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.assessment.models import Scheme
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import NotPermitted


@transaction.atomic
def set_scheme(actor: User, valid_from: dt.date, areas: str, award: str, penalty: str) -> Scheme:
    """From that day on the actor's town ranks these areas: one a line, its name, a colon, its villages by
    name or code.

    Errors: NotPermitted (nobody of a town), FieldFaults (no such village, one in two areas, fewer than two
    areas, a day that is over).
    """
    require(actor, Permission.ANSWER_ASSESSMENT)
    if actor.region is None or actor.region.level != Region.Level.TOWN:
        raise NotPermitted(_("A scheme is its town’s own."))
    if valid_from < timezone.localdate():
        raise FieldFaults({"valid_from": _("A scheme holds from today or a day to come.")})
    made = Scheme.objects.create(
        region_path=actor.region.path, valid_from=valid_from, areas=_areas(actor.region, areas),
        award=award, penalty=penalty, by=actor, at=timezone.now(),
    )  # fmt: skip
    after = {"valid_from": f"{valid_from}", "areas": sorted(made.areas)}
    record(actor, "set_scheme", made, None, after)
    return made


def _areas(town: Region, text: str) -> dict[str, list[str]]:
    known: dict[str, str] = {}
    for village in Region.objects.filter(parent=town):
        known |= {village.code: village.code, village.name: village.code, village.short_name: village.code}
    found: dict[str, list[str]] = {}
    taken: set[str] = set()
    for line in text.replace("：", ":").splitlines():
        name, _colon, rest = line.partition(":")
        villages = [
            one.strip() for one in rest.replace("，", ",").replace("、", ",").split(",") if one.strip()
        ]
        if not name.strip() and not villages:
            continue
        codes = [known.get(one, "") for one in villages]
        if not name.strip() or not codes or "" in codes or taken & set(codes) or name.strip() in found:
            said = _("“%(line)s”: expected a name, a colon and villages of the town, each in one area.")
            raise FieldFaults({"areas": said % {"line": line[:60]}})
        taken |= set(codes)
        found[name.strip()[:40]] = codes
    if len(found) < 2:
        raise FieldFaults({"areas": _("Expected at least two areas.")})
    return found
