"""What the upgrade of 0007 mends: freezes returned before 0006, replies half taken before 0005."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from qingdun.console.funds import refunding
from qingdun.console.funds.models import Freeze, FreezePart, Movement, RefundShare, Taint
from qingdun.console.kernel.imports import actions as imports
from qingdun.console.kernel.imports.models import Import, ImportPart
from qingdun.console.kernel.imports.taking import take_part
from tests.console.alerts.world import World
from tests.console.funds.test_refunds import LOSSES, frozen
from tests.console.funds.test_statements import FIRST, VICTIM, receive

UPGRADE: Any = import_module("qingdun.console.funds.migrations.0007_what_upgrades_forgot")


def returned_before_0006(world: World, fen: int) -> Freeze:
    """A freeze of 1,000 yuan of which so much was returned, as 0006 left it: it knows nothing of that."""
    freeze, _incidents = frozen(world, 5, 0, together=False)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, [])
    RefundShare.objects.filter(refund=refund).update(share_fen=fen)
    type(refund).objects.update(amount_fen=fen, state="returned", ended_at=timezone.now())
    return freeze


@pytest.mark.parametrize("fen", [400_00, LOSSES[0]])
def test_a_freeze_knows_what_was_returned_of_it_before(world: World, fen: int) -> None:
    freeze = returned_before_0006(world, fen)
    for _twice in range(2):
        UPGRADE.remember_returns(apps, None)
        freeze.refresh_from_db()
        taint = Taint.objects.get()
        assert (freeze.returned_fen, taint.frozen_fen) == (fen, LOSSES[0] - fen)
        assert RefundShare.objects.get().out_fen == fen
    if fen == LOSSES[0]:
        assert (freeze.state, freeze.ended_at is None) == ("returned", False)
    else:
        assert (freeze.state, FreezePart.objects.get().fen) == ("frozen", LOSSES[0] - fen)
    assert freeze.left_fen == LOSSES[0] - fen


def test_what_freezes_know_already_stays(world: World) -> None:
    freeze, _incidents = frozen(world, 5, 0, together=False)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, [])
    for verb in ("order", "pay"):
        refunding.move_refund(world.analyst, refund.pk, verb)
    before = list(Freeze.objects.values()), list(FreezePart.objects.values()), list(Taint.objects.values())
    UPGRADE.remember_returns(apps, None)
    after = list(Freeze.objects.values()), list(FreezePart.objects.values()), list(Taint.objects.values())
    assert before == after


def test_equal_payments_of_a_reply_half_taken_before_0005_are_as_many(world: World) -> None:
    head = "卡号,交易时间,交易金额,收付标志,对手卡号"
    same = f"{FIRST},2026-03-03 10:05:07,100,进,{VICTIM}"
    file = receive(world.analyst, "演练银行", "a.csv", "\n".join([head, same, same]).encode())
    imports.begin(world.analyst, file.pk)
    # The first of the two was taken by the importer of before, which kept no keys.
    part = ImportPart.objects.get()
    first, second = part.rows
    part.text = ImportPart.of(file, [first], 1).__next__().text
    part.save()
    assert take_part(timezone.now()) == 1
    ImportPart.objects.all().delete()
    ImportPart.objects.bulk_create(ImportPart.of(file, [second], 1))
    Import.objects.update(state="running", done_at=None, rows_total=2)
    UPGRADE.remember_rows(apps, None)
    UPGRADE.remember_rows(apps, None)
    assert ImportPart.objects.filter(taken=True).count() == 1
    while take_part(timezone.now()) is not None:
        pass
    file.refresh_from_db()
    assert (file.state, file.taken, file.known) == ("done", 2, 0)
    assert Movement.objects.filter(payer=VICTIM).count() == 2
    assert not ImportPart.objects.exists()
