"""What is new in a bulletin against the one that was issued last: figure by figure, and in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from qingdun.console.bulletin import queries
from qingdun.console.bulletin.composing import text_of
from qingdun.console.bulletin.models import Bulletin, BulletinFigure
from qingdun.console.kernel.models import User

_TOKEN = re.compile(r"\d[\d.,]*%?|[A-Za-z]+|\s+|.")


@dataclass(frozen=True, slots=True)
class Row:
    """A figure here and there; None where it was not told."""

    word: str
    now: BulletinFigure | None
    then: BulletinFigure | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Against which bulletin, the figures of both, and the text in pieces: `same`, `new` or `gone`."""

    last: Bulletin
    rows: list[Row]
    pieces: list[tuple[str, str]]


def difference(viewer: User, about: Bulletin) -> Difference | None:
    """What differs from the bulletin of the same place that was issued before it; None if there is none."""
    last = queries.last_issued(viewer, about)
    if last is None:
        return None
    now = {one.code: one for one in queries.figures(viewer, about)}
    then = {one.code: one for one in queries.figures(viewer, last)}
    rows = [
        Row((now.get(code) or then[code]).word, now.get(code), then.get(code))
        for code in dict.fromkeys((*now, *then))
    ]
    return Difference(last, rows, pieces(told(last), told(about)))


def told(about: Bulletin) -> str:
    """The whole text."""
    return "\n".join(text_of(one) for one in about.paragraphs)


def pieces(then: str, now: str) -> list[tuple[str, str]]:
    """The two texts as one, in pieces.

    >>> pieces("共3起。", "共12起。")
    [('same', '共'), ('gone', '3'), ('new', '12'), ('same', '起。')]
    """
    old, new = _TOKEN.findall(then), _TOKEN.findall(now)
    found: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(new[c:d])))
            continue
        if a < b:
            found.append(("gone", "".join(old[a:b])))
        if c < d:
            found.append(("new", "".join(new[c:d])))
    return found
