"""How the phone sends visits at doors. Errors are {"message": …}."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from ninja import Field, NinjaAPI, Schema
from ninja.security import django_auth
from pydantic import AwareDatetime

from qingdun.console.kernel.answers import answer_errors
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.outreach import doors, queries

api = NinjaAPI(
    title="Qingdun outreach",
    version="1",
    urls_namespace="outreach-api",
    auth=django_auth,
    docs_decorator=login_required,
    docs_url=None,
)
answer_errors(api)


class DoorIn(Schema):
    """A visit at a door; `key` makes it safe to send again."""

    key: str = Field(min_length=8, max_length=64)
    grid: str = Field(max_length=20)
    result: str = Field(max_length=10)
    place: str = Field(default="", max_length=40)
    told: int = 0
    installed: int = 0
    real_name: int = 0
    warning_on: int = 0
    leaflet: bool = False
    visited_at: AwareDatetime | None = None


class TakenOut(Schema):
    """The row that holds it, and how many the sender has recorded today."""

    id: int
    today: int


@api.post("/doors", response=TakenOut)
def record_door(request: HttpRequest, body: DoorIn) -> TakenOut:
    """Record a visit at a door."""
    viewer = viewer_of(request)
    made = doors.record_door(viewer, doors.DoorForm(**body.dict()))
    return TakenOut(id=made.pk, today=queries.doors_today(viewer).count())
