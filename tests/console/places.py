"""A part of the city that is enough for most tests: two counties with three towns each and a village or
two.
"""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings

from qingdun.regions.city import City

CITY, COUNTY_A, COUNTY_B, TOWN_A = "441800", "441881", "441802", "441881101"


def small_city() -> City:
    """The city of the settings without most of its places."""
    city: City = settings.CITY
    keep = {CITY, COUNTY_A, COUNTY_B}
    for county in (COUNTY_A, COUNTY_B):
        towns = sorted(place.code for place in city.towns if place.parent == county)
        for town in {*towns[:3], *({TOWN_A} & set(towns))}:
            keep |= {town, *sorted(place.code for place in city.villages if place.parent == town)[:2]}
    return replace(city, places={code: place for code, place in city.places.items() if code in keep})
