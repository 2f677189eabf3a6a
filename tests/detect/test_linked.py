"""What addresses add to the words of a text: much where they are odd, little the other way."""

import numpy as np
import pytest

from qingdun.detect.linked import MOST, with_links
from qingdun.detect.sites.model import SiteModel


def _odds(texts: list[str | None], start: float = 0.1) -> list[float]:
    """How often as likely each text is after its links as before."""
    found = with_links(SiteModel.load(), texts, np.full(len(texts), start))
    return (found / (1 - found) * (1 - start) / start).tolist()


def test_a_look_alike_raises_and_the_true_domain_lowers() -> None:
    alike, true = _odds(
        ["【建设银行】请登录 ccb-anquan.top 更新", "【建设银行】请登录 https://ebank.ccb.com/x 更新"]
    )
    assert alike == pytest.approx(np.exp(MOST))
    assert true == pytest.approx(np.exp(-MOST))


def test_one_odd_host_among_known_ones_counts() -> None:
    assert _odds(["公众号 mp.weixin.qq.com/s/a ，办理请进 ccb-anquan.top"])[0] > 2


def test_a_name_by_itself_clears_nobody() -> None:
    assert _odds(["点 t.example/a 领取", "戳 dwz.cn/abc 查看"]) == [1, 1]


def test_where_no_host_is_named_nothing_changes() -> None:
    texts = [None, "", "明天见", "文件名 报价单.docx 请查收", "发到 someone@ccb-anquan.top", "版本 3.14"]
    assert _odds(texts) == pytest.approx([1] * len(texts))
    before = np.array([0.2, 0.7])
    assert with_links(SiteModel.load(), ["好", "行"], before).tolist() == before.tolist()


def test_what_is_certain_stays_a_probability() -> None:
    found = with_links(SiteModel.load(), ["去 ccb-anquan.top", "去 ebank.ccb.com"], np.array([1.0, 0.0]))
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (found <= 1).all()
