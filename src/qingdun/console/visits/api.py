"""How the phone page sends what it has recorded. Errors are {"message": …}."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from ninja import Field, File, Form, NinjaAPI, Schema
from ninja.files import UploadedFile
from ninja.security import django_auth
from pydantic import AwareDatetime

from qingdun.console.alerts import actions as alerts
from qingdun.console.kernel.answers import answer_errors
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.visits import actions
from qingdun.console.visits.receipts import Signed

api = NinjaAPI(
    title="Qingdun visits",
    version="1",
    urls_namespace="visits-api",
    auth=django_auth,
    docs_decorator=login_required,
    docs_url=None,
)
answer_errors(api)


class ConsentIn(Schema):
    """What the person said; `key` makes it safe to send again."""

    key: str = Field(min_length=8, max_length=64)
    kind: str = Field(max_length=8)
    answer: str = Field(max_length=10)
    said_at: AwareDatetime | None = None


class MetIn(Schema):
    """The officer stands before the person; `key` makes it safe to send again."""

    key: str = Field(min_length=8, max_length=64)


class MetOut(Schema):
    """The version of the task now."""

    version: int


class PlaceIn(Schema):
    """Where the phone is: degrees by WGS 84, and how many metres it may be off."""

    key: str = Field(min_length=8, max_length=64)
    lat: float
    lng: float
    accuracy_m: float


class ReceiptIn(Schema):
    """A signed receipt: the signature as lines of points in a field of 1000 × 400."""

    key: str = Field(min_length=8, max_length=64)
    language: str = Field(max_length=4)
    told: list[str] = Field(default=[], max_length=20)
    steps: list[str] = Field(default=[], max_length=60)
    strokes: list[list[tuple[int, int]]] = Field(default=[], max_length=500)
    refused: bool = False
    signed_at: AwareDatetime | None = None


class PurposeIn(Schema):
    """Why the place is to be seen."""

    purpose: str = Field(max_length=200)


class TakenOut(Schema):
    """The row that holds it."""

    id: int


class PlaceOut(Schema):
    """The coordinates."""

    lat: float
    lng: float
    accuracy_m: int


@api.post("/tasks/{task_id}/met", response=MetOut)
def met(request: HttpRequest, task_id: int, body: MetIn) -> MetOut:
    """Enter that the person is met."""
    return MetOut(version=alerts.meet(viewer_of(request), task_id, body.key).version)


@api.post("/tasks/{task_id}/consents", response=TakenOut)
def consents(request: HttpRequest, task_id: int, body: ConsentIn) -> TakenOut:
    """Record what the person said."""
    made = actions.state_consent(viewer_of(request), task_id, body.key, body.kind, body.answer, body.said_at)
    return TakenOut(id=made.pk)


@api.post("/tasks/{task_id}/photos", response=TakenOut)
def photos(request: HttpRequest, task_id: int, key: Form[str], file: File[UploadedFile]) -> TakenOut:
    """Keep a photo."""
    made = actions.add_photo(viewer_of(request), task_id, key, file.read(), file.content_type or "")
    return TakenOut(id=made.pk)


@api.post("/photos/{photo_id}/remove", response=TakenOut)
def remove_photo(request: HttpRequest, photo_id: int) -> TakenOut:
    """Remove a photo."""
    return TakenOut(id=actions.remove_photo(viewer_of(request), photo_id).pk)


@api.post("/tasks/{task_id}/place", response=TakenOut)
def place(request: HttpRequest, task_id: int, body: PlaceIn) -> TakenOut:
    """Keep where the visit happens."""
    made = actions.set_place(viewer_of(request), task_id, body.key, body.lat, body.lng, body.accuracy_m)
    return TakenOut(id=made.pk)


@api.post("/tasks/{task_id}/receipts", response=TakenOut)
def receipts(request: HttpRequest, task_id: int, body: ReceiptIn) -> TakenOut:
    """Keep a signed receipt."""
    signed = Signed(
        body.language, tuple(body.told), tuple(body.steps), body.strokes, body.refused, body.signed_at
    )
    return TakenOut(id=actions.sign_receipt(viewer_of(request), task_id, body.key, signed).pk)


@api.post("/tasks/{task_id}/place/drop", response={204: None})
def drop_place(request: HttpRequest, task_id: int) -> tuple[int, None]:
    """Keep no place."""
    actions.drop_place(viewer_of(request), task_id)
    return 204, None


@api.post("/tasks/{task_id}/place/show", response=PlaceOut)
def show_place(request: HttpRequest, task_id: int, body: PurposeIn) -> PlaceOut:
    """Show where the visit happened, for a purpose."""
    found = actions.see_place(viewer_of(request), task_id, body.purpose)
    return PlaceOut(lat=found.lat, lng=found.lng, accuracy_m=found.accuracy_m)
