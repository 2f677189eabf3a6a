"""How a row of a ledger is printed."""

from __future__ import annotations

from operator import itemgetter

from qingdun.console.kernel.models import Region
from qingdun.console.kernel.tables import Column, Table


def test_a_number_or_a_moment_is_not_broken_over_two_lines() -> None:
    written = (
        "138****1234",
        "2026-06-17 15:29",
        "西牛镇花塘村村民委员会",
        "a bank that nobody names in a few words",
    )
    table = Table(
        "any", "Any", lambda viewer, ask: Region.objects.none(),
        (*(Column("", itemgetter(number)) for number in range(4)),
         Column("", lambda row: 67_000, kind="money")),
    )  # fmt: skip
    line = table.line(written, "/any/1/")
    assert [setting for _cell, setting in line["cells"]] == ["figure", "figure", "wrap", "wrap", "num figure"]
    assert line["cells"][-1][0] == "¥67,000.00"
