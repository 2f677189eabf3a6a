"""A hand-made city of a few people, rows written one by one, and models that go by keywords."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from qingdun.contract.storage import write_table
from qingdun.contract.tables import (
    ACCOUNTS,
    CALLS,
    FLOWS,
    MESSAGES,
    OUTCOMES,
    SUBSCRIBERS,
    TRANSFERS,
    VISITS,
    WATCHLIST,
    Account,
    Alert,
    Call,
    Message,
    Outcome,
    Subscriber,
    Transfer,
    Visit,
    WatchlistEntry,
)
from qingdun.detect.reference import Holding, Line, Reference
from qingdun.detect.weights import Weights
from qingdun.run.embedded import Decisions, Engine

START = int(dt.datetime(2026, 3, 2, tzinfo=dt.UTC).timestamp()) * 1_000_000
S = 1_000_000
M = 60 * S
H = 60 * M
_LONG_AGO = dt.date(2015, 1, 1)
JUDGED = (*FLOWS, OUTCOMES)
"""What the engine judges: the four flows, and what came of alerts."""


@dataclass(frozen=True)
class Scores:
    probability: list[float]
    scam_type: list[str | None]


class KeywordTexts:
    """Finds messages with 刷单 fraudulent."""

    def score(self, texts: Sequence[str]) -> Scores:
        bad = ["刷单" in text for text in texts]
        return Scores([0.995 if b else 0.01 for b in bad], ["brushing" if b else None for b in bad])

    def phrases(self, text: str) -> list[str]:
        return ["刷单"]


class KeywordSites:
    """Finds hosts with a label `fake` fraudulent."""

    def score(self, hosts: Sequence[str]) -> Scores:
        bad = ["fake" in host for host in hosts]
        return Scores([0.995 if b else 0.01 for b in bad], ["phishing" if b else None for b in bad])


@dataclass
class World:
    """Persons p0, p1 … with numbers and two accounts each; rows are added by what happens."""

    persons: int = 4
    rows: dict[str, list[Any]] = field(default_factory=lambda: {f.name: [] for f in JUDGED})
    listed: list[WatchlistEntry] = field(default_factory=list)
    ids: int = 0
    asleep: set[int] = field(default_factory=set)
    """Persons whose line nobody used for 200 days before."""
    firms: set[str] = field(default_factory=set)
    """Accounts of firms, whose holders are not known."""
    weights: Weights | None = None

    def number(self, person: int) -> str:
        return f"+86170000{person:05d}"

    def account(self, person: int, which: int = 0) -> str:
        return f"6200{person:06d}{which}"

    def _id(self) -> str:
        self.ids += 1
        return f"r{self.ids:07d}"

    def call(
        self,
        at: int,
        caller: str,
        callee: str,
        duration_s: int | None = 60,
        origin: str = "domestic",
        network: str | None = None,
        imei: str | None = None,
        cell: str | None = None,
    ) -> None:
        """An answered call; without an end if `duration_s` is None."""
        own = (origin, network, imei, cell, None, None)
        call_id = self._id()
        self.rows["calls"].append(Call(call_id, at, "answered", caller, callee, 0, *own))
        if duration_s is not None:
            end = at + duration_s * S
            self.rows["calls"].append(Call(call_id, end, "ended", caller, callee, duration_s, *own))

    def taken(
        self, at: int, caller: str, callee: str, duration_s: int, origin: str, cell: str | None
    ) -> None:
        """An answered call whose called party is at that cell."""
        self.call(at, caller, callee, duration_s, origin)
        calls = self.rows["calls"]
        calls[-2:] = [call._replace(callee_cell=cell) for call in calls[-2:]]

    def failed_call(
        self,
        at: int,
        caller: str,
        callee: str,
        phase: str = "busy",
        cell: str | None = None,
        origin: str = "domestic",
    ) -> None:
        own = (origin, None, None, cell, None, None)
        self.rows["calls"].append(Call(self._id(), at, phase, caller, callee, 0, *own))

    def tried(self, at: int, person: int, result: str = "busy") -> None:
        """An officer has called the person, with that result."""
        self.rows["outcomes"].append(Outcome(f"p{person}", at, "a", result, "officer"))

    def message(self, at: int, sender: str, recipient: str, text: str) -> None:
        self.rows["messages"].append(Message(self._id(), at, sender, recipient, text))

    def visit(self, at: int, subscriber: str, host: str) -> None:
        self.rows["visits"].append(Visit(at, subscriber, host, None))

    def transfer(
        self, at: int, payer: str, payee: str, yuan: int, settle: bool = True, device: str | None = None
    ) -> None:
        transfer_id = self._id()
        for phase, when in (("requested", at), ("settled", at + 2 * S))[: 2 if settle else 1]:
            self.rows["transfers"].append(
                Transfer(transfer_id, when, phase, payer, payee, yuan * 100, "app", device, None)
            )

    def list(self, kind: str, entity: str, since: int = START) -> None:
        self.listed.append(WatchlistEntry(kind, entity, "测试名单", "test", since, None))

    def police_story(self, at: int = START + 9 * H) -> str:
        """The story of the source: a spoofed call, others turned away, a shared screen, a bank, a code."""
        victim = self.number(0)
        self.call(at, "+00861110", victim, None, "overseas")
        self.failed_call(at + 12 * M, self.number(1), victim)
        self.failed_call(at + 14 * M, self.number(2), victim)
        self.visit(at + 22 * M, victim, "meeting.tencent.com")
        self.visit(at + 25 * M, victim, "m.icbc.com.cn")
        self.message(at + 27 * M, "95588", victim, "验证码123456，请勿告诉他人")
        return victim

    def everyday(self, seed: int, hours: int = 12, events: int = 400) -> None:
        """Rows of everything at random times, some suspicious, some of the same instant."""
        draw = random.Random(seed)
        hosts = ["a.cn", "b.cn", "fake.cn", "x.fake.cn", "m.icbc.com.cn", "todesk.com", "rare.cn"]
        outside = [f"+4470000{i:04d}" for i in range(4)] + ["+00861110", "110", "+8617900000001"]
        for _ in range(events):
            at = START + draw.randrange(hours * 3600) * S
            one, other = draw.randrange(self.persons), draw.randrange(self.persons)
            match draw.randrange(5):
                case 0:
                    caller = draw.choice([*outside, self.number(other)])
                    origin = draw.choice(["domestic", "overseas", "voip"])
                    length = draw.choice([20, 400, 2400, None])
                    self.call(at, caller, self.number(one), length, origin, None, draw.choice(["i1", None]))
                case 1:
                    self.failed_call(
                        at, draw.choice(outside), self.number(one), draw.choice(["busy", "invalid"])
                    )
                case 2:
                    text = draw.choice(["刷单日结 go.fake.cn", "验证码1234", "晚上吃饭吗"])
                    self.message(at, draw.choice([*outside, "95588"]), self.number(one), text)
                case 3:
                    self.visit(at, self.number(one), draw.choice(hosts))
                case 4:
                    payee = draw.choice([self.account(other), self.account(one, 1), "9900000001"])
                    handset = ["phone", f"own{one}", None][draw.randrange(3)]
                    self.transfer(at, self.account(one), payee, draw.choice([5, 300, 20_000]), device=handset)

    def strangers(self, seed: int, hours: int, events: int) -> None:
        """Ordinary calls and messages among many, some of whom call or write to a great number, from few
        devices."""
        draw = random.Random(seed + 1)
        busy = [f"+8617800000{i:03d}" for i in range(4)]
        for _ in range(events):
            at = START + draw.randrange(hours * 3600) * S
            caller = draw.choice([*busy, *busy, self.number(draw.randrange(self.persons))])
            callee = draw.choice([*busy, *map(self.number, range(self.persons + 8))])
            imei = draw.choice(["box", f"own{caller}", None])
            match draw.randrange(5):
                case 4:
                    payer, payee = (f"62{draw.randrange(12):02d}" for _ in range(2))
                    own = self.account(draw.randrange(self.persons))
                    payer, payee = draw.choice([(payer, payee), (own, payee), (payer, own)])
                    fen = draw.choice([8, 90, 450, 1300, 9000])
                    self.transfer(at, payer, payee, fen, draw.random() < 0.5, imei)
                case 0:
                    self.failed_call(at, caller, callee, draw.choice(["missed", "refused", "invalid"]))
                case 1:
                    text = draw.choice(["刷单日结", "晚上吃饭吗", "到家了"])
                    self.message(at, draw.choice([caller, "rented7"]), callee, text)
                case _:
                    cell = "tower" if caller in busy[:3] else None
                    self.call(
                        at, caller, callee, draw.choice([30, 90, 900, 1900, None]), imei=imei, cell=cell
                    )

    def batch(self, rows: dict[str, list[Any]] | None = None) -> dict[str, pa.Table]:
        rows = self.rows if rows is None else rows
        return {
            f.name: f.from_rows(sorted(rows[f.name], key=lambda r: (r.at, *r[:1])))
            for f in JUDGED
            if rows.get(f.name)
        }

    def reference(self) -> Reference:
        lines = {
            self.number(i): Line(f"p{i}", (_LONG_AGO - dt.date(1970, 1, 1)).days, self._last_active(i), False)
            for i in range(self.persons)
        }
        holdings = {
            self.account(i, which): Holding(f"p{i}", "personal", None, 10_000_00)
            for i in range(self.persons)
            for which in (0, 1)
        }
        holdings |= {account: Holding(None, "corporate", None, None) for account in self.firms}
        return Reference(lines, holdings, self.listed)

    def _last_active(self, person: int) -> int | None:
        return START // (24 * H) - 200 if person in self.asleep else None

    def engine(self) -> Engine:
        return Engine(self.reference(), self.weights, texts=KeywordTexts(), sites=KeywordSites())

    def alerts(self) -> list[Alert]:
        return run(self.engine(), [self.batch()])

    def write(self, folder: Path) -> Path:
        """The world as a flow directory."""
        for table in (CALLS, MESSAGES, VISITS, TRANSFERS):
            write_table(
                table, sorted(self.rows[table.name], key=lambda r: r.at), folder / f"{table.name}.parquet"
            )
        if self.rows["outcomes"]:
            write_table(OUTCOMES, self.rows["outcomes"], folder / "outcomes.parquet")
        people = [
            Subscriber(
                self.number(i), f"p{i}", _LONG_AGO, None, "移动", False, "441881101", None, False, 1980, "f"
            )
            for i in range(self.persons)
        ]
        accounts = [
            Account(self.account(i, w), f"p{i}", "personal", "银行", None, None, None, 1_000_000, START)
            for i in range(self.persons)
            for w in (0, 1)
        ]
        accounts += [
            Account(firm, None, "corporate", "银行", None, None, None, None, None)
            for firm in sorted(self.firms)
        ]
        write_table(SUBSCRIBERS, people, folder / "subscribers.parquet")
        write_table(ACCOUNTS, accounts, folder / "accounts.parquet")
        write_table(WATCHLIST, self.listed, folder / "watchlist.parquet")
        return folder


def eventful(hours: int) -> World:
    """Some hours of a dozen people, one of whom is scammed."""
    made = World(12)
    made.everyday(5, hours=hours, events=1500)
    made.police_story(START + 3 * H)
    return made


def run(engine: Engine, batches: Iterable[dict[str, pa.Table]]) -> list[Alert]:
    """The alerts of the batches and of the end."""
    alerts: list[Alert] = []
    for batch in batches:
        alerts += engine.push(batch).alerts
    return alerts + engine.finish().alerts


def everything(decisions: Iterable[Decisions]) -> list[Alert]:
    return [alert for d in decisions for alert in d.alerts]


def with_wild_offsets(rows: pa.Table, column: str) -> pa.Table:
    """The table with a text that would stand far outside of its memory."""
    offsets = np.zeros(rows.num_rows + 1, np.int32)
    offsets[1], offsets[2], offsets[3:] = 2_000_000_000, 2_000_000_010, 10
    wild = pa.Array.from_buffers(
        pa.string(), rows.num_rows, [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(b"x" * 10)]
    )
    place = rows.column_names.index(column)
    return rows.set_column(place, rows.schema.field(place), wild)
