"""The closed lists of the module as Django choices, with the words the pages show."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(TextChoices):
    """What can be exchanged, in the order of the collections; the codes of lists."""

    NUMBER = "number", _("Number")
    SENDER = "sender", _("Sender")
    HOST = "host", _("Host")
    ACCOUNT = "account", _("Account")
    DEVICE = "device", _("Device")
    TEXT = "text", _("Message text")


KINDS: tuple[str, ...] = tuple(Kind.values)


class PeerKind(TextChoices):
    """Who a peer is."""

    CITY = "city", _("Another city")
    OPERATOR = "operator", _("Operator")
    BANK = "bank", _("Bank")
    COMMUNITY = "community", _("Sharing community")


class Tlp(TextChoices):
    """How far what is shared may travel: Traffic Light Protocol 2.0, the widest first."""

    CLEAR = "clear", "TLP:CLEAR"
    GREEN = "green", "TLP:GREEN"
    AMBER = "amber", "TLP:AMBER"
    STRICT = "amber+strict", "TLP:AMBER+STRICT"
    RED = "red", "TLP:RED"


CEILINGS = (Tlp.GREEN, Tlp.AMBER, Tlp.STRICT)
"""What a rule may name: nothing of ours is clear, and red is for the ears of one person."""


class Proof(TextChoices):
    """The least that must speak for an entry before it is shared."""

    APPROVED = "approved", _("Approved by one person")
    TWO = "two_persons", _("Approved by two persons, or enforced")
    ENFORCED = "enforced", _("Enforced in networks")


class RuleState(TextChoices):
    """Where a rule stands."""

    PROPOSED = "proposed", _("Waits for a second person")
    IN_FORCE = "in_force", pgettext_lazy("rule", "In force")
    ENDED = "ended", _("Replaced or ended")
    REFUSED = "refused", _("Not confirmed")


class Form(TextChoices):
    """In which form indicators come and go."""

    STIX = "stix", "STIX 2.1"
    MISP = "misp", "MISP"
    CSV = "csv", "CSV"


class Way(TextChoices):
    """How something came."""

    TAXII = "taxii", _("Sent by its program")
    FILE = "file", _("Brought as a file")
    PULL = "pull", _("Fetched from its server")


class Fault(TextChoices):
    """Why a peer's own server gave nothing."""

    RULE = "rule", _("no rule in force lets the peer propose")
    KEY = "key", _("its key cannot be read on this machine")
    SILENT = "silent", _("it does not answer")
    REFUSED = "refused", _("it refuses the key")
    MISSING = "missing", _("it has no such collection")
    BUSY = "busy", _("it asks to wait")
    STATUS = "status", _("it answers with an error")
    FORM = "form", _("what it answers is not TAXII 2.1")
    LARGE = "large", _("what it answers is too large")
    ENOUGH = "enough", _("it has sent as much as is taken in a day")


class Outcome(TextChoices):
    """What came of an object that was received."""

    PENDING = "pending", _("Not read yet")
    PROPOSED = "proposed", _("Proposed for review")
    KNOWN = "known", _("Known before")
    CONTEXT = "context", _("Kept as context")
    REVERSAL = "reversal", _("Taken back by the peer: to be decided")
    REVERSED = "reversed", _("Taken back by the peer: reversed here")
    KEPT = "kept", _("Taken back by the peer: kept here")
    REJECTED = "rejected", _("Not taken")


SETTLED_WELL = (
    Outcome.PROPOSED, Outcome.KNOWN, Outcome.CONTEXT, Outcome.REVERSAL, Outcome.REVERSED, Outcome.KEPT,
)  # fmt: skip
"""What a peer is told as a success: the object has arrived and is understood."""


class Cause(TextChoices):
    """Why an object was not taken, or no entry is shared."""

    NO_ID = "no_id", _("It has no id of its own")
    TYPE = "type", _("Objects of this type are not taken")
    PATTERN_TYPE = "pattern_type", _("Only patterns of STIX are read")
    PATTERN = (
        "pattern",
        _("The pattern is none that can be listed: one or more names of things, joined by OR"),
    )
    KIND = "kind", _("What the pattern names is nothing that lists hold")
    UNSURE = "unsure", _("The peer says itself that it is not meant for blocking")
    TIME = "time", _("A time is not in the form expected")
    STRANGER = "stranger", _("It takes back what was never received")
    LISTS = "lists", _("The lists do not take it")
    SHAPE = "shape", _("It is not in the form expected")


class Held(TextChoices):
    """Why an entry is not shared with a peer."""

    NO_RULE = "no_rule", _("no rule is in force")
    LIST = "list", _("not on the black list, or not in force")
    NEVER = "never", _("never blocked")
    TAKEN = "taken", _("a resident holds the number since")
    KIND = "kind", _("kind not shared")
    SCAM = "scam", _("scam type not shared")
    TLP = "tlp", _("above the ceiling")
    OBSERVED = "observed", _("only observed so far")
    PROOF = "proof", _("too little evidence")
    TERM = "term", _("term too long")


TAKES_BACK = (Held.NEVER, Held.TAKEN)
"""What is no longer shared for these was wrong to share from then on, and is told as revoked."""
