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
from qingdun.detect.sites.anatomy import COUNT
from qingdun.detect.sites.hosts import host_of, is_at_home, registered_domain
from qingdun.detect.sites.lookalike import Likeness
from qingdun.detect.sites.suffixes import in_ascii
from qingdun.detect.sites.traits import URL_TRAITS, traits, url_traits
from qingdun.errors import ModelError

BUCKETS: Final = 1 << 18
LONGEST: Final = 5
KNOWN: Final = 0.0005
"""The probability of a host that belongs to a domain everybody uses, or is at home."""

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
    """As judged: lower case, without port, other alphabets in Punycode."""
    probability: Floats
    """That the host serves a scam, never NaN; the base rate where there is no host."""
    likes: dict[str, Likeness]
    """Whom hosts imitate, of those that imitate somebody."""

    @cached_property
    def scam_type(self) -> list[str]:
        """`phishing` for a look-alike, what words of the name suggest, else `other`."""
        types = {host: "phishing" if host in self.likes else _type(host) for host in set(self.hosts)}
        return [types[host] for host in self.hosts]

    def reason(self, row: int) -> tuple[str, str]:
        """Why, in Chinese and English, as far as a person can see it; empty where nothing is to be said."""
        host = self.hosts[row]
        like = self.likes.get(host)
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
        names = [in_ascii(host_of(host)) for host in hosts]
        rows: dict[str, int] = {}
        row_of = [rows.setdefault(name, len(rows)) for name in names]
        odds, known, likes = self._odds(list(rows))
        known = known | np.array([is_at_home(name) for name in rows], np.bool_)
        total = odds[row_of]
        if urls is not None:
            for row, (name, url) in enumerate(zip(names, urls, strict=True)):
                if url and name:
                    total[row] += float(self.url_weights[url_traits(url, name)].sum())
        probability = 1 / (1 + np.exp(-np.clip(total, -40, 40)))
        probability[known[row_of]] = KNOWN
        return SiteScores(names, probability, likes)

    def _odds(self, hosts: list[str]) -> tuple[Floats, npt.NDArray[np.bool_], dict[str, Likeness]]:
        """Log-odds of each host, whether everybody uses it, and whom it imitates."""
        bare = [host.removeprefix("www.") for host in hosts]
        letters, ends = letters_of(bare)
        found = traits(bare, letters, ends)
        margins = _margins(letters, ends, self.weights)
        margins += np.append(self.trait_weights, np.float32(0))[found.numbers].sum(axis=1, dtype=np.float64)
        base = np.log(self.base_rate / (1 - self.base_rate))
        odds = np.where(np.diff(ends) > 0, self.slope * margins + self.intercept, base)
        likes = {hosts[row]: like for row, like in found.likes.items() if not found.known[row]}
        return odds, found.known, likes


@cache
def _shipped() -> SiteModel:
    with resources.as_file(resources.files("qingdun.detect.sites").joinpath("sites.npz")) as path:
        return SiteModel.read(path)


def _type(host: str) -> str:
    return next((kind for kind, words in _TYPE_WORDS.items() if any(word in host for word in words)), "other")


def buckets_of(hosts: Sequence[str]) -> list[npt.NDArray[np.int64]]:
    """For each host the bucket of each of its n-grams; what training counts and scoring sums."""
    buckets, cuts = _all_buckets(*letters_of(hosts))
    return np.split(buckets, cuts[:-1]) if len(cuts) else []


def letters_of(hosts: Sequence[str]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The hosts in UTF-8, one after the other, and 0, then where each ends."""
    _, offsets, data = pa.array(hosts, pa.large_string()).buffers()
    letters = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    return letters, np.frombuffer(offsets, np.int64)[: len(hosts) + 1]


@njit(cache=True, nogil=True)
def _letter(data: Any, start: int, end: int, i: int) -> Any:
    """The letter of a host, which stands between marks of its beginning and its end."""
    return np.int64(94) if i < start else np.int64(36) if i == end else np.int64(data[i])


@njit(cache=True, nogil=True)
def _margins(data: Any, ends: Any, weights: Any) -> Any:
    """Sum of the weights of each host's n-grams over the root of their number; 0 for an empty host."""
    margins = np.zeros(len(ends) - 1)
    for row in range(len(margins)):
        start, end = ends[row], ends[row + 1]
        total, count = 0.0, 0
        for i in range(start - 1, end + 1 if end > start else start - 1):
            state = np.int64(0x811C9DC5)
            for j in range(i, min(i + LONGEST, end + 1)):
                state = ((state ^ _letter(data, start, end, j)) * 0x9E3779B1) & 0xFFFFFFFF
                total += weights[(state ^ (state >> 15)) & (BUCKETS - 1)]
                count += 1
        if count:
            margins[row] = total / np.sqrt(count)
    return margins


@njit(cache=True, nogil=True)
def _all_buckets(data: Any, ends: Any) -> Any:
    buckets = np.empty(LONGEST * (ends[-1] - ends[0] + 2 * len(ends)) + 1, np.int64)
    cuts = np.empty(len(ends) - 1, np.int64)
    m = 0
    for row in range(len(cuts)):
        start, end = ends[row], ends[row + 1]
        for i in range(start - 1, end + 1 if end > start else start - 1):
            state = np.int64(0x811C9DC5)
            for j in range(i, min(i + LONGEST, end + 1)):
                state = ((state ^ _letter(data, start, end, j)) * 0x9E3779B1) & 0xFFFFFFFF
                buckets[m] = (state ^ (state >> 15)) & (BUCKETS - 1)
                m += 1
        cuts[row] = m
    return buckets[:m].copy(), cuts
