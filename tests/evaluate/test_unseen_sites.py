"""Hosts of a later year and of a source left out are asked of what learnt from no relative of theirs."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from qingdun.detect.sites.hosts import is_known
from qingdun.detect.sites.model import BUCKETS, SiteModel
from qingdun.detect.sites.traits import URL_TRAITS
from qingdun.errors import MissingFile
from qingdun.evaluate.training_hosts import (
    LOOK_ALIKES,
    SOURCES,
    family,
    learn,
    matrix,
    pool_hosts,
    read_hosts,
)
from qingdun.evaluate.unseen_sites import HALVES, TITLE, evaluate_sites, halves, splits
from tests.evaluate.made_up import write_sites
from tests.hearing import Hearing

CARD = Path(__file__).parents[2] / "src/qingdun/detect/sites/sites.card.json"


def test_page_and_card_tell_of_the_year_and_of_every_source(tmp_path: Path) -> None:
    write_sites(tmp_path)
    shutil.copy(CARD, tmp_path)
    told = Hearing()
    found = evaluate_sites(tmp_path, tmp_path / "evaluation.md", tmp_path, told)
    assert told.rises()
    assert [one.split for one in found] == ["phishing after 2022", *(name for _, name, _ in SOURCES), *HALVES]
    written = (tmp_path / "evaluation.md").read_text("utf-8")
    assert f"## {TITLE}" in written
    card = json.loads((tmp_path / "sites.card.json").read_text("utf-8"))
    for one in found:
        assert one.split in written
        # Of the made-up ordinary hosts none need hold the letters of a name.
        assert one.scams > 0
        assert one.hosts > one.scams or one.split in HALVES
        row = card["measures"][f"{one.split}, unseen"]
        told = "recall_frozen" if one.split in HALVES else "auc"
        assert row[told] == round(one.measures[told].value, 4)
        assert set(row) <= {"rows", "fraud", "recall_frozen", "false_positives_frozen"} or told == "auc"


def test_no_split_learns_from_a_relative(tmp_path: Path) -> None:
    write_sites(tmp_path)
    pool = pool_hosts(read_hosts(tmp_path)[0])
    everything = np.ones(len(pool.hosts), bool)
    for split in [*splits(pool), *halves(pool, everything)]:
        assert split.asked.any()
        assert split.learnt.any()
        assert set(pool.group[split.asked]).isdisjoint(pool.group[split.learnt])
    by_year = next(splits(pool))
    assert set(pool.year[by_year.asked & (pool.fraud == 1)]) == {2023}
    assert pool.year[by_year.learnt].max() <= 2022


def test_no_half_knows_the_brands_of_the_other_and_nothing_else_is_measured_on_what_is_made_up(
    tmp_path: Path,
) -> None:
    write_sites(tmp_path)
    pool = pool_hosts(read_hosts(tmp_path)[0])
    one, other = halves(pool, pool.real())
    made = pool.source == LOOK_ALIKES
    assert not (one.asked & other.asked & made).any()
    assert ((one.asked | other.asked) & made).sum() == made.sum()
    for half in (one, other):
        assert (half.learnt & made).any()
        assert (half.asked & (pool.fraud == 0)).any()
    assert all((split.asked <= pool.real()).all() for split in splits(pool))


def test_a_family_is_what_one_hand_made() -> None:
    assert family("0007999ab1.shop") == family("0007999ab8.shop")
    assert family("pay-toll-a.vip") == family("pay-toll-a.com")
    assert family("abc.com") != family("abc.net")
    assert family("163.com") != family("126.com")


def test_scoring_reads_what_was_learnt_from(tmp_path: Path) -> None:
    write_sites(tmp_path)
    pool = pool_hosts(read_hosts(tmp_path)[0])
    x = matrix(pool.hosts)
    learnt, _ = learn(x, pool, np.ones(len(pool.hosts), bool))
    url_weights = np.zeros(URL_TRAITS, np.float32)
    model = SiteModel(
        learnt.weights[:BUCKETS], learnt.weights[BUCKETS:], url_weights, learnt.slope, learnt.intercept, 0.1
    )
    # A leading www is taken off before a host is judged, and hosts that everybody uses are not judged.
    judged = np.array([not host.startswith("www.") and not is_known(host) for host in pool.hosts])
    np.testing.assert_allclose(
        model.score(pool.hosts).probability[judged],
        learnt.probability(x @ learnt.weights)[judged],
        rtol=1e-4,
        atol=1e-6,
    )


def test_without_the_data_nothing_is_changed(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"sites_pdd\.csv\.gz.*nothing was changed"):
        evaluate_sites(tmp_path / "none", tmp_path / "page.md", tmp_path)
    assert list(tmp_path.iterdir()) == []
