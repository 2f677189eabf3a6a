"""How programs of banks, operators and hotlines raise alerts. Errors are {"message": …}."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest
from ninja import Field, NinjaAPI, Schema, Status
from ninja.security import HttpBearer

from qingdun.console.kernel.answers import answer_errors
from qingdun.console.kernel.models import User
from qingdun.console.whistles import actions, queries
from qingdun.console.whistles.models import Whistle


class Bearer(HttpBearer):
    """`Authorization: Bearer qdw_…`; the request acts as the account of the token."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The account, if the token is open and its organisation has not asked too often."""
        return actions.account_of_token(token)


api = NinjaAPI(title="Qingdun whistles", version="1", urls_namespace="whistles-api", auth=Bearer())
answer_errors(api)


class WhistleIn(Schema):
    """An alert raised by hand. `key` is the sender's own: sent again, it changes nothing."""

    key: str = Field(min_length=8, max_length=64)
    number: str = Field(max_length=24)
    scam_type: str = Field("", max_length=20)
    paying: bool = False
    line: str = Field("", max_length=200)
    region: str = Field("", max_length=12)


class WhistleOut(Schema):
    """What came of it: the task, whether it was open before, where it stands; nothing of the person."""

    key: str
    task: int
    joined: bool
    level: str
    state: str
    sent_at: dt.datetime


@api.post("/", response={200: WhistleOut, 201: WhistleOut})
def raise_whistle(request: HttpRequest, body: WhistleIn) -> Status[WhistleOut]:
    """Raise an alert; 201 the first time a key is sent, 200 when it is sent again."""
    typed = actions.Typed(
        key=body.key, who=body.number.strip(), scam_type=body.scam_type, paying=body.paying,
        line=body.line.strip(), region=body.region,
    )  # fmt: skip
    sent = actions.raise_whistle(_actor(request), typed)
    return Status(201 if sent.fresh else 200, _out(sent.whistle))


@api.get("/{key}", response=WhistleOut)
def whistle(request: HttpRequest, key: str) -> WhistleOut:
    """Where the task of a whistle stands now."""
    return _out(queries.whistle(_actor(request), key))


def _actor(request: HttpRequest) -> User:
    actor: User = request.auth  # type: ignore[attr-defined]
    return actor


def _out(whistle: Whistle) -> WhistleOut:
    return WhistleOut(
        key=whistle.key, task=whistle.task_id, joined=whistle.joined, level=whistle.level,
        state=whistle.task.state, sent_at=whistle.at,
    )  # fmt: skip
