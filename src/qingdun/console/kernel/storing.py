"""New rows stored: one that must be the only one of its kind, and a great many at once, at a fraction of what
Django's own way costs: it builds a statement of thousands of parameters for each few dozen rows, where the
database would rather have the rows alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, connection, models, transaction

from qingdun.console.kernel.forms import FieldFaults

FEW = 20
"""So many rows go with their ids by one statement of Django's: asking for the ids first costs more."""


def stand(row: models.Model, taken: Mapping[str, str]) -> None:
    """The new row stands.

    Errors: FieldFaults with `taken` if somebody else has stored its like at the same moment: asking before
    does not tell what two do at once.
    """
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise FieldFaults(taken) from error


def store(rows: Iterable[models.Model], numbered: bool = False) -> int:
    """The rows, all of one model and new, stand in its table; how many. Only if `numbered` they have their
    ids afterwards, for others to hang on.

    As with `bulk_create`, no `save` and no signal runs; runs in the caller's transaction.
    """
    given = list(rows)
    if not given:
        return 0
    if numbered and len(given) <= FEW:
        type(given[0])._base_manager.bulk_create(given)
        return len(given)
    if numbered:
        _number(given)
    fields = _fields(type(given[0]), numbered)
    _write(type(given[0]), fields, _prepared(given, fields))
    return len(given)


def lay(model: type[models.Model], rows: Iterable[Mapping[str, Any]]) -> int:
    """The same for rows that nobody needs as objects: plain values by column, and where none is given the
    field's own. What they hang on stands already.
    """
    given, fields = list(rows), _fields(model)
    if given:
        ways = [(field.attname, _way(field), field.get_default()) for field in fields]
        _write(model, fields, ([way(told.get(name, own)) for name, way, own in ways] for told in given))
    return len(given)


def _fields(model: type[models.Model], numbered: bool = False) -> list[models.Field[Any, Any]]:
    """The columns to be written; ids the database gives by itself."""
    return [one for one in model._meta.concrete_fields if numbered or not isinstance(one, models.AutoField)]


def _write(
    model: type[models.Model], fields: Sequence[models.Field[Any, Any]], prepared: Iterable[list[Any]]
) -> None:
    names = ", ".join(connection.ops.quote_name(field.column or "") for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            copying = f"COPY {table} ({names}) FROM STDIN"
            # What goes past Django's cursor raises the driver's own errors otherwise.
            with connection.wrap_database_errors, cursor.copy(copying) as copy:
                for values in prepared:
                    copy.write_row(values)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", prepared)  # type: ignore[arg-type]


def settle() -> None:
    """What the rows stored so far in the transaction hang on has been looked at, where the database leaves
    that to the commit: whoever takes the ledger next holds it the shorter, and others wait for it.
    """
    if connection.vendor == "postgresql":
        connection.check_constraints()


def _number(rows: Sequence[models.Model]) -> None:
    """Each row has the next id of its table, in their order."""
    table, key = rows[0]._meta.db_table, rows[0]._meta.pk
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "nextval(pg_get_serial_sequence(%s, %s))"
            column = key.column if key else ""
            cursor.execute(
                f"SELECT {sequence} FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), column, len(rows)],
            )
            ids = [number for (number,) in cursor.fetchall()]
        else:
            # Whoever writes holds the whole file: nobody else numbers rows meanwhile.
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            last = (cursor.fetchone() or (0,))[0]
            ids = list(range(last + 1, last + 1 + len(rows)))
    for row, number in zip(rows, ids, strict=True):
        row.pk, row._state.adding, row._state.db = number, False, connection.alias


def _prepared(rows: Iterable[models.Model], fields: list[models.Field[Any, Any]]) -> Iterable[list[Any]]:
    """The values of each row as the database takes them."""
    ways = [(field.attname, _way(field)) for field in fields]
    owners = [one for one in fields if isinstance(one, models.ForeignKey)]
    for row in rows:
        if row._state.fields_cache:
            _hang(row, owners)
        told = row.__dict__
        yield [way(told[name]) for name, way in ways]


def _hang(row: models.Model, owners: Iterable[models.ForeignKey[Any, Any]]) -> None:
    """The row names what it hangs on, which may have been stored, and have its id, since the row was made.

    Errors: ValueError, as Django's own way says it, if that is not stored.
    """
    told, known = row.__dict__, row._state.fields_cache
    for one in owners:
        if told[one.attname] is None and (owner := known.get(one.name)) is not None:
            if owner.pk is None:
                row._prepare_related_fields_for_save(operation_name="store")  # type: ignore[attr-defined]
            told[one.attname] = getattr(owner, one.target_field.attname)


_AS_IS = (
    models.IntegerField, models.BigIntegerField, models.PositiveIntegerField,
    models.PositiveSmallIntegerField, models.SmallIntegerField, models.AutoField, models.BigAutoField,
    models.FloatField, models.BooleanField, models.ForeignKey,
)  # fmt: skip


def _way(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """How a value of the field is put for the database; most need nothing, and Django asks six functions."""
    if type(field) in (models.CharField, models.TextField):
        return _text
    if type(field) in _AS_IS:
        return _as_is
    if type(field) in (models.DateTimeField, models.DateField):
        return _time(field)
    return lambda value: field.get_db_prep_save(value, connection)


def _time(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """As Django puts it; many rows have the same moment or day, and what that costs is paid once."""
    known: dict[Any, Any] = {}

    def put(value: Any) -> Any:
        if value not in known:
            known[value] = field.get_db_prep_save(value, connection)
        return known[value]

    return put


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _as_is(value: Any) -> Any:
    return value
