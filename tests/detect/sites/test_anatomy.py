"""What the compiled pass says of a host is what a plain reading says; and it overlooks no look-alike."""

import re

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from qingdun.detect.sites.anatomy import COUNT, LIKE_NOBODY
from qingdun.detect.sites.brands import index
from qingdun.detect.sites.hosts import host_of, is_known, is_public_suffix, registered_domain, whose
from qingdun.detect.sites.lookalike import likeness
from qingdun.detect.sites.model import letters_of
from qingdun.detect.sites.spelling import is_pinyin, merged
from qingdun.detect.sites.suffixes import rules
from qingdun.detect.sites.traits import Traits, traits
from tests.detect.sites.lookalikes import honest, imitating

_SYLLABLES = re.compile(
    "(?:(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?(?:i?ang|i?ong|iao|ian|i[eun]|ing|ia|uang|uai|uan|u[aoein]|ang|eng|"
    "a[ion]|ei|ou|e[nr]|[aoeiuv]))+"
)
_NAMES = sorted(name for name, token in index().tokens.items() if token.brand is not None)
_WORDS = sorted(name for name, token in index().tokens.items() if token.brand is None)
_SUFFIXES = ("com", "com.cn", "top", "github.io", "icbc.com.cn.cn", "nosuch", "kawasaki.jp", "duckdns.org")


@st.composite
def _imitations(draw: st.DrawFn) -> str:
    """Hosts of which most hold a name, whole, slipped, or in other letters."""
    name = list(draw(st.sampled_from(_NAMES)))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(name)))
        letter = draw(st.sampled_from("abcdegilmnoqrstvwz0158-"))
        kind = draw(st.sampled_from(["in", "out", "other", "swap"]))
        name[at : at + (kind != "in")] = [] if kind == "out" else [letter]
        if kind == "swap" and at + 1 < len(name):
            name[at], name[at + 1] = name[at + 1], name[at]
    disguise = str.maketrans(draw(st.dictionaries(st.sampled_from("oliszb"), st.sampled_from("011528"))))
    parted = {"m": "rn", "w": "vv", "d": "cl"}
    text = "".join(name).translate(disguise)
    letter = draw(st.sampled_from("mwd"))
    text = text.replace(letter, parted[letter]) if draw(st.booleans()) else text
    parts = [*draw(st.lists(st.sampled_from([*_WORDS, "7", "88", "xq"]), max_size=2)), text]
    label = draw(st.sampled_from(["", "-"])).join(draw(st.permutations(parts)))
    labels = [*draw(st.lists(st.sampled_from(["www", "a1", "icbc", "com", "cn"]), max_size=3)), label]
    return ".".join([*draw(st.permutations(labels)), draw(st.sampled_from(_SUFFIXES))])


def _taken(hosts: list[str]) -> Traits:
    return traits(hosts, *letters_of(hosts))


@settings(max_examples=400)
@given(st.lists(_imitations(), min_size=1, max_size=8))
@example([host_of(host) for host, _ in imitating()])
def test_no_look_alike_is_overlooked(hosts: list[str]) -> None:
    found = _taken(hosts)
    for row, host in enumerate(hosts):
        like = likeness(host)
        assert found.likes.get(row) == like
        assert (LIKE_NOBODY in found.numbers[row]) == (like is None)


@given(st.text(st.sampled_from("aeiounghzcsbrvy"), max_size=14))
def test_syllables_are_read_as_a_pattern_reads_them(word: str) -> None:
    assert is_pinyin(word) == (_SYLLABLES.fullmatch(word) is not None)
    kinds = {60 + kind for kind in range(8)} & set(_taken([f"{word}.com"]).numbers[0].tolist())
    if word:
        assert (kinds == {63}) == is_pinyin(word)


def _suffix_of(host: str) -> str:
    """As the list says: of the rules that hold the longest one, an exception before all."""
    known, labels = rules(), host.split(".")
    tails = [".".join(labels[at:]) for at in range(len(labels))]
    for name, above in zip(tails, [*tails[1:], ""], strict=True):
        if name in known.exceptions:
            return above
    for name, above in zip(tails, [*tails[1:], ""], strict=True):
        if name in known.names or (above and above in known.below):
            return name
    return tails[-1]


_LABEL = st.sampled_from(
    ["a", "www", "city", "ck", "jp", "kawasaki", "cn", "com", "github", "io", "duckdns", "org"]
)


@given(st.lists(_LABEL, min_size=1, max_size=6).map(".".join))
def test_whose_a_host_is_follows_the_list(host: str) -> None:
    suffix = _suffix_of(host)
    assert whose(host).suffix == suffix
    assert is_public_suffix(host) == (suffix == host)
    own = host if suffix == host else ".".join(host.split(".")[-len(suffix.split(".")) - 1 :])
    assert registered_domain(host) == own


@given(st.lists(st.text(st.sampled_from("aeiot07-xz"), min_size=1, max_size=12), min_size=1, max_size=5))
def test_traits_of_shape(labels: list[str]) -> None:
    host = ".".join([*labels, "com"])
    assume(registered_domain(host) == f"{labels[-1]}.com")  # it.com lets out names of its own
    found = _taken([host]).numbers[0].tolist()
    label, depth = labels[-1], len(labels) - 1
    assert {min(len(label) // 3, 7), 8 + min(host.count("-"), 4), 13 + min(depth, 4)} <= set(found)
    assert 18 + min(sum(letter.isdigit() for letter in label), 5) in found
    runs = [len(run) for run in re.findall("[bcdfghj-np-tv-z]+", label)]
    assert 37 + min(max(runs, default=0), 6) in found
    assert (52 in found) == (not any(letter.isalpha() for letter in label))
    assert (80 in found) == any(letter.isdigit() for before in labels[:-1] for letter in before)


def test_every_host_has_traits_and_none_has_no_host() -> None:
    hosts = [*honest(), "10.1.2.3", "::1", "a", ".", "-", "工商银行.com", "x" * 300]
    numbers = _taken([*hosts, ""]).numbers
    assert ((numbers >= 0) & (numbers <= COUNT)).all()
    assert (numbers[:-1] < COUNT).sum(axis=1).min() >= 10
    assert (numbers[-1] == COUNT).all()
    np.testing.assert_array_equal(_taken(hosts).known, [is_known(host) for host in hosts])


def test_pairs_are_merged_from_the_left() -> None:
    assert [merged(word) for word in ("rnn", "nnrn", "vvcl")] == ["mn", "mm", "wd"]
