"""Words of the gang graph: kinds of nodes and edges, headings of its file."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

KIND_WORDS: dict[str, str | Promise] = {
    "person": _("Person in cases"),
    "victim": _("Victim"),
    "number": _("Number"),
    "sender": _("Sender"),
    "device": _("Device"),
    "account": _("Account"),
    "host": _("Host"),
    "card": _("Phone card"),
    "case": _("Case"),
    "gang": _("Gang"),
    "cluster": _("Cluster of the engine"),
}
EDGE_WORDS: dict[str, str | Promise] = {
    "part": _("has a part in"),
    "seized": _("seized in"),
    "incident": _("is victim in"),
    "used": _("used"),
    "member": _("is a member of"),
    "paid": _("payment to be stopped"),
    "evidence": _("evidence of alerts"),
    "cluster_edge": _("in one cluster"),
}
TIE_HEADINGS: tuple[str | Promise, ...] = (
    _("Kind"),
    pgettext_lazy("of a node", "What"),
    _("Money, yuan"),
    _("Tie"),
    _("Kind of the other"),
    _("The other"),
    _("Money of the other, yuan"),
    _("How many"),
    _("First day"),
    _("Last day"),
    _("Its rows"),
)
