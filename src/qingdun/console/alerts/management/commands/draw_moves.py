"""`draw_moves`: writes the page docs/moves.md to standard output."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from qingdun.console.alerts.drawing import moves_page


class Command(BaseCommand):
    """Prints the page that is drawn from the table of moves."""

    help = "Print docs/moves.md as drawn from the table of moves."

    def handle(self, *args: Any, **options: Any) -> None:
        """The page stands on standard output."""
        self.stdout.write(moves_page(), ending="")
