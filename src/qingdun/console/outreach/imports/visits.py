"""Grids, visits at doors and sheets of the quiz from files: what was noted on paper or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.functional import lazystr
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.forms import Choices, Field, FieldFaults
from qingdun.console.kernel.imports.fields import Values
from qingdun.console.kernel.imports.kinds import Batch, Column, Kind, digest
from qingdun.console.kernel.models import Region
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store
from qingdun.console.outreach import doors, queries, quiz
from qingdun.console.outreach.codes import Count, DoorResult
from qingdun.console.outreach.entering import FORMS
from qingdun.console.outreach.imports.ledgers import Rows, any_place, columns_of, ledger_of, reader
from qingdun.console.outreach.imports.matrix import PLACE
from qingdun.console.outreach.models import Door, Grid, QuizSheet
from qingdun.console.outreach.places import nearest
from qingdun.errors import InputError


def _grid(batch: Batch) -> Callable[[Values], None]:
    place = any_place(batch)
    villages = set(
        Region.objects.filter(
            level=Region.Level.VILLAGE, path__startswith=batch.actor.region_path
        ).values_list("path", flat=True)
    )

    def settled(row: Values) -> None:
        expected = gettext("Expected a village of your region, by code or by a name of its own.")
        try:
            row["region_path"] = place(row.pop("village"))
        except InputError as wrong:
            raise FieldFaults({"village": expected}) from wrong
        if row["region_path"] not in villages:
            raise FieldFaults({"village": expected})

    return settled


def _known_grids(batch: Batch, rows: Rows) -> Collection[str]:
    told = queries.grids(batch.actor).filter(code__in=[one.key for one in rows])
    return list(told.values_list("code", flat=True))


def _take_grids(_batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    # Of a code that is another county's nothing is said but that it cannot be used.
    elsewhere = set(Grid.objects.filter(code__in=[one.key for one in rows]).values_list("code", flat=True))
    store(Grid(**one.row) for one in rows if one.key not in elsewhere)
    return {
        one.line: Fault("code", one.key, gettext("This code cannot be used."))
        for one in rows
        if one.key in elsewhere
    }


def _door(batch: Batch) -> Callable[[Values], None]:
    """A visit as the phone would tell it."""
    grids = {code: (pk, path) for code, pk, path in queries.grids(batch.actor).values_list(
        "code", "pk", "region_path"
    )}  # fmt: skip

    def settled(row: Values) -> None:
        code = row.pop("grid")
        if code not in grids:
            raise FieldFaults({"grid": gettext("Expected a grid of your region, by its code.")})
        if row["visited_at"] > batch.now:
            raise FieldFaults({"visited_at": gettext("This time lies in the future.")})
        try:
            doors.check(row["result"], [row[name] for name in doors.NUMBERS])
        except InputError as wrong:
            raise FieldFaults({"told": str(wrong)}) from wrong
        row["grid_id"], row["region_path"] = grids[code]

    return settled


def _known_doors(batch: Batch, rows: Rows) -> Collection[str]:
    told = queries.doors(batch.actor).filter(key__in=[_file_key(one.key) for one in rows])
    return [key.removeprefix("file-") for key in told.values_list("key", flat=True)]


def _take_doors(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    store(Door(**one.row, key=_file_key(one.key), by=batch.actor, at=batch.now) for one in rows)
    return {}


def _sheet(batch: Batch) -> Callable[[Values], None]:
    """A sheet with its event, by title and day, and how many of its answers are right."""
    version, questions = quiz.quiz()
    events: dict[tuple[Any, str], list[tuple[int, str]]] = {}
    for pk, on, title, path in queries.events(batch.actor).values_list("pk", "on", "title", "region_path"):
        events.setdefault((on, title), []).append((pk, path))

    def settled(row: Values) -> None:
        title, path = row.pop("event"), row.pop("region", "") or batch.actor.region_path
        if row["on"] > timezone.localdate():
            raise FieldFaults({"on": gettext("This day lies in the future.")})
        alike = events.get((row["on"], title), [])
        row["event_id"] = nearest(alike, path) if title else None
        if title and row["event_id"] is None:
            raise FieldFaults({"event": gettext("No event of this title on this day is known.")})
        row["region_path"] = dict(alike)[row["event_id"]] if title else path
        row["answers"] = {one.words.code: row.pop(one.words.code) for one in questions}
        row["right"] = sum(row["answers"][one.words.code] == one.right for one in questions)
        row |= {"of": len(questions), "version": version}

    return settled


def _sheet_key(row: Values) -> str:
    where = (row["region_path"], row["event_id"], row["on"])
    return digest(*where, row["number"]) if row["number"] else digest(*where, sorted(row["answers"].items()))


def _known_sheets(batch: Batch, rows: Rows) -> Collection[str]:
    told = QuizSheet.objects.filter(key__in=[_file_key(one.key) for one in rows])
    return [key.removeprefix("file-") for key in told.values_list("key", flat=True)]


def _take_sheets(_batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    kept = [{name: value for name, value in one.row.items() if name != "number"} for one in rows]
    store(QuizSheet(**row, key=_file_key(one.key)) for one, row in zip(rows, kept, strict=True))
    return {}


def _file_key(key: str) -> str:
    return f"file-{key}"


def _answers(number: int) -> Choices:
    """The answers to a question, by their words and by their letters."""
    _version, questions = quiz.quiz()
    answers = questions[number].answers
    return [(one.code, lazystr(one)) for one in answers] + [
        (one.code, letter) for one, letter in zip(answers, "ABCDEF", strict=False)
    ]


def _question_fields() -> list[Field]:
    return [
        Field(one.words.code, lazystr(one.words), "choice", choices=partial(_answers, number))
        for number, one in enumerate(quiz.quiz()[1])
    ]


def _kind(code: str, word: Any, named: tuple[Column, ...], settle: Any, **more: Any) -> Kind[Values]:
    return Kind(
        code=f"outreach_{code}", word=word, permission=Permission.WORK_OUTREACH, columns=named,
        reader=reader(named, settle), rows_at=ledger_of(code), **more,
    )  # fmt: skip


GRIDS = _kind(
    "grids", _("Grids"),
    columns_of(FORMS["grids"].fields, {
        "code": ("网格编号", "网格编码"), "name": ("网格名称", "网格"),
        "village": ("村居", "村（社区）", "所属村居"),
        "doors": ("户数",), "residents": ("人数", "常住人口"),
    }),
    _grid, key=lambda row: str(row["code"]), known=_known_grids, take=_take_grids,
)  # fmt: skip
DOORS = _kind(
    "doors", _("Visits at doors"),
    columns_of(
        (
            Field("visited_at", _("Visited"), "moment", most=40),
            Field("grid", _("Code of the grid"), most=20),
            Field("place", pgettext_lazy("building and number", "Door"), required=False, most=40),
            Field("result", _("Came of it"), "choice", choices=DoorResult.choices),
            Field("told", _("People told"), "count", False, 2),
            *(Field(code, word, "count", False, 2) for code, word in Count.choices),
            Field("leaflet", pgettext_lazy("of a door", "Leaflet"), "check", False, 10),
        ),
        {
            "visited_at": ("入户时间", "走访时间", "日期"), "grid": ("网格编号", "网格"),
            "place": ("楼栋门牌", "门牌", "户"), "result": ("走访结果", "结果"),
            "told": ("宣传人数", "告知人数"),
            "installed": ("注册数", "安装数"), "real_name": ("实名数",), "warning_on": ("开启预警数",),
            "leaflet": ("发放资料", "折页"),
        },
    ),
    _door,
    key=lambda row: digest(*(str(row[name]) for name in sorted(row))),
    repeats=lambda row: not row["place"], known=_known_doors, take=_take_doors,
)  # fmt: skip
SHEETS = _kind(
    "sheets", _("Sheets of the quiz"),
    columns_of(
        (
            Field("on", _("Day"), "date", most=40),
            Field("region", _("Place"), "region", False),
            Field("event", _("Event"), required=False, most=80),
            Field("number", _("Number of the sheet"), required=False, most=40),
            *_question_fields(),
        ),
        {
            "on": ("答题日期", "日期"), "region": PLACE, "event": ("活动名称", "活动"),
            "number": ("答卷编号", "编号"),
            **{one.words.code: (f"第{at}题", f"Q{at}") for at, one in enumerate(quiz.quiz()[1], 1)},
        },
    ),
    _sheet, key=_sheet_key, repeats=lambda row: not row["number"], known=_known_sheets, take=_take_sheets,
)  # fmt: skip
