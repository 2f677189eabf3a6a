"""Who speaks is taken off a transcript, however it is marked, and what is said stays."""

import pyarrow as pa
import pytest

from qingdun.evaluate.speakers import without_speakers


@pytest.mark.parametrize(
    "marked",
    [
        "客服：您好，请问是李女士吗\n客户：是我",
        "left: 您好，请问是李女士吗\nright: 是我",
        "【坐席】您好，请问是李女士吗【客户】是我",
        "[说话人1]: 您好，请问是李女士吗\n[说话人2]: 是我",
        "来电者：您好，请问是李女士吗 机主：是我",
        "骗子：您好，请问是李女士吗\n受害人：是我",
        "SPEAKER_00: 您好，请问是李女士吗\nSPEAKER_01: 是我",
        "[00:01]坐席：您好，请问是李女士吗\n[00:04]客户：是我",
        "00:00:01.250 A：您好，请问是李女士吗\r\n00:00:04.000 B：是我",
        "坐席\t您好，请问是李女士吗\n客户\t是我",
        "坐席：您好，请问是李女士吗\r客户：是我",
    ],
)
def test_roles_are_taken_off(marked: str) -> None:
    bare = without_speakers(pa.array([marked])).to_pylist()[0]
    assert [line.strip() for line in bare.split("\n")] == ["您好，请问是李女士吗", "是我"]


@pytest.mark.parametrize(
    "said",
    [
        "您好，我是平台客服，您的客户号是多少",
        "【中国移动】您的套餐已变更",
        "骗子就是这么说的，别信",
        "尊敬的用户您好",
        "用户您好，[00:01]的录音留下了",
    ],
)
def test_words_that_are_no_marks_stay(said: str) -> None:
    assert without_speakers(pa.array([said])).to_pylist() == [said]
