"""Every ledger of the module by its code."""

from __future__ import annotations

from qingdun.console.kernel.tables import Table
from qingdun.console.outreach.matrix_tables import MATRIX
from qingdun.console.outreach.tables import OWN

TABLES: dict[str, Table] = {table.code: table for table in (*OWN, *MATRIX)}
