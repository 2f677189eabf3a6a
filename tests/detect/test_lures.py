"""From a contact or site to the step before the payment; and who passes money on."""

from __future__ import annotations

import pytest

from tests.detect.listening import signals, suspicions
from tests.run.world import START, H, M, World

NIGHT = START + 2 * H


@pytest.fixture
def world() -> World:
    return World(5_000)  # enough that two visitors of a site are few


def test_whoever_comes_back_to_a_listed_site_is_in_deeper(world: World) -> None:
    world.list("host", "evil.cn")
    for minutes in (0, 2, 60):
        world.visit(NIGHT + minutes * M, world.number(0), "evil.cn")
    bits = [s.millibits for s in signals(world, "visit.listed_host")]
    assert bits[0] == bits[1] < bits[2]


def test_the_link_of_an_advert_makes_no_suspect(world: World) -> None:
    world.message(NIGHT, "+8617900000001", world.number(0), "刷单")
    world.visit(NIGHT + 20 * M, world.number(0), "rare.cn")
    world.visit(NIGHT + 20 * H, world.number(0), "rare.cn")
    found = signals(world, "visit.after_contact")
    assert found[0].millibits > found[1].millibits > 0, "the hour says more than the day"
    assert {s.entity for s in suspicions(world, "visit.after_contact")} == {"rare.cn"}
    weak = World(4)
    weak.call(NIGHT, "+44700000001", weak.number(0), 21 * 60, "overseas")
    weak.visit(NIGHT + 25 * M, weak.number(0), "rare.cn")
    assert signals(weak, "visit.after_contact")
    assert suspicions(weak, "visit.after_contact") == []


def test_the_site_that_a_subscriber_sent_counts_once_it_is_opened(world: World) -> None:
    world.message(NIGHT, "+8617900000001", world.number(0), "在吗 rare.cn/a 看看")
    world.message(NIGHT, "1069000001", world.number(1), "上新了 rare.cn/a 看看")
    world.message(NIGHT, "+8617900000001", world.number(2), "在吗 rarer.cn 看看")
    for i, host in ((0, "rare.cn"), (1, "rare.cn"), (2, "rare.cn"), (3, "rare.cn"), (0, "other.cn")):
        world.visit(NIGHT + 20 * M, world.number(i), host)
    world.visit(NIGHT + 25 * H, world.number(2), "rarer.cn")
    found = signals(world, "visit.sent_site")
    assert [(s.person_id, s.entity, s.stage) for s in found] == [("p0", "rare.cn", "lure")]
    assert found[0].text_zh.startswith("20分钟前个人号码+8617900000001发来")
    (told,) = [s for s in signals(world, "message.scam_text") if s.person_id == "p0"]
    assert told.text_en == "a subscriber's number sent rare.cn, a site few people know"
    assert {s.entity_kind for s in suspicions(world, "message.scam_text")} == set()
    assert {s.entity for s in suspicions(world, "visit.sent_site")} == {"rare.cn"}


def test_what_was_sent_after_a_visit_that_comes_late_led_nobody_there(world: World) -> None:
    world.message(NIGHT, "+8617900000001", world.number(0), "刷单 rare.cn")
    world.visit(NIGHT - 3 * M, world.number(0), "rare.cn")
    engine = world.engine()
    batch = world.batch()
    engine.push({"messages": batch["messages"]})
    engine.push({"visits": batch["visits"]})
    held = engine._state.correlator._persons["p0"].signals
    assert {detector for detector, _, _ in held} == {"message.scam_text"}


def test_a_site_new_in_the_city_counts_once_the_city_is_known(world: World) -> None:
    world.visit(NIGHT, world.number(9), "old.cn")
    world.visit(NIGHT + 3 * H, world.number(0), "unknown-as-all.cn")
    world.visit(NIGHT + 50 * H, world.number(0), "new.cn")
    for i in range(1, 12):
        world.visit(NIGHT + 51 * H + i * M, world.number(i), "www.new.cn")
    for host in ("old.cn", "img7.new.cn", "unknown-as-all.cn"):
        world.visit(NIGHT + 52 * H, world.number(0), host)
    world.visit(NIGHT + 99 * H, world.number(20), "new.cn")
    found = signals(world, "visit.new_site")
    assert [(s.person_id, s.entity) for s in found if s.entity == "new.cn"] == [("p0", "new.cn")]
    assert len({s.person_id for s in found if s.entity == "www.new.cn"}) == 9, "beyond that it is not rare"
    assert {s.entity for s in found} == {"new.cn", "www.new.cn"}
    assert "2小时" not in found[0].text_zh
    assert found[0].text_en == "the person opened new.cn, which nobody here had asked for until 0 hours ago"


def test_a_rare_site_beside_a_foreign_chat_app(world: World) -> None:
    world.visit(NIGHT, world.number(0), "web.telegram.org")
    for i in (0, 1):
        world.visit(NIGHT + 5 * M, world.number(i), "rare.cn")
    world.visit(NIGHT + 6 * M, world.number(0), "meet.rare.cn")
    world.visit(NIGHT + 2 * H, world.number(0), "rarer.cn")
    found = [(s.person_id, s.entity) for s in signals(world, "visit.after_chat")]
    assert found == [("p0", "rare.cn"), ("p0", "meet.rare.cn")], "a label of its own clears no site"


def test_a_foreign_chat_app_after_a_rare_site(world: World) -> None:
    world.visit(NIGHT, world.number(0), "rare.cn")
    world.visit(NIGHT, world.number(1), "rarer.cn")
    for i, minutes in ((0, 50), (0, 55), (1, 70), (2, 50)):
        world.visit(NIGHT + minutes * M, world.number(i), "web.telegram.org")
    found = signals(world, "visit.after_chat")
    assert {(s.person_id, s.entity, s.stage) for s in found} == {("p0", "rare.cn", "lure")}
    assert signals(world, "visit.after_lure") == [], "the same chat is no step of its own"


def test_whoever_comes_back_to_a_suspicious_site_is_in_deeper(world: World) -> None:
    for minutes in (0, 5, 40):
        world.visit(NIGHT + minutes * M, world.number(0), "fake-shop.cn")
    bits = [s.millibits for s in signals(world, "visit.suspect_host")]
    assert 0 < bits[0] == bits[1] < bits[2]


def test_a_name_says_more_of_a_host_that_is_new_here_and_less_of_one_long_known(world: World) -> None:
    """As soon as the engine has watched for two days, and knows what is new."""
    early, late = NIGHT, NIGHT + 60 * H
    for at, person, host in (
        (early, 0, "fake-old.cn"),
        (late, 1, "fake-old.cn"),
        (late, 2, "fake-new.cn"),
        (late + 3 * H, 3, "fake-new.cn"),
    ):
        world.visit(at, world.number(person), host)
    said = {s.person_id: s for s in signals(world, "visit.suspect_host")}
    bits = {person: signal.millibits for person, signal in said.items()}
    assert bits["p1"] < bits["p0"] < bits["p2"] == bits["p3"]
    assert "本市首次有人访问" in said["p0"].text_zh
    assert "本市有人访问已60小时，此前近1小时0人、1天0人、7天1人" in said["p1"].text_zh
    assert "asked for here for 3 h, before this by 0 people in the hour, 1 in a day" in said["p3"].text_en
    first, old, *new = suspicions(world, "visit.suspect_host")
    assert old.millibits < first.millibits < new[0].millibits == new[1].millibits
    assert first.text_en.endswith("; nobody here asked for it before")


def test_a_meeting_app_after_a_lure(world: World) -> None:
    world.list("host", "evil.cn")
    world.visit(NIGHT, world.number(0), "evil.cn")
    for i in (0, 1):
        world.visit(NIGHT + 50 * M, world.number(i), "zoom.us")
    assert [(s.person_id, s.entity) for s in signals(world, "visit.after_lure")] == [("p0", "evil.cn")]


def test_after_a_strong_contact_a_site_may_have_other_victims(world: World) -> None:
    for i in range(4):
        world.visit(NIGHT, world.number(10 + i), "shared.cn")
    world.message(NIGHT, "+8617900000001", world.number(0), "刷单 rare.cn")
    for i in (0, 1):
        world.visit(NIGHT + 20 * M, world.number(i), "shared.cn")
    assert [s.person_id for s in signals(world, "visit.after_contact")] == ["p0"]


def test_a_bank_opened_after_a_lure_and_not_without(world: World) -> None:
    world.list("host", "evil.cn")
    world.visit(NIGHT, world.number(0), "evil.cn")
    for i in (0, 1):
        world.visit(NIGHT + 10 * M, world.number(i), "m.icbc.com.cn")
    world.visit(NIGHT + 3 * H, world.number(0), "m.icbc.com.cn")
    found = signals(world, "visit.after_lure")
    assert [(s.person_id, s.at, s.entity, s.stage) for s in found] == [
        ("p0", NIGHT + 10 * M, "evil.cn", "control")
    ]


def test_a_bank_opened_in_a_call_is_no_step_after_a_lure(world: World) -> None:
    world.police_story(NIGHT)
    assert signals(world, "visit.after_lure") == []


def test_small_money_while_on_a_rare_site(world: World) -> None:
    world.visit(NIGHT, world.number(0), "rare.cn")
    world.transfer(NIGHT + 5 * M, "99001", world.account(0), 8)
    world.transfer(NIGHT + 6 * M, "99002", world.account(0), 12)
    world.transfer(NIGHT + 7 * M, "99003", world.account(0), 9_000)
    world.transfer(NIGHT + 8 * M, "99004", world.account(1), 8)
    found = signals(world, "transfer.inflow_at_site")
    assert [(s.person_id, s.entity) for s in found] == [("p0", "rare.cn"), ("p0", "rare.cn")]
    assert found[1].millibits > found[0].millibits


def test_a_code_at_a_site_one_was_lured_to(world: World) -> None:
    world.message(NIGHT, "+8617900000001", world.number(0), "刷单 rare.cn")
    for i in (0, 1):
        world.visit(NIGHT + 10 * M, world.number(i), "rare.cn")
    for i in (0, 1, 2):
        world.message(NIGHT + 12 * M, "95588", world.number(i), "验证码 1234")
    bits = {s.person_id: s.millibits for s in signals(world, "message.code_at_site")}
    assert bits.keys() == {"p0", "p1"}
    assert bits["p0"] > bits["p1"]


def test_a_private_number_that_sends_a_link_weighs_more(world: World) -> None:
    for i, sender in enumerate(("+8617900000001", "106900000001")):
        world.message(NIGHT, sender, world.number(i), "刷单")
        world.message(NIGHT + H, sender, world.number(2 + i), "刷单 rare.cn")
    bits = {s.person_id: s.millibits for s in signals(world, "message.scam_text")}
    assert bits["p2"] > bits["p0"]
    assert bits["p3"] == bits["p1"]


def test_who_passes_on_what_others_paid_is_more_a_mule_than_a_victim(world: World) -> None:
    world.list("account", "99001")
    world.transfer(NIGHT, "88001", world.account(0), 20_000)
    world.transfer(NIGHT, world.account(1, 1), world.account(1), 20_000)
    for person in (0, 1):
        world.transfer(NIGHT + 10 * M, world.account(person), "99001", 19_000)
    bits = {s.person_id: s.millibits for s in signals(world, "transfer.suspect_payee")}
    assert bits["p0"] < bits["p1"], "own money moved between own accounts first is still one's own"
