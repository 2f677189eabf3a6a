"""One operation is one cluster, two are never one, and nobody is a suspect by membership alone."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from qingdun.contract.tables import Suspect
from qingdun.detect.clusters import Clusters, Shape, cluster_members
from qingdun.detect.evidence import HOUR_US, Suspicion
from qingdun.detect.operations import Entity
from qingdun.detect.suspicion import Suspicions
from qingdun.detect.weights import load_weights
from qingdun.run.embedded import Engine
from tests.detect.tying import Facts, groups, update
from tests.run.world import START, H, M, World, run

SHAPE = Shape.of(load_weights().detectors["person.cluster"].settings)


def gang(name: str, victims: int = 3) -> dict[str, set[Entity]]:
    """Victims of a gang: each was called from a number of its own, saw its site and paid its account."""
    return {
        f"{name}{i}": {("number", f"+86170{name}{i}"), ("host", f"{name}.cn"), ("account", f"62{name}")}
        for i in range(victims)
    }


def grouped(
    victims: dict[str, set[Entity]], ties: list[tuple[Entity, Entity]] | None = None, **types: str
) -> list[set[Entity]]:
    facts = Facts(ties or [], victims)
    found = groups(SHAPE, facts, lambda entity: types.get(entity[1].partition(".")[0], ""))
    return [set(group) for group in found]


def of(victims: dict[str, set[Entity]]) -> set[Entity]:
    return set().union(*victims.values())


def test_what_victims_share_is_one_operation() -> None:
    assert grouped(gang("a")) == [of(gang("a"))]


def test_one_victim_of_two_gangs_makes_them_no_one() -> None:
    both = {"unlucky": {("host", "a.cn"), ("account", "62a"), ("host", "b.cn"), ("account", "62b")}}
    assert sorted(map(sorted, grouped(gang("a") | gang("b") | both))) == sorted(
        map(sorted, [of(gang("a")), of(gang("b"))])
    )


def test_scams_of_two_types_are_two_operations_though_they_share_all_victims() -> None:
    victims = {f"p{i}": {("host", "a.cn"), ("host", "b.cn"), ("account", "62b")} for i in range(3)}
    assert grouped(victims, a="police", b="loan", **{"62b": "loan"}) == [
        {("host", "b.cn"), ("account", "62b")}
    ]


def test_a_pool_of_lines_that_two_gangs_rent_does_not_melt_them() -> None:
    pool: Entity = ("device", "pool")
    ties = [
        (number, pool)
        for name in "ab"
        for number in [
            *(e for e in of(gang(name, 6)) if e[0] == "number"),
            *(("number", f"+8617{name}{i}") for i in range(20)),
        ]
    ]
    found = grouped(gang("a", 6) | gang("b", 6), ties)
    assert not any({("host", "a.cn"), ("host", "b.cn")} <= group for group in found)
    for name in "ab":
        assert any(of(gang(name, 6)) <= group for group in found)


@pytest.mark.parametrize("size", [SHAPE.most - 1, SHAPE.most, 4 * SHAPE.most])
def test_no_cluster_is_larger_than_its_bound(size: int) -> None:
    names: list[Entity] = [("account", f"62{i:04d}") for i in range(size)]
    star = [(name, names[0]) for name in names[1:]]
    chain = list(pairwise(names))
    dense = list(combinations(names[:80], 2))
    for ties in (star, chain, dense):
        found = grouped({}, ties)
        assert max(map(len, found)) <= SHAPE.most
        assert len(found) == 1 or size > SHAPE.most
    assert len(grouped({}, chain)) <= 2 * size // SHAPE.most + 1


def test_only_what_changed_is_cut_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    import qingdun.detect.clusters as module

    cut: list[int] = []
    original = module.operations
    monkeypatch.setattr(
        module, "operations", lambda graph, *rest: (cut.append(len(graph)), original(graph, *rest))[1]
    )
    clusters = Clusters(SHAPE)
    victims = gang("a") | gang("b", 4)
    facts, asked = Facts([], victims), list[Entity]()

    def known(entity: Entity) -> str:
        asked.append(entity)
        return ""

    update(clusters, facts, known)
    assert sorted(cut) == [5, 6]
    assert len(clusters.changed_groups()) == 2
    cut.clear()
    asked.clear()
    update(clusters, facts, known, facts)
    assert cut == asked == clusters.changed_groups() == []
    more = Facts([], victims | {"new": {("host", "b.cn"), ("account", "62new")}})
    update(clusters, more, known, facts)
    assert cut == [7]
    assert set(asked) == {("host", "b.cn"), ("account", "62new")}
    assert [len(group) for group in clusters.changed_groups()] == [7]
    assert len(clusters.groups()) == 2


def test_a_cluster_keeps_the_name_of_whom_was_flagged_first() -> None:
    first = Suspect("host", "z.cn", 0.9, None, 5, ())
    second = Suspect("account", "6200", 0.9, None, 7, ())
    later = Suspect("account", "6100", 0.9, None, 9, ())
    group = (("account", "6100"), ("account", "6200"), ("host", "z.cn"))
    small = cluster_members([group], [first, second])
    assert {row.cluster_id for row in small} == {
        row.cluster_id for row in cluster_members([group], [first, second, later])
    }
    assert [row.entity for row in small] == ["6200", "z.cn"]
    assert cluster_members([group], [first]) == []


def test_guilt_by_company_alone_makes_no_suspect_and_is_counted_once() -> None:
    weights = load_weights()
    company = weights.detectors["person.cluster"]
    most = max(company.millibits.values())
    assert most < -weights.suspect_prior_bits * 1000
    suspicions = Suspicions(weights)
    suspicions.take(Suspicion("person.cluster", 0, "account", "1", most, (), "证", "e", direct=False), 0)
    assert not suspicions.suspected("account", "1")
    shared = Suspicion("person.shared_contact", 0, "account", "1", 8_900, (), "证", "e", direct=False)
    suspicions.take(shared, 0)
    assert suspicions.millibits("account", "1") == 8_900
    assert not suspicions.suspected("account", "1", direct_only=True)


def with_a_new_account(paid_by: int) -> tuple[Engine, World]:
    """Victims of a listed site pay an account of the gang's; then so many of them pay another."""
    world = World(12)
    world.list("host", "b.cn")
    for person in range(6):
        at = START + 2 * H + person * M
        world.message(at - 30 * M, "+8617900000001", world.number(person), "刷单日结 b.cn")
        world.visit(at, world.number(person), "b.cn")
        world.transfer(at + 5 * M, world.account(person), "9900000001", 9_000)
        if person < paid_by:
            world.transfer(at + 2 * H, world.account(person), "9900000002", 90)
    world.visit(START + 6 * H, world.number(11), "a.cn")
    return world.engine(), world


def test_an_operation_lends_to_its_new_account_which_alone_says_nothing() -> None:
    engine, world = with_a_new_account(3)
    alerts = run(engine, [world.batch()])
    suspicions = engine._state.suspicions
    lent = suspicions.held("account", "9900000002", "person.cluster")
    assert lent == load_weights().detectors["person.cluster"].millibits["again"]
    assert any(
        "有关联" in reason for s in engine.suspects() if s.entity == "9900000002" for reason in s.reasons
    )
    assert all(e.detector != "person.cluster" for alert in alerts for e in alert.evidence)
    assert {"9900000001", "9900000002"} <= {row.entity for row in engine.clusters()}


def test_what_is_lent_is_lent_within_minutes_of_the_flows_time_and_once() -> None:
    engine, world = with_a_new_account(3)
    run(engine, [world.batch()])
    known = engine._state.suspicions._known["account", "9900000002"]
    said = known.by["person.cluster"]
    assert said.at % (5 * M) == 0
    assert said.at - known.first_at < HOUR_US
