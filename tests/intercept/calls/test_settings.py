"""What the environment may say of the plane of calls, and what is wrong with everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingdun.cli.intercept.calls import _settings
from qingdun.errors import ConfigurationError
from qingdun.intercept.calls.origin import Spoof
from qingdun.intercept.calls.verdicts import Mode
from qingdun.intercept.connections import Address


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGDUN_VAR", str(tmp_path))


def test_without_settings_it_listens_here_and_observes() -> None:
    found = _settings()
    assert found.listen == Address("127.0.0.1", 5070)
    assert (found.kamailios, found.announce) == ((), "")
    assert (found.policy.listed, found.policy.spoofed) == (608, 603)
    assert set(found.policy.rules.values()) == {Mode.OBSERVE}


def test_each_setting_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "LISTEN": "", "KAMAILIO": "127.0.0.1:8448,[::1]:8449", "LISTED": "607", "CARD": "https://c.invalid/1",
        "TRUNKS": "192.0.2.0/24, 2001:db8::1", "TRUNK_HEADER": "X-Trunk", "RULE_TRUNK": "enforce",
        "ANNOUNCE": "sip:96110@192.0.2.7",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"QINGDUN_CALLS_{name}", value)
    found = _settings()
    assert (found.listen, found.announce) == (None, "sip:96110@192.0.2.7")
    assert found.kamailios == (Address("127.0.0.1", 8448), Address("::1", 8449))
    assert [str(one) for one in found.policy.trunks] == ["192.0.2.0/24", "2001:db8::1/128"]
    assert (found.policy.listed, found.policy.trunk_header) == (607, "x-trunk")
    assert found.policy.rules[Spoof.TRUNK] is Mode.ENFORCE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LISTEN", "here"),
        ("LISTED", "404"),
        ("SPOOFED", "x"),
        ("CARD", "http://c.invalid/"),
        ("CARD", "https://c.invalid/>|"),
        ("TRUNKS", "192.0.2.1/24"),
        ("RULE_ASSERTED", "on"),
        ("ANNOUNCE", "tel:96110"),
        ("ONWARD", "sip:{user}@h>\r\nX: y"),
    ],
)
def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"QINGDUN_CALLS_{name}", value)
    with pytest.raises(ConfigurationError, match=f"QINGDUN_CALLS_{name}: found"):
        _settings()


def test_one_of_both_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGDUN_CALLS_LISTEN", "")
    with pytest.raises(ConfigurationError, match="found neither"):
        _settings()
