"""No number of a person is legible, however it is written; dates, times, hosts and sums of money are."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from qingdun.console.kernel.masking import mask_text

DIGIT = st.sampled_from("0123456789")
BETWEEN = st.sampled_from(["", "", " ", ".", "_", "-", "/", ":", "·"])
BEFORE = st.sampled_from(["", "mobile", "电话", "call ", "（", "to:", "A-", "+", "a.example "])
AFTER = st.sampled_from(["", ".Then", "，转账", " call", "）", "号", "X", ".com", "a"])
LEGIBLE = re.compile(r"(?:19|20)\d\d[-/.]|\d\d?[-/.]\d\d? |\d:\d\d|\d+\.\d+\.\d+\.\d")
"""What looks like the beginning of a date, a time or an internet address."""


@example("", [("1", ""), ("2", ""), ("3", ""), ("4", "-"), ("5", "."), ("6", ""), ("7", "")], "8", ".com")
@given(BEFORE, st.lists(st.tuples(DIGIT, BETWEEN), min_size=7, max_size=24), DIGIT, AFTER)
def test_a_run_of_seven_digits_is_masked_however_it_is_written(
    before: str, run: list[tuple[str, str]], last: str, after: str
) -> None:
    written = "".join(digit + sign for digit, sign in run) + last
    assume(not LEGIBLE.search(written))
    left = sum(sign.isdecimal() for sign in mask_text(before + written + after))
    assert left <= (10 if before == "+" else 7)
    assert left < sum(sign.isdecimal() for sign in written)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24 12:30:05 至 2026-11-25 09:00",
        "11-24 12:30",
        "67,000.50元，1,234,567.00，¥1234567.50，12345678元，670万",
        "95588、10086",
        "见 a1.bank-95588.example 与 192.168.100.100",
        "任务 123456 在 441881",
    ],
)
def test_dates_times_sums_hosts_and_short_codes_stay(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("138.0000.1234", "138****1234"),
        ("138_0000_1234", "138****1234"),
        ("mobile13800001234", "mobile138****1234"),
        ("6222021234567890.Then", "****7890.Then"),
        ("13800001234元", "138****1234元"),
        ("13800001234.com", "138****1234.com"),
        ("6222021234567890 67,000.50元", "****7890 67,000.50元"),
        ("１３８００００１２３４", "１３８****１２３４"),
    ],
)
def test_ways_to_write_a_number(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_what_is_shown_stays_and_nothing_that_holds_it() -> None:
    assert mask_text("打12345678.com。", {"12345678.com"}) == "打12345678.com。"
    assert mask_text("+86 138 0000 1234", {"+8613800001234"}) == "+86 138 0000 1234"
    assert "3800001234" not in mask_text("613800001234", {"13800001234"})


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("验证码123456，请勿告诉他人", "验证码******，请勿告诉他人"),
        (
            "尾号1234的卡支付5,000.00元，动态验证码 884213（勿泄露）",
            "尾号1234的卡支付5,000.00元，动态验证码 ******（勿泄露）",
        ),
        ("123456（登录验证码），5分钟内有效", "******（登录验证码），5分钟内有效"),
        ("8842是您的校验码", "****是您的校验码"),
        ("Your verification code is 123-456.", "Your verification code is *******."),
        ("验证码已发送至13800001234", "验证码已发送至138****1234"),
        (
            "验证码 2026-11-29 前有效，10分钟内 转账验证码5000元",
            "验证码 2026-11-29 前有效，10分钟内 转账验证码5000元",
        ),
        ("客服95588。2026年11月", "客服95588。2026年11月"),
    ],
)
def test_a_one_time_code_is_nobody_s_to_read(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_names_are_masked() -> None:
    assert mask_text("张小明说，欧阳修远在旁", names=["张小明", "欧阳修远", "张"]) == "张**说，欧阳**在旁"
