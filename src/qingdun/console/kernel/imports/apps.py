"""Files that are brought from elsewhere, for every module that takes any."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    """Imports, how their columns are read, and the rows that were refused."""

    name = "qingdun.console.kernel.imports"
    label = "imports"
    verbose_name = _("Imports")
