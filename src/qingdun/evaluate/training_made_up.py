"""Hosts that are made up to learn from: look-alikes of protected names, and names as honest Chinese sites
have them.

Lists of phishing hold few look-alikes of Chinese brands, and lists of ordinary sites say nothing of the next
country's. Nothing here is copied from a list; whether anybody has registered such a name is not known.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from qingdun.detect.sites.brands import Brand, index
from qingdun.detect.sites.lookalike import is_their_own

OF_A_BRAND: Final = 24
"""Look-alikes made of each."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHAPES: Final[dict[str, list[str]]] = {
    "o": ["0"], "l": ["1", "i"], "i": ["1", "l"], "a": ["4"], "e": ["3"], "s": ["5"], "b": ["8"], "z": ["2"],
    "g": ["9"], "m": ["rn"], "w": ["vv"], "d": ["cl"], "0": ["o"], "1": ["l"], "5": ["s"], "8": ["b"],
}  # fmt: skip
_FOREIGN = dict(zip("aceopxyijshdqwbklnu", "асеорхуіјѕһԁԛԝвкӏпυ", strict=True))
_SUFFIXES = [*["com"] * 8, *["cn"] * 6, *["com.cn"] * 4, "net", "net.cn", "org.cn", "gov.cn", "edu.cn", "org"]
"""As frequent as among Chinese sites, about [D]."""
_CHEAP = (  # noqa: SIM905
    "top vip cc xyz shop club online site icu info cyou work life win app pro ltd me co live store tech "
    "link click buzz fun space website world today cloud asia mobi one bond sbs cfd github.io web.app "
    "pages.dev vercel.app weebly.com duckdns.org"
).split()
_CITIES = (  # noqa: SIM905
    "beijing shanghai guangzhou shenzhen foshan dongguan qingyuan huizhou zhuhai changsha wuhan chengdu "
    "chongqing xian nanjing suzhou wuxi hangzhou ningbo wenzhou jinan qingdao dalian shenyang haerbin "
    "zhengzhou luoyang kunming guiyang nanning xiamen fuzhou quanzhou hefei nanchang taiyuan tianjin bj "
    "sh gz sz hz cd wh nj cq tj xm hn zj gd js sd"
).split()
_TRADES = (  # noqa: SIM905
    "keji wangluo ruanjian jixie dianqi shipin fuzhuang jiaju jiaoyu xuexiao yiyuan lvyou jiudian "
    "fangchan zhuangshi jianzhu gongcheng cailiao huagong sujiao wujin dianzi zhaoming yinshua baozhuang "
    "wuliu qiche peijian nongye chaye huahui yaoye meirong sheying hunqing wenhua chuanmei guanggao "
    "zhaopin rencai zixun falv kuaiji xinwen wang tech group edu hotel tour auto med law design media "
    "soft food home house fashion"
).split()
_WORDS = (  # noqa: SIM905
    "hua xin da zhong tian long feng ming jin yu hong sheng fu hai li kang mei an heng tai chang dong ke "
    "rui lan yuan cheng wei bao guang guo he ji jia jian jing jun ning peng qi run shan shun si te wan "
    "xiang xing ya yang yi ying yong zheng zhi zhuo"
).split()
_ENGLISH = (  # noqa: SIM905
    "home garden city river north south west east green blue red gold silver stone wood hill lake park "
    "bridge street family kids baby pet dog cat horse bird fish food kitchen cook coffee tea wine beer "
    "bread cake farm fruit health care dental clinic doctor medical hospital fitness yoga sport golf bike "
    "run ski swim travel tour hotel beach island mountain valley school college academy university "
    "library book paper print press news daily times radio music dance art photo film studio design craft "
    "build house roof window door floor paint tool auto car truck motor tire energy solar water air light "
    "electric tech soft data web net host code labs group law legal church community council county town "
    "museum history science math bio chem world global national first best smart easy open free top new "
    "old great little big happy sunny union society club weather job"
).split()
_ELSEWHERE = "co.uk de fr edu ca com.au it nl ru jp co.jp info us eu com.br pl io in es se ch"
_SUFFIXES_ABROAD = [*["com"] * 12, *["org"] * 4, *["net"] * 2, *_ELSEWHERE.split()]
_ROOTS = (  # noqa: SIM905
    "ba be bi bo bu ca ce co cu da de di do el en fa fi fo ga ge go ha hi in ka ki ko la le li lo lu ma "
    "me mi mo na ne ni no or pa pe pi po ra re ri ro sa se si so ta te ti to tra tri un va ve vi vo za zo"
).split()


class LookAlike(NamedTuple):
    """A host, whom it is to be taken for, and how."""

    host: str
    brand: Brand
    way: str


def look_alikes(brands: Sequence[Brand], seed: int = 11) -> list[LookAlike]:
    """Up to `OF_A_BRAND` different hosts made of the names of each brand, on domains that are not its own."""
    draw = random.Random(seed)
    spelt = _spellings()
    found: dict[str, LookAlike] = {}
    for brand in brands:
        for number in range(OF_A_BRAND):
            way, make = _WAYS[number % len(_WAYS)]
            names = [name for name, alone in spelt[brand] if alone or way not in _NEEDS_ALONE]
            label = make(draw, draw.choice(names), brand) if names else ""
            host = f"{label}.{draw.choice(draw.choice([_SUFFIXES, _CHEAP]))}"
            if label and not is_their_own(host):
                found.setdefault(host, LookAlike(host, brand, way))
    return list(found.values())


def ordinary_names(count: int, seed: int = 12) -> list[str]:
    """So many hosts as companies, schools and people name them, half of them in China; some may be equal."""
    draw = random.Random(seed)
    chinese = [f"{draw.choice(_ORDINARY)(draw)}.{draw.choice(_SUFFIXES)}" for _ in range(count // 2)]
    others = [f"{draw.choice(_ABROAD)(draw)}.{draw.choice(_SUFFIXES_ABROAD)}" for _ in range(count // 2)]
    return chinese + others


def _spellings() -> dict[Brand, list[tuple[str, bool]]]:
    """The names of each brand, and whether they tell by themselves."""
    found: dict[Brand, list[tuple[str, bool]]] = {}
    for name, token in index().tokens.items():
        if token.brand is not None:
            found.setdefault(token.brand, []).append((name, token.alone))
    return found


def _telling() -> list[str]:
    return [word for word, token in index().tokens.items() if token.brand is None and token.alone]


def _beside(draw: random.Random, name: str) -> str:
    """The name before or after a word."""
    parts = [name, draw.choice(_telling())]
    draw.shuffle(parts)
    return draw.choice(["", "-", "-"]).join(parts)


def _shaped(draw: random.Random, name: str) -> str:
    """The name with a letter or two as others look like them; empty if there are none."""
    places = [at for at, letter in enumerate(name) if letter in _SHAPES]
    if not places:
        return ""
    for at in sorted(draw.sample(places, min(len(places), draw.choice([1, 1, 2]))), reverse=True):
        name = name[:at] + draw.choice(_SHAPES[name[at]]) + name[at + 1 :]
    return name


def _with_shapes(draw: random.Random, name: str, _: Brand) -> str:
    shaped = _shaped(draw, name)
    if not shaped or (len(name) >= 6 and draw.random() < 0.5):
        return shaped
    return _beside(draw, shaped)


def _with_word(draw: random.Random, name: str, _: Brand) -> str:
    return _beside(draw, name)


def _with_number(draw: random.Random, name: str, _: Brand) -> str:
    if len(name) < 4:
        return _beside(draw, name)
    return name + draw.choice(["", "-"]) + str(draw.randrange(10 ** draw.choice([1, 2, 3, 4])))


def _slipped(draw: random.Random, name: str, _: Brand) -> str:
    """One letter put in, left out, changed, said twice or swapped with its neighbour."""
    if len(name) < 6:
        return ""
    at = draw.randrange(1, len(name) - 1)
    letter = draw.choice(_LETTERS)
    return draw.choice((
        name[:at] + letter + name[at:], name[:at] + name[at + 1 :], name[:at] + letter + name[at + 1 :],
        name[:at] + name[at] + name[at:], name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    ))  # fmt: skip


def _foreign(draw: random.Random, name: str, _: Brand) -> str:
    """In punycode, a letter or all of them of another alphabet."""
    places = [at for at, letter in enumerate(name) if letter in _FOREIGN]
    if not places:
        return ""
    changed = set(draw.sample(places, draw.choice([1, 1, 2, len(places)]) % (len(places) + 1) or 1))
    spelt = "".join(_FOREIGN[letter] if at in changed else letter for at, letter in enumerate(name))
    if len(name) < 6:
        spelt = f"{spelt}-{draw.choice(_telling())}"
    return "xn--" + spelt.encode("punycode").decode()


def _before(draw: random.Random, _: str, brand: Brand) -> str:
    """A domain of theirs before another."""
    domains = sorted(domain for domain in brand.domains if domain.isascii())
    return f"{draw.choice(domains)}.{_nobody(draw)}" if domains else ""


def _nobody(draw: random.Random) -> str:
    """A label that is nobody's."""
    letters = draw.choice([_LETTERS, _LETTERS + "0123456789", "bcdfghjklmnpqrstvwxz0123456789"])
    return "".join(draw.choice(letters) for _ in range(draw.randrange(4, 10)))


_WAYS: Final[tuple[tuple[str, Callable[[random.Random, str, Brand], str]], ...]] = (
    ("word", _with_word), ("word", _with_word), ("number", _with_number), ("homoglyph", _with_shapes),
    ("edit", _slipped), ("punycode", _foreign), ("domain", _before), ("word", _with_word),
)  # fmt: skip
_NEEDS_ALONE: Final = frozenset({"number", "edit"})
"""Ways that make another ordinary word of a name that is one."""


def _syllables(draw: random.Random) -> str:
    return "".join(draw.choice(_WORDS) for _ in range(draw.choice([2, 2, 3, 3, 4])))


def _initials(draw: random.Random) -> str:
    return "".join(draw.choice("bcdfghjklmnpqstwxyz") for _ in range(draw.choice([2, 3, 3, 4, 4, 5])))


_ORDINARY: Final[tuple[Callable[[random.Random], str], ...]] = (
    _syllables,
    lambda draw: _syllables(draw) + draw.choice(_TRADES),
    lambda draw: draw.choice(_CITIES) + draw.choice(_TRADES),
    lambda draw: draw.choice(_CITIES) + draw.choice(_WORDS) + draw.choice(_WORDS),
    lambda draw: draw.choice(_CITIES) + _initials(draw),
    _initials,
    lambda draw: _initials(draw) + draw.choice(_TRADES),
    lambda draw: _initials(draw) + str(draw.randrange(10 ** draw.choice([1, 2, 3]))),
    lambda draw: _syllables(draw) + str(draw.randrange(10 ** draw.choice([2, 3, 3]))),
    lambda draw: str(draw.randrange(100, 10 ** draw.choice([3, 4, 5, 6]))) + draw.choice(["", "", *_WORDS]),
    lambda draw: draw.choice(_WORDS) + "-" + draw.choice(_TRADES),
)
"""How honest names are made; one is as frequent as another."""


def _invented(draw: random.Random) -> str:
    return "".join(draw.choice(_ROOTS) for _ in range(draw.choice([2, 3, 3, 4]))) + draw.choice(
        ["", "", "n", "r", "s", "x", "ly"]
    )


def _english(draw: random.Random, count: int, between: str = "") -> str:
    return between.join(draw.choice(_ENGLISH) for _ in range(count))


_ABROAD: Final[tuple[Callable[[random.Random], str], ...]] = (
    lambda draw: _english(draw, 2),
    lambda draw: _english(draw, 2),
    lambda draw: _english(draw, 3),
    lambda draw: _english(draw, 2, "-"),
    lambda draw: draw.choice(["the", "my", "e", "i", "go", "all", "pro"]) + _english(draw, 1),
    lambda draw: (
        _english(draw, 1) + draw.choice(["s", "er", "ing", "hq", "usa", "uk", "24", "online", "inc"])
    ),
    lambda draw: _english(draw, 1) + _invented(draw),
    _invented,
    lambda draw: _invented(draw) + _english(draw, 1),
    _initials,
    lambda draw: _initials(draw) + _english(draw, 1),
)
