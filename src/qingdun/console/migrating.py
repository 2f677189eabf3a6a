"""The database brought to the tables of this version, and how far that is."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command

from qingdun.console.kernel.health import pending_migrations
from qingdun.contract.progress import Share


class Migrate(Command):
    """Django's `migrate`; whoever is told hears the share of migrations done."""

    def __init__(self, told: Share) -> None:
        super().__init__()
        self._told, self._done, self._all = told, 0, 0

    def migration_progress_callback(self, action: str, *about: Any, **more: Any) -> None:
        """A migration begins or is done."""
        super().migration_progress_callback(action, *about, **more)
        if action == "apply_start":
            self._all = self._all or pending_migrations()
        elif action == "apply_success":
            self._done += 1
            self._told(self._done / max(self._done, self._all))
