"""Vectorised screens: which rows of a micro-batch can matter to anybody, with the verdicts of list, rules
and models.

Models are asked about the distinct values of a batch only. A screen lets through a superset of what the
detectors use, so that how an arrival is cut into batches cannot change what they see.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.tables import CALLS, MESSAGES, OUTCOMES, TRANSFERS, Message, Visit
from qingdun.detect.evidence import Event, HostVerdict, TextVerdict
from qingdun.detect.host_kinds import kinds_of
from qingdun.detect.reference import Watchlist
from qingdun.detect.weights import Weights

_HOST = re.compile(r"(?<![a-z0-9@.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,18}(?![a-z0-9.-]*@)")
_CODE = re.compile(r"验证码|校验码|动态码|动态密码|verification code", re.IGNORECASE)
_MOST_REMEMBERED = 1_000_000

Ints = npt.NDArray[np.int64]


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


class Screens:
    """The screens with what they remember: verdicts on hosts, and which hosts are common."""

    def __init__(self, weights: Weights, watchlist: Watchlist, texts: TextScorer, sites: SiteScorer) -> None:
        self._weights = weights
        self._watchlist = watchlist
        self._texts = texts
        self._sites = sites
        self._hosts: dict[str, HostVerdict] = {}
        self._quiet: set[str] = set()
        """Hosts that are common and matter to nobody: most visits are to these."""

    def events(
        self, flow: str, rows: pa.Table, clock: Ints, order: Ints, is_common: Callable[[str], bool]
    ) -> list[Event]:
        """The rows of one flow that may matter, as events in the order of the table.

        `clock` is the engine's clock at each row, `order` its place among rows of the same instant;
        `is_common(host)` says whether too many people ask for a host for it to be a scam's own.
        """
        if not rows.num_rows:
            return []
        if len(self._hosts) > _MOST_REMEMBERED:
            self._hosts.clear()
        if len(self._quiet) > _MOST_REMEMBERED:
            self._quiet.clear()
        if flow == "visits":
            return self._visits(rows, clock, order, is_common)
        if flow == "messages":
            return self._messages(rows, clock, order)
        if flow == "outcomes":
            return _outcomes(rows, clock, order)
        table = CALLS if flow == "calls" else TRANSFERS
        return [
            Event(row.at, place, row[0], flow, row, None, now)
            for row, place, now in zip(table.to_rows(rows), order.tolist(), clock.tolist(), strict=True)
        ]

    def host(self, host: str) -> HostVerdict:
        """The verdict on one host."""
        if host not in self._hosts:
            self._judge([host])
        return self._hosts[host]

    def _visits(
        self, rows: pa.Table, clock: Ints, order: Ints, is_common: Callable[[str], bool]
    ) -> list[Event]:
        column = rows.column("host")
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        hosts = column.combine_chunks()
        if isinstance(hosts, pa.ChunkedArray):
            hosts = hosts.unify_dictionaries().combine_chunks() if hosts.num_chunks > 1 else hosts.chunk(0)
        names: list[str] = hosts.dictionary.to_pylist()
        self._judge([name for name in names if name not in self._quiet and name not in self._hosts])
        quiet = self._quiet
        loud = [i for i, name in enumerate(names) if name not in quiet]
        quiet.update(n for n in (names[i] for i in loud) if is_common(n) and not self.matters(self._hosts[n]))
        let_through = np.zeros(len(names), np.bool_)
        let_through[[i for i in loud if names[i] not in quiet]] = True
        chosen = np.flatnonzero(let_through[hosts.indices.to_numpy(zero_copy_only=False)])
        kept = rows.take(pa.array(chosen))
        return [
            Event(at, place, "", "visits", Visit(at, subscriber, host, url), self._hosts[host], now)
            for at, subscriber, host, url, place, now in zip(
                kept.column("at").cast(pa.int64()).to_pylist(),
                kept.column("subscriber").to_pylist(),
                kept.column("host").to_pylist(),
                kept.column("url").to_pylist() if "url" in kept.column_names else [None] * len(chosen),
                order[chosen].tolist(),
                clock[chosen].tolist(),
                strict=True,
            )
        ]

    def forget_verdicts(self, domains: Collection[str]) -> None:
        """The hosts of these domains are judged anew; for when the watchlist has changed."""
        changed = frozenset(next(iter(Watchlist.names("host", domain))) for domain in domains)

        def is_below(host: str) -> bool:
            return not changed.isdisjoint(Watchlist.names("host", host))

        for host in [host for host in self._hosts if is_below(host)]:
            del self._hosts[host]
        self._quiet.difference_update([host for host in self._quiet if is_below(host)])

    def matters(self, verdict: HostVerdict) -> bool:
        """Whether visits to a host of this verdict go on however many people ask for it."""
        return bool(verdict.kinds or verdict.listed or verdict.probability >= self._weights.site_probability)

    def _judge(self, hosts: list[str]) -> None:
        if not hosts:
            return
        scored = self._sites.score(hosts)
        for host, probability, scam_type in zip(hosts, scored.probability, scored.scam_type, strict=True):
            name = host.strip().rstrip(".").lower()
            listed = name if self._watchlist.ever("host", name) else None
            kinds = kinds_of(name)
            # A well-known bank is not a look-alike of itself.
            self._hosts[host] = HostVerdict(0.0 if kinds else float(probability), scam_type, kinds, listed)

    def _messages(self, rows: pa.Table, clock: Ints, order: Ints) -> list[Event]:
        encoded = pc.dictionary_encode(rows.column("text").combine_chunks())
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        texts: list[str] = encoded.dictionary.to_pylist()
        scored = self._texts.score(texts)
        named = [tuple(dict.fromkeys(_HOST.findall(_folded(text))))[:3] for text in texts]
        self._judge([h for h in dict.fromkeys(itertools.chain(*named)) if h not in self._hosts])
        verdicts = [
            self._text(text, hosts, float(probability), scam_type)
            for text, hosts, probability, scam_type in zip(
                texts, named, scored.probability, scored.scam_type, strict=True
            )
        ]
        bare = rows.set_column(
            rows.column_names.index("text"), "text", pa.array([""] * rows.num_rows, pa.string())
        )
        found: list[Message] = MESSAGES.to_rows(bare)
        return [
            Event(row.at, place, row.message_id, "messages", row, verdicts[index], now)
            for row, index, place, now in zip(
                found, encoded.indices.to_pylist(), order.tolist(), clock.tolist(), strict=True
            )
        ]

    def _text(
        self, text: str, hosts: tuple[str, ...], probability: float, scam_type: str | None
    ) -> TextVerdict:
        suspicious = probability >= self._weights.text_probability
        return TextVerdict(
            probability,
            scam_type if suspicious else None,
            tuple(self._texts.phrases(text))[:5] if suspicious else (),
            tuple((host, self._hosts[host]) for host in hosts),
            _CODE.search(text) is not None,
        )


def _outcomes(rows: pa.Table, clock: Ints, order: Ints) -> list[Event]:
    """A try has no id of its own: person, time and result say which it is."""
    return [
        Event(row.at, place, f"{row.person_id} {row.at} {row.result}", "outcomes", row, None, now)
        for row, place, now in zip(OUTCOMES.to_rows(rows), order.tolist(), clock.tolist(), strict=True)
    ]


def _folded(text: str) -> str:
    """Full-width letters and digits as plain ones: a host is often written so to escape filters."""
    return unicodedata.normalize("NFKC", text).lower() if "." in text or "．" in text or "。" in text else ""
