"""How the phone sends visits of supervision. Errors are {"message": …}."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from ninja import Field, File, Form, NinjaAPI, Schema
from ninja.files import UploadedFile
from ninja.security import django_auth
from pydantic import AwareDatetime

from qingdun.console.kernel.answers import answer_errors
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.supervision import visiting

api = NinjaAPI(
    title="Qingdun supervision",
    version="1",
    urls_namespace="supervision-api",
    auth=django_auth,
    docs_decorator=login_required,
    docs_url=None,
)
answer_errors(api)


class FoundIn(Schema):
    """One finding; without a day the form says by when."""

    area: str = Field(max_length=10)
    text: str = Field(max_length=2000)
    due_on: dt.date | None = None


class RecheckIn(Schema):
    """An earlier finding that was inspected again."""

    shortcoming: int
    passed: bool
    note: str = Field(default="", max_length=300)
    due_on: dt.date | None = None


class VisitIn(Schema):
    """A visit; `key` makes it safe to send again."""

    key: str = Field(min_length=8, max_length=64)
    form: str = Field(max_length=10)
    notes: str = Field(max_length=4000)
    found: list[FoundIn] = Field(default=[], max_length=50)
    rechecks: list[RecheckIn] = Field(default=[], max_length=200)
    verdict: bool | None = None
    visited_at: AwareDatetime | None = None


class TakenOut(Schema):
    """The row that holds it."""

    id: int


@api.post("/charges/{int:charge_id}/visits", response=TakenOut)
def record_visit(request: HttpRequest, charge_id: int, body: VisitIn) -> TakenOut:
    """Record a visit."""
    form = visiting.VisitForm(
        body.key, body.form, body.notes,
        [visiting.Found(one.area, one.text, one.due_on) for one in body.found],
        [visiting.Rechecked(one.shortcoming, one.passed, one.note, one.due_on) for one in body.rechecks],
        body.verdict, body.visited_at,
    )  # fmt: skip
    return TakenOut(id=visiting.record_visit(viewer_of(request), charge_id, form).pk)


@api.post("/photos", response=TakenOut)
def photos(request: HttpRequest, visit: Form[str], key: Form[str], file: File[UploadedFile]) -> TakenOut:
    """Keep a photo of the visit that was sent under the key `visit`."""
    made = visiting.add_photo(viewer_of(request), visit, key, file.read(), file.content_type or "")
    return TakenOut(id=made.pk)
