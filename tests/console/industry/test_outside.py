"""Whoever is outside and has no account appeals against the block of a site, and reads the answer."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from qingdun.console.industry import deciding, queries, rules
from qingdun.console.industry.models import Appeal, Breach
from qingdun.console.industry.outside import Plea, appeal_from_outside
from qingdun.console.industry.ticking import find_breaches
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow
from qingdun.console.lists import actions as lists
from qingdun.console.lists.candidates import Candidate
from qingdun.console.lists.codes import Source
from qingdun.console.lists.models import Entry
from qingdun.errors import IllegalMove, NotPermitted, TooOften
from tests.console.conftest import LogIn, MakeUser
from tests.console.industry.conftest import Trade

HOST = "shop.example.invalid"


@pytest.fixture
def entry(trade: Trade) -> Entry:
    """A domain on the black list, proposed by one analyst and approved by another."""
    wanted = Candidate("host", "example.invalid", "black", "仿冒商城")
    made = lists.propose(trade.second, [wanted], Source.HAND, "blocked-1")
    (done,) = lists.approve(trade.second, [(made.entries[0].pk, None)])
    assert done.ok, done.message
    return Entry.objects.get()


def plea(key: str, host: str = f"https://{HOST}/cart?a=1", text: str = "正规商城，有备案") -> Plea:
    return Plea(host, "某某商贸", text, "203.0.113.7", key)


def test_an_upheld_appeal_opens_the_site_at_once_and_answers_all_who_appealed(
    trade: Trade, entry: Entry, log_in: LogIn
) -> None:
    made = appeal_from_outside(plea("k1"))
    assert (made.host, made.due_at, made.filed_by) == (HOST, made.filed_at + dt.timedelta(hours=72), None)
    assert appeal_from_outside(plea("k1")) == made
    other = appeal_from_outside(plea("k1", text="本店有营业执照"))
    assert other != made
    # It is the city's to decide, and no party's and no county's to see.
    assert set(queries.appeals(trade.city)) == {made, other}
    for nobody in (trade.officer, trade.county):
        assert not queries.appeals(nobody).exists()
        with pytest.raises(NotPermitted):
            deciding.decide_appeal(nobody, made.pk, "uphold", "核查属实")
    with pytest.raises(NotPermitted, match="他人"):
        deciding.decide_appeal(trade.second, made.pk, "uphold", "核查属实")
    find_breaches(made.due_at + dt.timedelta(hours=1))
    assert Breach.objects.filter(clock="appeal", party=None).count() == 2
    page = log_in(trade.city).get(f"/industry/appeals/{made.pk}/").content.decode()
    assert f"/lists/entries/{entry.pk}/" in page
    answer = log_in(trade.city).post(
        f"/industry/appeals/{made.pk}/decide/", {"verb": "uphold", "note": "备案属实，系误封"}
    )
    assert answer.status_code == 302
    entry.refresh_from_db()
    assert (entry.state, entry.reversed_by) == ("reversed", trade.city)
    assert list(Appeal.objects.values_list("state", flat=True)) == ["upheld", "upheld"]
    assert not Breach.objects.filter(ended_at=None).exists()
    with pytest.raises(IllegalMove):
        deciding.decide_appeal(trade.city, other.pk, "reject", "不予受理")
    told = Client().get(f"/appeal/{other.written_receipt}/")
    assert "备案属实，系误封" in told.content.decode()
    assert "no-store" in told["Cache-Control"]
    with pytest.raises(FieldFaults):
        appeal_from_outside(plea("k2"))


def test_a_rejected_appeal_leaves_the_block_and_another_may_follow(trade: Trade, entry: Entry) -> None:
    made, other = appeal_from_outside(plea("k1")), appeal_from_outside(plea("k2"))
    deciding.decide_appeal(trade.city, made.pk, "reject", "确为仿冒")
    entry.refresh_from_db()
    other.refresh_from_db()
    assert (entry.state, other.state) == ("active", "filed")
    assert appeal_from_outside(plea("k3")).pk not in (made.pk, other.pk)


def test_the_page_opens_to_anybody_and_says_what_is_wrong_beside_the_field(
    trade: Trade, entry: Entry, make_user: MakeUser
) -> None:
    browser = Client()
    assert f'value="{HOST}"' in browser.get("/appeal/", {"host": HOST}).content.decode()
    wrong = browser.post("/appeal/", {"host": "free.example.org", "appellant": "", "text": "x"})
    assert wrong.status_code == 422
    assert all(f'id="e-{name}"' in wrong.content.decode() for name in ("host", "appellant", "text"))
    assert not Appeal.objects.exists()
    sent = browser.post("/appeal/", {"host": HOST, "appellant": "甲", "text": "正规商城", "submission": "a"})
    assert sent.status_code == 422  # one sign is no name
    typed = {"host": HOST, "appellant": "甲乙", "text": "正规商城", "submission": "a"}
    first, again = browser.post("/appeal/", typed), browser.post("/appeal/", typed)
    assert first.url == again.url
    made = Appeal.objects.get()
    assert first.url == f"/appeal/{made.written_receipt}/"
    assert "待审理" in browser.get(first.url).content.decode()
    row = AuditRow.objects.get(verb="appeal_from_outside")
    assert row.actor == "system"
    assert "甲乙" not in row.after
    # The receipt opens it, with blanks or without; a guess opens nothing, and a number of a row neither.
    assert browser.get("/appeal/", {"receipt": made.receipt}).url == first.url
    for guess in (f"{made.pk}", "0" * 20, "%"):
        assert browser.get("/appeal/", {"receipt": guess}).status_code == 422
        assert browser.get(f"/appeal/{guess.replace('%', '-')}/").status_code == 404
    assert browser.get(f"/industry/appeals/{made.pk}/").status_code == 302


def test_no_more_are_taken_than_can_be_read(
    trade: Trade, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = {"of_address": 2, "of_site": 3, "of_day": 100}
    monkeypatch.setattr(rules, "outside", most.__getitem__)
    assert [appeal_from_outside(plea(f"k{turn}")).pk for turn in range(2)]
    with pytest.raises(TooOften):
        appeal_from_outside(plea("k3"))
    assert appeal_from_outside(plea("k1")).pk  # what was taken stays known
    elsewhere = Plea(HOST, "乙丙", "是我的网站", "198.51.100.1", "k4")
    assert appeal_from_outside(elsewhere).pk
    with pytest.raises(TooOften):
        appeal_from_outside(Plea(HOST, "丁戊", "是我的网站", "198.51.100.2", "k5"))
    typed = {"host": HOST, "appellant": "甲乙", "text": "正规商城", "submission": "b"}
    full = Client(REMOTE_ADDR="198.51.100.3").post("/appeal/", typed)
    assert (full.status_code, full["Retry-After"]) == (429, "86400")
    later = timezone.now() + dt.timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    Appeal.objects.update(state="rejected", decided_by=trade.city)
    assert appeal_from_outside(plea("k3")).filed_at == later
