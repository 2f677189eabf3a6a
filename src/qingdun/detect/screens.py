"""Vectorised screens: which rows of a micro-batch can matter to anybody, with the verdicts of list, rules
and models.

Models are asked about the distinct values of a batch only. A screen lets through a superset of what the
detectors use, so that how an arrival is cut into batches cannot change what they see.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.detect.evidence import HostVerdict, TextVerdict
from qingdun.detect.host_kinds import is_well_known, kinds_of
from qingdun.detect.reference import Watchlist
from qingdun.detect.sites.hosts import is_own_domain
from qingdun.detect.sites.named import hosts_of
from qingdun.detect.tiles import layout
from qingdun.detect.tiles.touches import Touches
from qingdun.detect.waking import EVERYBODY, FOLLOWED, NOBODY, YOUNG, Concern
from qingdun.detect.weights import Weights

CODE = re.compile(r"验证码|校验码|动态码|动态密码|verification code", re.IGNORECASE)
_MOST_REMEMBERED = 1_000_000

Ints = npt.NDArray[np.int64]
Concerns = Callable[[HostVerdict, bool], Concern]
"""Whom visits to a host of a verdict concern, in the eyes of all detectors, while it is common or not."""


class Scored(Protocol):
    """Per value, in order: probability of fraud and the scam type or None."""

    @property
    def probability(self) -> Any:
        """An array of probabilities."""
        ...

    @property
    def scam_type(self) -> Sequence[str | None]:
        """Scam types."""
        ...


class TextScorer(Protocol):
    """Judges the texts of messages."""

    def score(self, texts: Sequence[str]) -> Scored:
        """Probability of fraud and type of each text."""
        ...

    def phrases(self, text: str) -> Sequence[str]:
        """The phrases of a text that weighed most."""
        ...


class SiteScorer(Protocol):
    """Judges host names."""

    def score(self, hosts: Sequence[str]) -> Scored:
        """Probability of fraud and type of each host."""
        ...


class Told(NamedTuple):
    """What the screen says of the messages of a batch."""

    verdicts: list[TextVerdict]
    of: Ints
    """The verdict on each message, by its place in `verdicts`."""
    suspicious: npt.NDArray[np.bool_]
    """By verdict: whether a sender is judged by such texts."""
    telling: npt.NDArray[np.uint8]
    """By verdict: whether it may tell a detector anything; `layout.CODE` if only by a one-time code."""


class Screens:
    """The screens with what they remember: the verdict on every host that was met."""

    def __init__(
        self, weights: Weights, watchlist: Watchlist, texts: TextScorer, sites: SiteScorer, concerns: Concerns
    ) -> None:
        self._weights = weights
        self._watchlist = watchlist
        self._texts = texts
        self._sites = sites
        self._concerns = concerns
        self._least_telling = _least_telling(weights)
        self._hosts: dict[str, HostVerdict] = {}
        self._known_texts: dict[int, TextVerdict] = {}
        self._by_place = np.zeros((0, 4), np.uint8)
        """By place of the host: whether it was judged, whether it is of no known kind, whom visits to it
        concern while it is uncommon, and when it is common."""
        self._dictionaries: list[tuple[pa.Array, npt.NDArray[np.int32]]] = []

    def visits(
        self, hosts: pa.ChunkedArray, order: Ints | None, touches: Touches
    ) -> tuple[Ints, npt.NDArray[np.int32]]:
        """Which rows count, of those that ask for these hosts, and the place of the host of each; of the rows
        in that order if one is given.

        Only visits to common hosts of which nobody need know are left out: most are.
        """
        if len(self._hosts) > _MOST_REMEMBERED:
            self._hosts.clear()
        places = self._places(hosts, touches)
        places = places if order is None else places[order]
        self._room(len(touches))
        counts = ~touches.common() | (self._by_place[: len(touches), 3] != NOBODY)
        kept = np.flatnonzero(counts[places])
        return kept, places[kept]

    def concerns(self, places: npt.NDArray[np.int32], touches: Touches, clock: Ints) -> npt.NDArray[np.uint8]:
        """Whom a visit to the host at each place concerns, by the clock at each."""
        known = self._by_place[places]
        concerned = np.where(touches.common()[places], known[:, 3], known[:, 2])
        new = np.flatnonzero(concerned & YOUNG)
        concerned[new[touches.are_new(places[new], clock)]] |= EVERYBODY
        return concerned

    def plain(self) -> npt.NDArray[np.bool_]:
        """By place: whether the entity is a host that is not well known."""
        return np.asarray(self._by_place[:, 1] != 0)

    def suspect(self) -> npt.NDArray[np.bool_]:
        """By place: whether it is such a host, and visits to it go on however common it is."""
        return np.asarray(self.plain() & (self._by_place[:, 3] != NOBODY))

    def renumber(self, hosts: Collection[str]) -> None:
        """Only these hosts are known still, and have new places."""
        self._hosts = {host: verdict for host, verdict in self._hosts.items() if host in hosts}
        self._forget_places()

    def _forget_places(self) -> None:
        self._by_place = np.zeros((0, 4), np.uint8)
        self._dictionaries = []

    def host(self, host: str) -> HostVerdict:
        """The verdict on one host."""
        if host not in self._hosts:
            self._judge([host])
        return self._hosts[host]

    def _places(self, column: pa.ChunkedArray, touches: Touches) -> npt.NDArray[np.int32]:
        """The place of the host of every row. Strings are looked at once a dictionary."""
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        found: list[npt.NDArray[np.int32]] = []
        for chunk in column.chunks:
            by_index = self._of_dictionary(chunk.dictionary, touches)
            found.append(by_index[chunk.indices.to_numpy(zero_copy_only=False)])
        return np.concatenate(found) if found else np.zeros(0, np.int32)

    def _of_dictionary(self, dictionary: pa.Array, touches: Touches) -> npt.NDArray[np.int32]:
        for known, places in self._dictionaries:
            if _is_same(known, dictionary):
                return places
        names: list[str] = dictionary.to_pylist()
        places = touches.entities("host", names)
        self._judge_places(names, places, len(touches))
        self._dictionaries = [*self._dictionaries[-3:], (dictionary, places)]
        return places

    def _judge_places(self, names: list[str], places: npt.NDArray[np.int32], entities: int) -> None:
        self._room(entities)
        fresh = np.flatnonzero(self._by_place[places, 0] == 0).tolist()
        self._judge([names[i] for i in fresh if names[i] not in self._hosts])
        for i in fresh:
            verdict = self._hosts[names[i]]
            common = self._concerns(verdict, True) | FOLLOWED
            common = common if self.matters(verdict) else NOBODY
            uncommon = self._concerns(verdict, False) | common | FOLLOWED
            self._by_place[places[i]] = (1, not verdict.well_known, uncommon, common)

    def forget_verdicts(self, domains: Collection[str]) -> None:
        """The hosts of these domains are judged anew; for when the watchlist has changed."""
        changed = frozenset(next(iter(Watchlist.names("host", domain))) for domain in domains)

        def is_below(host: str) -> bool:
            return not changed.isdisjoint(Watchlist.names("host", host))

        for host in [host for host in self._hosts if is_below(host)]:
            del self._hosts[host]
        self._known_texts.clear()  # they name hosts with their verdicts
        self._forget_places()

    def matters(self, verdict: HostVerdict) -> bool:
        """Whether visits to a host of this verdict go on however many people ask for it."""
        return bool(verdict.kinds or verdict.listed or verdict.probability >= self._weights.site_probability)

    def _room(self, entities: int) -> None:
        if entities > len(self._by_place):
            room = np.zeros((entities + entities // 2, 4), np.uint8)
            room[: len(self._by_place)] = self._by_place
            self._by_place = room

    def _judge(self, hosts: list[str]) -> None:
        if not hosts:
            return
        scored = self._sites.score(hosts)
        for host, probability, scam_type in zip(hosts, scored.probability, scored.scam_type, strict=True):
            name = host.strip().rstrip(".").lower()
            listed = name if self._watchlist.ever("host", name) else None
            kinds = kinds_of(name)
            known = is_well_known(name)
            # A well-known bank is not a look-alike of itself; a label that anybody may take clears nobody.
            likely, own = (0.0, False) if known else (float(probability), is_own_domain(name))
            self._hosts[host] = HostVerdict(likely, scam_type, kinds, listed, own, known)

    def messages(self, texts: pa.ChunkedArray) -> Told:
        """The verdict on each text; every distinct one is looked at once."""
        encoded = texts.combine_chunks() if texts.num_chunks != 1 else texts.chunk(0)
        if not pa.types.is_dictionary(encoded.type):
            encoded = encoded.dictionary_encode()
        verdicts = self._texts_of(encoded.dictionary.to_pylist())
        least = self._weights.detectors["message.bulk"].settings["least_probability"]
        return Told(
            verdicts,
            encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64),
            np.array([verdict.probability >= least for verdict in verdicts], np.bool_),
            np.array([self._tells(verdict) for verdict in verdicts], np.uint8),
        )

    def _tells(self, verdict: TextVerdict) -> int:
        """Whether a text of that verdict, by itself, may tell a detector anything."""
        if verdict.hosts or verdict.probability >= self._least_telling:
            return layout.ALWAYS
        return layout.CODE if verdict.code else 0

    def _texts_of(self, texts: list[str]) -> list[TextVerdict]:
        """The verdict on each text. What is remembered of a text is its verdict under a digest of it, keyed
        anew in every process: the text itself is never kept."""
        known, digests = self._known_texts, [hash(text) for text in texts]
        fresh = [(digest, text) for digest, text in zip(digests, texts, strict=True) if digest not in known]
        if fresh:
            if len(known) > _MOST_REMEMBERED:
                known.clear()
                return self._texts_of(texts)
            self._read(fresh)
        return [known[digest] for digest in digests]

    def _read(self, fresh: list[tuple[int, str]]) -> None:
        texts = [text for _, text in fresh]
        scored = self._texts.score(texts)
        named = hosts_of(texts)
        self._judge([h for h in dict.fromkeys(itertools.chain(*named)) if h not in self._hosts])
        least = self._weights.text_probability
        for (digest, text), hosts, probability, scam_type in zip(
            fresh, named, np.asarray(scored.probability).tolist(), scored.scam_type, strict=True
        ):
            suspicious = probability >= least
            self._known_texts[digest] = TextVerdict(
                probability,
                scam_type if suspicious else None,
                tuple(self._texts.phrases(text))[:5] if suspicious else (),
                tuple((host, self._hosts[host]) for host in hosts) if hosts else (),
                holds_code(text),
            )


def _least_telling(weights: Weights) -> float:
    """The probability below which the words of a text tell no detector anything."""
    words, bulk = weights.detectors["message.scam_text"], weights.detectors["message.bulk"]
    without_words = sum(max(0, words.millibits[name]) for name in ("service_code", "known_sender"))
    if without_words >= words.settings["least_bits"] * 1000:
        return 0.0
    least = words.settings["least_probability"], bulk.settings["least_probability"]
    return min(*least, weights.text_probability)


def _is_same(one: pa.Array, other: pa.Array) -> bool:
    """Whether both are one and the same piece of memory."""
    if len(one) != len(other) or one.offset != other.offset or one.type != other.type:
        return False
    pairs = zip(one.buffers(), other.buffers(), strict=True)
    return all((a and a.address) == (b and b.address) for a, b in pairs)


def holds_code(text: str) -> bool:
    """Whether a text speaks of a one-time code. Most hold no letter that any of its names does."""
    return ("码" in text or "v" in text or "V" in text) and CODE.search(text) is not None
