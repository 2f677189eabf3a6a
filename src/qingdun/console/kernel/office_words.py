"""Words of the package behind the back office, which has no Chinese of its own: named here, they stand in our
catalogue. Its other words are Django's, which has.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

WORDS = (
    _("Type to search"),
    _("Search apps and models..."),
    _("Filter navigation items"),
    _("All applications"),
    _("Filters"),
    _("Apply Filters"),
    _("Clear all filters"),
    _("Reset filters"),
    _("No results found"),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("Expand row"),
    _("General"),
    _("Go back"),
    _("Light"),
    _("Dark"),
    _("System"),
)
