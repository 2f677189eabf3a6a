"""Measures, models and weights."""

from __future__ import annotations

import json
from pathlib import Path

import click

from qingdun.cli.terminal import FILE, FOLDER, bar

SCORED = ("messages", "dialogues", "sites", "callers", "accounts")
PACKAGE = Path(__file__).parents[1]

# Engine, models and Django are imported inside the commands that use them: `qingdun --help` answers at once.


@click.command()
@click.argument("flows", type=FOLDER)
@click.argument("results", type=FOLDER)
@click.option("--json", "json_file", type=FILE, help="Also write the measures as JSON; - for the screen.")
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
@click.option("--page", type=FILE, default="docs/evaluation.md", show_default=True, help="Page of measures.")
@click.option("--cards", type=FOLDER, help="Folder of the model cards; default: where the shipped ones lie.")
def evaluate_texts(data: Path, page: Path, cards: Path | None) -> None:
    """Leave every source of labelled texts out in turn, and write what the models make of it."""
    from qingdun.evaluate.training import SHIPPED
    from qingdun.evaluate.unseen import evaluate_texts, section

    with bar("evaluating texts") as told:
        found = evaluate_texts(data, page, cards or PACKAGE / SHIPPED["messages"], told)
    click.echo(section(found))


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
@click.option("--out", type=FILE, required=True, help="File for the new weights.")
def refit(flows: Path, results: Path, out: Path) -> None:
    """Estimate the detectors' weights anew from what became of the alerts in RESULTS."""
    from qingdun.evaluate.refit import refit

    with bar("refitting") as told:
        report = refit(flows, results, out, told=told)
    click.echo(report.text())
