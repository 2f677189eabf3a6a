"""A migration's operation for what the database holds nothing of: names of models and fields."""

from __future__ import annotations

from django.db.migrations.operations import SeparateDatabaseAndState
from django.db.migrations.state import ProjectState


class Names(SeparateDatabaseAndState):
    """The operations change names alone.

    Django renders every model anew, with all that hang on it, for each of them: a third of a first start.
    """

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """What was rendered is thrown away once, and rendered again when somebody asks for it."""
        state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)
