"""What the addresses that a text names add to what its words say.

The model of texts reads every link as one sign, since published messages mask theirs. Where a link stands
unmasked its host speaks besides: a name such as scams have, or a domain that everybody uses.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from qingdun.detect.sites.hosts import whose
from qingdun.detect.sites.model import SiteModel
from qingdun.detect.sites.named import hosts_of

Floats = npt.NDArray[np.float64]

MOST: Final = np.log(8)
"""A host moves the log-odds by no more [D]: three bits, as `message.scam_text` counts an odd link."""


def with_links(sites: SiteModel, texts: Sequence[str | None], probability: Floats) -> Floats:
    """The probability of each text, with what the hosts that it names say; as it was where it names none.

    The most suspicious host counts, by its odds over the base rate: up to eight times. A name by itself
    clears nobody, but a text that links nowhere but to domains that everybody uses has an eighth of the odds.
    """
    named = hosts_of([text or "" for text in texts])
    hosts = list(dict.fromkeys(itertools.chain(*named)))
    if not hosts:
        return probability
    worth = dict(zip(hosts, _worth(sites, hosts).tolist(), strict=True))
    rows = np.array([row for row, found in enumerate(named) if found])
    moved = np.array([max(map(worth.__getitem__, named[row])) for row in rows])
    held = np.clip(probability[rows], 1e-9, 1 - 1e-9)
    result = probability.copy()
    result[rows] = 1 / (1 + (1 - held) / held * np.exp(-moved))
    return result


def _worth(sites: SiteModel, hosts: Sequence[str]) -> Floats:
    found = sites.score(hosts).probability
    odds = np.log(found / (1 - found)) - np.log(sites.base_rate / (1 - sites.base_rate))
    known = np.array([whose(host).known for host in hosts])
    return np.asarray(np.where(known, -MOST, np.clip(odds, 0, MOST)), np.float64)
