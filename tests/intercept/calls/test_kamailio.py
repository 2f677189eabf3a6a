"""Kamailio, as it ships configured, asks the plane about each call, and lets it pass if nobody answers."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from qingdun.cli.intercept.calls import announce
from qingdun.contract.calls import Announced, UrgentCall
from qingdun.errors import RefusedError
from qingdun.intercept.calls import announcing
from qingdun.intercept.calls.origin import Spoof
from qingdun.intercept.calls.plane import HANG_UP, copy_of
from qingdun.intercept.calls.verdicts import Mode, Policy
from qingdun.intercept.connections import Address
from qingdun.intercept.following import now
from tests.intercept.calls import running, scenarios
from tests.intercept.calls.running import Proxy, call, callee, calling, came_of, needs_kamailio
from tests.intercept.calls.serving import serving
from tests.intercept.memory import MemoryLists, listed
from tests.intercept.running import until

FREE, LISTED, SEEN = "+8613800000001", "+8617000000001", "+8617000000002"
SEEN_ID = 2


@dataclass
class Alerts:
    """Whoever has the engine's urgent alerts, in memory."""

    found: list[UrgentCall] = field(default_factory=list)
    outcomes: dict[tuple[str, str], Announced] = field(default_factory=dict)

    def since(self, at: int) -> Sequence[UrgentCall]:
        return [one for one in self.found if one.at >= at]

    def told(self, found: Sequence[Announced]) -> None:
        self.outcomes |= {(one.alert_id, one.number): one for one in found}


@dataclass(frozen=True)
class Served:
    lists: MemoryLists
    urgent: Alerts
    proxy: Proxy
    folder: Path

    def figure(self, name: str) -> int:
        told = self.lists.planes.get("calls")
        return int(told.figures.get(name, 0)) if told else 0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    needs_kamailio()
    folder = tmp_path_factory.mktemp("calls")
    urgent = Alerts()
    lists = MemoryLists(
        [listed(1, LISTED, kind="number"), listed(SEEN_ID, SEEN, kind="number", enforced=False)]
    )
    rules = {Spoof.TRUNK: Mode.OBSERVE, Spoof.ASSERTED: Mode.ENFORCE, Spoof.NETWORK: Mode.ENFORCE}
    policy = Policy(card="https://card.qingdun.invalid/card", rules=rules, network_header="x-network-number")
    with (
        pytest.MonkeyPatch.context() as patch,
        running.kamailio(folder / "kamailio", "QD_LIVE") as proxy,
        callee(folder, proxy.onward),
    ):
        patch.setattr("qingdun.intercept.following.TELL_S", 0.2)
        chosen = running.settings(folder / "plane", proxy.evapi, policy=policy, announce=HANG_UP)
        with running.running(chosen, lists, urgent):
            until(lambda: call(folder, proxy.port, scenarios.refused(608), LISTED).right)
            yield Served(lists, urgent, proxy, folder)


def test_a_free_caller_passes_and_a_listed_one_is_refused_with_whom_to_ask(served: Served) -> None:
    assert call(served.folder, served.proxy.port, scenarios.passes(), FREE, count=5).right
    says = "Call-Info: .https://card.qingdun.invalid/card.;purpose=jwscard"
    found = call(served.folder, served.proxy.port, scenarios.refused(608, says=says), LISTED)
    assert found.right, found.said


def test_a_listed_caller_reaches_the_police(served: Served) -> None:
    for called in ("110", "0757120", "+86119"):
        for_help = scenarios.passes().replace("+8675730000001", called)
        found = call(served.folder, served.proxy.port, for_help, LISTED)
        assert found.right, found.said


def test_who_claims_a_call_that_never_came_this_way_is_asked_about(served: Served) -> None:
    to = "To: <sip:+8675730000001@[remote_ip]:[remote_port]>\n"
    claims = scenarios.refused(608).replace(to, to.replace("\n", ";tag=gone\n"), 1)
    assert claims != scenarios.refused(608)
    found = call(served.folder, served.proxy.port, claims, LISTED)
    assert found.right, found.said


def test_a_forged_route_brings_nobody_past(served: Served) -> None:
    """With a tag in To it claims a call that never came; without one it says where the call shall go."""
    to = "To: <sip:+8675730000001@[remote_ip]:[remote_port]>\n"
    straight = f"INVITE sip:+8675730000001@127.0.0.1:{served.proxy.onward}"
    here = f"127.0.0.1:{served.proxy.port}"
    mark = "0123456789abcdef0123456789abcdef"
    for route in (f"<sip:{here};lr>", f"<sip:{here};lr;qd={mark}>", f"<sip:{here};lr;qd=>"):
        forged = scenarios.refused(608, headers=f"Route: {route}\n")
        forged = forged.replace("INVITE sip:+8675730000001@[remote_ip]:[remote_port]", straight, 1)
        for claims in (forged, forged.replace(to, to.replace("\n", ";tag=gone\n"), 1)):
            found = call(served.folder, served.proxy.port, claims, LISTED)
            assert found.right, (route, found.said)
    elsewhere = f"Route: <sip:{here};lr>, <sip:127.0.0.1:9;lr>\n"
    assert call(served.folder, served.proxy.port, scenarios.passes(elsewhere), FREE).right


def test_what_happens_within_a_call_that_came_is_not_asked_about(tmp_path: Path) -> None:
    needs_kamailio()
    lists = MemoryLists([listed(1, LISTED, kind="number")])
    with (
        running.kamailio(tmp_path / "kamailio") as proxy,
        callee(tmp_path, proxy.onward, scenarios.HELD),
        running.running(running.settings(tmp_path / "plane", proxy.evapi), lists),
    ):
        until(lambda: call(tmp_path, proxy.port, scenarios.refused(608), LISTED).right)
        found = call(tmp_path, proxy.port, scenarios.held(), FREE, count=3)
        assert found.right, found.said
        until(lambda: lists.planes["calls"].figures["passed"] == 3)
        told = lists.planes["calls"].at
        until(lambda: lists.planes["calls"].at > told)
        assert lists.planes["calls"].figures["passed"] == 3, "each call was asked about once"


def test_what_is_observed_passes_and_both_are_counted(served: Served) -> None:
    served.lists.put(listed(30, "+8617000000030", kind="number"))
    until(lambda: call(served.folder, served.proxy.port, scenarios.refused(608), "+8617000000030").right)
    assert call(served.folder, served.proxy.port, scenarios.passes(), SEEN, count=3).right
    assert call(served.folder, served.proxy.port, scenarios.refused(608), "+8617000000030", count=2).right

    def told(entry_id: int) -> tuple[int, int]:
        found = [one for one in served.lists.told.values() if one.entry_id == entry_id]
        return sum(one.observed for one in found), sum(one.blocked for one in found)

    until(lambda: told(SEEN_ID) == (3, 0) and told(30) == (0, 3))


def test_a_caller_is_known_however_the_number_is_written_and_free_after_the_reversal(served: Served) -> None:
    served.lists.put(listed(20, "+8617000000020", kind="number"))
    for form in ("008617000000020", "17000000020", "+86-170-0000-0020"):
        until(lambda form=form: call(served.folder, served.proxy.port, scenarios.refused(608), form).right)
    served.lists.reverse(20)
    until(lambda: call(served.folder, served.proxy.port, scenarios.passes(), "17000000020").right)


def test_a_spoofed_origin_is_refused_or_observed_rule_by_rule(served: Served) -> None:
    refused, port = scenarios.refused, served.proxy.port
    asserted = "P-Asserted-Identity: <sip:+8617000000099@127.0.0.1>\n"
    assert call(served.folder, port, refused(603, asserted), FREE).right
    assert call(served.folder, port, scenarios.passes(f"{asserted}Diversion: <sip:+8610@h>\n"), FREE).right
    network = "X-Network-Number: 00442079460000\n"
    assert call(served.folder, port, refused(603, network), FREE).right
    until(lambda: served.figure("spoofed_asserted") and served.figure("spoofed_network"))


def test_a_listed_number_behind_another_one_is_refused(served: Served) -> None:
    behind = f"P-Asserted-Identity: <tel:{LISTED}>\n"
    assert call(served.folder, served.proxy.port, scenarios.refused(608, behind), FREE).right


def test_a_call_too_long_to_ask_about_passes(served: Served) -> None:
    long = "X-Long: " + "x" * 4_000 + "\n"
    assert call(served.folder, served.proxy.port, scenarios.passes(long * 5), FREE).right


def standing(served: Served) -> int:
    """How many calls stand now. One that passed before its entry was heard of, where a scenario expects to be
    refused, stands for ever: nobody hangs up.
    """
    until(lambda: served.lists.planes)
    began = now()
    until(lambda: served.lists.planes["calls"].at > began + 500_000)
    return served.figure("live_calls")


def test_a_live_call_is_ended_for_an_urgent_alert_and_no_other(served: Served) -> None:
    victim = "+8675730000001"
    hung_up = scenarios.passes(hung_up=True)
    before = standing(served)
    goes_on = scenarios.passes(rings_ms=3_000)
    with (
        calling(served.folder, served.proxy.port, hung_up, "+8613800000051", "-m", "1") as process,
        calling(served.folder, served.proxy.port, goes_on, FREE, "-m", "1") as other,
    ):
        until(lambda: served.figure("live_calls") == before + 2)
        served.urgent.found.append(UrgentCall("a1", now(), victim, ("+8613800000051", "+8613800000052")))
        process.wait(20)
        other.wait(20)
    assert came_of(served.folder, process).right
    assert came_of(served.folder, other).right
    until(lambda: len(served.urgent.outcomes) == 2)
    assert {one.number: one.outcome for one in served.urgent.outcomes.values()} == {
        "+8613800000051": "done",
        "+8613800000052": "not_live",
    }, served.proxy.said.read_text()


def test_a_person_ends_a_call_by_the_command(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qingdun.cli.intercept.working.folder", lambda: served.folder / "plane")
    run = CliRunner()
    hung_up = scenarios.passes(hung_up=True)
    before = standing(served)
    with calling(served.folder, served.proxy.port, hung_up, "+8613800000061", "-m", "1") as process:
        until(lambda: served.figure("live_calls") == before + 1)
        done = run.invoke(announce, ["075730000001", "13800000061"], catch_exceptions=False)
        process.wait(20)
    assert done.output == "the call was announced\n"
    assert came_of(served.folder, process).right
    with pytest.raises(RefusedError, match="no such call is live"):
        run.invoke(announce, ["075730000001", "13800000061"], catch_exceptions=False)


def test_the_protected_side_is_sent_to_the_announcement(tmp_path: Path) -> None:
    needs_kamailio()
    lists = MemoryLists()
    with (
        running.kamailio(tmp_path / "kamailio", "QD_LIVE") as proxy,
        callee(tmp_path, proxy.onward, scenarios.REFERRED) as called,
    ):
        chosen = running.settings(tmp_path / "plane", proxy.evapi, announce="sip:announcement@127.0.0.1:5090")
        with running.running(chosen, lists):
            copy = copy_of(chosen.folder)
            with calling(tmp_path, proxy.port, scenarios.passes(hung_up=True), FREE, "-m", "1") as process:

                def asked() -> str:
                    with copy.writing() as db:
                        made = announcing.ask(db, now(), protected="+8675730000001", other=FREE)

                    def came() -> str:
                        with copy.reading() as db:
                            return announcing.outcome(db, made)

                    return until(came)

                until(lambda: asked() == "done")
                process.wait(20)
            copy.close()
        assert came_of(tmp_path, process).right
        called.terminate()


def test_a_plane_that_is_killed_or_hung_lets_calls_pass_in_time(tmp_path: Path) -> None:
    needs_kamailio()
    with running.kamailio(tmp_path / "kamailio") as proxy, callee(tmp_path, proxy.onward):

        def refuses() -> bool:
            return call(tmp_path, proxy.port, scenarios.refused(608), LISTED).right

        def through(*more: str, count: int = 150) -> list[float]:
            rate = ("-r", "100", *more)
            found = call(tmp_path, proxy.port, scenarios.passes(), LISTED, *rate, count=count)
            assert found.right, found.said
            return found.waits_ms

        with serving(tmp_path / "plane", proxy.evapi, 0, LISTED) as process:
            until(refuses)
            with calling(tmp_path, proxy.port, scenarios.passes(), FREE, "-m", "300", "-r", "100") as load:
                process.kill()
                load.wait(30)
            found = came_of(tmp_path, load)
            assert found.right, found.said
            assert len(found.waits_ms) == 300
            assert len(through()) == 150
        with serving(tmp_path / "plane", proxy.evapi, 0, LISTED) as process:
            until(refuses)
            process.send_signal(signal.SIGSTOP)
            # So many wait unheard, and no more: then nobody is asked. How long they wait, the bench measures.
            assert len(through("-r", "400", count=700)) == 700
            process.send_signal(signal.SIGCONT)
            until(refuses)


def test_a_restarted_plane_refuses_though_the_console_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_kamailio()
    lists = MemoryLists([listed(1, LISTED, kind="number")])
    monkeypatch.setattr("qingdun.intercept.following.TELL_S", 0.2)

    def breaker() -> object:
        told = lists.planes.get("calls")
        return told and told.figures["breaker"]

    with running.kamailio(tmp_path / "kamailio") as proxy, callee(tmp_path, proxy.onward):
        chosen = running.settings(tmp_path / "plane", proxy.evapi)
        with running.running(chosen, lists):
            until(lambda: call(tmp_path, proxy.port, scenarios.refused(608), LISTED).right)
            until(lambda: breaker() == "closed")
            proxy.process.terminate()
            until(lambda: breaker() == "open")
    with running.kamailio(tmp_path / "again") as proxy, callee(tmp_path, proxy.onward):
        chosen = chosen._replace(kamailios=(Address("127.0.0.1", proxy.evapi),))
        lists.away = True
        with running.running(chosen, lists):
            until(lambda: call(tmp_path, proxy.port, scenarios.refused(608), LISTED).right)
            assert call(tmp_path, proxy.port, scenarios.passes(), FREE).right
