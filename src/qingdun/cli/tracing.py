"""Victims' money followed through a flow directory, and what the order of stop-payments saves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from qingdun.cli.terminal import FOLDER, NEW_FILE, Finite, bar
from qingdun.contract.progress import Steps
from qingdun.errors import InputError


@click.command("trace")
@click.argument("flows", type=FOLDER)
@click.option("--payment", "payments", multiple=True, required=True, help="Id of a payment; repeatable.")
@click.option("--depth", type=click.IntRange(1, 20), default=5, show_default=True, help="Layers to follow.")
@click.option("--out", type=NEW_FILE, help="Write hops, standings and the order to stop as JSON.")
def trace(flows: Path, payments: Sequence[str], depth: int, out: Path | None) -> None:
    """Follow payments through layers of accounts and say which to stop first."""
    from qingdun.evaluate.stopping import read_ledger
    from qingdun.trace.following import follow

    with bar("following payments") as told:
        ledger = read_ledger(flows, told)
        try:
            found = follow(ledger, payments, depth)
        except KeyError as error:
            raise InputError(f"{flows}: found no transfer {error} that was settled") from None
    report = _report(ledger, found)
    if out is not None:
        out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for hop in report["hops"]:
        sums = f"¥{hop['tainted_fen'] / 100:,.2f} of ¥{hop['fen'] / 100:,.2f}"
        doubt = "" if hop["certain"] else " (estimated)"
        click.echo(f"{'  ' * hop['level']}{hop['at']}  {hop['payer']} → {hop['payee']}  {sums}{doubt}")
    for order in report["stop_first"]:
        click.echo(f"{order['turn']}. {order['account']}: {order['reason_en']}")


def _report(ledger: Any, found: Any) -> dict[str, Any]:
    import datetime as dt

    from qingdun.trace.stopping import stop_order

    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

    def at(us: int) -> str:
        return (epoch + dt.timedelta(microseconds=us)).isoformat()

    return {
        "hops": [
            {
                "at": at(hop.at_us), "payer": ledger.name(hop.payer), "payee": ledger.name(hop.payee),
                "level": hop.level, "fen": hop.fen, "tainted_fen": hop.tainted_fen, "certain": hop.certain,
                "least_fen": hop.least_fen, "most_fen": hop.most_fen, "shares": dict(hop.shares),
            }
            for hop in found.hops
        ],
        "standings": [
            {
                "account": ledger.name(s.account), "level": s.level, "kind": s.kind.value,
                "came_fen": s.came_fen, "there_fen": s.there_fen, "certain": s.certain, "shares": s.shares,
            }
            for s in found.standings.values()
        ],
        "stop_first": [
            {
                "turn": order.turn, "account": ledger.name(order.account), "there_fen": order.there_fen,
                "minutes_left": round(order.minutes_left, 1), "reason_zh": order.text_zh(),
                "reason_en": order.text_en(),
            }
            for order in stop_order(found)
        ],
    }  # fmt: skip


@click.command("evaluate-stops")
@click.argument("flows", nargs=-1, required=True, type=FOLDER)
@click.option("--clerks", type=click.IntRange(1, 100), default=1, show_default=True, help="How many at work.")
@click.option("--delay", type=Finite(0, 1440), default=30, show_default=True, help="To the report, minutes.")
@click.option("--turn", type=Finite(1, 240), default=5, show_default=True, help="Of an order, minutes.")
@click.option("--out", type=NEW_FILE, help="Write the shares as JSON.")
def evaluate_stops(flows: Sequence[Path], clerks: int, delay: float, turn: float, out: Path | None) -> None:
    """Replay simulated days: what share of the money paid is held under each order of stop-payments.

    Each of FLOWS is to go on for a day after the last loss that counts: simulate two days, with --cash-out.
    """
    from qingdun.evaluate.dispatching import Interval
    from qingdun.evaluate.stopping import POLICIES, of_the_first_day, read_losses, replay

    shares: dict[str, list[float]] = {name: [] for name in POLICIES}
    orders: dict[str, list[int]] = {name: [] for name in POLICIES}
    with bar("replaying") as told:
        steps = Steps(len(flows) * (1 + len(POLICIES)), told)
        for folder in flows:
            steps.begin(f"reading {folder.name}")
            ledger, losses = read_losses(folder, steps.within)
            losses = of_the_first_day(ledger, losses, delay)
            if not losses:
                raise InputError(
                    f"{folder}: found nobody in truth who paid a scam account a day before the flows end, "
                    "expected some; simulate two days"
                )
            for name, policy in POLICIES.items():
                steps.begin(name)
                done = replay(ledger, losses, policy, delay, clerks, turn)
                shares[name].append(done.held_fen / done.paid_fen)
                orders[name].append(done.orders)
    base = shares["in_order"]
    report: dict[str, Any] = {
        "days": len(flows),
        "clerks": clerks,
        "report_delay_min": delay,
        "turn_min": turn,
        "policies": {},
    }
    for name, found in shares.items():
        held = Interval.of(found)
        gain = Interval.of([one - other for one, other in zip(found, base, strict=True)])
        report["policies"][name] = {
            "held_share": held.json(), "over_in_order": gain.json(),
            "orders_a_day": round(sum(orders[name]) / len(flows), 1),
        }  # fmt: skip
        click.echo(f"{name:18} held {held.text()}  over in order {gain.text()}")
    if out is not None:
        out.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
