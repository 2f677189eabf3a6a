"""Posts and who holds them: the actor first, one transaction, one audit row.

Who keeps a post stands above it: the city keeps its own and the counties', a county its towns', a town its
villages' and grids'.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.command import queries
from qingdun.console.command.codes import Standing
from qingdun.console.command.models import Absence, Post, Tenure
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import covers, out_of_reach
from qingdun.console.outreach import queries as outreach
from qingdun.errors import IllegalMove, InputError, NotPermitted


def above(actor: User, path: str) -> bool:
    """Whether the actor stands above the place: it lies below their own region, or they are the city's."""
    whole = actor.region is not None and actor.region.level == Region.Level.CITY
    return covers(actor, path) and (whole or path != actor.region_path)


def require_above(actor: User, path: str) -> None:
    """Nothing happens if the actor works on command and stands above the place. Errors: NotPermitted."""
    require(actor, Permission.WORK_COMMAND)
    if not covers(actor, path):
        raise out_of_reach()
    if not above(actor, path):
        raise NotPermitted(_("This is kept by whoever stands above the place."))


@dataclass(frozen=True, slots=True)
class PostForm:
    """A post as it is entered."""

    title: str
    kind: str
    region_path: str
    grid: str = ""
    """Code of the grid it answers for, if it is one's."""
    rank: int = 1


@transaction.atomic
def open_post(actor: User, form: PostForm, on: dt.date | None = None) -> Post:
    """The post stands from that day on, else from today.

    Errors: NotPermitted, InputError (no such grid), IllegalMove (the place has such a post).
    """
    require_above(actor, form.region_path)
    grid = None
    if form.grid:
        grid = outreach.grids(actor).filter(code=form.grid, region_path=form.region_path).first()
        if grid is None:
            raise InputError(_("Expected the code of a grid of that village."))
    same = Post.objects.filter(region_path=form.region_path, title=form.title, grid=grid, closed_on=None)
    if same.exists():
        raise IllegalMove(_("The place has a post of that title already."))
    made = Post.objects.create(
        title=form.title, kind=form.kind, region_path=form.region_path, grid=grid, rank=form.rank,
        opened_on=on or timezone.localdate(), by=actor,
    )  # fmt: skip
    record(actor, "open_post", made, None, {"title": made.title, "kind": made.kind})
    return made


@transaction.atomic
def close_post(actor: User, post_id: int, reason: str) -> Post:
    """The post is closed, and whoever stood at it does so no longer. Errors: NotPermitted, InputError."""
    post = _locked(actor, post_id)
    if not reason.strip():
        raise InputError(_("Say why."))
    now = timezone.now()
    post.closed_on = timezone.localdate(now)
    post.save(update_fields=["closed_on"])
    for one in Tenure.objects.filter(Q(until=None) | Q(until__gt=now), post=post):
        one.until = max(now, one.since)
        one.save(update_fields=["until"])
    record(actor, "close_post", post, None, {"reason": reason.strip()[:200]})
    return post


@dataclass(frozen=True, slots=True)
class Appointment:
    """Who comes to a post, and from when."""

    name: str
    since: dt.datetime
    note: str = ""
    account: str = ""
    """User name, if they have an account."""


@transaction.atomic
def hand_over(actor: User, post_id: int, form: Appointment, matters: dict[str, int] | None = None) -> Tenure:
    """The post is held by that person from that moment on; whoever held it until then has handed over, and
    what was overdue by kind is kept with it.

    Errors: NotPermitted, InputError (no such account), IllegalMove (before the last hand-over, the same
    person).
    """
    post = _locked(actor, post_id)
    last = Tenure.objects.filter(post=post, standing=Standing.HOLDER).order_by("-since", "-pk").first()
    if last is not None:
        if form.since <= last.since:
            raise IllegalMove(_("The last hand-over is later than that."))
        if last.until is None and last.name == form.name:
            raise IllegalMove(_("That person holds the post already."))
        if last.until is None or last.until > form.since:
            last.until = form.since
            last.save(update_fields=["until"])
    stood_in = Tenure.objects.filter(post=post, standing=Standing.DEPUTY, until=None, name=form.name)
    stood_in.filter(since__lte=form.since).update(until=form.since)
    made = Tenure.objects.create(
        post=post, name=form.name, standing=Standing.HOLDER, account=_account(actor, form.account),
        since=form.since, note=form.note, matters=matters or {}, by=actor, at=timezone.now(),
    )  # fmt: skip
    before = {"name": last.name} if last else None
    record(actor, "hand_over_post", post, before, {"name": made.name, "since": f"{made.since.isoformat()}"})
    return made


@transaction.atomic
def name_deputy(actor: User, post_id: int, form: Appointment, rank: int = 1) -> Tenure:
    """That person stands in at the post when whoever comes before them is away.

    Errors: NotPermitted, InputError, IllegalMove (they are one already).
    """
    post = _locked(actor, post_id)
    there = Tenure.objects.filter(post=post, until=None, name=form.name)
    if there.exists():
        raise IllegalMove(_("That person stands at the post already."))
    made = Tenure.objects.create(
        post=post, name=form.name, standing=Standing.DEPUTY, rank=max(1, rank),
        account=_account(actor, form.account), since=form.since, by=actor, at=timezone.now(),
    )  # fmt: skip
    record(actor, "name_deputy", post, None, {"name": made.name, "rank": made.rank})
    return made


@transaction.atomic
def end_tenure(actor: User, tenure_id: int) -> Tenure:
    """That person stands at the post no longer. Errors: NotPermitted, IllegalMove (they do not)."""
    seen = _tenure(actor, tenure_id)
    post = _locked(actor, seen.post_id)
    tenure = Tenure.objects.get(pk=tenure_id)
    now = timezone.now()
    if tenure.until is not None and tenure.until <= now:
        raise IllegalMove(_("They stand there no longer."))
    tenure.until = max(now, tenure.since)
    tenure.save(update_fields=["until"])
    record(actor, "end_tenure", post, {"name": tenure.name}, None)
    return tenure


@transaction.atomic
def record_absence(
    actor: User, tenure_id: int, since: dt.datetime, until: dt.datetime, reason: str
) -> Absence:
    """That person is away from one moment to another; the deputies stand in.

    Whoever keeps the post enters it, and the person themselves. Errors: NotPermitted, InputError (ends before
    it begins), IllegalMove (they no longer stand there, away already).
    """
    tenure = _tenure(actor, tenure_id)
    if tenure.account_id != actor.pk:
        require_above(actor, tenure.post.region_path)
    Post.objects.select_for_update(no_key=True).get(pk=tenure.post_id)
    if until <= since:
        raise InputError(_("The end must lie after the beginning."))
    if tenure.until is not None and tenure.until <= since:
        raise IllegalMove(_("They stand there no longer."))
    if tenure.absences.filter(since__lt=until, until__gt=since).exists():
        raise IllegalMove(_("An absence is entered for that time already."))
    made = Absence.objects.create(
        tenure=tenure, since=since, until=until, reason=reason, by=actor, at=timezone.now()
    )
    after = {"name": tenure.name, "starts_at": since.isoformat(), "ends_at": until.isoformat()}
    record(actor, "record_absence", tenure.post, None, after)
    return made


@transaction.atomic
def end_absence(actor: User, absence_id: int) -> Absence:
    """Whoever was away is back; an absence that has not begun is taken back. Errors: NotPermitted,
    IllegalMove (it is over).
    """
    absence = queries.absences(actor).filter(pk=absence_id).first()
    if absence is None:
        raise out_of_reach()
    tenure = absence.tenure
    if tenure.account_id != actor.pk:
        require_above(actor, tenure.post.region_path)
    now = timezone.now()
    if absence.until <= now:
        raise IllegalMove(_("The absence is over."))
    record(actor, "end_absence", tenure.post, {"name": tenure.name, "ends_at": absence.until.isoformat()})
    if absence.since >= now:
        absence.delete()
        return absence
    absence.until = now
    absence.save(update_fields=["until"])
    return absence


def _locked(actor: User, post_id: int) -> Post:
    """The post, locked, if it stands and the actor keeps it."""
    seen = queries.post(actor, post_id)
    require_above(actor, seen.region_path)
    post = Post.objects.select_for_update(no_key=True).get(pk=post_id)
    if post.closed_on is not None:
        raise IllegalMove(_("The post is closed."))
    return post


def _tenure(actor: User, tenure_id: int) -> Tenure:
    found = queries.tenures(actor).filter(pk=tenure_id).first()
    if found is None:
        raise out_of_reach()
    return found


def _account(actor: User, username: str) -> User | None:
    """The account of that name in the actor's region. Errors: InputError."""
    if not username:
        return None
    found = User.objects.filter(
        username=username, is_active=True, region__path__startswith=actor.region_path
    ).first()
    if found is None:
        raise InputError(_("Expected the user name of an open account of your region."))
    return found
