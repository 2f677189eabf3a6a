"""One key for all copies of a template, and another one for every other text."""

import re
from functools import cache
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.contract.codes import ScamType
from qingdun.detect.text.normalise import normalise
from qingdun.detect.text.template import SIGNIFICANT, template, template_key

_CORPUS = (
    "messages",
    "messages_2026",
    "scam_messages",
    "ordinary_messages",
    "calls",
    "scam_calls",
    "ordinary_calls",
)


@cache
def _corpus() -> tuple[tuple[str, str], ...]:
    folder = resources.files("qingdun.detect.text").joinpath("corpus")
    lines = [
        line.partition("\t")
        for name in _CORPUS
        for line in folder.joinpath(f"{name}.tsv").read_text("utf-8").splitlines()
        if not line.startswith("#")
    ]
    return tuple((kind, text) for kind, _tab, text in lines if text)


_TEXTS = st.one_of(
    st.sampled_from([text for _kind, text in _corpus()]),
    st.text(st.sampled_from([*"加薇信vx王先生女士尊敬的您好一二三万元0123,.-:/ acom銀"]), max_size=40),
    st.text(max_size=60),
)
_NUMBERS = st.from_regex(r"[1-9][0-9]{0,11}", fullmatch=True)
_LINKS = st.from_regex(
    r"(https?://)?[a-z0-9]{1,8}(-[a-z0-9]{1,5})?\.(com|cn|top|xyz)(/[A-Za-z0-9]{0,9})?", fullmatch=True
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("尾号8812的卡积分3,200分今日到期，点 a.example/x 兑换", "尾号０１的卡积分9分今日到期，点 b.cn 兑换"),
        ("尊敬的王女士，您的包裹丢失请联系客服理赔", "尊敬的欧阳小明先生，您的包裹丢失请联系客服理赔"),
        ("尊敬的王小明，您好！您的医保卡已停用请尽快办理", "尊敬的李四您好，您的医保卡已停用请尽快办理"),
        ("尊敬的王小明，您的包裹因地址不详被退回", "尊敬的李四：您的包裹因地址不详被退回"),
        ("您已获批5万元额度，今晚过期，速办", "您已获批三千元额度，今晚过期，速办"),
        ("退款验证码A8F3K2，请告知客服完成三倍赔付", "退款验证码9921，请告知客服完成三倍赔付"),
        ("想赚钱的宝妈加微信abc，一天两百现结不压", "想赚钱的宝妈加V：qwert88，一天两百现结不压"),
        ("轉帳至安全賬戶，否則凍結名下銀行卡", "转\u200b帐至安全账户,否则冻结名下艮行卡"),
    ],
)  # fmt: skip
def test_copies_have_one_key(one: str, other: str) -> None:
    assert template(one) == template(other)
    assert template_key(one) == template_key(other) != ""


def test_who_signs_and_what_is_said_count() -> None:
    said = "您的积分今日到期，请登录 a.example 兑换现金好礼"
    keys = {template_key(text) for text in (f"【甲银行】{said}", f"【乙银行】{said}", f"【甲银行】{said}包")}
    assert len(keys) == 3


@pytest.mark.parametrize(
    "text", ["", "好的", "收到，谢谢！", "验证码 123456", "https://a.example/很长?的=地址", "1" * 500]
)
def test_what_is_too_short_has_no_key(text: str) -> None:
    assert template_key(text) == ""


@given(_TEXTS)
def test_is_the_same_in_every_spelling(text: str) -> None:
    key = template_key(text)
    assert re.fullmatch(r"[0-9a-f]{32}|", key)
    assert template_key(normalise(text)) == key
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in normalise(text))
    assert template_key(wide) == key


@given(st.sampled_from([text for _kind, text in _corpus()]), st.data())
def test_other_numbers_and_links_leave_it(text: str, data: st.DataObject) -> None:
    frame = f"{text[:30]}，金额{{0}}元，电话 {{1}}，链接 {{2}} ，{text[30:]}"
    filled = [
        frame.format(data.draw(_NUMBERS), data.draw(_NUMBERS), data.draw(_LINKS)) if "{" not in text else ""
        for _copy in range(2)
    ]
    assert template_key(filled[0]) == template_key(filled[1])


def test_no_ordinary_text_has_the_key_of_a_scam() -> None:
    types = {scam_type.value for scam_type in ScamType}
    scams = {template_key(text): text for kind, text in _corpus() if kind in types}
    ordinary = {template_key(text): text for kind, text in _corpus() if kind not in types}
    keyed = len(scams) + len(ordinary)
    assert keyed > len(_corpus()) * 0.98, "hardly a text is too short, and hardly two are alike"
    assert {(scams[key], ordinary[key]) for key in scams.keys() & ordinary.keys() - {""}} == set()
    assert all(len(template(text)) >= SIGNIFICANT for key, text in scams.items() if key)
