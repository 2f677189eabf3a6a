"""The gateway that the settings name, and its rate."""

from __future__ import annotations

from django.conf import settings

from qingdun.console import environment
from qingdun.console.sms.demo import DemoGateway
from qingdun.console.sms.gateway import SmsGateway
from qingdun.errors import ConfigurationError


def gateway_name() -> str:
    """`demo`, `smpp`, or empty when nothing is configured and messages wait.

    Errors: ConfigurationError for any other name.
    """
    name = environment.text("QINGDUN_SMS_GATEWAY") or ("demo" if settings.DEMO else "")
    if name not in ("", "demo", "smpp"):
        raise ConfigurationError(f"QINGDUN_SMS_GATEWAY: found {name!r}, expected demo or smpp")
    return name


def gateway() -> SmsGateway:
    """The gateway, not yet open. Errors: ConfigurationError if none is named or settings are missing."""
    name = gateway_name()
    if name == "demo":
        return DemoGateway()
    if name == "smpp":
        # The library is loaded by the process that sends, not by every page.
        from qingdun.console.sms.smpp import SmppAccount, SmppGateway

        return SmppGateway(
            SmppAccount(
                host=_needed("QINGDUN_SMS_HOST"),
                port=environment.number("QINGDUN_SMS_PORT"),
                system_id=_needed("QINGDUN_SMS_SYSTEM_ID"),
                password=environment.text("QINGDUN_SMS_PASSWORD"),
                sender=_needed("QINGDUN_SMS_SENDER"),
            )
        )
    raise ConfigurationError("QINGDUN_SMS_GATEWAY is not set; expected demo or smpp")


def rate() -> int:
    """Parts a second. Errors: ConfigurationError below 1."""
    found = environment.number("QINGDUN_SMS_RATE")
    if found < 1:
        raise ConfigurationError(f"QINGDUN_SMS_RATE: found {found}, expected at least 1")
    return found


def _needed(name: str) -> str:
    value = environment.text(name)
    if not value:
        raise ConfigurationError(f"{name} is not set; the smpp gateway needs it")
    return value
