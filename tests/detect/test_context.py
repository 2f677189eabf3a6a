"""What stands beside an alert is said in words, without the signs of the plain spelling."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from qingdun.detect.context import Context
from qingdun.detect.evidence import Event, TextVerdict


@pytest.mark.parametrize(
    ("phrases", "zh", "en"),
    [
        (("点击◎领取", "先交◇元"), "：“点击…领取”、“先交…元”", ": “点击…领取”, “先交…元”"),
        (("◎◇", "刷单"), "：“刷单”", ": “刷单”"),
        (("◎◇",), "", ""),
    ],
)
def test_phrases_of_a_message_are_quoted(phrases: tuple[str, ...], zh: str, en: str) -> None:
    verdict = TextVerdict(0.9, "phishing", phrases, (), False)
    row = SimpleNamespace(sender="10690001", recipient="+8613800000000")
    line = SimpleNamespace(person_id="p0")
    view = SimpleNamespace(line=lambda _number: line, follows=lambda _person: True)
    context = Context()
    context.record(
        cast(Event, SimpleNamespace(flow="messages", at=1, row=row, verdict=verdict)), cast(Any, view)
    )
    assert [(one.text_zh, one.text_en) for one in context.of("p0")] == [
        (f"可疑短信，来自10690001{zh}", f"suspicious message from 10690001{en}")
    ]
