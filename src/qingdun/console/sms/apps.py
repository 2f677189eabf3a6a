"""Warning messages (预警短信): texts, messages, receipts, opt-outs, and the gateways they leave by."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SmsConfig(AppConfig):
    """Texts sent to residents and to officers on duty."""

    name = "qingdun.console.sms"
    label = "sms"
    verbose_name = _("Messages")
