"""Hosts: whose they are, whom they imitate, and what the shipped model makes of them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.detect.sites.hosts import host_of, is_known, parents, registered_domain
from qingdun.detect.sites.lookalike import likeness
from qingdun.detect.sites.model import KNOWN, SiteModel
from qingdun.errors import ModelError


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://Pay.Example.COM/a", "pay.example.com"),
        ("pay.example.com:8443", "pay.example.com"),
        ("pay.example.com/x:1", "pay.example.com"),
        ("//pay.example.com", "pay.example.com"),
        ("https://user:secret@pay.example.com:8443/x?y=http://other.example", "pay.example.com"),
        ("hxxp://pay[.]example[.]com", "pay.example.com"),
        ("pay.example.com.", "pay.example.com"),
        ("http://10.0.0.1:80/", "10.0.0.1"),
        ("http://[2001:DB8::1]:8443/x", "2001:db8::1"),
        (" 2001:DB8::1 ", "2001:db8::1"),
        ("http://pay.example.com\\@icbc.com.cn/", "pay.example.com"),
        ("p\u3164a\u115fy.exam\u1160ple.co\uffa0m", "pay.example.com"),
        ("p\u200ba\u00ady\ufe0f.example\U000e0041.com", "pay.example.com"),
        ("", ""),
        (None, ""),
    ],
)
def test_host_of(address: str | None, host: str) -> None:
    assert host_of(address) == host


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("a.example.gov.cn", "example.gov.cn"),
        ("gov.cn", "gov.cn"),
        ("me.github.io", "me.github.io"),
        ("x.me.github.io", "me.github.io"),
        ("10.1.2.3", "10.1.2.3"),
        ("localhost", "localhost"),
    ],
)
def test_registered_domain(host: str, domain: str) -> None:
    assert registered_domain(host) == domain


@given(st.text(max_size=40))
def test_any_text_has_a_host_or_none(text: str) -> None:
    host = host_of(text)
    assert "/" not in host
    assert host.endswith(registered_domain(host))
    assert all(host.endswith(parent) for parent in parents(host))


def test_known_domains_cover_their_hosts_but_not_what_anybody_may_publish() -> None:
    assert is_known("mp.weixin.qq.com")
    assert is_known("icbc.com.cn")
    assert is_known("www.tax.gov.cn")
    assert not is_known("icbc.com.cn.example.top")
    assert not is_known("someone.s3.amazonaws.com")


@pytest.mark.parametrize(
    ("host", "brand", "how"),
    [
        ("icbc-login.example", "ICBC", "word"),
        ("myunionpaysafe.example", "UnionPay", "word"),
        ("unionpayguanjia.example", "UnionPay", "inside"),
        ("paypa1.example", "PayPal", "shape"),
        ("xn.taobaao.example", "Taobao", "near"),
    ],
)
def test_likeness(host: str, brand: str, how: str) -> None:
    found = likeness(host)
    assert found is not None
    assert (found.brand.en, found.how) == (brand, how)


@pytest.mark.parametrize("host", ["icbc.com.cn", "m.taobao.com", "flowers.example", "bakery.example.cn"])
def test_honest_names_are_like_nobody(host: str) -> None:
    assert likeness(host) is None


def test_clear_cases_fall_on_their_side() -> None:
    scores = SiteModel.load().score(
        [
            "login-icbc-update.top",
            "amazon-co-jp.xkqwz.cn",
            "mp.weixin.qq.com",
            "flowershop.com.cn",
            "hospital.org.cn",
        ]
    )
    assert (scores.probability[:2] > 0.5).all()
    assert (scores.probability[2:] < 0.4).all()
    assert scores.scam_type[0] == "phishing"
    zh, en = scores.reason(0)
    assert "工商银行" in zh
    assert "ICBC" in en
    assert scores.reason(2) == ("", "")


def test_a_host_is_judged_alike_however_it_is_written() -> None:
    ways = [
        "\u0430pple-id.com",
        "xn--pple-id-1fg.com",
        "XN--PPLE-ID-1FG.com.",
        "http://u@\u0410pple-id.com:8443/",
    ]
    scores = SiteModel.load().score(ways)
    assert scores.hosts == ["xn--pple-id-1fg.com"] * 4
    assert len(set(scores.probability)) == 1
    assert scores.probability[0] > 0.5


@pytest.mark.parametrize(
    "host", ["192.168.1.1", "10.0.0.138", "172.31.0.1", "127.0.0.1", "[fe80::1]", "[::1]"]
)
def test_a_router_at_home_is_no_scam(host: str) -> None:
    addresses = [host, host.strip("[]"), f"http://{host}/login.html"]
    assert (SiteModel.load().score(addresses, addresses).probability == KNOWN).all()


def test_a_bare_address_elsewhere_is_judged() -> None:
    hosts = ["172.32.0.1", "11.0.0.1", "10.example", "fd.example", "10.1.2.3.example", "192.168.example"]
    assert (SiteModel.load().score(hosts).probability != KNOWN).all()


def test_no_host_gets_the_base_rate() -> None:
    model = SiteModel.load()
    assert model.score([None, ""]).probability.tolist() == pytest.approx([model.base_rate] * 2)
    assert len(model.score([]).probability) == 0


def test_an_address_can_only_add_what_its_words_say() -> None:
    model = SiteModel.load()
    plain = model.score(["a.example", "a.example"], ["http://a.example/", None]).probability
    assert plain[0] == plain[1]
    words = model.score(["a.example"], ["http://a.example/login/verify.php"]).probability
    assert words[0] > plain[0]


@settings(max_examples=40)
@given(st.lists(st.text(st.sampled_from("abcxyz019.-"), max_size=25), max_size=8), st.data())
def test_how_a_batch_is_cut_changes_nothing(hosts: list[str], data: st.DataObject) -> None:
    model = SiteModel.load()
    cut = data.draw(st.integers(0, len(hosts)))
    whole, parts = model.score(hosts), [model.score(hosts[:cut]), model.score(hosts[cut:])]
    np.testing.assert_array_equal(whole.probability, np.concatenate([p.probability for p in parts]))
    assert whole.scam_type == [kind for p in parts for kind in p.scam_type]


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"no")
    with pytest.raises(ModelError, match=r"x\.npz: not a site model"):
        SiteModel.read(tmp_path / "x.npz")
