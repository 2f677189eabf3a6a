"""Rankings are reckoned, published and corrected: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.assessment import reckoning
from qingdun.console.assessment.codes import Ranked, RulingKind, Span
from qingdun.console.assessment.models import CountedRow, Inspection, Ranking, RuleVersion, Ruling
from qingdun.console.assessment.moves import MOVES, RankingState, RulingState
from qingdun.console.assessment.periods import Period, period_of
from qingdun.console.assessment.proposing import propose
from qingdun.console.assessment.reckoning import Figure, Row
from qingdun.console.assessment.rules import Rule, rule_on, versions
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.loading import locked_city
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.moving import check
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach, require_covers
from qingdun.console.kernel.storing import store
from qingdun.errors import IllegalMove, InputError, NotPermitted


def reckon(actor: User | None, level: str, day: dt.date) -> Ranking:
    """The ranking of the period in which the day lies stands as a draft, over the ledger as it is now; a
    draft that stood goes. `actor` None is the tick.

    Errors: NotPermitted (role, or not of the whole city), InputError (a period that is not over).
    """
    if actor is not None:
        require_whole_city(actor)
    if level not in Ranked.values:
        raise InputError(_("Expected towns or villages."))
    period = period_of(level, day)
    if period.until >= timezone.localdate():
        raise InputError(_("The period from %(since)s to %(until)s is not over.") % period._asdict())
    rule = rule_on(period.since)
    rows = reckoning.ledger_rows(level, period)
    return _keep(actor, level, period, rule, rows, reckoning.people(level, period.until))


@transaction.atomic
def _keep(
    actor: User | None,
    level: str,
    period: Period,
    rule: Rule,
    rows: list[Row],
    figures: Mapping[str, Figure],
) -> Ranking:
    city = locked_city(settings.CITY_CODE)
    if city is None:
        raise InputError(_("No region is known yet."))
    same = Ranking.objects.filter(level=level, since=period.since)
    same.filter(state=RankingState.DRAFT).delete()
    holds = same.filter(state=RankingState.PUBLISHED).first()
    before = reckoning.ranks_before(level, period)
    made = reckoning.lines(level, rows, figures, rule, before)
    now_rows = [row for row in rows if row.span == Span.NOW]
    cut, ranked = reckoning.places(level), {line.region_path for line in made}
    ranking = Ranking(
        region_path=city.path, level=level, since=period.since, until=period.until,
        version=same.count() + 1, rules=rule.version, population=reckoning.population_digest(figures),
        residents=sum(line.residents for line in made), cases=sum(line.cases for line in made),
        loss_fen=sum(line.loss_fen for line in made), major_500k=sum(line.major_500k for line in made),
        major_1m=sum(line.major_1m for line in made), estimated=sum(line.estimated for line in made),
        empty=sorted(path for path, one in figures.items() if not one.residents),
        unplaced=sum(cut[row.region_path] not in ranked for row in now_rows),
        replaces=holds, by=actor, reckoned_at=timezone.now(),
    )  # fmt: skip
    ranking.digest = reckoning.digest(ranking, rows, made, rule)
    ranking.save()
    for line in made:
        line.ranking = ranking
    store(made)
    store(CountedRow(ranking_id=ranking.pk, **row._asdict()) for row in rows)
    record(actor, "reckon_ranking", ranking, None, _face(ranking))
    return ranking


@transaction.atomic
def publish_ranking(actor: User, ranking_id: int, reason: str = "") -> Ranking:
    """The draft is published and frozen, and what the rules propose waits for a person's decision. A
    correction takes the place of what was published, for a reason.

    Errors: NotPermitted, IllegalMove, InputError (a correction without a reason).
    """
    require_whole_city(actor)
    ranking = Ranking.objects.select_for_update(of=("self",)).filter(pk=ranking_id).first()
    if ranking is None:
        raise out_of_reach()
    check(MOVES, "publish_ranking", ranking.state)
    now, before = timezone.now(), None
    if ranking.replaces_id is not None:
        ranking.reason = stated(reason)
        old = Ranking.objects.select_for_update(of=("self",)).get(pk=ranking.replaces_id)
        check(MOVES, "replace_ranking", old.state)
        before = _face(old)
        old.state = RankingState.REPLACED
        old.save(update_fields=["state"])
    ranking.state, ranking.published_by, ranking.published_at = RankingState.PUBLISHED, actor, now
    ranking.save(update_fields=["state", "published_by", "published_at", "reason"])
    proposed = propose(ranking, now)
    record(actor, "publish_ranking", ranking, before, {**_face(ranking), "rulings": proposed}, ranking.reason)
    return ranking


@transaction.atomic
def set_rules(actor: User, version: str, valid_from: dt.date, body: Mapping[str, Any], reason: str) -> str:
    """From that day on this version of the rules holds; what was reckoned by others stays.

    Errors: NotPermitted, FieldFaults (a name taken, a day that is over, weights that do not make 100).
    """
    require_whole_city(actor)
    faults: dict[str, str] = {}
    if not version or version in {rule.version for rule in versions()}:
        faults["version"] = _("Expected a name that no version has.")
    if valid_from <= timezone.localdate():
        faults["valid_from"] = _("Rules hold from a day to come, so that nobody is judged by them backwards.")
    weights = body["weights"]
    if weights["cases"] + weights["mean_loss"] + weights["major"] != 100:
        faults["cases"] = _("The three weights make 100 together.")
    if faults:
        raise FieldFaults(faults)
    made = RuleVersion.objects.create(
        version=version, valid_from=valid_from, body=dict(body), reason=stated(reason), by=actor,
        at=timezone.now(),
    )  # fmt: skip
    after = {"version": version, "valid_from": f"{valid_from}"}
    record(actor, "set_assessment_rules", made, None, after, made.reason)
    return version


@transaction.atomic
def inspect_listed(actor: User, region_path: str, on: dt.date, passed: bool, findings: str) -> Inspection:
    """What a commissioner found in the listed town on that day stands with its listing.

    Errors: NotPermitted, IllegalMove (not listed), InputError (a day before the listing, or to come).
    """
    require(actor, Permission.SUPERVISE)
    require_covers(actor, region_path)
    listing = Ruling.objects.select_for_update(of=("self",)).filter(
        kind=RulingKind.LISTING, state=RulingState.CONFIRMED, region_path=region_path
    )
    return keep_inspection(actor, listing.first(), on, passed, findings)


def keep_inspection(
    actor: User, listing: Ruling | None, on: dt.date, passed: bool, findings: str
) -> Inspection:
    """What was found stands with the listing, locked by the caller; passed, it lets a delisting be proposed.

    Errors: IllegalMove (not listed), InputError (a day before the listing, or to come).
    """
    if listing is None or listing.kind != RulingKind.LISTING or listing.state != RulingState.CONFIRMED:
        raise IllegalMove(_("Only a listed town is inspected here."))
    if on > timezone.localdate() or (listing.decided_at and on < timezone.localdate(listing.decided_at)):
        raise InputError(_("Expected a day since the listing, not in the future."))
    made = Inspection.objects.create(
        ruling=listing, region_path=listing.region_path, on=on, passed=passed, findings=findings, by=actor,
        at=timezone.now(),
    )  # fmt: skip
    record(actor, "record_inspection", listing, None, {"on": f"{on}", "passed": passed})
    return made


def require_whole_city(actor: User) -> None:
    """Nothing happens if the actor may do this work and sees the whole city. Errors: NotPermitted."""
    require(actor, Permission.WORK_ASSESSMENT)
    if actor.region is None or actor.region.level != Region.Level.CITY:
        raise NotPermitted(_("Only who sees the whole city can rank its places."))


def _face(ranking: Ranking) -> dict[str, Any]:
    return {
        "level": ranking.level, "since": f"{ranking.since}", "version": ranking.version,
        "cases": ranking.cases, "digest": ranking.digest,
    }  # fmt: skip
