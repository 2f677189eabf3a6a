"""Every scam the simulator plays, one line each."""

from __future__ import annotations

from qingdun.simulate.scams import (
    acquaintance,
    brushing,
    credit,
    customer_service,
    game,
    investment,
    loan,
    phishing,
    police,
    romance,
    shopping,
)
from qingdun.simulate.scams.script import Script

SCRIPTS: dict[str, Script] = {
    module.SCRIPT.type.value: module.SCRIPT
    for module in (
        brushing,
        investment,
        shopping,
        customer_service,
        loan,
        credit,
        acquaintance,
        police,
        romance,
        game,
        phishing,
    )
}
