"""Every scam the simulator plays, one line each."""

from __future__ import annotations

from qingdun.simulate.scams import brushing, phishing, police
from qingdun.simulate.scams.script import Script

SCRIPTS: dict[str, Script] = {
    script.type.value: script
    for script in (
        brushing.SCRIPT,
        police.SCRIPT,
        phishing.SCRIPT,
    )
}
