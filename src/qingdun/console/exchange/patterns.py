"""Entities as STIX patterns, and back. What is read is small on purpose: names of things, joined by OR.

Kinds that STIX has no object for are objects of our own (`x-qingdun-…`), defined by an extension definition
that travels with them; a number is a `tel:` URI besides, which any reader of STIX knows.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_OURS = "x-qingdun-"
_READ: dict[tuple[str, str], str] = {
    ("domain-name", "value"): "host",
    ("hostname", "value"): "host",
    ("ipv4-addr", "value"): "host",
    ("phone-number", "value"): "number",
    ("bank-account", "iban"): "account",
    ("bank-account", "account_number"): "account",
    **{(f"{_OURS}{kind}", "value"): kind for kind in ("number", "sender", "account", "device", "text")},
}
"""Object and property by kind; what others use for numbers and accounts is read as well."""
_E164 = re.compile(r"\+[1-9]\d{4,14}")
_PART = re.compile(
    r"\s*(?P<object>[a-z0-9][a-z0-9-]{1,249}):(?P<property>[a-z0-9_]{1,250})\s*=\s*'(?P<value>(?:[^'\\]|\\['\\])*)'\s*"
)
MOST = 10_000
"""Characters of a pattern that is read."""


def pattern_of(kind: str, entity: str) -> str:
    r"""The pattern of an entity.

    >>> print(pattern_of("host", "pay.example.invalid"))
    [domain-name:value = 'pay.example.invalid']
    >>> print(pattern_of("number", "+8617258010001"))
    [x-qingdun-number:value = '+8617258010001' OR url:value = 'tel:+8617258010001']
    >>> print(pattern_of("sender", "it's\\"))
    [x-qingdun-sender:value = 'it\'s\\']
    """
    if kind == "host":
        kind_of = "ipv4-addr" if re.fullmatch(r"(?:\d{1,3}\.){3}\d{1,3}", entity) else "domain-name"
        return f"[{kind_of}:value = {_quoted(entity)}]"
    own = f"{_OURS}{kind}:value = {_quoted(entity)}"
    if kind == "number" and _E164.fullmatch(entity):
        return f"[{own} OR url:value = {_quoted(f'tel:{entity}')}]"
    return f"[{own}]"


def entities_of(pattern: str) -> list[tuple[str, str]] | None:
    """Kind and entity of everything the pattern names, each once; None for a pattern that says more or
    something else. A thing of a kind that lists do not hold has the kind ''.

    >>> entities_of("[x-qingdun-number:value = '+8617258010001' OR url:value = 'tel:+8617258010001']")
    [('number', '+8617258010001')]
    >>> entities_of("[domain-name:value = 'a.example'] OR [url:value = 'https://b.example/x']")
    [('host', 'a.example'), ('host', 'b.example')]
    >>> entities_of("[file:size = '7']")
    [('', '7')]
    >>> entities_of("[domain-name:value = 'a.example' AND url:value = 'x']") is None
    True
    """
    if len(pattern) > MOST:
        return None
    found: list[tuple[str, str]] = []
    at, inside = 0, False
    text = pattern.strip()
    while at < len(text):
        if not inside:
            if text[at] != "[":
                return None
            at, inside = at + 1, True
        part = _PART.match(text, at)
        if part is None:
            return None
        found.append(_named(part["object"], part["property"], re.sub(r"\\(.)", r"\1", part["value"])))
        at = part.end()
        if text[at : at + 1] == "]":
            inside, at = False, at + 1
            if at == len(text):
                return list(dict.fromkeys(found))
        joined = re.compile(r"\s*OR\s+" if inside else r"\s*OR\s*").match(text, at)
        if joined is None:
            return None
        at = joined.end()
    return None


def _named(kind_of: str, property_of: str, value: str) -> tuple[str, str]:
    if (kind_of, property_of) == ("url", "value"):
        return of_url(value)
    return _READ.get((kind_of, property_of), ""), value


def of_url(text: str) -> tuple[str, str]:
    """What of an address is listed: the number of a `tel:` or `sms:`, the host of a page.

    >>> of_url("tel:+86-172-5801-0001;x=1"), of_url("http://u@pay.example:81/a"), of_url("mailto:a@b")
    (('number', '+86-172-5801-0001'), ('host', 'pay.example'), ('', 'mailto:a@b'))
    """
    scheme, _colon, rest = text.partition(":")
    if scheme.lower() in ("tel", "sms"):
        return "number", unquote(rest.partition(";")[0].partition("?")[0])
    try:
        host = urlsplit(text).hostname if scheme.lower() in ("http", "https") else None
    except ValueError:
        host = None
    return ("host", host) if host else ("", text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
