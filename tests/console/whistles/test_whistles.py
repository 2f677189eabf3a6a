"""A whistle is an alert: it opens a task or joins one, adds its bits, is sent once, and tells nobody more."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection, transaction

from qingdun.console.alerts.intake import ingest_alerts, take_turn
from qingdun.console.alerts.models import Alert, Clock, Evidence, Task
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import AuditRow, LiveEvent, Region, User
from qingdun.console.whistles import queries, rules
from qingdun.console.whistles.actions import Typed, raise_whistle
from qingdun.console.whistles.models import Tally, Whistle
from qingdun.detect.weights import load_weights
from qingdun.errors import InputError, NotPermitted, RefusedError, TooOften
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.whistles.conftest import KNOWN, NAMED, UNKNOWN

TYPED = Typed(key="key-00000001", who=KNOWN, scam_type="police", paying=True, line="客户说要转到安全账户")


def test_whistle_opens_an_urgent_task_where_the_person_lives(world: World, teller: User) -> None:
    sent = raise_whistle(teller, TYPED)
    task = Task.objects.get()
    assert (sent.fresh, sent.whistle.joined, sent.whistle.task) == (True, False, task)
    assert (task.person_id, task.level, task.scam_type, task.stage) == ("p00", "urgent", "police", "transfer")
    assert task.region_path == world.town.path
    assert task.due_clock == "sign"
    piece = Evidence.objects.get()
    assert piece.detector == "manual.whistle"
    assert "银行柜员（演练银行）" in piece.text_zh
    assert "客户说要转到安全账户" in piece.text_zh
    assert "A bank teller (Rehearsal Bank)" in piece.text_en
    assert "is paying now" in piece.text_en


def test_prior_and_bits_add_up_to_the_probability(teller: User, world: World) -> None:
    raise_whistle(teller, replace(TYPED, paying=False))
    alert = Alert.objects.get()
    assert alert.level == "high"
    assert alert.prior_bits == pytest.approx(load_weights().prior_bits)
    bits = alert.prior_bits + rules.bits("high")
    assert alert.probability == pytest.approx(1 / (1 + math.exp2(-bits)))


def test_whistle_joins_the_open_task_and_keeps_its_evidence(world: World, teller: User) -> None:
    ingest_alerts(None, [made.police_high()])
    before = Task.objects.get()
    sent = raise_whistle(teller, TYPED)
    task = Task.objects.get()
    assert sent.whistle.joined
    assert (task.pk, task.level) == (before.pk, "urgent")
    assert task.probability > before.probability
    latest = Alert.objects.get(pk=sent.whistle.alert_id)
    assert latest.evidence.count() == len(made.police_high().evidence) + 1
    assert latest.prior_bits == pytest.approx(made.PRIOR_BITS)
    total = latest.prior_bits + sum(piece.bits for piece in latest.evidence.all())
    assert latest.probability == pytest.approx(1 / (1 + math.exp2(-total)))


def test_type_that_nobody_knows_leaves_the_type_of_the_task(world: World, teller: User) -> None:
    ingest_alerts(None, [made.police_high()])
    raise_whistle(teller, replace(TYPED, scam_type=""))
    assert Task.objects.get().scam_type == "police"
    raise_whistle(teller, Typed(key="key-00000002", who=UNKNOWN))
    assert Task.objects.latest("pk").scam_type == "other"


def test_closed_task_is_not_joined_by_a_whistle(world: World, teller: User) -> None:
    ingest_alerts(None, [made.police_high()])
    Task.objects.update(state="closed")
    assert not raise_whistle(teller, TYPED).whistle.joined
    assert Task.objects.count() == 2


def test_two_whistles_on_one_person_are_one_task(world: World, teller: User, hotline: User) -> None:
    raise_whistle(teller, replace(TYPED, paying=False))
    second = raise_whistle(hotline, TYPED)
    assert second.whistle.joined
    task = Task.objects.get()
    assert task.level == "urgent"
    assert Alert.objects.count() == 2


def test_same_key_changes_nothing_and_another_message_under_it_is_refused(world: World, teller: User) -> None:
    first = raise_whistle(teller, TYPED)
    rows = AuditRow.objects.count()
    again = raise_whistle(teller, TYPED)
    assert (again.fresh, again.whistle.pk) == (False, first.whistle.pk)
    assert (Task.objects.count(), Alert.objects.count(), AuditRow.objects.count()) == (1, 1, rows)
    with pytest.raises(RefusedError, match="另一条"):
        raise_whistle(teller, replace(TYPED, line="换一句"))


def test_unknown_number_opens_a_task_at_the_region_chosen(world: World, teller: User) -> None:
    raise_whistle(teller, Typed(key="key-00000003", who=UNKNOWN, region=world.town.code))
    task = Task.objects.get()
    assert (task.region_path, task.town) == (world.town.path, world.town)
    assert task.msisdn == f"+86{UNKNOWN}"
    for row in (Alert.objects.get(), Evidence.objects.get(), Clock.objects.get(), *task.events.all()):
        assert row.region_path == world.town.path
    assert LiveEvent.objects.filter(topic="alerts", region_path=world.town.path).exists()
    raise_whistle(teller, Typed(key="key-00000004", who=UNKNOWN, paying=True))
    assert Task.objects.count() == 1


def test_unknown_number_without_a_region_lies_with_whoever_warns(world: World, teller: User) -> None:
    raise_whistle(teller, Typed(key="key-00000005", who=UNKNOWN))
    assert Task.objects.get().region_path == Region.objects.get(level="city").path


def test_person_is_found_by_the_whole_name_alone(world: World, teller: User) -> None:
    (match,) = queries.matches(teller, NAMED)
    assert (match.name, match.number) == ("郑**", "+86 172****0000")
    assert queries.matches(teller, NAMED[:2]) == []
    assert queries.matches(teller, KNOWN[:10]) == []
    sent = raise_whistle(teller, Typed(key="key-00000006", who=NAMED))
    assert sent.whistle.task.msisdn == f"+86{KNOWN}"


def test_several_of_one_name_must_be_told_apart(world: World, teller: User) -> None:
    from qingdun.console.kernel.models import Person

    Person.objects.filter(pk="p01").update(name=NAMED)
    with pytest.raises(InputError, match="同名"):
        raise_whistle(teller, Typed(key="key-00000007", who=NAMED))
    chosen = raise_whistle(teller, Typed(key="key-00000007", who=NAMED, person_id="p01"))
    assert chosen.whistle.person_id == "p01"
    with pytest.raises(InputError):
        raise_whistle(teller, Typed(key="key-00000008", who=NAMED, person_id="p02"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"who": "不存在的人"},
        {"who": ""},
        {"scam_type": "theft"},
        {"key": "short"},
        {"line": "x" * 201},
        {"line": "a\x00b"},
        {"who": UNKNOWN, "region": "999999"},
    ],
)
def test_what_cannot_be_an_alert_is_refused_and_leaves_nothing(
    world: World, teller: User, wrong: dict[str, str]
) -> None:
    with pytest.raises(InputError):
        raise_whistle(teller, replace(TYPED, **wrong))
    assert not Task.objects.exists()
    assert not AuditRow.objects.filter(verb="raise_whistle").exists()


def test_who_may_raise(world: World, teller: User, hotline: User) -> None:
    for number, user in enumerate((teller, hotline, world.analyst, world.county)):
        raise_whistle(user, Typed(key=f"key-of-user-{number}", who=UNKNOWN))
    for user in (world.officer, world.viewer, world.auditor):
        with pytest.raises(NotPermitted):
            raise_whistle(user, TYPED)
    with pytest.raises(NotPermitted):
        raise_whistle(
            world.other_county, Typed(key="key-far-away", who="17258018888", region=world.town.code)
        )


def test_number_of_another_county_is_warned_about_all_the_same(world: World) -> None:
    assert queries.matches(world.other_county, KNOWN) == []
    raise_whistle(world.other_county, TYPED)
    assert Task.objects.get().region_path == world.town.path


def test_everybody_sees_what_they_raised_and_no_more(world: World, teller: User, hotline: User) -> None:
    raise_whistle(teller, TYPED)
    assert queries.whistles(teller).count() == 1
    assert not queries.whistles(hotline).exists()
    assert queries.whistles(world.county).count() == 1
    assert not queries.whistles(world.other_county).exists()


def test_page_of_a_teller_holds_no_person_and_no_evidence(
    world: World, teller: User, client_of: LogIn
) -> None:
    ingest_alerts(None, [made.police_high()])
    client = client_of(teller)
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/whistles/"
    answer = client.post(
        "/whistles/",
        {"key": "0123456789abcdef", "who": KNOWN, "type": "police", "paying": "1", "line": "正在柜台"},
        follow=True,
    )
    page = answer.content.decode()
    assert f"已并入任务 {Task.objects.get().pk}" in page
    assert "正在柜台" in page
    for secret in (NAMED, f"+86{KNOWN}", "境外来电", made.CALLER):
        assert secret not in page
    task = Task.objects.get().pk
    for address in ("/alerts/", f"/alerts/{task}/", f"/m/visit/{task}/", "/entities/", "/ledgers/"):
        assert client.get(address).status_code == 403, address
    found = client.get("/whistles/people/", {"who": NAMED}).content.decode()
    assert "郑**" in found
    assert NAMED not in found


def test_mistakes_on_the_page_keep_what_was_typed(world: World, teller: User, client_of: LogIn) -> None:
    answer = client_of(teller).post("/whistles/", {"key": "0123456789abcdef", "who": "无此人", "line": "急"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="无此人"' in page
    assert "0123456789abcdef" in page


@pytest.mark.usefixtures("still")
def test_search_is_limited(world: World, teller: User, client_of: LogIn) -> None:
    client = client_of(teller)
    most = rules.limit("lookups_per_10_min")
    pages = [client.get("/whistles/people/", {"who": NAMED}).content.decode() for _ in range(most + 1)]
    assert "郑**" in pages[0]
    assert "郑**" not in pages[-1]
    # Nor is the form a way round it: what it refuses shows who was meant, and counts as a whistle.
    for _ in range(rules.limit("whistles_per_10_min")):
        page = client.post("/whistles/", {"key": "short", "who": NAMED})
    assert "郑**" in page.content.decode()
    page = client.post("/whistles/", {"key": "short", "who": NAMED})
    assert (page.status_code, "郑**" in page.content.decode()) == (422, False)


@pytest.mark.usefixtures("still")
def test_whistles_are_limited(world: World, teller: User) -> None:
    for number in range(rules.limit("whistles_per_10_min")):
        raise_whistle(teller, Typed(key=f"key-{number:08}", who=UNKNOWN))
    with pytest.raises(TooOften) as often:
        raise_whistle(teller, Typed(key="key-too-many", who=UNKNOWN))
    assert 0 < often.value.wait_s <= 600


def test_every_act_is_in_the_chain(world: World, teller: User) -> None:
    whistle = raise_whistle(teller, TYPED).whistle
    row = AuditRow.objects.get(verb="raise_whistle")
    assert (row.actor, row.subject_id, row.region_path) == ("teller", str(whistle.pk), world.town.path)
    assert KNOWN not in row.after
    assert verify_chain().intact


@pytest.mark.django_db(transaction=True)
def test_two_at_once_open_one_task_and_one_key_is_one_whistle(
    world: World, teller: User, hotline: User
) -> None:
    def send(user: User, key: str) -> None:
        try:
            raise_whistle(user, Typed(key=key, who=UNKNOWN, paying=True))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sends = [
            (teller, "key-teller-1"),
            (hotline, "key-hotline"),
            (teller, "key-teller-1"),
            (teller, "key-teller-2"),
        ]
        for done in [pool.submit(send, *one) for one in sends]:
            done.result()
    assert Task.objects.count() == 1
    assert Whistle.objects.count() == 3
    assert Alert.objects.count() == 3
    assert verify_chain().intact


@pytest.mark.django_db(transaction=True)
def test_a_whistle_that_comes_while_the_engine_s_alert_is_taken_in_adds_to_it(
    world: World, teller: User
) -> None:
    def send() -> Whistle:
        try:
            return raise_whistle(teller, TYPED).whistle
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            take_turn()
            ingest_alerts(None, [made.police_high()])
            sent = pool.submit(send)
            # Where a reader does not wait for a writer, the whistle has looked at what stands by now.
            while connection.vendor == "postgresql" and not Tally.objects.exists() and not sent.done():
                pass
        whistle = sent.result()
    task = Task.objects.get()
    assert (whistle.task, whistle.joined) == (task, True)
    assert task.probability > made.police_high().probability
    latest = Alert.objects.order_by("raised_at").last()
    assert latest is not None
    assert latest.evidence.count() == len(made.police_high().evidence) + 1
