"""How entities are written, what is never blocked, and the table of moves."""

# ruff: noqa: E501 (tables read better in few lines)

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils.translation import override

from qingdun.console.alerts.codes import DETECTORS, detector_label
from qingdun.console.kernel.roles import Role
from qingdun.console.lists import moves, rules
from qingdun.console.lists.codes import EntityKind, ListName
from qingdun.console.lists.drawing import moves_section
from qingdun.console.lists.moves import MOVES, OPEN, State
from qingdun.console.lists.never import why
from qingdun.console.lists.normal import normal
from qingdun.detect.catalogue import CATALOGUE
from qingdun.errors import IllegalMove, InputError, NotPermitted
from qingdun.intercept.never import NeverBlock


@pytest.mark.parametrize(
    ("kind", "typed", "written"),
    [
        ("number", "+86 172-5801-0001", "+8617258010001"),
        ("number", "８６17258010001", "+8617258010001"),
        ("number", "'+00852170990001", "+00852170990001"),
        ("number", "0763-3361234", "07633361234"),
        ("sender", "106 0000 0077", "10600000077"),
        ("sender", "17258010001", "+8617258010001"),
        ("sender", "CMBC", "CMBC"),
        ("host", "HTTPS://Pay.Example.INVALID./a", "pay.example.invalid"),
        ("host", "例子.invalid", "xn--fsqu00a.invalid"),
        ("host", "hxxp://a[.]example[.]invalid", "a.example.invalid"),
        ("host", "203.0.113.7:8080", "203.0.113.7"),
        ("account", "6200 0000 0000 0017", "6200000000000017"),
        ("account", "someone@pay.invalid", "someone@pay.invalid"),
        ("device", "35 000000 000000 1", "350000000000001"),
    ],
)
def test_an_entity_is_written_in_one_way(kind: str, typed: str, written: str) -> None:
    assert normal(kind, typed) == written
    assert normal(kind, written) == written


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("number", ""), ("number", "not a number"), ("number", "12"), ("host", "localhost"), ("host", "a..b.invalid"),
        ("host", "exa mple.invalid"), ("host", "-bad-.invalid"), ("account", "6.22202E+18"), ("account", "12"),
        ("device", "1;2"), ("sender", "a" * 30), ("host", "\ud800.invalid"),
    ],
)  # fmt: skip
def test_what_is_no_entity_is_refused_in_words(kind: str, typed: str) -> None:
    with pytest.raises(InputError):
        normal(kind, typed)


@pytest.mark.parametrize(
    ("kind", "entity"),
    [
        *(("number", number) for number in ("110", "119", "120", "12345", "96110", "95588", "10086", "955888")),
        *(("number", number) for number in ("010-110", "0757-120", "075712345", "021-95588", "86-110", "86119")),
        *(("sender", sender) for sender in ("95588", "12110", "106980095588", "10655796110", "10010")),
        *(
            ("host", host)
            for host in (
                "gov.cn", "www.gdqy.gov.cn", "com.cn", "co.uk", "github.io", "pages.dev", "qq.com", "mp.weixin.qq.com",
                "m.icbc.com.cn", "alipay.com", "aliyuncs.com", "t.cn", "tsinghua.edu.cn", "baidu.com",
            )
        ),
    ],
)  # fmt: skip
def test_services_banks_government_and_shared_names_are_never_blocked(kind: str, entity: str) -> None:
    assert why(NeverBlock(), kind, normal(kind, entity))


@pytest.mark.parametrize(
    ("kind", "entity"),
    [
        ("number", "+8617258010001"), ("number", "+00861110"), ("number", "+8695588"), ("number", "075781234567"), ("sender", "10600000077"),
        ("host", "icbc.com.cn.bad.invalid"), ("host", "bad.github.io"), ("host", "bucket.oss-cn-x.aliyuncs.com"),
        ("host", "bad.example.com.cn"), ("host", "203.0.113.7"), ("account", "6200000000000017"), ("device", "110110"),
    ],
)  # fmt: skip
def test_what_imitates_them_may_be_blocked(kind: str, entity: str) -> None:
    assert why(NeverBlock(), kind, entity) == ""


def test_the_citys_own_are_protected_with_what_lies_above_and_below_them() -> None:
    never = NeverBlock.of([("host", "app.hospital.example.cn"), ("number", "+867633361234")])
    for host in ("app.hospital.example.cn", "x.app.hospital.example.cn", "hospital.example.cn", "example.cn"):
        assert never.group("host", host), host
    assert not never.group("host", "other.example.cn")
    assert never.group("number", "+867633361234")
    assert not never.group("sender", "+867633361234")


def test_every_kind_has_a_term_on_every_list_and_black_ends() -> None:
    for kind in EntityKind.values:
        for name in ListName.values:
            length = rules.term(name, kind)
            assert (length is not None) or name == ListName.NEVER_BLOCK
            assert length is None or length <= rules.longest()


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.verb)
def test_only_the_table_is_legal(move: moves.Move, state: State) -> None:
    role = move.roles[0] if move.roles else Role.CITY_ANALYST
    if state not in move.sources:
        with pytest.raises(IllegalMove):
            moves.check(move.verb, state, role, "因为")
    elif move.roles:
        assert moves.check(move.verb, state, role, "因为") is move
        if move.needs_note:
            with pytest.raises(IllegalMove):
                moves.check(move.verb, state, role, " ")
    for other in set(Role) - set(move.roles):
        with pytest.raises((NotPermitted, IllegalMove)):
            moves.check(move.verb, state, other, "因为")


def test_every_open_state_can_end_and_no_ended_one_moves() -> None:
    for state in State:
        onward = [move for move in moves.legal(state) if move.verb != "put_back"]
        assert bool(onward) == (state in OPEN), "an ended one comes back by an undo alone"


def test_the_page_is_drawn_from_the_table() -> None:
    page = (Path(__file__).parents[3] / "docs" / "lists.md").read_text("utf-8")
    assert moves_section() in page, "run: python -m django draw_list_moves, and put it in docs/lists.md"


def test_every_detector_has_a_name_in_both_languages() -> None:
    codes = {pattern.code for pattern in CATALOGUE}
    assert set(DETECTORS) == codes
    with override("zh-hans"):
        chinese = {detector_label(code) for code in codes}
    with override("en"):
        english = {detector_label(code) for code in codes}
    assert len(chinese) == len(english) == len(codes)
    assert not (chinese & english) | (chinese & codes)
