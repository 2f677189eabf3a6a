"""What the page of documentation says of settings and moves is what holds."""

from __future__ import annotations

import json
import re
from pathlib import Path

from qingdun.console.funds.moves import MOVES
from qingdun.console.whistles import rules

PAGE = (Path(__file__).parents[3] / "docs" / "whistles.md").read_text("utf-8")


def test_every_setting_is_documented_with_its_value() -> None:
    told = {
        name: json.loads(value)
        for name, value in re.findall(r"^\| `(\w+)` \| `(.+?)` \|", PAGE, re.MULTILINE)
    }
    file = Path(rules.__file__).with_name("rules.json")
    kept = json.loads(file.read_text("utf-8"))
    assert told == {name: value for name, value in kept.items() if name not in ("words", "levels")}


def test_every_move_of_an_order_is_documented() -> None:
    told = re.findall(r"^\| `(\w+)` \| ([a-z, ]+) \| (\w+) \| ", PAGE, re.MULTILINE)
    assert told == [(move.verb, ", ".join(move.sources), move.target.value) for move in MOVES]
