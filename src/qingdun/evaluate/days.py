"""A simulated day and what the engine made of it, as a day at the desk."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.codes import PlaceKind, TransferPhase
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import (
    ACCOUNTS,
    ALERTS,
    CALLS,
    PLACES,
    STATIONS,
    SUBSCRIBERS,
    TRANSFERS,
    TRUTH,
    Alert,
    Station,
    Truth,
)
from qingdun.dispatch.priority import Known
from qingdun.dispatch.way import Point
from qingdun.errors import InputError
from qingdun.evaluate.desk import Case, Day
from qingdun.evaluate.measures import read_results, scam_behind
from qingdun.regions.city import City

Spans = dict[str, list[tuple[int, int]]]


def read_day(flows: Path, results: Path, city: City) -> Day:
    """The day of a flow directory with truth and of the engine's results for it.

    Errors: those of `FlowDirectory`; MissingFile for absent truth or results; InputError without stations,
    since somebody must set out from somewhere.
    """
    directory = FlowDirectory(flows)
    truth: list[Truth] = TRUTH.to_rows(directory.reference(TRUTH))
    stations: list[Station] = STATIONS.to_rows(directory.reference(STATIONS))
    if not stations:
        raise InputError(f"{flows}: stations: found none, expected where officers set out from")
    by_person: dict[str, list[Truth]] = defaultdict(list)
    for row in truth:
        by_person[row.person_id].append(row)
    episodes: dict[str, list[Alert]] = defaultdict(list)
    for alert in sorted(read_results(ALERTS, results), key=lambda alert: alert.raised_at):
        episodes[alert.episode_id].append(alert)
    people = {alerts[0].person_id for alerts in episodes.values()}
    payments, paid = _payments(directory, truth, people)
    homes = _homes(directory, people)
    lines = {alerts[0].msisdn for alerts in episodes.values()}
    busy = _busy(directory, lines)
    cases = tuple(
        Case(
            key=episode,
            scammed=any(scam_behind(alert, by_person) for alert in alerts),
            home=homes[alerts[0].person_id][0] if alerts[0].person_id in homes else None,
            urban=_urban(city, homes.get(alerts[0].person_id)),
            alerts=tuple(_known(alert) for alert in alerts),
            payments=tuple(payments.get(alerts[0].person_id, ())),
            busy=tuple(busy.get(alerts[0].msisdn, ())),
        )
        for episode, alerts in sorted(episodes.items())
    )
    return Day(cases, _posts(stations, city, directory), paid)


def _known(alert: Alert) -> Known:
    return Known(alert.probability, alert.scam_type, alert.stage, alert.level, alert.raised_at)


def _payments(
    directory: FlowDirectory, truth: list[Truth], people: set[str]
) -> tuple[dict[str, list[tuple[int, int]]], int]:
    """Payments of those people to accounts of their own scams, and the sum of everybody's."""
    scams = {(row.person_id, account) for row in truth for account in row.scam_accounts or ()}
    accounts = directory.reference(ACCOUNTS)
    holders = dict(zip(accounts["account"].to_pylist(), accounts["person_id"].to_pylist(), strict=True))
    ordered = directory.reference(TRANSFERS)
    ordered = ordered.filter(
        pc.and_(
            pc.equal(ordered["phase"], TransferPhase.REQUESTED.value),
            pc.is_in(
                ordered["payee_account"], pa.array(sorted({account for _, account in scams}), pa.string())
            ),
        )
    )
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    total = 0
    for transfer in TRANSFERS.to_rows(ordered):
        payer = holders.get(transfer.payer_account)
        if payer is not None and (payer, transfer.payee_account) in scams:
            total += transfer.amount_fen
            if payer in people:
                found[payer].append((transfer.at, transfer.amount_fen))
    return {person: sorted(rows) for person, rows in found.items()}, total


def _busy(directory: FlowDirectory, lines: set[str]) -> Spans:
    """When those lines were in a call, from answer to end; a call that never ends is busy to the last row."""
    calls = directory.reference(CALLS)
    wanted = pa.array(sorted(lines), pa.string())
    calls = calls.filter(pc.or_(pc.is_in(calls["caller"], wanted), pc.is_in(calls["callee"], wanted)))
    answered: dict[str, int] = {}
    ended: dict[str, int] = {}
    ends: dict[str, tuple[str, str]] = {}
    last = 0
    for call in CALLS.to_rows(calls):
        last = max(last, call.at)
        if call.phase == "answered":
            answered[call.call_id], ends[call.call_id] = call.at, (call.caller, call.callee)
        elif call.phase == "ended":
            ended[call.call_id] = call.at
    busy: Spans = defaultdict(list)
    for call_id, start in answered.items():
        for line in lines.intersection(ends[call_id]):
            busy[line].append((start, ended.get(call_id, last)))
    return busy


Home = tuple[Point, str]
"""Where somebody lives: the point and the code of the town."""


def _homes(directory: FlowDirectory, people: set[str]) -> dict[str, Home]:
    places = directory.reference(PLACES)
    places = places.filter(
        pc.and_(
            pc.equal(places["kind"], PlaceKind.HOME.value),
            pc.is_in(places["person_id"], pa.array(sorted(people), pa.string())),
        )
    )
    rows = (places[name].to_pylist() for name in ("person_id", "lng", "lat", "town_code"))
    return {person: (Point(lng, lat), town or "") for person, lng, lat, town in zip(*rows, strict=True)}


def _urban(city: City, home: Home | None) -> bool:
    return home is not None and home[1] in city.places and bool(city.places[home[1]].urban)


def _posts(stations: list[Station], city: City, directory: FlowDirectory) -> tuple[Point, ...]:
    """Where officers start, the stations with most residents first."""
    towns = directory.reference(SUBSCRIBERS)["town_code"].value_counts().to_pylist()
    people = {row["values"]: row["counts"] for row in towns}
    ordered = sorted(
        stations,
        key=lambda station: (-sum(people.get(town, 0) for town in station.town_codes), station.station_code),
    )
    return tuple(Point(station.lng, station.lat) for station in ordered)
