"""Labelled hosts of all sources as one pool, and what is learnt from a part of it."""

from __future__ import annotations

import random
import re
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from qingdun.detect.sites.anatomy import COUNT
from qingdun.detect.sites.hosts import host_of, registered_domain
from qingdun.detect.sites.lookalike import brands
from qingdun.detect.sites.model import BUCKETS, buckets_of, letters_of
from qingdun.detect.sites.traits import traits
from qingdun.evaluate.training_card import Floats, read_rows
from qingdun.evaluate.training_groups import folds
from qingdun.evaluate.training_made_up import look_alikes, ordinary_names

BASE_RATE = 0.1
"""The share of scam hosts among hosts that probabilities are calibrated for [D]."""
REGULARISATION: Final = 2.0
PASSES: Final = 15
"""Over the rows, in the dual; more of them, until nothing moves, change measures in the third place."""
LEAST: Final = 3
MOST_OF_A_DOMAIN = 2
"""Hosts of one registered domain kept from a source: a gang that makes names by the hundred counts once."""
FOLDS = 3
SOURCES = (
    ("sites_pdd", "ebubekirbbr/pdd", "none stated"),
    ("sites_jpcert_to_2023", "JPCERTCC/phishurl-list", "none stated"),
    ("sites_scam_jarelllama", "jarelllama scam blocklist", "GPL-3.0"),
    ("sites_benign_cn", "ordinary Chinese domains", "WTFPL"),
    ("sites_opendns_top_10k", "OpenDNS top domains", "public domain"),
    ("sites_url_shorteners", "URL shorteners", "CC BY-SA"),
)
"""File, name and licence of each source."""
PDD, JPCERT, JARELLLAMA, CHINESE, OPENDNS, SHORTENERS, LOOK_ALIKES, ORDINARY_NAMES = range(len(SOURCES) + 2)
"""The last two are made up, by `training_made_up`."""

_FOLD_OF_SOURCE: Final = np.array([1, 0, 0, 0, 2, 2, 0, 0])
"""Ordinary hosts of these sources are held out together: of pdd, Chinese ones, the widely known."""
_CHINESE_SUFFIXES = [*["cn"] * 4, *["com.cn"] * 3, "org.cn", "net.cn", "gov.cn", "edu.cn", "gd.cn"]
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
MADE_UP_ORDINARY: Final = 16_000
_DIGITS = re.compile(r"\d+")
_TELLING = 6
"""A label of that many letters is a family by itself, whatever it is registered under."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """Distinct hosts of all sources."""

    hosts: list[str]
    fraud: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    """Its number in `SOURCES`, or one of the two that are made up."""
    year: npt.NDArray[np.int64]
    """Of the report, 0 where the source has no dates."""
    weight: Floats
    group: npt.NDArray[np.int64]
    """The family of the host, hashed."""

    def real(self) -> npt.NDArray[np.bool_]:
        """Which were met and not made up: they alone set scales and thresholds, and are measured on."""
        return self.source < len(SOURCES)


Row = tuple[str, int, int, int]
"""Host, whether it is a scam's, number of its source, year."""


def family(domain: str) -> str:
    """What names have in common that one hand made: digits are as good as others, and so is the suffix of
    a long name.

    >>> [family(domain) for domain in ("pay-toll12.vip", "pay-toll7.com", "a1.cn", "163.com")]
    ['pay-toll0', 'pay-toll0', 'a0.cn', '163.com']
    """
    label, _, suffix = domain.partition(".")
    if not any(letter.isalpha() for letter in label):
        return domain
    like = _DIGITS.sub("0", label)
    return like if sum(letter.isalpha() for letter in like) >= _TELLING else f"{like}.{suffix}"


def read_hosts(data: Path) -> tuple[list[Row], list[tuple[str, int]], dict[str, int]]:
    """Rows of all sources, the addresses of pdd with their labels, and the number of rows of each file.

    Errors: MissingFile and its kin.
    """
    rows: list[Row] = []
    pdd: list[tuple[str, int]] = []
    counts = {}
    columns = {"sites_pdd": ["url", "label"], "sites_jpcert_to_2023": ["date", "URL"]}
    for number, (name, _, _) in enumerate(SOURCES):
        wanted = columns.get(name, ["host"])
        table = read_rows(data / f"{name}.csv.gz", wanted).select(wanted)
        counts[name] = table.num_rows
        if number == PDD:
            pdd = [
                (url or "", int(label))
                for url, label in zip(*(c.to_pylist() for c in table.columns), strict=True)
            ]
            rows += [(host_of(url), label, number, 0) for url, label in pdd]
        elif number == JPCERT:
            dates, urls = (table.column(c).to_pylist() for c in wanted)
            rows += [
                (host_of(url), 1, number, int(str(date)[:4])) for date, url in zip(dates, urls, strict=True)
            ]
        else:
            scam = int(number == JARELLLAMA)
            rows += [(host_of(host), scam, number, 0) for host in table["host"].to_pylist()]
    return [row for row in rows if "." in row[0]], pdd, counts


def pool_hosts(rows: Sequence[Row]) -> Hosts:
    """The rows without repetitions, few of a domain, honest ones also with ordinary names before them; then
    those that are made up."""
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
        if source == CHINESE and bare.endswith(".com") and draw.random() < 0.5:
            bare = f"{bare[:-4]}.{draw.choice(_CHINESE_SUFFIXES)}"
        domain = registered_domain(bare)
        full = taken[source, fraud, year] >= (_MOST_OF_A_YEAR if year else _MOST_OF_A_SOURCE)
        if full or bare in seen or per_domain[domain, source] >= MOST_OF_A_DOMAIN:
            continue
        taken[source, fraud, year] += 1
        seen.add(bare)
        per_domain[domain, source] += 1
        kept.append((bare, fraud, source, year, domain))
        if draw.random() < (0.5 if not fraud and bare == domain else 0.15 if fraud else 0.0):
            kept.append((f"{draw.choice(_ORDINARY)}.{bare}", fraud, source, year, domain))
    made_up = list(_made_up(seen))
    fraud_ = np.array([row[1] for row in kept] + [side for _, side, *_ in made_up], np.int64)
    source_ = np.array([row[2] for row in kept] + [source for *_, source, _ in made_up], np.int64)
    families = [family(row[4]) for row in kept] + [whose for *_, whose in made_up]
    return Hosts(
        [row[0] for row in kept] + [host for host, *_ in made_up],
        fraud_,
        source_,
        np.array([row[3] for row in kept] + [0] * len(made_up), np.int64),
        _weights(source_, fraud_),
        np.array([crc32(name.encode()) for name in families], np.int64),
    )


def _made_up(seen: Set[str]) -> Iterator[tuple[str, int, int, str]]:
    """Hosts that no source has, with side, source and family: look-alikes of one brand are one."""
    for one in look_alikes(brands()):
        if one.host not in seen:
            yield one.host, 1, LOOK_ALIKES, f"brand {one.brand.en}"
    for host in dict.fromkeys(ordinary_names(MADE_UP_ORDINARY)):
        if host not in seen:
            yield host, 0, ORDINARY_NAMES, family(registered_domain(host))


def _weights(source: npt.NDArray[np.int64], fraud: npt.NDArray[np.int64]) -> Floats:
    """A side of a source weighs the root of its size, about; of what is made up every host alike."""
    weight = np.where(source == LOOK_ALIKES, 2.0, 1.0)
    for number in range(len(SOURCES)):
        for side in (0, 1):
            these = (source == number) & (fraud == side)
            weight[these] = 0.3 if number == SHORTENERS else np.sqrt(15_000 / max(these.sum(), 1_000))
    return weight


def matrix(hosts: Sequence[str]) -> Any:
    """A sparse row for each host: n-grams over the root of their number, and traits."""
    from scipy import sparse

    grams = buckets_of(hosts)
    numbers = traits(hosts, *letters_of(hosts)).numbers.astype(np.int64)
    marks = [row[row < COUNT] + BUCKETS for row in numbers]
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


class Learnt(NamedTuple):
    """Weights, and the scale that makes a probability of their sum."""

    weights: npt.NDArray[np.float32]
    slope: float
    intercept: float

    def probability(self, margin: Floats) -> Floats:
        """Of a sum of weights."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * margin + self.intercept))))


class Held(NamedTuple):
    """The sum of weights of each host that was learnt from, by a model that had not; NaN elsewhere."""

    family: Floats
    """It knew nothing of the family."""
    source: Floats
    """Of an ordinary host, it knew no ordinary host of its source; of a scam's, nothing of the family."""

    def both(self, rows: npt.NDArray[np.bool_]) -> Floats:
        """Of those rows, one way and the other."""
        return np.concatenate([self.family[rows], self.source[rows]])


def learn(
    x: Any, pool: Hosts, rows: npt.NDArray[np.bool_], begun: Callable[[str], None] = lambda _: None
) -> tuple[Learnt, Held]:
    """What those rows teach, and what was made of each while it was held out. Half of the ordinary hosts
    that are met later count as of a source like those, and half as of none of them.

    `begun` hears of each of the `FOLDS` of either sort and of the whole.
    """
    by_family = folds(pool.group, FOLDS)
    ordinary = pool.real() & (pool.fraud == 0)
    by_source = np.where(ordinary, _FOLD_OF_SOURCE[pool.source], by_family)
    held = Held(
        _held(x, pool, rows, by_family, "families", begun), _held(x, pool, rows, by_source, "sources", begun)
    )
    begun("all hosts")
    real = rows & pool.real()
    slope, intercept = _scale(held.both(real), np.tile(pool.fraud[real], 2), np.tile(pool.weight[real], 2))
    return Learnt(fit(x, pool, rows), slope, intercept), held


def _held(
    x: Any,
    pool: Hosts,
    rows: npt.NDArray[np.bool_],
    fold: npt.NDArray[np.int64],
    of: str,
    begun: Callable[[str], None],
) -> Floats:
    """What a model of the other folds makes of each row."""
    held = np.full(len(rows), np.nan)
    for number in range(FOLDS):
        begun(f"{of} held out, fold {number + 1} of {FOLDS}")
        asked = rows & (fold == number)
        if asked.any():
            held[asked] = x[asked] @ fit(x, pool, rows & (fold != number))
    return held


def fit(x: Any, pool: Hosts, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Weights learnt from those rows, both sides as heavy; what fewer than `LEAST` rows hold has none."""
    from scipy import sparse
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    chosen = x[rows]
    kept = (np.bincount(chosen.indices, minlength=x.shape[1]) >= LEAST)[chosen.indices]
    ends = np.append(0, np.cumsum(kept))[chosen.indptr]
    chosen = sparse.csr_matrix((chosen.data[kept], chosen.indices[kept], ends), shape=chosen.shape)
    weight, y = pool.weight[rows].copy(), pool.fraud[rows]
    for side in (0, 1):
        weight[y == side] *= len(y) / 2 / weight[y == side].sum()
    model = LogisticRegression(
        C=REGULARISATION, solver="liblinear", dual=True, max_iter=PASSES, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(chosen, y, sample_weight=weight)
    return np.asarray(model.coef_[0], np.float32)


def _scale(margin: Floats, fraud: npt.NDArray[np.int64], weight: Floats) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    balanced = weight.copy()
    for side, share in ((0, 1 - BASE_RATE), (1, BASE_RATE)):
        balanced[fraud == side] *= share * len(fraud) / balanced[fraud == side].sum()
    fitted = LogisticRegression(C=1e3).fit(margin[:, None], fraud, sample_weight=balanced)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
