"""How programs of banks and operators receive lists, answer them, push findings and ask the blacklist.

Errors are {"message": …}; an error of one row stands with its row. What changes something has a `key` of the
sender's own: sent again, it is answered as the first time and changes nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, NinjaAPI, Schema
from ninja.security import HttpBearer

from qingdun.console.industry import answering, blacklisting, checking, finding, queries, registers
from qingdun.console.industry.codes import NoticeWay
from qingdun.console.industry.models import Submission
from qingdun.console.industry.moves import OPEN
from qingdun.console.kernel.answers import answer_errors
from qingdun.console.kernel.audit import canonical
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.whistles import actions as whistles
from qingdun.errors import RefusedError

MOST_ROWS = 1000
MOST_ID = 2**63 - 1
"""More no database holds."""
Ident = Annotated[int, Field(ge=0, le=MOST_ID)]


class Bearer(HttpBearer):
    """`Authorization: Bearer qdw_…`, a token of the party's that is for lists."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The account of the token, if it is open and was not used too often."""
        return whistles.account_of_token(token)


api = NinjaAPI(title="Qingdun industry", version="1", urls_namespace="industry-api", auth=Bearer())
answer_errors(api)


class ListOut(Schema):
    """A list that was sent to the party."""

    id: int
    title: str
    kind: str
    basis: str
    reason: str
    rows: int
    sent_at: dt.datetime
    due_at: dt.datetime


class RowOut(Schema):
    """A restriction that the party is to carry out, or to lift."""

    id: int
    list: int
    subject_kind: str
    subject: str
    holder: str
    kind: str
    reason: str
    term_days: int
    state: str
    due_at: dt.datetime | None
    until: dt.datetime | None
    release_due_at: dt.datetime | None


class AnswerIn(Schema):
    """`verb`: control, dispute (with a note) or lift."""

    id: Ident
    verb: str = Field(max_length=12)
    note: str = Field("", max_length=300)
    notice_way: str = Field(NoticeWay.SMS.value, max_length=8)


class AnswersIn(Schema):
    """Answers to rows, in any order."""

    key: str = Field(min_length=8, max_length=64)
    rows: list[AnswerIn] = Field(min_length=1, max_length=MOST_ROWS)


class FindingIn(Schema):
    """A number or an account that the party found by itself."""

    kind: str = Field(max_length=8)
    entity: str = Field(max_length=64)
    found_at: dt.datetime
    reason: str = Field(max_length=300)


class FindingsIn(Schema):
    """Findings, in any order."""

    key: str = Field(min_length=8, max_length=64)
    rows: list[FindingIn] = Field(min_length=1, max_length=MOST_ROWS)


class StepIn(Schema):
    """A step of a second real-name check. `verb`: notify, pass, suspend, object or restore (all but the first
    two with a note).
    """

    id: Ident
    verb: str = Field(max_length=12)
    note: str = Field("", max_length=300)


class StepsIn(Schema):
    """Steps of checks, in any order."""

    key: str = Field(min_length=8, max_length=64)
    rows: list[StepIn] = Field(min_length=1, max_length=MOST_ROWS)


class RowResult(Schema):
    """What came of one row of what was sent, in the order it was sent."""

    id: int
    ok: bool
    known: bool = False
    message: str = ""


class Results(Schema):
    """What came of all of them; `repeated` if the key was known."""

    key: str
    repeated: bool
    rows: list[RowResult]


class AskIn(Schema):
    """Identities of persons or enterprises that want to open cards or accounts."""

    kind: str = Field(max_length=10)
    identities: list[str] = Field(min_length=1, max_length=MOST_ROWS)
    purpose: str = Field(max_length=200)


class HitOut(Schema):
    """Whether the identity of that place is listed, and until when."""

    listed: bool
    until: dt.date | None = None
    reason: str = ""


@api.get("/lists", response=list[ListOut])
def lists(request: HttpRequest, after: int = 0, limit: int = 100) -> Any:
    """Lists sent to the party with an id above `after`, by id."""
    found = queries.assignments(_actor(request)).filter(pk__gt=min(after, MOST_ID)).order_by("pk")
    return found[: max(1, min(limit, MOST_ROWS))]


@api.get("/rows", response=list[RowOut])
def rows(request: HttpRequest, after: int = 0, list: int = 0, state: str = "", limit: int = 500) -> Any:
    """Restrictions of the party with an id above `after`, by id; of one list if asked, and of one state, else
    only those not over. What was taken is on record.
    """
    actor = _actor(request)
    found = queries.restrictions(actor).filter(pk__gt=min(after, MOST_ID)).order_by("pk")
    if list:
        found = found.filter(assignment=min(list, MOST_ID))
    found = found.filter(state=state) if state else found.filter(state__in=OPEN)
    taken = found[: max(1, min(limit, MOST_ROWS))]
    answering.record_read(actor, "read_rows", [row.pk for row in taken], list)
    return [
        {**{name: getattr(row, name) for name in RowOut.model_fields if name not in ("list", "id")},
         "id": row.pk, "list": row.assignment_id}
        for row in taken
    ]  # fmt: skip


@api.post("/answers", response=Results)
def answers(request: HttpRequest, body: AnswersIn) -> Results:
    """Answer rows of lists."""
    actor = _actor(request)

    def act() -> list[RowResult]:
        told = [answering.Answer(row.id, row.verb, row.note, row.notice_way) for row in body.rows]
        return [
            RowResult(id=one.restriction, ok=one.ok, known=one.known, message=one.message)
            for one in answering.answer(actor, told)
        ]

    return _once(actor, body, act)


@api.post("/findings", response=Results)
def findings(request: HttpRequest, body: FindingsIn) -> Results:
    """Push findings to the police."""
    actor = _actor(request)

    def act() -> list[RowResult]:
        found = [finding.Found(row.kind, row.entity, _zoned(row.found_at), row.reason) for row in body.rows]
        return [
            RowResult(id=one.finding, ok=one.ok, known=one.known, message=one.message)
            for one in finding.push(actor, found)
        ]

    return _once(actor, body, act)


@api.get("/checks")
def checks(request: HttpRequest, after: int = 0, state: str = "", limit: int = 500) -> Any:
    """Second real-name checks of the operator's cards with an id above `after`, by id; of one state if asked,
    else only those not over. What was taken is on record.
    """
    actor = _actor(request)
    found = registers.card_checks(actor).filter(pk__gt=min(after, MOST_ID)).order_by("pk")
    found = found.filter(state=state) if state else found.filter(state__in=checking.OPEN)
    fields = ("id", "number", "holder", "risk", "state", "flagged_at", "due_at")
    taken = list_of(found.values(*fields)[: max(1, min(limit, MOST_ROWS))])
    answering.record_read(actor, "read_checks", [row["id"] for row in taken])
    return taken


@api.post("/checks", response=Results)
def steps(request: HttpRequest, body: StepsIn) -> Results:
    """Make steps of second real-name checks."""
    actor = _actor(request)

    def act() -> list[RowResult]:
        told = checking.take_steps(actor, [checking.Step(row.id, row.verb, row.note) for row in body.rows])
        return [
            RowResult(id=row.id, ok=not why, message=why) for row, why in zip(body.rows, told, strict=True)
        ]

    return _once(actor, body, act)


@api.post("/blacklist", response=list[HitOut])
def blacklist(request: HttpRequest, body: AskIn) -> list[HitOut]:
    """Whether these may open cards or accounts; that it was asked is on record, the identities are not."""
    hits = blacklisting.look_up(_actor(request), body.kind, body.identities, body.purpose)
    return [
        HitOut(listed=True, until=hit.until, reason=hit.reason) if hit else HitOut(listed=False)
        for hit in hits
    ]


def list_of(found: Any) -> list[dict[str, Any]]:
    """The rows as they are."""
    return [dict(row) for row in found]


def _once(actor: User, body: AnswersIn | FindingsIn | StepsIn, act: Callable[[], list[RowResult]]) -> Results:
    """What `act` gives, kept under the party's key; the key again gives what it gave before.

    Errors: RefusedError if the key was used for something else.
    """
    digest = hashlib.sha256(canonical(body.dict()).encode()).hexdigest()
    with transaction.atomic():
        # Two of the same key at once come one after the other.
        party = Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation_id or 0)
        known = queries.submissions(actor, body.key).first()
        if known is not None:
            if known.digest != digest:
                raise RefusedError(_("This key was used for something else."))
            return Results(key=body.key, repeated=True, rows=known.answer)
        done = act()
        Submission.objects.create(
            party=party, key=body.key, digest=digest, at=timezone.now(), by=actor,
            answer=[one.dict() for one in done],
        )  # fmt: skip
    return Results(key=body.key, repeated=False, rows=done)


def _zoned(at: dt.datetime) -> dt.datetime:
    return timezone.make_aware(at) if timezone.is_naive(at) else at


def _actor(request: HttpRequest) -> User:
    actor: User = request.auth  # type: ignore[attr-defined]
    require(actor, Permission.ANSWER_LISTS)
    return actor
