"""The words a map must carry, in the reader's language where the city has them."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language


def map_words() -> dict[str, str]:
    """`approval`: the number of the approval, or that there is none; `attribution`: whose the data are."""
    city = settings.CITY
    approval, attribution = settings.MAP_APPROVAL, city.attribution
    if not (get_language() or "zh").startswith("zh"):
        # What the operator has set stands as it is: it is a number on record.
        approval = city.map_approval_en or approval if approval == city.map_approval else approval
        attribution = city.attribution_en or attribution
    return {"approval": approval, "attribution": " · ".join(attribution)}
