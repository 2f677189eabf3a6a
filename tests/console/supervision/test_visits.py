"""Visits: each once however often it is sent, by whoever supervises, with findings, deadlines and photos."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from qingdun.console.assessment.models import Inspection, Ruling
from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.supervision import queries
from qingdun.console.supervision.models import Charge, Commissioner, Shortcoming, Supervision, VisitPhoto
from qingdun.console.supervision.visiting import Found, Rechecked, VisitForm, add_photo, record_visit
from qingdun.errors import IllegalMove, InputError, NotPermitted, RefusedError
from tests.console.conftest import LogIn
from tests.console.places import COUNTY_A
from tests.console.supervision.conftest import Publish, days, form, in_force, towns_of


@pytest.fixture
def town(regions: dict[str, Region], analyst: User, publish: Publish, officers: list[Commissioner]) -> Charge:
    """The worst town, under key supervision of the first commissioner."""
    code, *_rest = towns_of(regions, COUNTY_A)
    publish(1, code)
    found = next(one for one in in_force(analyst).values() if one.region_path == regions[code].path)
    assert found.commissioner == officers[0]
    return found


def photo(side: int = 40) -> bytes:
    """A JPEG that says where and with what it was taken."""
    picture, out = Image.new("RGB", (side, side), "red"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F], exif[0x9286] = "a camera", "a comment"
    picture.save(out, "JPEG", exif=exif, comment=b"hidden")
    return out.getvalue()


def test_a_visit_sent_again_is_one(town: Charge, officers: list[Commissioner]) -> None:
    actor = officers[0].user
    first = record_visit(actor, town.pk, form("visit-key-1", "值班表缺签到"))
    assert record_visit(actor, town.pk, form("visit-key-1", "别的")).pk == first.pk
    assert (Supervision.objects.count(), Shortcoming.objects.count()) == (1, 1)
    assert AuditRow.objects.filter(verb="record_supervision").count() == 1
    found = first.shortcomings.get()
    assert (found.state, found.due_on, found.region_path) == ("open", days(15), town.region_path)
    other = Charge.objects.exclude(pk=town.pk).filter(commissioner=officers[0]).first()
    assert other is not None
    with pytest.raises(RefusedError):
        record_visit(actor, other.pk, form("visit-key-1"))


def test_only_who_supervises_it_records(town: Charge, analyst: User, officers: list[Commissioner]) -> None:
    for actor in (officers[1].user, analyst):
        with pytest.raises(NotPermitted):
            record_visit(actor, town.pk, form())
    assert not Supervision.objects.exists()


def test_what_cannot_be_is_refused_whole(town: Charge, officers: list[Commissioner]) -> None:
    actor = officers[0].user
    wrong = [
        VisitForm("short", "key", "查看台账"),
        VisitForm("visit-key-1", "other", "查看台账"),
        VisitForm("visit-key-1", "key", "  "),
        VisitForm("visit-key-1", "key", "查看台账", [Found("nothing", "缺签到记录")]),
        VisitForm("visit-key-1", "key", "查看台账", [Found("duty", "缺签到记录", days(0))]),
        VisitForm("visit-key-1", "key", "查看台账", [Found("duty", "缺签到记录", days(400))]),
        VisitForm("visit-key-1", "key", "查看台账", [Found("duty", "缺签到记录")] * 11),
    ]
    for one in wrong:
        with pytest.raises(InputError):
            record_visit(actor, town.pk, one)
    with pytest.raises(IllegalMove):
        record_visit(actor, town.pk, form(verdict=True))
    with pytest.raises(NotPermitted):
        record_visit(actor, town.pk, form(rechecks=(Rechecked(10**6, True),)))
    assert not Supervision.objects.exists()
    assert not Shortcoming.objects.exists()


def test_a_finding_is_inspected_again_until_it_is_put_right(
    town: Charge, officers: list[Commissioner]
) -> None:
    actor = officers[0].user
    found = record_visit(actor, town.pk, form("visit-key-1", "值班表缺签到")).shortcomings.get()
    again = Rechecked(found.pk, False, "仍未落实", days(5))
    record_visit(actor, town.pk, form("visit-key-2", rechecks=(again,)))
    found.refresh_from_db()
    assert (found.state, found.due_on, found.closed_at) == ("open", days(5), None)
    record_visit(actor, town.pk, form("visit-key-3", rechecks=(Rechecked(found.pk, True),)))
    found.refresh_from_db()
    assert found.state == "passed"
    assert [one.passed for one in found.rechecks.order_by("pk")] == [False, True]
    with pytest.raises(IllegalMove):
        record_visit(actor, town.pk, form("visit-key-4", rechecks=(Rechecked(found.pk, True),)))
    assert Supervision.objects.count() == 3


def test_the_phone_s_clock_is_believed_where_it_can_be_right(
    town: Charge, analyst: User, officers: list[Commissioner]
) -> None:
    actor, now = officers[0].user, timezone.now()
    old = record_visit(actor, town.pk, form(visited_at=now - dt.timedelta(hours=3)))
    assert old.visited_at == now - dt.timedelta(hours=3)
    wrong = record_visit(actor, town.pk, form("visit-key-2", visited_at=now + dt.timedelta(days=2)))
    assert abs(wrong.visited_at - now) < dt.timedelta(minutes=5)
    # A visit that the phone kept since before the next round is taken; one made after it is not.
    in_force(analyst)
    late = record_visit(actor, town.pk, form("visit-key-3", visited_at=now))
    assert late.charge == town
    with pytest.raises(IllegalMove):
        record_visit(actor, town.pk, form("visit-key-4", visited_at=timezone.now()))


def test_a_verdict_on_a_listed_town_is_an_inspection_of_its_listing(
    town: Charge, analyst: User, officers: list[Commissioner]
) -> None:
    listing = Ruling.objects.create(
        kind="listing", region_path=town.region_path, state="confirmed", rules="2021-1",
        proposed_at=timezone.now(), decided_at=timezone.now(), decided_by=analyst,
    )  # fmt: skip
    record_visit(officers[0].user, town.pk, form(verdict=True))
    made = Inspection.objects.get()
    assert (made.ruling, made.passed, made.by) == (listing, True, officers[0].user)
    assert made.findings == "查看了值班台账"


def test_a_photo_is_drawn_anew_and_kept_once(town: Charge, officers: list[Commissioner]) -> None:
    actor = officers[0].user
    with pytest.raises(NotPermitted):
        add_photo(actor, "visit-key-1", "photo-key-1", photo(), "image/jpeg")
    record_visit(actor, town.pk, form("visit-key-1"))
    made = add_photo(actor, "visit-key-1", "photo-key-1", photo(), "image/jpeg")
    assert add_photo(actor, "visit-key-1", "photo-key-1", photo(50), "image/jpeg").pk == made.pk
    data = bytes(VisitPhoto.objects.get().picture)
    for hidden in (b"a camera", b"a comment", b"hidden"):
        assert hidden in photo()
        assert hidden not in data
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, len(image.getexif())) == ("JPEG", 0)
    for number in range(2, 10):
        add_photo(actor, "visit-key-1", f"photo-key-{number}", photo(), "image/jpeg")
    with pytest.raises(IllegalMove):
        add_photo(actor, "visit-key-1", "photo-key-10", photo(), "image/jpeg")
    with pytest.raises(InputError):
        add_photo(actor, "visit-key-1", "photo-key-11", b"no picture", "image/jpeg")
    with pytest.raises(NotPermitted):
        add_photo(officers[1].user, "visit-key-1", "photo-key-12", photo(), "image/jpeg")


def test_the_phone_s_interface_says_what_is_wrong(
    town: Charge, officers: list[Commissioner], log_in: LogIn
) -> None:
    client: Client = log_in(officers[0].user)
    url = f"/api/supervision/charges/{town.pk}/visits"

    def post(body: dict[str, Any]) -> Any:
        return client.post(url, json.dumps(body), content_type="application/json")

    body = {
        "key": "from-the-phone", "form": "key", "notes": "查看台账",
        "found": [{"area": "duty", "text": "缺签到记录", "due_on": f"{days(9)}"}],
        "visited_at": f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}",
    }  # fmt: skip
    assert post(body).json() == post(body).json() == {"id": Supervision.objects.get().pk}
    assert Shortcoming.objects.get().due_on == days(9)
    assert post({**body, "key": "short"}).status_code == 422
    assert "截止" in post({**body, "key": "another-key", "found": [{"area": "duty", "text": "缺签到记录",
                        "due_on": "2020-01-01"}]}).json()["message"]  # fmt: skip
    file = io.BytesIO(photo())
    file.name = "photo.jpg"
    sent = {"visit": "from-the-phone", "key": "photo-key-1", "file": file}
    assert client.post("/api/supervision/photos", sent).json() == {"id": VisitPhoto.objects.get().pk}
    other = log_in(officers[1].user)
    answer = other.post(url, json.dumps({**body, "key": "anothers-key"}), content_type="application/json")
    assert answer.status_code == 403
    assert queries.visits(officers[1].user).count() == 1
