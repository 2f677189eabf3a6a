"""What the screens look for in a text: a quick look first, that must pass over nothing."""

from hypothesis import given
from hypothesis import strategies as st

from qingdun.detect.screens import CODE, holds_code


@given(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(["验证码", "动态密码 1", "Verification CODE 1", "verıfıcatİon code", "编码"]),
    )
)
def test_a_quick_look_finds_the_same_codes(text: str) -> None:
    assert holds_code(text) == (CODE.search(text) is not None)
