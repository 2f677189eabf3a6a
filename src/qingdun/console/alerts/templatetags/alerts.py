"""How the alert pages write levels, stages, money and clocks."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from qingdun.console.alerts import codes
from qingdun.console.alerts.disclosure import Disclosure
from qingdun.console.alerts.entities import reference
from qingdun.console.alerts.models import Clock, ClusterMember, Escalation, Evidence, Suspect, Task, TaskEvent
from qingdun.console.alerts.moves import VERDICT_OF, ClockName, State
from qingdun.console.alerts.moves import word as word_of
from qingdun.console.alerts.rules import false_alarms
from qingdun.console.kernel.masking import mask_number
from qingdun.console.kernel.models import Region
from qingdun.console.kernel.templatetags.masks import masked_text

register = template.Library()


@register.simple_tag
def stage(code: str) -> SafeString:
    """The stage as five dots, with its word for those who do not see them."""
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
def short(region: Region | None) -> str:
    """A region's name as short as a map needs it."""
    if region is None:
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
    """Bits with their sign."""
    return f"{value:+.1f}"


@register.filter
def state_word(code: str) -> str:
    """The state's name."""
    return str(State(code).label)


@register.filter
def clock_word(code: str) -> str:
    """The clock's name."""
    return str(ClockName(code).label)


@register.filter
def verb_word(verb: str) -> str:
    """What a line of history says was done."""
    return word_of(verb)


@register.simple_tag
def due(task: Task) -> SafeString:
    """The task's first running clock: the browser draws it, the server decides what is late."""
    if task.due_at is None:
        return format_html('<span class="muted">{}</span>', "–")
    return _running(task.due_clock, task.moved_at, task.due_at)


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
    told = {Escalation.HOLDER: _("duty"), Escalation.COUNTY: _("county"), Escalation.CITY: _("city")}
    word = told.get(Escalation(task.escalation))
    if word is None and task.lost_at is None:
        return ""
    return format_html(
        '<small class="row-marks" data-escalation="{}" title="{}">{}{}</small>',
        task.escalation,
        task.get_escalation_display() if word else "",
        format_html('<span aria-hidden="true">{}</span> {} ', "⇧" * task.escalation, word) if word else "",
        format_html('<span aria-hidden="true">◌</span> {}', _("Lost contact")) if task.lost_at else "",
    )


@register.simple_tag
def history_note(line: TaskEvent) -> str:
    """What a line of history says besides its verb: codes of the system in words, all else masked."""
    if VERDICT_OF.get(line.verb) == State.FALSE_ALARM:
        code, _blank, said = line.note.partition(" ")
        if code in false_alarms():
            return f"{false_alarms()[code]} {masked_text(said)}".strip()
    if line.actor_id is None or line.verb in ("raise_level", "undo"):
        first, _blank, rest = line.note.partition(" ")
        words = {
            **{code: str(label) for code, label in (*codes.Level.choices, *ClockName.choices)},
            **{one.name.lower(): str(one.label) for one in Escalation},
        }
        if first in words:
            return f"{words[first]} {rest}".strip()
        if line.verb == "undo":
            return verb_word(line.note)
    return masked_text(line.note)


@register.simple_tag
def due_row(row: Clock) -> SafeString:
    """One clock of a task: running, kept in time, kept late, or called off."""
    if row.stopped_at is None:
        return _running(row.name, row.started_at, row.due_at)
    if not row.kept:
        return format_html('<span class="due muted">{} {}</span>', row.get_name_display(), _("called off"))
    took = max(0, int((row.stopped_at - row.started_at).total_seconds()))
    late = row.stopped_at > row.due_at
    return format_html(
        '<span class="due {}">{} {}:{:02} {}</span>',
        "bad" if late else "good",
        row.get_name_display(),
        took // 60,
        took % 60,
        _("late") if late else _("in time"),
    )


def _running(name: str, start: dt.datetime, end: dt.datetime) -> SafeString:
    return format_html(
        '<span class="due" data-from="{}" data-due="{}" title="{}"><b>{}</b> <span><span data-left></span> '
        '<em class="late-word">{}</em></span><i class="drain"></i></span>',
        start.isoformat(),
        end.isoformat(),
        timezone.localtime(end).strftime("%Y-%m-%d %H:%M:%S %Z"),
        ClockName(name).label,
        _("late"),
    )


@register.simple_tag
def entity_link(shown: Disclosure, row: Evidence | Suspect | ClusterMember) -> SafeString:
    """The entity that the row names, masked unless it may be shown, with a link to its page."""
    address = reverse("alerts:entity", args=[reference(row)])
    return format_html(
        '<a class="entity" href="{}">{}</a>', address, shown.label(row.entity_kind, row.entity)
    )


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
