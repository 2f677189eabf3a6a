"""How log-in, log-out and a failed log-in leave their audit rows, and that nobody signs up by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qingdun.console.kernel import audit
from qingdun.console.kernel.models import User
from qingdun.console.kernel.traces import trace


def tried_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Under which name an attempt is counted: the account's own, however it was typed; else a trace of it,
    because people type passwords there.
    """
    typed = str((credentials or {}).get("username") or request.POST.get("login", ""))
    return _account_name(typed) or f"#{trace(typed)}"


def _account_name(typed: str) -> str:
    """Name of the account that log-in finds for what was typed; empty if there is none."""
    found = User.objects.filter(username__iexact=typed.strip()).order_by("pk")
    return found.values_list("username", flat=True).first() or ""


class ConsoleBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's backend, in which no session of a demo account goes on outside demo mode."""

    def get_user(self, user_id: int) -> User | None:
        """The user of a session with region and organisation, which every page asks for: one statement."""
        user = User.objects.select_related("region", "organisation").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: User) -> bool:
        """Whether a session may go on: the account is active and belongs to this mode."""
        return bool(super().user_can_authenticate(user)) and _of_this_mode(user)

    def get_user_permissions(self, user_obj: User, obj: object | None = None) -> set[str]:
        """None: what a user may do follows from the role alone, and Django's tables of it stay empty."""
        return set()

    def get_group_permissions(self, user_obj: User, obj: object | None = None) -> set[str]:
        """None, for the same reason."""
        return set()


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
        """The audit log names the account that was tried, or the trace of a name that is none's."""
        super().authentication_failed(request, **credentials)
        typed = str(credentials.get("username", ""))
        known = _account_name(typed)
        with transaction.atomic():
            audit.record(
                None,
                "log_in_failed",
                ("username", known[:128] or f"#{trace(typed)}"),
                None,
                {"account": bool(known)},
            )

    def clean_password(self, password: str, user: User | None = None) -> str:
        """The password if it is good enough, and not the one that must be changed."""
        if user is not None and user.must_change_password and user.check_password(password):
            raise ValidationError(_("Choose another password than the one you were given."))
        return str(super().clean_password(password, user=user))

    def set_password(self, user: User, password: str) -> None:
        """The user has chosen that password themselves, and the audit log says so."""
        user.must_change_password = False
        with transaction.atomic():
            super().set_password(user, password)
            audit.record(user, "change_password", user)
