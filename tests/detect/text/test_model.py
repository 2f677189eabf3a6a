"""The shipped message and dialogue models."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.contract.codes import ScamType
from qingdun.detect.text.model import TextModel
from qingdun.errors import ModelError

SCAMS = [
    (
        "您好，我是某宝客服，您买的童鞋质检不合格给您三倍赔偿，请加微信下载会议软件共享屏幕办理退款",
        "customer_service",
    ),
    ("手机做任务赚佣金，垫付本金立返，做满五单提现，进群领红包", "brushing"),
    ("贷款额度已批，放款前请先交解冻费和保证金，转到指定账户", "loan"),
    ("我是公安局民警，您涉嫌洗钱案，请把资金转到安全账户接受清查", "police"),
    ("跟着老师买内部股票，稳赚不赔，入金三天翻倍，下载平台APP", "investment"),
    ("【建设银行】您的手机银行即将失效，请登录 http://ccb-up.example/ 更新身份信息", "phishing"),
]
ORDINARY = [
    "【建设银行】您尾号1020的储蓄卡5月3日消费支出56.00元，余额1,322.10元",
    "妈，我明天下午的车，晚上到家吃饭",
    "您的快递已放菜鸟驿站，凭取件码6-2-1180领取",
    "验证码 662190，五分钟内有效，请勿告诉他人",
    "今天语文作业背诵第三课，请家长签字",
    "您预约的口腔科门诊在明天上午九点，请提前到分诊台报到",
    "双十二全场五折起，满300减40，退订回T",
    "尊敬的用户，您本月话费余额36.2元，流量剩余2.1GB",
]


@pytest.mark.parametrize(("text", "scam_type"), SCAMS)
def test_clear_scams_stand_out(text: str, scam_type: str) -> None:
    scores = TextModel.load().score([text])
    assert scores.probability[0] > 0.5
    assert scores.scam_type == [scam_type]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_messages_do_not(text: str) -> None:
    assert TextModel.load().score([text]).probability[0] < 0.15


def test_no_text_gets_the_base_rate() -> None:
    model = TextModel.load()
    scores = model.score([None, "", "。。。", "\u200b"])
    assert scores.probability.tolist() == [model.base_rate] * 4
    assert scores.scam_type[0] == "other"


def test_nothing_gives_nothing() -> None:
    scores = TextModel.load().score([])
    assert len(scores.probability) == 0
    assert scores.scam_type == []


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.string_view()]
)
def test_any_string_array_scores_alike(kind: pa.DataType) -> None:
    texts = [SCAMS[0][0], None, "", ORDINARY[0], SCAMS[0][0]]
    model = TextModel.load()
    expected = model.score(texts)
    plain = pa.array(texts, pa.string())
    array = plain.dictionary_encode() if pa.types.is_dictionary(kind) else plain.cast(kind)
    for given_ in (array, pa.chunked_array([array.slice(0, 2), array.slice(2)]), array.slice(0)):
        scores = model.score(given_)
        np.testing.assert_array_equal(scores.probability, expected.probability)
        assert scores.scam_type == expected.scam_type


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=40), st.sampled_from(ORDINARY)), max_size=12), st.data()
)
def test_how_a_batch_is_cut_changes_nothing(texts: list[str | None], data: st.DataObject) -> None:
    model = TextModel.load()
    cut = data.draw(st.integers(0, len(texts)))
    whole = model.score(texts)
    parts = [model.score(texts[:cut]), model.score(texts[cut:])]
    np.testing.assert_array_equal(whole.probability, np.concatenate([p.probability for p in parts]))
    assert whole.scam_type == [kind for p in parts for kind in p.scam_type]
    assert not np.isnan(whole.probability).any()


@given(
    st.lists(st.one_of(st.text(max_size=40), st.sampled_from(ORDINARY)), max_size=12), st.floats(0.5, 0.99)
)
def test_few_texts_are_judged_at_once_as_many_are(texts: list[str], least: float) -> None:
    model = TextModel.load()
    written = [one.encode("utf-8", "replace") for one in [*texts, *(text for text, _kind in SCAMS)]]
    wanted = model.score([one.decode() for one in written]).probability
    found = model.probable(written, least)
    assert list(found) == np.flatnonzero(wanted >= least).tolist()
    np.testing.assert_allclose(list(found.values()), wanted[list(found)], rtol=1e-12)


def test_a_text_of_any_length_is_read() -> None:
    scores = TextModel.load().score(["安全账户" * 200_000, "好" * 6_667 + "x"])
    assert np.isfinite(scores.probability).all()


def test_phrases_are_pieces_that_spoke_for_it() -> None:
    model = TextModel.load()
    phrases = model.phrases("请把钱转到安全账户，配合警官清查，明天天气不错", most=2)
    assert len(phrases) == 2
    assert all(phrase in "请把钱转到安全账户配合警官清查明天天气不错" for phrase in phrases)
    assert model.phrases("") == []
    for name in ("李建国先生", "尊敬的周建行女士", "尊敬的王金贷"):
        said = "".join(model.phrases(f"{name}您涉嫌洗钱，请把钱转到安全账户"))
        assert "洗钱" in said
        assert not {*"建国行金贷"} & {*said}, "nobody is named: phrases are shown to many"


def test_phrases_go_over_no_end_of_a_clause() -> None:
    text = "【某某金】尊敬的用户，您的5万元额度已到账待提，不看征信，登录提现 abc-d.top"
    clauses = ["某某金", "尊敬的用户", "您的◇万元额度已到账待提", "不看征信", "登录提现◎"]
    phrases = TextModel.load().phrases(text)
    assert len(phrases) == 3
    assert [sum(phrase in clause for clause in clauses) for phrase in phrases] == [1, 1, 1]


def test_phrases_are_of_what_was_judged() -> None:
    model = TextModel.load()
    scam = "请把钱转到安全账户配合警官清查"
    bare = model.phrases(scam)
    first = f"{bare[0][:2]}5000{bare[0][2:]}"
    numbered = scam.replace(bare[0], first)
    assert model.score([numbered]).probability == model.score([scam]).probability
    assert model.phrases(numbered) == [first.replace("5000", "◇"), *bare[1:]]
    long = "好" * 7_000
    assert not any("安全" in phrase for phrase in model.phrases(long + bare[0] * 9)), "nobody read so far"


@pytest.mark.parametrize("name", ["messages", "dialogues"])
def test_a_word_by_itself_is_no_evidence(name: str) -> None:
    model = TextModel.load(name)
    words = ["想你", "爱你", "取消", "验证", "是", "b", "万", "做", "扫码", "加5", "安全账户"]
    found = model.score([*words, "点a.example", "加CELLPHONE"]).probability
    assert (found[:-3] <= model.base_rate + 1e-12).all()
    assert (found[-3:] != model.base_rate).all()
    assert not model.probable([word.encode() for word in words[:-1]], 0.5)
    assert model.score(["好的"]).probability < model.base_rate / 2


@pytest.mark.parametrize("name", ["messages", "dialogues"])
def test_shipped_models_say_where_they_come_from(name: str) -> None:
    model = TextModel.load(name)
    assert model.card["sources"]
    assert all(source["licence"] for source in model.card["sources"])
    assert set(model.types) <= set(ScamType)


def test_dialogues_tell_a_scam_call_from_a_delivery() -> None:
    scam = (
        "这里是通信管理局，您名下号码涉嫌诈骗，帮您转接公安局\n我没有啊\n请把存款转到安全账户，不要告诉家人"
    )
    ordinary = "您好，外卖到了，放门口可以吗\n可以，谢谢\n祝您用餐愉快"
    probability = TextModel.load("dialogues").score([scam, ordinary]).probability
    assert probability[0] > 0.5 > 0.2 > probability[1]


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"no")
    with pytest.raises(ModelError, match=r"x\.npz: not a text model"):
        TextModel.read(tmp_path / "x.npz")
    with pytest.raises(ModelError):
        TextModel.load("nothing")


def test_a_model_survives_its_file(tmp_path: Path) -> None:
    model = TextModel.load()
    model.write(tmp_path / "again.npz")
    again = TextModel.read(tmp_path / "again.npz")
    texts = [text for text, _ in SCAMS]
    np.testing.assert_allclose(again.score(texts).probability, model.score(texts).probability, atol=1e-6)
    assert again.score(texts).scam_type == model.score(texts).scam_type
