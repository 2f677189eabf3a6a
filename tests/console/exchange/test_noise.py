"""Whatever is sent is read, or refused with a cause: never a crash, nothing that a database cannot keep."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingdun.console.exchange.codes import KINDS, Form
from qingdun.console.exchange.patterns import entities_of, pattern_of
from qingdun.console.exchange.reading import Reading, Unread, items_of, items_of_objects, json_of, read
from qingdun.errors import InputError
from tests.console.exchange.conftest import TAXII, Meet, Outside, by_itself

NAMES = st.sampled_from(
    [
        "type", "id", "pattern", "pattern_type", "labels", "extensions", "valid_until", "modified", "revoked",
        "confidence", "name", "uuid", "value", "to_ids", "Tag", "Attribute", "Object", "Event", "response",
        "objects", "deleted", "event", "timestamp", "comment", "spec_version",
    ]
)  # fmt: skip
WORDS = st.sampled_from(
    [
        "indicator", "identity", "stix", "domain", "url", "1", "[domain-name:value = 'a.example']",
        "[url:value = 'http://[']", "[", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59.9Z", "scam:loan", "",
    ]
)  # fmt: skip
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=20)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=8)


def is_read_or_refused(found: Any) -> None:
    """Every form reads it, or says why not."""
    for form in Form:
        try:
            items = items_of(form, "x", json.dumps(found).encode()) if form != Form.CSV else []
        except InputError:
            items = []
        for body in [*(one.body for one in items), *(one.body for one in items_of_objects([found]))]:
            with suppress(Unread):
                assert isinstance(read(form, body), Reading)


@given(OBJECTS)
def test_any_object_is_read_or_refused(found: dict[str, Any]) -> None:
    is_read_or_refused(found)


@pytest.mark.slow
@settings(max_examples=100_000)
@given(OBJECTS)
def test_any_object_is_read_or_refused_at_length(found: dict[str, Any]) -> None:
    is_read_or_refused(found)


@given(st.sampled_from([kind for kind in KINDS if kind != "host"]), st.text(min_size=1, max_size=60))
def test_every_entity_comes_back_from_its_pattern(kind: str, entity: str) -> None:
    assert entities_of(pattern_of(kind, entity)) == [(kind, entity)]


@given(st.text(alphabet="[]:'\\= ORab-1.domain-namevalue", max_size=80))
def test_any_pattern_is_read_or_is_none(pattern: str) -> None:
    found = entities_of(pattern)
    assert found is None or all(len(pair) == 2 for pair in found)


@pytest.mark.parametrize(
    "text", ["NaN", "[1e999]", '"\\u0000"', '{"a": "\\ud800"}', "[" * 60 + "]" * 60, "[" * 9999, "\xff", ""]
)
def test_what_no_database_keeps_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        json_of(text.encode("latin-1"))


@pytest.fixture
def outside(db: None, meet: Meet) -> Outside:
    """A peer that may send."""
    return meet("noise")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(objects=st.lists(OBJECTS, min_size=1, max_size=4))
def test_what_is_posted_is_kept_with_its_outcome_or_refused(
    outside: Outside, objects: list[dict[str, Any]]
) -> None:
    """Through the endpoint, the database and the reading: no answer is a failure of ours."""
    body = json.dumps({"objects": objects})
    path = "lists/collections/host/objects/"
    answer = outside.ask(path, "post", data=body, content_type=TAXII)
    assert answer.status_code in (202, 400)
    by_itself()
    if answer.status_code == 202:
        told = outside.read(f"lists/status/{json.loads(answer.content)['id']}/")
        assert (told["status"], told["total_count"]) == ("complete", len(objects))
