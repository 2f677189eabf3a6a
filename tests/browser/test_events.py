"""The event process as it is served: real cookies, a real socket, and what each role hears on it."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Console, log_in
from tests.console.alerts import world as made

PATIENCE_S = 20
_NEWEST = """
import django
django.setup()
from qingdun.console.kernel.models import LiveEvent
print(LiveEvent.objects.latest("pk").pk)
"""


def cookie_of(browser: Browser, console: Console, user: str) -> str:
    context = browser.new_context()
    page = context.new_page()
    log_in(page, console, user)
    found = "; ".join(f"{c['name']}={c['value']}" for c in context.cookies() if c["name"] == "sessionid")
    context.close()
    return found


def missed(console: Console, cookie: str, since: int) -> tuple[int, list[dict[str, Any]]]:
    """Where the stream stands by now, and the events after `since` that it has told before it said so."""
    request = urllib.request.Request(f"{console.events}?since={since}", headers={"Cookie": cookie})
    events, last = [], 0
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as stream:
        for raw in stream:
            line = raw.decode().strip()
            if line.startswith("id: "):
                last = int(line.removeprefix("id: "))
            elif line == "event: hello":
                break
            elif line.startswith("data: "):
                events.append(json.loads(line.removeprefix("data: ")))
    return last, events


def test_each_role_hears_what_is_theirs_and_nobody_hears_personal_data(
    console: Console, browser: Browser
) -> None:
    users = ("city", "county", "other", "officer", "viewer", "auditor", "system", "elsewhere")
    console.happens("colleagues")
    cookies = {user: cookie_of(browser, console, user) for user in users}
    before, _ = missed(console, cookies["city"], 1)
    console.happens("alert", "phone", "feed")
    (newest,) = console.told(_NEWEST)
    until = time.monotonic() + PATIENCE_S
    while missed(console, cookies["city"], before)[0] < newest:
        assert time.monotonic() < until, "the stream has not heard what stands in the ledger"
    heard, stands = {}, set()
    for user, cookie in cookies.items():
        last, events = missed(console, cookie, before)
        stands.add(last)
        heard[user] = events
        text = json.dumps(events, ensure_ascii=False)
        assert not [
            secret for secret in (made.number(0), made.NAMES[0], "6200000000000017") if secret in text
        ]
    # Everybody stands behind the last event: what they have not been told, they will not be told.
    assert len(stands) == 1
    assert stands.pop() >= newest > before
    of_tasks = {
        user: [e["payload"]["change"] for e in told if e["topic"] == "alerts"] for user, told in heard.items()
    }
    assert of_tasks["city"] == of_tasks["county"] == of_tasks["viewer"]
    assert "opened" in of_tasks["city"]
    assert of_tasks["officer"][0] == "dispatch_straight"
    assert "opened" not in of_tasks["officer"]
    assert of_tasks["other"] == of_tasks["elsewhere"] == []
    assert heard["auditor"] == heard["system"] == []
    feeds = {user for user, told in heard.items() if any(event["topic"] == "feed" for event in told)}
    assert feeds == {"city", "county", "other", "officer", "viewer", "elsewhere"}


@pytest.mark.parametrize("cookie", ["", "sessionid=forged"])
def test_strangers_hear_nothing(console: Console, cookie: str) -> None:
    request = urllib.request.Request(console.events, headers={"Cookie": cookie})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=PATIENCE_S)


_COUNTS_RESETS = """
window.resets = 0;
addEventListener("DOMContentLoaded", () => {
  document.body.addEventListener("live:reset", () => window.resets++);
});
"""


def test_a_page_made_after_a_reset_is_not_told_to_load_again(
    console: Console, open_page: Callable[..., Page]
) -> None:
    """The first page comes from another database: its stream cannot go on from the event that it names."""
    address = f"{console.address}/alerts/?level=medium"
    lost = open_page("city")
    lost.goto("about:blank")
    lost.context.add_init_script(_COUNTS_RESETS)
    text = re.sub(r'data-since="\d+"', 'data-since="999999999"', lost.context.request.get(address).text())
    lost.route(address, lambda route: route.fulfill(body=text, content_type="text/html"))
    lost.goto(address)
    lost.wait_for_function("window.resets === 1")
    later = lost.context.new_page()
    later.goto(address)
    before = later.locator(".row").count()
    console.happens("calm")
    expect(later.locator(".row")).to_have_count(before + 1)
    assert later.evaluate("window.resets") == 0


def test_a_page_is_told_what_happened_while_it_was_on_its_way(
    console: Console, open_page: Callable[..., Page]
) -> None:
    """Whether its stream is opened for it, or stands already for another page of that browser."""

    def made_before(text: str, route: Route) -> None:
        route.fulfill(body=text, content_type="text/html")

    address = f"{console.address}/alerts/?level=urgent"
    first, another = open_page("city"), open_page("city")
    first.goto("about:blank")
    another.goto(address)
    expect(another.locator("#live")).to_have_attribute("data-state", "on")
    joining = another.context.new_page()
    made = [(page, page.context.request.get(address).text()) for page in (first, joining)]
    rows = another.locator(".row")
    before = rows.count()
    console.happens("newcomer")
    expect(rows).to_have_count(before + 1)
    for page, text in made:
        page.route(address, partial(made_before, text))
        page.goto(address)
        expect(page.locator(".row")).to_have_count(before + 1)
