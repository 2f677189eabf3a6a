"""Legal moves of rankings, rulings and objections, as tables."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.moving import Move


class RankingState(TextChoices):
    """Where a ranking stands."""

    DRAFT = "draft", pgettext_lazy("of a ranking", "Draft")
    PUBLISHED = "published", pgettext_lazy("of a ranking", "Published")
    REPLACED = "replaced", _("Replaced by a correction")


class RulingState(TextChoices):
    """Where a ruling stands."""

    PROPOSED = "proposed", _("Proposed by rule")
    CONFIRMED = "confirmed", pgettext_lazy("of a ruling", "In force")
    REFUSED = "refused", pgettext_lazy("of a ruling", "Not confirmed")
    LAPSED = "lapsed", _("Lapsed: the ranking was corrected")
    WITHDRAWN = "withdrawn", _("Withdrawn on objection")
    ENDED = "ended", pgettext_lazy("of a ruling", "Ended")


class ObjectionState(TextChoices):
    """Where an objection of a town stands."""

    FILED = "filed", _("Waits for an answer")
    UPHELD = "upheld", _("Upheld")
    DISMISSED = "dismissed", pgettext_lazy("of an objection", "Dismissed")


class FileState(TextChoices):
    """Where a file of accountability stands."""

    OPEN = "open", pgettext_lazy("of a file", "Open")
    CLOSED = "closed", pgettext_lazy("of a file", "Closed")


K, R, B, F = RankingState, RulingState, ObjectionState, FileState
RANKING_MOVES = (
    Move("publish_ranking", (K.DRAFT,), K.PUBLISHED, _("Publish")),
    Move("replace_ranking", (K.PUBLISHED,), K.REPLACED, _("replace a ranking by its correction")),
)
RULING_MOVES = (
    Move("confirm_ruling", (R.PROPOSED,), R.CONFIRMED, pgettext_lazy("a ruling", "Confirm")),
    Move("refuse_ruling", (R.PROPOSED,), R.REFUSED, _("Do not confirm")),
    Move("lapse_ruling", (R.PROPOSED,), R.LAPSED, _("let a proposal lapse")),
    Move("withdraw_ruling", (R.CONFIRMED,), R.WITHDRAWN, _("withdraw on objection")),
    Move("end_ruling", (R.CONFIRMED,), R.ENDED, _("Accept and close")),
)
OBJECTION_MOVES = (
    Move("uphold_objection", (B.FILED,), B.UPHELD, _("Uphold the objection")),
    Move("dismiss_objection", (B.FILED,), B.DISMISSED, _("Dismiss the objection")),
)
FILE_MOVES = (
    Move("close_accountability", (F.OPEN,), F.CLOSED, pgettext_lazy("of accountability", "Close the file")),
)
MOVES: tuple[Move, ...] = (*RANKING_MOVES, *RULING_MOVES, *OBJECTION_MOVES, *FILE_MOVES)
