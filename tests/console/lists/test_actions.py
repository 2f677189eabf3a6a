"""Proposing, approving by one or two, refusing, reversing, extending, expiring."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import AuditRow, LiveEvent
from qingdun.console.lists import actions, changes
from qingdun.console.lists.models import Change, Entry, EntryEvent, RefusedRow
from qingdun.console.lists.moves import State
from qingdun.console.lists.ticking import tick
from qingdun.errors import NotPermitted, RefusedError
from tests.console.lists.conftest import Listed, People, candidate, hosts, propose

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def reload(entry: Entry) -> Entry:
    return Entry.objects.get(pk=entry.pk)


def test_a_proposal_becomes_an_entry_in_force_with_history_audit_and_change(people: People) -> None:
    made = propose(people.county, candidate("HTTPS://Bad.Example.invalid/x"))
    (entry,) = made.entries
    assert (entry.entity, entry.state, entry.owner_id) == (
        "bad.example.invalid",
        "proposed",
        people.county.pk,
    )
    assert entry.until is not None
    assert abs(entry.until - timezone.now() - 180 * DAY) < DAY
    assert not Change.objects.exists()
    (done,) = actions.approve(people.analyst, [(entry.pk, entry.version)])
    assert done.ok
    entry = reload(entry)
    assert (entry.state, entry.approved_by_id, entry.since is not None) == ("active", people.analyst.pk, True)
    assert list(EntryEvent.objects.values_list("verb", "target")) == [
        ("propose", "proposed"), ("approve", "approved"), ("start", "active"),
    ]  # fmt: skip
    assert [(line.serial, line.what, line.entry.entity) for line in changes.since(0)] == [
        (1, "listed", entry.entity)
    ]
    verbs = AuditRow.objects.order_by("seq").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["propose_entries", "approve_entries"]
    assert "bad.example" not in "".join(AuditRow.objects.values_list("after", flat=True))
    assert LiveEvent.objects.filter(topic="lists").count() == 2
    assert verify_chain().intact


def test_the_same_form_sent_again_changes_nothing(people: People) -> None:
    first = propose(people.county, candidate(), candidate("110", "number"), key="form-1")
    rows = AuditRow.objects.count()
    again = propose(people.county, candidate(), candidate("110", "number"), key="form-1")
    assert not again.fresh
    assert [e.pk for e in again.entries] == [e.pk for e in first.entries]
    assert len(again.refused) == len(first.refused) == 1
    assert AuditRow.objects.count() == rows
    with pytest.raises(RefusedError):
        propose(people.analyst, candidate("other.example.invalid"), key="form-1")


def test_every_row_that_cannot_be_used_is_kept_with_its_reason(people: People, listed: Listed) -> None:
    listed("already.example.invalid")
    made = propose(
        people.county,
        candidate("fine.example.invalid", row=2),
        candidate("96110", "number", row=3),
        candidate("not a host", row=4),
        candidate("FINE.example.invalid.", row=5),
        candidate("already.example.invalid", row=6),
        candidate("x.example.invalid", reason=" ", row=7),
        candidate("y.example.invalid", scam_type="nonsense", row=8),
        candidate("z.example.invalid", until=timezone.now() - DAY, row=9),
        candidate("w.example.invalid", until=timezone.now() + 4000 * DAY, row=10),
        candidate("v.example.invalid", list_name="purple", row=11),
        candidate("u\x00.example.invalid", "planet", row=12),
    )
    assert [entry.entity for entry in made.entries] == ["fine.example.invalid"]
    kept = RefusedRow.objects.filter(proposal=made.proposal)
    assert list(kept.values_list("number", flat=True)) == list(range(3, 13))
    assert all(row.reason for row in kept)
    assert kept.get(number=3).values["entity"] == "96110"
    assert "␀" in kept.get(number=12).values["entity"]


def test_black_and_grey_may_stand_side_by_side_but_not_twice(people: People, listed: Listed) -> None:
    listed(list_name="grey")
    listed(list_name="black")
    assert not propose(people.county, candidate()).entries


def test_the_database_itself_refuses_what_the_rules_forbid(people: People, listed: Listed) -> None:
    entry = listed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(until=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(second_by=entry.approved_by)


@pytest.mark.parametrize("who", ["county", "officer", "viewer"])
def test_only_city_analysts_decide(people: People, listed: Listed, who: str) -> None:
    entry, actor = listed(), getattr(people, who)
    rows = [(entry.pk, None)]
    for act in (
        lambda: actions.approve(actor, rows),
        lambda: actions.refuse(actor, rows, "因为"),
        lambda: actions.reverse(actor, rows, "因为"),
        lambda: actions.extend(actor, rows, timezone.now() + DAY, "因为"),
    ):
        with pytest.raises(NotPermitted):
            act()
    if who == "viewer":
        with pytest.raises(NotPermitted):
            propose(actor, candidate("new.example.invalid"))
    assert reload(entry).state == State.ACTIVE


def test_one_person_alone_up_to_the_limit(people: People, settings: object) -> None:
    settings.LISTS_TWO_PERSONS = 3  # type: ignore[attr-defined]
    made = propose(people.analyst, *hosts(3))
    assert all(done.ok for done in actions.approve(people.analyst, [(e.pk, None) for e in made.entries]))
    assert Entry.objects.filter(state="active").count() == 3


def test_a_larger_bulk_needs_two_different_people(people: People, settings: object) -> None:
    settings.LISTS_TWO_PERSONS = 3  # type: ignore[attr-defined]
    made = propose(people.analyst, *hosts(4))
    rows = [(entry.pk, None) for entry in made.entries]
    assert all(done.ok for done in actions.approve(people.analyst, rows))
    assert set(Entry.objects.values_list("state", flat=True)) == {"approved"}
    assert not Change.objects.exists()
    again = actions.approve(people.analyst, rows)
    assert not any(done.ok for done in again)
    assert "second" in again[0].message or "第二" in again[0].message or "另" in again[0].message
    assert all(done.ok for done in actions.approve(people.colleague, rows))
    assert set(Entry.objects.values_list("state", "approved_by", "second_by")) == {
        ("active", people.analyst.pk, people.colleague.pk)
    }
    assert Change.objects.count() == 4


def test_two_who_did_not_propose_are_two_as_well(people: People, settings: object) -> None:
    settings.LISTS_TWO_PERSONS = 1  # type: ignore[attr-defined]
    made = propose(people.county, *hosts(2))
    rows = [(entry.pk, None) for entry in made.entries]
    actions.approve(people.analyst, rows)
    assert not Change.objects.exists()
    actions.approve(people.colleague, rows)
    assert Change.objects.count() == 2


def test_a_bulk_cut_into_pieces_is_still_a_bulk(people: People, settings: object) -> None:
    settings.LISTS_TWO_PERSONS = 3  # type: ignore[attr-defined]
    for part in ("a", "b"):
        made = propose(people.analyst, *hosts(2, part))
        actions.approve(people.analyst, [(entry.pk, None) for entry in made.entries])
    states = list(Entry.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["active", "active", "active", "approved"]
    # What a colleague has proposed is seen by two anyway.
    made = propose(people.colleague, *hosts(2, "c"))
    actions.approve(people.analyst, [(entry.pk, None) for entry in made.entries])
    assert Entry.objects.filter(proposal=made.proposal, state="active").count() == 2


def test_a_bulk_checks_every_row_by_itself(people: People, listed: Listed) -> None:
    active = listed()
    fresh, stale = propose(people.county, *hosts(2)).entries
    done = actions.approve(people.analyst, [(fresh.pk, 1), (stale.pk, 7), (active.pk, None), (999_999, None)])
    assert [one.ok for one in done] == [True, False, False, False]
    assert all(one.message for one in done[1:])
    assert reload(stale).state == State.PROPOSED
    row = AuditRow.objects.order_by("-seq")[0]
    assert ('"entries":1' in row.after, '"refused":3' in row.after) == (True, True)


def test_reversal_takes_effect_at_once_and_needs_a_reason(people: People, listed: Listed) -> None:
    entry = listed()
    (done,) = actions.reverse(people.colleague, [(entry.pk, None)], "  ")
    assert not done.ok
    (done,) = actions.reverse(people.colleague, [(entry.pk, None)], "申诉成立")
    assert done.ok
    entry = reload(entry)
    assert (entry.state, entry.reversed_by_id, entry.reversal_reason) == (
        "reversed",
        people.colleague.pk,
        "申诉成立",
    )
    assert [line.what for line in changes.since(0)] == ["listed", "unlisted"]
    assert list(changes.snapshot().entries) == []
    # And it may be proposed again.
    assert propose(people.county, candidate()).entries


def test_extending_within_the_longest_term(people: People, listed: Listed) -> None:
    entry = listed()
    later = timezone.now() + 300 * DAY
    assert actions.extend(people.analyst, [(entry.pk, None)], later, "仍在使用")[0].ok
    assert reload(entry).until == later
    assert [line.what for line in changes.since(0)] == ["listed", "extended"]
    for wrong in (later, None, timezone.now() - DAY, timezone.now() + 4000 * DAY):
        assert not actions.extend(people.analyst, [(entry.pk, None)], wrong, "仍在使用")[0].ok


def test_what_has_become_protected_is_not_approved(people: People, listed: Listed) -> None:
    black = propose(people.county, candidate("shop.example.invalid")).entries[0]
    listed("shop.example.invalid", list_name="never_block")
    (done,) = actions.approve(people.analyst, [(black.pk, None)])
    assert not done.ok
    refused = propose(people.county, candidate("sub.shop.example.invalid"), candidate("example.invalid"))
    assert len(refused.refused) == 2


def test_what_is_blocked_is_not_protected_before_it_is_reversed(people: People, listed: Listed) -> None:
    listed("a.shop.example.invalid")
    for host in ("shop.example.invalid", "pay.a.shop.example.invalid"):
        never = propose(people.county, candidate(host, list_name="never_block")).entries[0]
        assert not actions.approve(people.analyst, [(never.pk, None)])[0].ok, host


def test_protection_is_not_put_back_over_what_was_listed_meanwhile(people: People, listed: Listed) -> None:
    never = listed("shop.example.invalid", list_name="never_block")
    assert actions.reverse(people.analyst, [(never.pk, None)], "不再需要")[0].ok
    black = listed("a.shop.example.invalid")
    assert not actions.put_back(people.analyst, [(never.pk, None)])[0].ok
    assert actions.reverse(people.colleague, [(black.pk, None)], "核实为误报")[0].ok
    assert actions.put_back(people.analyst, [(never.pk, None)])[0].ok


@pytest.mark.parametrize("first", ["black", "never_block"])
def test_one_bulk_does_not_block_and_protect_the_same(people: People, first: str) -> None:
    names = [first, *({"black", "never_block"} - {first})]
    made = [propose(people.county, candidate(list_name=name)).entries[0] for name in names]
    done = actions.approve(people.analyst, [(entry.pk, None) for entry in made])
    assert [one.ok for one in done] == [True, False]


def test_entries_expire_once_and_leave_the_feed(people: People, listed: Listed) -> None:
    entry = listed()
    waiting = propose(people.county, candidate("later.example.invalid")).entries[0]
    now = timezone.now()
    assert tick(now) == 0
    assert tick(now + 200 * DAY) == 2
    rows = AuditRow.objects.count()
    assert tick(now + 200 * DAY) == 0
    assert AuditRow.objects.count() == rows
    assert (reload(entry).state, reload(waiting).state) == ("expired", "expired")
    assert [line.what for line in changes.since(0)] == ["listed", "unlisted"]


def test_a_short_term_is_kept(people: People) -> None:
    made = propose(people.analyst, candidate(until=timezone.now() + DAY))
    (done,) = actions.approve(people.analyst, [(made.entries[0].pk, None)])
    assert done.ok
    assert tick(timezone.now() + 2 * DAY) == 1


def test_an_entry_is_unmasked_for_a_purpose_that_is_on_record(people: People, listed: Listed) -> None:
    entry = listed("6200000000000017", "account")
    row = actions.unmask(people.analyst, entry.pk, "核实涉案账户")
    assert row.purpose == "核实涉案账户"
    assert "6200000000000017" not in row.after
    with pytest.raises(NotPermitted):
        actions.unmask(people.viewer, entry.pk, "核实涉案账户")
