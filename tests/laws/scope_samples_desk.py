"""What reads of the kernel and of the desk (alerts to measures) are asked in the law of scope."""

from __future__ import annotations

from qingdun.console.alerts.codes import EntityKind
from qingdun.console.alerts.models import Suspect
from qingdun.console.alerts.queries import Filters
from qingdun.console.kernel.models import Person
from qingdun.console.kernel.roles import Role
from qingdun.console.lists.held import Ask as HeldAsk
from qingdun.console.lists.planes import Ask as ListAsk
from qingdun.console.lists.queries import Filters as ListFilters
from qingdun.console.measures.periods import period_of
from qingdun.console.measures.queries import Ask
from qingdun.console.sms.models import Message
from qingdun.console.sms.queries import Filters as MessageFilters
from qingdun.console.visits.models import Photo, Receipt
from tests.console.alerts import world
from tests.console.duty.samples import duty_monday, duty_post, duty_station
from tests.laws.scope_ledgers import (
    file_of_county,
    mailed,
    received,
)
from tests.laws.scope_sampling import Sample
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
    held_text,
    index_of,
    kept_of,
    kernel,
    listed,
    listed_entry,
    messages,
    month,
    number,
    observed,
    offered,
    sought,
    task,
    task_id,
    visited,
    warned,
    whistle_key,
    worked,
)

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
    "alerts.queries.earlier": Sample(worked, CITY, task, True),
    "alerts.queries.person": Sample(alerts, CITY, task, True),
    "alerts.queries.open_moves": Sample(alerts, CITY, task, True),
    "alerts.queries.stations": Sample(alerts, CITY, of_all_stations=True),
    "alerts.queries.feed": Sample(alerts, CITY, grows=False),
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
    "alerts.priorities.open_to": Sample(alerts, CITY),
    "alerts.unmasking.unmasked": Sample(worked, CITY, task, grows=False),
    "alerts.undoing.undoable_until": Sample(worked, CITY, task, grows=False),
    "alerts.figures.by_town": Sample(alerts, CITY),
    "alerts.figures.by_county": Sample(alerts, CITY),
    "alerts.figures.outcomes": Sample(worked, CITY),
    "alerts.figures.waiting": Sample(alerts, CITY),
    "alerts.timeline.lanes": Sample(alerts, CITY, task, grows=False),
    "alerts.timeline.places": Sample(alerts, CITY, task, True),
    "alerts.timeline.serving": Sample(alerts, CITY, task, grows=False),
    "alerts.suspects.standing": Sample(alerts, CITY, grows=False),
    "alerts.suspects.reach": Sample(listed, CITY, lambda county: (list(Suspect.objects.all()),)),
    "offers.queries.mine": Sample(offered, CITY, grows=False),
    "offers.queries.of_task": Sample(offered, CITY, task, True),
    "whereabouts.queries.may_look": Sample(sought, CITY, task, True),
    "whereabouts.queries.panel": Sample(sought, CITY, task, True),
    "visits.queries.consents": Sample(visited, CITY, task_id, True),
    "visits.queries.photos": Sample(visited, CITY, task_id, True),
    "visits.queries.photo": Sample(visited, CITY, kept_of(Photo), True),
    "visits.queries.place": Sample(visited, CITY, task_id, True),
    "visits.queries.receipts": Sample(visited, CITY, task_id, True),
    "visits.queries.receipt": Sample(visited, CITY, kept_of(Receipt), True),
    "visits.queries.record": Sample(visited, CITY, task, True),
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
    "whistles.ledgers.rows": Sample(worked, CITY, lambda county: ("visits", month())),
    "sms.queries.messages": Sample(messages, CITY),
    "sms.queries.state_counts": Sample(messages, CITY, lambda county: (MessageFilters(),)),
    "sms.queries.texts": Sample(messages, CITY, grows=False),
    "sms.queries.versions": Sample(messages, CITY, lambda county: ("emergency.police",), grows=False),
    "sms.queries.opt_outs": Sample(messages, CITY),
    "sms.queries.demo_phones": Sample(messages, CITY),
    "sms.queries.education_states": Sample(
        mailed, CITY, lambda county: (Message.objects.filter(person_id="").values("pk"),), grows=False
    ),
    "sms.queries.reach": Sample(mailed, CITY, lambda c: (Person.objects.filter(floating=True),)),
    "sms.queries.education_texts": Sample(mailed, CITY, grows=False),
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
    "lists.enforcing.proposed": Sample(observed, CITY, grows=False),
    "lists.held.texts": Sample(observed, CITY, lambda county: (HeldAsk(),), grows=False),
    "lists.held.lately": Sample(observed, CITY, grows=False),
    "lists.held.counts": Sample(observed, CITY, grows=False),
    "lists.held.text": Sample(observed, CITY, lambda county: (held_text().pk,), grows=False),
    "lists.held.decisions": Sample(observed, CITY, lambda county: (held_text(),), grows=False),
    "lists.held.verbs": Sample(observed, CITY, lambda county: (held_text(),), grows=False),
    "lists.planes.missing": Sample(observed, CITY, lambda county: ("",), grows=False),
    "lists.planes.by_detector": Sample(observed, CITY, lambda county: (ListAsk(),), grows=False),
    "lists.planes.by_type": Sample(observed, CITY, lambda county: (ListAsk(),), grows=False),
    "lists.planes.detectors": Sample(observed, CITY, lambda county: ([listed_entry().pk],), grows=False),
    "lists.planes.hours": Sample(observed, CITY, lambda county: (ListAsk(),), grows=False),
    "lists.planes.met": Sample(observed, CITY, lambda county: (ListAsk(),), grows=False),
    "lists.planes.modes": Sample(observed, CITY, grows=False),
    "lists.planes.released": Sample(observed, CITY, lambda county: (False,), grows=False),
    "lists.planes.standing": Sample(observed, CITY, lambda county: (ListAsk(),), grows=False),
    "lists.planes.week": Sample(observed, CITY, grows=False),
    "lists.queries.counts": Sample(listed, CITY, lambda county: (ListFilters(),), grows=False),
    "lists.queries.entries": Sample(listed, CITY, lambda county: (ListFilters(),), grows=False),
    "lists.queries.entry": Sample(listed, CITY, lambda county: (listed_entry().pk,), grows=False),
    "lists.queries.evidence": Sample(listed, CITY, lambda county: (listed_entry(),)),
    "lists.queries.find": Sample(listed, CITY, lambda county: (world.CALLER,), grows=False),
    "lists.queries.history": Sample(listed, CITY, lambda county: (listed_entry(),), grows=False),
    "lists.queries.labels": Sample(listed, CITY, lambda county: ([listed_entry().pk],), grows=False),
    "lists.queries.of_entity": Sample(listed, CITY, lambda county: ("number", world.CALLER), grows=False),
    "lists.queries.open_moves": Sample(listed, CITY, lambda county: (listed_entry(),), grows=False),
    "lists.queries.proposal": Sample(listed, CITY, lambda county: (listed_entry().proposal_id,), grows=False),
    "lists.queries.refused_rows": Sample(
        listed, CITY, lambda county: (listed_entry().proposal,), grows=False
    ),
    "lists.queries.search_entries": Sample(listed, CITY, lambda county: (world.CALLER,), grows=False),
    "lists.queries.sighted": Sample(listed, CITY, lambda county: (listed_entry(),), grows=False),
    "lists.queries.suspect_rows": Sample(listed, CITY, lambda county: (list(Suspect.objects.all()),)),
    "lists.queries.task_of": Sample(listed, CITY, alerts_of, True),
    "lists.queries.to_review": Sample(listed, CITY, grows=False),
    "lists.queries.waiting": Sample(listed, CITY, lambda county: (listed_entry().proposal_id,), grows=False),
}
