"""Pages of mailings: who would be reached, one mailing with its two groups, what it has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.submissions import new_key, stamp
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.outreach import audience, mailing, queries
from qingdun.console.outreach.codes import READ_LATE, Arm, AudienceKind, Outcome
from qingdun.console.outreach.mailing import MailingForm
from qingdun.console.outreach.models import Mailing, Reading
from qingdun.console.outreach.moves import MailingState
from qingdun.console.outreach.places import place_name
from qingdun.console.outreach.views import tabs
from qingdun.console.sms.queries import education_texts
from qingdun.contract.codes import scam_types
from qingdun.reach.effect import Effect, Group, effect


@dataclass(frozen=True, slots=True)
class Line:
    """One effect with its word."""

    word: str | Promise
    effect: Effect


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """The audience with its size, counted before anything is written; what is posted waits for approval."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_OUTREACH)
    typed = request.POST if request.method == "POST" else request.GET
    wanted = _wanted(typed)
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = mailing.prepare(viewer, _form(typed, wanted))
            return redirect("outreach:mailing", made.pk)
        except FieldFaults as wrong:
            faults = wrong.faults
    asked = wanted.kind in AudienceKind.values and (
        wanted.kind != AudienceKind.HIT_GROUPS or wanted.scam_type
    )
    size = audience.size(viewer, wanted) if asked else None
    weeks = whole(typed.get("weeks", "")) or 3
    weeks = weeks if weeks in mailing.WEEKS else 3
    context = {
        "kinds": AudienceKind.choices,
        "types": [(code, scam_type_label(code)) for code in scam_types().names],
        "places": audience.place_choices(viewer),
        "wanted": wanted,
        "size": size,
        "by_place": [(place_name(f"/{code}/"), count) for code, count in size.places] if size else [],
        "groups": [(audience.group_word(one), one) for one in size.groups] if size else [],
        "texts": education_texts(viewer),
        "typed": typed,
        "held_percent": typed.get("held_percent", "10"),
        "weeks": typed.get("weeks", "3"),
        "powers_weeks": weeks,
        "key": typed.get("key") or new_key(),
        "powers": [size.told_from_chance(percent, weeks) for percent in HELD_SHARES] if size else [],
        "faults": faults,
        **tabs("mailings"),
    }
    return render(request, "outreach/new_mailing.html", context, status=422 if faults else 200)


@require_safe
@login_required
def one(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """A mailing: its two groups, what became of the messages, what it has changed by now."""
    viewer = viewer_of(request)
    found = queries.mailing(viewer, mailing_id)
    readings = list(queries.readings(viewer, found))
    last = readings[-1] if readings else None
    stopped = found.state == MailingState.STOPPED
    waits = found.state == MailingState.PREPARED
    context = {
        "mailing": found,
        "scam_type": scam_type_label(found.scam_type) if found.scam_type else "",
        "places": [place_name(f"/{code}/") for code in found.counties],
        "sizes": queries.sizes(viewer, found),
        "outcomes": [(Outcome(code), count) for code, count in queries.outcomes(viewer, found).items()],
        "text": _text(viewer, found),
        "arrivals": queries.arrivals(viewer, found),
        "left_out": _left_out(found),
        "last": last,
        "late": found.ends_at + READ_LATE if found.ends_at else None,
        "over": last is not None and (last.days >= 7 * found.weeks or stopped),
        "stopped": stopped,
        "effects": _effects(last) if last else [],
        "readings": [(row, _effects(row)) for row in reversed(readings)],
        "arms": (Arm.SENT, Arm.HELD),
        "may_approve": waits and may(viewer, Permission.APPROVE_MAILINGS) and found.by_id != viewer.pk,
        "may_drop": waits and may(viewer, Permission.WORK_OUTREACH),
        "may_stop": found.state == MailingState.APPROVED and may(viewer, Permission.WORK_OUTREACH),
        **tabs("mailings"),
    }
    return render(request, "outreach/mailing.html", context)


@require_POST
@login_required
def move(request: HttpRequest, mailing_id: int, verb: str) -> HttpResponse:
    """The mailing is approved, dropped or stopped."""
    viewer: User = viewer_of(request)
    with telling(request):
        if verb == "approve":
            mailing.approve(viewer, mailing_id)
        elif verb == "stop":
            mailing.stop(viewer, mailing_id, request.POST.get("reason", ""))
        else:
            mailing.drop(viewer, mailing_id, request.POST.get("reason", ""))
    return redirect("outreach:mailing", mailing_id)


def _text(viewer: User, found: Mailing) -> str:
    """The words of the mailing as they stand now, for whoever may prepare one."""
    if not may(viewer, Permission.WORK_OUTREACH):
        return ""
    return next((one.text for one in education_texts(viewer) if one.template.code == found.template), "")


FIELDS = ("kind", "places", "scam_type", "name", "template", "held_percent", "weeks")
"""Of the form: whoever goes back and types something else hands in another mailing."""
HELD_SHARES = (5, 10, 20, 50)
"""Shares held out of which the page says what could be told."""
LEFT_OUT = {
    "no_number": Outcome.NO_NUMBER.label,
    "opted_out": Outcome.OPTED_OUT.label,
    "too_soon": Outcome.TOO_SOON.label,
    "held_elsewhere": Outcome.ELSEWHERE.label,
}


def _left_out(found: Mailing) -> list[tuple[str | Promise, int]]:
    return [(LEFT_OUT[code], count) for code, count in found.left_out.items() if code in LEFT_OUT]


def _effects(row: Reading) -> list[Line]:
    return [
        Line(_("Alerts"), effect(Group(row.sent_alerts, row.sent), Group(row.held_alerts, row.held))),
        Line(_("Losses reported"), effect(Group(row.sent_cases, row.sent), Group(row.held_cases, row.held))),
    ]


def _wanted(typed: QueryDict) -> audience.Wanted:
    kind = typed.get("kind", "")[:12]
    places = tuple(dict.fromkeys(code[:12] for code in typed.getlist("places")[:200]))
    scam_type = typed.get("scam_type", "")[:20] if kind == AudienceKind.HIT_GROUPS else ""
    return audience.Wanted(kind, places, scam_type)


def _form(typed: QueryDict, wanted: audience.Wanted) -> MailingForm:
    def number(name: str) -> int:
        found: Any = whole(typed.get(name, ""))
        return -1 if found is None else int(found)

    told = {name: "\x1f".join(typed.getlist(name)) for name in FIELDS}
    return MailingForm(
        stamp(typed.get("key", "") or new_key(), told), typed.get("name", "").strip()[:60], wanted,
        typed.get("template", "")[:40], number("held_percent"), number("weeks"),
    )  # fmt: skip
