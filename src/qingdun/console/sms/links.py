"""Nothing that a phone would open: no message ever holds a link, and no text that could is taken.

Residents are told again and again that the police send no links; one exception would teach the opposite.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple


class Link(NamedTuple):
    """What looks like a link, and where: the first character is at 1."""

    at: int
    found: str


_DOT = r"\s?[.．。｡・·•]\s?|\s?(?:点|點)\s?|\s+dot\s+|\s?[\[(（【]\s?(?:dot|点|\.)\s?[\])）】]\s?"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,62})"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[a-z][a-z0-9+.-]{1,20}\s?:\s?[/\\]{1,2}",  # a scheme, also those of apps
        rf"(?<![a-z0-9])www(?:{_DOT}|\d)",
        rf"(?:{_LABEL}(?:{_DOT})){{1,8}}[a-z]{{2,24}}(?![a-z])(?:/[!-~]*)?",  # host.tld, a@host.tld, t.cn/x
        r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])",  # an address of four numbers
        r"xn--[a-z0-9]",
        # Domains under Chinese top levels: 反诈.中国
        r"[\w-]+(?:\s?[.．｡]\s?)(?:中国|中國|公司|网络|網絡|网址|网站|政务|公益|商城|在线|中文网|手机|集团|我爱你|移动|信息|购物|企业|娱乐|游戏)",
        # What is left of a short link whose dot was dropped: letters and digits mixed after a slash.
        r"[a-z0-9-]{1,20}\s?/\s?(?=[a-z0-9]*[a-z])(?=[a-z0-9]*\d)[a-z0-9]{4,}",
    )
)
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)


def find_link(text: str) -> Link | None:
    """The first thing in the text that a phone or a reader could take for a link; None if there is none.

    Full-width letters, invisible characters and written-out dots are seen through. Sums (3.5) and dates pass.

    >>> find_link("请登录 ｗｗｗ．example．com 核实")
    Link(at=5, found='www.example.com')
    >>> find_link("损失 3.5 万元，请拨打96110。2026.3.1")
    """
    letters: list[str] = []
    places: list[int] = []
    for index, letter in enumerate(text):
        if _INVISIBLE.match(letter):
            continue
        for plain in unicodedata.normalize("NFKC", letter):
            letters.append(plain)
            places.append(index)
    plain_text = "".join(letters)
    hits = [hit for pattern in _PATTERNS if (hit := pattern.search(plain_text))]
    if not hits:
        return None
    first = min(hits, key=lambda hit: (hit.start(), -hit.end()))
    return Link(places[first.start()] + 1, first.group().strip())
