"""Cells and branches of a flow directory: optional, loaded once however often."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingdun.console.kernel.models import AuditRow
from qingdun.console.whereabouts.loading import Loaded, load_places
from qingdun.console.whereabouts.models import Branch, Cell
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import write_table
from qingdun.contract.tables import BRANCHES, CELLS
from qingdun.contract.tables import Branch as BranchRow
from qingdun.contract.tables import Cell as CellRow
from tests.run.world import World


@pytest.mark.django_db
def test_what_the_directory_holds_is_loaded_and_loading_again_brings_changes(tmp_path: Path) -> None:
    folder = World().write(tmp_path)
    assert load_places(FlowDirectory(folder)) == Loaded(0, 0)
    assert not AuditRow.objects.filter(verb="load_places").exists()
    write_table(
        CELLS, [CellRow("c1", 113.0, 24.0, None), CellRow("c2", 113.1, 24.0, None)], folder / "cells.parquet"
    )
    write_table(
        BRANCHES, [BranchRow("b1", "演练银行", "一支行", 113.0, 24.0, None)], folder / "branches.parquet"
    )
    assert load_places(FlowDirectory(folder)) == Loaded(2, 1)
    write_table(CELLS, [CellRow("c1", 113.5, 24.5, None)], folder / "cells.parquet")
    assert load_places(FlowDirectory(folder)) == Loaded(1, 1)
    write_table(
        CELLS,
        [CellRow("c1", 113.5, 24.5, None), CellRow("c" * 300, 113.5, 24.5, None)],
        folder / "cells.parquet",
    )
    (reject,) = load_places(FlowDirectory(folder)).rejects
    assert (reject.flow, reject.row) == ("cells", 1)
    assert (Cell.objects.get(pk="c1").lng, Cell.objects.count(), Branch.objects.count()) == (113.5, 2, 1)
