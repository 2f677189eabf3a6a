"""What is true of every reason a detector gives: an officer can say it aloud at a door, in both languages."""

from __future__ import annotations

import re
from functools import cache

import pytest

from qingdun.contract.tables import Alert
from qingdun.detect.catalogue import CATALOGUE
from qingdun.detect.evidence import Signal, Suspicion
from qingdun.detect.pattern import Pattern
from qingdun.detect.words import listed_for, quote, site
from tests.detect.listening import all_said
from tests.run.world import START, H, M, World

LONGEST_ZH, LONGEST_EN = 90, 230
"""Characters of one reason. Of a suspect, who is read of and not told aloud, twice as many."""
JARGON = re.compile(
    r"\bbits?\b|比特|likelihood|posterior|prior\b|后验|先验|似然|[a-z]+\.[a-z]+_[a-z]+|_|None|nan\b|[◎☏◇{}\n]",
    re.IGNORECASE,
)
FIGURE = re.compile(r"\+?\d[\d,.]*\d|\+?\d|[a-z0-9-]+(?:\.[a-z0-9-]+)+|“[^”]*”")
SPAN = re.compile(r"24小时|(?<=近)10分钟|(?<=[近、])1小时|(?<=、)1天|7天")
"""Spans of time that never change; English spells them out."""
SUBJECTS = re.compile(r"(?:the person|the officer's call|a |an? one-time|\d+ (?:other callers|strangers)) ?")
LONG = "a" * 30 + "." + "b" * 40 + ".fake.cn"
TWO_LONG = "www." + "a" * 20 + "-fake-" + "c" * 30 + ".com.cn"
"""A host of which the registered domain itself is too long to be told."""
LETTERS = "abcdefghijklmnopqrstuvwxyz-0123456789"
LISTED = (("number", "+44700000001"), ("sender", "95588"), ("host", "b.cn"), ("account", "9900000001"))
LISTED_FOR = "用户举报多次\n冒充客服退款，" + "详见卷宗" * 20


@cache
def everything() -> dict[str, list[Signal | Suspicion]]:
    """What every detector says of a busy world in which names are long and reasons of lists are stories."""
    world = World(12)
    world.everyday(5, hours=12, events=900)
    world.strangers(5, hours=12, events=900)
    world.police_story(START + 3 * H)
    for minute in (13, 20):
        world.tried(START + 3 * H + minute * M, 0, "forwarded")
    for person in range(4):
        at = START + (4 + person) * H
        for host in (LONG, TWO_LONG):
            world.visit(at, world.number(person), host)
            world.message(at, "+8617900000001", world.number(person), f"刷单 {host}")
    for kind, entity in LISTED:
        world.list(kind, entity)
    world.listed = [one._replace(reason=LISTED_FOR) for one in world.listed]
    return all_said(world)


every_detector = pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.code)


def test_most_detectors_are_heard() -> None:
    silent = {code for code, said_of in everything().items() if not said_of}
    assert len(silent) <= len(CATALOGUE) // 4, silent


@every_detector
def test_is_short_and_plain(kind: type[Pattern]) -> None:
    for found in everything()[kind.code]:
        times = 1 if isinstance(found, Signal) else 2
        assert len(found.text_zh) <= times * LONGEST_ZH, found.text_zh
        assert len(found.text_en) <= times * LONGEST_EN, found.text_en
        for text in (found.text_zh, found.text_en):
            assert not JARGON.search(text), text
            assert LONG not in text
            assert TWO_LONG not in text
            assert LISTED_FOR not in text
            assert text == text.strip(" ，；：,;:")


@every_detector
def test_what_is_told_of_a_person_is_a_sentence_without_percentages(kind: type[Pattern]) -> None:
    for found in everything()[kind.code]:
        if isinstance(found, Signal):
            assert "%" not in found.text_zh + found.text_en, found.text_zh
            assert SUBJECTS.match(found.text_en), found.text_en


@every_detector
def test_both_languages_name_the_same_figures_sites_and_quotes(kind: type[Pattern]) -> None:
    for found in everything()[kind.code]:
        assert sorted(_figures(found.text_zh)) == sorted(_figures(found.text_en)), (
            found.text_zh,
            found.text_en,
        )


def _figures(text: str) -> set[str]:
    return set(FIGURE.findall(SPAN.sub("", text)))


def test_what_others_wrote_is_short_and_marked() -> None:
    assert quote("点击◎领取\n“红包”") == "“点击…领取 红包”"
    assert len(quote("刷单" * 50)) <= 26
    assert quote("◇◎") == ""
    assert listed_for("冒充\n客服") == ("；名单注明“冒充 客服”", "; the list says “冒充 客服”")
    assert listed_for(None) == ("；其行为可疑", "; what it does is suspicious")
    assert listed_for("") == ("", "")


def test_a_long_host_is_told_by_its_end() -> None:
    assert site("m.icbc.com.cn") == "m.icbc.com.cn"
    assert site(LONG) == "…fake.cn"
    assert len(site(LONG)) <= 40
    assert len(site("x" * 200)) <= 40


@pytest.mark.parametrize("suffix", ["cn", "com.cn", "gov.cn", "github.io", "example"])
@pytest.mark.parametrize("below", ["", "www.", "a.b.", "c" * 40 + ".", "d" * 20 + ".e" * 10 + "."])
def test_of_a_registered_domain_the_end_of_the_label_always_stands(below: str, suffix: str) -> None:
    for length in range(1, 64):
        label = (LETTERS * 2)[:length]
        host = f"{below}{label}.{suffix}"
        told = site(host)
        assert len(told) <= 40
        assert told.endswith(f"{label[len(suffix) - 38 :]}.{suffix}")
        assert told.startswith("…") or told == host


def test_a_long_registered_domain_is_told_by_more_than_its_suffix() -> None:
    assert site("b" * 50 + ".com.cn") == "…" + "b" * 32 + ".com.cn"
    host = "psbc-account-verification-notice-centre-safe.gov.cn"
    assert site(host) == "…" + host[-39:]
    assert site(TWO_LONG) == "…" + TWO_LONG[-39:]


def test_the_evidence_of_an_alert_is_what_the_detectors_said() -> None:
    world = World(6)
    world.police_story()
    alerts: list[Alert] = world.alerts()
    assert alerts
    for piece in (piece for alert in alerts for piece in alert.evidence):
        assert not JARGON.search(piece.text_zh + piece.text_en)
        assert SUBJECTS.match(piece.text_en)
