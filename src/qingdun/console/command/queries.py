"""Reads of command: the viewer first.

Posts of the viewer's region are theirs to see, and those of the places above it: the chain of a town ends at
the city. Everything else is seen where one's own region covers it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Avg, Case, Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Length
from django.utils import timezone

from qingdun.console.command.codes import CHAIN, PostKind, Standing
from qingdun.console.command.models import Absence, Post, Proof, Provision, Tenure, Undertaking
from qingdun.console.command.moves import UndertakingState
from qingdun.console.command.places import with_above
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import narrowed, only, within

M = TypeVar("M", bound=Model)
AS_HELD = Case(
    *(When(kind=kind, then=Value(place)) for place, kind in enumerate(PostKind.values)), default=Value(9)
)
"""Posts in the order of their kinds."""


def posts(viewer: User, region: str = "") -> QuerySet[Post]:
    """Posts that stand, in the order of the tree, each with the names of who holds it now and of who acts:
    of the viewer's region or above it, or in the part of it named by code.
    """
    now = timezone.now()
    there = _serving(now).filter(post=OuterRef("pk"))
    found = _seen(viewer, Post.objects.filter(closed_on=None), "region_path", region)
    return (
        found.select_related("grid", "unit")
        .annotate(
            holder=Subquery(there.filter(standing=Standing.HOLDER).values("name")[:1]),
            acting=Subquery(_present(there, now).values("name")[:1]),
        )
        .order_by("region_path", AS_HELD, "rank", "pk")
    )


def post(viewer: User, post_id: int) -> Post:
    """One of them, also one that was closed. Errors: NotPermitted if it is not the viewer's to see."""
    found = _seen(viewer, Post.objects.select_related("grid", "unit"), "region_path").filter(pk=post_id)
    return only(found)


def tenures(viewer: User, region: str = "") -> QuerySet[Tenure]:
    """Who has held which post, the latest first."""
    stored = Tenure.objects.select_related("post__grid", "by", "account")
    return _seen(viewer, stored, "post__region_path", region)


def absences(viewer: User, region: str = "") -> QuerySet[Absence]:
    """Who was or will be away, the latest first."""
    stored = Absence.objects.select_related("tenure__post__grid", "by")
    return _seen(viewer, stored, "tenure__post__region_path", region)


def answering(
    viewer: User, paths: Iterable[str], at: dt.datetime, grid: int | None = None
) -> dict[str, list[Tenure]]:
    """For each of the places, who answers for it at that moment: at each post of its chain who is there, the
    grid's own head first if one is named, then the place's posts, then those above it. One statement, for
    however many places.
    """
    wanted = set(paths)
    seen = _seen(viewer, Tenure.objects.select_related("post"), "post__region_path")
    there = _present(seen.filter(_at(at)), at).filter(
        Q(post__grid=None) | Q(post__grid=grid or 0),
        post__region_path__in=with_above(wanted), post__kind__in=CHAIN,
    )  # fmt: skip
    nearest = there.order_by(
        Length("post__region_path").desc(), F("post__grid").asc(nulls_last=True), _kind_of_post(),
        "post__rank", "post_id", *_BY_TURN,
    )  # fmt: skip
    by_place: dict[str, list[Tenure]] = {}
    done: set[int] = set()
    for one in nearest:
        if one.post_id not in done:
            done.add(one.post_id)
            by_place.setdefault(one.post.region_path, []).append(one)
    return {
        path: [one for above in sorted(with_above([path]), key=len, reverse=True)
               for one in by_place.get(above, [])]
        for path in wanted
    }  # fmt: skip


def provisions(viewer: User) -> QuerySet[Provision]:
    """The provisions of the viewer's city that stand, in the order of their numbers."""
    return _seen(viewer, Provision.objects.filter(ended_on=None).select_related("by"), "region_path")


def progress(viewer: User, region: str = "") -> dict[int, dict[str, int]]:
    """Of the undertakings for each provision in the viewer's region, or the part of it named by code: how
    many there are, are accepted, wait to be accepted, are overdue, and the mean share reported; by its id.
    """
    held = undertakings(viewer, region).exclude(state=UndertakingState.WITHDRAWN).order_by()
    late = Q(state=UndertakingState.OPEN, due_on__lt=timezone.localdate())
    told = held.values("provision").annotate(
        all=Count("pk"), accepted=Count("pk", filter=Q(state=UndertakingState.ACCEPTED)),
        reported=Count("pk", filter=Q(state=UndertakingState.REPORTED)), late=Count("pk", filter=late),
        share=Avg("share"),
    )  # fmt: skip
    return {
        row["provision"]: {
            "all": row["all"], "accepted": row["accepted"], "reported": row["reported"], "late": row["late"],
            "share": round(row["share"] or 0),
        }
        for row in told
    }  # fmt: skip


def undertakings(viewer: User, region: str = "") -> QuerySet[Undertaking]:
    """What units and places of the viewer's region, or of the part of it named by code, are to do; what is
    due first, first.
    """
    picked = narrowed(viewer, region)
    stored = Undertaking.objects.select_related("provision", "unit", "set_by", "reported_by", "accepted_by")
    if picked is None or not may(viewer, Permission.SEE_COMMAND):
        return stored.none()
    return within(viewer, stored).filter(region_path__startswith=picked.path)


def undertaking(viewer: User, undertaking_id: int) -> Undertaking:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(undertakings(viewer).filter(pk=undertaking_id))


def proof(viewer: User, proof_id: int) -> Proof:
    """A proof of one of them. Errors: NotPermitted."""
    return only(
        Proof.objects.select_related("undertaking").filter(pk=proof_id, undertaking__in=undertakings(viewer))
    )


_BY_TURN = ("-standing", "rank", "-since")
"""The holder, then the deputies in their order: `holder` comes after `deputy` in the alphabet."""


def _kind_of_post() -> Case:
    return Case(
        *(When(post__kind=kind, then=Value(place)) for place, kind in enumerate(CHAIN)), default=Value(9)
    )


def _at(at: dt.datetime) -> Q:
    return Q(since__lte=at) & (Q(until=None) | Q(until__gt=at))


def _serving(at: dt.datetime) -> QuerySet[Tenure]:
    return Tenure.objects.filter(_at(at)).order_by(*_BY_TURN)


def _present(found: QuerySet[Tenure], at: dt.datetime) -> QuerySet[Tenure]:
    away = Absence.objects.filter(tenure=OuterRef("pk"), since__lte=at, until__gt=at)
    return found.filter(~Exists(away))


def _seen(viewer: User, stored: QuerySet[M], path: str, region: str = "") -> QuerySet[M]:
    """Rows about posts of the viewer's region or above it; of the part named by code, if one is."""
    picked = narrowed(viewer, region)
    if picked is None or not may(viewer, Permission.SEE_COMMAND):
        return stored.none()
    if region and picked.code == region:
        return stored.filter(**{f"{path}__startswith": picked.path})
    mine = viewer.region_path
    return stored.filter(Q(**{f"{path}__startswith": mine}) | Q(**{f"{path}__in": with_above([mine])}))
