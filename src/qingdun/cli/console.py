"""The console: started, fed, kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qingdun.cli.terminal import FOLDER, Finite, bar, hours
from qingdun.contract.progress import Steps
from qingdun.errors import ConfigurationError, RefusedError

if TYPE_CHECKING:
    from qingdun.run.sources.files import Replay

_HOUR_US = 3_600_000_000
_AHEAD_US = 120_000_000
"""How long before its first new alert a demonstration begins; the day so far is worked meanwhile."""

# Engine, models and Django are imported inside the commands that use them: `qingdun --help` answers at once.


@click.command()
@click.option("--demo", is_flag=True, help="A synthetic city, live, with accounts for every role.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(1, 65534),
    default=8000,
    show_default=True,
    help="Of the pages; the event stream takes the next.",
)
@click.option(
    "--population",
    type=click.IntRange(min=1000),
    default=50_000,
    show_default=True,
    help="Persons of the demo's city.",
)
def serve(demo: bool, host: str, port: int, population: int) -> None:
    """Start the console: pages, event stream and, in a demo, the engine over a synthetic day."""
    from qingdun.console import serving

    serving.check_ports(host, port)
    with serving.environment(demo, host, port):
        _prepare()
        password = ""
        feeds: list[list[str]] = []
        if demo:
            password, feeds = _prepare_demo(population)
        from qingdun.console.sms.configured import gateway_name

        if gateway_name():
            feeds.append(["send"])
        address = f"http://{host}:{port}"
        click.echo(f"\n  Qingdun 清盾   {address}")
        if demo:
            click.echo(f"  demo log-ins: one click on the log-in page, or the password {password}")
            click.echo(
                "  demo-city · demo-county-441881 · demo-station-… · demo-audit · demo-system · demo-security"
            )
            click.echo(
                "  a task sent to a station is signed by that station's account: under its county on the page"
            )
        click.echo("  stop with Ctrl-C\n")
        serving.run(host, port, feeds)
    click.echo("stopped", err=True)


def _prepare_demo(population: int) -> tuple[str, list[list[str]]]:
    """The demo city stands in the database; its password and the commands that feed it are returned."""
    from django.conf import settings

    from qingdun.console import aftermath
    from qingdun.console.assessment.demo import create_demo_assessment
    from qingdun.console.bulletin.demo import create_demo_bulletins
    from qingdun.console.cases.demo import create_demo_cases
    from qingdun.console.cases.demo_losses import create_demo_losses
    from qingdun.console.command.demo import create_demo_command
    from qingdun.console.duty.demo import create_demo_rosters
    from qingdun.console.exchange.demo import create_demo_exchange
    from qingdun.console.funds.demo import create_demo_funds
    from qingdun.console.industry.demo import create_demo_industry
    from qingdun.console.kernel.demo import create_demo_accounts
    from qingdun.console.lists.demo import create_demo_networks
    from qingdun.console.outreach.demo import create_demo_outreach
    from qingdun.console.outreach.demo_mailings import create_demo_mailings
    from qingdun.console.precedents import create_demo_precedents
    from qingdun.console.supervision.demo import create_demo_supervision
    from qingdun.simulate.generate import simulate

    flows = Path(settings.VAR) / "demo" / f"{settings.CITY_CODE}-{population}-cashing"
    if not (flows / "truth.parquet").exists():
        with bar(f"simulating {population:,} persons, two days (once)", logged=True) as told:
            # Ten times the ordinary rate, so that somebody who watches for ten minutes sees alerts; and gangs
            # cash what they have taken.
            simulate(
                settings.CITY, population, 2, 7, dt.date(2026, 6, 1), flows, None, 0.02, progress=hours(told),
                cash_out=True,
            )  # fmt: skip
        click.echo("simulated", err=True)
    _load_register(flows)
    with bar("making the demo's accounts, rosters and ledgers", logged=True) as told:
        steps = Steps(6, told)
        steps.begin("accounts")
        password = create_demo_accounts()
        for name, create in (
            ("rosters", create_demo_rosters), ("cases", create_demo_cases), ("losses", create_demo_losses),
            ("outreach", create_demo_outreach),
            ("mailings", partial(create_demo_mailings, aftermath.meet_with)),
        ):  # fmt: skip
            steps.begin(name)
            create()
    _rehearse(flows)
    with bar("making the demo's ledgers", logged=True) as told:
        steps = Steps(9, told)
        for name, create in (
            ("funds", create_demo_funds), ("industry", create_demo_industry),
            ("exchange", create_demo_exchange), ("networks", create_demo_networks),
            ("precedents", create_demo_precedents),
            ("assessment", create_demo_assessment), ("supervision", create_demo_supervision),
            ("bulletins", create_demo_bulletins), ("command", create_demo_command),
        ):  # fmt: skip
            steps.begin(name)
            create()
    return password, [["ingest", str(flows), "--live"], ["intercept", "rehearse"]]


def _rehearse(flows: Path) -> None:
    """What the engine has found up to now has been worked by synthetic officers, each thing at its time."""
    from qingdun.console.alerts.feed import source_of
    from qingdun.console.lists.feed import ListFeed
    from qingdun.console.rehearsal import RehearsedSink
    from qingdun.contract.directory import FlowDirectory
    from qingdun.run.directory import run_directory

    how = _live(flows)
    now, first = how.catch_up_until or 0, FlowDirectory(flows).span()[0]
    whole = max(1, now - how.shift_us - first)
    last = FlowDirectory(flows).span()[1] - first
    with bar("judging and working the day so far", logged=True) as told:
        run_directory(
            flows,
            None,
            [RehearsedSink(source_of(flows), live=False)],
            replace(how, speed=None, until=now),
            lambda share: told(min(1.0, share * last / whole)),
            lists=ListFeed(own_time=True),
        )


@click.command()
@click.argument("flows", type=FOLDER)
@click.option("--replay", type=Finite(min=0, min_open=True), help="Times real time; default: at once.")
@click.option(
    "--live", is_flag=True, help="Move the day to now: catch up the morning, then go on at real time."
)
def ingest(flows: Path, replay: float | None, live: bool) -> None:
    """Judge FLOWS and hand what is found to the console's database."""
    from qingdun.console import serving

    serving.setup()
    _prepare()
    from django.conf import settings

    from qingdun.console.alerts.feed import source_of
    from qingdun.console.alerts.outcome_feed import OutcomeFeed
    from qingdun.console.alerts.sink import ConsoleSink
    from qingdun.console.lists.feed import ListFeed
    from qingdun.console.rehearsal import RehearsedSink
    from qingdun.run.directory import run_directory

    if not live:
        _load_register(flows)
    how: Replay | float | None = _live(flows) if live else replay
    source = source_of(flows)
    sink = RehearsedSink(source, live=True) if live and settings.DEMO else ConsoleSink(source=source)
    with bar("judging", shown=not live) as told:
        report = run_directory(
            flows,
            None,
            [sink],
            how,
            None if live else told,
            lists=ListFeed(own_time=live),
            outcomes=OutcomeFeed(own_time=live),
        )
    click.echo(report.text())


def _prepare() -> None:
    """The database has its tables and the city's regions; the first time that takes a while."""
    from qingdun.console import serving

    with bar("preparing the database") as told:
        serving.prepare(told)


def _load_register(flows: Path) -> None:
    from qingdun.console.alerts.feed import keep_rejects, load_register, source_of
    from qingdun.console.whereabouts.loading import load_places
    from qingdun.contract.directory import FlowDirectory

    with bar("loading the register") as told:
        loaded, places = load_register(flows, told), load_places(FlowDirectory(flows))
    keep_rejects(None, source_of(flows), places.rejects)
    rejects = [*loaded.rejects, *places.rejects]
    if rejects:
        first = rejects[0]
        click.echo(
            f"{len(rejects):,} rows of the register rejected, first {first.flow} row {first.row}: "
            f"{first.reason}",
            err=True,
        )


def _live(flows: Path) -> Replay:
    """The replay that plays the moment before an alert at the moment it was first started.

    What the clock showed is kept beside the flows: after a restart the same events come at the same times, so
    that alerts keep their ids.
    """
    from qingdun.contract.columns import timestamp
    from qingdun.contract.directory import FlowDirectory
    from qingdun.run.sources.files import Replay

    now = timestamp(dt.datetime.now(dt.UTC))
    _first, last = FlowDirectory(flows).span()
    kept = flows / "live-since"
    text = kept.read_text("utf-8") if kept.exists() else ""
    shift = int(text) if text.lstrip("-").isdecimal() else 0
    if not shift or last + shift < now + _HOUR_US:
        shift = now - _moment_to_begin(flows)
        kept.write_text(str(shift), "utf-8")
    return Replay(speed=1.0, shift_us=shift, catch_up_until=now)


def _moment_to_begin(flows: Path) -> int:
    """When the demonstration begins, in the time of the flows: so long before the first serious alert after
    ten in the morning that somebody who opens the desk sees it come. Found once and kept beside the flows.
    """
    from qingdun.contract.directory import FlowDirectory
    from qingdun.run.directory import run_directory
    from qingdun.run.sinks.first import FirstAlert
    from qingdun.run.sources.files import Replay

    kept = flows / "begins-at"
    text = kept.read_text("utf-8") if kept.exists() else ""
    if text.isdecimal():
        return int(text)
    ten = FlowDirectory(flows).span()[0] + 10 * _HOUR_US
    found = FirstAlert(ten, ("urgent", "high"))
    with bar("looking for a good moment to begin (once)") as told:
        until = ten + 2 * _HOUR_US
        share = 48 / 12  # of two days, twelve hours are looked at
        run_directory(
            flows, None, [found], Replay(until=until), lambda done: told(min(1.0, done * share)),
            stopped=lambda: found.raised_at is not None,
        )  # fmt: skip
    begin = (found.raised_at or ten) - _AHEAD_US
    kept.write_text(str(begin), "utf-8")
    return begin


@click.command()
@click.argument("username")
@click.option(
    "--role",
    type=click.Choice(["system_admin", "security_admin", "audit_admin"]),
    default="system_admin",
    show_default=True,
    help="What the account may do.",
)
@click.password_option(help="Asked for if it is not given.")
def administrator(username: str, role: str, password: str) -> None:
    """Make the first account of an administrator's role; it sets up its second factor at the first log-in."""
    from qingdun.console import serving

    serving.setup()
    _prepare()
    from qingdun.console.kernel.actions import create_first_administrator
    from qingdun.console.kernel.roles import Role

    user = create_first_administrator(username, password, Role(role))
    click.echo(f"{user.username} stands as {user.role}")


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command("verify")
def audit_verify() -> None:
    """Walk the audit trail's hash chain; exit code 4 names the first row that was changed."""
    setup_prepared()
    from qingdun.console.kernel.audit import verify_chain

    with bar("verifying the audit trail") as told:
        verdict = verify_chain(told)
    if not verdict.intact:
        raise RefusedError(f"audit trail broken at row {verdict.broken_at}: {verdict.reason}")
    click.echo(f"{verdict.rows:,} rows, chain intact, head {verdict.head}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count what would be deleted.")
def purge(dry_run: bool) -> None:
    """Delete timelines, rejected rows, evidence, forgotten suspects, photos and places after their term."""
    setup_prepared()
    from django.utils import timezone

    from qingdun.console.alerts import retention
    from qingdun.console.visits import retention as visits

    now = timezone.now()
    counts: dict[str, int] = {}
    with bar("counting" if dry_run else "deleting") as told:
        steps = Steps(2, told)
        for kept in (retention, visits):
            steps.begin("timelines and evidence" if kept is retention else "photos and places")
            counts |= kept.count_overdue(now) if dry_run else kept.purge(None, now, steps.within)
    for name, rows in counts.items():
        click.echo(f"{name}: {rows:,} {'to delete' if dry_run else 'deleted'}")


@click.command()
def tick() -> None:
    """Do what is due, once a second, until stopped; `qingdun serve` runs it too, and two do no harm."""
    setup_prepared()
    from qingdun.console.ticking import tick_forever

    tick_forever()


@click.command()
def send() -> None:
    """Send what waits to be sent by SMS, until stopped; two such processes at once do no harm."""
    from qingdun.console import serving

    serving.setup()
    from qingdun.console.sms.worker import run_configured

    run_configured()


def setup_prepared() -> None:
    """Django is ready to be used. Errors: ConfigurationError if the database is not."""
    from qingdun.console import serving

    serving.setup()
    if not serving.is_prepared():
        raise ConfigurationError(
            "the database lacks tables; `qingdun serve` or `qingdun ingest` makes and changes them"
        )
