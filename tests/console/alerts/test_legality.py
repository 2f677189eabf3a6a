"""The database refuses a change of state that the table of moves does not know, whoever writes it."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction

from qingdun.console.alerts.legality import stored_pairs
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.moves import pairs
from qingdun.console.alerts.states import State
from tests.console.alerts.world import stand_at


def write(task: Task, state: str, *, undone: int = 0) -> None:
    """The state as raw SQL writes it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE alerts_task SET state = %s, undone = undone + %s WHERE id = %s", [state, undone, task.pk]
        )


def test_the_database_knows_exactly_the_moves_of_the_table(db: None) -> None:
    assert stored_pairs() == pairs(), "a migration has to bring alerts_legal_move up to the table of moves"


def test_every_pair_that_is_no_move_is_refused_in_raw_sql(task: Task) -> None:
    for source, target in product(State.values, State.values):
        stand_at(task.pk, source)
        if source == target or (source, target) in pairs():
            write(task, target)
        else:
            with pytest.raises(IntegrityError, match="illegal move of a task"):
                write(task, target)
            task.refresh_from_db()
            assert task.state == source


def test_a_state_goes_back_only_with_the_count_of_what_was_undone(task: Task) -> None:
    stand_at(task.pk, State.MET)
    with pytest.raises(IntegrityError):
        write(task, State.SEARCHING)
    with pytest.raises(IntegrityError):
        write(task, State.SEARCHING, undone=2)
    write(task, State.SEARCHING, undone=1)
    with pytest.raises(IntegrityError):
        write(task, State.REVIEWED, undone=1)


def test_what_leaves_the_state_alone_is_let_through(task: Task) -> None:
    stand_at(task.pk, State.CLOSED)
    Task.objects.filter(pk=task.pk).update(loss_avoided_fen=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(state=State.MET)
