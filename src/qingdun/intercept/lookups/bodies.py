"""Reads what is sent with a request: no longer than it may be, no slower, and an object of JSON."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from qingdun.intercept.lookups import asked
from qingdun.intercept.lookups.asked import KINDS, entity, shown
from qingdun.intercept.lookups.refusals import Refused, unreadable

MOST_AT_ONCE: Final = 500
"""Things that one batch may ask about."""
MOST_BODY: Final = 256 * 1024
BODY_S: Final = 10.0
"""How long a client may take to send a body."""


async def read(scope: Any, protocol: Any) -> Any:
    """What the body holds. Errors: Refused."""
    length = scope.headers.get("content-length") or ""
    if length.isdecimal() and int(length[:20]) > MOST_BODY:
        raise _long(length)
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_S):
            async for part in protocol:
                size += len(part)
                if size > MOST_BODY:
                    raise _long(f"more than {MOST_BODY}")
                parts.append(part)
    except TimeoutError:
        raise Refused(
            408, "too slow", "body", f"{size} octets in {BODY_S:g} s", "the whole", ("connection", "close")
        ) from None
    whole = b"".join(parts)
    try:
        return json.loads(whole)
    except (ValueError, RecursionError) as error:
        raise unreadable("body", shown(whole[:40].decode("utf-8", "replace")), "JSON in UTF-8") from error


def text(body: Any) -> str:
    """The key of the text asked about. Errors: Refused, Unclear."""
    if not isinstance(body, dict) or body.keys() != {"text"} or not isinstance(body["text"], str):
        raise unreadable("body", shown(body), 'an object {"text": "…"}')
    return entity("text", body["text"], "text")


def batch(body: Any) -> list[Any]:
    """What a batch asks about, yet to be read. Errors: Refused."""
    ask = body.get("ask") if isinstance(body, dict) and len(body) == 1 else None
    if not isinstance(ask, list):
        raise unreadable("body", shown(body), 'an object {"ask": […]}')
    if not 0 < len(ask) <= MOST_AT_ONCE:
        raise Refused(
            422, "not understood", "ask", f"{len(ask)} things", f"1 to {MOST_AT_ONCE} things in one batch"
        )
    return ask


def item(one: Any, place: int) -> tuple[str, str]:
    """Kind and entity of a thing in a batch. Errors: Refused, Unclear."""
    if not isinstance(one, dict) or len(one) != 1:
        raise unreadable(f"ask[{place}]", shown(one), f"an object with one of {', '.join(KINDS)}")
    ((kind, value),) = one.items()
    if kind not in KINDS or not isinstance(value, str):
        raise unreadable(f"ask[{place}]", shown(one), f"an object with one of {', '.join(KINDS)}, a string")
    found = asked.read(kind, value)
    return kind, entity(kind, value, f"ask[{place}].{kind}") if found is None else found


def _long(found: str) -> Refused:
    return Refused(
        413, "too long", "body", f"{found[:20]} octets", f"at most {MOST_BODY}", ("connection", "close")
    )
