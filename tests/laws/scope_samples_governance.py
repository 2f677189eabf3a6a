"""What reads of assessment, bulletins, supervision and command are asked in the law of scope."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from qingdun.console.assessment.models import Accountability
from qingdun.console.bulletin.models import Bulletin
from qingdun.console.bulletin.periods import Period
from qingdun.console.command.models import Post, Undertaking
from qingdun.console.command.overdue import Wanted as Late
from qingdun.console.kernel.models import Region
from qingdun.console.kernel.tables import Ask as TableAsk
from qingdun.console.supervision.models import Charge, Shortcoming, Supervision
from tests.laws.scope_bulletins import later_in, told, told_in
from tests.laws.scope_ledgers import (
    backwards_in,
    commanded,
    held_back,
    listing_in,
    lost,
    overdue_in,
    proof_in,
    ranked,
    ranking_of,
    village_path,
)
from tests.laws.scope_sampling import Sample
from tests.laws.scope_supervision import firm_of, path_of, photo_of, supervised, the_round
from tests.laws.scope_worlds import (
    CITY,
    id_of,
    kept_of,
)

_TODAY = timezone.localdate()
BULLETIN = Period(_TODAY - dt.timedelta(days=40), _TODAY)
"""What a bulletin of the law is about."""


def _village_in(county: str) -> Region:
    """The first village of the county."""
    path = Region.objects.get(code=county).path
    return Region.objects.filter(path__startswith=path, level="village").order_by("path")[0]


SAMPLES: dict[str, Sample] = {
    # A published ranking of towns is a notice to all of them, so it does not grow; its rows do.
    "assessment.queries.rankings": Sample(ranked, CITY, grows=False),
    "assessment.queries.ranking": Sample(
        ranked, CITY, lambda c: (getattr(ranking_of("town")(c)[0], "pk", 0),), grows=False
    ),
    "assessment.queries.lines": Sample(ranked, CITY, ranking_of("village"), grows=False),
    "assessment.queries.lines_of": Sample(
        ranked, CITY, lambda c: (_village_in(c).path,), True, of_all_stations=True
    ),
    "assessment.queries.counted": Sample(ranked, CITY),
    "assessment.queries.rulings": Sample(ranked, CITY),
    "assessment.queries.ruling": Sample(
        ranked, CITY, lambda c: (getattr(listing_in(c), "pk", 0),), True, of_all_stations=True
    ),
    "assessment.queries.listed": Sample(ranked, CITY),
    "assessment.queries.objections": Sample(ranked, CITY),
    "assessment.queries.inspections": Sample(ranked, CITY),
    "assessment.queries.figures": Sample(ranked, CITY),
    "assessment.queries.schemes": Sample(ranked, CITY),
    "assessment.queries.accountabilities": Sample(ranked, CITY),
    "assessment.queries.accountability": Sample(
        ranked, CITY, lambda c: (getattr(backwards_in(c), "pk", 0),), True, of_all_stations=True
    ),
    "assessment.collecting.touches": Sample(
        ranked, CITY, lambda c: (backwards_in(c) or Accountability(),), True, of_all_stations=True
    ),
    "assessment.views.tabs": Sample(ranked, CITY, lambda c: ("town",), grows=False),
    "assessment.figures.counted": Sample(ranked, CITY, lambda c: (TableAsk(),)),
    # An issued bulletin is a notice to everybody below its place; a county's is no other county's.
    "bulletin.queries.bulletins": Sample(told, CITY, of_all_stations=True),
    "bulletin.queries.bulletin": Sample(
        told, CITY, lambda c: (getattr(told_in(c), "pk", 0),), True, of_all_stations=True
    ),
    "bulletin.queries.figures": Sample(
        told, CITY, lambda c: (told_in(c) or Bulletin(),), True, of_all_stations=True
    ),
    "bulletin.queries.last_issued": Sample(told, CITY, lambda c: (later_in(c),), True, of_all_stations=True),
    "bulletin.queries.schedules": Sample(told, CITY, of_all_stations=True),
    "bulletin.differing.difference": Sample(told, CITY, lambda c: (later_in(c),), True, of_all_stations=True),
    "bulletin.composing.compose": Sample(
        lost, CITY, lambda c: (Region.objects.get(code=c), BULLETIN), True, of_all_stations=True
    ),
    # A round is the whole city's; what it holds is not.
    "supervision.queries.rounds": Sample(supervised, CITY, grows=False),
    "supervision.queries.one_round": Sample(
        supervised, CITY, lambda c: (the_round(c)[0].pk or 0,), grows=False
    ),
    **{
        f"supervision.queries.{name}": Sample(supervised, CITY)
        for name in (
            "commissioners",
            "charges",
            "departures",
            "visits",
            "shortcomings",
            "unsettled",
            "overdue",
            "rechecks",
            "escalations",
            "enterprises",
            "staff",
        )
    },
    "supervision.queries.mine": Sample(supervised, CITY, grows=False),
    "supervision.queries.charge": Sample(supervised, CITY, kept_of(Charge), True, of_all_stations=True),
    "supervision.queries.visit": Sample(supervised, CITY, kept_of(Supervision), True, of_all_stations=True),
    "supervision.queries.photo": Sample(supervised, CITY, photo_of, True, of_all_stations=True),
    "supervision.queries.shortcoming": Sample(
        supervised, CITY, kept_of(Shortcoming), True, of_all_stations=True
    ),
    "supervision.queries.enterprise": Sample(supervised, CITY, firm_of, True, of_all_stations=True),
    "supervision.queries.town_file": Sample(supervised, CITY, path_of, True, of_all_stations=True),
    "supervision.queries.enterprise_file": Sample(supervised, CITY, firm_of, True, of_all_stations=True),
    "supervision.standing.board": Sample(supervised, CITY, the_round),
    "supervision.standing.counted": Sample(supervised, CITY),
    "supervision.views.tabs": Sample(supervised, CITY, lambda c: ("board",), grows=False),
    "supervision.figures.counted": Sample(supervised, CITY, lambda c: (TableAsk(),)),
    # Stations may not ask these at all.
    "command.queries.posts": Sample(commanded, CITY),
    "command.queries.post": Sample(commanded, CITY, id_of(Post), True, of_all_stations=True),
    "command.queries.tenures": Sample(commanded, CITY),
    "command.queries.absences": Sample(commanded, CITY),
    "command.queries.answering": Sample(
        commanded, CITY, lambda c: ([village_path(c)], timezone.now()), True, of_all_stations=True
    ),
    "command.queries.provisions": Sample(commanded, CITY, grows=False),
    "command.queries.progress": Sample(commanded, CITY),
    "command.queries.undertakings": Sample(commanded, CITY),
    "command.queries.undertaking": Sample(commanded, CITY, id_of(Undertaking), True, of_all_stations=True),
    "command.queries.proof": Sample(commanded, CITY, lambda c: (proof_in(c),), True, of_all_stations=True),
    "command.board.board": Sample(commanded, CITY, lambda c: (TableAsk(),)),
    "command.wall.money": Sample(held_back, CITY),
    "command.overdue.counts": Sample(commanded, CITY, lambda c: (Late(),)),
    "command.overdue.keys": Sample(commanded, CITY, lambda c: (Late(),)),
    "command.overdue.items": Sample(commanded, CITY, lambda c: (overdue_in(c),), True, of_all_stations=True),
}
