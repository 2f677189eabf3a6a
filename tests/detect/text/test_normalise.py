"""One spelling for every way of writing the same message."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.detect.text import fold, links
from qingdun.detect.text import normalise as normalising
from qingdun.detect.text.normalise import normalise


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ＡＢＣ全角", "abc全角"),
        ("加薇", "加微信"),
        ("加 薇 信", "加微信"),
        ("➕V：abc", "加微信abc"),
        ("徽/信", "微信"),
        ("VX 8888", "微信◇"),
        ("零\u200b宽\ufeff字", "零宽字"),
        ("刷\u3164单", "刷单"),
        ("\u115f刷\u1160单\uffa0", "刷单"),
        ("登录a.exam\u3164ple领取", "登录◎领取"),
        ("銀行賬戶", "银行账户"),
        ("艮行", "银行"),
        ("é̈mail", "email"),
        ("①②③元", "◇元"),
        ("𝐀𝐩𝐩下载", "app下载"),
        ("尾号4118的卡", "尾号◇的卡"),
        ("1,234.50元", "◇元"),
        ("5000000元", "◇元"),
        ("拨打13800000000", "拨打☏"),
        ("186********", "☏"),
        ("010-82610000", "☏"),
        ("2024-05-06", "◇"),
        ("xxxx年xx月xx日", "◇年◇月◇日"),
        ("登录http://a.example/b?c=1领取", "登录◎领取"),
        ("登录www.a.example领取", "登录◎领取"),
        ("请点击a-b.example。", "请点击◎"),
        ("请点击a-b.example。逾期作废", "请点击◎逾期作废"),
        ("登录a-b.com。", "登录◎"),
        ("登录www.a.example. 谢谢", "登录◎谢谢"),
        ("登录10.1.2.3。", "登录◎"),
        ("价3.50。OK", "价◇ok"),
        ("登录 a . example 领取", "登录◎领取"),
        ("登录888点com领取", "登录◎领取"),
        ("登录10.1.2.3/x", "登录◎"),
        ("v1.2版本", "v◇版本"),
        ("so easy.一键在手", "soeasy一键在手"),
        ("点击URLkfo退订", "点击◎退订"),
        ("CELLPHONE NAME女士PLACE DIGIT年", "☏女士◇年"),
        ("加WECHAT", "加微信"),
        ("", ""),
        ("！？…", ""),
    ],
)
def test_spellings(text: str, plain: str) -> None:
    assert normalise(text) == plain


_TRICKY = st.text(
    st.sampled_from(
        [*"加薇信徽微威vxwq+➕点comab.:/ 1380*-,xX元万钅艮行亻言尔◎☏◇URLDIGIT。銀代款刷丹单\u200bé"]
    ),
    max_size=30,
)


@given(st.one_of(st.text(max_size=60), _TRICKY, st.text(st.characters(), max_size=20)))
def test_a_second_time_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_takes_any_code_points(text: str) -> None:
    assert isinstance(normalise(text), str)


def _after(row: list[int], at: int) -> str:
    return "".join(map(chr, row[at : row.index(0, at)]))


def test_no_rewriting_calls_for_itself() -> None:
    rows = [(_after(row, 1), _after(row, fold.PHRASE)) for row in fold.tables().phrases.tolist()]
    rewritten = {old: new for old, new in rows if old != new}
    assert len(rewritten) > 500
    assert max(map(len, dict(rows))) < fold.PHRASE
    for old, new in rewritten.items():
        assert old not in new, (old, new)
        assert normalise(new) == new, (old, new)


class _Counting(list[int]):
    """Code points that count how often they are read."""

    reads = 0

    def __getitem__(self, at: Any) -> Any:
        self.reads += 1
        found = super().__getitem__(at)
        return found if isinstance(at, slice) else int(found)


@pytest.fixture
def interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loops of both modules run as they are written, where reading can be counted."""
    for module in (links, normalising):
        for name, loop in vars(module).items():
            if hasattr(loop, "py_func"):
                monkeypatch.setattr(module, name, loop.py_func)


def _reads(text: str) -> int:
    data = np.frombuffer(text.encode(), np.uint8)
    work, out = (_Counting([0] * len(buffer)) for buffer in normalising.workspace(len(data)))
    normalising.normalise_into(data, 0, len(data), fold.tables(), work, out)
    return work.reads + out.reads


_LENGTHY = (
    lambda n: "aa" + " " * n + "bb",
    lambda n: " " * n + "aa",
    lambda n: "1;" * n,
    lambda n: "一;1;o;" * n + "ob",
    lambda n: "1o1o;" * n + "ob",
    lambda n: "a. " * n,
    lambda n: "a : " * n,
    lambda n: "a 。" * n,
    lambda n: "1点" * n,
    lambda n: "a dot " * n,
    lambda n: "(.)" * n,
    lambda n: "1* " * n,
    lambda n: "yin1" * n,
)


@pytest.mark.parametrize("lengthy", _LENGTHY)
def test_a_text_twice_as_long_takes_twice_the_work(lengthy: Callable[[int], str], interpreted: None) -> None:
    assert _reads(lengthy(160)) < 2.5 * _reads(lengthy(80))
