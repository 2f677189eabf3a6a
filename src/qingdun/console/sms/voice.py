"""The port to whoever calls residents with a recorded text. No adapter ships yet, and none pretends to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Heard(StrEnum):
    """What came of a call."""

    TO_THE_END = "to_the_end"
    HUNG_UP = "hung_up"
    BUSY = "busy"
    FORWARDED = "forwarded"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Script:
    """What is played: recordings by code, in order; personal words are never synthesised."""

    recordings: tuple[str, ...]
    repeat: int = 2


class VoiceGateway(Protocol):
    """Rings a number and plays a script of recorded sentences (domain: medium alerts, a call within 30 min).

    Left for a later adapter to a SIP trunk or to an operator's call platform. Whoever writes it keeps the
    laws of the SMS port: an answer is written down before the next call, a call whose end is unknown is not
    repeated by a machine, and a busy or forwarded line is evidence that goes into the task as a contact.
    """

    async def ring(self, recipient: str, script: Script) -> str:
        """The platform has taken the call; its id is returned. Errors: GatewayRefused, GatewayLost."""

    async def outcome(self, call_id: str) -> Heard:
        """What came of the call, once it is known."""
