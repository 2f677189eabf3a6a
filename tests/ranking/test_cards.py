"""Cards are proposed by the rules alone, and not from guessed populations."""

from __future__ import annotations

from dataclasses import replace

from qingdun.ranking.cards import Card, Rules, Standing, card_history, propose

CALM = Standing(0.8, 1.0, 0.9, 40, False)
HIGH = Standing(1.6, 1.0, 0.01, 5, False)
LUCK = Standing(1.6, 1.0, 0.20, 5, False)


def test_yellow_needs_rate_and_more_than_chance() -> None:
    assert propose([HIGH]).card is Card.YELLOW
    assert propose([HIGH]).reasons == ("rate",)
    assert propose([LUCK]).card is Card.NONE
    assert propose([CALM]).card is Card.NONE
    assert propose([]).card is Card.NONE


def test_red_is_yellow_twice_in_a_row() -> None:
    assert card_history([HIGH, CALM, HIGH, HIGH, HIGH], Rules()) == [
        Card.YELLOW, Card.NONE, Card.YELLOW, Card.RED, Card.RED,
    ]  # fmt: skip
    assert propose([HIGH, HIGH]).reasons == ("twice_yellow",)


def test_listing_by_two_reds_in_a_quarter_or_four_months_at_the_top() -> None:
    assert propose([HIGH, HIGH, HIGH]).listing
    assert not propose([HIGH, HIGH]).listing
    assert propose([LUCK] * 4).reasons == ("top",)
    assert propose([LUCK] * 4).listing
    assert not propose([LUCK] * 3).listing
    assert not propose([HIGH, HIGH, HIGH], listed=True).listing


def test_delisting_after_two_months_below_the_city() -> None:
    assert propose([HIGH, CALM, CALM], listed=True).delisting
    assert not propose([HIGH, HIGH, CALM], listed=True).delisting
    assert not propose([HIGH, CALM, CALM]).delisting


def test_nothing_is_proposed_from_an_estimate() -> None:
    guessed = replace(HIGH, estimated=True)
    assert propose([HIGH, guessed]) == propose([guessed])
    assert propose([guessed]).card is Card.NONE
    assert propose([guessed]).reasons == ("estimated",)
    # An estimated month breaks a row of months.
    assert propose([HIGH, guessed, HIGH]).card is Card.YELLOW
