"""Everything a person reads has its Chinese."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qingdun.console import catalogue

PARTS = sorted(catalogue.PARTS)
PLACEHOLDER = re.compile(r"%\(\w+\)[-+ .0-9]*[a-z]|%%")


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_message_is_translated(part: Path) -> None:
    known = catalogue.read(part)
    used = {message if isinstance(message, str) else message[0] for message in catalogue.messages(part)}
    found = {
        message.id if isinstance(message.id, str) else message.id[0]: message
        for message in known
        if message.id
    }
    assert sorted(used - found.keys()) == [], "run python -m qingdun.console.catalogue, then translate"
    assert sorted(found.keys() - used) == [], "run python -m qingdun.console.catalogue"
    lacking = [key for key, message in found.items() if not message.string or message.fuzzy]
    assert lacking == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_translations_keep_their_placeholders(part: Path) -> None:
    for message in catalogue.read(part):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for string in strings if message.id else ():
            assert sorted(PLACEHOLDER.findall(string)) == sorted(PLACEHOLDER.findall(ids[-1])), ids[0]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_templates_hold_no_bare_chinese(part: Path) -> None:
    """Words stand in the catalogue; the marks of the house (盾, 清盾) are drawings."""
    bare = re.compile(r"[\u4e00-\u9fff]+")
    for source in catalogue.PARTS[part]:
        for path in source.rglob("*.html") if source.is_dir() else ():
            text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", path.read_text("utf-8"), flags=re.DOTALL)
            assert set(bare.findall(text)) <= {"盾", "清盾"}, path.name
