"""The world of the alerts."""

from __future__ import annotations

from tests.console.alerts.conftest import world

__all__ = ["world"]
