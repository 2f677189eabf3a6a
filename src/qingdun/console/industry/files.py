"""Files of the module: what parties answer and find, rows of a drafted list, identities of the blacklist."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from qingdun.console.industry import actions, answering, blacklisting, finding, queries, registers, rules
from qingdun.console.industry.actions import Line
from qingdun.console.industry.answering import AFTER, Answer
from qingdun.console.industry.blacklisting import Listing, digest_of
from qingdun.console.industry.cells import sentences
from qingdun.console.industry.check_files import CARDS, CHECK_STEPS, OWN_CARDS
from qingdun.console.industry.codes import FindingKind, ListedKind, NoticeWay
from qingdun.console.industry.finding import Found
from qingdun.console.industry.register_files import INTERVIEWS, PUNISHMENTS
from qingdun.console.industry.subjects import plain
from qingdun.console.industry.views import tabs
from qingdun.console.kernel.imports import cells
from qingdun.console.kernel.imports.kinds import Batch, Column, Fresh, Group, Kind, by_columns, digest
from qingdun.console.kernel.masking import mask_account, mask_name
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.errors import InputError

DONE = (("control", _("controlled")), ("dispute", _("disputed")), ("lift", _("released")))
"""Answers as a file has them."""


def _found(kind: str, entity: str, found_at: dt.datetime, reason: str) -> Found:
    if plain(kind, entity) is None:
        raise Fault("entity", entity[:40], _now("Expected such a number."))
    return Found(kind, entity, found_at, reason)


def _known_findings(batch: Batch, rows: Sequence[Fresh[Found]]) -> Collection[str]:
    wanted = [plain(one.row.kind, one.row.entity) or "" for one in rows]
    stand = registers.findings(batch.actor).filter(entity__in=wanted).order_by()
    return [digest(kind, entity) for kind, entity in stand.values_list("kind", "entity")]


def _take_findings(batch: Batch, rows: Sequence[Fresh[Found]]) -> Mapping[int, Fault]:
    told = finding.push(batch.actor, [one.row for one in rows])
    return {
        one.line: Fault("entity", "", outcome.message)
        for one, outcome in zip(rows, told, strict=True)
        if not outcome.ok
    }


def _answer(restriction: int, verb: str, note: str, notice_way: str) -> Answer:
    if verb == "dispute" and not note:
        raise Fault("note", "", _now("A dispute needs a reason."))
    return Answer(restriction, verb, note, notice_way)


def _known_answers(batch: Batch, rows: Sequence[Fresh[Answer]]) -> Collection[str]:
    stand = queries.restrictions(batch.actor).filter(pk__in=[one.row.restriction for one in rows])
    states = dict(stand.exclude(answered_by=None).order_by().values_list("pk", "state"))
    return [one.key for one in rows if states.get(one.row.restriction) == AFTER[one.row.verb]]


def _take_answers(batch: Batch, rows: Sequence[Fresh[Answer]]) -> Mapping[int, Fault]:
    told = answering.answer(batch.actor, [one.row for one in rows])
    return {
        one.line: Fault("restriction", str(one.row.restriction), outcome.message)
        for one, outcome in zip(rows, told, strict=True)
        if not outcome.ok
    }


def _known_lines(batch: Batch, rows: Sequence[Fresh[Line]]) -> Collection[str]:
    made = queries.assignment(batch.actor, batch.file.about or 0)
    by_subject = {plain(made.subject_kind, one.row.subject): one.key for one in rows}
    stand = made.restrictions.filter(subject__in=[subject for subject in by_subject if subject])
    return [by_subject[subject] for subject in stand.values_list("subject", flat=True)]


def _take_lines(batch: Batch, rows: Sequence[Fresh[Line]]) -> Mapping[int, Fault]:
    try:
        faults = actions.extend(batch.actor, batch.file.about or 0, [one.row for one in rows])
    except InputError as wrong:
        return {one.line: Fault("subject", "", str(wrong)) for one in rows}
    return {rows[place].line: Fault("subject", "", why) for place, why in faults.items()}


def _listing(kind: str, identity: str, reason: str, basis: str, years: int) -> Listing:
    digest = digest_of(kind, identity)
    if digest is None:
        raise Fault("identity", mask_account(identity), _now("Expected an identity number."))
    return Listing(identity, reason, basis, years or 5, kind, digest)


def _known_listings(batch: Batch, rows: Sequence[Fresh[Listing]]) -> Collection[str]:
    return list(registers.standing(batch.actor, [one.key for one in rows]).values_list("digest", flat=True))


def _take_listings(batch: Batch, rows: Sequence[Fresh[Listing]]) -> Mapping[int, Fault]:
    _new, faults = blacklisting.list_identities(batch.actor, "", [one.row for one in rows])
    return {rows[place].line: Fault("identity", "", why) for place, why in faults.items()}


def _basis(_batch: Batch) -> Callable[[str], str]:
    return cells.choice(rules.bases())


FINDING_COLUMNS = (
    Column("kind", _("On what"), cells.choice(FindingKind.choices), must=True, headings=("类型", "线索类型")),
    Column("entity", _("Number or account"), cells.text(64), must=True, mask=mask_account,
           headings=("号码", "账号", "号码/账号")),
    Column("found_at", _("Found at"), cells.moment, must=True, headings=("发现时间", "时间")),
    Column("reason", _("Reason"), cells.text(300), must=True, headings=("理由", "发现理由", "原因")),
)  # fmt: skip
ANSWER_COLUMNS = (
    Column("restriction", _("Number of the restriction"), cells.count, must=True,
           headings=("管控编号", "编号")),
    Column("verb", _("Answer"), cells.choice(DONE), must=True, headings=("答复", "处置结果")),
    Column("note", _("Why it is disputed"), cells.text(300), headings=("异议理由", "理由")),
    Column("notice_way", _("The holder was told"), cells.choice(NoticeWay.choices), empty=NoticeWay.SMS.value,
           headings=("告知方式",)),
)  # fmt: skip
LINE_COLUMNS = (
    Column("subject", _("Number or account"), cells.text(64), must=True, headings=("号码", "账号", "卡号"),
           mask=mask_account),
    Column("holder", _("Holder"), cells.text(64), headings=("户名", "户主", "机主"), mask=mask_name),
    Column("corporate", _("Enterprise"), cells.yes_or_no, empty=False, headings=("对公", "企业账户")),
    Column("reason", _("Reason"), cells.text(300), headings=("理由", "原因")),
    Column("evidence", _("Evidence"), sentences, headings=("证据", "依据"), empty=()),
)  # fmt: skip
IDENTITY_COLUMNS = (
    Column("kind", _("Whom it is about"), cells.choice(ListedKind.choices), must=True,
           headings=("类别", "对象")),
    Column("identity", _("Identity document"), cells.text(32), must=True, mask=mask_account,
           headings=("证件号码", "身份证号", "统一社会信用代码")),
    Column("reason", _("Reason"), cells.text(120), must=True, headings=("理由", "列入原因")),
    Column("basis", _("Legal basis"), must=True, settle=_basis, headings=("法律依据",)),
    Column("years", _("Years"), cells.count, empty=5, headings=("年限",)),
)  # fmt: skip
FINDINGS: Kind[Found] = Kind(
    code="industry_findings", word=_("Findings of one’s own"), permission=Permission.ANSWER_LISTS,
    columns=FINDING_COLUMNS, reader=by_columns(FINDING_COLUMNS, _found),
    key=lambda one: digest(one.kind, plain(one.kind, one.entity)), known=_known_findings,
    take=_take_findings,
)  # fmt: skip
ANSWERS: Kind[Answer] = Kind(
    code="industry_answers", word=_("Answers to lists"), permission=Permission.ANSWER_LISTS,
    columns=ANSWER_COLUMNS, reader=by_columns(ANSWER_COLUMNS, _answer),
    key=lambda one: digest(one.restriction, one.verb), known=_known_answers, take=_take_answers,
)  # fmt: skip
LINES: Kind[Line] = Kind(
    code="industry_lines", word=_("Rows of a list"), permission=Permission.PROPOSE_RESTRICTIONS,
    columns=LINE_COLUMNS, reader=by_columns(LINE_COLUMNS, Line),
    key=lambda one: digest("".join(one.subject.split())), known=_known_lines, take=_take_lines,
    about=lambda viewer, ident: queries.assignment(viewer, ident).region_path, about_name="list",
    about_word=_("Lists for parties"),
)  # fmt: skip
IDENTITIES: Kind[Listing] = Kind(
    code="industry_blacklist", word=_("Blacklist"), permission=Permission.CONFIRM_RESTRICTIONS,
    columns=IDENTITY_COLUMNS, reader=by_columns(IDENTITY_COLUMNS, _listing), key=lambda one: one.digest,
    known=_known_listings, take=_take_listings,
)  # fmt: skip


def _around(viewer: Any) -> Mapping[str, Any]:
    return tabs(viewer, "files")


FILES = Group(
    code="files", title=_("Bring a file"),
    kinds=(ANSWERS, FINDINGS, OWN_CARDS, CHECK_STEPS, LINES, CARDS, IDENTITIES, PUNISHMENTS, INTERVIEWS),
    empty=_("No file yet. Answers, findings, rows of a list and the registers come as files too."),
    tabs="industry/_tabs.html", around=_around,
)  # fmt: skip
