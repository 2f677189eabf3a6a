"""What planes tell of themselves, in the reader's words; what is not here is shown by its own name."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.lists.never import words as protected_as

_FIGURES: dict[str, str | Promise] = {
    "block_sites": _("sites blocked"), "observe_sites": _("sites observed"),
    "block_serial": _("serial of the zone block"), "observe_serial": _("serial of the zone observe"),
    "breaker": _("breaker"), "breaker_opened": _("times the breaker opened"),
    "sessions": _("connections"), "sessions_bound": _("connections logged in"),
    "segments_held": _("segments held"), "judged": _("messages judged"), "refused": _("turned away"),
    "quarantined": _("put into quarantine"), "model_observed": _("the model would have stopped"),
    "recipients_refused": _("recipients taken out"), "unreadable": _("passed: not legible"),
    "unjudged": _("passed without judgement"), "malformed": _("malformed"),
    "quarantine_full": _("passed: quarantine full"), "clients_refused": _("clients refused"),
    "clients_slow": _("clients let go for slowness"), "binds_refused": _("log-ins refused"),
    "numbers": _("numbers held"), "kamailio_connected": _("Kamailio connected"),
    "live_calls": _("live calls"), "asked": _("calls asked for"), "listed": _("calls from the list"),
    "failed_open": _("passed because judging failed"), "passed": _("let pass"),
    "live_forgotten": _("live calls forgotten"), "remembered": _("answers remembered"),
    "forwarded": _("forwarded calls"), "observed_listed": _("calls from the list, observed"),
    "spoofed_trunk": _("spoofed by the trunk"), "observed_trunk": _("spoofed by the trunk, observed"),
    "spoofed_asserted": _("spoofed by the asserted number"),
    "observed_asserted": _("spoofed by the asserted number, observed"),
    "spoofed_network": _("spoofed by the network's number"),
    "observed_network": _("spoofed by the network's number, observed"),
    "passed_unheard": _("passed: no answer in time"), "passed_unasked": _("passed: not asked about"),
    "unread": _("passed: could not be read"), "senseless": _("messages that made no sense"),
    "lines_lost": _("lines lost"), "sent_again": _("requests sent again"),
    "redirected": _("redirected"), "not_redirected": _("answered otherwise"),
    "processes": _("processes"), "begun_again": _("processes begun again"),
    "asked_http": _("asked over HTTP"), "asked_dns": _("asked over DNS"),
    "token_faults": _("faults in the file of tokens"),
    "refused_tokens": _("wrong tokens refused"), "over_limit": _("over their limit"),
    "not_understood": _("not understood"), "strangers": _("from addresses that may not ask"),
    "segments_late": _("segments passed: not whole in time"),
    "segments_alone": _("segments passed one by one"), "segments_full": _("segments passed: no room"),
    "segments_lost": _("segments lost with their line"), "centre_away": _("centre not reached"),
    "outbinds_refused": _("log-ins from outside refused"), "spoilt": _("lines ended: impossible length"),
    "quarantine_held": _("in quarantine, not looked at"), "quarantine_asked": _("in quarantine, released"),
    "quarantine_sending": _("in quarantine, under way"),
    "quarantine_failed": _("in quarantine, refused by the centre"),
    "quarantine_unsure": _("in quarantine, sent without an answer"),
    "traffic": _("traffic"),
}  # fmt: skip
_VALUES: dict[str, str | Promise] = {
    "closed": _("closed: judging"), "open": _("open: everything passes"),
    "trial": _("half open: trying again"),
    "synthetic": _("synthetic"),
}  # fmt: skip
_REFUSED = "refused_"
"""How a plane names entries of which it made no rule, by why."""
STATES: dict[str, tuple[str, str | Promise]] = {
    "follows": ("●", _("Follows the lists")),
    "behind": ("▲", _("Behind the lists")),
    "open": ("▲", _("Breaker open: everything passes")),
    "stopped": ("■", _("Stopped: a change waits for a word")),
    "silent": ("■", _("Silent")),
    "never": ("○", _("Never ran here")),
}
"""Shape and word of a plane's state."""


def figure(name: str) -> str:
    """The word for a figure; what was refused is said with its reason."""
    known = _FIGURES.get(name)
    why = protected_as(name.removeprefix(_REFUSED)) if name.startswith(_REFUSED) and known is None else ""
    if why:
        return gettext("no rule: %(why)s") % {"why": why}
    return str(known or name.replace("_", " "))


def value(found: int | str) -> str:
    """The value of a figure, thousands apart."""
    return f"{found:,}" if isinstance(found, int) else str(_VALUES.get(found, found))
