"""The user of a request, as what they are."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from qingdun.console.kernel.models import User


def viewer_of(request: HttpRequest) -> User:
    """The logged-in user. Errors: PermissionDenied if nobody is logged in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
