"""The contract's closed lists as Django choices, with the words the pages show."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.functional import Promise
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


DETECTORS: dict[str, str | Promise] = {
    "call.fanout": _("Calls many strangers"),
    "call.shared_device": _("Many numbers on one device"),
    "call.shared_place": _("Many numbers at one place"),
    "call.paired_lines": _("A pair of phones that relays calls"),
    "call.suspect_contact": _("In touch with a suspected number"),
    "call.spoofed": _("Spoofed number"),
    "call.live_long": _("Long call with a stranger, not over"),
    "call.refused_others": _("Others turned away during a call"),
    "call.official": _("Official number dialled after a long call"),
    "call.hung_up": _("Hung up, or called again at once and stayed"),
    "contact.busy": _("Busy or refused when the police call"),
    "message.bulk": _("Suspicious texts to many"),
    "message.scam_text": _("Text that reads like fraud"),
    "message.suspect_sender": _("Text from a suspected sender"),
    "message.code_in_call": _("One-time code during a call"),
    "message.code_at_site": _("One-time code at a rare site"),
    "visit.listed_host": _("Listed site opened"),
    "visit.suspect_host": _("Suspected site"),
    "visit.screen_share_in_call": _("Screen sharing during a call"),
    "visit.bank_in_call": _("Bank opened during a call"),
    "visit.after_contact": _("Rare site after a suspicious contact"),
    "visit.after_chat": _("Rare site beside a foreign chat app"),
    "visit.sent_site": _("Opened a rare site that somebody sent"),
    "visit.new_site": _("Opened a site new in this city"),
    "visit.after_lure": _("Bank or chat app opened after a lure"),
    "transfer.mule": _("Money passed on at once"),
    "transfer.shared_device": _("Accounts of many on one device"),
    "transfer.layer": _("Money of a suspected account"),
    "transfer.small_inflow": _("Small sums in, then money out"),
    "transfer.inflow_at_site": _("Small sum in at a rare site"),
    "transfer.consolidation": _("Own accounts gathered into one"),
    "transfer.after_rare_site": _("First payment after a rare site"),
    "transfer.first_payee": _("First payment to somebody"),
    "transfer.suspect_payee": _("Transfer to a suspected account"),
    "person.cluster": _("Tied to an operation of suspects"),
    "person.shared_contact": _("Same contact as people being scammed"),
}
"""What detectors are called in a table; what they see stands in docs/detectors.md."""


def detector_label(code: str) -> str:
    """The name of a detector in the reader's language; its code if there is none."""
    return str(DETECTORS.get(code, code))
