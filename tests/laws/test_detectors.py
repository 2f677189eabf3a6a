"""What is true of every detector of the catalogue; there are no exceptions."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import pyarrow as pa
import pytest

from qingdun.contract.codes import CallPhase, TransferPhase
from qingdun.contract.tables import TABLES
from qingdun.detect.catalogue import CATALOGUE
from qingdun.detect.pattern import Pattern
from qingdun.detect.weights import load_weights
from qingdun.run.embedded import Engine
from tests.run.world import START, H, M, World

HEADINGS = (
    "What it sees:",
    "Why it matters:",
    "What it is blind to:",
    "Who looks guilty and isn't:",
    "Source:",
)
SILENT_WITHOUT_OPTIONAL = {"call.shared_device", "transfer.shared_device"}
"""What sees nothing but optional columns; all others find somebody without them if they do with them."""
every_detector = pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.code)


def busy_world() -> World:
    world = World(6)
    world.everyday(7)
    world.police_story()
    world.tried(START + 9 * H + 13 * M, 0)
    world.tried(START + 9 * H + 20 * M, 0, "forwarded")
    world.list("number", "+44700000001")
    world.list("host", "b.cn")
    world.list("account", "9900000001")
    return world


def found_by(code: str, world: World, batch: dict[str, pa.Table] | None = None) -> list[Any]:
    """Everything one detector says while the whole engine runs."""
    engine, said = world.engine(), []
    detector = engine._by_code[code]
    for name in ("observe", "wake"):
        original = getattr(detector, name)

        def listening(event: Any, view: Any, original: Any = original) -> Any:
            before = pickle.dumps(event)
            found = list(original(event, view))
            assert pickle.dumps(event) == before, "the input was changed"
            said.extend((found_one, view.now) for found_one in found)
            return found

        object.__setattr__(detector, name, listening)
    engine.push(world.batch() if batch is None else batch)
    engine.finish()
    return said


@every_detector
def test_documents_itself(kind: type[Pattern]) -> None:
    doc = inspect.getdoc(inspect.getmodule(kind)) or ""
    places = [doc.find(heading) for heading in HEADINGS]
    assert -1 not in places
    assert places == sorted(places)
    assert kind.__doc__


@every_detector
def test_has_weights_and_a_file_of_its_name(kind: type[Pattern]) -> None:
    flow, _, _ = kind.code.partition(".")
    assert flow in ("call", "contact", "message", "visit", "transfer", "person")
    assert kind.code in load_weights().detectors
    assert (kind.__module__.rpartition(".")[2]) == kind.code.replace(".", "_")


def test_codes_and_weights_agree() -> None:
    assert sorted(k.code for k in CATALOGUE) == sorted(load_weights().detectors)
    assert len({k.code for k in CATALOGUE}) == len(CATALOGUE)


@every_detector
def test_pickles_in_use(kind: type[Pattern]) -> None:
    world = busy_world()
    engine = world.engine()
    engine.push(world.batch())
    detector = engine._by_code[kind.code]
    assert vars(pickle.loads(pickle.dumps(detector))) == vars(detector)


@every_detector
def test_repeats_itself_and_leaves_its_input_alone(kind: type[Pattern]) -> None:
    assert found_by(kind.code, busy_world()) == found_by(kind.code, busy_world())


@every_detector
def test_says_nothing_of_the_future_and_both_languages(kind: type[Pattern]) -> None:
    for found, now in found_by(kind.code, busy_world()):
        assert found.detector == kind.code
        assert found.at <= now
        assert found.text_zh
        assert found.text_en


@every_detector
def test_survives_nulls_in_optional_columns(kind: type[Pattern]) -> None:
    world = busy_world()
    batch = {
        name: pa.table(
            [
                pa.nulls(table.num_rows, column.type) if column.optional else table.column(column.name)
                for column in TABLES[name].columns
            ],
            names=table.column_names,
        )
        for name, table in world.batch().items()
    }
    said = found_by(kind.code, world, batch)
    assert all(found.detector == kind.code and found.text_zh and found.text_en for found, _ in said)
    assert bool(said) == bool(found_by(kind.code, world) and kind.code not in SILENT_WITHOUT_OPTIONAL)


@every_detector
def test_asks_for_phases_that_its_flows_have(kind: type[Pattern]) -> None:
    known = {"calls": set(CallPhase), "transfers": set(TransferPhase)}
    phases = set().union(*(known.get(flow, set()) for flow in kind.flows))
    assert set(kind.phases) <= phases


def test_nothing_is_known_of_strangers_to_the_city() -> None:
    world = busy_world()
    empty = World(0)
    engine: Engine = empty.engine()
    assert engine.push(world.batch()).alerts == []
