"""What a peer has sent, read: objects of STIX, attributes of MISP, rows of CSV. What cannot be read has a
cause and is kept as it came.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from qingdun.console.exchange import rules
from qingdun.console.exchange.codes import KINDS, Cause, Form
from qingdun.console.exchange.patterns import entities_of, of_url
from qingdun.console.kernel.plain_text import is_text
from qingdun.console.kernel.spreadsheets import csv_lines
from qingdun.console.lists.reading import read_candidates
from qingdun.contract.codes import scam_types
from qingdun.errors import InputError, QingdunError

Body = dict[str, Any]
CONTEXT = frozenset(
    {
        "identity", "marking-definition", "extension-definition", "sighting", "relationship", "grouping",
        "note", "opinion", "report", "observed-data", "domain-name", "url", "ipv4-addr",
    }
)  # fmt: skip
"""Types of STIX that name nothing to be listed, and stand beside what does."""
_MISP: dict[str, str] = {
    **dict.fromkeys(("domain", "hostname", "ip-src", "ip-dst"), "host"),
    **dict.fromkeys(("phone-number", "whatsapp-mobile"), "number"),
    **dict.fromkeys(("bank-account-nr", "iban", "cc-number"), "account"),
    **dict.fromkeys(("imei", "mobile-application-id"), "device"),
}
_LONGEST_TITLE = 200
DEEPEST = 50
"""How many lists and objects may stand within each other."""


@dataclass(frozen=True, slots=True)
class Item:
    """One object as it came."""

    number: int
    object_id: str
    object_type: str
    version: str
    confidence: int | None
    body: Body


@dataclass(frozen=True, slots=True)
class Reading:
    """What an object says."""

    named: tuple[tuple[str, str], ...] = ()
    """Kind and entity of what shall be listed; none: it is context."""
    scam_type: str = ""
    until: dt.datetime | None = None
    title: str = ""
    revoked: bool = False


class Unread(QingdunError):
    """It cannot be used; why."""

    def __init__(self, cause: Cause, detail: str = "") -> None:
        super().__init__(detail or cause.label)
        self.cause = cause
        self.detail = detail[:500]


def items_of(form: Form, name: str, data: bytes) -> list[Item]:
    """The objects of a file. Errors: InputError if it is too large or cannot be read at all."""
    most = rules.number("max_content_length")
    if len(data) > most:
        raise InputError(_("The file is larger than %(most)d MB.") % {"most": most // 1_000_000})
    if form == Form.CSV:
        found = [
            Item(one.row, "", "row", "", None, dict(one.values))
            for one in read_candidates(name, data, "black")
        ]
    else:
        found = list((_of_bundle if form == Form.STIX else _of_events)(json_of(data)))
    if not found:
        raise InputError(_("There is nothing in it that could be listed."))
    return bounded(found)


def bounded(items: list[Item]) -> list[Item]:
    """The objects. Errors: InputError if they are too many at once."""
    most = rules.number("most_objects")
    if len(items) > most:
        raise InputError(_("More than %(most)d objects at once; send them in parts.") % {"most": most})
    return items


def items_of_objects(objects: Iterable[Any]) -> Iterator[Item]:
    """Objects of STIX, as they stand in an envelope or a bundle."""
    for number, one in enumerate(objects, start=1):
        body = one if isinstance(one, dict) else {"": one}
        sure = body.get("confidence")
        yield Item(
            number, _text(body, "id")[:255], _text(body, "type")[:60],
            (_text(body, "modified") or _text(body, "created"))[:40],
            sure if isinstance(sure, int) and 0 <= sure <= 100 else None, body,
        )  # fmt: skip


def read(form: Form, body: Body) -> Reading:
    """What the object says. Errors: Unread."""
    return {Form.STIX: _read_stix, Form.MISP: _read_misp, Form.CSV: _read_row}[form](body)


def json_of(data: bytes) -> Any:
    """What the octets say, if a database can keep it: text throughout, numbers that are numbers, no deeper
    than anybody writes. Errors: InputError.
    """
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise InputError(_("It is no JSON that can be read.")) from error
    if not is_text(found) or not _is_shallow(found):
        raise InputError(_("It is nested too deep, or holds a character that is no text."))
    return found


def _no_number(text: str) -> None:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _is_shallow(found: Any) -> bool:
    level = [found]
    for _depth in range(DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return True
    return False


def _of_bundle(found: Any) -> Iterator[Item]:
    objects = found.get("objects") if isinstance(found, dict) else None
    if not isinstance(objects, list):
        raise InputError(_("The file is no bundle of STIX: it has no list “objects”."))
    return items_of_objects(objects)


def _of_events(found: Any) -> Iterator[Item]:
    """The attributes of MISP's events, those within objects as well."""
    number = 0
    for event in _events(found):
        about = {name: event.get(name) for name in ("uuid", "info")}
        for group in (event, *_dicts(event, "Object")):
            for attribute in _dicts(group, "Attribute"):
                number += 1
                yield Item(
                    number, _text(attribute, "uuid")[:255], _text(attribute, "type")[:60],
                    _text(attribute, "timestamp")[:40], None, {**attribute, "event": about},
                )  # fmt: skip


def _events(found: Any) -> Iterator[Body]:
    if isinstance(found, dict):
        found = found.get("response", found)
    for one in found if isinstance(found, list) else [found]:
        event = one.get("Event") if isinstance(one, dict) else None
        if not isinstance(event, dict):
            raise InputError(_("The file is no event of MISP: it has no “Event”."))
        yield event


def _read_stix(body: Body) -> Reading:
    kind_of = _text(body, "type")
    if not kind_of or not _text(body, "id"):
        raise Unread(Cause.NO_ID)
    if kind_of in CONTEXT:
        return Reading()
    if kind_of != "indicator":
        raise Unread(Cause.TYPE, kind_of[:60])
    if body.get("revoked") is True:
        return Reading(revoked=True)
    if body.get("pattern_type", "stix") != "stix":
        raise Unread(Cause.PATTERN_TYPE, str(body["pattern_type"])[:60])
    pattern = _text(body, "pattern")
    named = entities_of(pattern)
    if not named:
        raise Unread(Cause.PATTERN, pattern[:200])
    strange = [entity for kind, entity in named if not kind]
    if strange:
        raise Unread(Cause.KIND, strange[0][:200])
    title = _text(body, "name") or _text(body, "description")
    return Reading(tuple(named), _scam_of(body), _moment(_text(body, "valid_until")), _line(title))


def _read_misp(body: Body) -> Reading:
    if not _text(body, "uuid"):
        raise Unread(Cause.NO_ID)
    if body.get("deleted") in (True, "1", 1):
        return Reading(revoked=True)
    if body.get("to_ids") not in (True, "1", 1):
        raise Unread(Cause.UNSURE, "to_ids")
    value, type_of = _text(body, "value"), _text(body, "type")
    kind, entity = of_url(value) if type_of in ("url", "uri") else (_MISP.get(type_of, ""), value)
    tags = [_text(one, "name") for one in _dicts(body, "Tag")]
    own = next((tag.partition("kind=")[2].strip('"') for tag in tags if tag.startswith("qingdun:kind=")), "")
    kind = own if own in KINDS else kind
    if not kind:
        raise Unread(Cause.KIND, type_of[:60])
    event = body.get("event")
    title = _text(body, "comment") or _text(event if isinstance(event, dict) else {}, "info")
    scam = next((tag.partition("scam=")[2].strip('"') for tag in tags if tag.startswith("qingdun:scam=")), "")
    return Reading(((kind, entity),), scam if scam in scam_types().names else "", None, _line(title))


def _read_row(body: Body) -> Reading:
    """A row is read as the lists read their own files, once more, by itself."""
    names = [name for name in body if isinstance(body[name], str)]
    lines = "".join(csv_lines([names, [body[name] for name in names]]))
    try:
        (one,) = read_candidates("row.csv", lines.encode(), "black")
    except InputError as error:
        raise Unread(Cause.SHAPE, str(error)) from error
    if one.fault:
        raise Unread(Cause.TIME, one.fault)
    if one.list_name != "black":
        raise Unread(Cause.UNSURE, one.list_name[:60])
    return Reading(((one.kind, one.entity),), one.scam_type, one.until, _line(one.reason))


def _scam_of(body: Body) -> str:
    """The kind of scam, where it is one of ours: in the extension, else among the labels."""
    said: list[Any] = []
    extensions = body.get("extensions")
    if isinstance(extensions, dict):
        said += [one.get("scam_type") for one in extensions.values() if isinstance(one, dict)]
    labels = body.get("labels")
    if isinstance(labels, list):
        said += [str(label).removeprefix("scam:") for label in labels]
    return next((one for one in said if isinstance(one, str) and one in scam_types().names), "")


def _moment(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise Unread(Cause.TIME, text[:40]) from error
    if at.tzinfo is None:
        raise Unread(Cause.TIME, text[:40])
    return at


def _dicts(body: Body, name: str) -> list[Body]:
    """The objects in the list of that name; what is none is left out."""
    found = body.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name)
    return found if isinstance(found, str) else str(found) if isinstance(found, int) else ""


def _line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_TITLE]
