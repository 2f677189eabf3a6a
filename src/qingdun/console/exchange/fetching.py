"""One page of a peer's own TAXII 2.1 server: bounded in time and octets, and no redirect is followed."""

from __future__ import annotations

import base64
import http.client
import ipaddress
import stat
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext as _

from qingdun.console.exchange import rules
from qingdun.console.exchange.codes import Fault
from qingdun.console.exchange.models import Source
from qingdun.console.exchange.reading import json_of
from qingdun.console.exchange.taxii.answers import MEDIA_TYPE
from qingdun.errors import InputError, QingdunError
from qingdun.run.asking import Answer, ask

_FAULTS = {
    401: Fault.REFUSED, 403: Fault.REFUSED, 404: Fault.MISSING, 410: Fault.MISSING, 429: Fault.BUSY,
    503: Fault.BUSY,
}  # fmt: skip
_LONGEST_KEY = 1000
_LONGEST_SAID = 200


class Unfetched(QingdunError):
    """The server gave nothing; why, and what it said itself."""

    def __init__(self, fault: Fault, detail: str = "", status: int = 0) -> None:
        super().__init__(f"{fault.label} {detail}".strip())
        self.fault, self.detail, self.status = fault, _kept(detail), status


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page."""

    objects: list[Any]
    next: str
    """Where the page after begins; empty: there is none."""
    last: str
    """When the last object was added there, as the server writes it; empty if it does not say."""


def checked_url(text: str) -> str:
    """The address of an API root, with its slash; https, unless it is on this machine. Errors: InputError."""
    found = urlsplit(text.strip())
    schemes = ("https", "http") if _is_loopback(found.hostname or "") else ("https",)
    if not found.hostname or found.scheme not in schemes:
        raise InputError(_("Address: found “%(found)s”, expected https://…/") % {"found": text[:100]})
    if found.username or found.password or found.query or found.fragment or len(text) > 250:
        raise InputError(_("Address: expected the API root alone, without name, key or question."))
    return f"{found.scheme}://{found.netloc}{found.path.rstrip('/')}/"


def fetch(source: Source, begin: str = "") -> Fetched:
    """The page of the collection that begins there, the first one without it. Errors: Unfetched."""
    asked = {"limit": str(rules.number("page")), "added_after": source.added_after, "next": begin}
    query = urlencode({name: said for name, said in asked.items() if said})
    request = urllib.request.Request(
        f"{source.url}collections/{source.collection}/objects/?{query}",
        headers={"Accept": MEDIA_TYPE, "Authorization": f"Basic {_basic(source)}", "User-Agent": "Qingdun"},
    )  # fmt: skip
    most = rules.number("max_content_length")
    try:
        answer = ask(request, rules.number("fetch_seconds"), most + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unfetched(Fault.SILENT, str(error) or type(error).__name__) from error
    if answer.status != 200:
        fault = _FAULTS.get(answer.status, Fault.STATUS)
        raise Unfetched(fault, f"HTTP {answer.status} {_title(answer)}", answer.status)
    if len(answer.body) > most:
        raise Unfetched(Fault.LARGE, f"> {most} B")
    return _page(answer)


def _page(answer: Answer) -> Fetched:
    if not answer.headers.get("Content-Type", "").strip().lower().startswith("application/taxii+json"):
        raise Unfetched(Fault.FORM, answer.headers.get("Content-Type", "")[:60])
    found = _json(answer.body)
    objects, after = found.get("objects", []), found.get("next", "")
    if not isinstance(objects, list):
        raise Unfetched(Fault.FORM, "objects")
    last = _kept(answer.headers.get("X-TAXII-Date-Added-Last", ""))[:40]
    if found.get("more") is not True:
        return Fetched(objects, "", last)
    if not isinstance(after, str) or not 0 < len(after) <= 400:
        raise Unfetched(Fault.FORM, "more, next")
    return Fetched(objects, after, last)


def _kept(said: str) -> str:
    """What a server said, as a database keeps it: a NUL in its head or its first line would stop the reading
    of all servers.
    """
    plain = "".join(sign if sign.isprintable() else "\ufffd" for sign in " ".join(said.split()))
    return plain[:_LONGEST_SAID]


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json_of(body)
    except InputError as error:
        raise Unfetched(Fault.FORM, str(error)) from error
    if not isinstance(found, dict):
        raise Unfetched(Fault.FORM, type(found).__name__)
    return found


def _title(answer: Answer) -> str:
    """What the server's error says of itself."""
    try:
        return str(_json(answer.body).get("title", ""))
    except Unfetched:
        return ""


def _basic(source: Source) -> str:
    """Name and key as HTTP wants them; the key stands in a file of this machine, for its owner alone."""
    path = Path(source.key_file)
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise Unfetched(Fault.KEY, f"{path}: chmod 600")
        key = path.read_bytes()[:_LONGEST_KEY].strip()
    except OSError as error:
        raise Unfetched(Fault.KEY, f"{path}: {error.strerror}") from error
    if not key:
        raise Unfetched(Fault.KEY, f"{path}: 0 B")
    return base64.b64encode(source.login.encode() + b":" + key).decode()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
