"""What is made up to learn from: look-alikes that imitate somebody, and names that imitate nobody."""

from collections import Counter

from qingdun.detect.sites.hosts import host_of
from qingdun.detect.sites.lookalike import brands, is_their_own, likeness
from qingdun.evaluate.training_made_up import OF_A_BRAND, look_alikes, ordinary_names


def test_look_alikes_are_of_every_brand_and_of_every_way() -> None:
    made = look_alikes(brands())
    assert len({one.host for one in made}) == len(made) > 0.9 * OF_A_BRAND * len(brands())
    assert {one.brand for one in made} == set(brands())
    assert set(Counter(one.way for one in made)) == {
        "word", "number", "homoglyph", "edit", "punycode", "domain"
    }  # fmt: skip
    assert [one.host for one in made if is_their_own(one.host) or host_of(one.host) != one.host] == []
    assert made == look_alikes(brands())


def test_most_look_alikes_are_named_and_hardly_an_ordinary_name() -> None:
    made = look_alikes(brands())
    named = [like.brand for one in made if (like := likeness(one.host)) is not None]
    assert len(named) > 0.9 * len(made)
    ordinary = ordinary_names(4_000)
    assert all(host_of(host) == host and "." in host for host in ordinary)
    assert sum(likeness(host) is not None for host in ordinary) < 0.005 * len(ordinary)
