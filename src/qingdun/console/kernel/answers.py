"""How every interface and every page answers what it does not take: one form for all modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import ValidationError

from qingdun.errors import (
    InputError,
    NotPermitted,
    Overtaken,
    QingdunError,
    RefusedError,
    TooOften,
    Unconfirmed,
)


def answer_errors(api: NinjaAPI) -> None:
    """The interface answers refusals, requests out of form and mistaken input in words, by status."""

    @api.exception_handler(RefusedError)
    def refused(request: HttpRequest, error: RefusedError) -> HttpResponse:
        """403 for what role or region forbid, 429 for too often, 409 for what the state forbids; `confirm`
        asks for a confirmation, `overtaken` says that somebody has moved the task since.
        """
        told: dict[str, Any] = {"message": str(error)}
        if isinstance(error, Unconfirmed):
            told["confirm"] = True
        if isinstance(error, Overtaken):
            told["overtaken"] = True
        status = 403 if isinstance(error, NotPermitted) else 429 if isinstance(error, TooOften) else 409
        answer = api.create_response(request, told, status=status)
        if isinstance(error, TooOften):
            answer["Retry-After"] = str(error.wait_s)
        return answer

    @api.exception_handler(ValidationError)
    def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
        """422 that names each field at fault, in the reader's language; the parser's own account beside."""
        told = {"message": _fields_at_fault(error.errors), "detail": error.errors}
        return api.create_response(request, told, status=422)

    @api.exception_handler(InputError)
    def mistaken(request: HttpRequest, error: InputError) -> HttpResponse:
        """422 with what was found and what was expected."""
        return api.create_response(request, {"message": str(error)}, status=422)


@contextmanager
def telling(request: HttpRequest) -> Iterator[None]:
    """What is refused within goes to the reader as a message of the next page, and ends there."""
    try:
        yield
    except QingdunError as refused:
        messages.error(request, str(refused))


def _fields_at_fault(faults: Sequence[Mapping[str, Any]]) -> str:
    """Each field of a request that is missing or not in its form, from what the parser of an interface found,
    without the words it puts before the fields.
    """
    names = [(one["type"] == "missing", ".".join(map(str, one["loc"][2:]))) for one in faults]
    missing = dict.fromkeys(name for lacks, name in names if lacks)
    wrong = dict.fromkeys(name for lacks, name in names if not lacks and name not in missing)
    said = [_("%(field)s: missing.") % {"field": name} for name in missing]
    said += [_("%(field)s: not in the form expected.") % {"field": name} for name in wrong]
    return " ".join(said)
