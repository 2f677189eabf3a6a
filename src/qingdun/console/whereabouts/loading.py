"""Cells and bank branches, brought into the database in bulk; loading twice changes nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import models, transaction

from qingdun.console.kernel import audit
from qingdun.console.whereabouts.models import Branch, Cell
from qingdun.contract.columns import Table
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import BRANCHES, CELLS, Reject

AT_ONCE = 2000


class Loaded(NamedTuple):
    """How many rows of each kind the directory holds, and which were left out and why."""

    cells: int
    branches: int
    rejects: tuple[Reject, ...] = ()


@transaction.atomic
def load_places(directory: FlowDirectory) -> Loaded:
    """Cells and bank branches stand as the optional reference tables say; one audit row if there were any.

    Errors: those of `FlowDirectory`.
    """
    before = len(directory.rejects)
    counts = {
        "cells": _upsert(directory, CELLS, Cell, ("cell", "lng", "lat")),
        "branches": _upsert(directory, BRANCHES, Branch, ("branch_code", "bank", "name", "lng", "lat")),
    }
    if any(counts.values()):
        audit.record(None, "load_places", ("flow_directory", directory.path.name), None, counts)
    return Loaded(**counts, rejects=tuple(directory.rejects[before:]))


def _upsert(
    directory: FlowDirectory, table: Table, model: type[models.Model], columns: tuple[str, ...]
) -> int:
    rows: list[dict[str, Any]] = directory.reference(table).select(columns).to_pylist()
    # A key that comes twice is taken as it stands last: one statement may write a row only once.
    once = {row[columns[0]]: row for row in rows}
    model._default_manager.bulk_create(
        [model(**row) for row in once.values()],
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=[columns[0]],
        update_fields=columns[1:],
    )
    return len(once)
