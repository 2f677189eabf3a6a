"""The part of the console every module stands on."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    """Users, regions, the register of persons, audit, events."""

    name = "qingdun.console.kernel"
    label = "kernel"
    verbose_name = _("Foundations")
