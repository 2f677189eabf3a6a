"""Banks and operators to which lists may be sent, and how the register calls them. The actor first, one
transaction, one audit row.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from qingdun.console.industry import queries
from qingdun.console.industry.codes import PARTY_KINDS
from qingdun.console.industry.models import PartyName
from qingdun.console.industry.races import seeing_others
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import Organisation, Region, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach, require_covers


@seeing_others
def register_party(
    actor: User, code: str, name: str, kind: str, region: str = "", names: Sequence[str] = ()
) -> Organisation:
    """The bank or operator can be sent lists; accounts are given to it by the administrators. `names` are
    those the register of persons has for it besides its own.

    Errors: NotPermitted, FieldFaults (code or name taken or empty, no such kind).
    """
    require(actor, Permission.CONFIRM_RESTRICTIONS)
    place = Region.objects.filter(code=region or actor.region_id or "").first()
    if place is None:
        raise out_of_reach()
    require_covers(actor, place.path)
    code, name = code.strip(), name.strip()
    faults = {}
    if kind not in PARTY_KINDS:
        faults["kind"] = _("This is needed.")
    if not code or Organisation.objects.filter(code=code).exists():
        faults["code"] = _("This code is taken, or empty.")
    if not name:
        faults["name"] = _("This is needed.")
    if taken := _taken(names):
        faults["names"] = taken
    if faults:
        raise FieldFaults(faults)
    party = Organisation.objects.create(code=code[:32], name=name[:64], kind=kind, region=place)
    _write(party, names)
    after = {"code": party.code, "name": party.name, "kind": kind, "names": list(names)}
    record(actor, "register_party", party, None, after, region_path=place.path)
    return party


@seeing_others
def name_party(actor: User, code: str, names: Sequence[str]) -> Organisation:
    """The register of persons calls the party by these names too: what it says is served by one of them, the
    party serves.

    Errors: NotPermitted, FieldFaults (no such party, a name that is another's).
    """
    require(actor, Permission.CONFIRM_RESTRICTIONS)
    party = queries.parties(actor).filter(code=code).first()
    if party is None:
        raise FieldFaults({"party": _("Expected a bank or an operator that you may send lists to.")})
    if taken := _taken(names):
        raise FieldFaults({"names": taken})
    _write(party, names)
    record(actor, "name_party", party, None, {"names": list(names)}, region_path=party.region.path)
    return party


def _taken(names: Sequence[str]) -> str:
    found = list(PartyName.objects.filter(name__in=names).values_list("name", flat=True))
    return _("A party has this name already: %(names)s.") % {"names": ", ".join(found)} if found else ""


def _write(party: Organisation, names: Sequence[str]) -> None:
    rows = [PartyName(party=party, name=name[:64]) for name in sorted(set(names))]
    PartyName.objects.bulk_create(rows)


def known_names(kind: str = "") -> dict[str, int]:
    """By every name that the register may have for it, the party, or only those of one kind."""
    found = Organisation.objects.filter(kind__in=[kind] if kind else PARTY_KINDS)
    own = {name: party.pk for party in found for name in (party.name, party.name_en, party.code) if name}
    also = PartyName.objects.filter(party__in=found).values_list("name", "party")
    return own | dict(also)
