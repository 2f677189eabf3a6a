"""Appeals, false blocks, and the budget that stops automatic proposals."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.alerts import unattended as alerts
from qingdun.console.alerts.models import Suspect
from qingdun.console.industry import answering, automatic, deciding, figures, parties, queries, rules
from qingdun.console.industry.answering import Answer
from qingdun.console.industry.models import Assignment, Breach, ProposalRun, Restriction
from qingdun.console.industry.moves import State
from qingdun.console.industry.ticking import find_breaches
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow, Person, PersonAccount
from qingdun.console.kernel.tables import Ask
from qingdun.errors import IllegalMove, NotPermitted
from tests.console.conftest import LogIn
from tests.console.industry.conftest import Trade, suspect

HOUR = dt.timedelta(hours=1)


def test_an_appeal_upheld_is_released_within_its_clock(trade: Trade) -> None:
    row = trade.controlled()
    appeal = deciding.file_appeal(trade.officer, row.pk, "甲", "账户用于发工资")
    assert appeal.due_at == appeal.filed_at + 72 * HOUR
    with pytest.raises(IllegalMove):
        deciding.file_appeal(trade.city, row.pk, "甲", "再次申诉的")
    with pytest.raises(NotPermitted, match="他人"):
        deciding.decide_appeal(trade.city, appeal.pk, "uphold", "核查属实")
    with pytest.raises(NotPermitted):
        deciding.decide_appeal(trade.officer, appeal.pk, "uphold", "核查属实")
    done = deciding.decide_appeal(trade.second, appeal.pk, "uphold", "核查属实")
    row.refresh_from_db()
    assert (done.state, row.state) == ("upheld", State.RELEASING)
    assert row.release_due_at is not None
    assert row.unfounded_at is not None
    assert row.release_due_at == row.unfounded_at + 24 * HOUR
    answering.answer(trade.officer, [Answer(row.pk, "lift")])
    row.refresh_from_db()
    assert row.state == State.RELEASED
    assert row.released_at is not None
    assert row.released_at < row.release_due_at
    assert find_breaches(row.release_due_at + HOUR) == 0


def test_what_is_decided_or_released_late_is_a_row_of_whose_clock_it_was(trade: Trade) -> None:
    row = trade.controlled()
    appeal = deciding.file_appeal(trade.officer, row.pk, "甲", "账户用于发工资")
    assert find_breaches(appeal.due_at) == 1
    assert Breach.objects.get(clock="appeal").party is None
    deciding.decide_appeal(trade.second, appeal.pk, "uphold", "核查属实")
    assert Breach.objects.get(clock="appeal").ended_at is not None
    row.refresh_from_db()
    assert row.release_due_at is not None
    assert find_breaches(row.release_due_at) == 1
    assert Breach.objects.get(clock="release").party == trade.bank
    answering.answer(trade.officer, [Answer(row.pk, "lift")])
    assert Breach.objects.get(clock="release").ended_at is not None


def test_a_rejected_appeal_changes_nothing_and_another_may_follow(trade: Trade) -> None:
    row = trade.controlled()
    appeal = deciding.file_appeal(trade.city, row.pk, "甲", "账户用于发工资")
    deciding.decide_appeal(trade.second, appeal.pk, "reject", "流水不符")
    row.refresh_from_db()
    assert row.state == State.IN_FORCE
    assert deciding.file_appeal(trade.officer, row.pk, "甲", "补充了材料").pk != appeal.pk


def test_the_engine_only_proposes_and_a_person_confirms(trade: Trade) -> None:
    suspect(1, "演练银行")
    suspect(2, "没有登记的银行")
    now = timezone.now()
    assert automatic.tick(now, alerts.sure_suspects, alerts.flagged) == 1
    assert automatic.tick(now + dt.timedelta(minutes=1), alerts.sure_suspects, alerts.flagged) == 0
    assert automatic.tick(now + dt.timedelta(minutes=11), alerts.sure_suspects, alerts.flagged) == 0
    made = Assignment.objects.get()
    assert (made.source, made.state, made.proposed_by) == ("engine", "drafted", None)
    (row,) = made.restrictions.all()
    assert (row.state, row.evidence, row.confirmed_by) == (State.PROPOSED, ["快进快出"], None)
    assert not queries.assignments(trade.officer).exists()


def test_whom_nobody_serves_keeps_nobody_else_waiting(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        suspect(number, "没有登记的银行", 0.99)
    suspect(7, "登记簿里的名字", 0.95)
    parties.name_party(trade.city, trade.bank.code, ["登记簿里的名字"])
    with pytest.raises(FieldFaults):
        parties.name_party(trade.second, trade.other_bank.code, ["登记簿里的名字"])
    numbers = {"least_score": 0.9, "most_at_once": 2, "every_min": 10}
    monkeypatch.setattr(rules, "automatic", numbers.__getitem__)
    assert automatic.tick(timezone.now(), alerts.sure_suspects, alerts.flagged) == 1
    made = Assignment.objects.get()
    assert (made.party, made.restrictions.get().subject) == (trade.bank, "6299000000000007")
    assert ProposalRun.objects.get().proposed == 1


def test_what_the_register_writes_in_another_way_stops_no_run(trade: Trade) -> None:
    suspect(1, "演练银行")
    PersonAccount.objects.create(
        account="62-99 odd", person=Person.objects.get(person_id="held"), kind="personal", bank="演练银行"
    )
    now = timezone.now()
    Suspect.objects.create(
        entity_kind="account", entity="62-99 odd", score=0.99, first_flagged_at=now, updated_at=now
    )
    for turn in range(2):
        automatic.tick(now + turn * HOUR, alerts.sure_suspects, alerts.flagged)
    assert [made.restrictions.count() for made in Assignment.objects.all()] == [1]


def test_a_spent_budget_stops_automatic_proposals_until_monday(trade: Trade, log_in: LogIn) -> None:
    suspect(1, "演练银行")
    row = trade.controlled()
    now = timezone.now()
    most = queries.budget(trade.city).most
    rows = [
        Restriction(
            assignment=row.assignment, row=number, party=trade.bank, subject_kind="account",
            subject=f"63{number:08}", kind="control", basis="act-18", rule_version="1", reason="x",
            term_days=1, state=State.RELEASED, proposed_at=now, confirmed_by=trade.city, unfounded_at=now,
            region_path=row.region_path,
        )
        for number in range(100, 100 + most)
    ]  # fmt: skip
    Restriction.objects.bulk_create(rows)
    assert queries.budget(trade.city).is_spent
    # It is the city's: a county would read its own part of it as the whole.
    for viewer, shown in ((trade.city, True), (trade.county, False)):
        assert ("本周误封" in log_in(viewer).get("/industry/figures/").content.decode()) is shown
    for at in (now - HOUR, now):  # an hour later may be Monday
        assert automatic.tick(at, alerts.sure_suspects, alerts.flagged) == 0
    assert list(ProposalRun.objects.values_list("halted", flat=True)) == [True, True]
    assert AuditRow.objects.filter(verb="halt_proposals").count() == 1
    assert automatic.tick(now + dt.timedelta(days=7), alerts.sure_suspects, alerts.flagged) == 1


def test_every_figure_leads_to_exactly_its_rows(trade: Trade) -> None:
    row = trade.controlled()
    appeal = deciding.file_appeal(trade.officer, row.pk, "甲", "账户用于发工资")
    deciding.decide_appeal(trade.second, appeal.pk, "uphold", "核查属实")
    counted = {one.figure.code: one.value for one in figures.counted(trade.city, Ask())}
    assert counted["corporate_controlled"] == 1
    assert counted["appeals"] == counted["upheld"] == 1
    assert counted["numbers_shut"] == counted["corporate_cleared"] == 0
    assert figures.counted(trade.stranger, Ask())[1].value == 0
