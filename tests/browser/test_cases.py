"""Cases in the browser: every page clean and no wider than its screen; the graph from node to evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.test_pages import DESKTOP, LOOKS, PHONE, look_at, spills

TABLES = "incidents cases solved persons measures gangs broken_up insiders seizures campaigns trips".split()  # noqa: SIM905
PLACES = """(kinds) => {
  const { net, scene } = document.getElementById("graph");
  const { zoom, x, y } = scene.camera;
  return kinds.map((kind) => {
    const node = net.of.kind.indexOf(kind);
    return [net.x[node] * zoom + x, net.y[node] * zoom + y, net.of.label[node]];
  });
}"""
FAR = """() => {
  const { net } = document.getElementById("graph");
  const gang = net.of.kind.indexOf("gang");
  const far = (other) => Math.hypot(net.x[other] - net.x[gang], net.y[other] - net.y[gang]);
  return net.tiesOf(gang).map(({ other }) => Math.round(far(other)));
}"""
NAMESPACE = {"g": "http://graphml.graphdrawing.org/xmlns"}


@pytest.fixture(scope="module")
def cases(console: Console) -> Console:
    """Two cases, a gang of nine, six victims."""
    console.happens(of="tests.browser.seed_cases")
    return console


def pages(page: Page, console: Console) -> dict[str, str]:
    """The pages of the module by name; one of each kind of row."""
    found = {f"cases-{code}": f"/cases/t/{code}/" for code in TABLES}
    found |= {
        "cases-figures": "/cases/figures/",
        "cases-graph": "/cases/graph/",
        "cases-form": "/cases/new/case/",
        "cases-files": "/cases/files/",
    }
    for kind, table in (
        ("case", "cases"),
        ("person", "persons"),
        ("gang", "gangs"),
        ("incident", "incidents"),
        ("campaign", "campaigns"),
    ):
        page.goto(f"{console.address}/cases/t/{table}/")
        found[f"cases-{kind}"] = page.locator("tbody a").first.get_attribute("href") or ""
    found["cases-correct"] = found["cases-case"].replace("/cases/", "/cases/correct/case/", 1)
    return found


def opened(page: Page, console: Console) -> None:
    page.goto(f"{console.address}/cases/graph/")
    page.wait_for_function("() => performance.getEntriesByName('graph-drawn').length")


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_pages_of_cases_are_accessible(
    cases: Console, open_page: Callable[..., Page], theme: str, language: str
) -> None:
    page = open_page("county", DESKTOP, theme, language)
    found: list[str] = []
    for name, address in pages(page, cases).items():
        found += look_at(page, f"{cases.address}{address}", f"{name}-{theme}-{language}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_of_cases_fit_a_phone(cases: Console, open_page: Callable[..., Page], language: str) -> None:
    page = open_page("county", PHONE, "light", language)
    wide: list[str] = []
    for name, address in pages(page, cases).items():
        wide += look_at(page, f"{cases.address}{address}", f"{name}-phone-{language}")
        wide += spills(page, name)
    assert not wide, "\n".join(wide)


def test_the_graph_is_searched_narrowed_and_leads_to_its_rows(
    cases: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("county")
    opened(page, cases)
    rows = page.locator("#g-rows tr")
    everything = rows.count()
    assert everything > 25
    page.fill("#g-find", "演示贩卡")
    expect(rows).to_have_count(1)
    rows.locator("button").click()
    expect(page.locator("#g-title")).to_contain_text("演示贩卡团伙")
    expect(page.locator("#g-ties details")).to_have_count(9)
    page.locator("#g-ties details").first.locator("summary").click()
    expect(page.locator("#g-ties details[open] li a").first).to_have_attribute("href", "/cases/gangs/1/")
    page.fill("#g-find", "")
    # Only around the gang: its nine, and what is two ties away.
    page.locator("#g-focus").click()
    count = page.locator("#g-count")
    expect(count).not_to_have_text(f"{everything} / {everything}")
    assert len(set(page.evaluate(FAR))) == 1, "the nine stand in one ring around their gang"
    page.locator("#g-form [name=kind][value=number]").uncheck()
    page.locator("#g-fit").click()
    numbers = page.evaluate(
        "document.getElementById('graph').net.of.kind.filter((kind) => kind === 'number').length"
    )
    expect(count).to_have_text(f"{everything - numbers} / {everything}")


def test_a_way_is_drawn_and_the_graph_kept_and_taken_away(
    cases: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("county")
    opened(page, cases)
    box = page.locator("#graph").bounding_box()
    assert box is not None
    # The nodes answer where they are drawn.
    gang, card = page.evaluate(PLACES, ["gang", "card"])
    page.mouse.click(box["x"] + gang[0], box["y"] + gang[1])
    expect(page.locator("#g-title")).to_contain_text(gang[2])
    page.locator("#g-from").click()
    page.mouse.click(box["x"] + card[0], box["y"] + card[1])
    expect(page.locator("#g-title")).to_contain_text(card[2])
    page.locator("#g-to").click()
    # Gang, member, case, card.
    expect(page.locator("#g-ties > p")).to_contain_text("3")
    page.locator("#g-pin").click()
    page.fill("#g-note", "同批寄出")
    page.locator("#g-note").press("Enter")
    expect(page.locator("[data-mark=noted]")).to_have_text("同批寄出")
    page.fill("#g-save [name=title]", "六一七专案")
    page.locator("#g-save button").click()
    with page.expect_download() as download:
        page.locator("#g-saved a", has_text="GraphML").click()
    root = ET.parse(Path(str(download.value.path()))).getroot()
    assert "同批寄出" in [one.text for one in root.iterfind(".//g:data[@key='note']", NAMESPACE)]
    with page.expect_download() as download:
        page.locator("#g-saved a", has_text="PNG").click()
    assert Path(str(download.value.path())).read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as download:
        page.locator("#g-file button[value=csv]").click()
    assert "演示贩卡团伙" in Path(str(download.value.path())).read_text("utf-8-sig")


def test_the_view_moves_by_hand_and_by_keys(cases: Console, open_page: Callable[..., Page]) -> None:
    page = open_page("county")
    opened(page, cases)
    camera = "() => ({ ...document.getElementById('graph').scene.camera })"
    before = page.evaluate(camera)
    box = page.locator("#graph").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 65, box["y"] + 45)
    page.mouse.up()
    moved = page.evaluate(camera)
    assert (moved["x"] - before["x"], moved["y"] - before["y"]) == pytest.approx((60, 40))
    page.locator("#graph").focus()
    page.keyboard.press("+")
    assert page.evaluate(camera)["zoom"] == pytest.approx(before["zoom"] * 1.3)
    page.keyboard.press("f")
    assert page.evaluate(camera) == pytest.approx(before)
