"""How the site model is trained, and how honest the account of it is."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from qingdun.contract.progress import Steps, Told, unheard
from qingdun.detect.sites.hosts import host_of, registered_domain
from qingdun.detect.sites.model import BUCKETS, SiteModel, buckets_of
from qingdun.detect.sites.traits import COUNT, URL_WORDS, traits, url_words
from qingdun.evaluate.training_card import (
    Floats,
    ModelCard,
    Source,
    measure,
    read_rows,
    require_training,
)
from qingdun.evaluate.training_groups import folds

BASE_RATE = 0.1
"""The share of scam hosts among hosts that probabilities are calibrated for [D]."""
REGULARISATION = 2.0
_MOST_OF_A_DOMAIN = 2
"""Hosts of one registered domain kept from a source: a gang that makes names by the hundred counts once."""
_CHINESE = [*["cn"] * 4, *["com.cn"] * 3, "org.cn", "net.cn", "gov.cn", "edu.cn", "gd.cn"]
"""The list of ordinary Chinese domains holds not one under .cn, where a quarter of the phishing is: half
of its .com names are given one of these, lest the country itself be the sign of a scam."""
_MOST_OF_A_SOURCE = 25_000
_MOST_OF_A_YEAR = 8_000
_ORDINARY = (  # noqa: SIM905
    "www www www m m mobile wap h5 api api app img image images pic static cdn res assets js css mail "
    "smtp mx news bbs blog shop store pay passport account accounts login sso auth open dev docs help "
    "support my user i a s t v video live music download dl update upgrade log logs stat analytics track "
    "ad ads search map cloud oss s1 s2 img1 img2 cdn1 vip edu test beta portal oa crm erp"
).split()
"""Names below a domain that honest sites use too: their lists lack them, and depth must not tell."""


@dataclass(frozen=True, slots=True)
class _Hosts:
    """Distinct hosts of all sources."""

    hosts: list[str]
    fraud: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    year: npt.NDArray[np.int64]
    """Of the report, 0 where the source has no dates."""
    weight: Floats
    group: npt.NDArray[np.int64]
    """The registered domain, hashed."""


_SOURCES = (
    ("sites_pdd", "ebubekirbbr/pdd", "none stated"),
    ("sites_jpcert_to_2023", "JPCERTCC/phishurl-list", "none stated"),
    ("sites_scam_jarelllama", "jarelllama scam blocklist", "GPL-3.0"),
    ("sites_benign_cn", "ordinary Chinese domains", "WTFPL"),
    ("sites_opendns_top_10k", "OpenDNS top domains", "public domain"),
    ("sites_url_shorteners", "URL shorteners", "CC BY-SA"),
)


def train_sites(data: Path, out: Path, told: Told = unheard) -> ModelCard:
    """`sites.npz` and its card are in `out`: hosts that serve scams, by name, and addresses where known.

    `data` is a folder with the files of `_SOURCES`. Errors: MissingFile and its kin, MissingExtra.
    """
    require_training()
    steps = Steps(9, told)
    steps.begin("reading")
    rows, pdd, counts = _read(data)
    pool = _pool(rows)
    steps.begin(f"taking {len(pool.hosts):,} distinct hosts apart")
    x = _matrix(pool.hosts)
    fold = folds(pool.group, 3)
    held = np.full(len(pool.hosts), np.nan)
    for number in range(3):
        steps.begin(f"fold {number + 1} of 3")
        held[fold == number] = x[fold == number] @ _fit(x, pool, fold != number)
    slope, intercept = _scale(held, pool.fraud, pool.weight)
    measures = _measures(x, pool, held, slope, intercept, steps)
    steps.begin("all hosts")
    url_weights, url_measures = _urls(pdd, dict(zip(pool.hosts, slope * held + intercept, strict=True)))
    measures |= url_measures
    coefficients = _fit(x, pool, np.ones(len(pool.hosts), bool))
    card = ModelCard(
        "sites",
        "The probability that a host serves a scam, from its name and, where known, words of the address.",
        f"Hashed n-grams of 1 to 5 characters ({BUCKETS:,} buckets) and {COUNT} traits, logistic regression "
        f"(C = {REGULARISATION}); at most {_MOST_OF_A_DOMAIN} hosts a registered domain and source; "
        "folds split by registered domain; honest hosts also with invented ordinary subdomains; Platt "
        f"scaling on held-out folds. Base rate {BASE_RATE:.0%}.",
        [Source(title, licence, counts[name]) for name, title, licence in _SOURCES],
        measures,
        [
            "Names only: nothing is visited. A scam on a hacked honest site looks honest.",
            "Hosts of well-known domains get a fixed low probability; platforms open to all do not.",
            "Of addresses only words are used: honest ones of the data are search results with long paths.",
            "Half of the ordinary Chinese names were moved under .cn by us, since their list has none.",
            "Japanese and English brands are far better covered than Chinese ones.",
        ],
    )
    SiteModel(
        coefficients[:BUCKETS], coefficients[BUCKETS:], url_weights, slope, intercept, BASE_RATE, asdict(card)
    ).write(out / "sites.npz")
    card.write(out)
    return card


_CHINESE_LIST = 3
"""Its number among the sources."""

Row = tuple[str, int, int, int]
"""Host, whether it is a scam's, number of its source, year."""


def _read(data: Path) -> tuple[list[Row], list[tuple[str, int]], dict[str, int]]:
    rows: list[Row] = []
    pdd: list[tuple[str, int]] = []
    counts = {}
    columns = {"sites_pdd": ["url", "label"], "sites_jpcert_to_2023": ["date", "URL"]}
    for number, (name, _, _) in enumerate(_SOURCES):
        wanted = columns.get(name, ["host"])
        table = read_rows(data / f"{name}.csv.gz", wanted).select(wanted)
        counts[name] = table.num_rows
        if name == "sites_pdd":
            pdd = [
                (url or "", int(label))
                for url, label in zip(*(c.to_pylist() for c in table.columns), strict=True)
            ]
            rows += [(host_of(url), label, number, 0) for url, label in pdd]
        elif name == "sites_jpcert_to_2023":
            dates, urls = (table.column(c).to_pylist() for c in wanted)
            rows += [
                (host_of(url), 1, number, int(str(date)[:4])) for date, url in zip(dates, urls, strict=True)
            ]
        else:
            scam = int(name == "sites_scam_jarelllama")
            rows += [(host_of(host), scam, number, 0) for host in table["host"].to_pylist()]
    return [row for row in rows if "." in row[0]], pdd, counts


def _pool(rows: Sequence[Row]) -> _Hosts:
    draw = random.Random(5)
    seen: set[str] = set()
    per_domain: defaultdict[tuple[str, int], int] = defaultdict(int)
    kept: list[tuple[str, int, int, int, str]] = []
    order = list(rows)
    draw.shuffle(order)
    order.sort(key=lambda row: -row[1])
    taken: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    for host, fraud, source, year in order:
        bare = host.removeprefix("www.")
        if source == _CHINESE_LIST and bare.endswith(".com") and draw.random() < 0.5:
            bare = f"{bare[:-4]}.{draw.choice(_CHINESE)}"
        domain = registered_domain(bare)
        full = taken[source, fraud, year] >= (_MOST_OF_A_YEAR if year else _MOST_OF_A_SOURCE)
        if full or bare in seen or per_domain[domain, source] >= _MOST_OF_A_DOMAIN:
            continue
        taken[source, fraud, year] += 1
        seen.add(bare)
        per_domain[domain, source] += 1
        kept.append((bare, fraud, source, year, domain))
        if draw.random() < (0.5 if not fraud and bare == domain else 0.15 if fraud else 0.0):
            kept.append((f"{draw.choice(_ORDINARY)}.{bare}", fraud, source, year, domain))
    fraud_ = np.array([row[1] for row in kept], np.int64)
    source_ = np.array([row[2] for row in kept], np.int64)
    weight = np.ones(len(kept))
    for number in range(len(_SOURCES)):
        for side in (0, 1):
            these = (source_ == number) & (fraud_ == side)
            weight[these] = 0.3 if number == len(_SOURCES) - 1 else np.sqrt(15_000 / max(these.sum(), 1_000))
    group = np.array([crc32(row[4].encode()) for row in kept], np.int64)
    return _Hosts(
        [row[0] for row in kept], fraud_, source_, np.array([row[3] for row in kept], np.int64), weight, group
    )


def _matrix(hosts: Sequence[str]) -> Any:
    from scipy import sparse

    grams = buckets_of(hosts)
    marks = [np.array(traits(host), np.int64) + BUCKETS for host in hosts]
    values = [
        np.concatenate([np.full(len(g), 1 / np.sqrt(max(len(g), 1))), np.ones(len(m))])
        for g, m in zip(grams, marks, strict=True)
    ]
    columns = [np.concatenate([g, m]) for g, m in zip(grams, marks, strict=True)]
    ends = np.append(0, np.cumsum([len(c) for c in columns]))
    x = sparse.csr_matrix(
        (np.concatenate(values), np.concatenate(columns), ends), shape=(len(hosts), BUCKETS + COUNT)
    )
    x.sum_duplicates()
    return x


def _fit(x: Any, pool: _Hosts, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    from sklearn.linear_model import LogisticRegression

    common = np.flatnonzero(np.asarray((x[rows] > 0).sum(axis=0)).ravel() >= 3)
    weight, y = pool.weight[rows].copy(), pool.fraud[rows]
    for side in (0, 1):
        weight[y == side] *= len(y) / 2 / weight[y == side].sum()
    model = LogisticRegression(C=REGULARISATION, solver="liblinear", max_iter=60, tol=1e-2)
    model.fit(x[rows][:, common], y, sample_weight=weight)
    weights = np.zeros(BUCKETS + COUNT, np.float32)
    weights[common] = model.coef_[0]
    return weights


def _scale(margin: Floats, fraud: npt.NDArray[np.int64], weight: Floats) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    balanced = weight.copy()
    for side, share in ((0, 1 - BASE_RATE), (1, BASE_RATE)):
        balanced[fraud == side] *= share * len(fraud) / balanced[fraud == side].sum()
    fit = LogisticRegression(C=1e3).fit(margin[:, None], fraud, sample_weight=balanced)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def _measures(
    x: Any, pool: _Hosts, held: Floats, slope: float, intercept: float, steps: Steps
) -> dict[str, dict[str, float]]:
    def curve(margin: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-(slope * margin + intercept))))

    measures = {"all hosts, folds by registered domain": measure(pool.fraud, curve(held))}
    pdd = pool.source == 0
    if len(set(pool.fraud[pdd])) == 2:
        measures["pdd host only, folds by registered domain"] = measure(pool.fraud[pdd], curve(held[pdd]))
    late = pool.year == pool.year.max()
    dated = late & (pool.year > 0)
    if dated.any() and not dated.all():
        steps.begin("leaving out the last year")
        ordinary = (pool.fraud == 0) & (pool.group % 3 == 0)
        test = dated | ordinary
        learn = ~np.isin(pool.group, pool.group[test])
        if len(set(pool.fraud[learn])) == 2 and ordinary.any():
            measures[
                f"phishing of {pool.year.max()} and unseen ordinary domains, learnt from earlier years"
            ] = measure(pool.fraud[test], curve(x[test] @ _fit(x, pool, learn)))
    for number in (0, 2):
        rows = pool.source == number
        learn = ~np.isin(pool.group, pool.group[rows | ((pool.fraud == 0) & (pool.group % 3 == 0))])
        test = (rows & (pool.fraud == 1)) | (
            (pool.fraud == 0) & (pool.group % 3 == 0) & (pool.source != number)
        )
        if rows.any() and len(set(pool.fraud[test])) == 2 and len(set(pool.fraud[learn])) == 2:
            steps.begin(f"leaving out {_SOURCES[number][1]}")
            measures[f"{_SOURCES[number][1]} unseen, with unseen ordinary domains"] = measure(
                pool.fraud[test], curve(x[test] @ _fit(x, pool, learn))
            )
    return measures


def _urls(
    pdd: list[tuple[str, int]], odds: dict[str, float]
) -> tuple[npt.NDArray[np.float32], dict[str, dict[str, float]]]:
    """What words of an address add to the odds of its host: learnt where the host was held out."""
    from sklearn.linear_model import LogisticRegression

    known = [
        (odds[h], h, url, label) for url, label in pdd if (h := host_of(url).removeprefix("www.")) in odds
    ]
    weights = np.zeros(len(URL_WORDS), np.float32)
    if len({row[3] for row in known}) < 2:
        return weights, {}
    x = np.zeros((len(known), len(URL_WORDS) + 1))
    for into, (base, host, url, _) in zip(x, known, strict=True):
        into[0] = base
        into[[1 + word for word in url_words(url, host)]] = 1
    y = np.array([row[3] for row in known])
    fit = LogisticRegression(C=0.5, max_iter=300).fit(x, y)
    weights[:] = np.clip(fit.coef_[0, 1:] / max(fit.coef_[0, 0], 0.2), 0, 2)
    probability = 1 / (1 + np.exp(-(x[:, 0] + x[:, 1:] @ weights)))
    return weights, {"pdd with addresses, hosts held out (word weights seen)": measure(y, probability)}
