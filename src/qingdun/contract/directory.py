"""A flow directory: its files checked when it is opened, its rows read in time windows of bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.checking import ROW, check_rows, check_schema
from qingdun.contract.columns import Table
from qingdun.contract.progress import Share, unheard
from qingdun.contract.storage import TableFiles, find_files
from qingdun.contract.tables import FLOWS, OUTCOMES, REQUIRED_REFERENCES, TABLES, TRUTH, Reject
from qingdun.contract.windows import DICTIONARIES, Window, windows
from qingdun.errors import MissingFile


class FlowDirectory:
    """Four flows and their reference tables in one folder.

    A table is `NAME.parquet`, `NAME.arrow` or a folder `NAME/` of such files. The four flows,
    `subscribers` and `accounts` must be there; other tables may be absent. `rejects` fills while rows are
    read.
    """

    def __init__(self, path: Path, needed: Sequence[Table] = (*FLOWS, *REQUIRED_REFERENCES)) -> None:
        """Open the folder and check every file's schema; `needed` tables must be there.

        Errors: MissingFile, EmptyFile, UnreadableFile, MissingColumn, WrongType, each naming the file.
        """
        self.path = path
        self.rejects: list[Reject] = []
        if not path.is_dir():
            raise MissingFile(f"{path}: no such folder; expected a flow directory")
        self._files: dict[str, TableFiles] = {}
        for table in TABLES.values():
            paths = find_files(path, table.name)
            if paths:
                self._files[table.name] = TableFiles(table, paths, DICTIONARIES.get(table.name, ()))
        missing = [t.name for t in needed if t.name not in self._files]
        if missing:
            names = ", ".join(f"{name}.parquet" for name in missing)
            raise MissingFile(f"{path}: the folder needs {names}; found {self._found()}")
        for files in self._files.values():
            for file, schema in zip(files.paths, files.schemas, strict=True):
                check_schema(files.table, schema, str(file))

    def _found(self) -> str:
        return ", ".join(sorted(p.name for p in self.path.iterdir())) or "an empty folder"

    def has(self, table: Table) -> bool:
        """Whether the directory holds files of that table."""
        return table.name in self._files

    def files(self, table: Table) -> TableFiles | None:
        """The files of that table, or None."""
        return self._files.get(table.name)

    def reference(self, table: Table, numbered: bool = False) -> pa.Table:
        """The whole checked table; of no rows if it is optional and absent. `numbered` adds column `row`,
        each row's position in the files.

        Errors: MissingFile if `truth` is asked for and absent; UnreadableFile.
        """
        if table.name not in self._files and table is TRUTH:
            raise MissingFile(f"{self.path}: truth.parquet is needed to evaluate; found {self._found()}")
        schema = table.schema.append(pa.field(ROW, pa.int64())) if numbered else table.schema
        files = self._files.get(table.name)
        parts: list[pa.Table] = []
        if files is not None:
            for piece, rows in files.read_all():
                checked = check_rows(table, rows, piece.first_row, str(files.paths[piece.file]))
                self.rejects += checked.rejects
                parts.append(checked.table.select(schema.names).cast(schema))
        return pa.concat_tables(parts) if parts else schema.empty_table()

    def values(self, table: Table, column: str, told: Share = unheard) -> frozenset[str]:
        """Every value of a column of strings, those of rows that are rejected too. Errors: UnreadableFile."""
        files, found = self._files.get(table.name), set[str]()
        if files is None:
            return frozenset()
        pieces = list(files.pieces())
        for done, piece in enumerate(pieces):
            told(done / len(pieces))
            strings = files.read(piece.file, piece.index, [column]).column(column)
            # Bytes, since what is no text is rejected only where rows are checked.
            distinct = pc.unique(strings.cast(pa.string(), safe=False).cast(pa.binary()))
            found.update(raw.decode(errors="replace") for raw in distinct.to_pylist() if raw is not None)
        return frozenset(found)

    def rows(self, table: Table) -> int:
        """How many rows the files of a table hold."""
        files = self._files.get(table.name)
        return sum(piece.rows for piece in files.pieces()) if files else 0

    def span(self) -> tuple[int, int]:
        """First and last `at` over all flows, UTC microseconds; (0, 0) if there is no row."""
        pieces = [p for flow in FLOWS for p in self._files[flow.name].pieces() if p.latest]
        if not pieces:
            return 0, 0
        return min(p.earliest for p in pieces), max(p.latest for p in pieces)

    def windows(self, length_us: int) -> Iterator[Window]:
        """Every row of the four flows, and of outcomes if there are any, once, in windows of `length_us`;
        windows without rows are left out.

        Files written in order of time need the memory of one window and the row groups it touches; a file
        in no order is held whole. Column `row` gives each row's position in its flow.
        """
        timed = (*FLOWS, OUTCOMES) if self.has(OUTCOMES) else FLOWS
        return windows([self._files[flow.name] for flow in timed], length_us, self.rejects)
