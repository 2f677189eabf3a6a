"""What each detector says on a small story, and that its innocents stay innocent."""

from __future__ import annotations

import pytest

from qingdun.contract.tables import Alert
from qingdun.detect.weights import load_weights
from tests.detect.listening import signals, suspicions
from tests.run.world import START, H, M, S, World

NIGHT = START + 2 * H


@pytest.fixture
def world() -> World:
    return World(60)


def test_fanout_finds_the_caller_of_strangers_and_not_the_courier(world: World) -> None:
    for i in range(40):
        world.call(NIGHT + i * M, "+44700000001", world.number(i), 8, "overseas")
        world.failed_call(NIGHT + i * M, "+44700000001", f"+8617000099{i:03d}", "invalid")
        world.call(NIGHT + i * M, "+8617900000009", world.number(i), 20)
        if i % 3 == 0:
            world.call(NIGHT + i * M + 5 * M, world.number(i), "+8617900000009", 20)
    found = suspicions(world, "call.fanout")
    assert {s.entity for s in found if s.millibits > 6000} == {"+44700000001"}


def test_a_shared_device_needs_more_than_two_cards(world: World) -> None:
    for i in range(5):
        world.call(NIGHT + i * M, f"+86179000000{i:02d}", world.number(i), 20, imei="box")
    for i in range(2):
        world.call(NIGHT + i * M, f"+86179000001{i:02d}", world.number(i), 20, imei="phone")
    assert {s.entity for s in suspicions(world, "call.shared_device")} >= {"box", "+8617900000000"}
    assert "phone" not in {s.entity for s in suspicions(world, "call.shared_device")}


def test_a_place_where_lists_are_worked_through_is_not_one_that_couriers_pass(world: World) -> None:
    for i in range(20):
        for card in range(5):
            at = NIGHT + (5 * i + card) * M
            world.call(at, f"+86179000000{card:02d}", world.number(i), 20, cell="tower")
            world.call(at, f"+86179000001{card:02d}", world.number(59 - i), 20, cell=f"way{i}-{card}")
    found = suspicions(world, "call.shared_place")
    assert {s.entity for s in found} == {f"+86179000000{card:02d}" for card in range(5)}


def test_a_line_that_slept_for_months_and_then_works_through_a_list(world: World) -> None:
    for i in range(20):
        world.call(NIGHT + i * M, world.number(0), world.number(40 + i % 19), 20)
    awake = max(s.millibits for s in suspicions(world, "call.fanout"))
    world.asleep = {0}
    asleep = max(s.millibits for s in suspicions(world, "call.fanout"))
    assert asleep > awake


@pytest.mark.parametrize(
    ("presented", "origin", "behind", "spoofed"),
    [
        ("+00861110", "overseas", None, True),
        ("110", "voip", "+85200000001", True),
        ("+8676300000001", "overseas", "+85200000001", True),
        ("0081447670001", "overseas", "+81447670001", False),
        ("+8617000000001", "overseas", "+8617000000001", False),
        ("+8676300000001", "voip", "+8676300000099", False),
        ("10086", "domestic", None, False),
    ],
)
def test_spoofed_numbers(
    world: World, presented: str, origin: str, behind: str | None, spoofed: bool
) -> None:
    world.call(NIGHT, presented, world.number(0), 60, origin, behind)
    assert bool(signals(world, "call.spoofed")) is spoofed


def test_a_listed_number_counts_while_the_listing_is_in_force(world: World) -> None:
    world.list("number", "+8617900000001", since=NIGHT + H)
    world.call(NIGHT, "+8617900000001", world.number(0), 60)
    world.call(NIGHT + 2 * H, "+8617900000001", world.number(1), 60)
    world.call(NIGHT + 3 * H, world.number(2), "+8617900000001", 60)
    assert [s.person_id for s in signals(world, "call.suspect_contact")] == ["p1", "p2"]


def test_a_long_call_is_told_while_it_runs(world: World) -> None:
    world.call(NIGHT, "+44700000001", world.number(0), 45 * 60, "overseas")
    world.visit(NIGHT + 2 * H, world.number(3), "a.cn")
    found = signals(world, "call.live_long")
    assert [(s.at - NIGHT) // M for s in found] == [5, 10, 20, 30]
    assert [s.millibits for s in found] == sorted(s.millibits for s in found)


def tried_during(world: World, caller: str, origin: str, *results: str) -> list[tuple[str, int]]:
    """What is said of a person whom officers try to call every five minutes after a call began."""
    world.call(NIGHT, caller, world.number(0), 50 * 60, origin)
    for step, result in enumerate(results, start=1):
        world.tried(NIGHT + 5 * step * M, 0, result)
    world.visit(NIGHT + 2 * H, world.number(3), "a.cn")
    return [(s.entity, s.millibits) for s in signals(world, "contact.busy")]


@pytest.mark.parametrize(
    ("caller", "origin", "results", "named"),
    [
        ("+00861110", "overseas", ("busy",), [("marked",)]),
        ("+44700000001", "overseas", ("busy", "busy"), [("outside",), ("outside", "again")]),
        ("+44700000001", "overseas", ("forwarded",), [("outside", "forwarded")]),
        ("+44700000001", "overseas", ("busy", "refused"), [("outside",), ("outside", "again")]),
        ("+8617900000001", "voip", ("busy",), [("net",)]),
        ("+8617900000001", "domestic", ("busy",), [("stranger",)]),
        ("+44700000001", "overseas", ("answered", "no_answer", "switched_off", "false_alarm"), []),
    ],
)
def test_a_busy_line_counts_by_the_call_it_is_in(
    world: World, caller: str, origin: str, results: tuple[str, ...], named: list[tuple[str, ...]]
) -> None:
    weights = load_weights().detectors["contact.busy"].millibits
    expected = [(caller, sum(weights[name] for name in names)) for names in named]
    assert tried_during(world, caller, origin, *results) == expected
    assert all(bits > 0 for _, bits in expected)


def test_a_line_busy_with_somebody_known_says_nothing(world: World) -> None:
    world.call(NIGHT - 25 * H, "+8617900000001", world.number(0), 60)
    assert tried_during(world, "+8617900000001", "domestic", "busy", "busy", "forwarded") == []


def test_a_busy_line_without_a_call_in_sight_says_little_and_names_nobody_else(world: World) -> None:
    world.call(NIGHT, "+00861110", world.number(0), 60, "overseas")
    for minutes in (30, 35, 90):
        world.tried(NIGHT + minutes * M, 0)
    weights = load_weights().detectors["contact.busy"].millibits
    found = signals(world, "contact.busy")
    assert [(s.entity, s.millibits) for s in found] == [
        (world.number(0), weights["alone"]),
        (world.number(0), weights["alone"] + weights["again"]),
        (world.number(0), weights["alone"]),
    ]


def test_a_busy_line_raises_the_level_and_one_taken_back_no_longer_counts(world: World) -> None:
    world.list("number", "+00861110")
    world.call(NIGHT, "+00861110", world.number(0), None, "overseas")
    engine = world.engine()
    first = engine.push(world.batch()).alerts[-1]
    told = World(60)
    told.tried(NIGHT + 2 * M, 0, "forwarded")
    (risen,) = engine.push(told.batch()).alerts
    assert first.level == "medium"
    assert (risen.level, risen.episode_id) == ("high", first.episode_id)
    assert "contact.busy" in {piece.detector for piece in risen.evidence}
    assert "民警致电呼叫转移" in {piece.detector: piece.text_zh for piece in risen.evidence}["contact.busy"]

    before = engine._view.evidence("p0")
    engine.take_back(told.rows["outcomes"])
    weights = load_weights().detectors["contact.busy"].millibits
    assert before - engine._view.evidence("p0") == weights["marked"] + weights["forwarded"]
    again = World(60)
    again.tried(NIGHT + 4 * M, 0)
    engine.push(again.batch())
    assert engine._view.evidence("p0") <= before, (
        "the try that was taken back does not make this a second one"
    )


def test_a_long_call_with_family_says_nothing(world: World) -> None:
    world.call(NIGHT, "+44700000001", world.number(0), 60, "overseas")
    world.call(NIGHT + 25 * H, "+44700000001", world.number(0), 45 * 60, "overseas")
    world.visit(NIGHT + 27 * H, world.number(3), "a.cn")
    assert signals(world, "call.live_long") == []


def test_a_second_call_of_the_same_day_is_still_a_strangers(world: World) -> None:
    world.call(NIGHT, "+44700000001", world.number(0), 6 * 60, "overseas")
    world.call(NIGHT + 15 * M, "+44700000001", world.number(0), 40 * 60, "overseas")
    world.visit(NIGHT + 3 * H, world.number(3), "a.cn")
    assert [(s.at - NIGHT) // M for s in signals(world, "call.live_long")] == [5, 20, 25, 35, 45]


def test_a_call_that_ended_raises_no_timer(world: World) -> None:
    world.call(NIGHT, "+44700000001", world.number(0), 4 * 60, "overseas")
    world.visit(NIGHT + 2 * H, world.number(3), "a.cn")
    assert signals(world, "call.live_long") == []


def test_the_story_of_the_source_ends_urgent(world: World) -> None:
    world.police_story()
    levels = [a.level for a in world.alerts()]
    assert levels[-1] == "urgent"
    last = world.alerts()[-1]
    assert last.scam_type == "police"
    assert {"call.spoofed", "call.refused_others", "visit.screen_share_in_call"} <= {
        e.detector for e in last.evidence
    }


def test_an_official_number_dialled_after_a_suspicious_call(world: World) -> None:
    world.call(NIGHT, "+00861110", world.number(0), 20 * 60, "overseas")
    world.call(NIGHT + 30 * M, world.number(0), "110", 60)
    world.call(NIGHT + 30 * M, world.number(1), "110", 60)
    assert [s.person_id for s in signals(world, "call.official")] == ["p0"]


def test_a_scam_text_names_phrases_and_never_the_whole_text(world: World) -> None:
    world.message(NIGHT, "+8617900000001", world.number(0), "高薪招聘刷单员每天三百 登录 go.strange.cn 领取")
    found = signals(world, "message.scam_text")
    assert [s.person_id for s in found] == ["p0"]
    assert "刷单" in found[0].text_zh
    assert "招聘" not in found[0].text_zh
    assert [s.entity for s in suspicions(world, "message.scam_text")] == ["go.strange.cn", "+8617900000001"]


def test_one_sender_of_suspicious_texts_to_many(world: World) -> None:
    for i in range(8):
        world.message(NIGHT + i * M, "+8617900000001", world.number(i), f"刷单 {i}")
        world.message(NIGHT + i * M, "95588", world.number(i), f"刷单 {i}")
    assert {s.entity for s in suspicions(world, "message.bulk")} == {"+8617900000001"}


def test_a_listed_sender(world: World) -> None:
    world.list("sender", "106900001")
    world.message(NIGHT, "106900001", world.number(0), "晚上好")
    world.message(NIGHT, "106900002", world.number(1), "晚上好")
    assert [s.person_id for s in signals(world, "message.suspect_sender")] == ["p0"]


def test_a_code_in_a_suspicious_call_and_not_in_another(world: World) -> None:
    world.call(NIGHT, "+00861110", world.number(0), None, "overseas")
    world.call(NIGHT, "+8617900000001", world.number(1), None)
    for i in (0, 1):
        world.message(NIGHT + 3 * M, "95588", world.number(i), "验证码 1234")
    assert [s.person_id for s in signals(world, "message.code_in_call")] == ["p0"]


def test_a_listed_domain_covers_the_hosts_below_it(world: World) -> None:
    world.list("host", "evil.cn")
    for i, host in enumerate(("www.evil.cn", "evil.cn", "devil.cn", "evil.cn.com")):
        world.visit(NIGHT, world.number(i), host)
    assert [s.person_id for s in signals(world, "visit.listed_host")] == ["p0", "p1"]


def test_a_suspicious_name_counts_until_too_many_ask_for_it(world: World) -> None:
    for i in range(60):
        world.visit(NIGHT + i * S, world.number(i), "fake-shop.cn")
    assert 10 <= len(signals(world, "visit.suspect_host")) < 30


def test_a_shared_screen_counts_with_a_stranger_only(world: World) -> None:
    world.call(NIGHT, "+00861110", world.number(0), None, "overseas")
    world.call(NIGHT - 25 * H, world.number(2), world.number(1), 60)
    world.call(NIGHT, world.number(2), world.number(1), None)
    for i in (0, 1, 3):
        world.visit(NIGHT + 5 * M, world.number(i), "todesk.com")
    found = signals(world, "visit.screen_share_in_call")
    assert [(s.person_id, s.millibits > 0, s.urgent) for s in found if s.millibits] == [("p0", True, True)]


def test_several_banks_in_one_call_weigh_more(world: World) -> None:
    world.call(NIGHT, "+00861110", world.number(0), None, "overseas")
    world.visit(NIGHT + 5 * M, world.number(0), "m.icbc.com.cn")
    world.visit(NIGHT + 6 * M, world.number(0), "www.ccb.com")
    bits = [s.millibits for s in signals(world, "visit.bank_in_call")]
    assert len(bits) == 2
    assert bits[1] > bits[0]


def test_a_rare_site_after_a_contact(world: World) -> None:
    world.message(NIGHT, "+8617900000001", world.number(0), "刷单")
    for i in (0, 1):
        world.visit(NIGHT + 20 * M, world.number(i), "rare.cn")
    assert [s.person_id for s in signals(world, "visit.after_contact")] == ["p0"]


def test_a_transfer_to_a_listed_account_is_urgent_when_requested(world: World) -> None:
    world.list("account", "99001")
    world.transfer(NIGHT, world.account(0), "99001", 20_000, settle=False)
    alerts: list[Alert] = world.alerts()
    assert [(a.level, a.stage, a.raised_at) for a in alerts] == [("urgent", "transfer", NIGHT)]


def test_moving_money_between_own_accounts_is_innocent(world: World) -> None:
    for i in range(5):
        world.transfer(NIGHT + i * M, world.account(0), world.account(0, 1), 190_000)
    assert world.alerts() == []


def test_a_mule_is_emptied_and_a_landlord_is_not(world: World) -> None:
    for i in range(6):
        world.transfer(NIGHT + i * 40 * M, world.account(i), "99001", 3000)
        world.transfer(NIGHT + i * 40 * M + 5 * M, "99001", "99002", 2990)
        world.transfer(NIGHT + i * 40 * M, world.account(i), "88001", 3000)
    found = {s.entity: s for s in suspicions(world, "transfer.mule")}
    assert found["99001"].millibits >= 8000
    assert "88001" not in found
    assert "近1小时2笔6,000元，7天6笔18,000元，来自6个账户，单笔3,000元至3,000元" in found["99001"].text_zh
    assert (
        "18,000 yuan in seven days from 6 accounts, 3,000 yuan to 3,000 yuan each" in found["99001"].text_en
    )
    assert "7天已转出14,950元至1个账户，近1小时2,990元" in found["99001"].text_zh


def test_a_firm_is_held_to_what_it_took_in_the_days_before(world: World) -> None:
    weights = load_weights().detectors["transfer.mule"].millibits
    world.firms = {"99001", "99002"}
    for firm, before in (("99001", 200), ("99002", 18_000)):
        for day in range(4):
            world.transfer(NIGHT + day * 24 * H, world.account(9), firm, before)
        for i in range(6):
            at = NIGHT + 4 * 24 * H + i * 40 * M
            world.transfer(at, world.account(i), firm, 3_000)
            world.transfer(at + 5 * M, firm, "88002", 2_990)
    most: dict[str, int] = {}
    for found in suspicions(world, "transfer.mule"):
        most[found.entity] = max(found.millibits, most.get(found.entity, 0))
    assert most["99001"] - most["99002"] == weights["corporate_unusual"] - weights["corporate"]


def test_what_a_suspected_account_sends_makes_the_next_one_suspect_once_it_goes_on(world: World) -> None:
    world.list("account", "99001")
    world.transfer(NIGHT, "99001", "99002", 9_000)
    world.transfer(NIGHT, "99001", "99003", 9_000)
    world.transfer(NIGHT + 10 * M, "99002", "99004", 8_800)
    world.transfer(NIGHT + 3 * H, "99003", "99005", 8_800)
    most: dict[str, int] = {}
    for found in suspicions(world, "transfer.layer"):
        most[found.entity] = max(found.millibits, most.get(found.entity, 0))
    assert most["99002"] >= 8_000
    assert 0 < most["99003"] < 8_000, "it kept the money"
    assert most.get("99004", 0) < 8_000, "nothing has gone on"


def test_a_victim_whom_a_gang_pays_its_gains_is_no_layer(world: World) -> None:
    world.list("account", "99001")
    world.transfer(NIGHT, world.account(0), "99001", 1_000)
    world.transfer(NIGHT + H, "99001", world.account(0), 1_200)
    world.transfer(NIGHT + H + 10 * M, world.account(0), "99002", 1_200)
    world.transfer(NIGHT + H, "99001", world.account(1), 60)
    assert suspicions(world, "transfer.layer") == []


def test_consolidation_needs_a_contact_before_it(world: World) -> None:
    world.police_story(NIGHT)
    for person in (0, 1):
        world.transfer(NIGHT + 30 * M, world.account(person, 1), world.account(person), 50_000)
    assert {s.person_id for s in signals(world, "transfer.consolidation")} == {"p0"}


def test_a_first_payee_counts_after_signs_of_a_scam(world: World) -> None:
    world.police_story(NIGHT)
    for person in (0, 1):
        world.transfer(NIGHT + 30 * M, world.account(person), "99001", 50_000)
    assert {s.person_id for s in signals(world, "transfer.first_payee")} == {"p0"}


def test_small_money_in_and_rising_money_out(world: World) -> None:
    for i in range(2):
        world.transfer(NIGHT + i * H, f"9900{i}", world.account(0), 20)
    world.transfer(NIGHT + 3 * H, world.account(0), "99010", 300)
    world.transfer(NIGHT + 4 * H, world.account(0), "99011", 3000)
    found = signals(world, "transfer.small_inflow")
    assert [s.stage for s in found] == ["lure", "transfer", "transfer"]
    assert "递增" in found[-1].text_zh


def test_what_victims_share_is_suspected_and_what_everybody_shares_is_not(world: World) -> None:
    for i in range(3):
        at = NIGHT + i * H
        world.call(at, f"+0086111{i}", world.number(i), 30 * 60, "overseas")
        world.visit(at + 5 * M, world.number(i), "todesk.com")
        world.visit(at + 10 * M, world.number(i), "strange.cn")
    for i in range(20):
        world.visit(NIGHT + 5 * H, world.number(20 + i), "local.cn")
    for i in range(3):
        world.visit(NIGHT + 6 * H, world.number(i), "local.cn")
    assert {s.entity for s in suspicions(world, "person.shared_contact")} == {"strange.cn"}


def test_over_the_net_a_shared_screen_is_urgent_and_a_bank_is_not(world: World) -> None:
    world.call(NIGHT, "+8676300000001", world.number(0), None, "voip")
    world.visit(NIGHT + 5 * M, world.number(0), "todesk.com")
    world.visit(NIGHT + 6 * M, world.number(0), "m.icbc.com.cn")
    assert [s.urgent for s in signals(world, "visit.screen_share_in_call")] == [True]
    assert [s.urgent for s in signals(world, "visit.bank_in_call")] == [False]
