"""Whose a row is: a party's if it was addressed to it, the police's by the region that made it."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from qingdun.console.industry.codes import PARTY_KINDS
from qingdun.console.industry.moves import Move
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import narrowed, out_of_reach, within

M = TypeVar("M", bound=Model)


def addressed(viewer: User, found: QuerySet[M], region: str = "", party: str = "party") -> QuerySet[M]:
    """Only the rows that are the viewer's: for a party's officer those whose field `party` is their
    organisation; for the police those of their region, or of the part of it named by code.
    """
    if may(viewer, Permission.ANSWER_LISTS):
        at = viewer.organisation
        mine = at is not None and at.kind in PARTY_KINDS
        return found.filter(**{party: viewer.organisation_id}) if mine else found.none()
    if not may(viewer, Permission.SEE_INDUSTRY):
        return found.none()
    picked = narrowed(viewer, region)
    found = within(viewer, found)
    return found.filter(region_path__startswith=picked.path) if picked else found.none()


def only(found: QuerySet[M], ident: int) -> M:
    """The row of that id. Errors: NotPermitted if it is not among them."""
    one = found.filter(pk=ident).first()
    if one is None:
        raise out_of_reach()
    return one


def legal(table: tuple[Move, ...], state: str, viewer: User) -> list[Move]:
    """The moves that are legal from there and the viewer's to make."""
    return [
        move for move in table if state in move.sources and any(may(viewer, one) for one in move.permissions)
    ]
