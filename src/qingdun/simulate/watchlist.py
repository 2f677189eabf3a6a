"""What was known before: a part of what gangs use, and entries that are stale or wrong."""

from __future__ import annotations

import random

from qingdun.contract.codes import EntityKind
from qingdun.contract.tables import WatchlistEntry
from qingdun.simulate.city import Population
from qingdun.simulate.gangs import Gang, genuine
from qingdun.simulate.hosts import Hosts, scam_site
from qingdun.simulate.ordinary.rhythm import DAY

KNOWN = 0.15
"""Share of the gangs' entities that are on the list."""

_REASONS = {
    EntityKind.NUMBER: ("涉诈号码通报", "群众举报", "他市已立案号码"),
    EntityKind.SENDER: ("涉诈短信端口", "群众举报"),
    EntityKind.HOST: ("涉诈网址通报", "仿冒网站", "他市已立案网址"),
    EntityKind.ACCOUNT: ("涉案账户", "资金链二级账户", "他行可疑交易报告"),
    EntityKind.DEVICE: ("GOIP设备", "涉案设备"),
}
_SOURCES = ("省反诈中心", "市反诈中心", "运营商监测", "银行报送", "群众举报")


def watchlist(
    people: Population, hosts: Hosts, gangs: list[Gang], start: int, seed: int
) -> list[WatchlistEntry]:
    """Entries as of the start: known entities of gangs, and a quarter as many that mean nothing."""
    rng = random.Random(f"{seed}/watchlist")
    found = [
        entity
        for gang in gangs
        for kit in gang.kits
        for entity in [
            *((EntityKind.NUMBER, line.number) for line in kit.lines),
            *((EntityKind.DEVICE, line.imei) for line in kit.lines[:1] if line.imei),
            *((EntityKind.SENDER, sender) for sender in kit.senders),
            *((EntityKind.HOST, host) for host in kit.hosts),
            *(
                (EntityKind.ACCOUNT, people.accounts.number[account].as_py())
                for account in (*kit.level1, *kit.level2, *kit.level3)
            ),
        ]
    ]
    known = [entity for entity in dict.fromkeys(found) if rng.random() < KNOWN and not genuine(entity[1])]
    rows = [_entry(kind, entity, start, rng, stale=False) for kind, entity in known]
    for _ in range(3 + len(known) // 4):
        kind, entity = _innocent(people, hosts, rng)
        rows.append(_entry(kind, entity, start, rng, stale=rng.random() < 0.7))
    return rows


def _entry(kind: EntityKind, entity: str, start: int, rng: random.Random, stale: bool) -> WatchlistEntry:
    since = start - rng.randrange(1, 60) * DAY - rng.randrange(DAY)
    until = None if rng.random() < 0.5 else start + rng.randrange(10, 120) * DAY
    if stale:
        since, until = since - 300 * DAY, start - rng.randrange(1, 200) * DAY
    return WatchlistEntry(kind, entity, rng.choice(_REASONS[kind]), rng.choice(_SOURCES), since, until)


def _innocent(people: Population, hosts: Hosts, rng: random.Random) -> tuple[EntityKind, str]:
    draw = rng.random()
    if draw < 0.4:
        room = people.phones.span[rng.choice(("room", "overseas", "outside"))]
        return EntityKind.NUMBER, people.phones.number[rng.randrange(*room)].as_py()
    if draw < 0.6:
        return EntityKind.ACCOUNT, people.accounts.number[
            rng.randrange(*people.accounts.span["outside"])
        ].as_py()
    if draw < 0.8:
        small = hosts.category["small"]
        return EntityKind.HOST, hosts.name[int(small[rng.randrange(len(small))])].as_py()
    return EntityKind.HOST, scam_site("bank", rng)
