"""The hosts that a text names, however their dots are written.

The text is cut into runs of letters, digits and full stops; what stands between two runs says whether they
may be one name. A full stop joins labels by itself. Any other sign for it joins only what then ends in a
public suffix, and the less the sign looks like a dot, the surer that has to be: sentences end, lists go on,
clocks strike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from qingdun.detect.sites.glance import RUN, may_name
from qingdun.detect.sites.hosts import IGNORED, whose
from qingdun.detect.sites.joined import Name, cut, joined, leads_on
from qingdun.detect.sites.signs import AT, DOT, ENOUGH, NONE, PATH, SCHEME, sign_of
from qingdun.detect.sites.suffixes import in_ascii, is_registry
from qingdun.detect.text.fold import ENCLOSED, TOP_LEVEL

MOST: Final = 3
"""So many hosts of a text are read."""

_MARKS = "\u0300-\u036f\u20d0-\u20ff"
_RARE = re.compile(f"[{IGNORED}{_MARKS}{chr(min(ENCLOSED))}-{chr(max(ENCLOSED))}]")
_DROPPED = re.compile(f"[{IGNORED}{_MARKS}]+")
_LETTER_BY_LETTER = re.compile(r"(?<![a-z0-9])[a-z0-9](?: [a-z0-9](?![a-z0-9])){2,}")
_SPELT = ("", "dot", "d0t")
_USER = re.compile(r"[a-z0-9._~%!$&*+=:-]{0,200}@")
_FILES = (".zip", ".mov")
"""Top-level domains, and far more often names of files."""
_NUMBERED = ("com", "cn", "net", "org", "cc", "top", "xyz")
"""Those below which a name of one or two digits is more than the number of an item."""


def hosts_of(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """The first three hosts that each text names."""
    found: list[tuple[str, ...]] = [()] * len(texts)
    for row in np.flatnonzero(may_name(texts)).tolist():
        found[row] = tuple(dict.fromkeys(named(texts[row])))[:MOST]
    return found


def hosts_in(text: str) -> tuple[str, ...]:
    """The first three hosts that a text names, as a browser asks for them: other alphabets in Punycode.

    >>> hosts_in("点 a.example，或ｂａｄ．ｅｘａｍｐｌｅ／x"), hosts_in("登录boc-safe丶com领取")
    (('a.example', 'bad.example'), ('boc-safe.com',))
    >>> hosts_in("共3.5元。OK，me@a.example"), hosts_in("下载APP。Live更好")
    ((), ())
    """
    return hosts_of([text])[0]


def named(text: str) -> Iterator[str]:
    """Every host that the text names, in its order."""
    text = _plainly(text)
    for names, before in _chains(text):
        addressed = before == SCHEME
        whole = joined(names, addressed, text) if len(names) > 1 else names
        for name, _, end in whole[before == AT :]:
            if text[end : end + 1] == "@":
                continue
            unlike = name[-1] <= "9" or name.endswith(_FILES)
            host = _host(name, addressed or (unlike and leads_on(text, end)))
            if host and (before != PATH or host.rpartition(".")[2] in TOP_LEVEL):  # login.do is a page
                yield host


def _plainly(text: str) -> str:
    """The text as browsers spell addresses."""
    if not text.isascii():
        rare = _RARE.search(text)
        text = unicodedata.normalize("NFKC", text.translate(ENCLOSED) if rare else text)
        text = _DROPPED.sub("", text) if rare else text
    text = text.lower()
    if "w w" in text or "o m" in text or "t p" in text:
        text = _LETTER_BY_LETTER.sub(lambda spaced: spaced[0].replace(" ", ""), text)
    return text


def _chains(text: str) -> Iterator[tuple[list[Name], int]]:
    """Names with nothing but signs between them, and what stands before the first."""
    names: list[Name] = []
    before, between, end = NONE, "", 0
    for run in RUN.finditer(text):
        start, stop = run.span()
        if start < end:
            continue
        between += text[max(end, start - ENOUGH) : start]
        written = run[0]
        word = written.strip("._-")
        if word in _SPELT:
            between, end = (between + written)[-ENOUGH:], stop
            continue
        behind = ""
        if word != written:
            at = written.index(word)
            between, behind = between + written[:at], written[at + len(word) :]
        sign = sign_of(between[-ENOUGH:])
        between, end = behind, stop
        if sign <= NONE or not names:
            if sign == SCHEME and (user := _USER.match(text, start)):
                between, end = "://", user.end()
                continue
            if len(names) > 1 or (names and "." in names[0].name):
                yield names, before
            names, before = [Name(word, sign, stop)], sign
        elif sign >= DOT:
            last = names[-1]
            dot = "." if sign == DOT else ""
            names[-1] = Name(f"{last.name}{dot}{word}", last.sign, stop)
        else:
            names.append(Name(word, sign, stop))
    if names:
        yield names, before


@lru_cache(maxsize=1 << 14)
def _host(name: str, addressed: bool) -> str:
    """The host that the name is, or begins with; empty if there is none."""
    labels = ["com" if label == "c0m" else label for label in name.split(".")]
    if len(labels) == 4 and all(label.isdecimal() and int(label[:4]) < 256 for label in labels):
        return name if addressed else ""
    if not is_registry(labels[-1]):
        while len(labels) > 1 and cut(labels[-1]) not in TOP_LEVEL:
            labels.pop()
        labels[-1] = cut(labels[-1])
    top = labels[-1]
    if not addressed and name.endswith(_FILES):
        return ""
    if len(labels) == 2 and len(labels[0]) < 3 and labels[0].isdigit() and top not in _NUMBERED:
        return ""  # an item of a list
    host = in_ascii(".".join(labels))
    if len(labels) < 2 or len(host) > 253 or not all(0 < len(label) < 64 for label in host.split(".")):
        return ""
    domain, suffix, provider = whose(host)[:3]
    if host == suffix:
        return host if provider else ""
    taken = domain[: -len(suffix) - 1]
    return f"{taken.rpartition('_')[2]}.{suffix}" if "_" in taken else host
