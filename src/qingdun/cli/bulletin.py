"""The ledger of 2021, and bulletins over whatever ledgers there are."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qingdun.cli.console import setup_prepared
from qingdun.cli.terminal import FILE, bar
from qingdun.contract.progress import Steps, unheard
from qingdun.errors import InputError, RefusedError

if TYPE_CHECKING:
    from qingdun.console.bulletin.writing import Sheet
    from qingdun.console.kernel.demo_2021 import Plan
    from qingdun.console.kernel.models import User
    from qingdun.contract.progress import Told

_DAY = click.DateTime(["%Y-%m-%d"])
_SECOND = "demo-deputy"
_FORMATS = ["text", "html", "docx", "pdf", "xlsx"]


@click.command("demo-2021")
def demo_2021() -> None:
    """Make a synthetic ledger of 1 January to 23 June 2021, with as many rows of everything as were published
    of that time; only into a demonstration whose ledgers are empty.
    """
    from qingdun.console import serving

    with serving.environment(True, "127.0.0.1", 8000):
        from django.conf import settings

        if not settings.DEMO:
            raise RefusedError("this ledger is synthetic: found QINGDUN_DEMO=0, expected 1 or nothing")
        with bar("preparing the database") as told:
            serving.prepare(told)
        _require_empty()
        with bar("making the ledger of 2021") as told:
            rows = create_ledger(told)
    click.echo(f"{rows:,} synthetic rows of the first half of 2021; `qingdun bulletin` tells them")


@click.command()
@click.option("--region", required=True, help="Code of the city, a county or a town.")
@click.option("--from", "since", required=True, type=_DAY, help="The first day.")
@click.option("--to", "until", required=True, type=_DAY, help="The last day.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="text",
    show_default=True,
    help="Of what is written.",
)
@click.option("--out", type=FILE, help="The file; text and html go to the terminal without one.")
@click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Of what is written."
)
def bulletin(
    region: str, since: dt.datetime, until: dt.datetime, form: str, out: Path | None, language: str
) -> None:
    """Write the bulletin of a place and period from the ledgers as they are now; it is not kept."""
    if out is None and form in ("docx", "pdf", "xlsx"):
        raise InputError(f"--format {form}: found no --out, expected the file to write")
    if since > until:
        raise InputError(
            f"--from {since:%Y-%m-%d}: found a day after --to {until:%Y-%m-%d}, expected one before"
        )
    setup_prepared()
    from django.utils.translation import override

    from qingdun.console.bulletin.composing import LANGUAGES, compose
    from qingdun.console.bulletin.periods import Period
    from qingdun.console.bulletin.writing import sheet_of_composed
    from qingdun.console.kernel.models import Region

    place = Region.objects.filter(code=region).exclude(level=Region.Level.VILLAGE).first()
    if place is None:
        raise InputError(f"--region {region}: found no such place, expected a city, county or town")
    period = Period(since.date(), until.date())
    with bar("counting") as told:
        made = compose(_whoever_owns_the_machine(), place, period, language, told)
    with override(LANGUAGES[language]):
        written = _written(sheet_of_composed(made, place, period, language), form)
    if out is None:
        click.echo(written.decode())
        return
    out.write_bytes(written)
    click.echo(f"{form}: {len(made.figures)} figures into {out}")


def _written(sheet: Sheet, form: str) -> bytes:
    from qingdun.console.bulletin import booking, printing, writing

    if form == "docx":
        return printing.as_docx(sheet)
    if form == "pdf":
        return printing.as_pdf(sheet)
    if form == "xlsx":
        return booking.as_xlsx(sheet).read()
    text = writing.as_html(sheet) if form == "html" else "\n\n".join([*sheet.marks, writing.as_text(sheet)])
    return text.encode()


def _whoever_owns_the_machine() -> User:
    """Who types commands reads everything: nobody in the database, with the rights of the city's desk."""
    from qingdun.console.kernel.models import Region, User
    from qingdun.console.kernel.roles import Role

    return User(role=Role.CITY_ANALYST, region=Region.objects.get(level=Region.Level.CITY))


def _require_empty() -> None:
    """Nothing happens unless a ledger has rows: figures would count them. Errors: RefusedError."""
    from qingdun.console.alerts.models import Task
    from qingdun.console.cases.models import Case, Incident
    from qingdun.console.industry.models import Restriction
    from qingdun.console.outreach.models import AppCount

    for ledger in (Task, Incident, Case, Restriction, AppCount):
        if rows := ledger.objects.count():
            name = ledger._meta.verbose_name_plural
            raise RefusedError(f"the ledger of 2021 stands alone: found {rows:,} {name}, expected none")


def create_ledger(told: Told) -> int:
    """The accounts, and every module's part of the ledger of 2021, stand; how many rows."""
    from qingdun.console.kernel.demo import create_demo_accounts
    from qingdun.console.kernel.demo_2021 import create_stations, plan_2021
    from qingdun.console.kernel.models import User

    told(0.0, "accounts")
    create_stations()
    create_demo_accounts()
    return create_parts(
        plan_2021(User.objects.get(username="demo-city"), User.objects.get(username=_SECOND)), told
    )


def create_parts(plan: Plan, told: Told = unheard) -> int:
    """Every module's part of the plan stands; how many rows."""
    from django.db import connection

    from qingdun.console.alerts.demo_2021 import create_2021 as alerts
    from qingdun.console.assessment.demo_2021 import create_2021 as assessment
    from qingdun.console.cases.demo_2021 import create_2021 as cases
    from qingdun.console.command.demo_2021 import create_2021 as command
    from qingdun.console.funds.demo_2021 import create_2021 as funds
    from qingdun.console.industry.demo_2021 import create_2021 as industry
    from qingdun.console.outreach.demo_2021 import create_2021 as outreach
    from qingdun.console.supervision.demo_2021 import create_2021 as supervision

    steps = Steps(6, told)
    steps.begin("cases and funds")
    rows = cases(plan) + funds(plan)
    steps.begin("outreach")
    rows += outreach(plan)
    for words, create in (("alerts", alerts), ("industry", industry), ("assessment", assessment)):
        steps.begin(words)
        rows += create(plan, steps.within)
    steps.begin("supervision and command")
    rows += supervision(plan) + command(plan)
    if connection.vendor == "postgresql":
        # Whoever asks next would be planned for tables that are empty.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return rows
