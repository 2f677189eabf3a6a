"""The chain is whole, and whoever touches it is found out."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from qingdun.console.kernel import audit
from qingdun.console.kernel.models import AuditRow, LedgerHead, User

pytestmark = pytest.mark.django_db


def write(count: int, actor: User | None = None) -> None:
    with transaction.atomic():
        for number in range(count):
            audit.record(
                actor, "touch", ("thing", str(number)), {"名": "前"}, {"名": "后", "x": 0.1}, "演练记录"
            )


def without_triggers() -> None:
    """What an attacker with the rights of the owner of the database would do first."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_no_UPDATE")
            cursor.execute("DROP TRIGGER audit_no_DELETE")
        else:
            cursor.execute("ALTER TABLE kernel_auditrow DISABLE TRIGGER USER")


def test_chain_of_untouched_rows_is_whole() -> None:
    write(5)
    verdict = audit.verify_chain()
    assert verdict.intact
    assert verdict.rows == AuditRow.objects.count()
    assert verdict.head == LedgerHead.objects.get().hash


def test_row_names_what_changed() -> None:
    write(1)
    assert AuditRow.objects.get(verb="touch").changes == [("x", None, 0.1), ("名", "前", "后")]


@pytest.mark.parametrize("act", ["update", "delete"])
def test_database_refuses_to_change_a_row(act: str) -> None:
    write(2)
    rows = AuditRow.objects.filter(verb="touch")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(purpose="forged") if act == "update" else rows.delete()
    assert audit.verify_chain().intact


@pytest.mark.parametrize(
    ("field", "value"), [("purpose", "forged"), ("actor", "nobody"), ("after", "{}"), ("hash", "0" * 64)]
)
def test_changed_row_is_found(field: str, value: str) -> None:
    write(5)
    without_triggers()
    third = AuditRow.objects.order_by("seq")[2]
    AuditRow.objects.filter(seq=third.seq).update(**{field: value})
    verdict = audit.verify_chain()
    assert verdict.broken_at == third.seq


def test_row_rehashed_after_a_change_is_found_at_its_successor() -> None:
    write(5)
    without_triggers()
    third = AuditRow.objects.order_by("seq")[2]
    third.purpose = "forged"
    AuditRow.objects.filter(seq=third.seq).update(purpose="forged", hash=audit.hash_of(third))
    assert audit.verify_chain().broken_at == third.seq + 1


def test_missing_rows_are_found_in_the_middle_and_at_the_end() -> None:
    write(5)
    without_triggers()
    seqs = list(AuditRow.objects.order_by("seq").values_list("seq", flat=True))
    AuditRow.objects.filter(seq=seqs[-1]).delete()
    assert "missing at the end" in audit.verify_chain().reason
    AuditRow.objects.filter(seq=seqs[1]).delete()
    assert audit.verify_chain().reason == f"row {seqs[1]} is missing"


@pytest.mark.django_db(transaction=True)
def test_record_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        audit.record(None, "touch", ("thing", "1"))


def test_rolled_back_act_leaves_no_row_and_no_gap() -> None:
    write(1)
    with transaction.atomic():
        audit.record(None, "touch", ("thing", "lost"))
        transaction.set_rollback(True)
    write(1)
    assert audit.verify_chain().intact
    assert not AuditRow.objects.filter(subject_id="lost").exists()


def test_a_missing_head_is_found() -> None:
    write(3)
    LedgerHead.objects.all().delete()
    verdict = audit.verify_chain()
    assert (verdict.intact, verdict.reason) == (False, "the head of the ledger is missing")
