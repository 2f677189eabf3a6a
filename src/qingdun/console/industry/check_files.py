"""Second real-name checks by file: cards that are to be checked, and the steps that an operator has made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.industry import checking, queries, registers
from qingdun.console.industry.checking import Flag, Step
from qingdun.console.industry.moves import CHECK_MOVES
from qingdun.console.kernel.imports import cells
from qingdun.console.kernel.imports.kinds import Batch, Column, Fresh, Kind, by_columns, digest
from qingdun.console.kernel.masking import mask_name, mask_number
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault

STEPS = [(move.verb, move.label) for move in CHECK_MOVES if Permission.ANSWER_LISTS in move.permissions]


def _operator(batch: Batch) -> Callable[[str], str]:
    """Reads an operator by its code or name, as its code."""
    found = queries.parties(batch.actor).filter(kind=Organisation.Kind.OPERATOR)
    return cells.choice([(one.code, one.name) for one in found])


def _known_cards(batch: Batch, rows: Sequence[Fresh[Flag]]) -> Collection[str]:
    stand = registers.card_checks(batch.actor).order_by().filter(state__in=checking.OPEN)
    return list(stand.filter(number__in=[one.key for one in rows]).values_list("number", flat=True))


def _take_cards(batch: Batch, rows: Sequence[Fresh[Flag]]) -> Mapping[int, Fault]:
    faults = checking.flag_cards(batch.actor, [one.row for one in rows])
    return {rows[place].line: Fault("number", rows[place].row.number, why) for place, why in faults.items()}


def _known_steps(batch: Batch, rows: Sequence[Fresh[Step]]) -> Collection[str]:
    """Steps whose check stands where they lead to."""
    leads = {move.verb: str(move.target) for move in CHECK_MOVES}
    stand = registers.card_checks(batch.actor).order_by().filter(pk__in=[one.row.check for one in rows])
    states = dict(stand.values_list("pk", "state"))
    return [one.key for one in rows if states.get(one.row.check) == leads[one.row.verb]]


def _take_steps(batch: Batch, rows: Sequence[Fresh[Step]]) -> Mapping[int, Fault]:
    told = checking.take_steps(batch.actor, [one.row for one in rows])
    return {
        one.line: Fault("check", str(one.row.check), why) for one, why in zip(rows, told, strict=True) if why
    }


def _has_cards(viewer: User) -> bool:
    return viewer.organisation is not None and viewer.organisation.kind == Organisation.Kind.OPERATOR


CARD_COLUMNS = (
    Column(
        "number", _("Phone number"), cells.number, must=True, headings=("手机号码", "号码"), mask=mask_number
    ),
    Column("holder", _("Holder"), cells.text(64), headings=("机主", "户主"), mask=mask_name),
    Column("risk", _("Risk"), cells.text(300), must=True, headings=("风险", "风险描述", "理由")),
)
PARTY_COLUMN = Column("party", _("Operator"), must=True, settle=_operator, headings=("运营商",))
STEP_COLUMNS = (
    Column("check", _("Number of the check"), cells.count, must=True, headings=("核验编号", "编号")),
    Column(
        "verb",
        pgettext_lazy("of a check", "Step"),
        cells.choice(STEPS),
        must=True,
        headings=("步骤", "办理结果"),
    ),
    Column("note", _("Reason"), cells.text(200), headings=("理由", "说明")),
)
_ROWS = reverse_lazy("industry:table", args=["checks"])
OWN_CARDS: Kind[Flag] = Kind(
    code="industry_own_cards", word=_("Cards to be checked"), permission=Permission.ANSWER_LISTS,
    offered=_has_cards, columns=CARD_COLUMNS, reader=by_columns(CARD_COLUMNS, Flag),
    key=lambda one: one.number, known=_known_cards, take=_take_cards, rows_at=lambda _file: str(_ROWS),
)  # fmt: skip
CARDS: Kind[Flag] = Kind(
    code="industry_cards", word=_("Cards to be checked"), permission=Permission.PROPOSE_RESTRICTIONS,
    columns=(*CARD_COLUMNS, PARTY_COLUMN), reader=by_columns((*CARD_COLUMNS, PARTY_COLUMN), Flag),
    key=lambda one: one.number, known=_known_cards, take=_take_cards, rows_at=lambda _file: str(_ROWS),
)  # fmt: skip
CHECK_STEPS: Kind[Step] = Kind(
    code="industry_steps", word=_("Steps of second checks"), permission=Permission.ANSWER_LISTS,
    offered=_has_cards, columns=STEP_COLUMNS, reader=by_columns(STEP_COLUMNS, Step),
    key=lambda one: digest(one.check, one.verb), known=_known_steps, take=_take_steps, at_once=200,
    most_rows=5000, rows_at=lambda _file: str(_ROWS),
)  # fmt: skip
