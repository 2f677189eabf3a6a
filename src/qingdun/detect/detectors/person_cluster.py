"""A number, sender, site, account or device is tied to an operation whose other members are suspects.

What it sees: every few minutes of the flows' time, who is tied to whom by victims in common, one device or
one chain of messages or money, cut into operations; members whose own deeds make them suspects lend to those
whose own deeds do not.
Why it matters: a gang's new number or account has done little yet when its first victim pays.
What it is blind to: what nothing speaks against but its company, and gangs that share nothing between
victims.
Who looks guilty and isn't: whoever a victim dealt with on the same day, and what many others use: hence
nothing is lent to what a crowd touches, to service codes and to known hosts, and what is lent is less than
makes a suspect. Membership alone reaches no level above low and restricts nobody.
Source: docs/field.md §10; the weights are likelihood ratios measured in simulated cities (docs/detection.md).
"""

from __future__ import annotations

from qingdun.detect.evidence import MINUTE_US, Suspicion, Timer
from qingdun.detect.operations import Entity, Source
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights


class Cluster(Pattern):
    """Suspicion of those who are tied to suspects by what they are in together."""

    code = "person.cluster"
    flows = ()

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._due = False

    def concerned_by(self, found: Suspicion, view: View) -> bool:
        """Whether the suspicion, which says more than was known, ties somebody or makes a suspect."""
        kind, entity = found.entity_kind, found.entity
        return found.direct and bool(found.tied_to or view.suspected(kind, entity, direct_only=True))

    def noticed(self, view: View) -> None:
        """Somebody may be tied to somebody else: what that means is seen within minutes."""
        if not self._due:
            self._due = True
            every = round(self.settings["every_min"]) * MINUTE_US
            view.wake_at(view.now - view.now % every + every, self.code, ())

    def wake(self, timer: Timer, view: View) -> Found:
        """What each operation lends to its members that are no suspects by themselves."""
        self._due = False
        for group in view.changed_operations():
            guilty = [entity for entity in group if view.suspected(*entity, direct_only=True)]
            for entity in group if guilty else ():
                if entity not in guilty:
                    yield from self._lent(entity, view.tied(entity, guilty), view)

    def _lent(self, entity: Entity, ties: set[Source], view: View) -> Found:
        millibits = self.bits["again" if len(ties) > 1 else "once"] if ties else 0
        if millibits <= view.held_against(entity, self.code):
            return
        victims = sum(source[0] == "person" for source in ties)
        zh = "、".join(
            [f"共同受骗人{victims}名"] * (victims > 0)
            + [f"共用设备或链路{len(ties) - victims}处"] * (len(ties) > victims)
        )
        en = " and ".join(
            [f"{victims} victims in common"] * (victims > 0)
            + [f"{len(ties) - victims} devices or chains in common"] * (len(ties) > victims)
        )
        yield Suspicion(
            self.code, view.now, *entity, millibits, (), f"与可疑团伙有关联：{zh}",
            f"tied to an operation of suspects: {en}", direct=False,
        )  # fmt: skip
