"""Alerts from outside in a browser: raised by keys alone, a list up to its faults, every page pictured."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Console
from tests.browser.test_pages import DESKTOP, LOOKS, PHONE, look_at
from tests.console.whistles.test_lists import WRONG

KNOWN, UNKNOWN = "17258010000", "17258019999"
SEED = "tests.browser.outside"


@pytest.fixture(scope="module")
def outside(console: Console) -> Console:
    """The console with a teller, a security administrator and the golden story at the door."""
    console.happens("start", of=SEED)
    return console


class Keys:
    """A keyboard that counts its strokes."""

    def __init__(self, page: Page) -> None:
        self.page, self.strokes = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.strokes += 1


def test_alert_is_raised_by_keys_alone(outside: Console, open_page: Callable[..., Page]) -> None:
    page = open_page("teller")
    page.goto(f"{outside.address}/")
    expect(page.locator("#who")).to_be_focused()
    keys = Keys(page)
    keys.press(*KNOWN)
    expect(page.locator(".match")).to_contain_text("郑**")
    keys.press("Enter", "4")
    expect(page.locator("input[name=type][value=police]")).to_be_checked()
    keys.press("p", "Enter")
    sent = page.locator(".sent")
    expect(sent).to_contain_text("已并入任务")
    # Eleven digits, on, the type, paying, send.
    assert keys.strokes == 15
    row = page.locator("main tbody tr").first
    expect(row).to_contain_text("+86 172****0000")
    expect(row).to_contain_text("紧急")

    # The next one starts at once, waits for no search, and needs one stroke less for a calm customer.
    expect(page.locator("#who")).to_be_focused()
    keys = Keys(page)
    keys.press(*UNKNOWN, "Enter", "0", "Enter")
    expect(sent).to_contain_text("已新建任务")
    assert keys.strokes == 14
    expect(page.locator("main tbody tr")).to_have_count(2)


def test_name_is_found_and_chosen_by_keys(outside: Console, open_page: Callable[..., Page]) -> None:
    page = open_page("teller")
    page.goto(f"{outside.address}/whistles/")
    expect(page.locator("#who")).to_be_focused()
    page.keyboard.insert_text("何国栋")
    expect(page.locator(".match")).to_contain_text("何**")
    keys = Keys(page)
    keys.press("ArrowDown", "9", "l")
    expect(page.locator("#line")).to_be_focused()
    page.keyboard.insert_text("孩子借手机充值")
    keys.press("Enter")
    expect(page.locator(".sent")).to_be_visible()
    expect(page.locator("main tbody tr").first).to_contain_text("何**")
    assert keys.strokes == 4


def test_whoever_types_before_the_page_has_loaded_is_found(
    outside: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("teller")
    held: list[Route] = []
    page.route("**/built/app.js", lambda route: held.append(route))
    page.goto(f"{outside.address}/whistles/", wait_until="commit")
    page.locator("#who").fill("何国栋")
    page.wait_for_function("() => document.readyState !== 'loading'")
    for route in held:
        route.continue_()
    expect(page.locator(".match")).to_contain_text("何**")


def test_enter_leads_to_what_is_missing(outside: Console, open_page: Callable[..., Page]) -> None:
    page = open_page("teller")
    page.goto(f"{outside.address}/whistles/")
    expect(page.locator("#who")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#who")).to_be_focused()
    page.keyboard.type(UNKNOWN)
    expect(page.locator("select[name=region]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("input[name=type]").first).to_be_focused()
    # Digits now mean types; the number is left as it is.
    page.keyboard.press("3")
    assert page.locator("#who").input_value() == UNKNOWN
    page.keyboard.press("n")
    expect(page.locator("#who")).to_be_focused()


def test_list_goes_from_upload_to_its_faults(outside: Console, open_page: Callable[..., Page]) -> None:
    page = open_page("city")
    page.goto(f"{outside.address}/lists-received/")
    page.fill("#i-origin", "公安部预警平台")
    page.set_input_files(
        "#i-file", {"name": "名单.csv", "mimeType": "text/csv", "buffer": WRONG.encode("gb18030")}
    )
    page.get_by_role("button", name="读取文件").click()
    expect(page.locator("#c-number")).to_have_value("联系电话")
    expect(page.locator(".faults .bad").nth(1)).to_contain_text("紫色")
    page.get_by_role("button", name="导入 9 行").click()
    expect(page.locator("#progress")).to_contain_text("0 / 9")
    outside.happens("tick", of=SEED)
    # The page asks by itself and shows the end without being touched.
    expect(page.locator("main tbody tr")).to_have_count(8)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载文件").click()
    assert "紫色" in download.value.path().read_text("utf-8-sig")


def test_ledger_is_downloaded(outside: Console, open_page: Callable[..., Page]) -> None:
    page = open_page("city")
    page.goto(f"{outside.address}/ledgers/")
    with page.expect_download() as download:
        page.locator(".ledger").first.get_by_role("button", name="XLSX").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert download.value.path().read_bytes().startswith(b"PK")


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_pages_are_accessible_and_pictured(
    outside: Console, open_page: Callable[..., Page], theme: str, language: str
) -> None:
    look = f"{theme}-{language}"
    found: list[str] = []
    teller = open_page("teller", DESKTOP, theme, language)
    teller.goto(f"{outside.address}/whistles/")
    found += look_at(teller, f"{outside.address}/whistles/", f"whistle-{look}")
    teller.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    found += look_at(teller, f"{outside.address}/whistles/", f"whistle-phone-{look}")
    security = open_page("security", DESKTOP, theme, language)
    found += look_at(security, f"{outside.address}/tokens/", f"tokens-{look}")
    city = open_page("city", DESKTOP, theme, language)
    task = _task(city, outside)
    for name, address in (
        ("whistle-city", "/whistles/"),
        ("lists", "/lists-received/"),
        ("list-columns", _fresh_list(city, outside)),
        ("ledgers", "/ledgers/"),
        ("incidents", "/incidents/"),
        ("incident-form", f"/incidents/enter/?task={task}"),
        ("stops", "/funds/"),
        ("stop", "/funds/1/"),
        ("stop-form", f"/funds/enter/?task={task}"),
    ):
        found += look_at(city, f"{outside.address}{address}", f"{name}-{look}")
        city.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        found += look_at(city, f"{outside.address}{address}", f"{name}-phone-{look}")
        wide = city.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not wide, name
        city.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    assert not found, "\n".join(found)


def _task(page: Page, outside: Console) -> str:
    page.goto(f"{outside.address}/alerts/")
    return page.locator(".row", has_text="郑**").first.get_attribute("data-id") or ""


def _fresh_list(page: Page, outside: Console) -> str:
    """Address of a list whose columns wait to be confirmed."""
    page.goto(f"{outside.address}/lists-received/")
    page.fill("#i-origin", "省厅平台")
    page.set_input_files("#i-file", {"name": "list.csv", "mimeType": "text/csv", "buffer": WRONG.encode()})
    page.locator("form.entry button.next").click()
    page.wait_for_url("**/lists-received/*/")
    return page.url.removeprefix(outside.address)
