"""From the engine's suspects, and from the page of an entity, to lists: acts of people, actor first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from qingdun.console.alerts import entities, suspects
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.lists import actions, rules
from qingdun.console.lists.candidates import Candidate, Piece
from qingdun.console.lists.codes import Source
from qingdun.console.lists.proposing import Made
from qingdun.errors import InputError


@transaction.atomic
def review(
    actor: User, suspect_ids: Sequence[int], verdict: str, list_name: str, reason: str, key: str
) -> tuple[Made, list[actions.Done]]:
    """Each of the suspects is proposed for the list with what speaks against it, then approved if the actor
    may approve (`list`), or not approved (`refuse`): then it leaves the review for a while.

    Errors: NotPermitted, InputError (verdict, or a refusal without a reason).
    """
    if verdict not in ("list", "refuse"):
        raise InputError(
            _("Say whether to list or to refuse it; found “%(found)s”.") % {"found": verdict[:40]}
        )
    if verdict == "refuse":
        require(actor, Permission.APPROVE_LISTS)
        if not reason.strip():
            raise InputError(_("Give a reason."))
    found = suspects.standing(actor).filter(pk__in=suspect_ids)
    candidates = [
        _candidate(actor, one.entity_kind, one.entity, list_name, reason, row)
        for row, one in enumerate(found, start=1)
    ]
    made = actions.propose(actor, candidates, Source.SUSPECT, key)
    rows = [(entry.pk, None) for entry in made.entries]
    if not made.fresh:
        return made, []
    if verdict == "refuse":
        return made, actions.refuse(actor, rows, reason)
    return made, actions.approve(actor, rows, reason) if may(actor, Permission.APPROVE_LISTS) else []


def propose_entity(actor: User, ref: str, list_name: str, reason: str, key: str) -> Made:
    """The entity that the reference stands for is proposed with the evidence that the actor sees.

    Errors: NotPermitted.
    """
    kind, value = entities.named(actor, ref)
    candidate = _candidate(actor, kind, value, list_name, reason, 1)
    return actions.propose(actor, [candidate], Source.ENTITY, key)


def _candidate(actor: User, kind: str, value: str, list_name: str, reason: str, row: int) -> Candidate:
    known = entities.entity(actor, kind, value)
    suspect = known.suspect
    pieces: list[Piece] = []
    if suspect is not None:
        pieces += [Piece("", zh, en or zh, suspect.first_flagged_at) for zh, en in suspect.both]
    pieces += [
        Piece(p.detector, p.text_zh, p.text_en, p.at, p.alert_id)
        for p in known.evidence[: rules.most_evidence()]
    ]
    scam_type = suspect.scam_type if suspect is not None else ""
    words = reason.strip() or _first(suspect.reasons if suspect is not None else [])
    return Candidate(kind, value, list_name, words, scam_type, evidence=tuple(pieces), row=row)


def _first(reasons: Iterable[str]) -> str:
    return next(iter(reasons), "") or _("Suspected by the engine")
