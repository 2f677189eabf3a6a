"""Every page at its sizes, in both themes and languages: nothing for axe to find, and a picture to look at.

The pictures go to var/screenshots; with DOCS_PICTURES=1 those of the README are written to docs/pictures, and
contact sheets of every page at every size, theme and language to var/screenshots.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import ROOT, SHOTS, Console
from tests.console.alerts.world import CALLER

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE, WALL = (1440, 900), (390, 844), (1920, 1080)
LOOKS = [
    ("light", "zh-hans"),
    ("dark", "en"),
    pytest.param("dark", "zh-hans", marks=pytest.mark.slow),
    pytest.param("light", "en", marks=pytest.mark.slow),
]
"""Themes and languages of a page: `make test` sees each of them once, `make test-all` every pair."""
WIDEST = """() => [...document.querySelectorAll('main *, header *')]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 4).map(one => one.tagName + '.' + one.className).join(', ')"""
PICTURES = {"desk-light-zh-hans": "desk.png", "visit-light-zh-hans": "phone.png"}


@pytest.fixture(scope="module")
def busy(console: Console) -> Console:
    """The console after the golden story has begun and two others have ended well."""
    console.happens("wall", "alert", "phone", "feed", "colleagues")
    return console


def golden(page: Page, console: Console) -> str:
    """The id of the golden story's task, which the desk shows first."""
    page.goto(f"{console.address}/alerts/")
    return page.locator(".row", has_text="郑**").get_attribute("data-id") or ""


def entity(page: Page, console: Console) -> str:
    """Address of the page of the number that called."""
    page.goto(f"{console.address}/entities/")
    return page.locator("a.entity", has_text=CALLER).first.get_attribute("href") or ""


def everything(page: Page, console: Console) -> dict[str, dict[str, str]]:
    """Every page by user and name; `page` is of somebody who sees the whole city."""
    task = golden(page, console)
    return {
        "city": {
            "desk": f"/alerts/?task={task}",
            "desk-empty": "/alerts/?type=game&level=urgent",
            "task": f"/alerts/{task}/",
            "entities": "/entities/",
            "entity": entity(page, console),
            "person": "/persons/p00/",
            "search": "/search/",
            "second-factor": "/accounts/2fa/",
            "passkeys": "/accounts/2fa/webauthn/",
            "password": "/accounts/password/change/",
            "nothing": "/nowhere/",
        },
        "officer": {"visit": f"/m/visit/{task}/"},
        "auditor": {"audit": "/audit/", "health": "/health/page/"},
        "security": {"users": "/users/"},
    }


@pytest.mark.parametrize(("width", "language"), [(w, code) for w in (360, 768) for code in ("zh-hans", "en")])
def test_no_page_is_wider_than_its_screen(
    busy: Console, open_page: Callable[..., Page], width: int, language: str
) -> None:
    first = open_page("city", (width, 800), "light", language)
    wide = []
    for user, pages in everything(first, busy).items():
        page = first if user == "city" else open_page(user, (width, 800), "light", language)
        for name, address in pages.items():
            page.goto(f"{busy.address}{address}")
            settle(page)
            wide += spills(page, name)
    assert not wide, "\n".join(wide)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("size", [DESKTOP, WALL, (3840, 2160)])
def test_the_wall_shows_all_of_its_figures(
    busy: Console, open_page: Callable[..., Page], size: tuple[int, int], language: str
) -> None:
    page = open_page("viewer", size, "dark", language)
    page.goto(f"{busy.address}/wall/")
    settle(page)
    assert not spills(page, "wall")
    figures = page.locator(".wall .measures dd")
    assert figures.count() >= 4
    for figure in figures.all():
        box = figure.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= size[0]
    page.screenshot(path=SHOTS / f"wall-{size[0]}-{language}.png")


@pytest.mark.skipif("not os.environ.get('DOCS_PICTURES')", reason="pictures to look at, made on demand")
@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_contact_sheets(busy: Console, open_page: Callable[..., Page], theme: str, language: str) -> None:
    look = f"{theme}-{language}"
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width, height in ((360, 800), (768, 1024), (1440, 900)):
        first = open_page("city", (width, height), theme, language)
        shots = []
        for user, pages in everything(first, busy).items():
            page = first if user == "city" else open_page(user, (width, height), theme, language)
            for name, address in pages.items():
                page.goto(f"{busy.address}{address}")
                settle(page)
                path = SHOTS / f"all-{name}-{width}-{look}.png"
                page.screenshot(path=path, full_page=width == 360)
                shots.append(path)
        sheet(first, shots, SHOTS / f"sheet-{width}-{look}.png")
    wall = open_page("viewer", WALL, theme, language)
    wall.goto(f"{busy.address}/wall/")
    settle(wall)
    wall.screenshot(path=SHOTS / f"sheet-1920-{look}.png")


def sheet(page: Page, shots: list[Path], path: Path) -> None:
    """One picture of all the others, side by side."""
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(viewport={"width": 1900, "height": 1000})
    board = context.new_page()
    pictures = "".join(
        f'<figure><figcaption>{shot.stem}</figcaption><img src="data:image/png;base64,'
        f'{b64encode(shot.read_bytes()).decode()}"></figure>'
        for shot in shots
    )
    style = "body{display:flex;flex-wrap:wrap;gap:8px;font:12px sans-serif;background:#888}figure{margin:0}"
    board.set_content(f"<style>{style}img{{width:365px;display:block}}</style>{pictures}")
    board.screenshot(path=path, full_page=True)
    context.close()


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
        ("entity", entity(page, busy)),
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
    page.locator("[data-look=sun]").click()
    found = look_at(page, f"{busy.address}/m/visit/{task}/", "visit-sun")
    assert not found, "\n".join(found)


def look_at(page: Page, address: str, name: str) -> list[str]:
    """The page's picture is taken; what axe finds on it at its full length is returned."""
    page.goto(address)
    settle(page)
    shoot(page, name)
    size = page.viewport_size
    assert size is not None
    height = size["height"]
    # What is as high as a part of the screen grows with it.
    while height < (length := page.evaluate("document.documentElement.scrollHeight")) < 20_000:
        height = length
        page.set_viewport_size({"width": size["width"], "height": height})
    found = findings(page)
    page.set_viewport_size(size)
    return [f"{name}: {one}" for one in found]


def spills(page: Page, name: str) -> list[str]:
    """How wide the open page needs to be, and for which of its parts, if that is wider than its screen."""
    size = page.viewport_size
    assert size is not None
    needs = page.evaluate("document.documentElement.scrollWidth")
    return [f"{name}: {needs} px; {page.evaluate(WIDEST)}"] if needs > size["width"] else []


def settle(page: Page) -> None:
    """Charts and the graph are drawn and animations over."""
    page.wait_for_function(
        "() => (!document.getElementById('graph-page') || performance.getEntriesByName('graph-drawn').length)"
        " && [...document.querySelectorAll('[data-chart]:not([data-chart=trend])')]"
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
