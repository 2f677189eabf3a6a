"""The closed lists of the module as Django choices, with the words the pages show."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.contract.codes import scam_types


class EntityKind(TextChoices):
    """What can be listed: the contract's codes, and texts, which networks alone look for."""

    NUMBER = "number", _("Number")
    SENDER = "sender", _("Sender")
    HOST = "host", _("Host")
    ACCOUNT = "account", _("Account")
    DEVICE = "device", _("Device")
    TEXT = "text", _("Message text")


class ListName(TextChoices):
    """Which list an entry stands on."""

    BLACK = "black", _("Black list")
    GREY = "grey", _("Grey list")
    NEVER_BLOCK = "never_block", _("Never block")


class Source(TextChoices):
    """Where a proposal comes from."""

    SUSPECT = "suspect", _("A suspect of the engine")
    ENTITY = "entity", _("The page of an entity")
    HAND = "hand", _("Entered by hand")
    FILE = "file", _("A file")
    PEER = "peer", _("A peer of the exchange")


class What(TextChoices):
    """What a line of the change feed says."""

    LISTED = "listed", _("Put on the list")
    EXTENDED = "extended", _("Term changed")
    ENFORCED = "enforced", _("Enforced from now on")
    UNLISTED = "unlisted", _("Taken off the list")


class HeldState(TextChoices):
    """Where a held text stands, as its plane says (`qingdun.intercept.messages.quarantine`)."""

    HELD = "held", _("Held for review")
    ASKED = "asked", _("Released, waits for its sender to connect")
    SENDING = "sending", _("Being sent")
    RELEASED = "released", _("Delivered to the centre")
    FAILED = "failed", _("Refused by the centre")
    UNSURE = "unsure", _("Sent, no answer came")
    DROPPED = "dropped", pgettext_lazy("held text", "Dropped")
    GONE = "gone", _("Term over")


class HeldVerb(TextChoices):
    """What a person decides of a held text."""

    RELEASE = "release", pgettext_lazy("held text", "Release")
    DROP = "drop", _("Drop")


NETWORKED = (EntityKind.NUMBER, EntityKind.SENDER, EntityKind.HOST, EntityKind.TEXT)
"""What a network can block; accounts and devices are the banks' and the operators' to shut."""


def is_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return (get_language() or "zh").startswith("zh")


def scam_type_label(code: str) -> str:
    """The name of a scam type in the reader's language; empty for none."""
    if not code:
        return ""
    name = scam_types().names[code]
    return name.zh if is_chinese() else name.en
