"""Moves of whoever works on a task, from signing it to the report."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.moving import CALM, FIELD, GRID, HOTLINE, Move
from qingdun.console.alerts.states import ON_THE_WAY, UNDECIDED, VERDICTS, ClockName, State

IN_FIELD: tuple[Move, ...] = (
    Move(
        "sign",
        _("Sign"),
        (State.STATION,),
        State.SIGNED,
        FIELD,
        stops=(ClockName.SIGN,),
    ),
    Move(
        "call",
        _("Call"),
        (State.SIGNED, *UNDECIDED),
        State.CALLING,
        FIELD,
        (HOTLINE, GRID),
        stops=(ClockName.CALL,),
        by_owner=True,
    ),
    *(
        Move(
            verb,
            label,
            (State.CALLING,),
            target,
            FIELD,
            (HOTLINE, GRID),
            by_owner=True,
            apart=True,
            lost=lost,
        )
        for verb, label, target, lost in (
            ("reach", _("Reached"), State.REACHED, False),
            ("miss", _("Not reached"), State.UNREACHABLE, None),
            ("refuse", _("Refused"), State.REFUSED, None),
        )
    ),
    Move(
        "search",
        _("Search for them"),
        (State.SIGNED, State.CALLING, State.REACHED, State.UNREACHABLE, State.REFUSED),
        State.SEARCHING,
        FIELD,
        (HOTLINE, GRID),
        by_owner=True,
    ),
    Move("take_over", _("Take it over"), (State.SEARCHING,), None, FIELD, apart=True),
    Move(
        "meet",
        _("Visit: met"),
        ON_THE_WAY,
        State.MET,
        FIELD,
        (GRID,),
        stops=(ClockName.CALL, ClockName.MEET),
        by_owner=True,
        lost=False,
    ),
    Move("lose", _("Contact lost"), ON_THE_WAY, None, FIELD, lost=True),
    Move("find", _("Contact found again"), ON_THE_WAY, None, FIELD, lost=False),
    *(
        Move(
            verdict.value,
            verdict.label,
            (State.MET,),
            verdict,
            FIELD,
            (GRID,),
            by_owner=True,
            apart=verdict is State.FALSE_ALARM,
        )
        for verdict in VERDICTS
    ),
    *(
        Move(
            f"{verdict.value}_by_phone",
            verdict.label,
            (State.REACHED,),
            verdict,
            FIELD,
            (HOTLINE, GRID),
            stops=(ClockName.MEET,),
            levels=CALM,
            by_owner=True,
            apart=verdict is State.FALSE_ALARM,
        )
        for verdict in VERDICTS
    ),
    Move("report", _("Report"), VERDICTS, State.FEEDBACK, FIELD, (HOTLINE, GRID)),
)
