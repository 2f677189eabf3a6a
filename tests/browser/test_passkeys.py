"""A passkey in a real browser that has an authenticator: made after log-in, then logging in by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.conftest import SHOTS, Console, log_in
from tests.console.alerts.world import PASSWORD


@pytest.fixture
def named(console: Console) -> Console:
    """The console by its name: browsers give no passkeys to addresses of digits."""
    address = console.address.replace("127.0.0.1", "localhost")
    return Console(address, console.events, console.environment)


@pytest.fixture
def key_holder(browser: Browser, named: Console) -> Iterator[tuple[Page, CDPSession, str]]:
    """A page whose browser has an authenticator that knows its user, the line to it, and its id."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    errors: list[str] = []
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    line = context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    ident = line.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    yield page, line, ident
    context.close()
    assert not errors


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def test_a_passkey_is_made_after_log_in_and_then_logs_in(
    named: Console, key_holder: tuple[Page, CDPSession, str]
) -> None:
    page, line, ident = key_holder
    log_in(page, named, "county")
    page.goto(f"{named.address}/accounts/2fa/")
    shoot(page, "second-factor")
    page.locator("main a[href*='webauthn']").first.click()
    # Whoever finds an open desk adds no key of their own.
    shoot(page, "confirm")
    expect(page.locator("main a")).to_have_count(0)
    page.fill("main input[name=password]", PASSWORD)
    page.locator("main form.stack button").click()
    expect(page.locator("#mfa_webauthn_add")).to_be_visible()
    shoot(page, "passkey-add")
    page.fill("main input[name=name]", "值班室电脑")
    expect(page.locator("main input[name=passwordless]")).to_be_checked()
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "/webauthn/add" not in url)
    shoot(page, "passkey-made")
    made = line.send("WebAuthn.getCredentials", {"authenticatorId": ident})["credentials"]
    assert [(key["isResidentCredential"], key["rpId"]) for key in made] == [(True, "localhost")]

    page.goto(f"{named.address}/accounts/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("值班室电脑")
    shoot(page, "passkeys")

    page.locator("details.menu summary").click()
    page.locator("form[action='/accounts/logout/'] button").click()
    page.wait_for_url("**/accounts/login/**")
    shoot(page, "log-in")
    page.click("#passkey_login")
    page.wait_for_url("**/alerts/**")
    expect(page.locator("details.menu summary")).to_contain_text("县区员乙")
    used = line.send("WebAuthn.getCredentials", {"authenticatorId": ident})["credentials"]
    assert used[0]["signCount"] > made[0]["signCount"]
