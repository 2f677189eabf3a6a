"""How a victim's money moves on: from level 1 to 2 within minutes, to level 3, and out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qingdun.contract.codes import Channel
from qingdun.simulate.cashing import leave_to_cash
from qingdun.simulate.gangs import Kit

if TYPE_CHECKING:
    from qingdun.simulate.scene import Scene


def launder(scene: Scene, kit: Kit, account: int, fen: int) -> Iterator[int]:
    """A story: of what came in, nearly all leaves within 30 minutes, split over the next levels and out.

    What a level keeps, and what reaches a stranger, rests there, or is cashed later if the world says so.
    """
    yield scene.minutes(1, 20)
    parts = [(account, fen)]
    for layer, level in enumerate((kit.level2, kit.level3), start=1):
        onward: list[tuple[int, int]] = []
        for place, (payer, amount) in enumerate(parts):
            kept = amount
            for payee, share in _split(scene, level, round(amount * scene.rng.uniform(0.9, 1.0))):
                scene.move(payer, payee, share, scene.now, _channel(scene), mule=True)
                scene.implicate(payer, scene.now)
                scene.implicate(payee, scene.now)
                onward.append((payee, share))
                kept -= share
                yield scene.wait(15, 240)
            leave_to_cash(scene, layer, place, payer, kept)
        parts = _gathered(onward)
        yield scene.minutes(1, 15)
    for place, (payer, amount) in enumerate(parts):
        payee = _way_out(scene)
        scene.move(payer, payee, amount, scene.now, Channel.THIRD_PARTY, mule=True)
        if payee not in range(*scene.world.people.accounts.span["merchant"]):
            leave_to_cash(scene, 4, place, payee, amount)
        yield scene.wait(30, 600)


def warm_up(scene: Scene, kit: Kit) -> Iterator[int]:
    """A story: a day's accounts are tried with 1 to 100 yuan and spent from like any card."""
    rng = scene.rng
    for payer in kit.level1:
        yield scene.minutes(2, 40)
        scene.move(
            payer, rng.choice(kit.level2), rng.choice((1, 5, 10, 20, 50, 100)) * 100, scene.now, mule=True
        )
    for payer in kit.level1 + kit.level2:
        if rng.random() < 0.4:
            yield scene.minutes(2, 60)
            shops = scene.world.people.accounts.span["merchant"]
            scene.move(
                payer,
                rng.randrange(*shops),
                rng.randrange(500, 20_000),
                scene.now,
                Channel.THIRD_PARTY,
                mule=True,
            )


def _split(scene: Scene, level: tuple[int, ...], fen: int) -> list[tuple[int, int]]:
    """The sum in one to three unequal parts to accounts of a level."""
    payees = scene.rng.sample(level, min(len(level), 1 if fen < 200_000 else scene.rng.randint(1, 3)))
    weights = [scene.rng.uniform(0.5, 1.5) for _ in payees]
    shares = [max(100, int(fen * w / sum(weights)) // 100 * 100) for w in weights]
    return list(zip(payees, shares, strict=True))


def _gathered(parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    sums: dict[int, int] = {}
    for account, fen in parts:
        sums[account] = sums.get(account, 0) + fen
    return list(sums.items())


def _channel(scene: Scene) -> Channel:
    return scene.rng.choices((Channel.APP, Channel.WEB, Channel.COUNTER), (85, 13, 2))[0]


def _way_out(scene: Scene) -> int:
    """A merchant or a stranger through whom the money leaves sight."""
    accounts = scene.world.people.accounts
    return scene.rng.randrange(*accounts.span[scene.rng.choice(("merchant", "outside", "outside"))])
