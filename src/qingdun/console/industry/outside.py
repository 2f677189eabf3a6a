"""Appeals of people outside the house, who have no account, against sites that are blocked for everybody:
filed with a receipt, asked for by it, decided. One transaction, one audit row.

What is kept of whoever appeals is the name they give, their words, and a keyed trace of the address they came
from, by which it is counted how often they do.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.industry import moves, rules
from qingdun.console.industry.actions import announce
from qingdun.console.industry.codes import Clock
from qingdun.console.industry.models import Appeal, Breach
from qingdun.console.industry.moves import APPEAL_MOVES, AppealState
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.submissions import new_key, stamp
from qingdun.console.kernel.traces import trace
from qingdun.console.lists import actions as lists
from qingdun.console.lists import unattended
from qingdun.errors import IllegalMove, InputError, NotPermitted, TooOften

DAY = dt.timedelta(days=1)
_RECEIPT = re.compile(r"[0-9a-f]{20}")


@dataclass(frozen=True, slots=True)
class Plea:
    """What somebody outside says: against the block of which site, who they are, why; from which address; the
    key of the form, which makes it safe to send again.
    """

    host: str
    appellant: str
    text: str
    address: str
    key: str


def appeal_from_outside(plea: Plea) -> Appeal:
    """The appeal waits for a decision, which is due by its clock, under a receipt that nobody can guess. The
    same form again is the same appeal.

    Errors: FieldFaults (no such site, a site that is not blocked, nobody, no word), TooOften.
    """
    host = _checked(plea)
    told = {"host": host, "appellant": plea.appellant, "text": plea.text}
    receipt = trace(f"appeal:{stamp(plea.key or new_key(), told)}")
    try:
        return Appeal.objects.filter(receipt=receipt).first() or _file(plea, host, receipt)
    except IntegrityError:  # The same form, at the same moment.
        return Appeal.objects.get(receipt=receipt)


def _checked(plea: Plea) -> str:
    faults, host = {}, ""
    try:
        host = unattended.plain_host(plea.host)
    except InputError as wrong:
        faults["host"] = str(wrong)
    if host and not unattended.blocking(host).exists():
        faults["host"] = _("We do not block this site. Check how it is written.")
    for name in ("appellant", "text"):
        if len(getattr(plea, name).strip()) < 2:
            faults[name] = _("This is needed.")
    if faults:
        raise FieldFaults(faults)
    return host


@transaction.atomic
def _file(plea: Plea, host: str, receipt: str) -> Appeal:
    now, sender = timezone.now(), trace(f"address:{plea.address}")
    _not_too_often(host, sender, now)
    made = Appeal.objects.create(
        host=host, appellant=plea.appellant.strip()[:64], text=plea.text.strip()[:500], filed_at=now,
        due_at=now + rules.hours("appeal_h"), receipt=receipt, sender=sender,
        region_path=f"{settings.CITY_CODE}/",
    )  # fmt: skip
    record(None, "appeal_from_outside", made, None, {"host": host, "due_at": made.due_at})
    announce(made.region_path, "appeal", made.pk)
    return made


def _not_too_often(host: str, sender: str, now: dt.datetime) -> None:
    """Errors: TooOften once the address, the site or the day has as many appeals as are taken."""
    outside = Appeal.objects.filter(restriction=None).order_by()
    today = outside.filter(filed_at__gt=now - DAY)
    from_there, waiting = today.filter(sender=sender), outside.filter(host=host, state=AppealState.FILED)
    for found, name in ((from_there, "of_address"), (waiting, "of_site"), (today, "of_day")):
        if found.count() >= rules.outside(name):
            words = _("So many appeals are waiting that no more are taken now. Come back tomorrow.")
            raise TooOften(words, int(DAY.total_seconds()))


def appeal_by_receipt(receipt: str) -> Appeal:
    """The appeal of that receipt, to whoever has it. Errors: NotPermitted."""
    plain = re.sub(r"[\s-]+", "", receipt).casefold()
    found = Appeal.objects.filter(receipt=plain).first() if _RECEIPT.fullmatch(plain) else None
    if found is None:
        raise NotPermitted(_("There is no appeal under this receipt. Check how it is written."))
    return found


@transaction.atomic
def decide(actor: User, about: Appeal, verb: str, note: str) -> Appeal:
    """The appeal is decided. Upheld, whatever blocks its site is reversed at once, and who else has appealed
    about it is answered alike. Whoever approved the block, first or second, does not decide about it.

    Errors: NotPermitted, IllegalMove, InputError (no reason).
    """
    # All of the site in one order: two who decide about two of them come one after the other.
    filed = Appeal.objects.select_for_update(of=("self",)).filter(host=about.host, state=AppealState.FILED)
    waiting = {one.pk: one for one in filed.order_by("pk")}
    made = waiting.get(about.pk) or Appeal.objects.get(pk=about.pk)
    move = moves.check(actor, APPEAL_MOVES, verb, made.state)
    blocked = list(unattended.blocking(made.host))
    if any(actor.pk in (entry.approved_by_id, entry.second_by_id) for entry in blocked):
        raise NotPermitted(_("You have approved this block; somebody else decides the appeal."))
    why, now = stated(note), timezone.now()
    alike = list(waiting.values()) if verb == "uphold" else [made]
    for one in alike:
        one.state, one.answer, one.decided_by, one.decided_at = str(move.target), why, actor, now
        one.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    ids = [one.pk for one in alike]
    Breach.objects.filter(clock=Clock.APPEAL, about__in=ids, ended_at=None).update(ended_at=now)
    if verb == "uphold" and blocked:
        for done in lists.reverse(actor, [(entry.pk, None) for entry in blocked], why):
            if not done.ok:
                raise IllegalMove(done.message)
    after = {"state": made.state, "host": made.host, "rows": len(alike)}
    after["entries"] = len(blocked) if verb == "uphold" else 0
    record(actor, f"appeal_{verb}", made, {"state": AppealState.FILED}, after, why)
    announce(made.region_path, verb, made.pk)
    return waiting[made.pk]
