"""The closed lists of the module, and which state of a message may follow which."""

from __future__ import annotations

import datetime as dt

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What a message is for; it decides who may stop it and whether it may be sent again."""

    EMERGENCY = "emergency", _("Warning")
    EDUCATION = "education", _("Education")
    DUTY = "duty", _("Call to duty")
    REMINDER = "reminder", _("Reminder to an officer")


class MessageState(TextChoices):
    """Where a message stands."""

    WAITING = "waiting", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Taken by the operator")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    UNCERTAIN = "uncertain", _("Uncertain")
    CANCELLED = "cancelled", _("Taken back")
    STOPPED = "stopped", _("Opted out")


class PartState(TextChoices):
    """Where one part of a message stands."""

    WAITING = "waiting", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    ACCEPTED = "accepted", _("Taken by the operator")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    UNCERTAIN = "uncertain", _("Uncertain")


class ReceiptState(TextChoices):
    """What a receipt says of a part."""

    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    ON_ITS_WAY = "on_its_way", _("On its way")


S = MessageState
NEXT: dict[MessageState, frozenset[MessageState]] = {
    S.WAITING: frozenset({S.SENDING, S.CANCELLED, S.STOPPED, S.FAILED}),
    S.SENDING: frozenset({S.WAITING, S.SENT, S.DELIVERED, S.FAILED, S.UNCERTAIN}),
    S.SENT: frozenset({S.DELIVERED, S.FAILED}),
    S.FAILED: frozenset({S.WAITING, S.DELIVERED}),
    S.UNCERTAIN: frozenset(),
    S.DELIVERED: frozenset(),
    S.CANCELLED: frozenset(),
    S.STOPPED: frozenset(),
}
"""Legal moves of a message. Failed ones may be sent again by an officer; an uncertain one stays as it is."""

REASONS: dict[str, str | Promise] = {
    "too_late": _("too late to be sent"),
    "sender_gone": _("the sender ended before the answer came"),
    "not_connected": _("not connected"),
    "no_answer": _("no answer in time"),
    "line_broke": _("the line broke before the answer"),
}
"""Our own words for what went wrong; an operator's are shown as they came."""

BETWEEN_EDUCATION = dt.timedelta(days=7)
"""One educational message per person and week (docs/field.md §8)."""

PRIORITY = {Kind.DUTY: 0, Kind.EMERGENCY: 1, Kind.REMINDER: 2, Kind.EDUCATION: 3}
"""The lower, the sooner it is taken from the queue."""
