"""The audit page speaks in words of the reader's language; the codes stay in the rows."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.utils import translation

from qingdun.console import audit_words, catalogue
from qingdun.console.kernel.models import AuditRow


def recorded() -> Iterator[ast.Call]:
    """Every call in the console that writes an audit row."""
    for path in sorted(catalogue.HERE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("record", "audit.record"):
                yield node


def test_every_field_written_out_has_its_word() -> None:
    calls = list(recorded())
    assert len(calls) > 60
    written = {
        key.value
        for call in calls
        for part in (
            *call.args[3:5],
            *(word.value for word in call.keywords if word.arg in ("before", "after")),
        )
        if isinstance(part, ast.Dict)
        for key in part.keys
        if isinstance(key, ast.Constant)
    }
    assert len(written) > 40
    assert sorted(map(str, written - audit_words.FIELDS.keys())) == []


def test_every_subject_written_out_has_its_word() -> None:
    named = {
        call.args[2].elts[0].value
        for call in recorded()
        if len(call.args) > 2
        and isinstance(call.args[2], ast.Tuple)
        and isinstance(call.args[2].elts[0], ast.Constant)
    }
    assert {"feed", "city", "search"} <= named
    assert sorted(map(str, named - audit_words.SUBJECTS.keys())) == []


def test_no_subject_is_the_name_of_two_models() -> None:
    models = [model._meta.model_name for model in apps.get_models() if model.__module__.startswith("qingdun")]
    assert [kind for kind in audit_words.SUBJECTS if models.count(kind) > 1] == []


@pytest.mark.parametrize(
    ("kind", "field", "value", "chinese", "english"),
    [
        ("task", "state", "follow_up", "回访中", "Being followed up"),
        ("task", "level", "urgent", "紧急", "Urgent"),
        ("task", "fields", ["name", "number"], "姓名、号码", "name, number"),
        ("task", "result", "busy", "占线", "Busy line"),
        ("task", "lost", False, "否", "no"),
        ("task", "loss_avoided_fen", 6_700_000, "¥67,000.00", "¥67,000.00"),
        ("user", "role", "city_analyst", "市级研判员", "City analyst"),
        ("user", "factors", [], "无", "none"),
        ("message", "number", "+8613800001234", "+86 138****1234", "+86 138****1234"),
        ("task", "note", "转给6222021234567890", "转给****7890", "转给****7890"),
    ],
)
def test_codes_are_said_in_words(kind: str, field: str, value: object, chinese: str, english: str) -> None:
    for language, expected in (("zh-hans", chinese), ("en", english)):
        with translation.override(language):
            assert audit_words.value_words(kind, field, value) == expected


def test_a_row_reads_as_words() -> None:
    row = AuditRow(role="audit_admin", subject_kind="stoppayment", before="null", after='{"state":"held"}')
    with translation.override("zh-hans"):
        assert (audit_words.role_word(row.role), audit_words.subject_word(row.subject_kind)) == (
            "审计管理员", "止付指令",
        )  # fmt: skip
        said = [
            (audit_words.field_word(field), audit_words.value_words(row.subject_kind, field, after))
            for field, _before, after in row.changes
        ]
    assert said == [("状态", "已止付")]
