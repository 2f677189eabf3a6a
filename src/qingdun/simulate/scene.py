"""What can happen to one person in a story: calls, texts, sites and money, told as rows."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import IntEnum

from qingdun.contract.codes import CallPhase, Channel, TransferPhase
from qingdun.contract.tables import Message, Visit
from qingdun.simulate.gangs import Gang, Kit, Line, genuine
from qingdun.simulate.laundering import launder
from qingdun.simulate.numbers import row_id
from qingdun.simulate.ordinary.rhythm import DAY, HOUR, SECOND
from qingdun.simulate.telling import Order, call_row
from qingdun.simulate.texts.disguise import disguise
from qingdun.simulate.texts.grammar import grammar
from qingdun.simulate.world import Case, Stopped, World


class Depth(IntEnum):
    """How far a person goes along with a scam; fixed when it begins, unless somebody steps in."""

    IGNORES = 0
    LISTENS = 1
    LURED = 2
    PAYS = 3


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call that was answered and goes on."""

    call_id: str
    line: Line
    answered_at: int
    outgoing: bool


class Scene:
    """One person, one story. Stories call these methods; `now` is the moment the story has reached.

    In a scam, `case` collects the truth, `kit` is the equipment the gang began with and `depth` how far the
    person goes. In an ordinary story `case` is None.
    """

    def __init__(
        self,
        world: World,
        key: str,
        person: int,
        now: int,
        gang: Gang | None = None,
        case: Case | None = None,
        depth: Depth = Depth.IGNORES,
    ) -> None:
        """A scene of that person; `key` seeds its chances."""
        self.world, self.key, self.person, self.now = world, key, person, now
        self.rng = random.Random(f"{world.seed}/{key}")
        self.case, self.depth, self.gang = case, depth, gang
        self.line = world.line(person)
        accounts = world.people.accounts
        first = int(accounts.first[person])
        self.accounts = sorted(
            range(first, first + int(accounts.count[person])), key=lambda a: (-int(accounts.balance[a]), a)
        )
        self.left_yuan = sum(int(accounts.balance[a]) for a in self.accounts) / 100
        self._live: list[LiveCall] = []
        self._rows = 0
        self._kit = gang.kit(now) if gang else None

    # -- the clock ------------------------------------------------------------------------------------------

    def wait(self, least_s: float, most_s: float) -> int:
        """A moment that many seconds from now."""
        return self.now + round(self.rng.uniform(least_s, most_s) * SECOND)

    def minutes(self, least: float, most: float) -> int:
        """A moment that many minutes from now."""
        return self.wait(least * 60, most * 60)

    def next_day(self, days: int = 1, earliest: float = 9, latest: float = 21) -> int:
        """A moment of waking hours so many days on."""
        midnight = self.now - (self.now - self.world.start) % DAY
        return midnight + days * DAY + round(self.rng.uniform(earliest, latest) * HOUR)

    # -- calls ----------------------------------------------------------------------------------------------

    @property
    def kit(self) -> Kit:
        """The gang's equipment when the story began."""
        assert self._kit is not None, "an ordinary story has no gang"
        return self._kit

    def caller(self) -> Line:
        """One of the gang's lines, or the near phone of a port."""
        line, ports = self.rng.choice(self.kit.lines), self.kit.ports
        own = random.Random(f"{self.world.seed}/{self.key}/port/{self._rows}")
        return own.choice(ports).near if ports and own.random() < 0.3 else line

    def answer(self, line: Line) -> LiveCall:
        """The person is called and answers; the call goes on until `hang_up` or the story's end."""
        live = LiveCall(self._id("c"), line, self.now, outgoing=False)
        self._live.append(live)
        self._call(live.call_id, self.now, CallPhase.ANSWERED, line, 0)
        self._contact(self.now, number=line.number)
        return live

    def hang_up(self, live: LiveCall) -> None:
        """The call has ended now."""
        self._live.remove(live)
        lasted = max(1, (self.now - live.answered_at) // SECOND)
        self._call(live.call_id, self.now, CallPhase.ENDED, live.line, lasted, live.outgoing)

    def talk(self, line: Line, seconds: float, outgoing: bool = False) -> None:
        """A call that was answered now and will have ended in that many seconds."""
        self._talk(line, seconds, outgoing)
        self._contact(self.now, number=line.number)

    def fail(self, line: Line, phase: CallPhase, outgoing: bool = False) -> None:
        """A call that did not come about."""
        self._call(self._id("c"), self.now, phase, line, 0, outgoing)

    def chat_with(self, line: Line, seconds: float) -> None:
        """The person calls somebody who has nothing to do with a scam."""
        self._talk(line, seconds, outgoing=True)

    def others_find_it_busy(self, times: int) -> None:
        """Family, friends and firms call in the next minutes and find the line busy, or are refused."""
        for _ in range(times):
            other = self.known_line()
            phase = self.rng.choices((CallPhase.BUSY, CallPhase.REFUSED, CallPhase.FORWARDED), (7, 2, 1))[0]
            self._call(self._id("c"), self.wait(5, 600), phase, other, 0)

    def dial_others(self, line: Line, times: int) -> None:
        """The line also tries other people of the city, and reaches none of them."""
        self.world.dial(line, self.rng, self.now, times, self.key)

    # -- texts and sites ------------------------------------------------------------------------------------

    def text(
        self, rules: str, sender: str, disguised: float = 0.0, source: str = "scam", **slots: str
    ) -> None:
        """The person gets a text by those rules; with that chance its words are hidden from filters.

        An ordinary text, such as the bank's code in the midst of a scam, is no contact of the scam.
        """
        words = grammar(source).grow(rules, self.rng, **slots)
        if self.rng.random() < disguised:
            words = disguise(words, self.rng, keep=slots.get("host", ""))
        self.world.messages.append(Message(self._id("m"), self.now, sender, self.line.number, words))
        if source != "ordinary":
            self._contact(self.now, number=sender)

    def visit(self, host: str, times: int = 1, over_s: float = 60, scam: bool = False) -> None:
        """The person opens a site, now and again within that many seconds."""
        for step in range(times):
            at = self.now if step == 0 else self.wait(1, over_s)
            known = self.rng.random() < 0.02
            url = f"https://{host}/{self.rng.choice(('', 'index', 'user', 'p/'))}{self.rng.randrange(10**6)}"
            self.world.visits.append(Visit(at, self.line.number, host, url if known else None))
        if scam:
            self._contact(self.now, host=host)

    def visit_kind(self, category: str, times: int = 1, over_s: float = 60) -> None:
        """The person opens one of the well-known hosts of that category."""
        names = self.world.hosts.category[category]
        self.visit(self.world.host_names[int(names[self.rng.randrange(len(names))])], times, over_s)

    def visit_banks(self, at_most: int = 4) -> None:
        """The person opens the apps of their banks, one after the other."""
        people, now = self.world.people, self.now
        for account in self.accounts[:at_most]:
            self.visit(
                self.world.banks[int(people.accounts.bank[account])]["host"], self.rng.randint(1, 3), 40
            )
            self.now = self.wait(20, 90)
        self.now = now

    # -- money ----------------------------------------------------------------------------------------------

    def consolidate(self) -> None:
        """The person moves what the other own accounts hold into the largest."""
        balance = self.world.people.accounts.balance
        for step, account in enumerate(self.accounts[1:]):
            fen = int(balance[account]) // 100_00 * 100_00
            if fen > 0:
                self.move(account, self.accounts[0], fen, self.now + (20 + 70 * step) * SECOND)

    def pay(self, yuan: float, channel: Channel = Channel.APP) -> None:
        """The person pays a scam account, as much as they have at most, unless somebody steps in.

        Errors: Stopped if the intervention says so. The money moves on through the gang's accounts.
        """
        gang, case, world = self.gang, self.case, self.world
        assert gang is not None, "only a scam is paid"
        assert case is not None, "only a scam is paid"
        if world.shows(self.now) and world.intervention.stopped(case.person_id, case.scam_type, self.now):
            raise Stopped
        yuan = min(yuan, self.left_yuan)
        fen = round(yuan) * 100 if yuan >= 20 else 2_000
        self.left_yuan = max(0.0, self.left_yuan - fen / 100)
        kit = gang.kit(self.now)
        payee = self.rng.choice(kit.level1)
        if world.shows(self.now):
            case.first_transfer_at = case.first_transfer_at or self.now
            case.seen(self.now)
            case.accounts[world.account(payee)] = None
        payer = self.accounts[0] if self.rng.random() < 0.85 else self.rng.choice(self.accounts)
        settled = self.move(payer, payee, fen, self.now, channel, held=self.rng.random() < 0.04)
        if settled is None:
            return
        if world.shows(self.now) and world.shows(settled):
            case.net_fen += fen
        key = f"{self.key}/l{self._rows}"
        mules = self.spoken_for(key, settled)
        world.begin(settled, key, mules, launder(mules, kit, payee, fen))

    def spoken_for(self, key: str, at: int | None = None) -> Scene:
        """A scene of the same scam with chances of its own, for what its gang does out of sight."""
        return Scene(self.world, key, self.person, self.now if at is None else at, self.gang, self.case)

    def receive(self, yuan: float) -> None:
        """A scam account sends the person money."""
        assert self.gang is not None, "only a scam baits"
        assert self.case is not None, "only a scam baits"
        payer = self.rng.choice(self.gang.kit(self.now).level1)
        settled = self.move(payer, self.accounts[0], round(yuan * 100), self.now, Channel.APP, mule=True)
        if self.world.shows(self.now):
            if settled is not None and self.world.shows(settled):
                self.case.net_fen -= round(yuan * 100)
            self.case.accounts[self.world.account(payer)] = None
        self._contact(self.now)

    def move(
        self,
        payer: int,
        payee: int,
        fen: int,
        at: int,
        channel: Channel = Channel.APP,
        held: bool = False,
        mule: bool = False,
        own_device: bool = True,
    ) -> int | None:
        """A transfer ordered at `at`; gives when it settled, None if it was held back for good."""
        number = self._id("t")
        device = self.kit.device if mule else self.line.imei
        town = self.world.people.town[self.person]
        place = self.kit.place_code if mule else self.world.people.city.towns[int(town)].code
        if channel in (Channel.COUNTER, Channel.ATM) or not own_device or self.rng.random() < 0.04:
            device = None
        where = None if self.rng.random() < 0.1 else place
        parties = self.world.account(payer), self.world.account(payee)
        rows = list(Order(number, at, *parties, fen, channel, device, where).phases(self.rng, held))
        self.world.transfers += rows
        return rows[-1].at if rows[-1].phase == TransferPhase.SETTLED else None

    def known_line(self) -> Line:
        """The line of somebody the person knows."""
        return self.world.line(int(self.world.people.circle[self.person, self.rng.randrange(10)]))

    def stranger(self, group: str) -> Line:
        """A line of that group of ordinary lines."""
        return self.world.line(self.rng.randrange(*self.world.people.phones.span[group]))

    def payee(self, group: str) -> int:
        """An account of that group of ordinary accounts."""
        return self.rng.randrange(*self.world.people.accounts.span[group])

    def hotline(self) -> str:
        """The hotline of the person's main bank."""
        return self.world.banks[int(self.world.people.accounts.bank[self.accounts[0]])]["hotline"]

    # -- behind the scenes ----------------------------------------------------------------------------------

    def close(self) -> None:
        """What was going on ends; called when the story is over."""
        for live in list(self._live):
            self.now = max(self.now, live.answered_at + SECOND)
            self.hang_up(live)

    def implicate(self, account: int, at: int) -> None:
        """The truth names this account, if it was used in the simulated days."""
        if self.case is not None and self.world.shows(at):
            self.case.accounts[self.world.account(account)] = None

    def _id(self, prefix: str) -> str:
        self._rows += 1
        return row_id(prefix, f"{self.world.seed}/{self.key}.{self._rows}")

    def _contact(self, at: int, number: str | None = None, host: str | None = None) -> None:
        case = self.case
        if case is None or not self.world.shows(at):
            return
        case.first_contact_at = at if case.first_contact_at is None else min(at, case.first_contact_at)
        case.seen(at)
        if number is not None and not genuine(number):
            case.numbers[number] = None
            if self._kit is not None:
                case.numbers |= {
                    port.far.number: None for port in self._kit.ports if port.near.number == number
                }
        if host is not None:
            case.hosts[host] = None

    def _talk(self, line: Line, seconds: float, outgoing: bool) -> None:
        call, lasted = self._id("c"), max(1, round(seconds))
        self._call(call, self.now, CallPhase.ANSWERED, line, 0, outgoing)
        self._call(call, self.now + lasted * SECOND, CallPhase.ENDED, line, lasted, outgoing)

    def _call(
        self, call: str, at: int, phase: CallPhase, line: Line, lasted: int, outgoing: bool = False
    ) -> None:
        one, two = (self.line, line) if outgoing else (line, self.line)
        self.world.calls.append(call_row(call, at, phase, one, two, lasted))
        if self._kit is not None and phase in (CallPhase.ANSWERED, CallPhase.ENDED):
            for port in self._kit.ports:
                if port.near is line:
                    relayed = row_id("c", f"{call}/relayed")
                    self.world.calls.append(call_row(relayed, at, phase, port.abroad, port.far, lasted))
