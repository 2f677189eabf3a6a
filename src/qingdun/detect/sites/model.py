"""What a host's name is worth as evidence of a scam: a linear model over hashed n-grams and traits."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.compiled import njit
from qingdun.detect.sites.hosts import host_of, is_known, registered_domain
from qingdun.detect.sites.lookalike import likeness
from qingdun.detect.sites.traits import COUNT, URL_TRAITS, traits, url_traits
from qingdun.errors import ModelError

BUCKETS: Final = 1 << 18
LONGEST: Final = 5
KNOWN: Final = 0.0005
"""The probability of a host that belongs to a domain everybody uses."""

Floats = npt.NDArray[np.float64]

_TYPE_WORDS = {
    "loan": ("daikuan", "loan", "jiekuan", "xindai"),
    "investment": (
        "invest", "trade", "forex", "coin", "crypto", "usdt", "capital", "licai", "fund", "stock", "airdrop",
    ),
    "shopping": ("shop", "store", "mall", "outlet", "sale", "discount"),
    "brushing": ("shuadan", "renwu", "jianzhi", "task"),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class SiteScores:
    """Scores of a batch of hosts, in its order."""

    hosts: list[str]
    """As judged: lower case, without port."""
    probability: Floats
    """That the host serves a scam, never NaN; the base rate where there is no host."""

    @cached_property
    def scam_type(self) -> list[str]:
        """`phishing` for a look-alike, what words of the name suggest, else `other`."""
        types = {host: _type(host) for host in set(self.hosts)}
        return [types[host] for host in self.hosts]

    def reason(self, row: int) -> tuple[str, str]:
        """Why, in Chinese and English, as far as a person can see it; empty where nothing is to be said."""
        host = self.hosts[row]
        like = None if not host or is_known(host) else likeness(host)
        if like is not None:
            domain = registered_domain(host)
            return (f"域名 {domain} 并非{like.brand.zh}所有，却使用其名称",
                    f"{domain} does not belong to {like.brand.en} yet bears its name")  # fmt: skip
        if self.probability[row] >= 0.5:
            return f"{host} 的名称与已知诈骗网站相似", f"{host} is named like known scam sites"
        return "", ""


@dataclass(frozen=True, eq=False)
class SiteModel:
    """Weights and the scale by which their sum becomes a probability."""

    weights: npt.NDArray[np.float32]
    trait_weights: npt.NDArray[np.float32]
    url_weights: npt.NDArray[np.float32]
    """Log-odds that each trait of an address adds where an address is known."""
    slope: float
    intercept: float
    base_rate: float
    card: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls) -> SiteModel:
        """The model that ships, read once. Errors: ModelError."""
        return _shipped()

    @classmethod
    def read(cls, path: Path) -> SiteModel:
        """The model that `write` left at `path`. Errors: ModelError."""
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as data:
                arrays = [
                    data[name].astype(np.float32) for name in ("weights", "trait_weights", "url_weights")
                ]
                if [len(array) for array in arrays] != [BUCKETS, COUNT, URL_TRAITS]:
                    raise ValueError("made for other traits")
                return cls(*arrays, **json.loads(str(data["plain"])))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path}: not a site model ({error}); make one with: qingdun train sites"
            ) from error

    def write(self, path: Path) -> None:
        """The model is at `path`, n-gram weights as 16-bit floats."""
        plain = {
            "slope": self.slope,
            "intercept": self.intercept,
            "base_rate": self.base_rate,
            "card": self.card,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, weights=self.weights.astype(np.float16), trait_weights=self.trait_weights,
                            url_weights=self.url_weights,
                            plain=np.array(json.dumps(plain, ensure_ascii=False)))  # fmt: skip

    def score(self, hosts: Sequence[str | None], urls: Sequence[str | None] | None = None) -> SiteScores:
        """Probability of every host, with its address where known; equal ones judged once."""
        names = [host_of(host) for host in hosts]
        distinct = list(dict.fromkeys(names))
        odds = dict(zip(distinct, self._odds(distinct), strict=True))
        total = np.array([odds[name] for name in names], np.float64)
        if urls is not None:
            for row, (name, url) in enumerate(zip(names, urls, strict=True)):
                if url and name:
                    total[row] += float(self.url_weights[url_traits(url, name)].sum())
        probability = 1 / (1 + np.exp(-np.clip(total, -40, 40)))
        known = {name: is_known(name) for name in distinct}
        probability[np.array([known[name] for name in names], bool)] = KNOWN
        return SiteScores(names, probability)

    def _odds(self, hosts: list[str]) -> Floats:
        hosts = [host.removeprefix("www.") for host in hosts]
        margins = margin_of(hosts, self.weights)
        margins += np.array(
            [self.trait_weights[traits(host)].sum() if host else 0.0 for host in hosts], np.float64
        )
        base = np.log(self.base_rate / (1 - self.base_rate))
        return np.where([bool(host) for host in hosts], self.slope * margins + self.intercept, base)


@cache
def _shipped() -> SiteModel:
    with resources.as_file(resources.files("qingdun.detect.sites").joinpath("sites.npz")) as path:
        return SiteModel.read(path)


def margin_of(hosts: Sequence[str], weights: npt.NDArray[np.float32]) -> Floats:
    """Sum of the weights of each host's n-grams over the root of their number; 0 for an empty host."""
    ends, data = _bytes(hosts)
    return np.asarray(_margins(data, ends, weights))


def buckets_of(hosts: Sequence[str]) -> list[npt.NDArray[np.int64]]:
    """For each host the bucket of each of its n-grams; what training counts and scoring sums."""
    ends, data = _bytes(hosts)
    buckets, cuts = _all_buckets(data, ends)
    return np.split(buckets, cuts[:-1]) if len(cuts) else []


def _type(host: str) -> str:
    if host and not is_known(host) and likeness(host) is not None:
        return "phishing"
    return next((kind for kind, words in _TYPE_WORDS.items() if any(word in host for word in words)), "other")


def _bytes(hosts: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    marked = pa.array([f"^{host}$" if host else "" for host in hosts], pa.large_string())
    _, offsets, data = marked.buffers()
    letters = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    return np.frombuffer(offsets, np.int64)[: len(hosts) + 1], letters


@njit(cache=True, nogil=True)
def _margins(data: Any, ends: Any, weights: Any) -> Any:
    margins = np.zeros(len(ends) - 1)
    for row in range(len(margins)):
        total, count = 0.0, 0
        for i in range(ends[row], ends[row + 1]):
            state = np.int64(0x811C9DC5)
            for j in range(i, min(i + LONGEST, ends[row + 1])):
                state = ((state ^ np.int64(data[j])) * 0x9E3779B1) & 0xFFFFFFFF
                total += weights[(state ^ (state >> 15)) & (BUCKETS - 1)]
                count += 1
        if count:
            margins[row] = total / np.sqrt(count)
    return margins


@njit(cache=True, nogil=True)
def _all_buckets(data: Any, ends: Any) -> Any:
    buckets = np.empty(LONGEST * (ends[-1] - ends[0]) + 1, np.int64)
    cuts = np.empty(len(ends) - 1, np.int64)
    m = 0
    for row in range(len(cuts)):
        for i in range(ends[row], ends[row + 1]):
            state = np.int64(0x811C9DC5)
            for j in range(i, min(i + LONGEST, ends[row + 1])):
                state = ((state ^ np.int64(data[j])) * 0x9E3779B1) & 0xFFFFFFFF
                buckets[m] = (state ^ (state >> 15)) & (BUCKETS - 1)
                m += 1
        cuts[row] = m
    return buckets[:m].copy(), cuts
