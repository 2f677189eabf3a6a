"""`draw_list_moves`: writes the drawn part of docs/lists.md to standard output."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from qingdun.console.lists.drawing import moves_section


class Command(BaseCommand):
    """Prints what is drawn from the table of moves."""

    help = "Print the part of docs/lists.md that is drawn from the table of moves."

    def handle(self, *args: Any, **options: Any) -> None:
        """It stands on standard output."""
        self.stdout.write(moves_section())
