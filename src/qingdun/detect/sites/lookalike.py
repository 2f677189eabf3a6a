"""Whom a host imitates: a protected name stands in it, plainly or nearly, and the domain is not theirs."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from qingdun.detect.sites.brands import SHORTEST_NEAR, Brand, Token, index, known_domains
from qingdun.detect.sites.hosts import is_address, registered_domain
from qingdun.detect.sites.spelling import (
    cuts,
    is_pinyin,
    is_slip,
    is_stutter,
    merged,
    numeral,
    plain,
    skeleton,
)

_RESTRICTED = (".gov.cn", ".edu.cn", ".mil.cn", ".ac.cn")
"""Names that a registry gives to those alone who may bear them."""
_SOLD_TO_ALL = frozenset("cc co gg io la me ml tk ga cf gq pw tv ws vc sh st su".split())  # noqa: SIM905
"""Names of countries that are sold to everybody, and are cheap."""
_DIGITS = "0123456789"
_SURE = 12
"""Names of so many letters are not made another word of Chinese by one letter."""
_SHORTEST = 2
_LONGEST_LABEL = 40
"""Of a longer label names are looked for as words and inside words only."""


class Likeness(NamedTuple):
    """Which brand a host is like, and how."""

    brand: Brand
    how: str
    """`domain`: theirs stands before another's; `word`: their name stands there plainly; `shape`: in letters
    or digits that look like it; `inside` another word; `near`: but for a slip of the pen."""
    told: bool = False
    """Whether a word stands beside the name such as imitators put there."""


@lru_cache(maxsize=1 << 14)
def likeness(host: str) -> Likeness | None:
    """Whom the host imitates, or None: also none for the brand's own domains.

    >>> likeness("login-icbc.example.top").brand.en, likeness("icbc.com.cn")
    ('ICBC', None)
    >>> [likeness(host).how for host in ("paypa1.example", "xn--80ak6aa92e.example", "jianshe-jifen.cn")]
    ['shape', 'shape', 'word']
    """
    domain = registered_domain(host)
    if is_their_own(domain) or host.endswith(_RESTRICTED) or is_address(host):
        return None
    suffix = domain.partition(".")[2]
    labels = (host.removesuffix(f".{suffix}") if suffix else host).split(".")
    whole = _whole_domain(labels) if len(labels) > 2 else None
    if whole is not None:
        return Likeness(whole, "domain")
    last, best = len(labels) - 1, None
    for at, label in enumerate(labels):
        like = _of_label(label, at < last) if len(label) >= _SHORTEST else None
        if like is not None and (best is None or _HOW[like.how] < _HOW[best.how]):
            best = like
    return best


def is_their_own(domain: str) -> bool:
    """Whether the registered domain is a protected name's own, or of a site that everybody uses.

    >>> [is_their_own(domain) for domain in ("icbc.com.cn", "google.com.br", "icbc.top", "google.tk")]
    [True, True, False, False]
    """
    known = index()
    if domain in known.owned or domain in known_domains():
        return True
    label, _, suffix = domain.partition(".")
    country = suffix.rpartition(".")[2]
    return label in known.worldwide and len(country) == 2 and country not in _SOLD_TO_ALL


_HOW = {"word": 0, "shape": 1, "inside": 2, "near": 3}
"""What is believed first, where labels differ."""


def _whole_domain(labels: list[str]) -> Brand | None:
    """Whose domain stands whole before another's: icbc.com.cn.example.top."""
    known = index()
    for start in range(len(labels) - 1):
        for end in range(start + 2, min(start + 4, len(labels)) + 1):
            name = ".".join(labels[start:end])
            if name in known.owned:
                return next(brand for brand in known.brands if name in brand.domains)
    return None


def _of_label(raw: str, below: bool) -> Likeness | None:
    """What one label is like; `below` says that it stands before the registered domain."""
    known = index()
    label = raw if raw.isascii() and not raw.startswith("xn--") else plain(raw)
    if not label.isascii():
        found = known.han.search(label)
        return Likeness(known.names[found["short"] or found.group()], "word") if found is not None else None
    how = "word" if label == raw else "shape"
    words = label.split("-")
    joined = label if len(words) == 1 else "".join(words)
    expected = below and label in known.integrated
    if not expected:
        for word in words:
            if word in known.names:
                return Likeness(known.names[word], how, any(map(_tells, words)))
        if len(label) <= _LONGEST_LABEL and known.hint.search(joined):
            brand, told = _made_of(joined, joined, known.tokens, False, False)
            if brand is None and how == "shape":
                brand, told = _made_of(joined, joined, known.tokens, True, False)[0], False
            if brand is not None:
                return Likeness(brand, how, told)
    inside = known.inside.search(label)
    if inside is not None and inside.group() != label:
        return Likeness(known.names[inside.group()], "inside" if how == "word" else how)
    if expected or label in known.honest or not SHORTEST_NEAR - 2 <= len(joined) <= _LONGEST_LABEL:
        return None
    return _nearly(joined, words)


def _tells(word: str) -> bool:
    """Whether imitators put the word beside a name."""
    token = index().tokens.get(word)
    return token is not None and token.brand is None and token.alone


def _nearly(joined: str, words: list[str]) -> Likeness | None:
    """Whom the words are like if one looks less closely."""
    known, melted = index(), merged(joined)
    brand = _disguised(joined, joined.isalpha())
    if brand is None and melted != joined:
        brand = _disguised(melted, False)
    if brand is not None:
        return Likeness(brand, "shape", any(map(_tells, words)))
    for word in words:
        if len(word) < SHORTEST_NEAR - 1:
            continue
        spellings: tuple[str, ...] = (word,)
        if not word.isalpha():
            number, bare = numeral(word), word.strip(_DIGITS)
            if number in known.names and not word.isdecimal():
                return Likeness(known.names[number], "shape", any(map(_tells, words)))
            spellings = (word, bare) if len(bare) >= SHORTEST_NEAR - 1 else (word,)
        if melted != joined:
            spellings = (*spellings, merged(word.strip(_DIGITS)))
        for spelt in spellings:
            name = _slip_of(spelt)
            if name is not None:
                how = "shape" if skeleton(spelt) == skeleton(name) else "near"
                return Likeness(known.names[name], how, any(map(_tells, words)))
    return None


def _disguised(word: str, strict: bool) -> Brand | None:
    """Whose name stands in the label by the shapes of its letters."""
    known, shape, bare = index(), skeleton(word), word.strip(_DIGITS)
    if not known.spelt_hint.search(shape):
        return None
    mixed = len(bare) >= SHORTEST_NEAR - 1 and not bare.isalpha()
    # Digits between words are no disguise: channel7news.
    mixed = mixed and _made_of(word, word, known.tokens, True, False)[0] is None
    return _made_of(word, shape, known.spelt, mixed, strict)[0]


def _slip_of(word: str) -> str | None:
    """The name that the word is but for a slip or for letters that look alike."""
    known, spelt = index(), skeleton(word)
    if not spelt:
        return None
    for cut in (spelt, *cuts(spelt)):
        for name in known.near.get(cut, ()):
            if word == name:
                continue
            if spelt == skeleton(name) or (word[0] == name[0] and _could_slip(word, name)):
                return name
    return None


def _could_slip(word: str, name: str) -> bool:
    """Whether the word is the name with a slip, and no word in its own right as far as can be told."""
    careful = len(name) <= SHORTEST_NEAR or (len(name) < _SURE and is_pinyin(name) and is_pinyin(word))
    return (is_stutter if careful else is_slip)(word, name)


def _made_of(
    raw: str, spelt: str, tokens: dict[str, Token], disguised: bool, strict: bool
) -> tuple[Brand | None, bool]:
    """Whose name stands in the label, if all of it is names, words and numbers, and the name tells: by
    itself unless that is too little, beside a word that tells, or because it is disguised with pains. And
    whether such a word or pains were needed or are there."""
    longest = index().longest
    reached: list[dict[tuple[bool, bool], Brand | None]] = [{} for _ in range(len(spelt) + 1)]
    reached[0][False, disguised] = None
    for at in range(len(spelt)):
        if not reached[at]:
            continue
        if raw[at] in _DIGITS:
            _extend(reached, at, at + 1, None)
        for end in range(at + 2, min(at + longest, len(spelt)) + 1):
            token = tokens.get(spelt[at:end])
            if token is not None:
                _extend(reached, at, end, token)
    done = reached[-1]
    told = done.get((True, True))
    return told or (None if strict else done.get((True, False))), told is not None


def _extend(
    reached: list[dict[tuple[bool, bool], Brand | None]], at: int, end: int, token: Token | None
) -> None:
    """One piece more: whether a name has told, whether a word has, and whose name it was."""
    for (named, worded), brand in list(reached[at].items()):
        if token is None:
            state, whose = (named, worded), brand
        elif token.brand is not None:
            state, whose = (named or token.alone, worded), token.brand if not named else brand
        else:
            state, whose = (named, worded or token.alone), brand
        if whose is not None and state[1]:
            state = (True, True)
        reached[end].setdefault(state, whose)


def brands() -> tuple[Brand, ...]:
    """The protected names, in the order of the file."""
    return index().brands
