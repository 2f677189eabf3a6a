"""What is said at the door: every type and stage in both languages, built on the alert's own evidence."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from qingdun.console.alerts.codes import Stage
from qingdun.console.alerts.models import Task
from qingdun.console.visits import words
from qingdun.console.visits.words import load_words, parse_words
from qingdun.contract.codes import scam_types
from qingdun.errors import ConfigurationError
from tests.console.alerts.world import POLICE_EVIDENCE, World
from tests.console.conftest import LogIn
from tests.console.visits.conftest import meet

SHIPPED = json.loads(Path(words.__file__).with_name("words.json").read_text("utf-8"))


@pytest.mark.parametrize("scam_type", scam_types().names)
@pytest.mark.parametrize("stage", Stage.values)
def test_every_type_and_stage_has_words_and_three_questions(scam_type: str, stage: str) -> None:
    speech = load_words().speech(scam_type, stage)
    assert speech.opening
    assert speech.say
    assert len(speech.ask) == 3
    for sentence in (*speech.opening, speech.stage, *speech.say, *speech.ask):
        assert any("\u4e00" <= sign <= "\u9fff" for sign in sentence.zh)
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in sentence.en)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: raw.pop("stages"), "words: found opening, types, expected opening, stages, types"),
        (lambda raw: raw["types"].pop("loan"), "types: found .* expected .*loan"),
        (lambda raw: raw["types"]["loan"]["ask"].pop(), r"types\.loan\.ask: found 2 questions, expected 3"),
        (lambda raw: raw["opening"][1].update(en=" "), r"opening\[1\]\.en: found ' '"),
        (lambda raw: raw["opening"][0].update(zh="点击 http://x.invalid"), r"opening\[0\]\.zh: .* no link"),
        (lambda raw: raw["stages"].update(lure="x"), r"stages\.lure: found 'x'"),
    ],
)
def test_a_file_that_lacks_something_is_refused_with_its_place(change: Any, said: str) -> None:
    raw = copy.deepcopy(SHIPPED)
    change(raw)
    with pytest.raises(ConfigurationError, match=said):
        parse_words(raw)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "words.json"
    broken.write_text("{", "utf-8")
    for path in (broken, tmp_path / "missing.json"):
        with pytest.raises(ConfigurationError, match=path.name):
            load_words(str(path))


@pytest.mark.django_db
def test_the_page_says_the_evidence_of_the_alert_and_the_words_of_the_file(
    client_of: LogIn, world: World, task: Task, settings: Settings, tmp_path: Path
) -> None:
    meet(world, task)
    raw = copy.deepcopy(SHIPPED)
    raw["types"]["police"]["ask"][0] = {"zh": "本所自己的问题？", "en": "A question of our own?"}
    file = tmp_path / "words.json"
    file.write_text(json.dumps(raw), "utf-8")
    settings.VISIT_WORDS = str(file)
    page = client_of(world.officer).get(f"/m/visit/{task.pk}/").content.decode()
    said = page[page.index('class="card words"') : page.index('id="visit"')]
    assert "本所自己的问题？" in said
    weightiest = sorted(POLICE_EVIDENCE, key=lambda piece: -piece.bits)[:3]
    assert all(f"<li>{piece.text_zh}。</li>" in said for piece in weightiest)
    why = page[page.index("<summary>依据") :]
    why = why[: why.index("</details>")]
    assert all(piece.text_zh in why for piece in weightiest)
    assert "muted" not in why, "bits are for the desk"
    assert load_words().stages["transfer"].zh in said
    # Whoever does not hold the task has nothing to say at the door.
    assert 'class="card words"' not in client_of(world.colleague).get(f"/m/visit/{task.pk}/").content.decode()
