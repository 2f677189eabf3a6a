"""Persons of nobody whom a demonstration punishes over cards, with a letter of every kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from qingdun.console.industry import deciding, punishing
from qingdun.console.industry.models import Punishment
from qingdun.console.industry.punishing import PunishmentForm
from qingdun.console.kernel.demo import clock_at
from qingdun.console.kernel.models import User

DAY = dt.timedelta(days=1)


def ordered(city: User, confirmer: User, form: PunishmentForm, at: dt.datetime) -> Punishment:
    """A punishment proposed by one and confirmed by another. Errors: NotPermitted outside demo mode."""
    with clock_at(at):
        made = punishing.propose_punishment(city, form).punishment
        return punishing.confirm_punishment(confirmer, made.pk, "order")


def served(city: User, confirmer: User, form: PunishmentForm, at: dt.datetime) -> Punishment:
    """The same, served the day after."""
    made = ordered(city, confirmer, form, at)
    with clock_at(at + DAY):
        return punishing.serve(city, made.pk, "letter")


def answered(city: User, confirmer: User, forms: Sequence[PunishmentForm], now: dt.datetime) -> None:
    """Of three, one is revoked before it is served, one stays after an appeal, one is lifted after one."""
    revoked, kept, lifted = forms
    about = ordered(city, confirmer, revoked, now - 26 * DAY)
    with clock_at(now - 25 * DAY):
        deciding.decide(confirmer, about.restriction_id, "withdraw", "经核查系身份被冒用（模拟）")
    for form, verb, words in (
        (kept, "reject", "本人供述与流水相符，证据充分（模拟）"),
        (lifted, "uphold", "经核查账户由他人冒用本人身份开立（模拟）"),
    ):
        about = served(city, confirmer, form, now - 24 * DAY)
        with clock_at(now - 20 * DAY):
            said = "卡不是我出租的，请求复核（模拟）"
            made = deciding.file_appeal(city, about.restriction_id, form.name, said)
        with clock_at(now - 18 * DAY):
            deciding.decide_appeal(city, made.pk, verb, words)
    with clock_at(now - 17 * DAY):
        punishing.lift(confirmer, about.pk)
