"""One loss from the report to the refund, page by page: an incident, four layers, stops, a freeze, a gang of
nine and 274 cards, and a part of the money back with three victims to the fen. Nobody in it exists.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.moving import BANK, FIRST, LAST, NAMES, VICTIMS, reply
from tests.browser.test_pages import DESKTOP, PHONE, look_at, settle, shoot, spills

CITY = ZoneInfo("Asia/Shanghai")
FROZEN = "50000.01"
SHARES = ("¥33,500.01", "¥11,728.39", "¥4,771.61")
"""67,000.00, 23,456.78 and 9,543.22 of 100,000.00, out of 50,000.01: the odd fen to the largest remainder."""
GANG = (
    "ringleader",
    "caller",
    "caller",
    "card_opener",
    "card_opener",
    "card_seller",
    "mule",
    "mule",
    "devices",
)
SEED = "tests.browser.seed_money"


def number_in(page: Page) -> int:
    """The last number of the page's address."""
    return int(re.findall(r"\d+", page.url.split("?")[0].removeprefix("http://127.0.0.1"))[-1])


def report(page: Page, console: Console, number: str, yuan: str) -> int:
    """A loss is reported; the id of the incident, the newest of the list."""
    page.goto(f"{console.address}/incidents/enter/")
    page.fill("input[name=number]", number)
    page.select_option("select[name=type]", "police")
    page.fill("input[name=loss]", yuan)
    page.locator("form.entry button.next").click()
    page.wait_for_url("**/incidents/")
    first = page.locator("tbody tr td a").first
    return int(first.inner_text())


def enter_first_account(page: Page, console: Console, incident: int, yuan: str, at: dt.datetime) -> None:
    """The account that was paid goes in, and the bank stops it."""
    page.goto(f"{console.address}/funds/")
    waiting = page.locator("#to-enter li", has=page.locator(f"a[href$='incident={incident}']"))
    expect(waiting.locator("[data-left]")).to_have_text(re.compile(r"\d+ 分"))  # the clock runs
    waiting.get_by_role("link").click()
    page.fill("input[name=account_name]", NAMES[FIRST])
    page.fill("input[name=account]", FIRST)
    page.fill("input[name=bank]", BANK)
    page.fill("input[name=amount]", yuan)
    page.fill("input[name=paid_at]", f"{at:%Y-%m-%dT%H:%M}")
    page.locator("form.entry button.next").click()
    page.get_by_role("button", name="银行已止付").click()
    expect(page.locator("h1 .state")).to_have_text("已止付")
    page.goto(f"{console.address}/funds/")
    expect(page.locator(f"#to-enter a[href$='incident={incident}']")).to_have_count(0)


def fill(page: Page, **typed: str) -> None:
    """A form of cases is filled in and sent."""
    for name, value in typed.items():
        field = page.locator(f"form.entry [name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("form.entry button.next").click()


def take_document(page: Page, kind: str, button: str, folder: Path) -> bytes:
    with page.expect_download() as taken:
        page.locator("section li", has_text=kind).first.get_by_role("button", name=button).click()
    path = folder / taken.value.suggested_filename
    taken.value.save_as(path)
    return path.read_bytes()


def looked_at(open_page: Callable[..., Page], console: Console, addresses: dict[str, str]) -> list[str]:
    """What axe finds on these pages in the dark, and which of them are wider than a phone."""
    page, found = open_page("city", DESKTOP, "dark", "en"), []
    for name, address in addresses.items():
        found += look_at(page, f"{console.address}{address}", f"funds-{name}-dark-en")
    page = open_page("city", PHONE, "light", "zh-hans")
    for name, address in addresses.items():
        page.goto(f"{console.address}{address}")
        settle(page)
        shoot(page, f"funds-{name}-phone-zh-hans")
        found += spills(page, name)
    return found


def test_a_loss_goes_from_the_report_to_the_refund(
    console: Console, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    console.happens("people", of=SEED)
    now = dt.datetime.now(CITY).replace(microsecond=0)
    page = open_page("city")

    # Reported losses become incidents, and the account goes in within half an hour: at most twice.
    incidents = [report(page, console, one.number, one.yuan) for one in VICTIMS]
    for incident, one in list(zip(incidents, VICTIMS, strict=True))[:2]:
        enter_first_account(page, console, incident, one.yuan, now - dt.timedelta(minutes=one.ago_min))
    page.goto(f"{console.address}/funds/enter/?incident={incidents[2]}")
    fill(
        page, account_name=NAMES[FIRST], account=FIRST, amount=VICTIMS[2].yuan,
        paid_at=f"{now - dt.timedelta(minutes=28):%Y-%m-%dT%H:%M}",
    )  # fmt: skip
    expect(page.locator("p.bad")).to_contain_text("2")  # the law allows no third

    # The banks answer, and the trace shows four layers, drawn and as a table.
    page.goto(f"{console.address}/funds/replies/?incident={incidents[0]}")
    page.fill("input[name=origin]", BANK)
    page.set_input_files(
        "input[type=file]",
        {"name": "流水.csv", "mimeType": "text/csv", "buffer": reply(now).encode()},
    )
    page.locator("form.entry button.next").click()
    page.locator("button[name=begin]").click()
    console.happens("tick", of=SEED)
    trace = f"{console.address}/funds/trace/?incident={incidents[0]}"
    page.goto(trace)
    settle(page)
    expect(page.locator("[data-chart=sankey] canvas")).to_be_visible()
    expect(page.locator(".trace-sums dd").nth(2)).to_have_text("4")
    layers = page.locator("#steps tbody tr td:nth-child(2)").all_inner_texts()
    assert {layer for layer in layers if layer != "5"} == {"1", "2", "3", "4"}  # and cash behind them
    expect(page.locator("#places tbody tr", has_text="0105")).to_contain_text("4")

    # Two accounts are stopped in the order proposed.
    proposed = page.locator(".proposals li .figure").all_inner_texts()
    for place in range(2):
        page.goto(trace)
        expect(page.locator(".proposals li .figure").first).to_have_text(proposed[place])
        page.locator(".proposals li .button.next").click()
        page.locator("form.entry button.next").click()
        expect(page.locator("dl")).to_contain_text(proposed[place])
        page.get_by_role("button", name="银行已止付").click()
        expect(page.locator("h1 .state")).to_have_text("已止付")
    stop_page = page.url
    assert take_document(page, "止付", "Word", tmp_path).startswith(b"PK")

    # One is frozen, of all three victims' money in it.
    page.goto(trace)
    page.locator("#places tbody tr", has_text="0105").get_by_role("link", name="冻结").click()
    page.fill("input[name=others]", f"{incidents[1]}，{incidents[2]}")
    page.locator("form.entry[method=get] button").click()
    assert page.locator("p.bad").all_inner_texts() == []
    expect(page.locator("dl")).to_contain_text("¥56,000.00")
    page.fill("input[name=amount]", "56000.01")
    page.get_by_role("button", name="申请冻结").click()
    expect(page.locator("p.bad")).to_contain_text("56,000.00")  # never more than is victims'
    page.fill("input[name=amount]", FROZEN)
    page.get_by_role("button", name="申请冻结").click()
    page.get_by_role("button", name="银行已冻结").click()
    expect(page.locator("h1 .state")).to_have_text("已冻结")
    freeze_page = page.url
    assert LAST not in page.content()
    assert take_document(page, "冻结", "PDF", tmp_path).startswith(b"%PDF")

    # The incidents join a case with a gang of nine; 274 cards are entered as seized.
    page.goto(f"{console.address}/cases/new/case/")
    fill(page, number="清公（刑）立字〔2026〕演练001号", name="模拟冒充公检法案", scam_type="police")
    case = number_in(page)
    for incident in incidents:
        page.goto(f"{console.address}/cases/new/incident/{case}/")
        fill(page, incident=str(incident))
    for index, role in enumerate(GANG):
        page.goto(f"{console.address}/cases/new/person/{case}/")
        fill(
            page,
            identity=f"模拟身份{index:03}",
            name=f"嫌疑人{index}（模拟）",
            role="leader" if not index else role,
        )
    section = page.locator("section", has=page.locator("a[href*='/cases/new/person/']"))
    expect(section.locator("tbody tr")).to_have_count(len(GANG))
    people = section.locator("tbody tr td:first-child").all_inner_texts()
    assert len(people) == len(GANG) == 9
    page.goto(f"{console.address}/cases/new/gang/")
    fill(page, name="模拟团伙甲", kind="fraud")
    gang = number_in(page)
    for person in people:
        page.goto(f"{console.address}/cases/new/member/{gang}/")
        fill(page, person=person, role="other")
    expect(page.get_by_role("heading", name=re.compile("成员"))).to_contain_text("9")
    page.goto(f"{console.address}/cases/new/seizure/{case}/")
    fill(page, kind="phone_card", count="274", place="模拟窝点")
    expect(page.locator("main")).to_contain_text("274")
    expect(page.locator("main")).to_contain_text("模拟团伙甲")
    page.goto(f"{console.address}/cases/t/seizures/?kind=phone_card")
    expect(page.locator("main tbody")).to_contain_text("274")

    # A part of the money goes back to the three, pro rata, to the fen.
    page.goto(freeze_page)
    page.get_by_role("link", name="拟定返还").click()
    expect(page.locator("h2", has_text="按损失比例")).to_be_visible()
    assert page.locator("tbody td.num:last-child").all_inner_texts() == list(SHARES)
    expect(page.locator("tfoot")).to_contain_text("¥50,000.01")
    page.locator("section button.next").click()
    page.get_by_role("button", name="公告").click()
    refund_page = page.url
    console.happens("month", of=SEED)
    page.reload()
    page.get_by_role("button", name="通知返还").click()
    page.get_by_role("button", name="银行已返还").click()
    expect(page.locator("h1 .state")).to_have_text("已返还")
    assert page.locator("tbody td.num:last-child").all_inner_texts() == list(SHARES)
    for button, begins in (("Word", b"PK"), ("PDF", b"%PDF")):
        assert take_document(page, "返还", button, tmp_path).startswith(begins)
    page.goto(freeze_page)
    expect(page.locator("h1 .state")).to_have_text("已返还被害人")
    page.goto(stop_page)
    expect(page.locator("h1 .state")).to_have_text("已止付")

    # Every page of it is clean and fits a phone.
    here = {"stop": stop_page, "freeze": freeze_page, "refund": refund_page, "trace": trace}
    addresses = {name: url.removeprefix(console.address) for name, url in here.items()}
    addresses |= {
        name: f"/funds/{name}/" for name in ("late", "freezes", "refunds", "replies", "movements", "exchange")
    }
    addresses |= {"stops": "/funds/", "enter": f"/funds/enter/?incident={incidents[2]}"}
    assert looked_at(open_page, console, addresses) == []
