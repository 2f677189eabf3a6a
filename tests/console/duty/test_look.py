"""Pages of messages and duty at their sizes, in both themes and languages: nothing for axe to find."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from playwright.sync_api import Page

from tests.browser.conftest import Console, browser, console, ground, open_page
from tests.browser.test_pages import DESKTOP, LOOKS, PHONE, look_at

__all__ = ["browser", "console", "ground", "open_page"]

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="looks the same on every database")
PAGES = (
    ("sms-messages", "/sms/"),
    ("sms-texts", "/sms/texts/"),
    ("sms-text", "/sms/texts/emergency.police/"),
    ("sms-optouts", "/sms/opt-outs/"),
    ("sms-demo", "/sms/demo/"),
    ("duty-now", "/duty/"),
    ("duty-roster", "/duty/roster/"),
    ("duty-handovers", "/duty/handovers/"),
)


@pytest.fixture(scope="module")
def manned(console: Console) -> Console:
    console.happens(of="tests.console.duty.seed")
    return console


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_pages_are_accessible_and_pictured(
    manned: Console, open_page: Callable[..., Page], theme: str, language: str
) -> None:
    found: list[str] = []
    sizes = (
        [(DESKTOP, "")] if (theme, language) != ("light", "zh-hans") else [(DESKTOP, ""), (PHONE, "-phone")]
    )
    for size, mark in sizes:
        city = open_page("city", size, theme, language)
        officer = open_page("officer", size, theme, language)
        for name, address in PAGES:
            page = officer if name in ("duty-roster", "duty-handovers") else city
            look = f"{name}{mark}-{theme}-{language}"
            found += look_at(page, f"{manned.address}{address}", look)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), look
    assert not found, "\n".join(found)
