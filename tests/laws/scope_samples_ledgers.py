"""What reads of cases, funds, industry and outreach are asked in the law of scope."""

from __future__ import annotations

from django.utils import timezone

from qingdun.console.cases.models import Campaign, Case, Gang, GraphRecord, Incident
from qingdun.console.funds.answers import Asked
from qingdun.console.funds.models import StopPayment
from qingdun.console.industry.models import (
    Appeal,
    Assignment,
    BlacklistEntry,
    CardCheck,
    Finding,
    Restriction,
)
from qingdun.console.kernel.tables import Ask as TableAsk
from qingdun.console.outreach.audience import Wanted
from qingdun.console.outreach.models import (
    Event,
    Mailing,
    Material,
    Unit,
)
from tests.console.places import COUNTY_A as OURS
from tests.laws.scope_ledgers import (
    AUDIENCE,
    digest_of,
    document_of,
    frozen,
    frozen_in,
    governed,
    investigated,
    lapsed,
    letter_of,
    lost,
    mailed,
    mailing_in,
    matrix_of,
    paid_in,
    photo_in,
    punished_in,
    reached,
    replied,
    returning,
    returning_in,
    suspect_of,
    withdrawn,
)
from tests.laws.scope_sampling import Sample
from tests.laws.scope_supervision import supervised
from tests.laws.scope_worlds import (
    CITY,
    id_of,
    kept_of,
    newest,
    row_of,
    warned,
)

SAMPLES: dict[str, Sample] = {
    # Stations may not ask these at all.
    "industry.queries.parties": Sample(governed, CITY),
    "industry.queries.assignments": Sample(governed, CITY),
    "industry.queries.assignment": Sample(governed, CITY, id_of(Assignment), True, of_all_stations=True),
    "industry.queries.answer_counts": Sample(governed, CITY, row_of(Assignment), True, of_all_stations=True),
    "industry.queries.restrictions": Sample(governed, CITY),
    "industry.queries.restriction": Sample(governed, CITY, id_of(Restriction), True, of_all_stations=True),
    "industry.queries.appeals": Sample(governed, CITY),
    "industry.queries.appeal": Sample(governed, CITY, id_of(Appeal), True, of_all_stations=True),
    "industry.queries.breaches": Sample(governed, CITY),
    "industry.queries.assignment_moves": Sample(governed, CITY, row_of(Assignment), grows=False),
    "industry.queries.restriction_moves": Sample(
        governed, CITY, row_of(Restriction), True, of_all_stations=True
    ),
    "industry.queries.appeal_moves": Sample(governed, CITY, row_of(Appeal), True, of_all_stations=True),
    "industry.queries.budget": Sample(governed, CITY, grows=False),
    "industry.queries.runs": Sample(governed, CITY, grows=False),
    "industry.queries.submissions": Sample(governed, CITY, grows=False),
    "industry.access.addressed": Sample(governed, CITY, lambda county: (Restriction.objects.all(),)),
    "industry.registers.findings": Sample(governed, CITY),
    "industry.registers.finding": Sample(governed, CITY, id_of(Finding), True, of_all_stations=True),
    "industry.registers.finding_moves": Sample(governed, CITY, row_of(Finding), True, of_all_stations=True),
    "industry.registers.card_checks": Sample(governed, CITY),
    "industry.registers.card_check": Sample(governed, CITY, id_of(CardCheck), True, of_all_stations=True),
    "industry.registers.check_moves": Sample(governed, CITY, row_of(CardCheck), grows=False),
    "industry.registers.blacklist": Sample(governed, CITY),
    "industry.registers.blacklist_entry": Sample(
        governed, CITY, id_of(BlacklistEntry), True, of_all_stations=True
    ),
    # The list is the whole city's: who opens cards must know.
    "industry.registers.listed": Sample(
        governed, CITY, lambda county: ("person", [digest_of(OURS)]), grows=False, of_all_stations=True
    ),
    "industry.registers.blacklist_waits": Sample(governed, CITY),
    "industry.registers.standing": Sample(
        governed, CITY, lambda county: ([digest_of(county)],), True, of_all_stations=True
    ),
    "industry.registers.interviews": Sample(governed, CITY),
    "industry.registers.punishments": Sample(governed, CITY),
    "industry.registers.punishment": Sample(governed, CITY, punished_in, True, of_all_stations=True),
    "industry.registers.letters": Sample(governed, CITY),
    "industry.registers.letter": Sample(governed, CITY, letter_of, True, of_all_stations=True),
    "industry.tables.rows": Sample(governed, CITY, lambda county: ("restrictions", TableAsk())),
    "industry.tables.party_choices": Sample(governed, CITY),
    "industry.figures.counted": Sample(governed, CITY, lambda county: (TableAsk(),)),
    "industry.waiting.waiting": Sample(governed, CITY),
    "industry.views.tabs": Sample(governed, CITY, lambda county: ("restrictions",), grows=False),
    "cases.queries.incidents": Sample(warned, CITY),
    "cases.queries.incident": Sample(warned, CITY, lambda c: (getattr(newest(Incident, c), "pk", 0),), True),
    "cases.queries.reported": Sample(
        withdrawn, CITY, lambda c: (getattr(newest(Incident, c), "pk", 0),), True
    ),
    "cases.queries.taken_back": Sample(withdrawn, CITY),
    "cases.queries.retractions": Sample(withdrawn, CITY),
    "cases.queries.rows": Sample(
        warned, CITY, lambda c: ([one for one in [newest(Incident, c)] if one],), True
    ),
    # Stations do not work on cases: they may not ask these at all.
    "cases.queries.cases": Sample(investigated, CITY),
    "cases.queries.case": Sample(
        investigated, CITY, lambda c: (getattr(newest(Case, c), "pk", 0),), True, of_all_stations=True
    ),
    "cases.queries.counted": Sample(warned, CITY),
    "cases.queries.parts": Sample(investigated, CITY),
    "cases.queries.measures": Sample(investigated, CITY),
    "cases.queries.seizures": Sample(investigated, CITY),
    "cases.queries.persons_of_cases": Sample(investigated, CITY),
    "cases.queries.person_of_cases": Sample(investigated, CITY, suspect_of, True, of_all_stations=True),
    "cases.queries.gangs": Sample(investigated, CITY),
    "cases.queries.gang": Sample(
        investigated, CITY, lambda c: (getattr(newest(Gang, c), "pk", 0),), True, of_all_stations=True
    ),
    "cases.queries.members": Sample(investigated, CITY),
    "cases.queries.campaigns": Sample(investigated, CITY),
    "cases.queries.campaign": Sample(
        investigated, CITY, lambda c: (getattr(newest(Campaign, c), "pk", 0),), True, of_all_stations=True
    ),
    "cases.queries.teams": Sample(investigated, CITY),
    "cases.queries.trips": Sample(investigated, CITY),
    "cases.queries.case_moves": Sample(
        investigated, CITY, lambda c: (newest(Case, c) or Case(),), True, of_all_stations=True
    ),
    "cases.queries.gang_moves": Sample(
        investigated, CITY, lambda c: (newest(Gang, c) or Gang(),), True, of_all_stations=True
    ),
    "cases.queries.campaign_moves": Sample(
        investigated, CITY, lambda c: (newest(Campaign, c) or Campaign(),), True, of_all_stations=True
    ),
    "cases.queries.graph_records": Sample(investigated, CITY),
    "cases.queries.graph_record": Sample(
        investigated, CITY, lambda c: (getattr(newest(GraphRecord, c), "pk", 0),), True, of_all_stations=True
    ),
    "cases.ties.graph": Sample(investigated, CITY),
    "cases.case_views.tabs": Sample(investigated, CITY, lambda c: ("cases",), grows=False),
    "cases.tables.rows": Sample(investigated, CITY, lambda c: ("persons", TableAsk())),
    "cases.ledgers.persons": Sample(investigated, CITY, lambda c: (TableAsk(),)),
    "cases.ledgers.incidents": Sample(investigated, CITY, lambda c: (TableAsk(),)),
    "cases.ledgers.cases": Sample(investigated, CITY, lambda c: (TableAsk(),)),
    "cases.ledgers.gangs": Sample(investigated, CITY, lambda c: (TableAsk(),)),
    "cases.ledgers.measures": Sample(investigated, CITY, lambda c: (TableAsk(),)),
    "cases.ledgers.insiders": Sample(investigated, CITY, lambda c: (TableAsk(),)),
    "cases.ledgers.seizures": Sample(investigated, CITY, lambda c: (TableAsk(),)),
    "cases.ledgers.campaigns": Sample(investigated, CITY, lambda c: (TableAsk(),)),
    "cases.ledgers.trips": Sample(investigated, CITY, lambda c: (TableAsk(),)),
    "cases.ledgers.frozen": Sample(returning, CITY, lambda c: (TableAsk(),)),
    "cases.figures.counted": Sample(investigated, CITY, lambda c: (TableAsk(),)),
    "cases.figures.of_campaign": Sample(
        investigated, CITY, lambda c: (getattr(newest(Campaign, c), "pk", 0),), True, of_all_stations=True
    ),
    "funds.queries.stops": Sample(warned, CITY),
    "funds.queries.stop": Sample(warned, CITY, lambda c: (getattr(newest(StopPayment, c), "pk", 0),), True),
    "funds.queries.orders_of": Sample(
        warned, CITY, lambda c: (newest(Incident, c) or Incident(),), grows=False
    ),
    "funds.queries.incidents_naming": Sample(warned, CITY, lambda c: (f"62000{c}",), grows=False),
    "funds.queries.counted": Sample(warned, CITY),
    "funds.queries.open_moves": Sample(
        warned, CITY, lambda c: (newest(StopPayment, c) or StopPayment(),), True
    ),
    # Stations may not ask these at all.
    "funds.queries.movements": Sample(replied, CITY),
    "funds.queries.lapses": Sample(lapsed, CITY),
    "funds.queries.notices": Sample(lapsed, CITY, grows=False),
    "funds.tracing.together": Sample(
        replied, CITY, lambda c: ([getattr(newest(Incident, c), "pk", 0)],), True, of_all_stations=True
    ),
    "funds.queries.freezes": Sample(frozen, CITY),
    "funds.queries.freeze": Sample(frozen, CITY, lambda c: (frozen_in(c).pk,), True, of_all_stations=True),
    "funds.queries.freeze_moves": Sample(frozen, CITY, lambda c: (frozen_in(c),), True, of_all_stations=True),
    "funds.queries.documents": Sample(frozen, CITY),
    "funds.queries.document": Sample(frozen, CITY, lambda c: (document_of(c),), True),
    "funds.queries.refunds": Sample(returning, CITY),
    "funds.queries.refund": Sample(
        returning, CITY, lambda c: (returning_in(c).pk,), True, of_all_stations=True
    ),
    "funds.queries.refund_moves": Sample(
        returning, CITY, lambda c: (returning_in(c),), True, of_all_stations=True
    ),
    "funds.queries.shares_text": Sample(
        returning, CITY, lambda c: (returning_in(c),), True, of_all_stations=True
    ),
    "funds.payees.order_text": Sample(
        returning, CITY, lambda c: (returning_in(c),), True, of_all_stations=True
    ),
    "funds.payees.payees": Sample(returning, CITY, lambda c: (returning_in(c),), True, of_all_stations=True),
    "funds.orders.counts": Sample(frozen, CITY),
    "funds.orders.waiting": Sample(frozen, CITY, lambda c: ("",)),
    "funds.orders.order": Sample(
        frozen, CITY, lambda c: (Asked.FREEZE, frozen_in(c).pk), True, of_all_stations=True
    ),
    "funds.tracing.to_enter": Sample(lost, CITY, lambda c: (timezone.now(),)),
    "funds.queries.movement": Sample(
        replied, CITY, lambda c: (paid_in(c)[0][0],), True, of_all_stations=True
    ),
    "funds.tracing.payments": Sample(
        replied, CITY, lambda c: (getattr(newest(Incident, c), "pk", 0),), True, of_all_stations=True
    ),
    "funds.tracing.candidates": Sample(
        replied, CITY, lambda c: (getattr(newest(Incident, c), "pk", 0),), True, of_all_stations=True
    ),
    "funds.tracing.of_stop": Sample(
        replied, CITY, lambda c: (newest(StopPayment, c) or StopPayment(),), True, of_all_stations=True
    ),
    "funds.tracing.trace": Sample(replied, CITY, paid_in, True, of_all_stations=True),
    "outreach.queries.counts": Sample(reached, CITY),
    "outreach.queries.targets": Sample(reached, CITY),
    "outreach.queries.ranks": Sample(reached, CITY),
    "outreach.queries.grids": Sample(reached, CITY),
    "outreach.queries.grid": Sample(reached, CITY, lambda county: (f"g-{county}",), True),
    "outreach.standing.board": Sample(reached, CITY, lambda county: ("", "installed", "town")),
    **{
        f"outreach.queries.{name}": Sample(matrix_of, CITY)
        for name in (
            "units",
            "ambassadors",
            "venues",
            "partners",
            "events",
            "pledges",
            "commendations",
            "materials",
            "sheets",
            "doors",
        )
    },
    "outreach.queries.doors_today": Sample(matrix_of, CITY, grows=False),
    "outreach.queries.event": Sample(matrix_of, CITY, kept_of(Event), True, of_all_stations=True),
    "outreach.queries.material": Sample(matrix_of, CITY, kept_of(Material), True, of_all_stations=True),
    "outreach.queries.photo": Sample(
        matrix_of, CITY, lambda c: (getattr(photo_in(c), "pk", 0),), True, of_all_stations=True
    ),
    "outreach.queries.mailings": Sample(mailed, CITY),
    "outreach.queries.mailing": Sample(mailed, CITY, kept_of(Mailing), True, of_all_stations=True),
    "outreach.queries.sizes": Sample(mailed, CITY, mailing_in, True, of_all_stations=True),
    "outreach.queries.outcomes": Sample(mailed, CITY, mailing_in, True, of_all_stations=True),
    "outreach.queries.arrivals": Sample(mailed, CITY, mailing_in, grows=False, of_all_stations=True),
    "outreach.facts.facts": Sample(
        matrix_of, CITY, lambda county: ("units", *kept_of(Unit)(county)), True, of_all_stations=True
    ),
    "outreach.facts.seen_page": Sample(
        matrix_of, CITY, lambda county: ("units", *kept_of(Unit)(county)), True, of_all_stations=True
    ),
    "outreach.views.options": Sample(matrix_of, CITY, lambda county: ("unit",)),
    "outreach.queries.readings": Sample(mailed, CITY, mailing_in, True, of_all_stations=True),
    "outreach.queries.hit_groups": Sample(mailed, CITY),
    "outreach.audience.size": Sample(mailed, CITY, lambda c: (AUDIENCE,)),
    "outreach.audience.people": Sample(mailed, CITY, lambda c: (AUDIENCE,)),
    "outreach.audience.groups": Sample(mailed, CITY, lambda c: (Wanted("hit_groups", (), "police"),)),
    "outreach.audience.place_choices": Sample(mailed, CITY, grows=False, of_all_stations=True),
    "outreach.figures.counted": Sample(reached, CITY, lambda county: (TableAsk(),)),
    "outreach.figures.parted": Sample(reached, CITY, lambda county: (TableAsk(),)),
    "outreach.queries.enterprises": Sample(supervised, CITY),
}
