"""What is done with bulletins: the actor first, one transaction, one audit row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from qingdun.console.bulletin import queries
from qingdun.console.bulletin.composing import LANGUAGES, Writer, compose
from qingdun.console.bulletin.counting import Reader, Told
from qingdun.console.bulletin.models import Bulletin, BulletinFigure, Schedule
from qingdun.console.bulletin.moves import MOVES, BulletinState
from qingdun.console.bulletin.periods import Period, Span
from qingdun.console.bulletin.texts import edited, recounted
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import canonical, record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.moving import check
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach, within
from qingdun.errors import IllegalMove

LONGEST_DAYS = 800


@transaction.atomic
def draft(
    actor: User, region: str, period: Period, language: str = "zh", scheduled: bool = False
) -> Bulletin:
    """A draft of the bulletin of that place and period stands, over the ledgers as they are now.

    Errors: NotPermitted, FieldFaults (no such place, days in the wrong order or to come, one is under way).
    """
    require(actor, Permission.WRITE_BULLETINS)
    place = _place(actor, region)
    faults = {}
    if period.since > period.until or (period.until - period.since).days > LONGEST_DAYS:
        faults["until"] = _("Expected a last day after the first, at most two years on.")
    elif period.since > timezone.localdate():
        faults["since"] = _("This day lies in the future.")
    if language not in LANGUAGES:
        faults["language"] = _("This is needed.")
    same = Bulletin.objects.filter(region_path=place.path, since=period.since, until=period.until)
    under_way = (BulletinState.DRAFT, BulletinState.SIGNED)
    if not faults and same.filter(language=language, state__in=under_way).exists():
        faults["since"] = _("A bulletin of this place and period is under way already.")
    if faults:
        raise FieldFaults(faults)
    made, now = compose(actor, place, period, language), timezone.now()
    about = Bulletin.objects.create(
        region_path=place.path, since=period.since, until=period.until, language=language, by=actor,
        title=made.title[:100], paragraphs=made.paragraphs, template=made.template, scheduled=scheduled,
        composed_at=now, counted_at=now,
    )  # fmt: skip
    _keep(about, made.figures)
    record(actor, "compose_bulletin", about, None, _face(about))
    return about


@transaction.atomic
def edit_bulletin(actor: User, bulletin_id: int, typed: Mapping[str, str]) -> Bulletin:
    """The draft says what was typed between the places of its figures, and those show what they showed.

    Errors: NotPermitted, IllegalMove, FieldFaults.
    """
    about = _taken(actor, bulletin_id, "edit_bulletin")
    title = typed.get("title", about.title).strip()
    if not title or len(title) > 100:
        raise FieldFaults({"title": _("A title has 1 to 100 letters.")})
    reader = _reader(actor, about)
    with translation.override(LANGUAGES[about.language]):
        paragraphs = edited(about.paragraphs, typed, Writer(reader, about.language))
    before = _face(about)
    about.title, about.paragraphs = title, paragraphs
    about.save(update_fields=["title", "paragraphs"])
    known = set(about.figures.values_list("code", flat=True))
    _keep(about, [one for one in reader.figures if one.code not in known], len(known))
    record(actor, "edit_bulletin", about, before, _face(about))
    return about


@transaction.atomic
def recount_bulletin(actor: User, bulletin_id: int) -> Bulletin:
    """Every figure of the draft says what the ledgers say now; what was typed stays.

    Errors: NotPermitted, IllegalMove.
    """
    about = _taken(actor, bulletin_id, "recount_bulletin")
    before, (paragraphs, told) = _face(about), _counted(actor, about)
    about.paragraphs, about.counted_at = paragraphs, timezone.now()
    about.save(update_fields=["paragraphs", "counted_at"])
    about.figures.all().delete()
    _keep(about, told)
    record(actor, "recount_bulletin", about, before, _face(about))
    return about


@transaction.atomic
def sign_bulletin(actor: User, bulletin_id: int) -> Bulletin:
    """The first of two has signed the text and figures as they stand; the ledgers say the same now.

    Errors: NotPermitted, IllegalMove (a figure has changed since it was counted).
    """
    about = _taken(actor, bulletin_id, "sign_bulletin")
    if changed := differing(actor, about):
        raise IllegalMove(
            _("The ledgers say otherwise now: %(figures)s. Count again, and read it.")
            % {"figures": "、".join(changed[:5])}
        )
    before = _face(about)
    about.state, about.first_by, about.first_at = BulletinState.SIGNED, actor, timezone.now()
    about.seal = seal_of(about)
    about.save(update_fields=["state", "first_by", "first_at", "seal"])
    record(actor, "sign_bulletin", about, before, _face(about))
    return about


@transaction.atomic
def countersign_bulletin(actor: User, bulletin_id: int) -> Bulletin:
    """The second of two has signed what the first has: the bulletin is issued under its number, and frozen.

    Errors: NotPermitted, IllegalMove (the same person, or not what was signed).
    """
    about = _taken(actor, bulletin_id, "countersign_bulletin")
    if about.first_by_id == actor.pk:
        raise IllegalMove(_("Somebody else signs as the second."))
    if about.seal != seal_of(about):
        raise IllegalMove(_("It is not what was signed first: send it back."))
    before, now = _face(about), timezone.now()
    year = timezone.localtime(now).year
    issued = Bulletin.objects.filter(region_path=about.region_path, year=year)
    about.state, about.second_by, about.second_at = BulletinState.ISSUED, actor, now
    about.year, about.serial = year, (issued.aggregate(last=Max("serial"))["last"] or 0) + 1
    about.save(update_fields=["state", "second_by", "second_at", "year", "serial"])
    record(actor, "countersign_bulletin", about, before, _face(about))
    return about


@transaction.atomic
def end_bulletin(actor: User, bulletin_id: int, verb: str, reason: str) -> Bulletin:
    """What was signed is a draft again, or the draft is dropped, for a reason.

    Errors: NotPermitted, IllegalMove, InputError (no reason).
    """
    if verb not in ("send_back_bulletin", "drop_bulletin"):
        raise IllegalMove(_("Nobody may do that by hand."))
    about = _taken(actor, bulletin_id, verb)
    before, move = _face(about), check(MOVES, verb, about.state)
    about.note, about.state = stated(reason)[:300], move.target
    about.first_by, about.first_at, about.seal = None, None, ""
    about.save(update_fields=["note", "state", "first_by", "first_at", "seal"])
    record(actor, verb, about, before, _face(about), about.note)
    return about


@transaction.atomic
def set_schedule(actor: User, region: str, span: str, language: str = "zh") -> Schedule:
    """From now on a draft is made of every such period once it is over.

    Errors: NotPermitted, FieldFaults (no such place or span, there is one).
    """
    require(actor, Permission.WRITE_BULLETINS)
    place = _place(actor, region)
    if span not in Span.values or language not in LANGUAGES:
        raise FieldFaults({"span": _("This is needed.")})
    if Schedule.objects.filter(region_path=place.path, span=span, language=language, ended_at=None).exists():
        raise FieldFaults({"span": _("There is such a schedule.")})
    made = Schedule.objects.create(
        region_path=place.path, span=span, language=language, by=actor, at=timezone.now()
    )
    record(actor, "schedule_bulletins", made, None, {"span": span})
    return made


@transaction.atomic
def end_schedule(actor: User, schedule_id: int) -> None:
    """No further drafts are made by that schedule. Errors: NotPermitted."""
    require(actor, Permission.WRITE_BULLETINS)
    found = within(actor, Schedule.objects.select_for_update(of=("self",)))
    made = found.filter(pk=schedule_id, ended_at=None).first()
    if made is None:
        raise out_of_reach()
    made.ended_at = timezone.now()
    made.save(update_fields=["ended_at"])
    record(actor, "end_schedule_of_bulletins", made, {"span": made.span}, None)


@transaction.atomic
def take_bulletin(actor: User, bulletin_id: int, form: str) -> Bulletin:
    """The bulletin, which leaves as a file; that it did is on record. Errors: NotPermitted."""
    about = queries.bulletin(actor, bulletin_id)
    record(actor, "take_bulletin", about, None, {"as": form})
    return about


def differing(actor: User, about: Bulletin) -> list[str]:
    """Words of the figures of which the ledgers say otherwise now. Errors: NotPermitted."""
    _paragraphs, told = _counted(actor, about)
    kept = {one.code: _numbers(one) for one in about.figures.all()}
    return [one.word for one in told if kept.get(one.code) != _numbers(one)]


def seal_of(about: Bulletin) -> str:
    """SHA-256 over everything that is signed."""
    figures = [[one.code, *_numbers(one)] for one in about.figures.all()]
    told = [about.region_path, f"{about.since}", f"{about.until}", about.title, about.paragraphs, figures]
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def _counted(actor: User, about: Bulletin) -> tuple[list[Any], list[Told]]:
    """Its paragraphs and figures as the ledgers are now."""
    reader = _reader(actor, about)
    with translation.override(LANGUAGES[about.language]):
        paragraphs = recounted(about.paragraphs, Writer(reader, about.language))
        for code in about.figures.values_list("code", flat=True):
            reader.told(code)
    return paragraphs, reader.figures


def _numbers(one: Told | BulletinFigure) -> tuple[Any, ...]:
    """What a figure says, to the digits that are kept."""
    bounds = [None if bound is None else round(bound, 6) for bound in (one.low, one.high)]
    return (one.value, one.before, one.year, one.part, one.whole, *bounds)


def _keep(about: Bulletin, told: Iterable[Told], first: int = 0) -> None:
    BulletinFigure.objects.bulk_create(
        BulletinFigure(
            bulletin=about, position=position, code=one.code, word=one.word[:120], money=one.money,
            value=one.value, before=one.before, year=one.year, part=one.part, whole=one.whole, low=one.low,
            high=one.high, url=one.url[:300],
        )
        for position, one in enumerate(told, start=first)
    )  # fmt: skip


def _reader(actor: User, about: Bulletin) -> Reader:
    return Reader(actor, Region.objects.get(path=about.region_path), about.period)


def _place(actor: User, code: str) -> Region:
    """The city, county or town of that code, the actor's own if empty. Errors: NotPermitted."""
    places = within(actor, Region.objects.exclude(level=Region.Level.VILLAGE), "path")
    place = places.filter(code=code or actor.region_id or "").first()
    if place is None:
        raise out_of_reach()
    return place


def _taken(actor: User, bulletin_id: int, verb: str) -> Bulletin:
    """That one, locked until the transaction ends. Errors: NotPermitted, IllegalMove (no such move now)."""
    require(actor, Permission.WRITE_BULLETINS)
    found = within(actor, Bulletin.objects.select_for_update(of=("self",))).filter(pk=bulletin_id).first()
    if found is None:
        raise out_of_reach()
    check(MOVES, verb, found.state)
    return found


def _face(about: Bulletin) -> dict[str, Any]:
    """What of a bulletin an act may change, as the audit keeps it."""
    text = canonical([about.title, about.paragraphs])
    return {
        "state": about.state, "since": f"{about.since}", "until": f"{about.until}",
        "digest": hashlib.sha256(text.encode()).hexdigest(),
    }  # fmt: skip
