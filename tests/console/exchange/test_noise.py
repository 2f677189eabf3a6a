"""Whatever is sent is read, or refused with a cause: never a crash, nothing that a database cannot keep."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingdun.console.exchange.codes import KINDS, Form
from qingdun.console.exchange.patterns import entities_of, pattern_of
from qingdun.console.exchange.reading import Reading, Unread, items_of, items_of_objects, json_of, read
from qingdun.console.exchange.taxii.answers import TaxiiError
from qingdun.console.exchange.taxii.views import sent
from qingdun.errors import InputError
from tests import strokes
from tests.console.exchange.conftest import TAXII, Meet, Outside, by_itself

NAMES = (
    "type", "id", "pattern", "pattern_type", "labels", "extensions", "valid_until", "modified", "revoked",
    "confidence", "name", "uuid", "value", "to_ids", "Tag", "Attribute", "Object", "Event", "response",
    "objects", "deleted", "event", "timestamp", "comment", "spec_version",
)  # fmt: skip
VALUES = (
    None, True, False, 0, 1, -1, 10**400, 1.5, 1e308, "", "a", "\0", "\ud800", "字" * 300, [], {}, [[]],
    {"": None},
    "indicator", "identity", "stix", "domain", "url", "1", "[domain-name:value = 'a.example']",
    "[url:value = 'http://[']", "[", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59.9Z", "scam:loan",
    "qingdun:kind=host", 'qingdun:scam="loan"', "24:00", "2026-01-01",
)  # fmt: skip
INDICATOR = {
    "type": "indicator", "spec_version": "2.1", "id": "indicator--1", "created": "2026-11-01T00:00:00.000Z",
    "modified": "2026-11-01T00:00:00.000Z", "pattern_type": "stix", "confidence": 70, "name": "no 1",
    "pattern": "[domain-name:value = 'a.example' OR url:value = 'tel:+86-172-5801-0001']",
    "valid_until": "2027-01-01T00:00:00Z", "labels": ["scam:phishing"],
    "extensions": {"extension-definition--1": {"scam_type": "loan"}}, "revoked": False,
}  # fmt: skip
ATTRIBUTE = {
    "uuid": "1", "type": "domain", "value": "a.example", "to_ids": True, "timestamp": "1", "deleted": False,
    "Tag": [{"name": 'qingdun:scam="loan"'}, {"name": "qingdun:kind=host"}], "comment": "no 1",
}  # fmt: skip
EVENT = {
    "Event": {"uuid": "1", "info": "x", "Attribute": [ATTRIBUTE], "Object": [{"Attribute": [ATTRIBUTE]}]}
}
BASES = (
    INDICATOR, {"type": "identity", "id": "identity--1"}, {"objects": [INDICATOR, INDICATOR]}, EVENT,
    {"response": [EVENT]}, ATTRIBUTE,
)  # fmt: skip
DRAWN = st.tuples(st.integers(0, len(BASES) - 1), strokes.SOME)


def made(which: int, changed: bytes) -> Any:
    """An object or a file of such, changed by strokes."""
    return strokes.objects(BASES[which], changed, NAMES, VALUES)


def is_read_or_refused(which: int, changed: bytes) -> None:
    """Every form reads it, or says why not."""
    raw = json.dumps(made(which, changed)).encode()
    try:
        items = list(items_of_objects([json_of(raw)]))
    except InputError:  # a database could not keep it
        return
    for form in Form:
        with suppress(InputError):
            items += items_of(form, "x", raw) if form != Form.CSV else []
        for one in items:
            with suppress(Unread):
                assert isinstance(read(form, one.body), Reading)


@given(DRAWN)
def test_any_object_is_read_or_refused(drawn: tuple[int, bytes]) -> None:
    is_read_or_refused(*drawn)


@pytest.mark.slow
@settings(max_examples=100_000)
@given(DRAWN)
def test_any_object_is_read_or_refused_a_hundred_thousand_times(drawn: tuple[int, bytes]) -> None:
    is_read_or_refused(*drawn)


POSTED = given(st.lists(DRAWN, max_size=3), strokes.SOME, st.integers(0, 9))


def is_taken_or_refused(drawn: list[tuple[int, bytes]], changed: bytes, which: int) -> None:
    """What a peer posts, up to where it would be kept."""
    raw = json.dumps({"objects": [made(*one) for one in drawn]}).encode()
    raw = strokes.octets(raw, changed) if which > 6 else raw
    request = RequestFactory().post("/", raw, content_type="text/plain" if which == 0 else TAXII)
    items, status = [], 202
    try:
        items = sent(request)
    except TaxiiError as error:
        status = error.status
    except InputError:
        status = 400
    assert status in (202, 400, 413, 415, 422)
    assert bool(items) == (status == 202)
    for one in items:
        kept = json.dumps([one.body, one.object_id, one.version], ensure_ascii=False).encode()
        assert b"\\u0000" not in kept
        with suppress(Unread):
            assert isinstance(read(Form.STIX, one.body), Reading)


@POSTED
def test_what_is_posted_is_taken_or_refused(
    drawn: list[tuple[int, bytes]], changed: bytes, which: int
) -> None:
    is_taken_or_refused(drawn, changed, which)


@pytest.mark.slow
@settings(max_examples=100_000)
@POSTED
def test_what_is_posted_is_taken_or_refused_a_hundred_thousand_times(
    drawn: list[tuple[int, bytes]], changed: bytes, which: int
) -> None:
    is_taken_or_refused(drawn, changed, which)


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
@given(drawn=st.lists(DRAWN, min_size=1, max_size=4))
def test_what_is_posted_is_kept_with_its_outcome_or_refused(
    outside: Outside, drawn: list[tuple[int, bytes]]
) -> None:
    """Through the endpoint, the database and the reading: no answer is a failure of ours."""
    objects = [made(*one) for one in drawn]
    body = json.dumps({"objects": objects})
    path = "lists/collections/host/objects/"
    answer = outside.ask(path, "post", data=body, content_type=TAXII)
    assert answer.status_code in (202, 400)
    by_itself()
    if answer.status_code == 202:
        told = outside.read(f"lists/status/{json.loads(answer.content)['id']}/")
        assert (told["status"], told["total_count"]) == ("complete", len(objects))
