"""Verdicts that decide whether a person is asked again."""

from __future__ import annotations

from qingdun.contract.codes import OutcomeResult

FOLLOWED = (OutcomeResult.AWAKENED.value, OutcomeResult.NOT_AWAKENED.value, OutcomeResult.ALREADY_PAID.value)
"""Verdicts after which the person is asked again."""
FALSE_ALARM = OutcomeResult.FALSE_ALARM.value
ALREADY_PAID = OutcomeResult.ALREADY_PAID.value
