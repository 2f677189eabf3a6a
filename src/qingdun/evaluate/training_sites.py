"""How the site model is trained, and how honest the account of it is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qingdun.contract.progress import Steps, Told, unheard
from qingdun.detect.sites.anatomy import COUNT
from qingdun.detect.sites.hosts import host_of
from qingdun.detect.sites.model import BUCKETS, SiteModel
from qingdun.detect.sites.traits import URL_TRAITS, url_traits
from qingdun.evaluate.training_card import ModelCard, Source, measure, require_training
from qingdun.evaluate.training_hosts import (
    BASE_RATE,
    FOLDS,
    LOOK_ALIKES,
    MOST_OF_A_DOMAIN,
    ORDINARY_NAMES,
    PDD,
    REGULARISATION,
    SOURCES,
    learn,
    matrix,
    pool_hosts,
    read_hosts,
)


def train_sites(data: Path, out: Path, told: Told = unheard) -> ModelCard:
    """`sites.npz` and its card are in `out`: hosts that serve scams, by name, and addresses where known.

    `data` is a folder with the files of `SOURCES`. Errors: MissingFile and its kin, MissingExtra.
    """
    require_training()
    steps = Steps(2 * FOLDS + 4, told)
    steps.begin("reading")
    rows, pdd, counts = read_hosts(data)
    pool = pool_hosts(rows)
    steps.begin(f"taking {len(pool.hosts):,} distinct hosts apart")
    x = matrix(pool.hosts)
    learnt, held = learn(x, pool, np.ones(len(pool.hosts), bool), steps.begin)
    real = pool.real()
    measures = {
        "all hosts, folds by family": measure(pool.fraud[real], learnt.probability(held.family[real]))
    }
    of_pdd = pool.source == PDD
    if len(set(pool.fraud[of_pdd])) == 2:
        measures["pdd host only, folds by family"] = measure(
            pool.fraud[of_pdd], learnt.probability(held.family[of_pdd])
        )
    steps.begin("addresses")
    odds = learnt.slope * held.family + learnt.intercept
    url_weights, url_measures = _urls(pdd, dict(zip(pool.hosts, odds, strict=True)))
    measures |= url_measures
    card = ModelCard(
        "sites",
        "The probability that a host serves a scam, from its name and, where known, words of the address.",
        f"Hashed n-grams of 1 to 5 characters ({BUCKETS:,} buckets) and {COUNT} traits, logistic regression "
        f"(C = {REGULARISATION}); at most {MOST_OF_A_DOMAIN} hosts of a domain and source; folds "
        "split by family (registered domain, digits alike, long names under any suffix); honest hosts also "
        "with invented ordinary subdomains; learnt besides from look-alikes of protected names "
        f"({int((pool.source == LOOK_ALIKES).sum()):,}) and ordinary names "
        f"({int((pool.source == ORDINARY_NAMES).sum()):,}) that are made up; Platt scaling on the rest, held "
        f"out by family and, ordinary hosts, by source. Base rate {BASE_RATE:.0%}.",
        [Source(title, licence, counts[name]) for name, title, licence in SOURCES],
        measures,
        [
            "Names only: nothing is visited. A scam on a hacked honest site looks honest.",
            "Hosts of well-known domains get a fixed low probability; platforms open to all do not.",
            "Of addresses only words are used: honest ones of the data are search results with long paths.",
            "Half of the ordinary Chinese names were moved under .cn by us, since their list has none.",
            "The phishing learnt from is of Japanese and English brands; look-alikes of Chinese "
            "ones are made "
            "up by those who wrote what tells them, and real ones may look otherwise.",
        ],
    )
    SiteModel(
        learnt.weights[:BUCKETS],
        learnt.weights[BUCKETS:],
        url_weights,
        learnt.slope,
        learnt.intercept,
        BASE_RATE,
        asdict(card),
    ).write(out / "sites.npz")
    card.write(out)
    return card


def _urls(
    pdd: list[tuple[str, int]], odds: dict[str, float]
) -> tuple[npt.NDArray[np.float32], dict[str, dict[str, float]]]:
    """What words of an address add to the odds of its host: learnt where the host was held out."""
    from sklearn.linear_model import LogisticRegression

    known = [
        (odds[h], h, url, label) for url, label in pdd if (h := host_of(url).removeprefix("www.")) in odds
    ]
    weights = np.zeros(URL_TRAITS, np.float32)
    if len({row[3] for row in known}) < 2:
        return weights, {}
    x = np.zeros((len(known), URL_TRAITS + 1))
    for into, (base, host, url, _) in zip(x, known, strict=True):
        into[0] = base
        into[[1 + word for word in url_traits(url, host)]] = 1
    y = np.array([row[3] for row in known])
    fit = LogisticRegression(C=0.5, max_iter=300).fit(x, y)
    weights[:] = np.clip(fit.coef_[0, 1:] / max(fit.coef_[0, 0], 0.2), 0, 2)
    probability = 1 / (1 + np.exp(-(x[:, 0] + x[:, 1:] @ weights)))
    return weights, {"pdd with addresses, hosts held out (word weights seen)": measure(y, probability)}
