"""People who look like victims or mules and are neither, one short story each.

They keep evaluation honest: remote workers share screens while on the phone, children help their parents
with the bank's app, buyers of flats pay a firm never paid before, treasurers collect from twenty and pay
out at once, one phone or computer serves a family, a village, several firms, an old account wakes for fees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qingdun.contract.codes import CallPhase, Channel
from qingdun.simulate.ordinary import rhythm
from qingdun.simulate.ordinary.rhythm import SECOND
from qingdun.simulate.ports import depot, supervised_room
from qingdun.simulate.scene import Scene
from qingdun.simulate.world import Story


@dataclass(frozen=True, slots=True)
class Innocent:
    """An ordinary story and how many of all persons live through it on a day."""

    play: Callable[[Scene], Story]
    rate: float
    hours: tuple[float, ...] = rhythm.WORK


def remote_worker(scene: Scene) -> Story:
    """Meetings with a shared screen while on the phone, and at times the bank's app beside."""
    rng = scene.rng
    call = scene.answer(scene.known_line() if rng.random() < 0.7 else scene.stranger("fixed"))
    yield scene.minutes(1, 8)
    scene.visit_kind("meeting", rng.randint(3, 6), 400)
    if rng.random() < 0.5:
        scene.others_find_it_busy(1)
    yield scene.minutes(10, 60)
    if rng.random() < 0.3:
        scene.visit_banks(1)
        yield scene.minutes(1, 5)
    scene.hang_up(call)


def child_helps(scene: Scene) -> Story:
    """A child guides a parent through the bank's app by phone and shared screen; own money may move."""
    call = scene.answer(scene.known_line())
    yield scene.minutes(2, 8)
    if scene.rng.random() < 0.6:
        scene.visit_kind("meeting", 3, 200)
    yield scene.minutes(2, 8)
    scene.visit_banks(2)
    scene.text("code", scene.hotline(), source="ordinary")
    yield scene.minutes(2, 8)
    if scene.rng.random() < 0.4:
        scene.consolidate()
        yield scene.minutes(1, 6)
    scene.hang_up(call)


def flat_buyer(scene: Scene) -> Story:
    """Long calls with an agent, money gathered, a large sum to a firm never paid before."""
    rng = scene.rng
    scene.talk(scene.stranger("outside"), rng.uniform(300, 2_400))
    yield scene.minutes(30, 240)
    scene.visit_kind("life", 3, 600)
    scene.visit_banks()
    yield scene.minutes(2, 20)
    scene.consolidate()
    yield scene.minutes(6, 40)
    fen = max(2_000_000, int(scene.left_yuan * rng.uniform(0.5, 0.95)) * 100) // 100_000 * 100_000
    scene.move(
        scene.accounts[0], scene.payee("firm"), fen, scene.now, rng.choice((Channel.APP, Channel.COUNTER))
    )


def own_move(scene: Scene) -> Story:
    """The bank's adviser calls, and a large deposit moves between own banks (190,000 yuan and the like)."""
    rng = scene.rng
    if rng.random() < 0.6:
        scene.talk(scene.stranger("centre" if rng.random() < 0.5 else "fixed"), rng.uniform(60, 900))
        yield scene.minutes(2, 60)
    scene.visit_banks(2)
    yield scene.minutes(1, 10)
    if len(scene.accounts) > 1:
        fen = round(min(max(scene.left_yuan * 0.8, 20_000), 190_000), -3)
        scene.move(scene.accounts[0], scene.accounts[1], int(fen) * 100, scene.now)


def kin_abroad(scene: Scene) -> Story:
    """A long call from abroad, then money to the family."""
    rng, line = scene.rng, scene.stranger("overseas")
    call = scene.answer(line)
    yield scene.minutes(10, 80)
    if rng.random() < 0.4:
        scene.visit_banks(1)
        yield scene.minutes(1, 6)
        scene.move(scene.accounts[0], scene.payee("outside"), rng.randrange(5, 300) * 10_000, scene.now)
    scene.hang_up(call)


def treasurer(scene: Scene) -> Story:
    """Many pay the organiser of a trip, a class or a group order, who pays the supplier at once."""
    rng, total = scene.rng, 0
    share = rng.choice((3_500, 5_000, 9_900, 15_000, 28_000))
    scene.visit_kind("chat", 3, 600)
    people, accounts = scene.world.people, scene.world.people.accounts
    for _ in range(rng.randint(6, 25)):
        yield scene.wait(20, 900)
        other = int(people.circle[scene.person, rng.randrange(3, 9)])
        payer = int(accounts.first[other]) if other < people.size else scene.payee("outside")
        scene.move(payer, scene.accounts[0], share, scene.now, own_device=False)
        total += share
    yield scene.minutes(3, 60)
    scene.move(scene.accounts[0], scene.payee(rng.choice(("firm", "outside"))), total * 19 // 20, scene.now)


def investor(scene: Scene) -> Story:
    """Quotes, the broker's site, money to the broker, and some of it back another hour."""
    rng = scene.rng
    scene.visit_kind("invest", rng.randint(2, 6), 900)
    if rng.random() < 0.5:
        scene.text("sideline", scene.hotline(), source="ordinary", host=rng.choice(scene.world.host_names))
    yield scene.minutes(3, 60)
    broker, fen = scene.payee("firm"), rng.randrange(5, 500) * 10_000
    scene.visit_banks(1)
    scene.move(scene.accounts[0], broker, fen, scene.now)
    yield scene.minutes(40, 300)
    if rng.random() < 0.4:
        scene.move(broker, scene.accounts[0], fen * rng.randint(80, 125) // 100, scene.now, own_device=False)


def borrower(scene: Scene) -> Story:
    """Loan platforms compared, one pays out, a bill is paid with it."""
    rng = scene.rng
    for _ in range(rng.randint(1, 3)):
        scene.visit_kind("loan", rng.randint(2, 4), 600)
        yield scene.minutes(3, 20)
    if rng.random() < 0.4:
        scene.talk(scene.stranger("fixed"), rng.uniform(60, 600))
        yield scene.minutes(10, 60)
    fen = rng.randrange(2, 50) * 100_000
    scene.move(scene.payee("firm"), scene.accounts[0], fen, scene.now, own_device=False)
    yield scene.minutes(5, 90)
    scene.move(scene.accounts[0], scene.payee(rng.choice(("outside", "merchant", "firm"))), fen, scene.now)


def true_service(scene: Scene) -> Story:
    """A shop's or bank's own centre calls about a refund or a check; sites are opened, a code arrives."""
    rng = scene.rng
    call = scene.answer(scene.stranger("centre"))
    yield scene.minutes(2, 25)
    scene.visit_kind(rng.choice(("shop", "parcel", "pay")), 3, 300)
    if rng.random() < 0.4:
        scene.visit_banks(1)
        scene.text("code", scene.hotline(), source="ordinary")
    yield scene.minutes(1, 6)
    scene.hang_up(call)


def small_shop(scene: Scene) -> Story:
    """A small made-up shop is found by an advert; a payee never paid before gets the money."""
    rng, world = scene.rng, scene.world
    small = world.hosts.category["small"]
    host = world.host_names[int(small[rng.randrange(len(small))])]
    if rng.random() < 0.6:
        scene.text("site_notice", f"1069{rng.randrange(10**7, 10**8)}", source="ordinary", host=host)
        yield scene.minutes(1, 60)
    scene.visit(host, rng.randint(2, 6), 600)
    yield scene.minutes(2, 20)
    scene.move(
        scene.accounts[0],
        scene.payee(rng.choice(("merchant", "outside"))),
        rng.randrange(30, 3_000) * 100,
        scene.now,
        rng.choice((Channel.APP, Channel.THIRD_PARTY)),
    )


def friend_in_need(scene: Scene) -> Story:
    """A friend with a new number calls, and is lent money for good reasons."""
    rng, line = scene.rng, scene.stranger("outside")
    scene.text("chatter", line.number, source="ordinary")
    yield scene.minutes(2, 60)
    scene.talk(line, rng.uniform(30, 600))
    yield scene.minutes(2, 60)
    scene.move(scene.accounts[0], scene.payee("outside"), rng.randrange(5, 300) * 10_000, scene.now)


def chased(scene: Scene) -> Story:
    """A collector calls again and again; most calls are refused."""
    rng, line = scene.rng, scene.stranger("fixed")
    for _ in range(rng.randint(3, 9)):
        if rng.random() < 0.25:
            scene.talk(line, rng.uniform(20, 240))
        else:
            scene.fail(line, rng.choice((CallPhase.REFUSED, CallPhase.MISSED, CallPhase.REFUSED)))
        yield scene.minutes(5, 70)
    if rng.random() < 0.2:
        scene.move(
            scene.accounts[0], scene.payee("firm"), rng.randrange(3, 80) * 10_000, scene.now + 5 * SECOND
        )


def cut_off(scene: Scene) -> Story:
    """A firm calls over the net, or somebody from abroad; the line breaks at once, and they call again."""
    rng, line = scene.rng, scene.stranger("fixed" if scene.rng.random() < 0.7 else "overseas")
    for _ in range(rng.randint(1, 2)):
        seconds = rng.uniform(2, 25)
        scene.talk(line, seconds)
        yield scene.wait(seconds + 10, seconds + 150)
    if rng.random() < 0.7:
        scene.talk(line, rng.lognormvariate(5.2, 0.9))


def family_phone(scene: Scene) -> Story:
    """One phone for the accounts of parents and grandparents, who are also paid from each other's."""
    rng, accounts = scene.rng, scene.world.people.accounts
    family = [scene.accounts[0], *(int(accounts.first[one]) for one in _residents(scene, rng.randint(1, 4)))]
    for _ in range(rng.randint(2, 7)):
        payer = rng.choice(family)
        near = rng.random() < 0.3
        payee = (
            rng.choice(family)
            if near
            else scene.payee(rng.choice(("merchant", "merchant", "firm", "outside")))
        )
        if payer != payee:
            scene.move(payer, payee, rng.randrange(20, 2_000) * 100, scene.now)
        yield scene.minutes(1, 240)


def village_clerk(scene: Scene) -> Story:
    """A service point in a village pays bills and sends small sums for many who have no such phone."""
    rng, accounts = scene.rng, scene.world.people.accounts
    for _ in range(rng.randint(6, 24)):
        villager = int(accounts.first[rng.randrange(scene.world.people.size)])
        payee = scene.payee(rng.choice(("firm", "firm", "merchant", "outside")))
        scene.move(villager, payee, rng.randrange(20, 600) * 100, scene.now)
        yield scene.minutes(2, 25)


def bookkeeper(scene: Scene) -> Story:
    """One computer pays wages and suppliers for several firms, many within minutes."""
    rng, people = scene.rng, scene.world.people
    for firm in {scene.payee("firm") for _ in range(rng.randint(2, 6))}:
        for _ in range(rng.randint(2, 15)):
            staff = int(people.accounts.first[rng.randrange(people.size)])
            payee = staff if rng.random() < 0.7 else scene.payee(rng.choice(("firm", "outside")))
            if payee != firm:
                scene.move(firm, payee, rng.randrange(300, 90_000) * 100, scene.now)
            yield scene.wait(20, 200)
        yield scene.minutes(3, 40)


def old_account(scene: Scene) -> Story:
    """Somebody of the family pays into an account that hardly moves, and all of it goes on once."""
    rng, fen = scene.rng, scene.rng.randrange(5, 300) * 10_000
    for payer in _of_family(scene, 1):
        scene.move(payer, scene.accounts[-1], fen, scene.now, own_device=False)
        yield scene.minutes(3, 90)
        payee = scene.payee(rng.choice(("firm", "merchant", "outside")))
        scene.move(scene.accounts[-1], payee, fen, scene.now)


def term_fees(scene: Scene) -> Story:
    """Parents and grandparents pay into a student's account that hardly moves; the fees go out at once."""
    total = 0
    for payer in _of_family(scene, scene.rng.randint(2, 4)):
        fen = scene.rng.randrange(5, 60) * 10_000
        scene.move(payer, scene.accounts[-1], fen, scene.now, own_device=False)
        total += fen
        yield scene.minutes(1, 12)
    scene.move(scene.accounts[-1], scene.payee("firm"), total, scene.now)


def opening(scene: Scene) -> Story:
    """A stall or guest house opens for the season: guests pay into its account, and supplies are bought."""
    rng, total = scene.rng, 0
    for _ in range(rng.randint(4, 12)):
        fen = rng.randrange(3, 60) * 1_000
        scene.move(scene.payee("outside"), scene.accounts[-1], fen, scene.now, own_device=False)
        total += fen
        yield scene.minutes(3, 40)
    yield scene.minutes(20, 400)
    supplier, share = scene.payee(rng.choice(("firm", "outside"))), rng.uniform(0.3, 0.95)
    scene.move(scene.accounts[-1], supplier, int(total * share), scene.now)


def _of_family(scene: Scene, count: int) -> list[int]:
    """Main accounts of so many at most whom the person knows best; of a stranger if none lives here."""
    first = scene.world.people.accounts.first
    return [int(first[one]) for one in _residents(scene, count)] or [scene.payee("outside")]


def _residents(scene: Scene, most: int) -> set[int]:
    """Up to so many of those whom the person knows best and who live here."""
    circle = scene.world.people.circle[scene.person, :most]
    return {int(one) for one in circle if one < scene.world.people.size}


INNOCENTS: tuple[Innocent, ...] = (
    Innocent(remote_worker, 0.0012),
    Innocent(child_helps, 0.0003),
    Innocent(flat_buyer, 0.0001),
    Innocent(own_move, 0.0005),
    Innocent(kin_abroad, 0.0005, rhythm.CALLS),
    Innocent(treasurer, 0.0002, rhythm.TRANSFERS),
    Innocent(investor, 0.0006),
    Innocent(borrower, 0.0004),
    Innocent(true_service, 0.0008),
    Innocent(small_shop, 0.001, rhythm.VISITS),
    Innocent(friend_in_need, 0.0004, rhythm.CALLS),
    Innocent(chased, 0.0004),
    Innocent(family_phone, 0.002, rhythm.TRANSFERS),
    Innocent(village_clerk, 0.0002),
    Innocent(bookkeeper, 0.0003),
    Innocent(cut_off, 0.0015),
    Innocent(supervised_room, 0.0003),
    Innocent(depot, 0.0003, rhythm.PARCELS),
    Innocent(old_account, 0.0004, rhythm.TRANSFERS),
    Innocent(term_fees, 0.0002, rhythm.TRANSFERS),
    Innocent(opening, 0.0001, rhythm.TRANSFERS),
)
