"""How the alert pages write levels, stages, money and clocks."""

from __future__ import annotations

import datetime as dt
import math
from functools import cache
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingdun.console.alerts import codes
from qingdun.console.alerts.disclosure import Disclosure
from qingdun.console.alerts.entities import reference
from qingdun.console.alerts.models import Clock, ClusterMember, Escalation, Evidence, Suspect, Task, TaskEvent
from qingdun.console.alerts.moves import word as word_of
from qingdun.console.alerts.states import ClockName, State
from qingdun.console.alerts.words import note_words
from qingdun.console.kernel.durations import spoken
from qingdun.console.kernel.masking import mask_number
from qingdun.console.kernel.models import Person, Region
from qingdun.console.kernel.roles import Permission, may

register = template.Library()


@register.simple_tag
def stage(code: str) -> SafeString:
    """The stage as five dots, with its word for those who do not see them."""
    return _stage(code, get_language())


@cache
def _stage(code: str, language: str | None) -> SafeString:
    """Drawn once in each language."""
    number = codes.STAGE_NUMBER[code]
    word = codes.Stage(code).label
    dots = format_html_join("", '<i class="{}"></i>', (("on" if n <= number else "",) for n in range(1, 6)))
    return format_html(
        '<span class="stage" title="{}" role="img" aria-label="{}">{}</span>', word, word, dots
    )


@register.filter
def stage_word(code: str) -> str:
    """The stage's name."""
    return str(codes.Stage(code).label)


@register.filter
def scam(code: str) -> str:
    """The scam type's name in the reader's language."""
    return codes.scam_type_label(code) if code else _("not known")


@register.filter
def detector_name(code: str) -> str:
    """A detector by its name."""
    return codes.detector_label(code)


@register.filter
def short(region: Region | str | None) -> str:
    """A region's name as short as a map needs it; empty for none, also where a template found nothing."""
    if not isinstance(region, Region):
        return ""
    return region.short_name if codes.is_chinese() else region.name_en.split(" ")[0]


@register.filter
def plain_yuan(fen: int) -> str:
    """Fen as yuan for an input field.

    >>> plain_yuan(6_700_050)
    '67000.5'
    """
    return f"{fen / 100:g}" if fen % 100 else str(fen // 100)


@register.filter
def wan(fen: int) -> str:
    """Fen in short: ten thousands of yuan in Chinese, thousands in English."""
    amount = fen / 100
    if codes.is_chinese():
        return f"¥{amount / 10_000:,.1f}万" if amount >= 10_000 else f"¥{amount:,.0f}"
    return f"¥{amount / 1000:,.0f}k" if amount >= 1000 else f"¥{amount:,.0f}"


@register.filter
def span(length_s: int | None) -> str:
    """A length of time in its largest whole unit."""
    if length_s is None:
        return _("no clock")
    units = ((86_400, _("d")), (3600, _("h")), (60, _("min")), (1, _("s")))
    size, word = next(unit for unit in units if length_s % unit[0] == 0)
    return f"{length_s // size} {word}"


@register.filter
def percent(probability: float) -> str:
    """A probability in hundredths, never rounded up to certainty.

    >>> percent(0.99996), percent(0.5)
    ('99.9%', '50.0%')
    """
    return f"{math.floor(probability * 1000) / 10:.1f}%"


@register.filter
def bits(value: float) -> str:
    """Bits with their sign, in thousandths as they are kept: what is printed adds up.

    >>> bits(4.1), bits(-0.6), bits(0.0)
    ('+4.100', '−0.600', '0.000')
    """
    return thousandths(round(value * 1000))


@register.filter
def thousandths(millibits: int) -> str:
    """Thousandths of a bit as bits with their sign."""
    sign = "+" if millibits > 0 else "−" if millibits < 0 else ""
    return f"{sign}{abs(millibits) / 1000:.3f}"


@register.filter
def when(at: dt.datetime) -> str:
    """The time of day; of another day than today with its date before it."""
    local = timezone.localtime(at)
    return f"{local:%H:%M:%S}" if local.date() == timezone.localdate() else f"{local:%m-%d %H:%M:%S}"


@register.filter
def state_word(code: str) -> str:
    """The state's name."""
    return str(State(code).label)


@register.filter
def clock_word(code: str) -> str:
    """The clock's name."""
    return str(ClockName(code).label)


register.filter("verb_word", word_of)


@register.simple_tag
def due(task: Task, since: dt.datetime | None = None, brief: bool = False) -> SafeString:
    """The task's first running clock, started at `since` or by the last move, in brief for a list: the
    browser draws it, the server decides what is late.
    """
    if task.due_at is None:
        return format_html('<span class="muted">{}</span>', "–")
    return _running(task.due_clock, since or task.moved_at, task.due_at, brief)


@register.simple_tag
def escalation(task: Task) -> SafeString | str:
    """Who has been told that a clock ran out, in a word and by a mark; nothing if none has."""
    if not task.escalation:
        return ""
    return format_html(
        '<span class="escalation" data-escalation="{}" title="{}">'
        '<span aria-hidden="true">{}</span> {}</span> ',
        task.escalation,
        _("Clock ran out"),
        "⇧" * task.escalation,
        task.get_escalation_display(),
    )


@register.simple_tag
def lost_contact(task: Task) -> SafeString | str:
    """That nobody has contact with the person, and since when."""
    if task.lost_at is None:
        return ""
    since = timezone.localtime(task.lost_at)
    return format_html(
        '<span class="escalation lost" title="{} {}"><span aria-hidden="true">◌</span> {}</span> ',
        _("since"),
        since.strftime("%Y-%m-%d %H:%M:%S %Z"),
        _("Lost contact"),
    )


@register.simple_tag
def row_marks(task: Task) -> SafeString | str:
    """The same two in a few characters, for a row of the queue."""
    if not task.escalation and task.lost_at is None:
        return ""
    told = {Escalation.HOLDER: _("duty"), Escalation.COUNTY: _("county"), Escalation.CITY: _("city")}
    word = told.get(Escalation(task.escalation))
    return format_html(
        '<small class="row-marks" data-escalation="{}" title="{}">{}{}</small>',
        task.escalation,
        task.get_escalation_display() if word else "",
        format_html('<span aria-hidden="true">{}</span> {} ', "⇧" * task.escalation, word) if word else "",
        format_html('<span aria-hidden="true">◌</span> {}', _("Lost contact")) if task.lost_at else "",
    )


@register.simple_tag
def history_note(line: TaskEvent, person: Person | None = None) -> str:
    """What a line of history says besides its verb, masked."""
    return note_words(line, person)


@register.simple_tag
def due_row(row: Clock) -> SafeString:
    """One clock of a task: running, kept in time, kept late, or called off."""
    if row.stopped_at is None:
        return _running(row.name, row.started_at, row.due_at)
    began = timezone.localtime(row.started_at).strftime("%H:%M")
    if not row.kept:
        return format_html(
            '<span class="due muted">{} {} {}</span>', began, row.get_name_display(), _("called off")
        )
    took = spoken((row.stopped_at - row.started_at).total_seconds())
    late = row.stopped_at > row.due_at
    return format_html(
        '<span class="due {}"><b>{} {}</b> {}</span>',
        "bad" if late else "good",
        began,
        row.get_name_display(),
        (_("took %(length)s, late") if late else _("took %(length)s, in time")) % {"length": took},
    )


def _running(name: str, start: dt.datetime, end: dt.datetime, brief: bool = False) -> SafeString:
    return format_html(
        '<span class="due" data-from="{}" data-due="{}" data-late="{}"{} title="{}"><b>{}</b> '
        '<span data-left></span><i class="drain"></i></span>',
        start.isoformat(),
        end.isoformat(),
        # Translators: of a clock that has run out; the length of time goes into the braces.
        _("{} late"),
        mark_safe(" data-brief") if brief else "",
        timezone.localtime(end).strftime("%Y-%m-%d %H:%M:%S %Z"),
        ClockName(name).label,
    )


@register.simple_tag(takes_context=True)
def entity_link(
    context: dict[str, Any], shown: Disclosure, row: Evidence | Suspect | ClusterMember
) -> SafeString:
    """The entity that the row names, masked unless it may be shown, with a link to its page for whoever may
    open that.
    """
    label = shown.label(row.entity_kind, row.entity)
    if not may(context["request"].user, Permission.SEE_PERSONS):
        return format_html('<span class="entity">{}</span>', label)
    address = reverse("alerts:entity", args=[reference(row)])
    return format_html('<a class="entity" href="{}">{}</a>', address, label)


@register.simple_tag
def evidence_words(shown: Disclosure, piece: Evidence) -> str:
    """The sentence of a piece of evidence, masked."""
    return shown.words(piece)


@register.simple_tag
def reason_words(shown: Disclosure, reason: str) -> str:
    """A sentence of the engine about a suspect, masked."""
    return shown.sentence(reason, "", "")


@register.filter
def masked(number: str) -> str:
    """A person's number with its middle hidden."""
    return mask_number(number)


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: Any) -> str:
    """The page's query string with these parameters changed; an empty value takes one away."""
    request: HttpRequest = context["request"]
    asked = request.GET.copy()
    asked.pop("page", None)
    asked.pop("task", None)
    for name, value in changes.items():
        if value in (None, "", False):
            asked.pop(name, None)
        else:
            asked[name] = str(value)
    return f"?{asked.urlencode()}"


@register.simple_tag(takes_context=True)
def toggle_query(context: dict[str, Any], name: str, value: str) -> str:
    """The page's query string with the value of a repeatable parameter switched on or off."""
    request: HttpRequest = context["request"]
    asked = request.GET.copy()
    asked.pop("page", None)
    asked.pop("task", None)
    values = asked.getlist(name)
    asked.setlist(name, [v for v in values if v != value] if value in values else [*values, value])
    return f"?{asked.urlencode()}"
