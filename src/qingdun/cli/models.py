"""Measures, models and weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qingdun.cli.flows import weights_of
from qingdun.cli.terminal import FILE, FOLDER, NEW_FILE, bar
from qingdun.contract.progress import Steps

if TYPE_CHECKING:
    from qingdun.detect.weights import Weights
    from qingdun.evaluate.comparing import Comparison

SCORED = ("messages", "dialogues", "sites", "callers", "accounts")
PACKAGE = Path(__file__).parents[1]

# Engine, models and Django are imported inside the commands that use them: `qingdun --help` answers at once.


@click.command()
@click.argument("flows", type=FOLDER)
@click.argument("results", type=FOLDER)
@click.option("--json", "json_file", type=NEW_FILE, help="Also write the measures as JSON; - for the screen.")
def evaluate(flows: Path, results: Path, json_file: Path | None) -> None:
    """Compare the alerts and suspects in RESULTS with the truth in FLOWS."""
    from qingdun.evaluate.measures import evaluate

    with bar("evaluating") as told:
        measures = evaluate(flows, results, told)
    if json_file is not None and str(json_file) == "-":
        click.echo(json.dumps(measures.json(), ensure_ascii=False, indent=2))
        return
    click.echo(measures.text())
    if json_file is not None:
        json_file.write_text(json.dumps(measures.json(), ensure_ascii=False, indent=2), "utf-8")


@click.command("evaluate-texts")
@click.option("--data", type=Path, required=True, help="Folder of the labelled data.")
@click.option(
    "--page", type=NEW_FILE, default="docs/evaluation.md", show_default=True, help="Page of measures."
)
@click.option("--cards", type=FOLDER, help="Folder of the model cards; default: where the shipped ones lie.")
def evaluate_texts(data: Path, page: Path, cards: Path | None) -> None:
    """Leave every source of labelled texts out in turn, and write what the models make of it."""
    from qingdun.evaluate.training import SHIPPED
    from qingdun.evaluate.unseen import evaluate_texts, section

    with bar("evaluating texts") as told:
        found = evaluate_texts(data, page, cards or PACKAGE / SHIPPED["messages"], told)
    click.echo(section(found))


@click.command("evaluate-sites")
@click.option("--data", type=Path, required=True, help="Folder of the labelled data.")
@click.option(
    "--page", type=NEW_FILE, default="docs/evaluation.md", show_default=True, help="Page of measures."
)
@click.option("--cards", type=FOLDER, help="Folder of the model card; default: where the shipped one lies.")
def evaluate_sites(data: Path, page: Path, cards: Path | None) -> None:
    """Ask the site model about years and sources it has not seen, and write what it makes of them."""
    from qingdun.evaluate.training import SHIPPED
    from qingdun.evaluate.unseen_sites import evaluate_sites, section

    with bar("evaluating sites") as told:
        found = evaluate_sites(data, page, cards or PACKAGE / SHIPPED["sites"], told)
    click.echo(section(found))


@click.command("evaluate-tables")
@click.option("--data", type=Path, required=True, help="Folder of the labelled data.")
@click.option(
    "--page", type=NEW_FILE, default="docs/evaluation.md", show_default=True, help="Page of measures."
)
def evaluate_tables(data: Path, page: Path) -> None:
    """Ask the models of callers and accounts about rows they have not learnt from, and write it down."""
    from qingdun.evaluate.unseen_tables import evaluate_tables

    with bar("evaluating tables") as told:
        found = evaluate_tables(data, page, told)
    click.echo("\n\n".join(f"{title}\n\n{body}" for title, body in found.items()))


@click.command()
@click.argument("kind", type=click.Choice(SCORED))
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option("--out", type=FILE, required=True, help="CSV or Parquet by suffix.")
def score(kind: str, source: Path, out: Path) -> None:
    """Give every row of IN a fraud probability and a scam type, in its order."""
    from qingdun.evaluate.score import score

    with bar(f"scoring {kind}") as told:
        rows = score(kind, source, out, told)
    click.echo(f"{rows:,} rows scored into {out}")


@click.command()
@click.argument("kind", type=click.Choice(SCORED))
@click.option("--data", type=FOLDER, required=True, help="Folder of the labelled data.")
@click.option("--out", type=FOLDER, help="Folder for model and card; default: where the shipped model lies.")
def train(kind: str, data: Path, out: Path | None) -> None:
    """Train a model on labelled data and write it with its card."""
    from qingdun.evaluate.training import SHIPPED, TRAINERS

    shipped = PACKAGE / SHIPPED[kind]
    with bar(f"training {kind}") as told:
        card = TRAINERS[kind](data, out or shipped, told)
    click.echo(card.markdown())


@click.command()
@click.argument("flows", type=FOLDER)
@click.argument("results", type=FOLDER)
@click.option("--out", type=NEW_FILE, required=True, help="File for the new weights.")
@click.option(
    "--weights", "weights_file", type=FILE, help="Weights that RESULTS are of; default: the shipped."
)
@click.option(
    "--replay", "replays", type=FOLDER, multiple=True, help="Flow directory judged by both, before and after."
)
@click.option("--report", type=NEW_FILE, help="Also write the report as JSON.")
def refit(
    flows: Path,
    results: Path,
    out: Path,
    weights_file: Path | None,
    replays: tuple[Path, ...],
    report: Path | None,
) -> None:
    """Estimate the detectors' weights anew from what became of the alerts in RESULTS.

    With --replay, once for each flow directory, the weights before and after judge it and are compared.
    """
    from qingdun.contract.directory import FlowDirectory
    from qingdun.detect.weights import load_weights
    from qingdun.evaluate.refit import refit

    before = weights_of(weights_file) if weights_file else load_weights()
    for replayed in replays:
        FlowDirectory(replayed)  # whoever mistypes one hears it before anything is written
    with bar("refitting") as told:
        found = refit(flows, results, out, before, told)
    click.echo(found.text())
    whole = found.json() | {"replays": {}}
    for replayed in replays:
        compared = _replayed(replayed, before, weights_of(out))
        click.echo(f"\n{replayed}: {before.version} (champion) and {found.version} (challenger)")
        click.echo(compared.text())
        whole["replays"][str(replayed)] = compared.json()
    if report is not None:
        report.write_text(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _replayed(flows: Path, before: Weights, after: Weights) -> Comparison:
    """Both weights have judged the flows, which nobody else hears of."""
    from tempfile import TemporaryDirectory

    from qingdun.evaluate.comparing import compare
    from qingdun.run.directory import run_directory

    with TemporaryDirectory() as name, bar("replaying") as told:
        steps, folders = Steps(2, told), []
        for number, weights in enumerate((before, after)):
            steps.begin(f"judging {flows.name} by {weights.version}")
            folders.append(Path(name) / str(number))
            run_directory(flows, folders[-1], weights=weights, progress=steps.within)
        return compare(folders[0], folders[1], flows)


@click.command()
@click.argument("champion", type=FOLDER)
@click.argument("challenger", type=FOLDER)
@click.option("--flows", type=FOLDER, help="Flow directory with the outcomes, or the truth, that judge.")
@click.option("--json", "json_file", type=NEW_FILE, help="Also write the comparison as JSON.")
def compare(champion: Path, challenger: Path, flows: Path | None, json_file: Path | None) -> None:
    """Compare the alerts of two weights on the same rows: the folders of CHAMPION and CHALLENGER."""
    from qingdun.evaluate.comparing import compare

    with bar("comparing") as told:
        steps = Steps(1, told)
        steps.begin("reading alerts")
        found = compare(champion, challenger, flows)
    click.echo(found.text())
    if json_file is not None:
        json_file.write_text(json.dumps(found.json(), ensure_ascii=False, indent=2) + "\n", "utf-8")
