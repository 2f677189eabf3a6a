"""A live console for the browser: pages and events in processes of their own, a database of its own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from tests.console.alerts.world import PASSWORD
from tests.laid import ROOT, environment, laid

PATIENCE_MS = 30_000
"""How long a page may take until a test gives it up: what a busy machine needs, and nobody waits for it."""
expect.set_options(timeout=PATIENCE_MS)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
SHOTS = ROOT / "var" / "screenshots"


@dataclass
class Console:
    """The address of a running console, and how to make something happen in it from outside."""

    address: str
    events: str
    environment: dict[str, str]
    errors: list[str] = field(default_factory=list)

    doing: subprocess.Popen[str] | None = None
    """The process in which things happen, once one has."""

    def happens(self, *what: str, of: str = "tests.browser.seed") -> None:
        """Each `what` of that program has happened, in this order."""
        self._do(of, what)

    def told(self, program: str) -> tuple[int, ...]:
        """The whole numbers that the lines of Python print of the console's database."""
        return tuple(map(int, self._do(None, [program]).split()))

    def _do(self, module: str | None, words: Sequence[str]) -> str:
        if self.doing is None:
            command = [sys.executable, "-W", "ignore", "-m", "tests.browser.doing"]
            self.doing = subprocess.Popen(
                command, env=self.environment, cwd=ROOT, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        assert self.doing.stdin is not None
        assert self.doing.stdout is not None
        self.doing.stdin.write(json.dumps([module, list(words)]) + "\n")
        self.doing.stdin.flush()
        said, fault = json.loads(self.doing.stdout.readline())
        assert fault is None, fault
        return str(said)

    def close(self) -> None:
        """Nothing happens any more."""
        if self.doing is not None:
            self.doing.communicate(timeout=15)


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> Path:
    """A folder with tables, places and people: laid once in a run, by whichever process is first."""

    def lay(folder: Path) -> None:
        shutil.copytree(tables, folder, dirs_exist_ok=True)
        with closing(Console("", "", environment(folder))) as console:
            console.happens("ground")

    return laid(tmp_path_factory, "ground", lay)


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, ground: Path) -> Iterator[Console]:
    pages, events = _free_port(), _free_port()
    address = f"http://127.0.0.1:{pages}"
    folder = tmp_path_factory.mktemp("console")
    shutil.copytree(ground, folder, dirs_exist_ok=True)
    settings = {
        **environment(folder),
        # Passkeys belong to a name; an address of digits has none.
        "QINGDUN_ORIGINS": f"{address},http://localhost:{pages}",
        "QINGDUN_EVENTS_URL": f":{events}/events",
    }
    live = Console(address, f"http://127.0.0.1:{events}/events", settings)
    granian = [
        sys.executable,
        "-m",
        "granian",
        "--host",
        "127.0.0.1",
        "--log-level",
        "warning",
        "--workers",
        "1",
    ]
    processes = [
        subprocess.Popen([*granian, *rest], env=settings, cwd=ROOT)
        for rest in (
            ["--interface", "wsgi", "--port", str(pages), "qingdun.console.wsgi:application"],
            ["--interface", "asginl", "--port", str(events), "qingdun.console.push:application"],
        )
    ]
    try:
        live.happens("start")
        _wait_for(f"{address}/health", processes)
        yield live
    finally:
        live.close()
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(15)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # No longer than a module: as long as it lives, an event loop runs in this thread.
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, console: Console) -> Iterator[Callable[..., Page]]:
    """A logged-in page of a given size, theme and language; its script errors fail the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(
        user: str, size: tuple[int, int] = (1440, 900), theme: str = "light", language: str = "zh-hans"
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if theme == "dark" else "light",
        )
        contexts.append(context)
        context.add_cookies(
            [
                {"name": "theme", "value": theme, "url": console.address},
                {"name": "django_language", "value": language, "url": console.address},
            ]
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None,
        )
        log_in(page, console, user)
        return page

    yield opened
    for context in contexts:
        for page in context.pages:
            # A context whose page is about to be loaded anew may never close.
            with suppress(Error):
                page.goto("about:blank")
        context.close()
    assert not errors


def log_in(page: Page, console: Console, user: str) -> None:
    page.goto(f"{console.address}/accounts/login/")
    page.fill("input[name=login]", user)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(address: str, processes: list[subprocess.Popen[bytes]]) -> None:
    given_up = time.monotonic() + 6 * PATIENCE_MS / 1000
    while time.monotonic() < given_up:
        assert all(process.poll() is None for process in processes), "a process of the console ended"
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.125)
    raise AssertionError(f"{address} does not answer")
