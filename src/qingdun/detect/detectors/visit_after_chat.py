"""A site that few people know is opened right beside a foreign chat app.

What it sees: visits to an uncommon host within the quarter of an hour after the person used a foreign chat
app (`chat` in host_kinds.json), and such an app opened within the hour after an uncommon host.
Why it matters: brushing and investment run their groups in such apps; the "teacher" posts the platform
there. A bargain's site or a game's offer leads on into a private chat, where the payee is named.
What it is blind to: groups in the apps everybody uses.
Who looks guilty and isn't: people whose friends or trade use such apps and who follow any link: weak by
itself, and common sites do not count.
Source: docs/field.md §4, investment (new chat app and fake platform), brushing, romance.
"""

from __future__ import annotations

from qingdun.detect.evidence import HOUR_US, MINUTE_US, Event, HostVerdict, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.waking import EVERYBODY, MARKED, NOBODY, Concern
from qingdun.detect.weights import Weights
from qingdun.detect.words import site


class AfterChat(Pattern):
    """Signals about the subscriber."""

    code = "visit.after_chat"
    flows = ("visits",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._chatted: dict[str, int] = {}

    def concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        """Chat apps, and uncommon hosts of those who have just used one."""
        if "chat" in verdict.kinds:
            return EVERYBODY
        return NOBODY if verdict.well_known or common else MARKED

    def observe(self, event: Event, view: View) -> Found:
        """A signal if a chat app was used shortly before and few people know the host."""
        kinds = event.verdict.kinds
        if "chat" in kinds:
            earlier = self._chatted.get(event.row.subscriber, event.at)
            self._chatted[event.row.subscriber] = max(earlier, event.at)
            view.mark(event.row.subscriber)
            return self._led_on(event, view)
        if event.verdict.well_known:
            return ()
        at = self._chatted.get(event.row.subscriber)
        if at is None:
            view.mark(event.row.subscriber, False)
            return ()
        return self._led(event, at, view)

    def _led(self, event: Event, chatted_at: int, view: View) -> Found:
        row = event.row
        line = view.line(row.subscriber)
        if line is None or not 0 <= event.at - chatted_at <= self.settings["within_min"] * MINUTE_US:
            return
        if not view.memory.is_little_known(row.host):
            return
        yield self.led(
            event,
            line.person_id,
            self.bits["visited"],
            self.types,
            f"使用境外聊天软件后随即访问冷门网站{site(row.host)}",
            f"the person opened a little-known site, {site(row.host)}, right after a foreign chat app",
        )

    def _led_on(self, event: Event, view: View) -> Found:
        line = view.line(event.row.subscriber)
        if line is None:
            return
        since = event.at - round(self.settings["before_min"] * MINUTE_US)
        for host in view.little_known_sites(line.person_id, since, event.at):
            yield Signal(
                self.code,
                event.at,
                line.person_id,
                event.row.subscriber,
                "host",
                host,
                self.bits["led_on"],
                "lure",
                self.types,
                f"访问冷门网站{site(host)}后打开境外聊天软件{event.row.host}",
                f"the person opened a foreign chat app, {event.row.host}, after a "
                f"little-known site, {site(host)}",
            )

    def forget(self, now: int) -> None:
        """Chats of more than an hour ago are gone."""
        for number in [n for n, at in self._chatted.items() if at < now - HOUR_US]:
            del self._chatted[number]
