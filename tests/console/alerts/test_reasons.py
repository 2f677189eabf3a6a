"""Why an entity is suspected, in the reader's language where the engine said it so."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from qingdun.console.alerts.entities import reference
from qingdun.console.alerts.models import Suspect
from qingdun.console.alerts.snapshots import replace_suspects
from qingdun.contract import tables as contract
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

ZH, EN = ("主叫频繁换人", "仅注册 3 天"), ("Calls one stranger after another", "Registered for 3 days only")


@pytest.mark.parametrize(
    ("language", "english", "shown", "hidden"),
    [
        ("zh-hans", EN, ZH, EN), ("en", EN, EN, ZH), ("en", None, (*ZH, "in Chinese"), EN),
    ],
)  # fmt: skip
def test_the_entity_page_tells_why_in_the_readers_language(
    world: World, settings: Settings, log_in: LogIn, language: str, english: tuple[str, ...] | None,
    shown: tuple[str, ...], hidden: tuple[str, ...],
) -> None:  # fmt: skip
    settings.DEMO = True
    replace_suspects(None, [contract.Suspect("host", "scam.invalid", 0.9, "police", 0, ZH, english)])
    world.analyst.language = language
    world.analyst.save()
    client = log_in(world.analyst)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get(f"/entities/{reference(Suspect.objects.get())}/").content.decode()
    assert [word for word in shown if word not in page] == []
    assert [word for word in hidden if word in page] == []
