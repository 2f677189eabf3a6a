from __future__ import annotations

from qingdun.contract.tables import ClusterMember, Suspect, Truth
from qingdun.evaluate.figures import Share
from qingdun.evaluate.grouping import grouping


def row(person: str, hosts: str, accounts: str, numbers: tuple[str, ...] = (), kind: str = "loan") -> Truth:
    return Truth(person, kind, 0, None, 0, numbers, tuple(hosts), tuple(accounts))


def member(cluster: str, kind: str, entity: str) -> ClusterMember:
    return ClusterMember(cluster, kind, entity, 0, 0.9)


SHOWN = ("+00110",)
TRUTH = [
    row("p1", "ab", "1"),
    row("p2", "b", "2", SHOWN),
    row("p3", "c", "34", SHOWN),
    row("p4", "d", "5", kind="police"),
]
"""Three operations: a, b, 1 and 2, chained by b; c, 3 and 4, that only show the same number; d and 5."""


def found(*clusters: str) -> list[ClusterMember]:
    return [
        member(str(place), "host" if one.isalpha() else "account", one)
        for place, cluster in enumerate(clusters)
        for one in cluster
    ]


def suspects(entities: str) -> list[Suspect]:
    return [Suspect("host" if one.isalpha() else "account", one, 0.9, None, 0, ()) for one in entities]


def test_each_operation_in_a_cluster_of_its_own_is_all_there_is() -> None:
    measured = grouping(TRUTH, suspects("ab12c34d"), found("ab12", "c34"))
    assert (measured.clusters, measured.largest) == (2, 4)
    assert measured.purity == Share(7, 7)
    assert measured.mixed == Share(0, 2)
    assert measured.completeness == Share(7, 7)
    assert "100" in measured.text()
    assert measured.json()["mixed"]["whole"] == 2


def test_two_operations_in_one_cluster_are_mixed_and_one_in_two_is_not_whole() -> None:
    measured = grouping(TRUTH, suspects("ab12c34"), found("abc", "12"))
    assert measured.purity == Share(4, 5)
    assert measured.mixed == Share(1, 2)
    assert measured.completeness == Share(2 + 1, 7)


def test_what_is_no_scams_is_impure() -> None:
    measured = grouping(TRUTH, suspects("a1x"), found("a1x"))
    assert measured.purity == Share(2, 3)
    assert measured.mixed == Share(0, 1)


def test_what_two_types_of_scam_show_is_no_operations() -> None:
    both = [*TRUTH, row("p5", "c", "", kind="police")]
    assert grouping(both, suspects("c34"), found("c34")).purity == Share(2, 3)


def test_without_clusters_there_is_nothing_to_share() -> None:
    measured = grouping(TRUTH, [], [])
    assert (measured.clusters, measured.largest, measured.purity) == (0, 0, Share(0, 0))
