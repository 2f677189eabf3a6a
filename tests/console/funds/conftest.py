"""What the tests of funds share with those of alerts."""

from tests.console.whistles.conftest import client_of, task, world

__all__ = ["client_of", "task", "world"]
