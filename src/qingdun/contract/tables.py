"""Every table of a flow directory and of the engine's results: a row class and its `Table` each."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, NamedTuple

from qingdun.contract.codes import (
    AccountKind,
    CallPhase,
    Channel,
    EntityKind,
    Level,
    Origin,
    OutcomeResult,
    PlaceKind,
    ScamType,
    Stage,
    TransferPhase,
)
from qingdun.contract.columns import (
    ACCOUNT_NUMBER,
    ADDRESS,
    CODE,
    DIALLED_NUMBER,
    HOLDER,
    IDENTITY,
    LETTER,
    NAME,
    NOT_EMPTY,
    NOT_NEGATIVE,
    NUMBER,
    PROBABILITY,
    RELATION,
    SUBSCRIBER_NUMBER,
    TEXT,
    URL,
    Fen,
    Int16,
    Int32,
    Table,
    Timestamp,
    table,
)


class Call(NamedTuple):
    """One report on one call: answered, ended, or that it did not come about."""

    call_id: Annotated[str, NOT_EMPTY, "Id of the call; its phases share it."]
    at: Annotated[Timestamp, "When the phase happened."]
    phase: Annotated[str, CallPhase, "What is reported."]
    caller: Annotated[str, NOT_EMPTY, "Presented number: E.164, a short code, or whatever was presented."]
    callee: Annotated[str, DIALLED_NUMBER, "Called number."]
    duration_s: Annotated[Int32, NOT_NEGATIVE, "Seconds from answer to end; 0 unless ended."]
    origin: Annotated[str, Origin, "Where the network says the call came from."]
    network_number: Annotated[str | None, "What the network knows behind the presented number."]
    caller_imei: Annotated[str | None, "Device of the caller."]
    caller_cell: Annotated[str | None, "Cell of the caller."]
    callee_imei: Annotated[str | None, "Device of the called."]
    callee_cell: Annotated[str | None, "Cell of the called."]


class Message(NamedTuple):
    """One text message, its segments joined."""

    message_id: Annotated[str, NOT_EMPTY, "Id of the message."]
    at: Annotated[Timestamp, "When it was delivered."]
    sender: Annotated[str, NOT_EMPTY, "Presented sender: number, short code or whatever was presented."]
    recipient: Annotated[str, DIALLED_NUMBER, "Number it was sent to."]
    text: Annotated[str, TEXT, "The whole text."]


class Visit(NamedTuple):
    """A subscriber's phone asked for a host."""

    at: Annotated[Timestamp, "When the host was asked for."]
    subscriber: Annotated[str, SUBSCRIBER_NUMBER, "Number of the subscriber, E.164."]
    host: Annotated[str, NOT_EMPTY, "Host name."]
    url: Annotated[str | None, URL, "The whole address, where known."]


class Transfer(NamedTuple):
    """One report on one transfer of money."""

    transfer_id: Annotated[str, NOT_EMPTY, "Id of the transfer; its phases share it."]
    at: Annotated[Timestamp, "When the phase happened."]
    phase: Annotated[str, TransferPhase, "What is reported."]
    payer_account: Annotated[str, NOT_EMPTY, "Account the money leaves."]
    payee_account: Annotated[str, NOT_EMPTY, "Account the money is meant for."]
    amount_fen: Annotated[Fen, NOT_NEGATIVE, "Amount in fen, not negative."]
    channel: Annotated[str, Channel, "How it was ordered."]
    device: Annotated[str | None, "Device it was ordered on."]
    place_code: Annotated[str | None, "Region code of the place it was ordered at."]


class Subscriber(NamedTuple):
    """A phone number of the city and who holds it."""

    msisdn: Annotated[str, SUBSCRIBER_NUMBER, "The number, E.164."]
    person_id: Annotated[str, HOLDER, "Who holds it."]
    activated_on: Annotated[dt.date, "When the number was first active."]
    last_active_on: Annotated[dt.date | None, "Last day of use before the flows begin."]
    carrier: Annotated[str, CODE, "Operator."]
    virtual_operator: Annotated[bool, "Whether a virtual operator sold it."]
    town_code: Annotated[str, "Town or street of residence, 9 digits."]
    village_code: Annotated[str | None, "Village or community, 12 digits."]
    floating: Annotated[bool, "Of the floating population."]
    birth_year: Annotated[Int16, NOT_NEGATIVE, "Year of birth."]
    sex: Annotated[str, LETTER, "f or m."]


class Account(NamedTuple):
    """A bank account or card."""

    account: Annotated[str, ACCOUNT_NUMBER, "Its number."]
    person_id: Annotated[str | None, IDENTITY, "Holder; unknown outside the city."]
    kind: Annotated[str, AccountKind, "Whose account it is."]
    bank: Annotated[str, NAME, "Bank."]
    opened_on: Annotated[dt.date | None, "When it was opened."]
    town_code: Annotated[str | None, "Town of the branch."]
    holder_name: Annotated[str | None, NAME, "Name of the holder."]
    balance_fen: Annotated[Fen | None, "Balance in fen at balance_at."]
    balance_at: Annotated[Timestamp | None, "When the balance was taken."]


class WatchlistEntry(NamedTuple):
    """An entity somebody has put on a list, with reason and term."""

    entity_kind: Annotated[str, EntityKind, "What is listed."]
    entity: Annotated[str, "The number, sender, host, account or device."]
    reason: Annotated[str, "Why."]
    source: Annotated[str, "Who listed it."]
    since: Annotated[Timestamp, "From when."]
    until: Annotated[Timestamp | None, "Until when; open if null."]


class Station(NamedTuple):
    """A police station and the towns it serves."""

    station_code: Annotated[str, CODE, "Code of the station."]
    name: Annotated[str, NAME, "Its name."]
    town_codes: Annotated[tuple[str, ...], "Towns and streets it serves."]
    lng: Annotated[float, "Longitude in degrees, WGS 84."]
    lat: Annotated[float, "Latitude in degrees, WGS 84."]
    name_en: Annotated[str | None, NAME, "Its name in English."] = None


class Cell(NamedTuple):
    """A cell of the mobile network."""

    cell: Annotated[str, "Its id as calls carry it."]
    lng: Annotated[float, "Longitude in degrees, WGS 84."]
    lat: Annotated[float, "Latitude in degrees, WGS 84."]
    town_code: Annotated[str | None, "Town it stands in."]


class Place(NamedTuple):
    """A home or workplace of a person."""

    person_id: Annotated[str, IDENTITY, "Whose."]
    kind: Annotated[str, PlaceKind, "Home or workplace."]
    lng: Annotated[float, "Longitude in degrees, WGS 84."]
    lat: Annotated[float, "Latitude in degrees, WGS 84."]
    town_code: Annotated[str | None, "Town it lies in."]
    address: Annotated[str | None, ADDRESS, "Address in words."]


class Relation(NamedTuple):
    """A family tie."""

    person_id: Annotated[str, IDENTITY, "Whose."]
    relative_id: Annotated[str, IDENTITY, "Person id of the relative."]
    relation: Annotated[str, RELATION, "What the relative is to the person: spouse, parent, child."]


class Branch(NamedTuple):
    """A branch of a bank."""

    branch_code: Annotated[str, "Its code."]
    bank: Annotated[str, "Bank."]
    name: Annotated[str, "Name of the branch."]
    lng: Annotated[float, "Longitude in degrees, WGS 84."]
    lat: Annotated[float, "Latitude in degrees, WGS 84."]
    town_code: Annotated[str | None, "Town it stands in."]


class Truth(NamedTuple):
    """One scam that reached one person; for evaluation alone, the engine never reads it."""

    person_id: Annotated[str, IDENTITY, "Who was reached."]
    scam_type: Annotated[str, ScamType, "Which scam."]
    first_contact_at: Annotated[Timestamp, "First contact of the scam with the person."]
    first_transfer_at: Annotated[Timestamp | None, "Requested time of the first payment to a scam account."]
    loss_fen: Annotated[Fen, "What was lost, fen."]
    scam_numbers: Annotated[tuple[str, ...], "Numbers the scam called or wrote from."]
    scam_hosts: Annotated[tuple[str, ...], "Hosts of the scam."]
    scam_accounts: Annotated[tuple[str, ...], "Accounts of the scam, all layers."]
    last_seen_at: Annotated[
        Timestamp | None, "When the scam last reached the person or was paid; null if nobody wrote that down."
    ] = None


class Evidence(NamedTuple):
    """One piece of evidence about one person, in bits and in words."""

    detector: Annotated[str, "Code of the detector, `flow.pattern`."]
    at: Annotated[Timestamp, "When it happened."]
    entity_kind: Annotated[str, EntityKind, "What it is about."]
    entity: Annotated[str, "The number, sender, host, account or device."]
    bits: Annotated[float, "Weight of evidence, log2 of the likelihood ratio, after discount and decay."]
    text_zh: Annotated[str, TEXT, "The sentence in Chinese."]
    text_en: Annotated[str, TEXT, "The sentence in English."]


class Alert(NamedTuple):
    """One decision on one person: everything as known at `raised_at`."""

    alert_id: Annotated[str, IDENTITY, "Hash of episode id and level."]
    episode_id: Annotated[str, IDENTITY, "The episode the alert belongs to; lasts 72 h from its first alert."]
    person_id: Annotated[str, IDENTITY, "Who is probably being scammed."]
    msisdn: Annotated[str, NUMBER, "Number to reach the person at."]
    scam_type: Annotated[str, ScamType, "Most probable scam."]
    level: Annotated[str, Level, "How urgent."]
    stage: Annotated[str, Stage, "How far the scam has come."]
    probability: Annotated[float, PROBABILITY, "That this person is being scammed now, 0 to 1."]
    raised_at: Annotated[Timestamp, "When it was decided; never earlier than its evidence."]
    evidence: Annotated[tuple[Evidence, ...], "What it rests on; prior and bits add up to the posterior."]


class Suspect(NamedTuple):
    """An entity the engine suspects."""

    entity_kind: Annotated[str, EntityKind, "What it is."]
    entity: Annotated[str, "The number, sender, host, account or device."]
    score: Annotated[float, PROBABILITY, "Probability that it serves a scam, 0 to 1."]
    scam_type: Annotated[str | None, ScamType, "Most probable scam, where known."]
    first_flagged_at: Annotated[Timestamp, "When it was first suspected."]
    reasons: Annotated[tuple[str, ...], TEXT, "Why, one sentence each, in Chinese."]
    reasons_en: Annotated[tuple[str, ...] | None, TEXT, "The same sentences in English, where known."] = None


class ClusterMember(NamedTuple):
    """An entity and the group of suspects it is tied to."""

    cluster_id: Annotated[str, IDENTITY, "The group."]
    entity_kind: Annotated[str, EntityKind, "What the member is."]
    entity: Annotated[str, "The member."]
    since: Annotated[Timestamp, "When it was first tied to the group."]
    score: Annotated[float, PROBABILITY, "How strongly, 0 to 1."]


class Reject(NamedTuple):
    """A row that was not used, and why."""

    flow: Annotated[str, "Table the row came in."]
    row: Annotated[int, "Its position in the table's files, from 0."]
    reason: Annotated[str, TEXT, "Column, what was found, what was expected."]


class Outcome(NamedTuple):
    """What came of an alert: a contact attempt or a verdict, back from the console."""

    person_id: Annotated[str, IDENTITY, "Whose alert."]
    at: Annotated[Timestamp, "When."]
    alert_id: Annotated[str, IDENTITY, "Which alert."]
    result: Annotated[str, OutcomeResult, "What came of it."]
    by: Annotated[str, "Who reports it."]
    reason: Annotated[str | None, CODE, "Why it was a false alarm, by the console's list."] = None


CALLS = table("calls", Call)
MESSAGES = table("messages", Message)
VISITS = table("visits", Visit)
TRANSFERS = table("transfers", Transfer)
SUBSCRIBERS = table("subscribers", Subscriber)
ACCOUNTS = table("accounts", Account)
WATCHLIST = table("watchlist", WatchlistEntry)
STATIONS = table("stations", Station)
CELLS = table("cells", Cell)
PLACES = table("places", Place)
RELATIONS = table("relations", Relation)
BRANCHES = table("branches", Branch)
TRUTH = table("truth", Truth)
ALERTS = table("alerts", Alert)
SUSPECTS = table("suspects", Suspect)
CLUSTERS = table("clusters", ClusterMember)
REJECTS = table("rejects", Reject)
OUTCOMES = table("outcomes", Outcome)

FLOWS: tuple[Table, ...] = (CALLS, MESSAGES, VISITS, TRANSFERS)
"""The four flows, in the order in which simultaneous rows are judged."""
REQUIRED_REFERENCES: tuple[Table, ...] = (SUBSCRIBERS, ACCOUNTS)
OPTIONAL_REFERENCES: tuple[Table, ...] = (WATCHLIST, STATIONS, CELLS, PLACES, RELATIONS, BRANCHES, OUTCOMES)
RESULTS: tuple[Table, ...] = (ALERTS, SUSPECTS, CLUSTERS, REJECTS)
TABLES: dict[str, Table] = {
    t.name: t for t in (*FLOWS, *REQUIRED_REFERENCES, *OPTIONAL_REFERENCES, TRUTH, *RESULTS)
}
