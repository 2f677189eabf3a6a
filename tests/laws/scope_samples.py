"""What each read of the console is asked in the law of scope; the data of a county is in `scope_worlds.py`
and `scope_ledgers.py`. A new read adds its line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils import timezone

from qingdun.console.alerts.codes import EntityKind
from qingdun.console.alerts.models import Suspect
from qingdun.console.alerts.queries import Filters
from qingdun.console.assessment import figures as assessment_figures
from qingdun.console.assessment.models import Accountability
from qingdun.console.bulletin.models import Bulletin
from qingdun.console.bulletin.periods import Period
from qingdun.console.cases import figures
from qingdun.console.cases.models import Campaign, Case, Gang, GraphRecord, Incident
from qingdun.console.command.models import Post, Undertaking
from qingdun.console.command.overdue import Wanted as Late
from qingdun.console.funds.models import StopPayment
from qingdun.console.industry import figures as industry_figures
from qingdun.console.industry.models import (
    Appeal,
    Assignment,
    BlacklistEntry,
    CardCheck,
    Finding,
    Restriction,
)
from qingdun.console.kernel.models import Person, Region
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask as TableAsk
from qingdun.console.lists.queries import Filters as ListFilters
from qingdun.console.measures.periods import period_of
from qingdun.console.measures.queries import Ask
from qingdun.console.outreach import figures as outreach_figures
from qingdun.console.outreach.audience import Wanted
from qingdun.console.outreach.models import (
    Event,
    Mailing,
    Material,
    Unit,
)
from qingdun.console.sms.models import Message
from qingdun.console.sms.queries import Filters as MessageFilters
from qingdun.console.supervision import figures as supervision_figures
from qingdun.console.supervision.models import Charge, Shortcoming, Supervision
from qingdun.console.visits.models import Photo, Receipt
from tests.console.alerts import world
from tests.console.duty.samples import duty_monday, duty_post, duty_station
from tests.console.places import COUNTY_A as OURS
from tests.laws.scope_bulletins import later_in, told, told_in
from tests.laws.scope_ledgers import (
    AUDIENCE,
    backwards_in,
    commanded,
    digest_of,
    document_of,
    file_of_county,
    frozen,
    frozen_in,
    governed,
    held_back,
    investigated,
    lapsed,
    letter_of,
    listing_in,
    lost,
    mailed,
    mailing_in,
    matrix_of,
    overdue_in,
    paid_in,
    photo_in,
    proof_in,
    punished_in,
    ranked,
    ranking_of,
    reached,
    received,
    replied,
    returning,
    returning_in,
    suspect_of,
    village_path,
)
from tests.laws.scope_supervision import firm_of, path_of, photo_of, supervised, the_round
from tests.laws.scope_worlds import (
    AUDITOR,
    CITY,
    SYSTEM,
    account,
    alerts,
    alerts_of,
    cared,
    duty_roster,
    evidence_of,
    file_of,
    follow_ups_of,
    id_of,
    index_of,
    kept_of,
    kernel,
    listed,
    listed_entry,
    messages,
    month,
    newest,
    number,
    offered,
    row_of,
    sought,
    task,
    task_id,
    visited,
    warned,
    whistle_key,
    worked,
)

_TODAY = timezone.localdate()
BULLETIN = Period(_TODAY - dt.timedelta(days=40), _TODAY)
"""What a bulletin of the law is about."""


def _village_in(county: str) -> Region:
    """The first village of the county."""
    path = Region.objects.get(code=county).path
    return Region.objects.filter(path__startswith=path, level="village").order_by("path")[0]


TOOLS = {
    "alerts.access.may_open",
    "alerts.access.may_unmask",
    "alerts.access.require_open",
    "alerts.access.visible",
    "alerts.access.sees",
    "alerts.access.require_sight",
    "kernel.scope.covers",
    "kernel.scope.in_station",
    "kernel.scope.narrowed",
    "kernel.scope.require_covers",
    "kernel.scope.residents",
    "kernel.scope.within",
}
"""Functions that are given rows and narrow them: what the law is about, and not subject to it."""


class Sample(NamedTuple):
    """How a read is tried."""

    populate: Callable[[str], None]
    """Puts data of that county into the database."""
    role: Role
    """A role that may ask, for the counter-check by somebody who sees the whole city."""
    arguments: Callable[[str], tuple[Any, ...]] = lambda county: ()
    """What is asked besides the viewer, about that county."""
    names_something: bool = False
    """Whether the arguments name something of the county: asked from elsewhere, the answer must then be
    nothing.
    """
    grows: bool = True
    """Whether the answer for the city changes with the other county's data."""
    of_all_stations: bool = False
    """Whether what it tells of a county (which places and stations there are) is no secret among stations."""


SAMPLES: dict[str, Sample] = {
    "kernel.queries.regions": Sample(kernel, CITY, grows=False, of_all_stations=True),
    "kernel.queries.stations": Sample(kernel, CITY, of_all_stations=True),
    "kernel.queries.persons": Sample(kernel, CITY),
    "kernel.queries.person": Sample(kernel, CITY, lambda county: (f"person-{county}",), True),
    "kernel.queries.users": Sample(kernel, SYSTEM),
    "kernel.queries.audit_rows": Sample(kernel, AUDITOR),
    "kernel.queries.verb_choices": Sample(kernel, AUDITOR, grows=False),
    "kernel.queries.saved_filters": Sample(kernel, CITY, lambda county: ("alerts",), grows=False),
    "kernel.queries.search_pages": Sample(kernel, CITY, lambda county: ("",), grows=False),
    "kernel.queries.search_regions": Sample(
        kernel, CITY, lambda county: (county,), True, of_all_stations=True
    ),
    "kernel.queries.search_persons": Sample(kernel, CITY, lambda county: (number(county),), True),
    "kernel.queries.workplaces": Sample(received, SYSTEM, of_all_stations=True),
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
    "industry.figures.value": Sample(
        governed, CITY, lambda county: (industry_figures.BY_CODE["appeals"], TableAsk())
    ),
    "industry.waiting.waiting": Sample(governed, CITY),
    "industry.views.tabs": Sample(governed, CITY, lambda county: ("restrictions",), grows=False),
    "measures.queries.report": Sample(worked, CITY, lambda county: (Ask("", period_of("", "")),)),
    "measures.queries.week": Sample(worked, CITY),
    "measures.queries.by_hour": Sample(worked, CITY),
    "measures.weekly.latest": Sample(worked, CITY, grows=False),
    "measures.queries.rows": Sample(worked, CITY, lambda county: ("met", Ask("", period_of("", "")))),
    "alerts.queries.tasks": Sample(alerts, CITY, lambda county: (Filters(),)),
    "alerts.queries.level_counts": Sample(alerts, CITY, lambda county: (Filters(),)),
    "alerts.queries.held_by": Sample(duty_roster, CITY, lambda county: (duty_post(county),), grows=False),
    "alerts.queries.rows": Sample(alerts, CITY, lambda county: (list(task(county)),), True),
    "alerts.queries.grid_members": Sample(alerts, CITY, task, grows=False),
    "alerts.queries.counted": Sample(alerts, CITY),
    "alerts.queries.home": Sample(alerts, CITY, task, True),
    "alerts.queries.queue": Sample(alerts, CITY, lambda county: ([one.pk for one in task(county)],), True),
    "alerts.queries.task": Sample(alerts, CITY, task_id, True),
    "alerts.queries.history": Sample(alerts, CITY, task, True),
    "alerts.queries.contacts": Sample(worked, CITY, task, True),
    "alerts.queries.clocks": Sample(alerts, CITY, task, True),
    "alerts.queries.alerts": Sample(alerts, CITY, task, True),
    "alerts.queries.context": Sample(worked, CITY, task, True),
    "alerts.queries.last_seen": Sample(sought, CITY, task, True),
    "alerts.queries.visit": Sample(worked, CITY, task, True),
    "offers.queries.mine": Sample(offered, CITY, grows=False),
    "offers.queries.of_task": Sample(offered, CITY, task, True),
    "whereabouts.queries.may_look": Sample(sought, CITY, task, True),
    "whereabouts.queries.panel": Sample(sought, CITY, task, True),
    "alerts.queries.earlier": Sample(worked, CITY, task, True),
    "alerts.queries.person": Sample(alerts, CITY, task, True),
    "alerts.queries.open_moves": Sample(alerts, CITY, task, True),
    "alerts.queries.stations": Sample(alerts, CITY, of_all_stations=True),
    "alerts.queries.feed": Sample(alerts, CITY, grows=False),
    "visits.queries.consents": Sample(visited, CITY, task_id, True),
    "visits.queries.photos": Sample(visited, CITY, task_id, True),
    "visits.queries.photo": Sample(visited, CITY, kept_of(Photo), True),
    "visits.queries.place": Sample(visited, CITY, task_id, True),
    "visits.queries.receipts": Sample(visited, CITY, task_id, True),
    "visits.queries.receipt": Sample(visited, CITY, kept_of(Receipt), True),
    "visits.queries.record": Sample(visited, CITY, task, True),
    "alerts.entities.entity": Sample(alerts, CITY, lambda county: (EntityKind.NUMBER, world.CALLER)),
    "alerts.entities.find": Sample(alerts, CITY, lambda county: (EntityKind.ACCOUNT, account(county)), True),
    "alerts.entities.named": Sample(alerts, CITY, evidence_of, True),
    "alerts.queries.find": Sample(alerts, CITY, lambda county: (world.number(index_of(county)),), True),
    "alerts.searching.search_tasks": Sample(
        alerts, CITY, lambda county: (world.number(index_of(county)),), True
    ),
    "alerts.timeline.may_be_shown": Sample(alerts, CITY, lambda county: (None, []), grows=False),
    "alerts.entities.search_entities": Sample(alerts, CITY, lambda county: (world.CALLER,), grows=False),
    "alerts.entities.suspects": Sample(alerts, CITY, grows=False),
    "alerts.entities.ties": Sample(alerts, CITY, lambda county: ("", 100)),
    "alerts.entities.labels": Sample(
        alerts, CITY, lambda county: ([("account", account(county))],), grows=False
    ),
    "alerts.entities.clusters": Sample(alerts, CITY, lambda county: (100,), grows=False),
    "alerts.export.export_outcomes": Sample(worked, CITY),
    "alerts.clocks.table": Sample(alerts, CITY, lambda county: (county,), grows=False),
    "alerts.clocks.own_rules": Sample(alerts, CITY, grows=False),
    "alerts.guarding.attempts": Sample(worked, CITY, task, True),
    "alerts.guarding.warning": Sample(worked, CITY, task, grows=False),
    "alerts.priorities.of_task": Sample(alerts, CITY, task, True),
    "alerts.priorities.ranked": Sample(alerts, CITY, lambda county: (Filters(),)),
    "alerts.priorities.next_task": Sample(alerts, CITY, grows=False),
    "alerts.unmasking.unmasked": Sample(worked, CITY, task, grows=False),
    "alerts.undoing.undoable_until": Sample(worked, CITY, task, grows=False),
    "alerts.figures.by_town": Sample(alerts, CITY),
    "alerts.figures.by_county": Sample(alerts, CITY),
    "alerts.figures.outcomes": Sample(worked, CITY),
    "alerts.figures.waiting": Sample(alerts, CITY),
    "alerts.timeline.lanes": Sample(alerts, CITY, task, grows=False),
    "alerts.timeline.places": Sample(alerts, CITY, task, True),
    "alerts.timeline.serving": Sample(alerts, CITY, task, grows=False),
    "cases.queries.incidents": Sample(warned, CITY),
    "cases.queries.incident": Sample(warned, CITY, lambda c: (getattr(newest(Incident, c), "pk", 0),), True),
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
    "cases.figures.value": Sample(investigated, CITY, lambda c: (figures.BY_CODE["detained"], TableAsk())),
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
    "whistles.queries.people": Sample(
        kernel, CITY, lambda county: (number(county),), True, of_all_stations=True
    ),
    "whistles.queries.matches": Sample(
        kernel, CITY, lambda county: (number(county),), True, of_all_stations=True
    ),
    "whistles.queries.whistles": Sample(warned, CITY),
    "whistles.queries.whistle": Sample(warned, CITY, whistle_key, grows=False),
    "whistles.queries.tokens": Sample(received, Role.SECURITY_ADMIN),
    "whistles.queries.organisations": Sample(received, Role.SECURITY_ADMIN),
    "kernel.imports.queries.imports": Sample(received, CITY),
    "kernel.imports.queries.imported": Sample(
        received, CITY, lambda c: (file_of_county(c).pk,), True, of_all_stations=True
    ),
    "kernel.imports.queries.parts": Sample(
        received, CITY, lambda c: (file_of_county(c),), True, of_all_stations=True
    ),
    "kernel.imports.queries.faults": Sample(
        received, CITY, lambda c: (file_of_county(c),), True, of_all_stations=True
    ),
    "kernel.imports.queries.origins": Sample(received, CITY, lambda c: (["alerts"],)),
    "kernel.imports.queries.usable_kinds": Sample(received, CITY, grows=False),
    "whistles.ledgers.rows": Sample(worked, CITY, lambda county: ("visits", month())),
    "sms.queries.messages": Sample(messages, CITY),
    "sms.queries.state_counts": Sample(messages, CITY, lambda county: (MessageFilters(),)),
    "sms.queries.texts": Sample(messages, CITY, grows=False),
    "sms.queries.versions": Sample(messages, CITY, lambda county: ("emergency.police",), grows=False),
    "sms.queries.opt_outs": Sample(messages, CITY),
    "sms.queries.demo_phones": Sample(messages, CITY),
    "duty.queries.on_duty_now": Sample(duty_roster, CITY),
    "duty.queries.week": Sample(
        duty_roster, CITY, lambda county: (duty_station(county), duty_monday()), True
    ),
    "duty.queries.officers": Sample(duty_roster, CITY, lambda county: (duty_station(county),), True),
    "duty.queries.organisations": Sample(duty_roster, CITY),
    "duty.queries.handovers": Sample(duty_roster, CITY),
    "duty.queries.open_tasks": Sample(duty_roster, CITY, lambda county: (duty_station(county),), grows=False),
    "duty.queries.calls": Sample(duty_roster, CITY),
    "duty.queries.organisation": Sample(duty_roster, CITY, lambda county: (duty_station(county),), True),
    "duty.queries.may_write": Sample(duty_roster, CITY, lambda county: (duty_post(county),), True),
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
    "sms.queries.education_states": Sample(
        mailed, CITY, lambda county: (Message.objects.filter(person_id="").values("pk"),), grows=False
    ),
    "outreach.queries.readings": Sample(mailed, CITY, mailing_in, True, of_all_stations=True),
    "outreach.queries.hit_groups": Sample(mailed, CITY),
    "outreach.audience.size": Sample(mailed, CITY, lambda c: (AUDIENCE,)),
    "outreach.audience.people": Sample(mailed, CITY, lambda c: (AUDIENCE,)),
    "outreach.audience.groups": Sample(mailed, CITY, lambda c: (Wanted("hit_groups", (), "police"),)),
    "outreach.audience.place_choices": Sample(mailed, CITY, grows=False, of_all_stations=True),
    "sms.queries.reach": Sample(mailed, CITY, lambda c: (Person.objects.filter(floating=True),)),
    "sms.queries.education_texts": Sample(mailed, CITY, grows=False),
    "outreach.figures.counted": Sample(reached, CITY, lambda county: (TableAsk(),)),
    "outreach.figures.value": Sample(
        reached, CITY, lambda county: (outreach_figures.BY_CODE["installed"], TableAsk())
    ),
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
    "assessment.figures.value": Sample(
        ranked, CITY, lambda c: (assessment_figures.BY_CODE["listed"], TableAsk())
    ),
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
    "outreach.queries.enterprises": Sample(supervised, CITY),
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
    "supervision.figures.value": Sample(
        supervised, CITY, lambda c: (supervision_figures.BY_CODE["visits"], TableAsk())
    ),
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
    "care.queries.follow_ups": Sample(cared, CITY, lambda county: ("coming",)),
    "care.queries.follow_up": Sample(
        cared, CITY, lambda county: (next((one.pk for one in follow_ups_of(county)), 0),), True
    ),
    "care.queries.of_task": Sample(cared, CITY, task_id, True),
    "care.queries.lines": Sample(cared, CITY, lambda county: (follow_ups_of(county),), True),
    "care.queries.overdue_by_station": Sample(cared, CITY),
    "care.queries.key_files": Sample(cared, CITY),
    "care.queries.key_file": Sample(cared, CITY, lambda county: (file_of(county)[0].pk,), True),
    "care.queries.file_lines": Sample(cared, CITY, lambda county: (list(file_of(county)),), True),
    "care.queries.file_of_person": Sample(cared, CITY, lambda county: (file_of(county)[0].person_id,), True),
    "care.queries.tasks_of": Sample(cared, CITY, file_of, True),
    "care.queries.family": Sample(cared, CITY, file_of, True),
    "care.queries.officers": Sample(cared, CITY, file_of, grows=False),
    "alerts.suspects.standing": Sample(alerts, CITY, grows=False),
    "alerts.suspects.reach": Sample(listed, CITY, lambda county: (list(Suspect.objects.all()),)),
    "lists.queries.changes_since": Sample(listed, CITY, lambda county: (0,), grows=False),
    "lists.queries.counts": Sample(listed, CITY, lambda county: (ListFilters(),), grows=False),
    "lists.queries.entries": Sample(listed, CITY, lambda county: (ListFilters(),), grows=False),
    "lists.queries.entry": Sample(listed, CITY, lambda county: (listed_entry().pk,), grows=False),
    "lists.queries.evidence": Sample(listed, CITY, lambda county: (listed_entry(),)),
    "lists.queries.find": Sample(listed, CITY, lambda county: (world.CALLER,), grows=False),
    "lists.queries.history": Sample(listed, CITY, lambda county: (listed_entry(),), grows=False),
    "lists.queries.of_entity": Sample(listed, CITY, lambda county: ("number", world.CALLER), grows=False),
    "lists.queries.open_moves": Sample(listed, CITY, lambda county: (listed_entry(),), grows=False),
    "lists.queries.proposal": Sample(listed, CITY, lambda county: (listed_entry().proposal_id,), grows=False),
    "lists.queries.refused_rows": Sample(
        listed, CITY, lambda county: (listed_entry().proposal,), grows=False
    ),
    "lists.queries.search_entries": Sample(listed, CITY, lambda county: (world.CALLER,), grows=False),
    "lists.queries.snapshot": Sample(listed, CITY, grows=False),
    "lists.queries.suspect_rows": Sample(listed, CITY, lambda county: (list(Suspect.objects.all()),)),
    "lists.queries.task_of": Sample(listed, CITY, alerts_of, True),
    "lists.queries.to_review": Sample(listed, CITY, grows=False),
    "lists.queries.waiting": Sample(listed, CITY, lambda county: (listed_entry().proposal_id,), grows=False),
}
