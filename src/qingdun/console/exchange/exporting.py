"""What may be shared with a peer as a file: a bundle of STIX, an event of MISP, or CSV; part by part, so that
no export is ever whole in memory. The same state of the collections gives the same file.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from qingdun.console.exchange import stix
from qingdun.console.exchange.codes import Form, Tlp
from qingdun.console.exchange.models import Peer, Share
from qingdun.console.exchange.patterns import entities_of
from qingdun.console.exchange.told import own_id
from qingdun.console.kernel.spreadsheets import csv_lines
from qingdun.console.lists.reading import written_end
from qingdun.contract.progress import Share as Told
from qingdun.contract.progress import unheard

CHUNK = 500
SUFFIXES = {Form.STIX: "json", Form.MISP: "json", Form.CSV: "csv"}
COLUMNS = (
    "kind",
    "entity",
    "list",
    "reason",
    "scam_type",
    "until",
    "id",
    "modified",
    "confidence",
    "proof",
    "tlp",
)
"""The first six are those of the files that lists take in."""
_MISP_TYPES = {"host": "domain", "number": "phone-number", "account": "bank-account-nr"}
_TLP = {stix.marking_id(tlp): tlp for tlp in Tlp}


def indicators(peer: Peer, upto: int) -> int:
    """How many indicators an export holds, revoked ones as well."""
    return _shares(peer, upto).filter(issued__object_type="indicator").count()


def parts(peer: Peer, form: Form, upto: int, told: Told = unheard) -> Iterator[str]:
    """The file, part by part: the latest versions in the peer's collections up to that number."""
    make = {Form.STIX: _bundle, Form.MISP: _event, Form.CSV: _table}[form]
    whole = max(1, _shares(peer, upto).count())

    def bodies() -> Iterator[dict[str, Any]]:
        rows = _shares(peer, upto).order_by("seq").select_related("issued")
        for number, one in enumerate(rows.iterator(CHUNK)):
            if number % CHUNK == 0:
                told(number / whole)
            yield one.issued.body

    return make(peer, upto, bodies)


Bodies = Callable[[], Iterator[dict[str, Any]]]


def _shares(peer: Peer, upto: int) -> QuerySet[Share]:
    return Share.objects.filter(peer=peer, latest=True, withdrawn_at=None, seq__lte=upto)


def _bundle(peer: Peer, upto: int, bodies: Bodies) -> Iterator[str]:
    """Every object once, though context stands in each collection."""
    ident = own_id(settings.CITY_CODE, "bundle", peer.code, upto)
    yield f'{{"type":"bundle","id":"bundle--{ident}","objects":['
    context: set[str] = set()
    between = ""
    for body in bodies():
        if body["type"] not in ("indicator", "sighting"):
            if body["id"] in context:
                continue
            context.add(body["id"])
        yield between + _compact(body)
        between = ","
    yield "]}\n"


def _event(peer: Peer, upto: int, bodies: Bodies) -> Iterator[str]:
    """One event for the peer; what was reversed is in it as deleted."""
    city, at = settings.CITY, peer.last_added_at or peer.opened_at
    head = {
        "uuid": str(own_id(city.code, "event", peer.code)), "info": f"Qingdun lists of {city.name_en}",
        "date": f"{peer.opened_at:%Y-%m-%d}", "timestamp": str(int(at.timestamp())), "threat_level_id": "2",
        "analysis": "1", "distribution": "0", "published": False,
        "Orgc": {"name": city.name, "uuid": stix.identity_id(city.code).partition("--")[2]},
        "Tag": [{"name": "qingdun:telecom-fraud"}],
    }  # fmt: skip
    yield f'{{"Event":{_compact(head)[:-1]},"Attribute":['
    between = ""
    for body in _indicators(bodies()):
        yield between + _compact(_attribute(body))
        between = ","
    yield "]}}\n"


def _attribute(body: dict[str, Any]) -> dict[str, Any]:
    kind, entity = _named(body)
    said = body["extensions"][stix.extension_id()]
    tags = [f"tlp:{_tlp(body).value}", f'qingdun:kind="{kind}"']
    if said.get("scam_type"):
        tags.append(f'qingdun:scam="{said["scam_type"]}"')
    is_address = kind == "host" and body["pattern"].startswith("[ipv4-addr")
    return {
        "uuid": body["id"].partition("--")[2],
        "type": "ip-dst" if is_address else _MISP_TYPES.get(kind, "other"),
        "category": {"host": "Network activity", "account": "Financial fraud"}.get(kind, "Other"),
        "value": entity, "to_ids": said["proof"] == "enforced" or kind in ("account", "device"),
        "comment": body["name"], "distribution": "5", "deleted": bool(body.get("revoked")),
        "timestamp": str(int(dt.datetime.fromisoformat(body["modified"]).timestamp())),
        "first_seen": body["valid_from"], "Tag": [{"name": tag} for tag in tags],
    }  # fmt: skip


def _table(peer: Peer, upto: int, bodies: Bodies) -> Iterator[str]:
    """What stands; what was reversed is no row."""
    return csv_lines(_rows(bodies()))


def _rows(bodies: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    yield list(COLUMNS)
    for body in _indicators(bodies):
        if body.get("revoked"):
            continue
        kind, entity = _named(body)
        said = body["extensions"][stix.extension_id()]
        until = dt.datetime.fromisoformat(body["valid_until"]).astimezone(settings.CITY.zone)
        yield [
            kind, entity, "black", body["name"], said.get("scam_type", ""), written_end(until), body["id"],
            body["modified"], str(body["confidence"]), said["proof"], _tlp(body).label,
        ]  # fmt: skip


def _indicators(bodies: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (body for body in bodies if body["type"] == "indicator")


def _named(body: dict[str, Any]) -> tuple[str, str]:
    """Kind and entity of an indicator of ours."""
    return (entities_of(body["pattern"]) or [("", "")])[0]


def _tlp(body: dict[str, Any]) -> Tlp:
    return _TLP[body["object_marking_refs"][0]]


def _compact(found: Any) -> str:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
