"""Serves the warning page over HTTP: one request a connection, whatever was asked for; nobody may be slow,
long or many.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from http import HTTPStatus

from qingdun.intercept.sites.page import Page, WarningPage

MOST_HEAD = 8192
MOST_CONNECTIONS = 512
SENT_S = 10.0
"""How long a visitor may take to ask, and to read the answer."""
_LINE = re.compile(rb"([A-Z]{1,16}) (\S{1,4096}) HTTP/1\.[01]")
_HOST = re.compile(rb"^host:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(rb"https?://([^/?#]*)", re.IGNORECASE)


class Web:
    """Answers visitors."""

    def __init__(self, page: WarningPage) -> None:
        self._page = page
        self.counts: Counter[int] = Counter()
        """How often which status was answered."""

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A connection, from its request to its end."""
        async with asyncio.timeout(SENT_S):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.LimitOverrunError:
                head = b""
            writer.write(self.answer(head))
            await writer.drain()

    def answer(self, head: bytes) -> bytes:
        """The whole answer to the head of a request."""
        line, _, fields = head.partition(b"\r\n")
        asked = _LINE.fullmatch(line)
        if asked is None:
            return self._sent(Page(400, ""), b"GET")
        if asked[1] not in (b"GET", b"HEAD"):
            return self._sent(Page(405, ""), b"GET")
        # A whole address as a proxy is asked for wins over the header (RFC 9112, 3.2.2).
        named = _ADDRESS.match(asked[2]) or _HOST.search(fields)
        host = named[1].decode("ascii", "replace") if named else ""
        return self._sent(self._page.of(host), asked[1])

    def _sent(self, page: Page, method: bytes) -> bytes:
        self.counts[page.status] += 1
        body = page.text.encode()
        lines = [
            f"HTTP/1.1 {page.status} {HTTPStatus(page.status).phrase}",
            "Content-Type: text/html; charset=utf-8",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer",
            "Connection: close",
        ]
        if page.status == 405:
            lines.append("Allow: GET, HEAD")
        head = "\r\n".join(lines).encode("ascii") + b"\r\n\r\n"
        return head if method == b"HEAD" else head + body
