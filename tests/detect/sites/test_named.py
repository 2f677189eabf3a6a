"""The hosts of a text, however their dots are written; and no others."""

import sys
import unicodedata
from collections.abc import Callable
from importlib import resources
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.detect.sites import glance
from qingdun.detect.sites.glance import may_name
from qingdun.detect.sites.named import MOST, hosts_in, hosts_of, named
from qingdun.detect.sites.signs import ODD_DOTS
from tests.detect.listening import signals, suspicions
from tests.run.world import START, H, M, World


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("点 a.example 和 b.test", ("a.example", "b.test")),
        ("ｂａｄ．ｅｘａｍｐｌｅ／x", ("bad.example",)),
        ("a.example b.example c.example d.example a.example", ("a.example", "b.example", "c.example")),
        ("登录www.a.example8月1日前办理", ("www.a.example",)),
        ("www.a.example.10日", ("www.a.example",)),
        ("公众号_a.example", ("a.example",)),
        ("my_shop.a.example", ("my_shop.a.example",)),
        ("详见…a.example。回T退订", ("a.example",)),
        ("http://a.example/login.do?x=1", ("a.example",)),
        ("http://192.0.2.7:8080/x", ("192.0.2.7",)),
        ("http://icbc.com.cn:443@a.example/", ("a.example",)),
        ("a.example。me@b.example", ("a.example",)),
        ("me@b.example。www.a.example", ("www.a.example",)),
        ("bäckerei.example", ("xn--bckerei-5wa.example",)),
        ("\u0430pple.example", ("xn--pple-43d.example",)),
        (f"{'a' * 63}.example", (f"{'a' * 63}.example",)),
    ],
)
def test_hosts_are_read(text: str, hosts: tuple[str, ...]) -> None:
    assert hosts_in(text) == hosts


@pytest.mark.parametrize(
    "text",
    [
        "登录boc-safe丶com办理", "登录boc-safe点com办理", "登錄boc-safe點com辦理", "boc-safe。com",
        "boc-safe｡com/x", "ｂｏｃ－ｓａｆｅ．ｃｏｍ", "boc-safe . com", "boc-safe. com", "boc-safe .com",
        "boc-safe[.]com", "boc-safe(.)com", "boc-safe【.】com", "boc-safe（点）com", "boc-safe[dot]com",
        "boc-safe dot com", "BOC-SAFE DOT COM", "boc-safe·com", "boc-safe•com", "boc-safe.c0m",
        "hxxp://boc-safe.com/x", "hxxps://boc-safe[.]com", "boc-\u200bsafe.c\u00adom",
        "boc-sa\u3164fe.com", "ⓑⓞⓒ-🅢🅐🅕🅔.com", "boc-🅂🄰🄵🄴.com", "boc-s🔥afe.com", "boc-safe🔥.com",
        "boc-safe.🔥com", "boc-s\u0336a\u0336fe.com", "h t t p : / / boc-safe . com", "👉boc-safe.com",
        "boc-safe。com8月1日", "http://user@boc-safe.com",
    ],
)  # fmt: skip
def test_a_disguised_host_is_read_as_if_it_were_plain(text: str) -> None:
    assert hosts_in(text) == hosts_in("boc-safe.com") == ("boc-safe.com",)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("www。abc。top/x", "www.abc.top"),
        ("t.cn／Ab", "t.cn"),
        ("①②③.com", "123.com"),
        ("m丶abc-x丶com", "m.abc-x.com"),
        ("w w w . a b c . c o m 领取", "www.abc.com"),
        ("http://abc-x。vip", "abc-x.vip"),
        ("abc-x。vip/q", "abc-x.vip"),
        ("abc-x。com。cn", "abc-x.com.cn"),
        ("abc-x丶club", "abc-x.club"),
        ("888点com", "888.com"),
    ],
)
def test_what_stands_around_makes_a_dot_sure(text: str, host: str) -> None:
    assert hosts_in(text) == (host,)


@pytest.mark.parametrize(
    "text",
    [
        "共3.5元。好", "他说。com", "3。5", "版本1。2", "用的是APP。Live更好", "8点live直播", "12点cn",
        "打开APP点vip", "微信、QQ、vip", "com、cn、net", "the dot com boom", "icbc。OK",
        "Thanks. com is a domain", "1.vip会员专享 2.app下载", "Shanghai,CN", "me@a.example", "me@a丶com",
        "李华@a.example", "后缀是com.cn", "readme.txt", "node.js", "1.2.3.4", "第3.1.2条", "2026.11.29",
        "abc..com", "a.bb@", "T恤、S、M/L", "方案A。test版", "人民银行。net", "买了iPhone。很好", "K.O",
        "合同.zip", "ASP .NET开发", "我在KTV。me too", f"{'a' * 64}.example", "A·I", "HK丶US丶JP",
        "艾伦·Tom",
    ],
)  # fmt: skip
def test_what_only_looks_so_is_no_host(text: str) -> None:
    assert hosts_in(text) == ()


def test_no_text_of_our_corpus_names_a_host_that_anybody_may_have() -> None:
    folder = resources.files("qingdun.detect.text.corpus")
    texts = [
        line.partition("\t")[2]
        for file in folder.iterdir()
        if file.name.endswith(".tsv")
        for line in file.read_text("utf-8").splitlines()
    ]
    found = [host for hosts in hosts_of(texts) for host in hosts]
    assert len(found) > 50
    assert {host.rpartition(".")[2] for host in found} <= {"example", "invalid", "test"}


_WRITTEN = ("e\u0301", "a.example", "ａ．ｔｅｓｔ", "com", "www", "dot", "://", "\u3164")
_PIECES = st.sampled_from([*f"{ODD_DOTS}.,[]()【】@-/: …⒈㏂🄀Kﬁ好x3🔥", *_WRITTEN])
_TEXTS = st.one_of(st.text(max_size=30), st.lists(_PIECES, max_size=10).map("".join))


@given(_TEXTS)
def test_a_quick_look_passes_over_no_host(text: str) -> None:
    assert hosts_in(text) == tuple(dict.fromkeys(named(text)))[:MOST]


@given(_TEXTS)
def test_hosts_are_plain_and_said_once_more_the_same(text: str) -> None:
    for host in named(text):
        assert host.isascii()
        assert len(host) <= 253
        assert list(named(f"http://{host}/")) == [host]


def test_every_character_that_folds_to_a_dot_or_a_letter_is_looked_at() -> None:
    folded = {c: unicodedata.normalize("NFKC", c).lower() for c in map(chr, range(sys.maxunicode + 1))}
    dots = [f"。a{c}example" for c, plain in folded.items() if "." in plain]
    letters = [f"a.{c}example" for c, plain in folded.items() if "a" <= plain[:1] <= "z"]
    assert len(dots) > 20
    assert len(letters) > 1000
    assert may_name([*dots, *letters]).all()


def _reads(text: str) -> int:
    counted = _Read(text.encode())
    glance._may_name.py_func(counted, np.array([0, len(counted)]), glance._kinds())
    return counted.reads


class _Read(bytes):
    """Letters that count how often they are read."""

    reads = 0

    def __getitem__(self, at: Any) -> Any:
        self.reads += 1
        return super().__getitem__(at)


_LENGTHY: tuple[Callable[[int], str], ...] = (
    lambda n: "a." + "bb." * n + "bb@",
    lambda n: "a." * n,
    lambda n: "a。" * n,
    lambda n: "a丶com" * n,
    lambda n: "a . " * n,
    lambda n: "a dot " * n,
    lambda n: "dot " * n,
    lambda n: ". " * n,
    lambda n: "a b " * n,
    lambda n: "http://" + "a:" * n,
    lambda n: "http://a@" * n,
    lambda n: "a@" * n,
    lambda n: "a🔥" * n,
    lambda n: "[.]" * n,
)


class _Counting:
    """What Python and C are called for while it holds, with the characters that C was handed or gave."""

    def __enter__(self) -> "_Counting":
        self.calls = 0
        sys.setprofile(self._count)
        return self

    def __exit__(self, *failed: object) -> None:
        sys.setprofile(None)

    def _count(self, frame: Any, event: str, argument: Any) -> None:
        self.calls += event in ("call", "c_call")


def _calls(text: str) -> int:
    list(named(text))  # what is known of names is known
    before = sys.getprofile()
    try:
        with _Counting() as counting:
            list(named(text))
    finally:
        sys.setprofile(before)
    return counting.calls


@pytest.mark.parametrize("lengthy", _LENGTHY)
def test_a_text_twice_as_long_takes_twice_the_calls(lengthy: Callable[[int], str]) -> None:
    assert _calls(lengthy(400)) < 2.5 * _calls(lengthy(200))


@pytest.mark.parametrize("piece", [". ", "。]", "点", "/a", "o "])
def test_a_quick_look_reads_every_letter_once(piece: str) -> None:
    assert _reads(piece * 100) == len(piece.encode()) * 100


@pytest.mark.parametrize("written", ["go.fake.invalid", "go。fake。invalid/x", "go.f\u200bake[.]invalid"])
def test_a_disguised_link_does_in_detectors_what_a_plain_one_does(written: str) -> None:
    world = World()
    world.message(START + H, "+8617900000001", world.number(0), f"您好，请看 {written}")
    world.visit(START + H + 5 * M, world.number(0), "go.fake.invalid")
    (told,) = signals(world, "message.scam_text")
    (led,) = signals(world, "visit.sent_site")
    assert "go.fake.invalid" in told.text_en
    assert "go.fake.invalid" in led.text_en
    assert {s.entity for s in suspicions(world, "visit.sent_site")} == {"go.fake.invalid"}
    assert (told.millibits, led.millibits) == _plain_bits()


def _plain_bits() -> tuple[int, int]:
    world = World()
    world.message(START + H, "+8617900000001", world.number(0), "您好，请看 go.fake.invalid")
    world.visit(START + H + 5 * M, world.number(0), "go.fake.invalid")
    return signals(world, "message.scam_text")[0].millibits, signals(world, "visit.sent_site")[0].millibits
