"""Texts that planes hold for a person: what the page shows, who decides, and that a decision comes once."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import closing
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from qingdun.console.kernel.models import AuditRow
from qingdun.console.lists import deciding, held, holding
from qingdun.console.lists.held import Ask
from qingdun.console.lists.interception import ConsoleLists
from qingdun.console.lists.models import HeldDecision, HeldText
from qingdun.contract.columns import timestamp
from qingdun.contract.lists import HeldText as Told
from qingdun.errors import IllegalMove, InputError, NotPermitted
from qingdun.intercept.messages.quarantine import Quarantine, Text
from qingdun.intercept.messages.review import Review
from tests.console.conftest import LogIn
from tests.console.lists.conftest import Listed, People

pytestmark = pytest.mark.django_db
DAY_US = 86_400_000_000
WORDS = "尊敬的王小明先生，您的账户已被冻结，请致电13800001234 或登录 a.example 核实"


def told(text_id: int = 1, state: str = "held", **more: object) -> Told:
    now = timestamp(timezone.now())
    made = Told(
        "q1", text_id, now, now + 30 * DAY_US, "106900001234", "+8613800138000", 1, WORDS, True, None, 0.983,
        "phishing", ("请点击◎登录", "账户已被冻结"), state, now, (), (),
    )  # fmt: skip
    return made._replace(**more)  # type: ignore[arg-type]


def tell(*texts: Told) -> None:
    ConsoleLists().held("messages", texts)


def only() -> HeldText:
    return HeldText.objects.get()


def decide(people: People, verb: str = "release", note: str = "核实为银行正常通知") -> list[bool]:
    rows = [(one.pk, one.version) for one in HeldText.objects.order_by("pk")]
    return [one.ok for one in deciding.decide(people.analyst, rows, verb, note)]


def test_the_page_shows_what_is_held_and_why_and_masks_whom_it_names(
    people: People, listed: Listed, log_in: LogIn
) -> None:
    entry = listed("106900001234", "sender")
    client = log_in(people.officer)
    empty = client.get(reverse("lists:held")).content.decode()
    assert "qingdun intercept messages" in empty
    tell(told(entry_id=entry.pk, recipients=3), told(2, at=5), told(3, entry_id=999_999))
    page = client.get(reverse("lists:held")).content.decode()
    for shown in (
        "98.3%",
        "请点击[网址]登录",
        "账户已被冻结",
        "+86 138****8000",
        "尊敬的王**先生",
        "138****1234",
        "30 天",
    ):
        assert shown in page, shown
    for hidden in ("王小明", "13800001234", "13800138000", 'value="release"'):
        assert hidden not in page, hidden
    assert reverse("lists:entry", args=[entry.pk]) in page
    one = client.get(reverse("lists:held_text", args=[only_of(1).pk])).content.decode()
    assert "尊敬的王**先生" in one
    assert "13800138000" not in one
    planes = client.get(reverse("lists:planes")).content.decode()
    assert "messages" in planes
    assert client.get(reverse("lists:held_text", args=[999])).status_code == 403


def only_of(text_id: int) -> HeldText:
    return HeldText.objects.get(text_id=text_id)


def test_it_is_read_for_a_purpose_on_record(people: People, client: Client) -> None:
    tell(told())
    client.force_login(people.analyst)
    address = reverse("lists:unmask_held", args=[only().pk])
    page = client.post(address, {"purpose": "核实短信原文"}).content.decode()
    assert WORDS in page
    assert "+8613800138000" in page
    row = AuditRow.objects.filter(verb="unmask_text").get()
    assert "王小明" not in str(row.after)
    client.post(address, {"purpose": "x"})
    assert AuditRow.objects.filter(verb="unmask_text").count() == 1
    with pytest.raises(NotPermitted):
        deciding.unmask(people.viewer, only().pk, "核实短信原文")


def test_one_decides_with_a_reason_and_the_plane_hears_of_it_until_it_has_said_so(
    people: People, client: Client
) -> None:
    tell(told(), told(2))
    first, second = HeldText.objects.order_by("pk")
    people.analyst.display_name = "李研判"
    people.analyst.save(update_fields=["display_name"])
    client.force_login(people.analyst)
    form = {"text": [f"{first.pk}:{first.version}"], "verb": "release", "note": "核实为银行正常通知"}
    page = client.post(reverse("lists:decide_held"), form, follow=True).content.decode()
    assert "核实为银行正常通知" in page
    assert "放行 · 李研判" in page
    row = AuditRow.objects.filter(verb="release_texts").get()
    assert (json.loads(row.after)["count"], row.purpose) == (1, "核实为银行正常通知")
    source = ConsoleLists()
    (decision,) = source.decided("q1")
    assert (decision.text_id, decision.verb) == (first.text_id, "release")
    assert source.decided("another") == []
    assert held.counts(people.officer) == {"waiting": 1, "moving": 1, "done": 0, "all": 2}
    assert decide(people, "drop") == [False, True], "one decision at a time"
    # The plane has heard, and what became of it: its words are gone there and here.
    heard = ((decision.key, True),)
    tell(told(state="asked", heard=heard))
    assert [one.text_id for one in source.decided("q1")] == [second.text_id]
    tell(told(state="released", words="", phrases=(), heard=heard, answers=(0,)))
    tell(told(state="released", words="", phrases=(), heard=heard, answers=(0,)))
    first.refresh_from_db()
    assert (first.state, first.words, first.recipient) == ("released", "", "+86 138****8000")
    assert HeldDecision.objects.filter(heard_at=None).count() == 1
    page = client.get(reverse("lists:held")).content.decode()
    assert "已送达短信中心" in page
    assert "+86 138****8000" in client.get(f"{reverse('lists:held')}?group=all").content.decode()


def test_what_was_not_sent_says_why_and_is_decided_again(people: People, client: Client) -> None:
    tell(told())
    assert decide(people) == [True]
    (decision,) = ConsoleLists().decided("q1")
    tell(told(state="failed", answers=(0x45,), heard=((decision.key, True),)))
    client.force_login(people.analyst)
    page = client.get(reverse("lists:held_text", args=[only().pk])).content.decode()
    assert "0x45" in page
    assert decide(people) == [True]
    assert held.decisions(people.officer, only()).count() == 2
    (again,) = ConsoleLists().decided("q1")
    tell(told(state="dropped", words="", phrases=(), heard=((again.key, False),)))
    page = client.get(reverse("lists:held_text", args=[only().pk])).content.decode()
    assert "来迟" in page
    assert decide(people) == [False]


def test_who_may_decide_and_how(people: People, client: Client) -> None:
    tell(told())
    rows = [(only().pk, None)]
    for actor in (people.county, people.officer):
        with pytest.raises(NotPermitted):
            deciding.decide(actor, rows, "release", "理由")
    with pytest.raises(NotPermitted):
        held.texts(people.viewer, Ask())
    with pytest.raises(IllegalMove):
        deciding.decide(people.analyst, rows, "release", "  ")
    with pytest.raises(InputError):
        deciding.decide(people.analyst, rows, "burn", "理由")
    done = deciding.decide(people.analyst, [(only().pk, 99), (999, None)], "drop", "理由")
    assert [one.ok for one in done] == [False, False]
    assert AuditRow.objects.filter(verb="drop_texts").count() == 0
    client.force_login(people.analyst)
    answer = client.post(
        reverse("lists:decide_held"), {"text": "1:1", "verb": "drop", "note": ""}, follow=True
    )
    assert "请填写理由" in answer.content.decode()


def test_what_leaves_by_the_clock_leaves_its_words_also_if_the_plane_is_silent(people: People) -> None:
    tell(told(), told(2), told(3))
    later = timezone.now() + dt.timedelta(days=31)
    ConsoleLists().held("messages", [told(2, "gone", at=0, until=0, words="")])
    assert (only_of(2).state, only_of(2).words) == ("gone", "")
    assert holding.tick(timezone.now()) == 0
    assert holding.tick(later) == 2
    assert {(one.state, one.words) for one in HeldText.objects.all()} == {("gone", "")}
    tell(told(1, until=timestamp(timezone.now()) - 1))
    assert only_of(1).state == "gone", "a late word brings nothing back"
    tell(told(4, until=timestamp(timezone.now()) - 1), told(5, "gone"))
    assert (only_of(4).state, only_of(4).words) == ("gone", "")
    assert not HeldText.objects.filter(text_id=5).exists(), "nobody ever heard of it"
    assert holding.tick(later + dt.timedelta(days=4000)) == 4
    assert HeldText.objects.count() == 0


def test_what_is_gone_waits_for_no_plane_and_a_line_is_a_persons_too(people: People, log_in: LogIn) -> None:
    tell(told(sender="02412345678", recipient="85261234567"))
    assert decide(people) == [True]
    client = log_in(people.officer)
    page = client.get(f"{reverse('lists:held')}?group=moving").content.decode()
    assert "024****5678" in page
    assert "852****4567" in page
    for hidden in ("02412345678", "85261234567"):
        assert hidden not in page, hidden
    holding.tick(timezone.now() + dt.timedelta(days=31))
    assert held.counts(people.officer) == {"waiting": 0, "moving": 0, "done": 1, "all": 1}
    assert (
        "平面未在期限内回报结果" in client.get(reverse("lists:held_text", args=[only().pk])).content.decode()
    )
    assert (only().sender, only().recipient) == ("024****5678", "852****4567")
    # Its plane speaks again: what came of it is known after all.
    (decision,) = ConsoleLists().decided("q1")
    tell(told(state="released", words="", phrases=(), heard=((decision.key, True),)))
    assert held.text(people.officer, only().pk).came is True


def test_a_real_quarantine_and_the_console_tell_each_other(people: People, tmp_path: Path) -> None:
    now = timestamp(timezone.now())
    text = Text(0, now, "bank", True, "1069", "+8613800138000", f"{WORDS}\0", None, 0.98, b"pdu", "held",
                now, "")  # fmt: skip
    with closing(Quarantine(tmp_path)) as store:
        first, second = store.put([text, text])
        for _again in range(2):
            with closing(Review("messages", tmp_path, ConsoleLists(), 30)) as review:
                review.step()
        assert HeldText.objects.count() == 2
        assert decide(people) == [True, True]
        with closing(Review("messages", tmp_path, ConsoleLists(), 30)) as review:
            # Killed after it has followed one of the two, before the console knows.
            store.decide(ConsoleLists().decided(store.name)[0], now)
            review.step()
        assert [store.get(one).state for one in (first, second)] == ["asked", "asked"]
        store.move(first, "sending", now)
        store.move(first, "released", now, [[0, "c1"]])
        with closing(Review("messages", tmp_path, ConsoleLists(), 30)) as review:
            review.step()
    assert {one.text_id: (one.state, bool(one.words)) for one in HeldText.objects.all()} == {
        first: ("released", False), second: ("asked", True),
    }  # fmt: skip
    assert set(HeldDecision.objects.values_list("was_possible", flat=True)) == {True}
