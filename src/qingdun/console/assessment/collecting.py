"""Everything that touched a case, collected from the other modules for whoever may see it there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.alerts.queries import Filters, Task
from qingdun.console.assessment import queries
from qingdun.console.assessment.models import Accountability
from qingdun.console.care import queries as care
from qingdun.console.cases import queries as cases
from qingdun.console.funds import queries as funds
from qingdun.console.industry import queries as industry
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.masking import mask_account, mask_text
from qingdun.console.kernel.models import User
from qingdun.console.kernel.templatetags.console import yuan
from qingdun.console.sms import queries as sms
from qingdun.console.whistles import queries as whistles


@dataclass(frozen=True, slots=True)
class Touch:
    """One thing that happened about the case."""

    at: dt.datetime
    kind: str
    what: str
    by: str = ""
    url: str = ""
    late: bool = False
    """Whether a clock ran out on it."""

    def kept(self) -> dict[str, Any]:
        """As a file that is closed keeps it."""
        return {
            "at": self.at.isoformat(), "kind": self.kind, "what": self.what, "by": self.by,
            "url": self.url, "late": self.late,
        }  # fmt: skip


def touches(viewer: User, about: Accountability) -> list[Touch]:
    """Every alert, clock, contact, visit, message, whistle of a bank, order and restriction about the person
    or the case that the viewer may see, in order of time; of a closed file what stood when it was closed.
    """
    if not queries.accountabilities(viewer).filter(pk=about.pk).exists():
        return []
    if about.touches:
        return [Touch(**{**one, "at": dt.datetime.fromisoformat(one["at"])}) for one in about.touches]
    tasks = list(
        alerts.tasks(viewer, Filters(state="all")).filter(person_id=about.person_id).order_by("raised_at")
    )
    found = [*_of_case(viewer, about), *_of_money(viewer, about, tasks)]
    for task in tasks:
        found += [*_of_task(viewer, task), *_of_contacts(viewer, task)]
    return sorted(found, key=lambda one: one.at)


def _of_case(viewer: User, about: Accountability) -> Iterator[Touch]:
    mine = cases.incidents(viewer).filter(person_id=about.person_id).order_by("reported_at")
    for one in mine:
        what = f"{scam_type_label(one.scam_type)} · {yuan(one.loss_fen)}"
        yield Touch(
            one.reported_at, _("Incident reported"), what, str(one.by),
            reverse("cases:incident", args=[one.pk]),
        )  # fmt: skip
    for case in cases.cases(viewer).filter(incidents=about.incident_id):
        at = midnight(case.filed_on)
        yield Touch(at, _("Case filed"), case.number, str(case.by), reverse("cases:case", args=[case.pk]))


def _of_task(viewer: User, task: Task) -> Iterator[Touch]:
    page = reverse("alerts:task", args=[task.pk])
    for alert in alerts.alerts(viewer, task):
        what = f"{alert.get_level_display()} · {scam_type_label(alert.scam_type)}"
        yield Touch(alert.raised_at, _("Alert"), what, "", page)
    for clock in alerts.clocks(viewer, task):
        late = (clock.stopped_at or timezone.now()) > clock.due_at
        said = _("run out") if late else (_("kept") if clock.stopped_at else _("running"))
        yield Touch(
            clock.due_at,
            pgettext("of a file", "Clock"),
            f"{clock.get_name_display()}: {said}",
            "",
            page,
            late,
        )
    for event in alerts.history(viewer, task):
        if event.withdrawn_at is None:
            by = str(event.actor or "")
            yield Touch(event.at, pgettext("of a task", "Step"), alerts.word(event.verb), by, page)
    visit = alerts.visit(viewer, task)
    if visit is not None:
        what = " · ".join(one for one in (mask_text(visit.place), task.get_verdict_display()) if one)
        yield Touch(visit.started_at, _("Visit"), what, str(visit.by), page)


def _of_contacts(viewer: User, task: Task) -> Iterator[Touch]:
    page = reverse("alerts:task", args=[task.pk])
    for contact in alerts.contacts(viewer, task):
        if contact.withdrawn_at is None:
            yield Touch(contact.at, _("Call"), contact.get_result_display(), str(contact.by), page)
    for message in sms.messages(viewer).filter(task=task):
        what = f"{message.get_kind_display()} · {message.get_state_display()}"
        yield Touch(message.created_at, _("SMS"), what, str(message.created_by or ""))
    for line in care.of_task(viewer, task.pk):
        one = line.follow_up
        at, what = one.done_at or one.due_at, one.get_result_display() or one.get_state_display()
        yield Touch(at, _("Follow-up"), what, str(one.done_by or ""), page, line.overdue)
    for whistle in whistles.whistles(viewer).filter(task=task):
        yield Touch(whistle.at, _("Raised by hand"), str(whistle.organisation or ""), str(whistle.by), page)


def _of_money(viewer: User, about: Accountability, tasks: list[Task]) -> Iterator[Touch]:
    accounts, numbers = set(), {""}
    for stop in funds.stops(viewer).filter(Q(incident=about.incident_id) | Q(task__in=tasks)):
        accounts.add(stop.account)
        what = f"{mask_account(stop.account)} · {yuan(stop.amount_fen)} · {stop.get_state_display()}"
        yield Touch(
            stop.requested_at, _("Stop of payment"), f"{stop.bank} {what}".strip(), str(stop.by),
            reverse("funds:stop", args=[stop.pk]),
        )  # fmt: skip
    its = Q(incident=about.incident_id) | Q(parts__incident=about.incident_id)
    for freeze in funds.freezes(viewer).filter(its).distinct():
        accounts.add(freeze.account)
        what = f"{mask_account(freeze.account)} · {yuan(freeze.amount_fen)} · {freeze.get_state_display()}"
        yield Touch(
            freeze.requested_at, _("Freeze"), f"{freeze.bank} {what}".strip(), str(freeze.by),
            reverse("funds:freeze", args=[freeze.pk]),
        )  # fmt: skip
    for refund in funds.refunds(viewer).filter(shares__incident=about.incident_id):
        what = f"{yuan(refund.amount_fen)} · {refund.get_state_display()}"
        yield Touch(
            refund.prepared_at, _("Refund"), what, str(refund.by), reverse("funds:refund", args=[refund.pk])
        )
    for task in tasks:
        for alert in alerts.alerts(viewer, task):
            numbers |= {one.entity for one in alert.evidence.all()}
    suspected = (accounts | numbers) - {""}
    for one in industry.restrictions(viewer).filter(subject__in=suspected).exclude(confirmed_at=None):
        what = f"{one.get_kind_display()} · {mask_account(one.subject)} · {one.get_state_display()}"
        yield Touch(
            one.confirmed_at or one.proposed_at, _("Restriction"), what, str(one.party or ""),
            reverse("industry:restriction", args=[one.pk]),
        )  # fmt: skip
