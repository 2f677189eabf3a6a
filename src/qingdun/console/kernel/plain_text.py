"""Nothing that is no text gets in: a NUL character or half a surrogate pair, which no database keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_PERHAPS = re.compile(rb"\x00|\\u0000|\\u[dD][89a-fA-F]")


def is_plain(request: HttpRequest) -> bool:
    """Whether path, query, cookies, form, names of files and JSON body are text throughout; the contents of
    files are not looked at.
    """
    return not any(_NO_TEXT.search(part) for part in _parts(request))


def _parts(request: HttpRequest) -> Iterator[str]:
    yield request.path_info
    for name, value in request.COOKIES.items():
        yield name
        yield value
    yield from _of_lists(request.GET.lists())
    if request.method in ("GET", "HEAD"):
        return
    if request.content_type == "application/json":
        yield from _of_json(request.body)
        return
    yield from _of_lists(request.POST.lists())
    for name, files in request.FILES.lists():
        yield name
        yield from (str(file.name) for file in files)


def _of_lists(lists: Any) -> Iterator[str]:
    for name, values in lists:
        yield name
        yield from values


def _of_json(body: bytes) -> Iterator[str]:
    # Most bodies hold neither, and are then not read twice.
    if not _PERHAPS.search(body):
        return
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        yield "\x00"
        return
    yield from _texts(read)


def is_text(read: Any) -> bool:
    """Whether every text within what was read from JSON is one that a database keeps."""
    return not any(_NO_TEXT.search(text) for text in _texts(read))


def _texts(read: Any) -> Iterator[str]:
    waiting = [read]
    while waiting:
        found = waiting.pop()
        match found:
            case str():
                yield found
            case dict():
                yield from found
                waiting += found.values()
            case list():
                waiting += found
