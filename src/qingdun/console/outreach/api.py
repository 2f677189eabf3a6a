"""How the phone sends visits at doors. Errors are {"message": …}."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Schema
from ninja.errors import ValidationError
from ninja.security import django_auth
from pydantic import AwareDatetime

from qingdun.console.kernel.errors import fields_at_fault
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.outreach import doors, queries
from qingdun.errors import InputError, NotPermitted, RefusedError

api = NinjaAPI(
    title="Qingdun outreach",
    version="1",
    urls_namespace="outreach-api",
    auth=django_auth,
    docs_decorator=login_required,
    docs_url=None,
)


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


@api.exception_handler(RefusedError)
def refused(request: HttpRequest, error: RefusedError) -> HttpResponse:
    """403 for what role or region forbid, 409 for what the state forbids, in the error's words."""
    status = 403 if isinstance(error, NotPermitted) else 409
    return api.create_response(request, {"message": str(error)}, status=status)


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """422 that names each field at fault, in the reader's language; the parser's own account beside it."""
    answer = {"message": fields_at_fault(error.errors), "detail": error.errors}
    return api.create_response(request, answer, status=422)


@api.exception_handler(InputError)
def mistaken(request: HttpRequest, error: InputError) -> HttpResponse:
    """422 with what was found and what was expected."""
    return api.create_response(request, {"message": str(error)}, status=422)
