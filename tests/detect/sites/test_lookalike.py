"""Whom hosts imitate: a table of look-alikes, and one of honest hosts that are like them."""

from collections import Counter

import pytest

from qingdun.detect.sites.brands import index, known_domains
from qingdun.detect.sites.hosts import host_of, registered_domain
from qingdun.detect.sites.lookalike import brands, likeness
from qingdun.detect.sites.model import SiteModel
from tests.detect.sites.lookalikes import honest, imitating


def test_look_alikes_are_seen_through() -> None:
    table = imitating()
    assert len({host for host, _ in table}) == len(table) >= 150
    found = {host: likeness(host_of(host)) for host, _ in table}
    wrong = {
        host: (brand, like and like.brand.en)
        for host, brand in table
        if (like := found[host]) is None or like.brand.en != brand
    }
    assert wrong == {}
    assert set(Counter(like.how for like in found.values() if like)) == {
        "domain",
        "word",
        "shape",
        "inside",
        "near",
    }


def test_honest_hosts_are_like_nobody() -> None:
    table = honest()
    assert len(set(table)) == len(table) >= 140
    assert {host: like.brand.en for host in table if (like := likeness(host)) is not None} == {}


def test_nobody_imitates_themselves() -> None:
    domains = [domain for brand in brands() for domain in brand.domains]
    assert len(domains) > 400
    assert [domain for domain in domains if likeness(domain) or likeness(f"www.{domain}")] == []
    assert set(domains) <= known_domains()
    assert [domain for domain in domains if registered_domain(domain) != domain] == []


def test_the_data_holds_together() -> None:
    known = index()
    kinds = Counter(brand.kind for brand in known.brands)
    assert kinds["bank"] > 60
    assert {"operator", "parcel", "court", "police", "tax", "insurance", "government", "transport"} <= set(
        kinds
    )
    alone = [name for name, token in known.tokens.items() if token.brand and token.alone]
    assert [name for name in alone if len(name) < 4] == []
    assert [word for word in known.honest | known.integrated if not word.isascii()] == []


def test_a_telling_word_beside_the_name_counts() -> None:
    hosts = ("icbc-login.example", "loginicbc.example", "icbc.example", "1cbc-card.example")
    assert [like.told for host in hosts if (like := likeness(host)) is not None] == [True, True, False, True]


def test_the_model_believes_likeness() -> None:
    # Kind to the model: who wrote the table wrote what tells. Brands held out are in docs/evaluation.md.
    model = SiteModel.load()
    assert (model.score([host for host, _ in imitating()]).probability >= 0.5).mean() > 0.85
    assert (model.score(honest()).probability >= 0.5).mean() < 0.05


@pytest.mark.parametrize(
    ("host", "how"),
    [
        ("icbc.com.cn.example.top", "domain"),
        ("xn--80ak6aa92e.example", "shape"),
        ("tencentxyz.example", "inside"),
        ("x" * 63 + ".icbc.example", "word"),
        ("-." * 60 + "icbc-login.example", "word"),
        ("xn--\uffff.icbc.example", "word"),
    ],
)
def test_how(host: str, how: str) -> None:
    found = likeness(host)
    assert found is not None
    assert found.how == how
