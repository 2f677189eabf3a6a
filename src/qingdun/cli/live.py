"""An engine that goes on for good, and what it is fed by."""

from __future__ import annotations

import logging
import signal
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import click

from qingdun.cli.flows import remember, weights_of
from qingdun.cli.terminal import FILE, FOLDER, Finite, bar, leave
from qingdun.errors import InputError

_WAITING = "MB that may wait to be judged before no more is taken."


@click.command()
@click.argument("landing", type=FOLDER)
@click.option(
    "--registers", type=FOLDER, required=True, help="Folder of subscribers, accounts and, if any, watchlist."
)
@click.option(
    "--state", type=FOLDER, required=True, help="Folder of the snapshots, the engine's user's alone."
)
@click.option("--out", type=FOLDER, required=True, help="Folder for alerts, suspects, clusters and rejects.")
@click.option("--weights", "weights_file", type=FILE, help="Weights written by `qingdun refit`.")
@click.option(
    "--challenger",
    "challenger_file",
    type=FILE,
    help="Other weights, judged by beside; no officer hears of it.",
)
@click.option("--history", type=FOLDER, help="Flow directory of the weeks before, for when it first begins.")
@click.option(
    "--snapshot-every",
    type=Finite(min=0),
    default=30.0,
    show_default=True,
    help="Seconds from one to the next.",
)
@click.option("--keep-landed", is_flag=True, help="Keep files that no snapshot needs any more.")
@click.option(
    "--most-ahead",
    type=Finite(min=0),
    default=600.0,
    show_default=True,
    help="Seconds that a row may be ahead of this machine's clock; later ones are rejected.",
)
@click.option("--webhook", help="Address that every alert is posted to.")
@click.option("--webhook-secret", type=FILE, help="File with the secret that posted alerts are signed with.")
@click.option("--kafka", "brokers", help="Brokers that alerts, suspects and clusters are sent to, by comma.")
@click.option("--kafka-prefix", default="qingdun", show_default=True, help="What its topics begin with.")
@click.option("--kafka-properties", type=FILE, help="More settings of librdkafka, NAME=VALUE a line.")
def live(
    landing: Path,
    registers: Path,
    state: Path,
    out: Path,
    weights_file: Path | None,
    challenger_file: Path | None,
    history: Path | None,
    snapshot_every: float,
    keep_landed: bool,
    most_ahead: float,
    webhook: str | None,
    webhook_secret: Path | None,
    brokers: str | None,
    kafka_prefix: str,
    kafka_properties: Path | None,
) -> None:
    """Judge what lands in the folder LANDING, until stopped; whoever is killed goes on where it was."""
    from qingdun import compiled
    from qingdun.contract.alone import alone
    from qingdun.contract.directory import FlowDirectory
    from qingdun.contract.tables import REQUIRED_REFERENCES
    from qingdun.detect.reference import Reference
    from qingdun.run.challenger import Challenger, Folders
    from qingdun.run.embedded import Engine
    from qingdun.run.live import Lasting, Live
    from qingdun.run.sinks.kafka import KafkaSink, Settings
    from qingdun.run.sinks.parts import PartsSink
    from qingdun.run.sinks.webhook import WebhookSink
    from qingdun.run.snapshots import Snapshots
    from qingdun.run.sources.landing import Landing

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    secret = _secret(webhook, webhook_secret)
    fresh = compiled.is_new(compiled.FOLDER)
    snapshots = Snapshots(state)
    with ExitStack() as held:
        held.enter_context(alone(state))
        with bar("reading the registers") as told:
            weights = weights_of(weights_file) if weights_file else None
            held.enter_context(alone(landing))
            source = Landing(landing, most_ahead_s=most_ahead)
            reference = Reference.of(FlowDirectory(registers, REQUIRED_REFERENCES))
            engine, beside, other = Engine(reference, weights), None, None
            if challenger_file is not None:
                others = weights_of(challenger_file)
                other = Engine(reference, others)
                beside = Challenger(other, Folders.beside(state, out, others))
            told(0.5, "going on from the newest snapshot")
            sinks: list[Lasting] = [PartsSink(out)]
            kafka = None
            if webhook:
                sinks.append(WebhookSink(webhook, secret, state / "webhook.sqlite3"))
            if brokers:
                settings = Settings(brokers, kafka_prefix, _properties(kafka_properties))
                kafka = KafkaSink(settings, state / "kafka.sqlite3")
                sinks.append(kafka)
            living = Live(
                engine, source, snapshots, sinks,
                challenger=beside, every_s=snapshot_every, keep_landed=keep_landed,
            )  # fmt: skip
            for one in (engine, other):
                if history is not None and one is not None and not one.clock:
                    told(0.6, "remembering the weeks before")
                    remember(one, history)
        stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_about: stop.set())
        click.echo(f"judging what lands in {landing}; results in {out}; stop with Ctrl-C")
        if fresh:
            click.echo("what lands first waits until the loops are compiled, once, for about a minute")
        report = living.run(stop.is_set, stop.wait)
    click.echo(report.text())
    if kafka is not None and kafka.too_large:
        click.echo(f"{kafka.too_large:,} messages were too large for Kafka; they are in {kafka.too_large_in}")
    if beside is not None:
        ended = f"; it has ended: {beside.fault}" if beside.fault else ""
        click.echo(f"challenger: {beside.alerts:,} alerts in {beside.folders.out}{ended}")


@click.command()
@click.argument("landing", type=FOLDER)
@click.option("--listen", default="127.0.0.1:8810", show_default=True, help="Address and port.")
@click.option(
    "--tokens", type=FILE, required=True, help="File of providers, made by `qingdun receive-token`."
)
@click.option("--most-waiting", type=click.IntRange(min=1), default=4096, show_default=True, help=_WAITING)
@click.option(
    "--least-rate",
    type=click.IntRange(min=1),
    default=64,
    show_default=True,
    help="KB a second that a body must come with after its first 30 seconds; a slower one is let go.",
)
def receive(landing: Path, listen: str, tokens: Path, most_waiting: int, least_rate: int) -> None:
    """Receive flows over HTTP into the folder LANDING, until stopped."""
    import asyncio

    from qingdun.run.receiving.serving import receive as receiving

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise InputError(f"--listen: found {listen!r}, expected an address and a port, as 127.0.0.1:8810")
    if not landing.is_dir():
        raise InputError(f"{landing}: no such folder; expected one that files land in")

    async def run() -> str:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        done = await receiving(
            landing, host.strip("[]"), int(port), tokens, most_waiting << 20, stop, least_rate << 10, begun
        )
        return f"{done.rows:,} rows in {done.answers[202]:,} bodies received"

    def begun() -> None:
        click.echo(f"receiving flows on http://{listen}/v1/flows/… into {landing}; stop with Ctrl-C")

    click.echo(asyncio.run(run()))
    leave()


@click.command("receive-kafka")
@click.argument("landing", type=FOLDER)
@click.option("--brokers", required=True, help="Addresses of brokers, by comma.")
@click.option("--group", required=True, help="Consumer group; its members share the partitions.")
@click.option("--topic", "topics", multiple=True, required=True, help="FLOW=TOPIC, once for each topic.")
@click.option("--properties", type=FILE, help="More settings of librdkafka, NAME=VALUE a line.")
@click.option("--most-waiting", type=click.IntRange(min=1), default=4096, show_default=True, help=_WAITING)
def receive_kafka(
    landing: Path,
    brokers: str,
    group: str,
    topics: tuple[str, ...],
    properties: Path | None,
    most_waiting: int,
) -> None:
    """Receive flows from Kafka into the folder LANDING, until stopped."""
    from qingdun.run.receiving.kafka import KafkaReceiver, Settings

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    if not landing.is_dir():
        raise InputError(f"{landing}: no such folder; expected one that files land in")
    pairs = [text.partition("=") for text in topics]
    for flow, equals, topic in pairs:
        if not (flow and equals and topic):
            raise InputError(f"--topic: found {flow + equals + topic!r}, expected FLOW=TOPIC")
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_about: stop.set())
    receiver = KafkaReceiver(
        landing,
        Settings(brokers, group, {topic: flow for flow, _, topic in pairs}, _properties(properties)),
        most_waiting << 20,
    )
    click.echo(f"receiving {', '.join(topics)} from {brokers} into {landing}; stop with Ctrl-C")
    receiver.run(stop.is_set, stop.wait)
    click.echo(f"{receiver.rows:,} rows received, {receiver.unreadable:,} messages could not be read")


def _properties(file: Path | None) -> dict[str, str]:
    """The settings in the file. Errors: InputError."""
    found = {}
    for number, line in enumerate(file.read_text("utf-8").splitlines() if file else (), start=1):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not line.strip() or line.startswith("#"):
            continue
        if not (name and equals):
            raise InputError(f"{file}, line {number}: found {line[:40]!r}, expected NAME=VALUE")
        found[name] = value
    return found


@click.command("receive-token")
@click.argument("tokens", type=FILE)
@click.argument("name")
def receive_token(tokens: Path, name: str) -> None:
    """Make the token of the provider NAME, and say it this once; the file TOKENS keeps its digest."""
    from qingdun.contract.tokens import make

    click.echo(make(tokens, name))
    click.echo(f"take the line of {name} out of {tokens} to lock it out", err=True)


def _secret(webhook: str | None, file: Path | None) -> bytes:
    """The secret to sign with. Errors: InputError."""
    if not webhook:
        return b""
    if not webhook.startswith(("https://", "http://")):
        raise InputError(f"--webhook: found {webhook!r}, expected an address with https:// or http://")
    if file is None:
        raise InputError("--webhook-secret: found none, expected the file of the secret for --webhook")
    secret = file.read_bytes().strip()
    if len(secret) < 16:
        raise InputError(f"{file}: found a secret of {len(secret)} bytes, expected 16 or more")
    return secret
