"""The contract's closed lists as Django choices, with the words the pages show."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingdun.contract.codes import OutcomeResult, scam_types


class Level(TextChoices):
    """How urgent an alert is; the first is the most urgent."""

    URGENT = "urgent", _("Urgent")
    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


class Stage(TextChoices):
    """How far the scam has come, in its order."""

    CONTACT = "contact", _("Contact")
    LURE = "lure", _("Lure")
    CONTROL = "control", _("Control")
    TRANSFER = "transfer", _("Transfer")
    LAUNDERING = "laundering", _("Laundering")


class EntityKind(TextChoices):
    """What can be suspected or looked up."""

    NUMBER = "number", _("Number")
    SENDER = "sender", _("Sender")
    HOST = "host", _("Host")
    ACCOUNT = "account", _("Account")
    DEVICE = "device", _("Device")


class CallResult(TextChoices):
    """What came of a call to the person."""

    ANSWERED = OutcomeResult.ANSWERED.value, _("Answered")
    BUSY = OutcomeResult.BUSY.value, _("Busy line")
    FORWARDED = OutcomeResult.FORWARDED.value, _("Forwarded")
    SWITCHED_OFF = OutcomeResult.SWITCHED_OFF.value, _("Switched off")
    NO_ANSWER = OutcomeResult.NO_ANSWER.value, _("No answer")
    REFUSED = OutcomeResult.REFUSED.value, _("Refused to talk")


class Lane(TextChoices):
    """The four lanes of a timeline, one for each flow."""

    CALLS = "calls", _("Calls")
    MESSAGES = "messages", _("Messages")
    SITES = "sites", _("Sites")
    MONEY = "money", _("Money")


LEVEL_RANK = {level: rank for rank, level in enumerate(Level.values)}
"""0 for urgent; the greater, the calmer."""
STAGE_NUMBER = {stage: number for number, stage in enumerate(Stage.values, start=1)}
"""1 for contact to 5 for laundering."""


def is_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return (get_language() or "zh").startswith("zh")


def scam_type_label(code: str) -> str:
    """The name of a scam type in the reader's language."""
    name = scam_types().names[code]
    return name.zh if is_chinese() else name.en
