"""How log-in, log-out and a failed log-in leave their audit rows, and that nobody signs up by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from qingdun.console.kernel import audit
from qingdun.console.kernel.models import User


def tried_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """The user name of an attempt, wherever it stands: in what is checked, or in the form."""
    return str((credentials or {}).get("username") or request.POST.get("login", ""))


class ConsoleBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's backend, in which no session of a demo account goes on outside demo mode."""

    def user_can_authenticate(self, user: User) -> bool:
        """Whether a session may go on: the account is active and belongs to this mode."""
        return bool(super().user_can_authenticate(user)) and _of_this_mode(user)


def _of_this_mode(user: User) -> bool:
    return settings.DEMO or not user.demo


class ConsoleAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's own behaviour, with audit rows."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts are made by a system administrator."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The user whose password this is; a demo account is nobody's outside demo mode."""
        user = super().authenticate(request, **credentials)
        return user if user is not None and _of_this_mode(user) else None

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: axes counts wrong passwords, and says when to come back."""

    def login(self, request: HttpRequest, user: User) -> None:
        """The user is logged in and the audit log says so."""
        super().login(request, user)
        with transaction.atomic():
            audit.record(user, "log_in", user)

    def logout(self, request: HttpRequest) -> None:
        """The user is logged out and the audit log says so."""
        user = request.user
        super().logout(request)
        if isinstance(user, User):
            with transaction.atomic():
                audit.record(user, "log_out", user)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """The audit log names the user name that was tried; never the password."""
        super().authentication_failed(request, **credentials)
        with transaction.atomic():
            audit.record(None, "log_in_failed", ("username", str(credentials.get("username", ""))[:128]))
