"""Who has a second factor, and who must."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings

from qingdun.console.kernel.models import User

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_missing(user: User) -> bool:
    """Whether the user must set up a second factor before anything else; never in demo mode."""
    return not settings.DEMO and not Authenticator.objects.filter(user=user, type__in=STRONG).exists()
