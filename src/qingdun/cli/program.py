"""The `qingdun` command: every subcommand parses, makes one call and prints what came of it.

Exit codes: 0 done; 1 unexpected; 2 wrong usage, input or path; 3 configuration; 4 refused, or a check that
failed; 130 interrupted.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from qingdun.cli import (
    assessment,
    bulletin,
    calling,
    cities,
    console,
    dispatch,
    exchange,
    flows,
    live,
    models,
    streaming,
    tracing,
)
from qingdun.cli.intercept import group
from qingdun.errors import ConfigurationError, InputError, QingdunError, RefusedError, UnknownCity

COMMANDS = (
    flows.simulate,
    flows.detect,
    live.live,
    streaming.live_spark,
    live.receive,
    live.receive_kafka,
    live.receive_token,
    models.evaluate,
    models.evaluate_texts,
    cities.evaluate_cities,
    cities.fit_weights,
    models.evaluate_sites,
    models.evaluate_tables,
    models.score,
    models.train,
    models.refit,
    models.compare,
    dispatch.evaluate_dispatch,
    dispatch.refit_dispatch,
    calling.evaluate_calls,
    tracing.trace,
    tracing.evaluate_stops,
    console.serve,
    console.ingest,
    console.administrator,
    console.audit,
    console.purge,
    assessment.ranking,
    assessment.evaluate_cards,
    bulletin.demo_2021,
    bulletin.bulletin,
    console.tick,
    console.send,
    group.intercept,
    exchange.exchange,
)


def main() -> NoReturn:
    """Run the command line: one line for an error, a traceback only with --debug."""
    debug = "--debug" in sys.argv
    arguments = [word for word in sys.argv[1:] if word != "--debug"]
    try:
        app(arguments, prog_name="qingdun", standalone_mode=False)
    except click.exceptions.Abort:
        _stop(130, "interrupted")
    except click.ClickException as error:
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            error.show()
            sys.exit(error.exit_code)
        command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "qingdun"
        help_at = f" (see {command} --help)" if isinstance(error, click.UsageError) else ""
        _stop(error.exit_code, f"{error.format_message()}{help_at}")
    except OSError as error:
        if debug:
            raise
        _stop(2, f"{error.filename or 'file'}: {error.strerror or error}")
    except QingdunError as error:
        if debug:
            raise
        _stop(_exit_code(error), str(error))
    except Exception as error:
        if debug:
            raise
        _stop(1, f"unexpected {type(error).__name__}: {error} (run again with --debug for the trace)")
    sys.exit(0)


def _exit_code(error: QingdunError) -> int:
    # A code of a city that does not exist is a word mistyped, not an installation to mend.
    codes = {InputError: 2, UnknownCity: 2, ConfigurationError: 3, RefusedError: 4}
    return next((code for kind, code in codes.items() if isinstance(error, kind)), 1)


def _stop(code: int, words: str) -> NoReturn:
    click.echo(f"qingdun: {' '.join(words.split())}", err=True)
    sys.exit(code)


class Whole(click.Group):
    """A group whose help says of each command the whole first sentence, however long it is."""

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Every command with its sentence, wrapped instead of cut off."""
        found = {name: self.get_command(context, name) for name in self.list_commands(context)}
        rows = [(name, one.get_short_help_str(limit=400)) for name, one in found.items() if one]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=Whole, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the whole trace of an error.")
@click.version_option(package_name="qingdun")
def app(debug: bool) -> None:
    """Qingdun 清盾: a city's fight against telecom fraud."""


for command in COMMANDS:
    app.add_command(command)
