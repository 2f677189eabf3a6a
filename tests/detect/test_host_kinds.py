"""What is known of hosts by name: stages of a scam, shorteners, providers of names that change."""

import pytest

from qingdun.detect.host_kinds import is_well_known, kinds_of, known_domains
from qingdun.detect.reference import Watchlist
from qingdun.detect.screens import Screens
from qingdun.detect.sites.brands import owned_domains
from qingdun.detect.sites.hosts import registered_domain, whose
from qingdun.detect.sites.model import SiteModel
from qingdun.detect.sites.suffixes import is_shortener, platform
from qingdun.detect.text.model import TextModel
from qingdun.detect.waking import NOBODY
from qingdun.detect.weights import load_weights


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("m.icbc.com.cn", "bank"),
        ("www.ccb.com", "bank"),
        ("ebank.gdrcu.com", "bank"),
        ("mclient.alipay.com", "payment"),
        ("meeting.tencent.com", "meeting"),
        ("us02web.zoom.us", "meeting"),
        ("download.todesk.com", "screen_share"),
        ("sunlogin.oray.com", "screen_share"),
        ("anydesk.com", "screen_share"),
        ("rustdesk.mine.example", "screen_share"),
    ],
)
def test_stages_of_a_scam_are_known(host: str, kind: str) -> None:
    assert kind in kinds_of(host)


@pytest.mark.parametrize("kind", ["bank", "payment", "meeting", "screen_share", "loan", "chat"])
def test_every_kind_has_domains_of_its_own(kind: str) -> None:
    domains = known_domains(kind)
    assert len(domains) >= 5
    assert all(registered_domain(domain) != "" and "." in domain for domain in domains)


def test_banks_are_protected_names() -> None:
    assert {domain for domain in known_domains("bank") if domain not in owned_domains()} == set()


@pytest.mark.parametrize("host", ["icbc-login.example", "todeskx.example", "flowers.example.cn"])
def test_others_are_not(host: str) -> None:
    assert kinds_of(host) == ()


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("zoom.boc-loan.example", "meeting"),
        ("meeting.icbc-verify.example", "meeting"),
        ("loan.boc-secure.example", "loan"),
        ("todesk.psbc-help.example", "screen_share"),
        ("zoom.us.boc-loan.example", "meeting"),
    ],
)
def test_a_label_says_what_a_host_is_for_and_clears_it_of_nothing(host: str, kind: str) -> None:
    assert kinds_of(host) == (kind,)
    assert not is_well_known(host)
    texts, sites = TextModel.load(), SiteModel.load()
    screens = Screens(load_weights(), Watchlist([]), texts, sites, lambda verdict, common: NOBODY)
    verdict = screens.host(host)
    assert verdict.kinds == (kind,)
    assert not verdict.well_known
    assert verdict.probability == pytest.approx(sites.score([host]).probability[0])
    assert screens.host("us02web.zoom.us").probability == 0
    assert screens.host("us02web.zoom.us").well_known


@pytest.mark.parametrize("host", ["zoom-boc-loan.example", "zoom-us.example", "loan-icbc.example"])
def test_a_part_of_a_label_says_nothing(host: str) -> None:
    assert kinds_of(host) == ()
    assert not is_well_known(host)


@pytest.mark.parametrize(
    "domain", ["t.cn", "url.cn", "dwz.cn", "suo.im", "bit.ly", "tinyurl.com", "is.gd", "b23.tv"]
)
def test_shorteners_are_known(domain: str) -> None:
    assert is_shortener(domain)
    assert not is_shortener(f"{domain}.example")


@pytest.mark.parametrize(
    "provider",
    [
        "duckdns.org",
        "no-ip.org",
        "ddns.net",
        "3322.org",
        "f3322.net",
        "oicp.net",
        "vicp.cc",
        "dynv6.net",
        "dyndns.org",
    ],
)
def test_providers_of_names_that_change_are_known(provider: str) -> None:
    found = whose(f"a.me.{provider}")
    assert (found.domain, found.suffix, found.provider) == (f"me.{provider}", provider, True)
    assert platform(provider) == "dynamic_dns"
