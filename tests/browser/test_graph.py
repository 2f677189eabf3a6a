"""The gang graph at its full size, under hands: dragged, asked, pinched, expanded, pinned, noted, kept."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console

NODES = 5000
NAMESPACE = {"g": "http://graphml.graphdrawing.org/xmlns"}
GANG = """() => {
  const { net, scene } = document.getElementById("graph");
  const { zoom, x, y } = scene.camera;
  const node = net.of.kind.indexOf("gang");
  const at = [net.x[node], net.y[node]];
  return { node, at, x: at[0] * zoom + x, y: at[1] * zoom + y, zoom, label: net.of.label[node] };
}"""
BARE_TIE = """() => {
  const { net, scene } = document.getElementById("graph");
  const { zoom, x, y } = scene.camera;
  for (let edge = 0; edge < net.ties; edge++) {
    const [from, to] = [net.of.from[edge], net.of.to[edge]];
    const at = [(net.x[from] + net.x[to]) / 2 * zoom + x, (net.y[from] + net.y[to]) / 2 * zoom + y];
    const inside = at[0] > 4 && at[1] > 4 && at[0] < scene.width - 4 && at[1] < scene.height - 4;
    if (inside && scene.nodeAt(...at) < 0 && scene.edgeAt(...at) === edge) {
      const rows = net.of.rows[edge].map((row) => row[0]);
      return { at, count: net.of.count[edge], rows, from: net.of.label[from], to: net.of.label[to] };
    }
  }
}"""
HALF_SHOWN = """() => {
  const { net } = document.getElementById("graph");
  const rows = [...document.querySelectorAll("#g-rows button")].map((one) => Number(one.dataset.node));
  return rows.findIndex((node) => net.tiesOf(node).some(({ other }) => net.nodeOut[other]));
}"""
CAMERA = "() => ({ ...document.getElementById('graph').scene.camera })"


@pytest.fixture(scope="module")
def gangs(console: Console) -> Console:
    """Sixty gangs: more nodes than the graph shows."""
    console.happens(of="tests.browser.seed_gangs")
    return console


def opened(page: Page, console: Console) -> tuple[float, float]:
    """Where the graph stands on the page, once it is drawn."""
    page.goto(f"{console.address}/cases/graph/")
    page.wait_for_function("() => performance.getEntriesByName('graph-drawn').length")
    expect(page.locator("#g-count")).to_contain_text(f"{NODES}")
    box = page.locator("#graph").bounding_box()
    assert box is not None
    return box["x"], box["y"]


def touch(page: Page, *moments: Sequence[tuple[float, float]]) -> None:
    """Fingers go down where the first moment says, move as the others say, and are lifted."""
    session = page.context.new_cdp_session(page)
    for turn, fingers in enumerate(moments):
        points: list[dict[str, Any]] = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(fingers)]
        session.send(
            "Input.dispatchTouchEvent", {"type": "touchMove" if turn else "touchStart", "touchPoints": points}
        )
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_node_is_dragged_and_stays_where_it_was_put(gangs: Console, open_page: Callable[..., Page]) -> None:
    page = open_page("county")
    left, top = opened(page, gangs)
    before = page.evaluate(GANG)
    page.mouse.move(left + before["x"], top + before["y"])
    page.mouse.down()
    page.mouse.move(left + before["x"] + 20, top + before["y"] + 10)
    page.mouse.move(left + before["x"] + 60, top + before["y"] + 30)
    page.mouse.up()
    after = page.evaluate(GANG)
    moved = [(one - other) * before["zoom"] for one, other in zip(after["at"], before["at"], strict=True)]
    assert moved == pytest.approx([60, 30], abs=1)
    expect(page.locator("[data-mark=pinned]")).to_have_count(1)
    assert page.evaluate(CAMERA)["zoom"] == before["zoom"], "the view stood still"


def test_a_tie_that_is_clicked_shows_its_source_rows(gangs: Console, open_page: Callable[..., Page]) -> None:
    page = open_page("county")
    left, top = opened(page, gangs)
    page.locator("#g-rows button").first.click()
    page.locator("#g-focus").click()
    tie = page.evaluate(BARE_TIE)
    page.mouse.click(left + tie["at"][0], top + tie["at"][1])
    said = page.locator("#g-ties > p").first
    expect(said).to_contain_text(tie["from"])
    expect(said).to_contain_text(tie["to"])
    rows = page.locator("#g-ties > ul").first.locator("li")
    expect(rows).to_have_text(
        tie["rows"] + ([f"+{tie['count'] - len(tie['rows'])}"] if tie["count"] > len(tie["rows"]) else [])
    )
    page.locator("#g-ties > ul a").first.click()
    expect(page.locator("h1")).to_be_visible()
    assert "/graph/" not in page.url, "a row leads to its page"


def test_two_fingers_come_nearer_one_moves_and_one_taps(
    gangs: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("county", (390, 844))
    opened(page, gangs)
    page.locator("#graph").scroll_into_view_if_needed()
    box = page.locator("#graph").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    before = page.evaluate(CAMERA)
    apart = [[(middle[0] - wide, middle[1]), (middle[0] + wide, middle[1])] for wide in (30, 60, 90)]
    touch(page, *apart)
    after = page.evaluate(CAMERA)
    assert after["zoom"] == pytest.approx(before["zoom"] * 3, rel=0.02)
    # What was between the fingers still is.
    for axis, size in (("x", box["width"]), ("y", box["height"])):
        point = (size / 2 - before[axis]) / before["zoom"]
        assert point * after["zoom"] + after[axis] == pytest.approx(size / 2, abs=2)
    touch(page, [middle], [(middle[0] + 40, middle[1] - 25)])
    panned = page.evaluate(CAMERA)
    assert (panned["x"] - after["x"], panned["y"] - after["y"]) == pytest.approx((40, -25), abs=1)
    page.locator("#g-fit").click()
    page.locator("#graph").scroll_into_view_if_needed()
    box = page.locator("#graph").bounding_box()
    assert box is not None
    gang = page.evaluate(GANG)
    touch(page, [(box["x"] + gang["x"], box["y"] + gang["y"])])
    expect(page.locator("#g-title")).to_contain_text(gang["label"])
    # The chosen node goes with the finger.
    start = (box["x"] + gang["x"], box["y"] + gang["y"])
    touch(page, [start], [(start[0] + 12, start[1])], [(start[0] + 30, start[1] + 20)])
    expect(page.locator("[data-mark=pinned]")).to_have_count(1)


def test_all_of_it_is_expanded_noted_and_kept_as_picture_and_graphml(
    gangs: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("county")
    opened(page, gangs)
    buttons = page.locator("#g-rows button")
    buttons.first.click()
    page.locator("#g-focus").click()
    few = int(page.locator("#g-count").inner_text().split(" ")[0])
    assert 1 < few < NODES
    buttons.nth(page.evaluate(HALF_SHOWN)).click()
    page.locator("#g-expand").click()
    more = int(page.locator("#g-count").inner_text().split(" ")[0])
    assert few < more < NODES, "what is tied to another node is shown too"
    page.locator("#g-fit").click()
    expect(page.locator("#g-count")).to_contain_text(f"{NODES} ")
    buttons.nth(3).click()
    page.locator("#g-from").click()
    buttons.nth(40).click()
    page.locator("#g-to").click()
    expect(page.locator("#g-ties > p")).to_contain_text("→")
    page.locator("#g-pin").click()
    page.fill("#g-note", "同一批卡")
    page.locator("#g-note").press("Enter")
    page.fill("#g-save [name=title]", "全部团伙")
    page.locator("#g-save button").dblclick()
    saved = page.locator("#g-saved a")
    expect(saved).to_have_count(2)
    with page.expect_download() as download:
        saved.nth(0).click()
    check(ET.parse(Path(str(download.value.path()))).getroot())
    with page.expect_download() as download:
        saved.nth(1).click()
    head = Path(str(download.value.path())).read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert max(struct.unpack(">II", head[16:24])) >= 2000
    page.reload()
    expect(page.locator("ul.log li a[href^='?record']", has_text="全部团伙")).to_have_count(1)


def check(root: ET.Element) -> None:
    """It is GraphML as readers expect it: keys declared, ids unique, ends of edges among the nodes."""
    assert root.tag == f"{{{NAMESPACE['g']}}}graphml"
    keys = {one.get("id"): one for one in root.iterfind("g:key", NAMESPACE)}
    assert all(
        one.get("attr.name") and one.get("attr.type") in ("string", "int", "long") for one in keys.values()
    )
    (graph,) = root.iterfind("g:graph", NAMESPACE)
    assert graph.get("edgedefault") == "undirected"
    nodes = [one.get("id") for one in graph.iterfind("g:node", NAMESPACE)]
    assert len(nodes) == len(set(nodes)) == NODES
    edges = list(graph.iterfind("g:edge", NAMESPACE))
    assert len(edges) > NODES
    assert {one.get(end) for one in edges for end in ("source", "target")} <= set(nodes)
    for about, rows in (("node", graph.iterfind("g:node", NAMESPACE)), ("edge", edges)):
        for row in rows:
            for data in row.iterfind("g:data", NAMESPACE):
                key = keys[data.get("key")]
                assert key.get("for") in (about, "all")
                assert key.get("attr.type") == "string" or int(data.text or "") >= 0
    assert all(one.find("g:data[@key='rows']", NAMESPACE) is not None for one in edges)
    assert [one.text for one in root.iterfind(".//g:data[@key='note']", NAMESPACE)] == ["同一批卡"]
