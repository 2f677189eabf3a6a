"""Registers that were kept elsewhere, as files: interviews that were held, punishments that were decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.console.industry import interviewing, punishing, registers
from qingdun.console.industry.blacklisting import digest_of
from qingdun.console.industry.cells import sentences
from qingdun.console.industry.codes import Interviewed, ListedKind
from qingdun.console.industry.interviewing import Held
from qingdun.console.industry.punishing import PunishmentForm, check_punishment
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.imports import cells
from qingdun.console.kernel.imports.kinds import Batch, Column, Fresh, Kind, by_columns, digest
from qingdun.console.kernel.imports.models import Import
from qingdun.console.kernel.masking import mask_account, mask_name
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault


def _known_interviews(batch: Batch, rows: Sequence[Fresh[Held]]) -> Collection[str]:
    days = {one.row.held_on for one in rows}
    stand = registers.interviews(batch.actor).filter(held_on__in=days).order_by()
    return [digest(*told) for told in stand.values_list("kind", "name", "held_on", "topic")]


def _take_interviews(batch: Batch, rows: Sequence[Fresh[Held]]) -> Mapping[int, Fault]:
    interviewing.keep_interviews(batch.actor, [one.row for one in rows])
    return {}


def _punishment(
    identity: str, name: str, years: int, deed_on: dt.date, reason: str, evidence: str,
    decided_on: dt.date | None, document: str,
) -> PunishmentForm:  # fmt: skip
    form = PunishmentForm(identity, name, years, deed_on, reason, sentences(evidence), decided_on, document)
    try:
        check_punishment(form)
    except FieldFaults as wrong:
        field, why = next(iter(wrong.faults.items()))
        found = str(getattr(form, field) or "")
        raise Fault(field, mask_account(found) if field == "identity" else found, why) from wrong
    return form


def _deed(person: str | None, deed_on: dt.date) -> str:
    return digest(person, deed_on)


def _known_punishments(batch: Batch, rows: Sequence[Fresh[PunishmentForm]]) -> Collection[str]:
    people = {digest_of(ListedKind.PERSON, one.row.identity) for one in rows}
    stand = registers.punishments(batch.actor).filter(restriction__subject__in=people).order_by()
    return [_deed(person, day) for person, day in stand.values_list("restriction__subject", "deed_on")]


def _take_punishments(batch: Batch, rows: Sequence[Fresh[PunishmentForm]]) -> Mapping[int, Fault]:
    punishing.propose_punishments(batch.actor, [one.row for one in rows])
    return {}


def _rows_at(code: str) -> Callable[[Import], str]:
    address = reverse_lazy("industry:table", args=[code])
    return lambda _file: str(address)


INTERVIEW_COLUMNS = (
    Column("kind", _("Kind"), cells.choice(Interviewed.choices), must=True, headings=("类型", "对象类型")),
    Column(
        "name", _("Who was called in"), cells.text(64), must=True, headings=("约谈单位", "单位名称", "单位")
    ),
    Column("held_on", _("Held on"), cells.past_day, must=True, headings=("约谈日期", "日期")),
    Column("topic", _("Topic"), cells.text(200), must=True, headings=("约谈事由", "事由")),
    Column("demands", _("Demands"), cells.text(500), must=True, headings=("整改要求", "要求")),
)
PUNISHMENT_COLUMNS = (
    Column("identity", _("Identity document"), cells.text(32), must=True, headings=("证件号码", "身份证号"),
           mask=mask_account),
    Column("name", _("Name"), cells.text(64), must=True, headings=("姓名",), mask=mask_name),
    Column("years", _("Years"), cells.count, must=True, headings=("惩戒年限", "年限")),
    Column("deed_on", _("Day of the deed"), cells.past_day, must=True, headings=("行为日期",)),
    Column("reason", _("Reason"), cells.text(300), must=True, headings=("惩戒事由", "理由", "事由")),
    Column("evidence", _("Evidence"), cells.text(2000), headings=("证据",)),
    Column("decided_on", _("Decided on"), cells.past_day, headings=("决定日期",), empty=None),
    Column("document", _("Number of the earlier decision"), cells.text(64), headings=("决定文号", "文号")),
)  # fmt: skip
INTERVIEWS: Kind[Held] = Kind(
    code="industry_interviews", word=_("Interviews"), permission=Permission.PROPOSE_RESTRICTIONS,
    columns=INTERVIEW_COLUMNS, reader=by_columns(INTERVIEW_COLUMNS, Held),
    key=lambda one: digest(one.kind, one.name, one.held_on, one.topic), known=_known_interviews,
    take=_take_interviews, rows_at=_rows_at("interviews"),
)  # fmt: skip
PUNISHMENTS: Kind[PunishmentForm] = Kind(
    code="industry_punishments", word=_("Punishments over cards"), permission=Permission.PROPOSE_RESTRICTIONS,
    columns=PUNISHMENT_COLUMNS, reader=by_columns(PUNISHMENT_COLUMNS, _punishment),
    key=lambda one: _deed(digest_of(ListedKind.PERSON, one.identity), one.deed_on), known=_known_punishments,
    take=_take_punishments, rows_at=_rows_at("punishments"),
)  # fmt: skip
