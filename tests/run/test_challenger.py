"""A challenger beside the champion changes nothing of it, and says what it would say alone."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from qingdun.contract.storage import write_table
from qingdun.contract.tables import FLOWS
from qingdun.detect.weights import Weights, load_weights, parse_weights
from qingdun.run.challenger import Challenger, Folders, name_of
from qingdun.run.embedded import Engine
from qingdun.run.live import Live
from qingdun.run.sinks.gathering import Gathering
from qingdun.run.sinks.parts import PartsSink
from qingdun.run.snapshots import Snapshots
from qingdun.run.sources.landing import Landing
from tests.run.world import START, H, KeywordSites, KeywordTexts, World

HOURS = 3


def eager() -> Weights:
    """Weights by which sooner somebody is scammed."""
    source: Any = copy.deepcopy(load_weights().source)
    source["version"], source["sum"]["prior_bits"] = "eager/1", -6.0
    return parse_weights(source)


@pytest.fixture(scope="module")
def world() -> World:
    made = World(8)
    made.everyday(5, hours=HOURS, events=350)
    made.police_story(START + H)
    return made


def engine(world: World, weights: Weights | None = None) -> Engine:
    return Engine(world.reference(), weights, texts=KeywordTexts(), sites=KeywordSites())


class Place:
    """The folders of a run; `challenged` by other weights or alone."""

    def __init__(self, folder: Path, world: World, weights: Weights | None = None) -> None:
        self.world, self.weights = world, weights
        self.landing, self.state, self.out = folder / "landing", folder / "state", folder / "out"
        self.heard = Gathering()
        self.challenger: Challenger | None = None
        self.challenged = 0
        """How many alerts challengers raised."""
        self.landing.mkdir(parents=True)

    def land(self, hour: int) -> None:
        for flow in FLOWS:
            own = [
                row
                for row in self.world.rows[flow.name]
                if START + hour * H <= row.at < START + (hour + 1) * H
            ]
            if own:
                (self.landing / flow.name).mkdir(exist_ok=True)
                path = self.landing / flow.name / f"{hour}.parquet"
                write_table(flow, sorted(own, key=lambda row: row.at), path)

    def run(self, challenged: Weights | None = None) -> None:
        """What has landed is judged, by engines that go on from their snapshots."""
        if challenged is not None:
            folders = Folders.beside(self.state, self.out, challenged)
            self.challenger = Challenger(engine(self.world, challenged), folders)
        live = Live(
            engine(self.world, self.weights), Landing(self.landing), Snapshots(self.state),
            [PartsSink(self.out)], [_Heard(self.heard)],
            challenger=self.challenger, every_s=0.0, keep_landed=True,
        )  # fmt: skip
        rested: list[float] = []
        live.run(lambda: bool(rested), rested.append)
        self.challenged += self.challenger.alerts if self.challenger else 0

    def through(self, challenged: Weights | None = None) -> Place:
        """All hours, the engine started anew for each."""
        for hour in range(HOURS):
            self.land(hour)
            self.run(challenged)
        return self


class _Heard(Gathering):
    """What a sink that acts is told."""

    def __init__(self, into: Gathering) -> None:
        self.__dict__ = into.__dict__

    def close(self) -> None:
        """Nothing more comes."""


def written(folder: Path) -> dict[str, bytes]:
    """Every file of results, without those of challengers."""
    paths = [path for path in folder.rglob("*.parquet") if "challengers" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(paths)}


def test_the_champion_is_the_same_to_the_byte_and_the_challenger_as_if_alone(
    tmp_path: Path, world: World
) -> None:
    alone = Place(tmp_path / "alone", world).through()
    beside = Place(tmp_path / "beside", world).through(eager())
    other = Place(tmp_path / "other", world, eager()).through()
    assert "alerts/000000000001.parquet" in written(alone.out)
    assert written(beside.out) == written(alone.out)
    assert beside.heard._alerts == alone.heard._alerts
    assert beside.heard._suspects == alone.heard._suspects
    shadow = beside.out / "challengers" / name_of(eager())
    assert {str(p.relative_to(shadow)): p.read_bytes() for p in sorted(shadow.rglob("*.parquet"))} == written(
        other.out
    )
    assert written(other.out) != written(alone.out)
    assert beside.challenged == len(other.heard._alerts) > 0


def test_a_challenger_that_fails_ends_alone(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alone = Place(tmp_path / "alone", world)
    beside = Place(tmp_path / "beside", world)
    for place in (alone, beside):
        for hour in range(HOURS):
            place.land(hour)
    alone.run()
    challenged = eager()
    push = Engine.push

    def failing(self: Engine, batch: Any) -> Any:
        if self.weights.version == challenged.version:
            raise ZeroDivisionError("weights that cannot be")
        return push(self, batch)

    monkeypatch.setattr(Engine, "push", failing)
    beside.run(challenged)
    assert beside.challenger is not None
    assert beside.challenger.fault == "ZeroDivisionError: weights that cannot be"
    assert "the champion goes on" in caplog.text
    assert written(beside.out) == written(alone.out)


def test_a_challenger_that_comes_later_or_lost_its_snapshot_has_seen_nothing(
    tmp_path: Path, world: World
) -> None:
    place = Place(tmp_path, world)
    place.land(0)
    place.run()
    for hour in (1, 2):
        place.land(hour)
        place.run(eager())
    folders = Folders.beside(place.state, place.out, eager())
    first = sorted(path.name for path in (folders.out / "alerts").glob("*.parquet"))
    assert first
    assert first[0] > "000000000001.parquet", "it began with the second hour"
    for path in folders.state.glob("*.snapshot"):
        path.unlink()
    place.run(eager())
    assert list((folders.out / "alerts").glob("*.parquet")) == [], "what it said goes with what it knew"


def test_a_name_is_of_these_weights_alone() -> None:
    assert name_of(eager()).startswith("eager_1-")
    assert name_of(eager()) == name_of(eager())
    assert name_of(eager()) != name_of(load_weights())
