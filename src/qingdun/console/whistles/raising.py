"""How a warning by a human being becomes an alert like any other: the person, the sum in bits, the task.

A warning is evidence: it adds its bits to what is known of the person, be that the prior or the latest alert
of their open task, and carries that alert's evidence along, so that the waterfall stays whole.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from qingdun.console.alerts import unattended
from qingdun.console.alerts.actions import ingest_alerts, take_turn
from qingdun.console.alerts.codes import STAGE_NUMBER
from qingdun.console.alerts.queries import Task
from qingdun.console.kernel.models import PersonNumber, Region, User
from qingdun.console.whistles import rules
from qingdun.contract import tables as contract
from qingdun.contract.columns import timestamp
from qingdun.detect.odds import ALERT_SURE, log_odds
from qingdun.detect.weights import load_weights

UNKNOWN = "number:"
"""How the id of a person begins of whom only the number is known."""


@dataclass(frozen=True, slots=True)
class Warned:
    """Who is warned about: a resident of the register, or a number that it does not know and a place."""

    person_id: str
    msisdn: str
    region: Region | None
    """Where the task of an unknown number lies; None means where the register says."""


@dataclass(frozen=True, slots=True)
class Warning:
    """One warning: of whom, how urgent, what for, and the sentences that say who gave it."""

    warned: Warned
    alert_id: str
    level: str
    scam_type: str
    """Empty if whoever warns does not know."""
    detector: str
    source: str
    """Code of the organisation or the name of the list it comes from."""
    text_zh: str
    text_en: str
    at: dt.datetime


def person_of(msisdn: str, region: Region | None) -> Warned:
    """Whoever holds the number, wherever they live; else the number itself, at `region` or the city."""
    return persons_of({msisdn: region})[msisdn]


def persons_of(places: Mapping[str, Region | None]) -> dict[str, Warned]:
    """The same of many numbers, each with its region."""
    held = dict(PersonNumber.objects.filter(msisdn__in=places).values_list("msisdn", "person_id"))
    city = Region.objects.get(code=settings.CITY_CODE)
    return {
        msisdn: Warned(held[msisdn], msisdn, None)
        if msisdn in held
        else Warned(f"{UNKNOWN}{msisdn}", msisdn, region or city)
        for msisdn, region in places.items()
    }


def warn(actor: User, warnings: Sequence[Warning]) -> dict[str, tuple[Task, bool]]:
    """Every warning is an alert and belongs to a task; by alert id, the task and whether it stood before.

    As `give`.
    """
    stood = give(actor, warnings)
    taken = unattended.tasks_of(one.alert_id for one in warnings)
    return {w.alert_id: (taken[w.alert_id], w.warned.person_id in stood) for w in warnings}


def give(actor: User, warnings: Sequence[Warning]) -> set[str]:
    """Every warning is an alert and belongs to a task; the persons whose task stood before.

    Runs in the caller's transaction, after that of whoever else takes alerts in, the engine included: who
    comes second finds the task of the first, and adds to what the first has said.
    """
    take_turn()
    since = timezone.now() - dt.timedelta(hours=rules.limit("join_h"))
    tasks = unattended.open_tasks(sorted({warning.warned.person_id for warning in warnings}), since)
    stood = set(tasks)
    latest = {person: unattended.latest_alert(task) for person, task in tasks.items()}
    before = unattended.counts_of({warning.warned.person_id for warning in warnings} - set(tasks))
    rows = []
    for warning in warnings:
        person = warning.warned.person_id
        latest[person] = row = _alert(warning, latest.get(person), before.get(person, 0))
        rows.append(row)
    # Where a number that the register does not know is, only whoever warned can say.
    places = {w.warned.person_id: w.warned.region for w in warnings if w.warned.region is not None}
    ingest_alerts(actor, rows, places=places)
    return stood


def _alert(warning: Warning, before: contract.Alert | None, tasks: int) -> contract.Alert:
    """The alert that stands once the warning has been added to what was known before; `tasks` says how many
    the person ever had.
    """
    # The alerts of a person follow each other; an engine that replays a day may be ahead of us.
    at = max(timestamp(warning.at), before.raised_at + 1 if before else 0)
    piece = contract.Evidence(
        warning.detector, at, "sender", warning.source, rules.bits(warning.level),
        warning.text_zh, warning.text_en,
    )  # fmt: skip
    prior = load_weights().prior_bits if before is None else log_odds(before.probability, ALERT_SURE)
    stage = rules.stage(warning.level)
    if before is not None and STAGE_NUMBER[before.stage] > STAGE_NUMBER[stage]:
        stage = before.stage
    known = before.scam_type if before else "other"
    return contract.Alert(
        alert_id=warning.alert_id,
        episode_id=before.episode_id if before else _episode(warning.warned.person_id, tasks),
        person_id=warning.warned.person_id,
        msisdn=before.msisdn if before else warning.warned.msisdn,
        scam_type=warning.scam_type or known,
        level=warning.level,
        stage=stage,
        probability=1 / (1 + math.exp2(-(prior + piece.bits))),
        raised_at=at,
        evidence=(*(before.evidence if before else ()), piece),
    )


def _episode(person_id: str, number: int) -> str:
    """The name of the next episode of the person: the same for all who open it at once."""
    return "whistle-" + hashlib.sha256(f"{person_id} {number}".encode()).hexdigest()[:40]
