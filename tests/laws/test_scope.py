"""Every read of the console: what a county sees does not depend on what other counties hold.

A read is a public function of `qingdun.console` whose first parameter is `viewer`. All of them are walked,
for all roles; a new one without a sample in `scope_samples.py` fails here.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils import timezone

import qingdun.console
from qingdun.console.kernel.loading import load_regions
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from qingdun.errors import QingdunError
from tests.console.places import COUNTY_A as OURS
from tests.console.places import COUNTY_B as THEIRS
from tests.console.places import small_city
from tests.laws.scope_samples import SAMPLES, TOOLS, Sample

Read = Callable[..., Any]


def modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(qingdun.console.__path__, "qingdun.console."):
        if not any(
            part in found.name for part in (".migrations", ".settings", ".wsgi", ".push", ".management")
        ):
            yield found.name


def reads() -> dict[str, Read]:
    """Every read by its dotted name without the project's."""
    found: dict[str, Read] = {}
    for name in modules():
        module = importlib.import_module(name)
        for attribute, value in vars(module).items():
            if not inspect.isfunction(value) or value.__module__ != name or attribute.startswith("_"):
                continue
            first = next(iter(inspect.signature(value).parameters), "")
            short = f"{name.removeprefix('qingdun.console.')}.{attribute}"
            if first == "viewer":
                found[short] = value
    return found


READS = reads()
LEFT = {name: read for name, read in READS.items() if name not in TOOLS}


def test_every_read_has_a_sample_and_every_sample_a_read() -> None:
    assert set(SAMPLES) == set(LEFT)
    assert set(TOOLS) <= set(READS)


def test_every_public_function_of_a_queries_module_takes_the_viewer_first() -> None:
    for name in modules():
        if name.endswith(".queries"):
            module = importlib.import_module(name)
            public = {
                f"{name.removeprefix('qingdun.console.')}.{key}"
                for key, value in vars(module).items()
                if inspect.isfunction(value) and value.__module__ == name and not key.startswith("_")
            }
            assert public <= set(READS)


@pytest.fixture
def two_counties(db: None, monkeypatch: pytest.MonkeyPatch) -> dict[Role, User]:
    """Officers of every role in one county; the clock stands still, so that answers differ by data alone."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    load_regions(small_city())
    county = Region.objects.get(code=OURS)
    return {
        role: User.objects.create(username=f"law-{role.value}", role=role, region=county, password="!")
        for role in Role
    }


@pytest.mark.parametrize("name", sorted(LEFT))
def test_what_a_county_sees_does_not_depend_on_other_counties(
    name: str, two_counties: dict[Role, User]
) -> None:
    sample = SAMPLES[name]
    sample.populate(OURS)
    before = {role: ask(LEFT[name], viewer, sample, OURS) for role, viewer in two_counties.items()}
    city = User.objects.create(
        username="law-city",
        role=sample.role,
        region=Region.objects.get(code=settings.CITY_CODE),
        password="!",
    )
    city_before = ask(LEFT[name], city, sample, OURS)
    sample.populate(THEIRS)
    for role, viewer in two_counties.items():
        assert ask(LEFT[name], viewer, sample, OURS) == before[role], role
        if sample.names_something:
            assert is_nothing(ask(LEFT[name], viewer, sample, THEIRS)), role
    # The sample is worth something only if whoever sees the city sees the other county's rows.
    if sample.names_something:
        assert not is_nothing(ask(LEFT[name], city, sample, THEIRS))
    elif sample.grows:
        assert ask(LEFT[name], city, sample, OURS) != city_before


def ask(read: Read, viewer: User, sample: Sample, county: str) -> Any:
    """The answer as plain values; a refusal is an answer too."""
    try:
        return plain(read(viewer, *sample.arguments(county)))
    except (QingdunError, ObjectDoesNotExist, Http404) as error:
        return Refused(type(error).__name__)


class Refused(str):
    """Name of the error that was the answer."""


def plain(value: Any) -> Any:
    """The value as lists, dictionaries and plain values, all the way down."""
    if isinstance(value, Model):
        return {field.attname: getattr(value, field.attname) for field in value._meta.concrete_fields}
    if isinstance(value, QuerySet | list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def is_nothing(answer: Any) -> bool:
    """Whether the answer tells nothing: refused, empty, or made of such."""
    if isinstance(answer, Refused) or answer is None or answer in (0, "", False):
        return True
    if isinstance(answer, list):
        return all(is_nothing(item) for item in answer)
    if isinstance(answer, dict):
        return all(is_nothing(item) for item in answer.values())
    return False
