"""The demonstration's year of orders: what the campaign froze, ends ahead, all within the law's bounds."""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Sum
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.cases import figures
from qingdun.console.cases.demo import create_demo_cases
from qingdun.console.cases.models import Case, Incident
from qingdun.console.funds.demo_year import CAMPAIGN_FEN, create_year
from qingdun.console.funds.models import Document, Freeze, Refund, RefundShare, StopPayment
from qingdun.console.funds.moves import DocumentKind
from qingdun.console.funds.taint import FreezePart, Taint
from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask
from tests.console.alerts.world import World


def test_the_year_is_whole_and_holds_what_the_campaign_froze(world: World, settings: Settings) -> None:
    settings.DEMO = True
    viewer = User.objects.create(
        username="demo-city", demo=True, role=Role.CITY_ANALYST, region=world.analyst.region, password="!"
    )
    create_demo_cases()
    # The small register of this test has few losses: enough of them for what was frozen.
    Incident.objects.update(loss_fen=40_000_000)
    stops = create_year(viewer)
    assert stops == StopPayment.objects.count() > 0
    assert create_year(viewer) == 0, "made once"
    assert Freeze.objects.filter(amount_fen__gt=F("traced_fen")).count() == 0
    assert Taint.objects.filter(frozen_fen__gt=F("traced_fen")).count() == 0
    for kind in DocumentKind.values:
        serials = list(
            Document.objects.filter(kind=kind).order_by("year", "serial").values_list("year", "serial", "at")
        )
        assert [at for *_number, at in serials] == sorted(at for *_number, at in serials), "in order of time"
    assert not StopPayment.objects.exclude(documents__kind="stop").exists()
    assert not Freeze.objects.exclude(documents__kind="freeze").exists()
    for freeze in Freeze.objects.all():
        assert sum(part.fen for part in FreezePart.objects.filter(freeze=freeze)) == freeze.amount_fen
        assert freeze.frozen_at is not None
        assert freeze.requested_at <= freeze.frozen_at <= timezone.now()
        assert freeze.state != "frozen" or (freeze.ends_at or freeze.frozen_at) > timezone.now()
    for refund in Refund.objects.all():
        shares = RefundShare.objects.filter(refund=refund).aggregate(fen=Sum("share_fen"))["fen"]
        assert shares == refund.amount_fen <= refund.freeze.amount_fen
    today = timezone.localdate()
    ask = Ask("", today - dt.timedelta(days=59), today)
    frozen = figures.LEDGER.value(viewer, "frozen", ask)
    in_cases = Incident.objects.filter(cases__in=Case.objects.exclude(campaign=None)).distinct().count()
    assert frozen == min(CAMPAIGN_FEN, frozen)
    assert frozen == CAMPAIGN_FEN or in_cases < 10
    assert AuditRow.objects.filter(subject_kind="ledger", subject_id="demo").exists()
