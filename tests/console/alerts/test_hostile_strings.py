"""From files to the database: what is as long as it may be is kept whole, what cannot be kept is a reject."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qingdun.console.alerts.models import Alert, ContextEvent, Evidence, RejectedRow, Suspect
from qingdun.console.alerts.sink import ConsoleSink
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.loading import load_people
from qingdun.console.kernel.models import Person
from qingdun.contract.columns import LONGEST
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import write_table
from qingdun.contract.tables import ACCOUNTS, CALLS, MESSAGES, SUBSCRIBERS, VISITS
from qingdun.run.directory import run_directory
from tests.console.alerts import world as made
from tests.contract.test_texts import strings
from tests.run.test_directory import keyword_engine
from tests.run.world import START, H, M, World

BAD = (b"1069\x00", b"1069\xed\xa0\x80", b"9" * (LONGEST + 1))
# Four bytes a character, and no two alike: indices of PostgreSQL hold 2,700 bytes and compress what repeats.
LONG_SENDER = "".join(chr(0x20000 + 7 * n) for n in range(LONGEST))
LONG_HOST = ("fake" + "x" * LONGEST)[: LONGEST - 8] + ".invalid"


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """The police story by a caller with the longest name there can be, scam messages by such a sender."""
    city = World(5)
    victim = city.police_story()
    city.rows["calls"] = [
        row._replace(caller=LONG_SENDER) if row.caller.startswith("+0086") else row
        for row in city.rows["calls"]
    ]
    for person in range(city.persons):
        city.message(START + 9 * H + 20 * M + person, LONG_SENDER, city.number(person), "刷单日结 go.fake.cn")
        city.visit(START + 9 * H + 21 * M + person, city.number(person), LONG_HOST)
    city.transfer(START + 9 * H + 28 * M, city.account(0), "9" * LONGEST, 20_000)
    assert victim == city.number(0)
    for number in range(len(BAD)):
        city.message(START + 9 * H + 30 * M + number, "to be spoilt", city.number(1), "刷单")
    folder = city.write(tmp_path / "flows")
    spoil(folder / "messages.parquet", "sender")
    return folder


def spoil(path: Path, column: str) -> None:
    """The strings to be spoilt are what no database takes."""
    table = pq.read_table(path)
    bad = iter(BAD)
    values = [next(bad) if v == "to be spoilt" else v.encode() for v in table[column].to_pylist()]
    table = table.set_column(table.schema.get_field_index(column), column, strings(values))
    pq.write_table(table, path)


def test_longest_strings_are_kept_whole_and_impossible_ones_rejected(world: made.World, flows: Path) -> None:
    sink = ConsoleSink(source=str(flows))
    for _ in range(2):
        run_directory(flows, None, [sink], build=keyword_engine)
    assert Alert.objects.exists()
    assert Evidence.objects.filter(entity=LONG_SENDER).exists()
    assert ContextEvent.objects.filter(entity=LONG_SENDER, lane="messages").exists()
    assert ContextEvent.objects.filter(entity=LONG_HOST).exists()
    assert Suspect.objects.filter(entity=LONG_SENDER).exists()
    assert [reason.split(",")[0] for reason in RejectedRow.objects.values_list("reason", flat=True)] == [
        "sender: found a NUL character",
        "sender: found bytes that are no UTF-8 (b'1069\\xed\\xa0\\x80')",
        f"sender: found {LONGEST + 1} characters",
    ]
    assert verify_chain().intact


def test_a_register_of_longest_names_is_loaded_and_impossible_rows_are_left_out(
    world: made.World, flows: Path
) -> None:
    town = world.town.code
    people = pq.read_table(flows / "subscribers.parquet").to_pylist()
    names = ["人" * 64, *"bcde"]
    rows = [SUBSCRIBERS.row(**row | {"town_code": town}) for row in people]
    rows = [row._replace(person_id=names[n], carrier="移" * 32) for n, row in enumerate(rows)]
    write_table(SUBSCRIBERS, rows, flows / "subscribers.parquet")
    held = [
        ("6" * 40, names[0], "bank", "名" * 64),
        ("6200", names[0], "b" * 65, "too long a bank"),
        ("62\x0001", names[1], "bank", "a NUL"),
        ("6" * 41, names[1], "bank", "too long a number"),
    ]
    accounts = [
        ACCOUNTS.row(account, person, "personal", bank, None, None, holder, None, None)
        for account, person, bank, holder in held
    ]
    write_table(ACCOUNTS, accounts, flows / "accounts.parquet")
    directory = FlowDirectory(flows)
    loaded = load_people(directory)
    assert (loaded.persons, loaded.accounts) == (5, 1)
    assert Person.objects.get(person_id=names[0]).name == "名" * 64
    assert [(r.flow, r.row) for r in directory.rejects] == [("accounts", 1), ("accounts", 2), ("accounts", 3)]


def test_columns_the_contract_ignores_may_hold_anything(world: made.World, flows: Path) -> None:
    for table in (CALLS, VISITS, MESSAGES):
        path = flows / f"{table.name}.parquet"
        rows = pq.read_table(path)
        rows = rows.append_column("remarks", strings([b"\xff\x00"] * rows.num_rows))
        pq.write_table(rows, path)
    report = run_directory(flows, None, build=keyword_engine)
    assert report.rejects == len(BAD)
    assert isinstance(rows, pa.Table)
