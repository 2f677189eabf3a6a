"""What the screens look for in a text: a quick look first, that must pass over nothing."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.detect.screens import CODE, HOST, holds_code, hosts_in

PIECES = st.sampled_from(
    [
        "a.example",
        "ａ．ｅｘａｍｐｌｅ",
        "a.test，",
        "3.5元",
        "。",
        ".",
        "…",
        "⒈",
        "㏂",
        "🄀",
        "K",
        "ﬁ",
        "e\u0301",
        "@",
        "-",
        "好",
        "x",
    ]
)
TEXTS = st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=8).map("".join))


def _slowly(text: str) -> tuple[str, ...]:
    if not any(dot in text for dot in ".．。"):
        return ()
    return tuple(dict.fromkeys(HOST.findall(unicodedata.normalize("NFKC", text).lower())))[:3]


@given(TEXTS)
def test_a_quick_look_finds_the_same_hosts(text: str) -> None:
    assert hosts_in(text) == _slowly(text)


def test_every_character_that_folds_to_a_dot_or_a_letter_is_looked_at() -> None:
    folded = {c: unicodedata.normalize("NFKC", c).lower() for c in map(chr, range(sys.maxunicode + 1))}
    dots = [f"。a{c}example" for c, plain in folded.items() if "." in plain]
    letters = [f"a.{c}example" for c, plain in folded.items() if "a" <= plain[:1] <= "z"]
    assert len(dots) > 20
    assert len(letters) > 1000
    for text in [*dots, *letters]:
        assert hosts_in(text) == _slowly(text)


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("点 a.example 和 b.test", ("a.example", "b.test")),
        ("ｂａｄ．ｅｘａｍｐｌｅ／x", ("bad.example",)),
        ("共3.5元。好", ()),
        ("a.example b.example c.example d.example a.example", ("a.example", "b.example", "c.example")),
        ("me@a.example", ()),
    ],
)
def test_hosts_are_read(text: str, hosts: tuple[str, ...]) -> None:
    assert hosts_in(text) == hosts


@given(
    st.one_of(
        TEXTS, st.sampled_from(["验证码", "动态密码 1", "Verification CODE 1", "verıfıcatİon code", "编码"])
    )
)
def test_a_quick_look_finds_the_same_codes(text: str) -> None:
    assert holds_code(text) == (CODE.search(text) is not None)
