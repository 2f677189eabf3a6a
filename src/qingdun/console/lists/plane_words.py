"""What planes tell of themselves, in the reader's words; what is not here is shown by its own name."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_FIGURES: dict[str, str | Promise] = {
    "block_sites": _("sites blocked"), "observe_sites": _("sites observed"),
    "block_serial": _("serial of the zone block"), "observe_serial": _("serial of the zone observe"),
    "breaker": _("breaker"), "breaker_opened": _("times the breaker opened"),
    "sessions": _("connections"), "sessions_bound": _("connections logged in"),
    "segments_held": _("segments held"), "judged": _("messages judged"), "refused": _("turned away"),
    "quarantined": _("put into quarantine"), "model_observed": _("the model would have stopped"),
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
    "refused_tokens": _("wrong tokens refused"), "over_limit": _("over their limit"),
    "not_understood": _("not understood"), "strangers": _("from addresses that may not ask"),
    "traffic": _("traffic"),
}  # fmt: skip
_VALUES: dict[str, str | Promise] = {
    "closed": _("closed: judging"), "open": _("open: everything passes"),
    "half_open": _("half open: trying again"), "half-open": _("half open: trying again"),
    "synthetic": _("synthetic"),
}  # fmt: skip
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
    """The word for a figure."""
    return str(_FIGURES.get(name, name.replace("_", " ")))


def value(found: int | str) -> str:
    """The value of a figure, thousands apart."""
    return f"{found:,}" if isinstance(found, int) else str(_VALUES.get(found, found))
