"""Closed lists of command with the words the pages show."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PostKind(TextChoices):
    """What a post answers for: three kinds make the chain, four the leading group."""

    PRINCIPAL = "principal", _("First responsible person")
    DIRECT = "direct", _("Directly responsible person")
    GRID = "grid", _("Head of a grid")
    LEADER = "leader", _("Leader of the leading group")
    VICE = "vice", _("Deputy leader of the leading group")
    OFFICE = "office", _("Head of the joint office")
    MEMBER = "member", _("Member of the leading group")


CHAIN = (PostKind.PRINCIPAL, PostKind.DIRECT, PostKind.GRID)
"""Kinds that answer for a place, in this order."""
GROUP = (PostKind.LEADER, PostKind.VICE, PostKind.OFFICE, PostKind.MEMBER)


class Standing(TextChoices):
    """As what somebody stands at a post."""

    HOLDER = "holder", pgettext_lazy("of a post", "Holder")
    DEPUTY = "deputy", pgettext_lazy("of a post", "Deputy")


class System(TextChoices):
    """Which of the seven systems a provision belongs to."""

    COMMAND = "command", _("Command")
    WARNING = "warning", _("Warning and dissuasion")
    CRACKDOWN = "crackdown", _("Crackdown")
    INDUSTRY = "industry", _("Industry governance")
    ASSESSMENT = "assessment", _("Assessment")
    OUTREACH = "outreach", _("Outreach")
    SUPERVISION = "supervision", _("Supervision")


class StepKind(TextChoices):
    """What was said about an undertaking."""

    SET = "set", pgettext_lazy("of an undertaking", "Set")
    PROGRESS = "progress", pgettext_lazy("of an undertaking", "Progress")
    DONE = "done", pgettext_lazy("of an undertaking", "Reported as done")
    ACCEPTED = "accepted", pgettext_lazy("of an undertaking", "Accepted")
    RETURNED = "returned", pgettext_lazy("of an undertaking", "Sent back")
    POSTPONED = "postponed", pgettext_lazy("of an undertaking", "Deadline changed")
    WITHDRAWN = "withdrawn", pgettext_lazy("of an undertaking", "Withdrawn")
