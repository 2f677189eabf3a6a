"""The closed lists of the module, with the words the pages show."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.models import Organisation

PARTY_KINDS = (Organisation.Kind.BANK, Organisation.Kind.OPERATOR)
"""Organisations to which lists are sent, and whose officers see nothing else."""


class SubjectKind(TextChoices):
    """What is restricted."""

    NUMBER = "number", _("Phone number")
    CARD = "card", _("Card")
    ACCOUNT = "account", _("Bank account")
    PERSON = "person", _("Person")


class Kind(TextChoices):
    """What is done to it."""

    SHUT = "shut", _("Shut the number")
    SUSPEND = "suspend", _("Suspend the card")
    CONTROL = "control", _("Control the account")
    CLEAR = "clear", _("Clear the account away")
    PUNISH = "punish", _("Punish over cards")


KINDS_OF: dict[str, tuple[Kind, ...]] = {
    SubjectKind.NUMBER: (Kind.SHUT, Kind.SUSPEND),
    SubjectKind.CARD: (Kind.SUSPEND, Kind.SHUT),
    SubjectKind.ACCOUNT: (Kind.CONTROL, Kind.CLEAR),
    SubjectKind.PERSON: (Kind.PUNISH,),
}
"""What may be done to what."""


class Source(TextChoices):
    """Where a proposal comes from."""

    HAND = "hand", _("By hand")
    FILE = "file", _("By file")
    ENGINE = "engine", _("By the engine")
    FINDING = "finding", _("From a finding")


class NoticeWay(TextChoices):
    """How the holder was told of reason, remedy and what to bring."""

    SMS = "sms", _("By SMS")
    CALL = "call", _("By phone")
    LETTER = "letter", _("By letter")
    COUNTER = "counter", _("At the counter")


class Clock(TextChoices):
    """What had to be done by a certain time and was not."""

    ANSWER = "answer", _("Answer to a list")
    APPEAL = "appeal", _("Decision of an appeal")
    RELEASE = "release", _("Release")
    NOTICE = "notice", _("Notice of a second check")
    CHECK = "check", _("Second real-name check")
    OBJECTION = "objection", _("Answer to an objection")
    RESTORE = "restore", _("Restoring of a card")


class FindingKind(TextChoices):
    """What a party finds by its own watch."""

    NUMBER = "number", _("Phone number")
    ACCOUNT = "account", _("Bank account")


class ListedKind(TextChoices):
    """Who stands on the blacklist."""

    PERSON = "person", _("Person who opens cards")
    ENTERPRISE = "enterprise", _("Enterprise")


class Interviewed(TextChoices):
    """Who was called to an interview (约谈)."""

    BANK = "bank", _("Bank")
    OPERATOR = "operator", _("Operator")
    DEPARTMENT = "department", _("Department in charge of an industry")
    UNIVERSITY = "university", _("University")
    ENTERPRISE = "enterprise", _("Enterprise")


class LetterKind(TextChoices):
    """Letters to whoever is punished."""

    NOTICE = "notice", _("Notice of a punishment")
    RELEASE = "release", _("Notice that a punishment is lifted")
    ANSWER = "answer", _("Answer to an appeal")
    REVOKE = "revoke", _("Notice that a punishment is revoked before it began")
