"""Closed lists of codes that columns may hold, and the ministry's list of scam types as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class Level(StrEnum):
    """How urgent an alert is; the first is the most urgent."""

    URGENT = "urgent"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Stage(StrEnum):
    """How far a scam has come with one person, in the order of a scam."""

    CONTACT = "contact"
    LURE = "lure"
    CONTROL = "control"
    TRANSFER = "transfer"
    LAUNDERING = "laundering"


class EntityKind(StrEnum):
    """What can be suspected, listed or looked up."""

    NUMBER = "number"
    SENDER = "sender"
    HOST = "host"
    ACCOUNT = "account"
    DEVICE = "device"


class ScamType(StrEnum):
    """Codes of scam types; their names and the version of the list are data (`scam_types`)."""

    BRUSHING = "brushing"
    INVESTMENT = "investment"
    SHOPPING = "shopping"
    CUSTOMER_SERVICE = "customer_service"
    LOAN = "loan"
    CREDIT = "credit"
    ACQUAINTANCE = "acquaintance"
    POLICE = "police"
    ROMANCE = "romance"
    GAME = "game"
    PHISHING = "phishing"
    OTHER = "other"


class CallPhase(StrEnum):
    """What a call record reports of a call."""

    ANSWERED = "answered"
    ENDED = "ended"
    MISSED = "missed"
    BUSY = "busy"
    REFUSED = "refused"
    FORWARDED = "forwarded"
    INVALID = "invalid"


class Origin(StrEnum):
    """Where the network says a call came from."""

    DOMESTIC = "domestic"
    OVERSEAS = "overseas"
    VOIP = "voip"


class TransferPhase(StrEnum):
    """What a transfer record reports of a transfer."""

    REQUESTED = "requested"
    SETTLED = "settled"
    HELD = "held"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class Channel(StrEnum):
    """How a transfer was ordered."""

    APP = "app"
    WEB = "web"
    COUNTER = "counter"
    ATM = "atm"
    THIRD_PARTY = "third_party"


class AccountKind(StrEnum):
    """Whose account it is."""

    PERSONAL = "personal"
    CORPORATE = "corporate"
    MERCHANT = "merchant"


class PlaceKind(StrEnum):
    """What a place is to a person."""

    HOME = "home"
    WORKPLACE = "workplace"


class OutcomeResult(StrEnum):
    """What came of a contact attempt or of a closed alert."""

    ANSWERED = "answered"
    BUSY = "busy"
    FORWARDED = "forwarded"
    SWITCHED_OFF = "switched_off"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    AWAKENED = "awakened"
    NOT_AWAKENED = "not_awakened"
    FALSE_ALARM = "false_alarm"
    ALREADY_PAID = "already_paid"


@dataclass(frozen=True, slots=True)
class ScamTypeName:
    """One line of the ministry's list."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ScamTypeList:
    """The list of scam types in force, with its version and source."""

    version: str
    source: str
    names: dict[str, ScamTypeName]


@cache
def scam_types() -> ScamTypeList:
    """The shipped list of scam types.

    >>> scam_types().names["police"].zh
    '冒充公检法'
    """
    raw = json.loads(resources.files("qingdun.contract").joinpath("scam_types.json").read_text("utf-8"))
    names = {row["code"]: ScamTypeName(row["code"], row["zh"], row["en"]) for row in raw["types"]}
    return ScamTypeList(raw["version"], raw["source"], names)
