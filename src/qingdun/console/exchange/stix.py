"""What is told, as objects of STIX 2.1; each is checked by OASIS's own library as it is made.

The same facts give the same object, to the last character: ids are UUIDs of version 5 of our own space, and
`modified` is given.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from qingdun.console.exchange.codes import KINDS, Tlp
from qingdun.console.exchange.patterns import pattern_of
from qingdun.console.exchange.rules import confidence
from qingdun.console.exchange.told import Met, Told, own_id, stamp
from qingdun.contract.codes import scam_types

Body = dict[str, Any]
_BEGAN = "2026-11-29T00:00:00.000Z"
"""When the objects that never change were written."""
_TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_TLP_IDS = {
    Tlp.CLEAR: "94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.STRICT: "939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""Objects of OASIS for TLP 2.0; everybody uses these."""
_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Qingdun: what lists of telecom fraud hold",
    "description": (
        "Objects x-qingdun-number, x-qingdun-sender, x-qingdun-account, x-qingdun-device and x-qingdun-text "
        "have one property, value. A number is in E.164 with its plus, or as it was presented; a text is the "
        "key of a template. An indicator carries what is listed, the kind of scam and what speaks for it."
    ),
    "properties": {
        "value": {"type": "string"},
        "kind": {"enum": list(KINDS)},
        "scam_type": {"type": "string"},
        "proof": {"enum": ["approved", "two_persons", "enforced"]},
    },
}


@cache
def extension_id() -> str:
    """The id of the extension that defines what is ours; the same in every city."""
    return f"extension-definition--{own_id('', 'extension', 1)}"


def identity_id(city: str) -> str:
    """The id of the city's identity."""
    return f"identity--{own_id(city, 'identity')}"


def marking_id(tlp: Tlp) -> str:
    """The id of a marking of TLP 2.0."""
    return f"marking-definition--{_TLP_IDS[tlp]}"


def indicator_id(city: str, told: Told) -> str:
    """The id of the entry's indicator."""
    return f"indicator--{own_id(city, 'entry', told.entry_id, told.kind, told.entity)}"


def context(city: str, name: str, tlp: Tlp) -> Iterator[Body]:
    """What an indicator of that marking refers to: who says so, the marking, what is ours."""
    yield _identity(city, name, "organization", ["government"])
    yield _identity("", "Qingdun 清盾", "system", [])
    yield _checked({
        "type": "extension-definition", "spec_version": "2.1", "id": extension_id(),
        "created_by_ref": identity_id(""), "created": _BEGAN, "modified": _BEGAN, "name": "Qingdun lists",
        "description": "What lists of telecom fraud hold and STIX has no object for.",
        "schema": json.dumps(_SCHEMA, sort_keys=True), "version": "1.0.0",
        "extension_types": ["new-sco", "property-extension"],
    })  # fmt: skip
    yield _checked({
        "type": "marking-definition", "spec_version": "2.1", "id": marking_id(tlp),
        "created": "2022-10-01T00:00:00.000Z", "name": tlp.label,
        "extensions": {_TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp.value}},
    })  # fmt: skip


def indicator(city: str, told: Told, modified: dt.datetime, revoked: bool = False) -> Body:
    """The entry as an indicator; revoked once it is reversed."""
    scam = scam_types().names[told.scam_type].en if told.scam_type else "telecom fraud"
    labels = ["telecom-fraud", *([f"scam:{told.scam_type}"] if told.scam_type else []), f"proof:{told.proof}"]
    said = {"extension_type": "property-extension", "kind": told.kind, "proof": told.proof.value}
    if told.scam_type:
        said["scam_type"] = told.scam_type
    return _checked({
        "type": "indicator", "spec_version": "2.1", "id": indicator_id(city, told),
        "created_by_ref": identity_id(city), "created": stamp(told.since), "modified": stamp(modified),
        **({"revoked": True} if revoked else {}),
        "name": f"{told.reference} {told.kind}: {scam}", "indicator_types": ["malicious-activity"],
        "pattern": pattern_of(told.kind, told.entity), "pattern_type": "stix", "pattern_version": "2.1",
        "valid_from": stamp(told.since), "valid_until": stamp(told.until),
        "labels": labels, "confidence": confidence(told.proof),
        "external_references": [{"source_name": "qingdun", "external_id": told.reference}],
        "object_marking_refs": [marking_id(told.tlp)], "extensions": {extension_id(): said},
    })  # fmt: skip


def sighting(city: str, told: Told, met: Met, modified: dt.datetime) -> Body:
    """How often the city's networks met the entry; nobody who was reached stands in it."""
    return _checked({
        "type": "sighting", "spec_version": "2.1", "id": f"sighting--{own_id(city, 'met', told.entry_id)}",
        "created_by_ref": identity_id(city), "created": stamp(met.first_at), "modified": stamp(modified),
        "first_seen": stamp(met.first_at), "last_seen": stamp(met.last_at),
        "count": min(met.count, 999_999_999), "sighting_of_ref": indicator_id(city, told),
        "where_sighted_refs": [identity_id(city)], "object_marking_refs": [marking_id(told.tlp)],
    })  # fmt: skip


def digest(body: Mapping[str, Any]) -> str:
    """SHA-256 of what an object says, whenever it says so."""
    said = {name: value for name, value in body.items() if name != "modified"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def version_of(body: Mapping[str, Any]) -> dt.datetime:
    """The version of an object of ours."""
    return dt.datetime.fromisoformat(body.get("modified") or body["created"])


def _identity(city: str, name: str, is_a: str, sectors: list[str]) -> Body:
    """Of the city, or of the software, which defines what is ours."""
    return _checked({
        "type": "identity", "spec_version": "2.1", "id": identity_id(city), "created": _BEGAN,
        "modified": _BEGAN, "name": name, "identity_class": is_a,
        **({"sectors": sectors} if sectors else {}),
    })  # fmt: skip


def _checked(body: Body) -> Body:
    """The object, which OASIS's library has taken. Errors: of that library, if we made a wrong one."""
    import stix2

    return dict(json.loads(stix2.parse(body, version="2.1").serialize()))
