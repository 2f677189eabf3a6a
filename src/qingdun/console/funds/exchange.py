"""Orders to a bank and its replies as files: ISO 20022 camt.056 and camt.029, and CSV. The actor first.

What a bank stops, freezes and returns is moved by its reply; what was continued or released it is told. Both
are read back idempotently: a reply that has been taken in, or that says what already stands, changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.funds import actions, camt, freezing, orders, refunding
from qingdun.console.funds.answers import MOST_ROWS, Answer, Asked, Order
from qingdun.console.funds.models import Freeze, Refund, StopPayment
from qingdun.console.funds.moves import FreezeState, RefundState, State
from qingdun.console.kernel.actions import LEAST_PURPOSE
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.entry import amount_fen, written_time
from qingdun.console.kernel.masking import mask_account
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.sheets import read
from qingdun.console.kernel.spreadsheets import csv_lines, harmless
from qingdun.errors import InputError, RefusedError, UnreadableFile

CSV_HEAD = (
    "指令编号", "事项", "文书编号", "户名", "账号", "开户机构", "金额（元）", "时间", "附言",
    "处理结果", "说明",
)  # fmt: skip
NEEDED = ("指令编号", "户名", "账号", "金额（元）", "时间", "处理结果", "说明")
FORMER = {"转入时间": "时间"}
"""What a column was called before freezes were in these files."""
RESULTS = {**{asked.done: "done" for asked in Asked}, "拒绝": "refused", "处理中": "pending"}
"""What a bank writes into our CSV."""
MOST_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that was not taken, and why."""

    row: int
    order: str
    why: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a reply."""

    changed: int
    known: int
    refused: list[Refused]


@transaction.atomic
def export_orders(actor: User, bank: str, form: str) -> tuple[bytes, int]:
    """The orders the bank is still to be asked for, legible, as camt.056 (`xml`) or CSV, and how many they
    are; on record.

    Errors: NotPermitted, InputError (none waits for that bank).
    """
    require(actor, Permission.UNMASK)
    told = orders.waiting(actor, bank) if bank else []
    if not told:
        raise InputError(_("No order waits for this bank."))
    after = {"bank": bank, "rows": len(told), "as": form}
    record(actor, "export_orders", ("bank", bank), None, after, _("sent to the bank as a file"))
    return (camt.request(told, timezone.now()) if form == "xml" else _csv(told)), len(told)


def take_reply(actor: User, file_name: str, data: bytes) -> Taken:
    """Each order the bank has answered stands as it says, if name, number, amount and time match; a row that
    does not match is refused and the others are taken. The same file again changes nothing.

    Errors: NotPermitted, InputError, UnreadableFile (no camt.029 and no such CSV).
    """
    require(actor, Permission.WORK_ALERTS)
    if len(data) > MOST_BYTES:
        raise InputError(
            _("The file is larger than %(most)d MB: split it.") % {"most": MOST_BYTES // 1_000_000}
        )
    answers = camt.answers(data) if data.lstrip()[:1] == b"<" else _table(data)
    changed = known = 0
    refused = []
    for answer in answers:
        try:
            if _apply(actor, answer):
                changed += 1
            else:
                known += 1
        except (InputError, RefusedError) as error:
            refused.append(Refused(answer.row, answer.order[:40], str(error)))
    with transaction.atomic():
        after = {"rows": len(answers), "changed": changed, "known": known, "refused": len(refused)}
        record(actor, "take_bank_reply", ("file", file_name[-60:]), None, after)
    return Taken(changed, known, refused)


def _apply(actor: User, answer: Answer) -> bool:
    """Whether the answer changed anything."""
    meant = answer.meant
    if meant is None:
        raise InputError(_("order: found “%(found)s”, expected a number such as %(such)s") % {
            "found": answer.order[:40], "such": f"{Asked.STOP}00000001"})  # fmt: skip
    found = orders.order(actor, *meant)
    if found is None:
        raise InputError(_("There is no such order in your region."))
    order, about = found
    if not answer.result or not _fits(order, answer):
        expected = ", ".join((order.asked.done, "拒绝", "处理中", *camt.STATUSES))
        raise InputError(
            _("result: found “%(found)s”, expected one of %(expected)s")
            % {"found": answer.told[:40], "expected": expected}
        )
    _match(order, answer)
    if answer.result == "pending":
        return False
    if answer.result == "done":
        return _carry_out(actor, about)
    return _turn_down(actor, about, _why(answer.reason))


def _fits(order: Order, answer: Answer) -> bool:
    """Whether the word is one of that kind of order: what is said to be stopped is not frozen."""
    return RESULTS.get(answer.told) != "done" or answer.told == order.asked.done


def _carry_out(actor: User, about: StopPayment | Freeze | Refund | None) -> bool:
    """The bank has done it; whether that is new."""
    if isinstance(about, StopPayment) and about.held_at is None:
        actions.move(actor, about.pk, "hold")
    elif isinstance(about, Freeze) and about.frozen_at is None:
        freezing.move_freeze(actor, about.pk, "freeze")
    elif isinstance(about, Refund) and about.state != RefundState.RETURNED:
        refunding.move_refund(actor, about.pk, "pay")
    else:
        return False
    return True


def _turn_down(actor: User, about: StopPayment | Freeze | Refund | None, why: str) -> bool:
    """The bank refuses; whether that is new. Errors: InputError, of what no answer of a bank ends."""
    if isinstance(about, StopPayment):
        if about.state == State.REFUSED:
            return False
        actions.move(actor, about.pk, "turn_down", why)
    elif isinstance(about, Freeze):
        if about.state == FreezeState.REFUSED:
            return False
        freezing.move_freeze(actor, about.pk, "turn_down", why)
    else:
        raise InputError(_("The bank does not do it: %(why)s. See to it with the bank.") % {"why": why})
    return True


def _why(reason: str) -> str:
    """What the bank says, as long as a reason has to be."""
    if not reason:
        return _("the bank gave no reason")
    return reason if len(reason) >= LEAST_PURPOSE else _("the bank’s reason: %(reason)s") % {"reason": reason}


def _match(order: Order, answer: Answer) -> None:
    """Name, number, amount and time agree with the order. Errors: InputError naming which do not."""
    wrong = []
    # A name that begins as formulas do went out behind an apostrophe, and comes back with it or without.
    if harmless(answer.name) != harmless(order.name):
        wrong.append(_("holder’s name"))
    if answer.account.replace(" ", "") != order.account:
        wrong.append(_("number (found %(found)s)") % {"found": mask_account(answer.account)})
    if answer.fen != order.fen:
        wrong.append(_("amount"))
    if not _same_time(answer.at, order.at):
        wrong.append(_("time"))
    if wrong:
        raise InputError(_("does not match the order: %(wrong)s") % {"wrong": ", ".join(wrong)})


def _same_time(told: dt.datetime | dt.date | None, at: dt.datetime) -> bool:
    if isinstance(told, dt.datetime):
        return abs(told - at) < dt.timedelta(minutes=1)
    return told == timezone.localdate(at)


def _csv(told: Iterable[Order]) -> bytes:
    rows = [
        [
            one.reference, one.asked.word, one.paper, one.name, one.account, one.bank, f"{one.fen / 100:.2f}",
            f"{timezone.localtime(one.at):%Y-%m-%d %H:%M:%S}", "；".join(one.told), "", "",
        ]
        for one in told
    ]  # fmt: skip
    return "".join(csv_lines([list(CSV_HEAD), *rows])).encode()


def _table(data: bytes) -> list[Answer]:
    """The answers of a CSV (or XLSX) with the columns of ours, the result filled in."""
    sheet = read(data, MOST_ROWS)
    at = {FORMER.get(name, name): place for place, name in enumerate(sheet.headings)}
    missing = [name for name in NEEDED if name not in at]
    if missing:
        raise UnreadableFile(_("The file lacks the columns %(missing)s.") % {"missing": ", ".join(missing)})
    return [
        Answer(
            line, cells[at["指令编号"]].lstrip("'"), cells[at["户名"]], cells[at["账号"]].lstrip("'"),
            amount_fen(cells[at["金额（元）"]]), written_time(cells[at["时间"]]),
            _result(cells[at["处理结果"]]), cells[at["处理结果"]].strip(), cells[at["说明"]][:200],
        )
        for line, cells in sheet.rows
    ]  # fmt: skip


def _result(word: str) -> str:
    return (RESULTS | camt.STATUSES).get(word.strip().upper(), "")
