"""Every setting of the console: the one table of names, defaults and meanings, and the only reader of the
environment.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import re
from typing import NamedTuple

from qingdun.errors import ConfigurationError


class Variable(NamedTuple):
    """One environment variable: its name, what holds when it is not set, and what it means; of a whole
    number also the least and the most it may be.
    """

    name: str
    default: str
    meaning: str
    within: tuple[int, int] | None = None


VARIABLES: tuple[Variable, ...] = (
    Variable("QINGDUN_VAR", "var", "Folder of everything the console writes besides its database."),
    Variable(
        "QINGDUN_DATABASE",
        "",
        "Path of a SQLite file, or `postgres://user:password@host:port/name`. "
        "Empty: `qingdun.sqlite3` in QINGDUN_VAR. A pooler in between must keep sessions, or events come "
        "late.",
    ),
    Variable(
        "QINGDUN_SECRET_KEY",
        "",
        "Key that signs sessions. Empty: the one kept in QINGDUN_VAR, which demo mode makes; "
        "else it is required.",
    ),
    Variable(
        "QINGDUN_DEMO",
        "0",
        "1: demo mode. Demo accounts log in with one click, none needs a second factor, every page says so.",
    ),
    Variable("QINGDUN_DEBUG", "0", "1: error pages show the trace. For development only."),
    Variable("QINGDUN_CITY", "441800", "Code of the city whose region data is loaded."),
    Variable("QINGDUN_ALLOWED_HOSTS", "127.0.0.1,localhost", "Host names the console answers to, by comma."),
    Variable(
        "QINGDUN_ORIGINS",
        "http://127.0.0.1:8000,http://localhost:8000",
        "Origins the console is served from, by comma. Forms and event streams from elsewhere are refused. "
        "If the first one is https, cookies are sent over https only and HSTS is on.",
    ),
    Variable(
        "QINGDUN_EVENTS_URL",
        ":8001/events",
        "Where browsers find the event stream: `:port/path` on the host of the page, a path on its origin, "
        "or a whole address.",
    ),
    Variable(
        "QINGDUN_IDLE_MINUTES",
        "30",
        "Minutes without an act of the user after which a session ends.",
        within=(1, 1440),
    ),
    Variable(
        "QINGDUN_LOCKOUT_FAILURES",
        "5",
        "Failed log-ins of one user name from one address until it is locked out.",
        within=(1, 1000),
    ),
    Variable("QINGDUN_LOCKOUT_MINUTES", "30", "How long a lockout lasts.", within=(1, 525_600)),
    Variable(
        "QINGDUN_CONTEXT_DAYS",
        "30",
        "Days that timelines, rejected rows and places of visits are kept after they came; then "
        "`qingdun purge` and the daily purge of `qingdun serve` delete them.",
        within=(1, 36_500),
    ),
    Variable(
        "QINGDUN_EVIDENCE_DAYS",
        "180",
        "Days that evidence and photos of visits are kept after they came, and suspects and clusters after "
        "the engine forgot them. Alerts, tasks, outcomes and the audit trail stay.",
        within=(1, 36_500),
    ),
    Variable(
        "QINGDUN_LIST_HOURS",
        "72",
        "Hours after which a row of a list of alerts that others sent is history: it is refused with that "
        "reason and becomes no alert.",
        within=(1, 876_000),
    ),
    Variable(
        "QINGDUN_LISTS_TWO_PERSONS",
        "1000",
        "Entries of a list that one person may propose and approve alone, at once or within a day; "
        "for more, two different people approve.",
        within=(0, 10_000_000),
    ),
    Variable(
        "QINGDUN_PROXIES",
        "0",
        "How many reverse proxies stand before the console; it tells which hop of X-Forwarded-For to use.",
        within=(0, 10),
    ),
    Variable(
        "QINGDUN_MAP_APPROVAL",
        "",
        "Approval number (审图号) shown on maps. Empty: the text of the region data.",
    ),
    Variable(
        "QINGDUN_SMS_GATEWAY",
        "",
        "What carries messages: `smpp`, or `demo`, which sends nothing. Empty: `demo` in demo mode, "
        "else messages wait.",
    ),
    Variable("QINGDUN_SMS_HOST", "", "Host of the operator's SMPP server."),
    Variable("QINGDUN_SMS_PORT", "2775", "Its port.", within=(1, 65_535)),
    Variable("QINGDUN_SMS_SYSTEM_ID", "", "Our name there."),
    Variable("QINGDUN_SMS_PASSWORD", "", "Our password there, at most eight characters (SMPP 3.4)."),
    Variable("QINGDUN_SMS_SENDER", "", "Number or name that recipients see."),
    Variable(
        "QINGDUN_SMS_RATE",
        "10",
        "Parts a second that the operator takes, for all our processes together.",
        within=(1, 100_000),
    ),
    Variable(
        "QINGDUN_DUTY_REPEAT_SECONDS",
        "60",
        "Seconds after which an unsigned urgent or high task calls the officer on duty again, "
        "or the next one.",
        within=(1, 86_400),
    ),
    Variable("QINGDUN_PHOTOS_PER_VISIT", "6", "Photos kept of one visit.", within=(0, 100)),
    Variable(
        "QINGDUN_PHOTO_MB",
        "10",
        "Megabytes that one photo may have as it is sent; it is shrunk then.",
        within=(1, 60),
    ),
    Variable(
        "QINGDUN_VISIT_WORDS",
        "",
        "File of the words an officer says at the door, a changed copy of `visits/words.json`. "
        "Empty: that file.",
    ),
    Variable(
        "QINGDUN_SUPERVISION_RULES",
        "",
        "File of the rules of supervision, a changed copy of `supervision/rules.json`. Empty: that file.",
    ),
    Variable(
        "QINGDUN_DUTY_CALLS",
        "2",
        "How often one officer is called before the next on the roster.",
        within=(1, 100),
    ),
    Variable(
        "QINGDUN_WHEREABOUTS_MINUTES",
        "60",
        "Minutes for which one stated purpose shows where the person of a task may be.",
        within=(1, 10_080),
    ),
    Variable(
        "QINGDUN_OFFER_AT_ONCE",
        "3",
        "How many free officers near are asked at once to take a search.",
        within=(1, 100),
    ),
    Variable(
        "QINGDUN_OFFER_SECONDS", "60", "Seconds after which the next nearest are asked.", within=(5, 86_400)
    ),
    Variable(
        "QINGDUN_OFFER_FRESH_MINUTES",
        "120",
        "Minutes for which an officer is held to be where their last visit was, and not at the station.",
        within=(1, 10_080),
    ),
    Variable(
        "QINGDUN_INTERCEPT_MOST",
        "1000",
        "Entries of the lists that may change within ten minutes, whatever the share; a feed that changes "
        "more than these and than the share below is not followed until a person says so.",
        within=(0, 10_000_000),
    ),
    Variable(
        "QINGDUN_INTERCEPT_PERCENT",
        "20",
        "The share of the entries held that may change within ten minutes, in percent.",
        within=(0, 100),
    ),
    Variable(
        "QINGDUN_SITES_LISTEN",
        "127.0.0.1:5300",
        "Where name servers fetch the zones of blocked sites, over UDP and TCP.",
    ),
    Variable("QINGDUN_SITES_PAGE", "127.0.0.1:8053", "Where the warning page is served, over HTTP."),
    Variable(
        "QINGDUN_SITES_TARGET",
        "127.0.0.1",
        "The address that blocked names get: that of the warning page as visitors reach it, on port 80; an "
        "IPv6 address may follow by comma.",
    ),
    Variable("QINGDUN_SITES_ZONE", "rpz.qingdun.invalid", "The name below which the zones stand."),
    Variable(
        "QINGDUN_SITES_PARTS",
        "1",
        "Among how many zones of either kind the names are shared out: BIND walks through the whole of a "
        "zone that has changed. 1 for up to 100,000 names, 32 for a million.",
        within=(1, 32),
    ),
    Variable(
        "QINGDUN_SITES_SECONDARIES",
        "",
        "Name servers that are told of changes, as address:port by comma.",
    ),
    Variable(
        "QINGDUN_SITES_KEYLESS",
        "",
        "Addresses that may fetch the zones without a key, by comma: Unbound knows none. Empty: nobody.",
    ),
    Variable(
        "QINGDUN_SITES_LOG",
        "",
        "File in which a name server logs what it rewrites. Empty: nothing is counted.",
    ),
    Variable(
        "QINGDUN_SITES_APPEAL",
        "96110",
        "Where the warning page sends appeals: a telephone number, or an address of the console's /appeal/.",
    ),
    Variable(
        "QINGDUN_CALLS_LISTEN",
        "127.0.0.1:5070",
        "Where the SIP redirect server answers, over UDP and TCP. Empty: there is none.",
    ),
    Variable(
        "QINGDUN_CALLS_ONWARD",
        "sip:{user}@127.0.0.1:5080",
        "Where it sends calls that pass; {user} stands for whom they ask.",
    ),
    Variable(
        "QINGDUN_CALLS_KAMAILIO",
        "",
        "The evapi addresses of Kamailios that are answered, by comma. Empty: none.",
    ),
    Variable(
        "QINGDUN_CALLS_LISTED",
        "608",
        "With what a listed caller is refused: 603, 607 or 608.",
        within=(603, 608),
    ),
    Variable(
        "QINGDUN_CALLS_SPOOFED",
        "603",
        "With what a caller with a spoofed number is refused: 603, 607 or 608.",
        within=(603, 608),
    ),
    Variable(
        "QINGDUN_CALLS_CARD",
        "",
        "Where a refused caller finds whom to ask, the https address of a signed jCard (RFC 8688). "
        "Empty: nowhere.",
    ),
    Variable(
        "QINGDUN_CALLS_TRUNKS",
        "",
        "Addresses or networks from which international calls come in, by comma.",
    ),
    Variable(
        "QINGDUN_CALLS_TRUNK_HEADER",
        "",
        "A header that says `international` of calls from abroad; whoever stands before takes it off "
        "what is sent.",
    ),
    Variable(
        "QINGDUN_CALLS_NETWORK_HEADER",
        "",
        "A header with the number that the network knows behind the caller.",
    ),
    Variable(
        "QINGDUN_CALLS_RULE_TRUNK",
        "observe",
        "A number of this country from an international trunk: `off`, `observe` or `enforce`.",
    ),
    Variable(
        "QINGDUN_CALLS_RULE_ASSERTED",
        "observe",
        "From that names another number than P-Asserted-Identity: `off`, `observe` or `enforce`.",
    ),
    Variable(
        "QINGDUN_CALLS_RULE_NETWORK",
        "observe",
        "A number of this country with a foreign one behind it: `off`, `observe` or `enforce`.",
    ),
    Variable(
        "QINGDUN_CALLS_ANNOUNCE",
        "",
        "What happens to a live call that an urgent alert names: `hang_up`, or the SIP address of an "
        "announcement that the protected side is sent to. Empty: nothing.",
    ),
    Variable(
        "QINGDUN_MESSAGES_LISTEN", "127.0.0.1:2775", "Where senders of messages (ESMEs) bind, over TCP."
    ),
    Variable(
        "QINGDUN_MESSAGES_CENTRE",
        "127.0.0.1:2776",
        "The message centre (SMSC) that takes what passes, and knows who may bind.",
    ),
    Variable(
        "QINGDUN_MESSAGES_CERTIFICATE",
        "",
        "PEM file of the certificate that senders are shown. Empty: no TLS on their side.",
    ),
    Variable("QINGDUN_MESSAGES_KEY", "", "PEM file of its key. Empty: it stands in the same file."),
    Variable(
        "QINGDUN_MESSAGES_CENTRE_CA",
        "",
        "PEM file of who vouches for the centre's certificate, which must name its address; `system`: who "
        "the machine trusts. Empty: no TLS to the centre.",
    ),
    Variable(
        "QINGDUN_MESSAGES_CLIENTS",
        "256",
        "Connections of senders at once; one more is let go and counted.",
        within=(1, 10_000),
    ),
    Variable(
        "QINGDUN_MESSAGES_STATUS",
        "102",
        "The status that a refused message is answered with: 102 is ESME_RX_R_APPN, not to be tried again; "
        "1024 to 1279 are vendors' own.",
        within=(9, 1279),
    ),
    Variable(
        "QINGDUN_MESSAGES_CODING",
        "gsm",
        "What a data_coding of 0 means to the centre: `gsm`, `latin-1`, `ascii`, `gb18030` or `utf-8`.",
    ),
    Variable(
        "QINGDUN_MESSAGES_MODEL",
        "observe",
        "What the model of texts may do by itself: `off`, `observe` (count), `quarantine` (hold for a "
        "person) or `refuse`.",
    ),
    Variable(
        "QINGDUN_MESSAGES_PERCENT",
        "97",
        "From which probability of a scam the model does so, in percent.",
        within=(50, 99),
    ),
    Variable(
        "QINGDUN_MESSAGES_HOLD_SECONDS",
        "5",
        "How long segments of a text wait for the rest of it; then they pass.",
        within=(1, 60),
    ),
    Variable(
        "QINGDUN_MESSAGES_QUARANTINE_STATUS",
        "0",
        "The status that a message in quarantine is answered with; 0: taken, with a number of ours.",
        within=(0, 1279),
    ),
    Variable(
        "QINGDUN_MESSAGES_DAYS",
        "30",
        "Days after which a message leaves the quarantine, seen or not.",
        within=(1, 3650),
    ),
    Variable(
        "QINGDUN_LOOKUPS_HTTP",
        "127.0.0.1:8054",
        "Where look-ups are answered over HTTP. Tokens travel as they are: TLS is a proxy's in front of it.",
    ),
    Variable("QINGDUN_LOOKUPS_DNS", "127.0.0.1:5354", "Where look-ups are answered over DNS, by UDP."),
    Variable("QINGDUN_LOOKUPS_ZONE", "lookup.qingdun.invalid", "The name below which is asked over DNS."),
    Variable(
        "QINGDUN_LOOKUPS_CLIENTS",
        "127.0.0.0/8",
        "Networks that may ask over DNS, by comma. Empty: nobody. Over HTTP a token says who asks.",
    ),
    Variable(
        "QINGDUN_LOOKUPS_RATE",
        "2000",
        "Questions a second that one client may ask of one process: a token over HTTP, an address over DNS.",
        within=(1, 100_000_000),
    ),
    Variable("QINGDUN_LOOKUPS_PROCESSES", "1", "Processes that answer look-ups, one a core.", within=(1, 64)),
)

_BY_NAME = {variable.name: variable for variable in VARIABLES}
_ADDRESS = re.compile(r"https?://[^/\s]+")


def text(name: str) -> str:
    """The setting's value, or its default. `name` must be in `VARIABLES`."""
    return os.environ.get(name, _BY_NAME[name].default).strip()


def switch(name: str) -> bool:
    """Whether the setting is on. Errors: ConfigurationError if it is neither 0 nor 1."""
    value = text(name)
    if value not in ("0", "1"):
        raise ConfigurationError(f"{name}: found {value!r}, expected 0 or 1")
    return value == "1"


def number(name: str) -> int:
    """The setting as a whole number within its bounds. Errors: ConfigurationError if it is something else."""
    value, (least, most) = text(name), _BY_NAME[name].within or (0, 10**9)
    if not (value.isdecimal() and len(value) < 20) or not least <= int(value) <= most:
        raise ConfigurationError(
            f"{name}: found {value!r}, expected a whole number from {least:,} to {most:,}"
        )
    return int(value)


def check_numbers() -> None:
    """Every number lies within its bounds, also one that is read much later. Errors: as `number`."""
    for variable in VARIABLES:
        if variable.within:
            number(variable.name)


def days(name: str) -> dt.timedelta:
    """The setting as a number of days. Errors: as `number`."""
    return dt.timedelta(days=number(name))


def names(name: str) -> list[str]:
    """The setting's parts between commas. Errors: ConfigurationError if there is none."""
    parts = _parts(name)
    if not parts:
        raise ConfigurationError(
            f"{name}: found nothing, expected {_BY_NAME[name].default} or others by comma"
        )
    return parts


def origins(name: str) -> list[str]:
    """The setting's parts, each scheme and host. Errors: ConfigurationError names the part that is not."""
    parts = names(name)
    for part in parts:
        if not _ADDRESS.fullmatch(part):
            raise ConfigurationError(f"{name}: found {part!r}, expected such as https://console.example")
    return parts


def events_address(name: str) -> str:
    """The setting as `:port/path`, a path, or a whole address. Errors: ConfigurationError if it is none."""
    value = text(name)
    if not re.fullmatch(rf"(:\d+|{_ADDRESS.pattern})?/\S*", value):
        raise ConfigurationError(
            f"{name}: found {value!r}, expected :port/path, a path from /, or a whole address"
        )
    return value


def endpoints(name: str) -> list[tuple[str, int]]:
    """The setting's parts, each an IP address and a port. Errors: ConfigurationError names the part that is
    not.
    """
    found = []
    for part in _parts(name):
        host, _colon, port = part.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not _is_address(host) or not (port.isdecimal() and 0 < int(port[:6]) < 65_536):
            raise ConfigurationError(f"{name}: found {part!r}, expected such as 127.0.0.1:5300 or [::1]:5300")
        found.append((host, int(port)))
    return found


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The setting's parts, each an IP address or a network. Errors: ConfigurationError names the part that is
    not.
    """
    found = []
    for part in _parts(name):
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError as error:
            raise ConfigurationError(
                f"{name}: found {part!r}, expected an IP address or a network such as 192.0.2.0/24"
            ) from error
    return found


def ip_addresses(name: str) -> list[str]:
    """The setting's parts, each an IP address. Errors: ConfigurationError names the part that is not."""
    parts = _parts(name)
    for part in parts:
        if not _is_address(part):
            raise ConfigurationError(f"{name}: found {part!r}, expected an IP address")
    return parts


def domain(name: str) -> str:
    """The setting as a domain name. Errors: ConfigurationError if it is none."""
    value = text(name).strip(".").lower()
    if not re.fullmatch(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", value) or len(value) > 100:
        raise ConfigurationError(f"{name}: found {value!r}, expected a name such as rpz.example.invalid")
    return value


def _parts(name: str) -> list[str]:
    return [part for one in text(name).split(",") if (part := one.strip())]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
