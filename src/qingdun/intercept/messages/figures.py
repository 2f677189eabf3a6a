"""What the proxy counts of itself; told to the console with the plane's state."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """Since the start of the process."""

    judged: int = 0
    """Messages, segments of a text each by itself."""
    refused: int = 0
    recipients_refused: int = 0
    """Taken out of messages to many."""
    quarantined: int = 0
    model_observed: int = 0
    """Texts the model would have stopped."""
    unjudged: int = 0
    """Passed because judging failed or rests."""
    malformed: int = 0
    """Passed because they end before their text begins; the centre answers them."""
    quarantine_full: int = 0
    """Passed because the quarantine had no room, or could not be written."""
    segments_late: int = 0
    """Passed because their text was not whole in time."""
    segments_alone: int = 0
    """Passed before their text was whole: their sender waits for each answer."""
    segments_full: int = 0
    """Passed because there was no room to hold them."""
    segments_lost: int = 0
    """Held when their connection broke: neither passed nor answered."""
    clients_refused: int = 0
    """Connections over the most at once."""
    clients_slow: int = 0
    """Connections that bound too late, or sent a PDU too slowly."""
    binds_refused: int = 0
    """By the centre."""
    centre_away: int = 0
    """Binds that were answered here because the centre could not be reached."""
    outbinds_refused: int = 0
    spoilt: int = 0
    """Connections ended for a PDU of an impossible length."""
