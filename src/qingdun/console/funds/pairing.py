"""One transfer, told by the payer's bank and by the payee's, is one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from qingdun.console.funds.models import Movement


def transfers(found: Iterable[Movement], within_s: int) -> dict[int, Movement]:
    """The movement that stands for each, by id: of two that tell the same transfer, the payer's for both.

    Two tell the same if payer, payee and amount agree, one stands in the payer's statement and the other in
    the payee's, and their times differ by `within_s` seconds at most; the earliest pair first.
    """
    stands: dict[int, Movement] = {}
    groups: dict[tuple[str, str, int], tuple[list[Movement], list[Movement]]] = defaultdict(lambda: ([], []))
    for one in found:
        stands[one.pk] = one
        groups[one.payer, one.payee, one.amount_fen][one.of_payer].append(one)
    for payees, payers in groups.values():
        waiting = sorted(payees, key=lambda one: (one.at, one.pk))
        for payer in sorted(payers, key=lambda one: (one.at, one.pk)):
            while waiting and (payer.at - waiting[0].at).total_seconds() > within_s:
                waiting.pop(0)
            if waiting and (waiting[0].at - payer.at).total_seconds() <= within_s:
                stands[waiting.pop(0).pk] = payer
    return stands
