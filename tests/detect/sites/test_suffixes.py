"""Below which names anybody may have one: registries' and providers', with wildcards and exceptions."""

import pytest

from qingdun.detect.sites.hosts import is_public_suffix, registered_domain, whose
from qingdun.detect.sites.suffixes import is_shortener, platform


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("a.b.example.qingyuan.museum", "qingyuan.museum"),
        ("a.city.kawasaki.jp", "city.kawasaki.jp"),
        ("a.b.c.kawasaki.jp", "b.c.kawasaki.jp"),
        ("a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn"),
        ("shop.me.duckdns.org", "me.duckdns.org"),
        ("a.me.weebly.com", "me.weebly.com"),
        ("a.b.nosuchtoplevel", "b.nosuchtoplevel"),
        ("duckdns.org", "duckdns.org"),
        ("a." * 100 + "example.com.cn", "example.com.cn"),
        ("", ""),
        (".", "."),
    ],
)
def test_whose_a_host_is(host: str, domain: str) -> None:
    assert registered_domain(host) == domain


def test_registries_and_providers_are_told_apart() -> None:
    assert not whose("a.com.cn").provider
    assert whose("a.github.io").provider
    assert whose("a.mrbasic.com").provider
    assert is_public_suffix("com.cn")
    assert not is_public_suffix("example.com.cn")
    assert platform("mrbasic.com") == "dynamic_dns"
    assert platform("trycloudflare.com") == "tunnel"
    assert platform("weebly.com") == "website"
    assert is_shortener("t.cn")
    assert not is_shortener("example.cn")
