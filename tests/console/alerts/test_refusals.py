"""What is refused is said in the reader's language: what people meet while they work holds no word of the
other language and no code of the database. That every refusal goes through gettext the catalogue tests ask.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.utils import translation

from qingdun.console.alerts import actions, clocks, intake, merging, moves, undoing, unmasking
from qingdun.console.alerts.actions import VisitForm
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.moves import BY_VERB
from qingdun.console.alerts.states import State
from qingdun.console.kernel.roles import Role
from qingdun.errors import QingdunError
from tests.console.alerts import world as made
from tests.console.alerts.world import World

LATIN = re.compile(r"[A-Za-z]{2,}")
HAN = re.compile(r"[\u4e00-\u9fff]")


def said(act: Callable[[], object], language: str) -> str:
    """The words of the refusal."""
    with translation.override(language), pytest.raises(QingdunError) as refused:
        act()
    return str(refused.value)


def assert_understood(act: Callable[[], object]) -> None:
    chinese, english = said(act, "zh-hans"), said(act, "en")
    assert HAN.search(chinese), chinese
    assert not LATIN.search(chinese), chinese
    assert not HAN.search(english.replace("值班员甲", "").replace("民警丁", "")), english
    assert "_" not in english, english


@pytest.mark.parametrize("verb", sorted(BY_VERB))
def test_a_move_that_is_refused_is_refused_in_words(verb: str) -> None:
    move = BY_VERB[verb]
    elsewhere = next(state for state in State.values if state not in move.sources)
    assert_understood(lambda: moves.check(verb, elsewhere, move.levels[0], move.roles[0]))
    stranger = next(role for role in Role if role not in move.roles)
    assert_understood(lambda: moves.check(verb, move.sources[0], move.levels[0], stranger))
    if move.needs_note:
        assert_understood(lambda: moves.check(verb, move.sources[0], move.levels[0], move.roles[0]))


def test_what_people_meet_while_they_work_is_refused_in_words(world: World, task: Task) -> None:
    city, officer, other = world.analyst, world.officer, world.colleague
    pk, seen = task.pk, task.version
    refused: list[Callable[[], object]] = [
        lambda: actions.move(world.other_county, pk, None, "accept"),
        lambda: actions.move(city, pk, None, "merge", "同一人"),
        lambda: actions.move(city, pk, None, "dispatch_straight", station_id=10**6),
        lambda: merging.merge(city, pk, None, pk),
        lambda: undoing.undo(city, pk),
        lambda: unmasking.unmask(city, pk, "略"),
        lambda: unmasking.unmask(world.viewer, pk, "核实身份"),
        lambda: clocks.set_rule(city, "urgent", "sign", "", "both", 0, "缩短时限"),
        lambda: clocks.drop_rule(city, 10**6, "缩短时限"),
    ]
    for act in refused:
        assert_understood(act)
    actions.move(city, pk, seen, "dispatch_straight")
    assert_understood(lambda: actions.move(city, pk, seen, "accept"))
    assert_understood(lambda: actions.dispatch(city, pk, None))
    assert_understood(lambda: undoing.undo(officer, pk))
    actions.move(officer, pk, None, "sign")
    for act in (
        lambda: actions.move(other, pk, None, "call"),
        lambda: actions.move(officer, pk, None, "find"),
        lambda: actions.save_visit(other, pk, None, "key-0000-other", VisitForm(), ""),
        lambda: actions.save_visit(officer, pk, None, "key-0000-fault", VisitForm(("7",)), ""),
        lambda: actions.record_contact(other, pk, None, "busy"),
    ):
        assert_understood(act)
    intake.ingest_alerts(None, [made.alert(1, "high", "loan", "lure", made.POLICE_EVIDENCE[:2])])
    assert_understood(lambda: merging.merge(city, Task.objects.latest("pk").pk, None, pk))


def test_a_history_keeps_codes_and_pages_say_them_in_the_readers_language(world: World, task: Task) -> None:
    from qingdun.console.alerts.moves import word
    from qingdun.console.alerts.words import note_words

    actions.move(world.analyst, task.pk, None, "dispatch_straight")
    actions.move(world.officer, task.pk, None, "sign")
    with translation.override("en"):
        actions.record_contact(world.officer, task.pk, None, "busy")
    line = task.events.get(verb="miss")
    assert line.note == "busy"
    with translation.override("zh-hans"):
        assert (word(line.verb), note_words(line, None)) == ("未接通", "占线")
    with translation.override("en"):
        assert (word(line.verb), note_words(line, None)) == ("Not reached", "Busy line")
