"""Provisions and undertakings: set from above, reported with proof, accepted by somebody else."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from qingdun.console.command import proving, queries, undertaking
from qingdun.console.command.models import Proof, Provision, Undertaking
from qingdun.console.command.undertaking import ProvisionForm, UndertakingForm
from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.outreach.models import Unit
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_A, COUNTY_B, TOWN_A

DAY = dt.timedelta(days=1)


@pytest.fixture
def provision(analyst: User) -> Provision:
    """The third of the drafted provisions."""
    assert undertaking.take_drafted(analyst) == 16
    return Provision.objects.get(number=3)


def set_for(actor: User, provision: Provision, *paths: str, units: tuple[int, ...] = ()) -> list[Undertaking]:
    form = UndertakingForm(
        provision.pk, "推广App", "不低于 35%", timezone.localdate() + 9 * DAY, units, paths
    )
    return undertaking.set_undertakings(actor, form)


def test_an_undertaking_is_set_reported_sent_back_and_accepted(
    analyst: User, second: User, county: User, provision: Provision, regions: dict[str, Region]
) -> None:
    one = set_for(analyst, provision, regions[COUNTY_A].path)[0]
    assert set_for(analyst, provision, regions[COUNTY_A].path) == []
    undertaking.report(county, one.pk, 40, "已部署")
    with pytest.raises(InputError):
        undertaking.report(county, one.pk, 101, "过头")
    with pytest.raises(IllegalMove):
        undertaking.accept(analyst, one.pk)
    undertaking.report(county, one.pk, 0, "完成", done=True)
    assert queries.progress(analyst)[provision.pk] == {
        "all": 1, "accepted": 0, "reported": 1, "late": 0, "share": 100
    }  # fmt: skip
    with pytest.raises(NotPermitted):
        undertaking.accept(county, one.pk)
    undertaking.send_back(analyst, one.pk, "缺佐证")
    with pytest.raises(InputError):
        undertaking.postpone(analyst, one.pk, timezone.localdate() - DAY, "提前")
    undertaking.postpone(analyst, one.pk, timezone.localdate() + 20 * DAY, "补佐证")
    undertaking.report(analyst, one.pk, 0, "代报完成", done=True)
    with pytest.raises(IllegalMove):
        undertaking.accept(analyst, one.pk)
    done = undertaking.accept(second, one.pk, "同意")
    assert (done.state, done.accepted_by, done.returns) == ("accepted", second, 1)
    assert list(done.steps.values_list("kind", flat=True).order_by("pk")) == [
        "set", "progress", "done", "returned", "postponed", "done", "accepted"
    ]  # fmt: skip
    verbs = AuditRow.objects.filter(subject_kind="undertaking").values_list("verb", flat=True)
    assert len(verbs) == 7
    with pytest.raises(IllegalMove):
        undertaking.withdraw(analyst, one.pk, "多余")


def test_whose_it_is_and_who_sees_it(
    analyst: User, county: User, cadre: User, provision: Provision, regions: dict[str, Region],
    make_user: MakeUser,
) -> None:  # fmt: skip
    city, today = regions["441800"].path, timezone.localdate()
    unit = Unit.objects.create(name="市教育局", kind="party", region_path=city, joined_on=today, by=analyst)
    of_unit = set_for(analyst, provision, units=(unit.pk,))[0]
    of_town = set_for(county, provision, regions[TOWN_A].path)[0]
    with pytest.raises(NotPermitted):
        set_for(cadre, provision, regions[TOWN_A].path)
    with pytest.raises(NotPermitted):
        set_for(county, provision, regions[COUNTY_B].path)
    with pytest.raises(NotPermitted):
        set_for(county, provision, units=(unit.pk,))
    assert set(queries.undertakings(analyst)) == {of_unit, of_town}
    assert list(queries.undertakings(cadre)) == [of_town]
    publicist = make_user(Role.PUBLICIST, name="liaison")
    undertaking.report(publicist, of_unit.pk, 50, "已发文")
    with pytest.raises(NotPermitted):
        undertaking.report(make_user(Role.STATION_OFFICER, TOWN_A), of_town.pk, 1, "无权")
    with pytest.raises(NotPermitted):
        undertaking.write_provision(county, ProvisionForm(17, "县里的", "…", "command"))
    undertaking.write_provision(analyst, ProvisionForm(3, "新文本", "…", "outreach"))
    assert [one.title for one in queries.provisions(analyst) if one.number == 3] == ["新文本"]
    of_unit.refresh_from_db()
    assert of_unit.provision == provision


def test_proof_is_bounded_and_made_harmless(
    analyst: User, county: User, provision: Provision, regions: dict[str, Region], log_in: LogIn
) -> None:
    one = set_for(analyst, provision, regions[COUNTY_A].path)[0]
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    client = log_in(county)
    url = reverse("command:add_proof", args=[one.pk])
    client.post(url, {"file": SimpleUploadedFile("现场.png", picture.getvalue(), "image/png")})
    client.post(url, {"file": SimpleUploadedFile("纪要.pdf", b"%PDF-1.4 x", "application/pdf")})
    client.post(url, {"file": SimpleUploadedFile("纪要.pdf", b"%PDF-1.4 x", "application/pdf")})
    assert list(Proof.objects.values_list("media", flat=True)) == ["image/jpeg", "application/pdf"]
    for name, data, named in (
        ("x.exe", b"MZ", "application/x-msdownload"),
        ("y.pdf", b"MZ", "application/pdf"),
    ):
        with pytest.raises(InputError):
            proving.add_proof(county, one.pk, name, data, named)
    with pytest.raises(InputError):
        proving.add_proof(county, one.pk, "z.pdf", b"%PDF-" + b"0" * proving.MOST_BYTES, "")
    taken = client.get(reverse("command:proof", args=[Proof.objects.latest("pk").pk]))
    assert (taken.content, taken["X-Content-Type-Options"]) == (b"%PDF-1.4 x", "nosniff")
    for number in range(2, proving.MOST):
        proving.add_proof(county, one.pk, "n.pdf", b"%PDF-" + f"{number}".encode(), "")
    with pytest.raises(IllegalMove):
        proving.add_proof(county, one.pk, "n.pdf", b"%PDF-more", "")
    with pytest.raises(IllegalMove):
        proving.remove_proof(analyst, Proof.objects.earliest("pk").pk)
    proving.remove_proof(county, Proof.objects.earliest("pk").pk)
    assert one.proofs.count() == proving.MOST - 1
