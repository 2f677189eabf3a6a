"""Every page at its sizes, in both themes and languages: nothing for axe to find, and a picture to look at.

The pictures go to var/screenshots; with DOCS_PICTURES=1 those of the README are written to docs/pictures.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import ROOT, SHOTS, Console

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE, WALL = (1440, 900), (390, 844), (1920, 1080)
LOOKS = [("light", "zh-hans"), ("dark", "zh-hans"), ("light", "en"), ("dark", "en")]
PICTURES = {"desk-light-zh-hans": "desk.png", "visit-light-zh-hans": "phone.png"}


@pytest.fixture(scope="module")
def busy(console: Console) -> Console:
    """The console after the golden story has begun and two others have ended well."""
    console.happens("wall", "alert", "phone", "feed")
    return console


def golden(page: Page, console: Console) -> str:
    """The id of the golden story's task, which the desk shows first."""
    page.goto(f"{console.address}/alerts/")
    return page.locator(".row", has_text="郑**").get_attribute("data-id") or ""


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_pages_are_accessible_and_pictured(
    busy: Console, open_page: Callable[..., Page], theme: str, language: str
) -> None:
    look = f"{theme}-{language}"
    page = open_page("city", DESKTOP, theme, language)
    task = golden(page, busy)
    found: list[str] = []
    desk = ("desk", f"/alerts/?task={task}")
    others = (
        ("desk-empty", "/alerts/?type=game&level=urgent"),
        ("task", f"/alerts/{task}/"),
        ("entities", "/entities/"),
        ("entity", "/entities/number/%2B00852170990001/"),
    )
    for name, address in (desk, *others) if language != "en" else (desk, others[1]):
        found += look_at(page, f"{busy.address}{address}", f"{name}-{look}")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    found += look_at(page, f"{busy.address}/alerts/?task={task}", f"desk-phone-{look}")
    phone = open_page("officer", PHONE, theme, language)
    found += look_at(phone, f"{busy.address}/m/visit/{task}/", f"visit-{look}")
    wall = open_page("viewer", WALL, theme, language)
    found += look_at(wall, f"{busy.address}/wall/", f"wall-{look}")
    assert not found, "\n".join(found)


def test_phone_page_in_bright_sun(busy: Console, open_page: Callable[..., Page]) -> None:
    page = open_page("officer", PHONE, "dark")
    task = golden(page, busy)
    page.goto(f"{busy.address}/m/visit/{task}/")
    page.locator("[data-contrast]").click()
    found = look_at(page, f"{busy.address}/m/visit/{task}/", "visit-sun")
    assert not found, "\n".join(found)


def look_at(page: Page, address: str, name: str) -> list[str]:
    """The page's picture is taken; what axe finds on it at its full length is returned."""
    page.goto(address)
    settle(page)
    shoot(page, name)
    size = page.viewport_size
    assert size is not None
    length = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(length, size["height"])})
    found = findings(page)
    page.set_viewport_size(size)
    return [f"{name}: {one}" for one in found]


def settle(page: Page) -> None:
    """Charts are drawn and animations over."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-chart]:not([data-chart=trend])')]"
        ".every(box => box.dataset.drawn || box.hidden)"
        " && document.getAnimations().every(one => one.playState !== 'running')"
    )


def findings(page: Page) -> list[str]:
    """What axe finds, and where it could not tell that the contrast is enough."""
    page.evaluate(AXE.read_text("utf-8"))  # evaluated, because the page allows no script but its own
    result = page.evaluate("() => axe.run(document, {resultTypes: ['violations', 'incomplete']})")
    found = [(rule, node) for rule in result["violations"] for node in rule["nodes"]]
    unsure = [rule for rule in result["incomplete"] if rule["id"] == "color-contrast"]
    found += [(rule, node) for rule in unsure for node in rule["nodes"] if not _measured(node)]
    return [f"{rule['id']}: {node['html'][:140]} {_why(node)}" for rule, node in found]


def _measured(node: dict[str, Any]) -> bool:
    """Signs such as ■ are not text to axe: they repeat the word beside them, or axe measured them."""
    data = node["any"][0]["data"] if node["any"] else {}
    sign = data.get("messageKey") == "nonBmp" and 'aria-hidden="true"' in node["html"]
    return sign or float(data.get("contrastRatio") or 0) >= 4.5


def _why(node: dict[str, Any]) -> str:
    return str([check["message"][:150] for check in node["any"][:1] + node["all"][:1] + node["none"][:1]])


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
    if os.environ.get("DOCS_PICTURES") and name in PICTURES:
        pictures: Path = ROOT / "docs" / "pictures"
        pictures.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=pictures / PICTURES[name])
