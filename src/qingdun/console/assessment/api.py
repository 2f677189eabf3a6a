"""Published rankings for other programs of the city's, such as a bulletin. Errors are {"message": …}."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from ninja.security import django_auth

from qingdun.console.assessment import queries
from qingdun.console.assessment.models import Line, Ranking
from qingdun.console.kernel.answers import answer_errors
from qingdun.console.kernel.places import place_code
from qingdun.console.kernel.viewer import viewer_of

api = NinjaAPI(
    title="Qingdun assessment",
    version="1",
    urls_namespace="assessment-api",
    auth=django_auth,
    docs_decorator=login_required,
    docs_url=None,
)
answer_errors(api)


class RankingOut(Schema):
    """A ranking without its lines."""

    id: int
    level: str
    since: dt.date
    until: dt.date
    version: int
    state: str
    rules: str
    digest: str
    residents: int
    cases: int
    loss_fen: int
    estimated: int


class LineOut(Schema):
    """One place; rates per 10,000 residents."""

    code: str
    rank: int
    points: float
    residents: int
    estimated: bool
    cases: int
    cases_before: int
    cases_year: int
    loss_fen: int
    major_500k: int
    major_1m: int
    raw: float
    low: float
    high: float
    shrunk: float
    differs: str

    @staticmethod
    def resolve_code(line: Line) -> str:
        """The code of the place."""
        return place_code(line.region_path)


@api.get("/rankings", response=list[RankingOut])
def rankings(request: HttpRequest, level: str = "") -> list[Ranking]:
    """The latest hundred rankings."""
    return list(queries.rankings(viewer_of(request), level)[:100])


@api.get("/rankings/{int:ranking_id}/lines", response=list[LineOut])
def lines(request: HttpRequest, ranking_id: int, region: str = "") -> list[Line]:
    """Lines of a ranking, the worst first."""
    viewer = viewer_of(request)
    return list(queries.lines(viewer, queries.ranking(viewer, ranking_id), region))
