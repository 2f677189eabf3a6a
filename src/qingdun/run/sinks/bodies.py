"""Rows of results as JSON, for whoever takes them one by one."""

from __future__ import annotations

import json
from typing import Any, Final

from qingdun.contract.columns import TIMESTAMP, moment
from qingdun.contract.tables import ALERTS, CLUSTERS, SUSPECTS, Alert, ClusterMember, Suspect

_MOMENTS: Final = {
    "at",  # of evidence
    *(one.name for table in (ALERTS, SUSPECTS, CLUSTERS) for one in table.columns if one.type == TIMESTAMP),
}


def body_of(row: Alert | Suspect | ClusterMember) -> bytes:
    """The row as JSON: the contract's columns, moments in ISO 8601."""
    return json.dumps(_plain(row), ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        found = {name: _plain(one) for name, one in value._asdict().items()}
        return found | {name: moment(found[name]).isoformat() for name in _MOMENTS & set(found)}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value
