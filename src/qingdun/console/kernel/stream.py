"""What the event process reads: who is listening, and what is new."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils import timezone

from qingdun.console.kernel import second_factor
from qingdun.console.kernel.events import TOPICS, newest_id
from qingdun.console.kernel.middleware import SEEN_AT
from qingdun.console.kernel.models import LiveEvent, User
from qingdun.console.kernel.roles import PERMISSIONS, Permission, Role
from qingdun.console.kernel.scope import in_station


class Event(NamedTuple):
    """One row of `LiveEvent`."""

    id: int
    topic: str
    region_path: str
    payload: dict[str, Any]
    stations: tuple[int, ...] = ()
    users: tuple[int, ...] = ()


class Listener(NamedTuple):
    """The user of a stream, as far as it matters to it."""

    user_id: int
    permissions: frozenset[Permission]
    region_path: str
    in_station: bool
    station_id: int | None

    def hears(self, event: Event) -> bool:
        """Whether the listener may hear of the topic, and the event lies in their subtree and is theirs."""
        topic = TOPICS.get(event.topic)
        if topic is None or not self.region_path:
            return False
        if not topic.permissions & self.permissions:
            open_to = topic.by_name & self.permissions & set(event.payload.get("open_to", ()))
            theirs = bool(topic.by_name & self.permissions) and self.user_id in event.users
            return (theirs or bool(open_to)) and event.region_path.startswith(self.region_path)
        if topic.held and self.in_station:
            # Whose it is decides, not where it lies: a search may lead an officer into the next town.
            return self.station_id in event.stations or self.user_id in event.users
        return topic.everywhere or event.region_path.startswith(self.region_path)


def listener(session_key: str) -> Listener | None:
    """Who holds the session; None if it is unknown, ended or idle, or if its user lacks a second factor
    they must have.
    """
    if not session_key.isalnum():
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active or user.must_change_password:
        return None
    if second_factor.is_missing(user):
        return None
    idle_s = timezone.now().timestamp() - request.session.get(SEEN_AT, 0)
    if idle_s > settings.IDLE.total_seconds():
        return None
    return Listener(
        user.pk, PERMISSIONS[Role(user.role)], user.region_path, in_station(user), user.organisation_id
    )


def start_of_last(count: int) -> int:
    """The id behind which the last `count` events stand, or as many as there still are."""
    oldest = LiveEvent.objects.order_by("id").values_list("id", flat=True).first()
    return max(0, newest_id() - count, (oldest or 1) - 1)


def after(last: int, most: int) -> list[Event]:
    """The first `most` events after `last`."""
    rows = LiveEvent.objects.filter(id__gt=last).order_by("id")
    columns = rows.values_list("id", "topic", "region_path", "payload", "stations", "users")
    return [
        Event(ident, topic, region_path, payload, tuple(stations), tuple(users))
        for ident, topic, region_path, payload, stations, users in columns[:most]
    ]
