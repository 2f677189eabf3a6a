"""What is not answered over HTTP, and why: where it stood, what was found, what was expected (RFC 9457)."""

from __future__ import annotations

import json

from qingdun.intercept.lookups.asked import Unclear


class Refused(Exception):
    """A request that is not answered, with its status, headers and body."""

    def __init__(
        self, status: int, title: str, place: str, found: str, expected: str, *headers: tuple[str, str]
    ) -> None:
        super().__init__(title)
        self.status = status
        self.headers = [("content-type", "application/problem+json"), *headers]
        words = {"title": title, "status": status, "place": place, "found": found, "expected": expected}
        self.body = json.dumps(words, ensure_ascii=False).encode("utf-8", "replace")


def unclear(error: Unclear) -> Refused:
    """The request can be read, and what it asks about is nothing of that kind."""
    return Refused(422, "not understood", error.place, error.found, error.expected)


def unreadable(place: str, found: str, expected: str) -> Refused:
    """The request cannot be read."""
    return Refused(400, "cannot be read", place, found, expected)
