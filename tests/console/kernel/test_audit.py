"""The chain is whole, and whoever touches it is found out."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from qingdun.console.kernel import audit
from qingdun.console.kernel.models import AuditRow, LedgerHead, User
from tests.hearing import Hearing

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
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_no_%'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("ALTER TABLE kernel_auditrow DISABLE TRIGGER USER")
            cursor.execute("ALTER TABLE kernel_ledgerhead DISABLE TRIGGER USER")


def test_chain_of_untouched_rows_is_whole() -> None:
    write(5)
    told = Hearing()
    verdict = audit.verify_chain(told)
    assert told.rises()
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
    without_triggers()
    LedgerHead.objects.all().delete()
    verdict = audit.verify_chain()
    assert (verdict.intact, verdict.reason) == (False, "the head of the ledger is missing")


def forged_insert(verb: str, seq: int, **changes: str) -> None:
    """A copy of an audit row is written under that number, with other words in it."""
    columns = [field.column for field in AuditRow._meta.concrete_fields]
    values = [changes.get(column, column) for column in columns]
    values[columns.index("seq")] = str(seq)
    into = ["rowid", *columns] if "rowid" in changes else columns
    picked = [changes["rowid"], *values] if "rowid" in changes else values
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            f"{verb} INTO kernel_auditrow ({', '.join(into)}) "
            f"SELECT {', '.join(picked)} FROM kernel_auditrow ORDER BY seq DESC LIMIT 1"
        )


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own form of insert")
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE", "INSERT"])
def test_a_row_is_not_replaced(verb: str) -> None:
    write(3)
    last = AuditRow.objects.order_by("seq").last()
    assert last is not None
    for seq, changes in (
        (last.seq, {"purpose": "'forged'"}),
        (last.seq - 1, {"purpose": "'forged'"}),
        (last.seq + 1, {"rowid": "rowid", "hash": "'forged'"}),
    ):
        with pytest.raises(DatabaseError, match="append-only"):
            forged_insert(verb, seq, **changes)
    assert not AuditRow.objects.filter(purpose="forged").exists()
    assert audit.verify_chain().intact


@pytest.mark.parametrize("step", [2, 100, -1000])
def test_no_row_is_put_anywhere_but_at_the_end(step: int) -> None:
    write(3)
    with pytest.raises(DatabaseError, match="append-only"):
        forged_insert("INSERT", LedgerHead.objects.get().seq + step)
    assert audit.verify_chain().intact


def test_the_head_goes_forward_only() -> None:
    write(3)
    head = LedgerHead.objects.get()
    for change in ({"seq": head.seq - 1}, {"hash": "0" * 64}, {"id": 2}):
        with pytest.raises(DatabaseError, match="head of the ledger"), transaction.atomic():
            LedgerHead.objects.update(**change)
    with pytest.raises(DatabaseError, match="head of the ledger stays"), transaction.atomic():
        LedgerHead.objects.all().delete()
    if connection.vendor == "sqlite":
        with pytest.raises(DatabaseError, match="has a head"), connection.cursor() as cursor:
            cursor.execute("REPLACE INTO kernel_ledgerhead (id, seq, hash) VALUES (1, 1, 'x')")
    assert audit.verify_chain().intact


def test_what_is_appended_while_the_chain_is_read_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    write(3)
    before, hash_of, appended = AuditRow.objects.count(), audit.hash_of, []

    def appending(row: AuditRow) -> str:
        if not appended:
            appended.append(row)
            write(1)
        return hash_of(row)

    monkeypatch.setattr(audit, "hash_of", appending)
    verdict = audit.verify_chain()
    assert (verdict.intact, verdict.rows) == (True, before)
    assert AuditRow.objects.count() == before + 1
    assert audit.verify_chain().rows == before + 1


def test_a_row_behind_the_head_is_found() -> None:
    write(3)
    without_triggers()
    last = LedgerHead.objects.get().seq
    forged_insert("INSERT", last + 1, hash="'forged'")
    verdict = audit.verify_chain()
    assert (verdict.broken_at, verdict.reason) == (last + 1, f"row {last + 1} is behind the head")
