"""The ledgers (台账) that stations are asked for, written from what was entered once at work.

Each is a table of columns over the tasks, incidents or orders that the viewer sees. Headings are Chinese
whatever language the page speaks, because whoever asks for a ledger asks for it in Chinese.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.codes import CallResult, Level, Stage, scam_type_label
from qingdun.console.alerts.queries import Filters
from qingdun.console.alerts.states import State
from qingdun.console.care.queries import Result
from qingdun.console.care.queries import State as FollowUpState
from qingdun.console.cases import queries as cases
from qingdun.console.funds import queries as funds
from qingdun.console.funds.queries import State as StopState
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.masking import mask_account, mask_address, mask_name, mask_number, mask_text
from qingdun.console.kernel.models import Person, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import InputError

CHUNK = 2000
Row = dict[str, Any]


class Entry(NamedTuple):
    """One line of a ledger before it is written: the row read, and its person."""

    row: Row
    person: Person | None
    unmasked: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, the fields of the task it is made of, and how."""

    heading: str | Promise
    fields: tuple[str, ...]
    write: Callable[[Entry], Any]


@dataclass(frozen=True, slots=True)
class Ledger:
    """One ledger: its name, what a line of it is, the time that a period is about, its columns."""

    code: str
    word: str | Promise
    meaning: str | Promise
    at: str
    columns: tuple[Column, ...]
    only: Q = field(default_factory=Q)
    of: Callable[[User, str], QuerySet[Any]] = lambda viewer, region: alerts.tasks(
        viewer, Filters(state="all", region=region)
    )
    """What the viewer sees of it in a region, by code."""
    then: tuple[str, ...] = ()
    """What tells lines of one moment and task apart, for their order."""
    named: bool = True
    """Whether a line is about a person."""


class Span(NamedTuple):
    """A region by code ('' for the viewer's own), from one day to another, both included."""

    region: str
    since: dt.date
    until: dt.date


def rows(viewer: User, code: str, span: Span) -> QuerySet[Any, Row]:
    """Lines of the ledger in order of time, as dictionaries of the fields its columns need.

    Errors: NotPermitted, InputError (no such ledger, the period ends before it begins).
    """
    require(viewer, Permission.SEE_ALERTS)
    ledger = LEDGERS.get(code)
    if ledger is None:
        raise InputError(
            gettext("There is no ledger “%(found)s”; expected one of %(known)s.")
            % {"found": code[:40], "known": ", ".join(LEDGERS)}
        )
    if span.until < span.since:
        raise InputError(
            gettext("The period ends on %(until)s, before it begins on %(since)s.")
            % {"until": span.until, "since": span.since}
        )
    begins = midnight(span.since)
    ends = midnight(span.until + dt.timedelta(days=1))
    fields = {"pk", ledger.at, *(field for column in ledger.columns for field in column.fields)}
    if ledger.named:
        fields.add("person_id")
    found = ledger.of(viewer, span.region)
    wanted = {f"{ledger.at}__gte": begins, f"{ledger.at}__lt": ends}
    ordered = found.filter(ledger.only, **wanted).order_by(ledger.at, "pk", *ledger.then)
    lines: QuerySet[Any, Row] = ordered.values(*sorted(fields))
    return lines


def headings(code: str) -> list[str]:
    """The headings of the ledger in the language that is active."""
    return [str(column.heading) for column in LEDGERS[code].columns]


def pieces(code: str, found: QuerySet[Any, Row], unmasked: bool) -> Iterator[list[list[Any]]]:
    """The cells of every line, read some thousand at a time: any number takes little memory."""
    columns = LEDGERS[code].columns
    stream = found.iterator(chunk_size=CHUNK)
    while chunk := list(islice(stream, CHUNK)):
        people = Person.objects.in_bulk({row["person_id"] for row in chunk if "person_id" in row})
        entries = (Entry(row, people.get(row.get("person_id", "")), unmasked) for row in chunk)
        yield [[column.write(entry) for column in columns] for entry in entries]


def _field(name: str) -> Callable[[Entry], Any]:
    return lambda entry: entry.row[name] if entry.row[name] is not None else ""


def _time(name: str) -> Callable[[Entry], str]:
    def write(entry: Entry) -> str:
        at = entry.row[name]
        return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else ""

    return write


def _yuan(name: str) -> Callable[[Entry], float]:
    return lambda entry: float(entry.row[name] or 0) / 100


def _word(name: str, choices: Any) -> Callable[[Entry], str]:
    return lambda entry: _label(choices, entry.row[name], get_language() or "")


@lru_cache(maxsize=500)
def _label(choices: Any, code: str, language: str) -> str:
    """The word for a code, looked up once a language: a hundred thousand lines say the same few words."""
    return str(choices(code).label) if code else ""


@lru_cache(maxsize=100)
def _type(code: str, language: str) -> str:
    return scam_type_label(code)


def _who(prefix: str) -> Callable[[Entry], str]:
    return lambda entry: entry.row[f"{prefix}__display_name"] or entry.row[f"{prefix}__username"] or ""


def _name(entry: Entry) -> str:
    name = entry.person.name if entry.person else ""
    return name if entry.unmasked else mask_name(name)


def _number(entry: Entry) -> str:
    number: str = entry.row["msisdn"]
    return (number if entry.unmasked else mask_number(number)).removeprefix("+86").strip()


def _address(entry: Entry) -> str:
    """Legible in no file once its task is over, whatever the purpose was."""
    address = entry.person.home_address if entry.person else ""
    return address if entry.unmasked and entry.row["closed_at"] is None else mask_address(address)


def _words(name: str) -> Callable[[Entry], str]:
    """What somebody has typed: numbers and the names around the person are masked in it as well."""

    def write(entry: Entry) -> str:
        text = entry.row[name] or ""
        names = entry.person.names_around if entry.person else ()
        return text if entry.unmasked else mask_text(text, names=names)

    return write


def _due_on(entry: Entry) -> str:
    """The local day at whose end a follow-up is due."""
    at: dt.datetime = entry.row["follow_ups__due_at"]
    return f"{timezone.localtime(at - dt.timedelta(microseconds=1)):%Y-%m-%d}"


def _account(entry: Entry) -> str:
    account: str = entry.row["account"]
    return account if entry.unmasked else mask_account(account)


def _holder(entry: Entry) -> str:
    name: str = entry.row["account_name"]
    return name if entry.unmasked else mask_name(name)


def _made_by(prefix: str) -> tuple[str, str]:
    return f"{prefix}__display_name", f"{prefix}__username"


TASK = Column(_("Task"), ("pk",), _field("pk"))
NAME = Column(_("Name"), (), _name)
NUMBER = Column(_("Number"), ("msisdn",), _number)
COUNTY = Column(_("County"), ("town__parent__name",), _field("town__parent__name"))
TOWN = Column(_("Town"), ("town__name",), _field("town__name"))
LEVEL = Column(_("Level"), ("level",), _word("level", Level))
TYPE = Column(
    _("Scam type"), ("scam_type",), lambda entry: _type(entry.row["scam_type"], get_language() or "")
)
STATION = Column(_("Station"), ("station__name",), _field("station__name"))
STATE = Column(_("State"), ("state",), _word("state", State))
AVOIDED = Column(_("Loss avoided, yuan"), ("loss_avoided_fen",), _yuan("loss_avoided_fen"))
CARDS = Column(_("Cards protected"), ("cards_protected",), _field("cards_protected"))
WHERE = (COUNTY, TOWN)

LEDGERS: dict[str, Ledger] = {
    ledger.code: ledger
    for ledger in (
        Ledger(
            "dispositions",
            _("Alerts and what became of them"),
            _("One line a task, by the time its first alert came in"),
            "received_at",
            (
                TASK,
                Column(_("Received"), ("received_at",), _time("received_at")),
                LEVEL,
                TYPE,
                Column(_("Stage"), ("stage",), _word("stage", Stage)),
                NAME,
                NUMBER,
                *WHERE,
                STATION,
                Column(_("Officer responsible"), _made_by("owner"), _who("owner")),
                STATE,
                Column(_("Last move"), ("moved_at",), _time("moved_at")),
                Column(_("Time closed"), ("closed_at",), _time("closed_at")),
                AVOIDED,
                Column(_("Loss suffered, yuan"), ("loss_suffered_fen",), _yuan("loss_suffered_fen")),
                CARDS,
            ),
        ),
        Ledger(
            "contacts",
            _("Calls to persons"),
            _("One line a call, by the time of the call"),
            "contacts__at",
            (
                TASK,
                Column(_("Called"), ("contacts__at",), _time("contacts__at")),
                NAME,
                NUMBER,
                *WHERE,
                TYPE,
                Column(_("Result of the call"), ("contacts__result",), _word("contacts__result", CallResult)),
                Column(_("Called by"), _made_by("contacts__by"), _who("contacts__by")),
                STATION,
                Column(_("Remark"), ("contacts__note",), _words("contacts__note")),
            ),
            then=("contacts__pk",),
        ),
        Ledger(
            "visits",
            _("Ledger of visits"),
            _("One line a visit, by the time it began"),
            "visit__started_at",
            (
                TASK,
                Column(_("Visit began"), ("visit__started_at",), _time("visit__started_at")),
                NAME,
                NUMBER,
                *WHERE,
                Column(_("Home address"), ("closed_at",), _address),
                TYPE,
                Column(_("Visited by"), _made_by("visit__by"), _who("visit__by")),
                STATION,
                STATE,
                AVOIDED,
                CARDS,
                Column(_("Notes of the visit"), ("visit__notes",), _words("visit__notes")),
            ),
        ),
        Ledger(
            "avoided",
            _("Ledger of loss avoided"),
            _("One line a task in which money was saved, by the time its first alert came in"),
            "received_at",
            (
                TASK,
                Column(_("Received"), ("received_at",), _time("received_at")),
                NAME,
                NUMBER,
                *WHERE,
                TYPE,
                STATION,
                Column(_("Officer responsible"), _made_by("owner"), _who("owner")),
                AVOIDED,
                CARDS,
            ),
            alerts.AVOIDED,
        ),
        Ledger(
            "follow_ups",
            _("Ledger of follow-ups"),
            _("One line a follow-up, by the time of the verdict that it follows"),
            "follow_ups__verdict_at",
            (
                TASK,
                Column(_("Days after"), ("follow_ups__day",), _field("follow_ups__day")),
                Column(_("Due on"), ("follow_ups__due_at",), _due_on),
                NAME,
                NUMBER,
                *WHERE,
                TYPE,
                STATION,
                Column(_("How it stands"), ("follow_ups__state",), _word("follow_ups__state", FollowUpState)),
                Column(_("What came of it"), ("follow_ups__result",), _word("follow_ups__result", Result)),
                Column(_("Done at"), ("follow_ups__done_at",), _time("follow_ups__done_at")),
                Column(_("Done by"), _made_by("follow_ups__done_by"), _who("follow_ups__done_by")),
                Column(_("Remark"), ("follow_ups__note",), _words("follow_ups__note")),
            ),
            then=("follow_ups__day",),
        ),
        Ledger(
            "incidents",
            _("Ledger of incidents"),
            _("One line an incident, by the time it was reported"),
            "reported_at",
            (
                Column(_("Incident"), ("pk",), _field("pk")),
                Column(_("Reported"), ("reported_at",), _time("reported_at")),
                NAME,
                NUMBER,
                TYPE,
                Column(_("Loss, yuan"), ("loss_fen",), _yuan("loss_fen")),
                Column(_("How it happened"), ("how",), _words("how")),
                Column(_("Task"), ("task_id",), _field("task_id")),
                Column(_("Entered by"), _made_by("by"), _who("by")),
            ),
            of=cases.incidents,
        ),
        Ledger(
            "stops",
            _("Ledger of stop-payment orders"),
            _("One line an order, by the time it was asked for"),
            "requested_at",
            (
                Column(_("Stop-payment order"), ("pk",), _field("pk")),
                Column(_("Asked for"), ("requested_at",), _time("requested_at")),
                Column(_("Account"), ("account",), _account),
                Column(_("Account holder"), ("account_name",), _holder),
                Column(_("Bank"), ("bank",), _field("bank")),
                Column(_("Amount, yuan"), ("amount_fen",), _yuan("amount_fen")),
                Column(_("Money left at"), ("paid_at",), _time("paid_at")),
                Column(_("How it stands"), ("state",), _word("state", StopState)),
                Column(_("Stopped at"), ("held_at",), _time("held_at")),
                Column(_("Holds until"), ("ends_at",), _time("ends_at")),
                Column(_("Task"), ("task_id",), _field("task_id")),
                Column(_("Asked for by"), _made_by("by"), _who("by")),
                Column(_("Remark"), ("note",), _words("note")),
            ),
            of=funds.stops,
            named=False,
        ),
    )
}
"""Every ledger by its code."""
