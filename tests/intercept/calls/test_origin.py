"""Numbers as SIP presents them, and whether they can be the caller's own."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qingdun.contract.tables import Call
from qingdun.detect import entities
from qingdun.detect.marks import is_spoofed
from qingdun.intercept.calls.numbers import NOBODY, Number, presented
from qingdun.intercept.calls.origin import INTERNATIONAL, Caller, Spoof, caller_of, spoofs
from qingdun.intercept.calls.sip import parse
from tests.intercept.calls.scenarios import request


@pytest.mark.parametrize(
    ("header", "number"),
    [
        ("<sip:+8613800000001@h>", "+8613800000001"),
        ("<sips:008613800000001@h;user=phone>;tag=a", "+8613800000001"),
        ("<sip:13800000001;npdi@h>", "+8613800000001"),
        ("sip:075730000001@h;tag=b", "+8675730000001"),
        ("<tel:+86-138-0000-0001>", "+8613800000001"),
        ("<tel:30000001;phone-context=+86757>", "+8675730000001"),
        ('"A \\" <sip:110@h>" <sip:+44201234567:secret@h>', "+44201234567"),
        ('"1" "2" <sip:%2B8613800000001@h>', "+8613800000001"),
        ("<sip:95588@h>", "95588"),
        ("<tel:95588;phone-context=+86>", "95588"),
        ("<sip:110;phone-context=+8620@h;user=phone>", "110"),
    ],
)
def test_a_number_is_read_however_it_is_presented(header: str, number: str) -> None:
    assert presented(header).e164 == number


@pytest.mark.parametrize(
    "header",
    [
        "",
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        "<sip:bank@h>",
        "<sip:h>",
        "<http://h/1>",
        "<",
        '"<',
    ],
)
def test_who_presents_no_number_is_nobody(header: str) -> None:
    assert presented(header) == NOBODY


@given(st.from_regex(r"\+?(00|86|0)?[0-9][0-9 -]{2,16}[0-9]", fullmatch=True))
def test_what_a_list_may_hold_is_found_under_one_of_the_two_writings(text: str) -> None:
    held = entities.number(text)
    assume(held is not None)
    number = Number.of(text)
    assert held in (number.e164, number.shown)


def caller(
    shown: str, asserted: str = "", network: str = "", trunk: str = "", forwarded: bool = False
) -> Caller:
    return Caller(Number.of(shown), Number.of(asserted), Number.of(network), trunk, forwarded)


HOME, ABROAD = "+8613800000001", "+442079460000"


@pytest.mark.parametrize(
    ("who", "found"),
    [
        (caller(HOME), []),
        (caller(HOME, HOME, HOME), []),
        (caller("13800000001", HOME, trunk=""), []),
        (caller(ABROAD, trunk=INTERNATIONAL), []),
        (caller(HOME, trunk=INTERNATIONAL), [Spoof.TRUNK]),
        (caller("075730000001", trunk=INTERNATIONAL), [Spoof.TRUNK]),
        (caller("110", trunk=INTERNATIONAL), [Spoof.TRUNK]),
        (caller(HOME, network=HOME, trunk=INTERNATIONAL), []),
        (caller("+00442079460000", trunk=INTERNATIONAL), [Spoof.TRUNK]),
        (caller(HOME, ABROAD), [Spoof.ASSERTED]),
        (caller(HOME, ABROAD, forwarded=True), []),
        (caller(HOME, network=ABROAD), [Spoof.NETWORK]),
        (caller(ABROAD, network=HOME), []),
        (caller("bank", ABROAD, ABROAD, INTERNATIONAL), []),
    ],
)
def test_each_rule_says_what_it_says(who: Caller, found: list[Spoof]) -> None:
    assert spoofs(who) == found


@pytest.mark.parametrize("shown", [HOME, "13800000001", "110", ABROAD, "00442079460000", "+00442079460000"])
def test_the_engine_calls_spoofed_what_an_international_trunk_does(shown: str) -> None:
    row = Call("c", 0, "answered", shown, HOME, 0, "overseas", ABROAD, None, None, None, None)
    assert is_spoofed(row) == bool(spoofs(caller(shown, network=ABROAD, trunk=INTERNATIONAL)))


def test_who_calls_is_read_from_every_header_that_tells() -> None:
    asked = parse(
        request(
            "INVITE", "<sip:1@h>", "P-Asserted-Identity: <tel:+8610>",
            "Remote-Party-ID: <sip:9@h>;party=calling", "X-Net: 0044123456",
            "History-Info: <sip:2@h>;index=1",
        )
    )  # fmt: skip
    assert asked
    found = caller_of(asked, "", "x-net")
    assert (found.asserted.e164, found.network.e164, found.forwarded) == ("+8610", "+44123456", True)
