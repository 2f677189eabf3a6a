"""Texts on lists: one entry covers every copy of a template, and nobody reads in it what is not theirs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from qingdun.console.kernel.models import AuditRow
from qingdun.console.lists import actions, changes, queries, retention
from qingdun.console.lists.codes import NETWORKED
from qingdun.console.lists.feed import ListFeed
from qingdun.console.lists.masks import label
from qingdun.console.lists.models import Entry, EntryEvent
from qingdun.console.lists.reading import read_candidates
from qingdun.detect.text.template import template_key
from tests.console.conftest import LogIn
from tests.console.lists.conftest import Listed, People, candidate, propose

pytestmark = pytest.mark.django_db
SENT = "尊敬的王小明先生，您的积分12,800分今日到期，请致电13800001234 或登录 a.example/x 领取现金"
AGAIN = "尊敬的李女士，您的积分90分今日到期，請致電13911112222 或登录 b.cn 领取现金"


def test_a_pasted_message_is_an_entry_under_the_key_of_its_template(people: People, log_in: LogIn) -> None:
    client = log_in(people.county)
    form = {"kind": "text", "entity": SENT, "list": "black", "reason": "群众举报", "key": "form-1"}
    page = client.post(reverse("lists:propose_by_hand"), form, follow=True).content.decode()
    entry = Entry.objects.get()
    assert (entry.entity, entry.sample) == (template_key(AGAIN), SENT)
    assert entry.until is not None
    assert "尊敬的王**先生" in page
    assert "138****1234" in page
    assert "王小明" not in page
    assert "13800001234" not in page
    bad = client.post(reverse("lists:propose_by_hand"), {**form, "entity": AGAIN, "key": "form-2"})
    assert bad.status_code == 422, "another copy of it is listed already"
    short = client.post(reverse("lists:propose_by_hand"), {**form, "entity": "好的，收到", "key": "form-3"})
    assert short.status_code == 422
    assert "过短" in short.content.decode()
    assert Entry.objects.count() == 1
    assert queries.find(people.officer, AGAIN) == [entry.pk], "found by any copy"


def test_the_whole_text_is_read_for_a_purpose_on_record(
    people: People, listed: Listed, client: Client
) -> None:
    entry = listed(SENT, "text")
    client.force_login(people.analyst)
    address = reverse("lists:unmask", args=[entry.pk])
    page = client.post(address, {"purpose": "核实短信原文"}).content.decode()
    assert SENT in page
    row = AuditRow.objects.filter(verb="unmask_entry").get()
    assert "王小明" not in str(row.after)
    legible = client.post(reverse("lists:export"), {"form": "csv", "purpose": "移交运营商"})
    masked = client.get(reverse("lists:export"), {"form": "csv"})
    assert "王小明" in legible.content.decode("utf-8-sig")
    assert "王小明" not in masked.content.decode("utf-8-sig")
    (back,) = read_candidates("again.csv", legible.content, "black")
    assert (back.kind, template_key(back.entity)) == ("text", entry.entity), "an export is taken back"


def test_networks_are_told_the_key_alone_and_the_engine_nothing(people: People, listed: Listed) -> None:
    engine = ListFeed(every_s=0)
    host = listed("bad.example.invalid")
    entry = listed(SENT, "text")
    assert [change.entry.entity for change in engine()] == [host.entity]
    other = listed(f"{SENT}，逾期作废不再补发", "text")
    assert entry.entity != other.entity
    assert list(engine()) == []
    told = [line.entry for line in changes.since(0) if line.entry.entity_kind == "text"]
    assert [one.entity for one in told] == [entry.entity, other.entity]
    assert "王小明" not in str(told)
    assert "text" in NETWORKED
    (done,) = actions.enforce(people.analyst, [(entry.pk, None)], "观察一日无误报")
    assert done.ok
    actions.reverse(people.analyst, [(entry.pk, None)], "核实为误报")
    assert list(engine()) == []


def test_a_template_of_a_bank_is_never_blocked(people: People, listed: Listed) -> None:
    listed(SENT, "text", "never_block")
    made = propose(people.county, candidate(AGAIN, "text"))
    assert not made.entries
    assert made.refused[0].reason.startswith("永不封堵")


def test_the_copy_goes_when_evidence_of_that_age_does(people: People, listed: Listed) -> None:
    ended, stands = listed(SENT, "text"), listed(f"{SENT}，逾期作废不再补发", "text")
    actions.reverse(people.analyst, [(ended.pk, None)], "核实为误报")
    now = timezone.now()
    assert retention.tick(now) == 0
    later = now + dt.timedelta(days=3660)
    assert retention.tick(later) == 1
    assert retention.tick(later) == 0
    kept = {entry.pk: entry for entry in Entry.objects.all()}
    assert (kept[ended.pk].sample, kept[stands.pk].sample) == ("", f"{SENT}，逾期作废不再补发")
    assert label(kept[ended.pk], frozenset()).endswith("…")
    assert EntryEvent.objects.filter(entry=ended).exists()
