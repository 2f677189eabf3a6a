"""Units, people, places and events: on which day there were how many, photos without their data, versions."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask
from qingdun.console.outreach import correcting, figures, matrix, pictures, queries, quiz
from qingdun.console.outreach.entering import FORMS
from qingdun.console.outreach.facts import page_of
from qingdun.console.outreach.ledgers import TABLES
from qingdun.console.outreach.matrix import EventForm
from qingdun.console.outreach.models import Event, Material, QuizSheet, Unit
from qingdun.errors import InputError, NotPermitted
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_A, COUNTY_B, TOWN_A

TODAY = dt.date(2026, 3, 1)


def event(actor: User, title: str = "走进校园", **more: object) -> Event:
    values = {"kind": "campus", "on": TODAY, "heads": 412, "region": TOWN_A, **more}
    return matrix.hold_event(actor, EventForm(title, **values))  # type: ignore[arg-type]


def add_unit(actor: User, name: str, **days: dt.date) -> Unit:
    typed = {"name": name, "kind": "party", "region": "", "joined_on": None, "matrix_on": None}
    return matrix.add_unit(actor, {**typed, **days})


def test_there_were_as_many_units_as_had_joined_and_not_left(publicist: User) -> None:
    made = [add_unit(publicist, f"单位{number}", joined_on=TODAY) for number in range(3)]
    add_unit(publicist, "矩阵单位", matrix_on=TODAY)
    correcting.end(publicist, "units", made[0].pk, TODAY + dt.timedelta(days=10))
    assert figures.LEDGER.value(publicist, "units", Ask(until=TODAY - dt.timedelta(days=1))) == 0
    assert figures.LEDGER.value(publicist, "units", Ask(until=TODAY)) == 3
    assert figures.LEDGER.value(publicist, "units", Ask(until=TODAY + dt.timedelta(days=10))) == 2
    later = Ask(since=TODAY + dt.timedelta(days=1), until=TODAY + dt.timedelta(days=2))
    # Who stands on a day need not have joined in the period.
    assert figures.LEDGER.value(publicist, "units", later) == 3
    assert figures.LEDGER.value(publicist, "units_joined", later) == 0
    assert figures.LEDGER.value(publicist, "matrix_units", Ask(until=TODAY)) == 1
    with pytest.raises(FieldFaults) as wrong:
        add_unit(publicist, "单位1", joined_on=TODAY)
    assert list(wrong.value.faults) == ["name"]
    with pytest.raises(FieldFaults) as wrong:
        add_unit(publicist, "单位9")
    assert list(wrong.value.faults) == ["joined_on"]
    assert Unit.objects.count() == 4
    assert AuditRow.objects.filter(verb="add_unit").count() == 4


def test_an_event_names_only_partners_that_are_known(publicist: User, make_user: MakeUser) -> None:
    for name, kind in (("高校一", "university"), ("技师学院", "technician"), ("企业一", "enterprise")):
        matrix.add_partner(publicist, {"name": name, "kind": kind, "region": TOWN_A, "people": 5})
    with pytest.raises(FieldFaults) as wrong:
        event(publicist, partners=["高校一", "高校二"])
    assert list(wrong.value.faults) == ["partners"]
    assert not Event.objects.exists()
    event(publicist, partners=["高校一", "技师学院"])
    ask = Ask(until=TODAY)
    assert {code: figures.LEDGER.value(publicist, code, ask) for code in
            ("universities", "technicians", "campus_heads", "events")} == {
        "universities": 1, "technicians": 1, "campus_heads": 412, "events": 1,
    }  # fmt: skip
    assert figures.LEDGER.value(publicist, "universities", Ask(since=TODAY + dt.timedelta(1))) == 0
    with pytest.raises(FieldFaults):
        matrix.sign_pledge(
            publicist, {"partner": "高校一", "signed_on": TODAY, "until": None, "document": ""}
        )
    pledge = matrix.sign_pledge(
        publicist, {"partner": "企业一", "signed_on": TODAY, "until": None, "document": ""}
    )
    assert pledge.region_path.endswith(f"/{TOWN_A}/")
    theirs = make_user(Role.COUNTY_OFFICER, COUNTY_B)
    assert not queries.events(theirs).exists()
    with pytest.raises(FieldFaults):
        event(theirs, region=COUNTY_A)
    with pytest.raises(NotPermitted):
        event(make_user(Role.VIEWER))


def test_a_photo_is_drawn_anew_and_once(publicist: User, log_in: LogIn, make_user: MakeUser) -> None:
    made = event(publicist)
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", (300, 200), "green").save(out, "JPEG", exif=exif)
    photo = pictures.add_photo(publicist, made.pk, out.getvalue(), "image/jpeg")
    assert pictures.add_photo(publicist, made.pk, out.getvalue(), "image/jpeg").pk == photo.pk
    client: Client = log_in(publicist)
    answer = client.get(f"/outreach/photos/{photo.pk}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert b"secret" in out.getvalue()
    assert b"secret" not in answer.content
    assert (
        log_in(make_user(Role.COUNTY_OFFICER, COUNTY_B)).get(f"/outreach/photos/{photo.pk}/").status_code
        == 403
    )
    page = f"/outreach/events/{made.pk}/"
    assert client.get(page).status_code == 200
    client.post(f"{page}photos/", {"photo": SimpleUploadedFile("a.png", b"none", "image/png")})
    assert made.photos.count() == 1
    assert client.post(f"/outreach/photos/{photo.pk}/remove/")["Location"] == page
    assert made.photos.count() == 0


def test_versions_of_a_material_stay(publicist: User, log_in: LogIn) -> None:
    made = matrix.add_material(
        publicist, {"title": "折页", "kind": "leaflet", "scam_type": "", "region": "", "words": "第一版"}
    )
    matrix.change_material(publicist, made.pk, "第二版", "更新")
    with pytest.raises(FieldFaults):
        matrix.change_material(publicist, made.pk, "第二版", "更新")
    assert [one.words for one in made.versions.all()] == ["第二版", "第一版"]
    assert Material.objects.get().version == 2
    page = log_in(publicist).get(f"/outreach/materials/{made.pk}/").content.decode()
    assert "第一版" in page
    assert "第二版" in page


def test_the_city_s_materials_are_read_in_its_towns_and_changed_in_the_city_alone(
    publicist: User, make_user: MakeUser, log_in: LogIn
) -> None:
    typed = {"kind": "leaflet", "scam_type": "", "words": "不听不信不转账"}
    city = matrix.add_material(publicist, {"title": "全市折页", "region": "", **typed})
    other = matrix.add_material(publicist, {"title": "别县折页", "region": COUNTY_B, **typed})
    cadre = make_user(Role.PUBLICIST, TOWN_A)
    assert [one.title for one in queries.materials(cadre)] == ["全市折页"]
    client = log_in(cadre)
    page = client.get(f"/outreach/materials/{city.pk}/").content.decode()
    assert "不听不信不转账" in page
    assert "/correct/" not in page
    assert client.get(f"/outreach/materials/{other.pk}/").status_code == 403
    for act in (
        lambda: matrix.change_material(cadre, city.pk, "改", "改"),
        lambda: correcting.strike(cadre, "materials", city.pk, "不需要了"),
    ):
        with pytest.raises(NotPermitted):
            act()
    # Who goes from door to door there reads the words in use on the phone, and no page of ledgers.
    matrix.change_material(publicist, city.pk, "一律挂断", "更短")
    phone = log_in(make_user(Role.GRID_MEMBER, TOWN_A))
    told = phone.get("/m/doors/").content.decode()
    assert "一律挂断" in told
    assert "不听不信不转账" not in told
    assert "别县折页" not in told
    assert phone.get(f"/outreach/materials/{city.pk}/").status_code == 403


def test_the_quiz_counts_understanding_and_asks_for_no_name(
    publicist: User, log_in: LogIn, make_user: MakeUser
) -> None:
    made = event(publicist)
    _version, questions = quiz.quiz()
    right = {one.words.code: one.right for one in questions}
    first = questions[0]
    wrong = {**right, first.words.code: next(a.code for a in first.answers if a.code != first.right)}
    quiz.fill_in(publicist, "sheet-one", right, made.pk)
    quiz.fill_in(publicist, "sheet-one", wrong, made.pk)
    quiz.fill_in(publicist, "sheet-two", wrong, made.pk)
    assert sorted(QuizSheet.objects.values_list("right", flat=True)) == [4, 5]
    found = quiz.understood(queries.sheets(publicist))
    assert [(right, of) for _question, right, of, _interval in found] == [(1, 2), *[(2, 2)] * 4]
    with pytest.raises(InputError):
        quiz.fill_in(publicist, "sheet-three", {}, None)
    client = log_in(make_user(Role.GRID_MEMBER, TOWN_A))
    assert client.get("/m/quiz/").status_code == 200
    # Sent twice it is one sheet; the next person who is handed the same page fills in another.
    for answers in (right, right, wrong):
        assert client.post("/m/quiz/", {"key": "sheet-four", **answers}).status_code == 200
    assert client.post("/m/quiz/", {"key": "sheet-five"}).status_code == 422
    there = QuizSheet.objects.filter(region_path__endswith=f"/{TOWN_A}/", event=None)
    assert sorted(there.values_list("right", flat=True)) == [4, 5]


@pytest.mark.parametrize("code", sorted(TABLES))
def test_every_ledger_opens_and_leaves(code: str, publicist: User, log_in: LogIn) -> None:
    client = log_in(publicist)
    page = client.get(f"/outreach/t/{code}/?since=2026-01-01&until=2026-12-31")
    assert page.status_code == 200
    assert 'aria-current="page"' in page.content.decode(), "its tab is among the others"
    assert client.post(f"/outreach/t/{code}/file/", {"form": "csv"}).status_code == 200


def test_forms_of_the_matrix_lead_to_the_page_of_the_row_they_make(publicist: User, log_in: LogIn) -> None:
    client, today = log_in(publicist), f"{timezone.localdate()}"
    typed = {
        "units": {"name": "市总工会", "kind": "people", "joined_on": today},
        "ambassadors": {"name": "演示甲", "field": "教师", "unit": "市总工会", "appointed_on": today},
        "venues": {"name": "反诈主题公园", "kind": "park", "opened_on": today},
        "partners": {"name": "演示企业", "kind": "enterprise"},
        "events": {
            "title": "走进企业",
            "kind": "enterprise",
            "on": today,
            "heads": "60",
            "partners": "演示企业",
        },
        "pledges": {"partner": "演示企业", "signed_on": today},
        "commendations": {"name": "演示乙", "partner": "演示企业", "on": today, "deed": "劝阻同事"},
        "materials": {"title": "海报", "kind": "poster", "words": "不听不信不转账"},
    }
    assert set(typed) < set(FORMS)
    for code, fields in typed.items():
        assert client.get(f"/outreach/new/{code}/").status_code == 200
        answer = client.post(f"/outreach/new/{code}/", fields)
        (row,) = TABLES[code].rows(publicist, Ask())
        assert answer["Location"] == page_of(code, row.pk) != "", code
    assert client.post(
        f"/outreach/new/version/{Material.objects.get().pk}/", {"words": "改", "change": "更新"}
    )
    assert Material.objects.get().version == 2
