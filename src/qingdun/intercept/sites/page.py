"""The page that stands where a blocked site was: why, since when, until when, and how to appeal, in two
languages. It names the kind of scam and no evidence, and nothing of whoever visits it is kept.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable
from functools import cache
from importlib import resources
from string import Template
from typing import NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from qingdun.contract.codes import scam_types
from qingdun.contract.lists import ListedEntry
from qingdun.detect.sites.hosts import host_of, parents
from qingdun.intercept.copy import Copy, held

BLOCKED, RELEASED = 451, 404
"""Unavailable for legal reasons (RFC 7725); not blocked, or no longer."""


class Page(NamedTuple):
    """What is answered to a visitor."""

    status: int
    text: str
    entry_id: int | None = None


class WarningPage:
    """Finds why a host is blocked, and says so."""

    def __init__(self, copy: Copy, appeal: str, zone: str, clock: Callable[[], int]) -> None:
        """`appeal`: the number to call, or the address of the console's page for appeals; `zone`: of the
        times on the page.
        """
        self._copy, self._appeal, self._zone, self._clock = copy, appeal, ZoneInfo(zone), clock

    def of(self, host: str) -> Page:
        """The page for a visitor who asked for that host."""
        name = host_of(host)[:255]
        found = self._blocking(name) if name else None
        if found is None:
            return Page(RELEASED, _filled(_free(name)))
        return Page(BLOCKED, _filled(self._words(name, found)), found.entry_id)

    def _blocking(self, name: str) -> ListedEntry | None:
        """The entry that blocks the host: its own, else that of the nearest domain above it."""
        try:
            ascii_name = name.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
        with self._copy.reading() as db:
            for parent in parents(ascii_name):
                where = (
                    "entity_kind = 'host' AND entity = ? AND list_name = 'black' AND enforced_at > 0 "
                    "AND until > ? AND entry_id NOT IN (SELECT entry_id FROM refusals)"
                )
                for entry in held(db, where, (parent, self._clock())):
                    return entry
        return None

    def _words(self, host: str, entry: ListedEntry) -> dict[str, str]:
        names = scam_types().names.get(entry.scam_type)
        since, until = self._day(entry.enforced_at), self._day(entry.until)
        number = reference(entry.entry_id)
        way_zh, way_en = _ways(self._appeal, host)
        zh = [
            ("网址", host), ("诈骗类型", names.zh if names else "电信网络诈骗"), ("拦截时间", since),
            ("到期时间", until), ("编号", number),
        ]  # fmt: skip
        en = [
            ("Address", host), ("Kind of scam", names.en if names else "telecom and online fraud"),
            ("Blocked since", since), ("Until", until), ("Number", number),
        ]  # fmt: skip
        return {
            "title_zh": "此网站涉嫌诈骗，已被拦截", "title_en": "This site was blocked: it serves scams",
            "lead_zh": "请勿填写个人信息，请勿转账。如已转账，请立即拨打 110 或 96110。",
            "lead_en": "Enter no personal data and do not pay. If you have paid, call 110 or 96110 at once.",
            "facts_zh": _facts(zh), "facts_en": _facts(en),
            "more_zh": f"如认为拦截有误，可{way_zh}或到就近派出所提出申诉，"
                       f"并告知编号 {number}。申诉由公安机关核查，确属误拦的立即解除。",
            "more_en": f"If you think this is wrong, {way_en} or go to any police "
                       f"station, and give the number {number}. The police will look into it, and lift a "
                       "wrong block at once.",
        }  # fmt: skip

    def _day(self, at: int | None) -> str:
        if at is None:
            return "–"
        return f"{dt.datetime.fromtimestamp(at / 1_000_000, self._zone):%Y-%m-%d %H:%M}"


def reference(entry_id: int) -> str:
    """What a citizen names in an appeal.

    >>> reference(42)
    'QD-42'
    """
    return f"QD-{entry_id}"


def _ways(appeal: str, host: str) -> tuple[str, str]:
    """How to appeal from where one is, in either language: on a page of the console, or by telephone."""
    told = html.escape(appeal)
    if not appeal.startswith(("https://", "http://")):
        return f"拨打 {told} ", f"call {told}"
    link = html.escape(f"{appeal.rstrip('/')}/?host={quote(host, safe='')}")
    return f'<a href="{link}">在线申诉</a>，', f'<a href="{link}">appeal online</a>'


def _free(host: str) -> dict[str, str]:
    name = html.escape(host)
    return {
        "title_zh": "此网址未被拦截", "title_en": "This address is not blocked",
        "lead_zh": f"{name} 当前不在拦截名单中。如刚刚解除拦截，请于一分钟后重新打开。",
        "lead_en": f"{name} is not blocked now. If it was until just now, open it again in a minute.",
        "facts_zh": "", "facts_en": "", "more_zh": "", "more_en": "",
    }  # fmt: skip


def _facts(rows: list[tuple[str, str]]) -> str:
    lines = "".join(f"<dt>{html.escape(word)}</dt><dd>{html.escape(value)}</dd>" for word, value in rows)
    return f"<dl>{lines}</dl>"


def _filled(words: dict[str, str]) -> str:
    return _template().substitute(words)


@cache
def _template() -> Template:
    return Template(resources.files(__package__).joinpath("page.html").read_text("utf-8"))
